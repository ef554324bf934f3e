"""Changes of drawn options, so that they go with each other and the sizes of inputs more often."""

from random import Random

from tests.oracle.draws import Options, Sizes, any_shape


def one_shape(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often leave only one of the two ways in which an InputLayer is told its shape."""
    if r.random() < 0.9:
        for name in ["batch_shape"] if r.random() < 0.6 else ["shape", "batch_size"]:
            options.pop(name, None)


def divisible(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose groups that divide filters and channels, and no dilation of strides."""
    if r.random() < 0.7 and isinstance(options.get("groups"), int):
        first = options.get("data_format")
        sizes[0 if first and first.lower() == "channels_first" else -1] *= options["groups"]
        options["filters"] *= options["groups"]
    if r.random() < 0.7 and "strides" in options:
        options.pop("dilation_rate", None)
    if r.random() < 0.8 and "lora_rank" in options:
        options.pop("kernel_constraint", None)


def fitting(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often pad less than the strides."""
    divisible(r, options, sizes)
    if r.random() < 0.7 and options.get("output_padding") is not None:
        options["output_padding"] = 0 if r.random() < 0.5 else 1
        options["strides"] = r.randint(2, 3)
        options.pop("dilation_rate", None)


def joined(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often choose an axis that is there, and other sizes on it."""
    if r.random() < 0.8:
        rank = len(sizes[0]) + 1
        if "axis" in options:
            options["axis"] = r.randint(-rank, rank - 1)
        axis = options.get("axis", -1) % rank
        for example in sizes:
            if axis:
                example[axis - 1] = r.randint(1, 6)


def dotted(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often choose an axis of each that is there, and of the same size."""
    for example in sizes:
        example[:] = any_shape(r)
    if r.random() < 0.8:
        pair = [r.randint(1, len(example)) for example in sizes]
        if r.random() < 0.5:
            pair = [min(pair)] * 2
        for axis, example in zip(pair, sizes, strict=True):
            example[axis - 1] = 5
        signed = [
            axis - r.choice((0, len(example) + 1))
            for axis, example in zip(pair, sizes, strict=True)
        ]
        options["axes"] = signed[0] if signed[0] == signed[1] else r.choice((list, tuple))(signed)


def factored(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose a target that holds as many values."""
    if r.random() < 0.7:
        target = list(sizes)
        while len(target) > 1 and r.random() < 0.5:
            target.append(target.pop() * target.pop())
        r.shuffle(target)
        if r.random() < 0.5:
            target.insert(r.randint(0, len(target)), 1)
        if r.random() < 0.4:
            target[r.randrange(len(target))] = -1
        options["target_shape"] = target


def permuted(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose a true permutation of the input's axes."""
    if r.random() < 0.7:
        dims = list(range(1, len(sizes) + 1))
        r.shuffle(dims)
        options["dims"] = dims


def tuples(r: Random, options: Options, sizes: Sizes) -> None:
    """Turn lists into tuples: Keras's Softmax tracks lists, and SciPy takes no tracked ones."""
    for name, value in options.items():
        if isinstance(value, list):
            options[name] = tuple(value)


def broadcast(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often give lists as long as the last axis."""
    for name, value in options.items():
        if isinstance(value, list) and r.random() < 0.6:
            options[name] = [r.choice((0.5, 1, 2.0)) for _ in range(sizes[-1])]


def tied(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often end in vectors as long as the layer's, and leave LoRA out where it fails."""
    if r.random() < 0.7:
        sizes[-1] = options["output_dim"]
    if r.random() < 0.7:
        options.pop("lora_rank", None)
