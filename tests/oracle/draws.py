"""Random cases: one row for each layer, with its options and the shapes that it is given.

A layer is added here by adding its row.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from tests.oracle import kinds as k
from tests.oracle.kinds import Kind

Options = dict[str, Any]
Sizes = list[int]


class Case(NamedTuple):
    """One layer and one input.

    Attributes:
        name: The layer's class.
        options: Its options.
        shape: The input's shape, batch included, None where a size is open.
        dtype: The input's dtype.
        arrays: The same shape with a number in place of each None.
    """

    name: str
    options: Options
    shape: tuple[int | None, ...]
    dtype: str
    arrays: tuple[int, ...]

    def closed(self) -> "Case":
        """Return the case with all sizes but the batch's given; an InputLayer's are options."""
        if self.name == "InputLayer":
            return self
        return self._replace(shape=(self.shape[0], *self.arrays[1:]))


FLOATS = ("float16", "bfloat16", "float64")
NUMBERS = (*FLOATS, "int32", "uint8", "int64")
ANY = (*NUMBERS, "bool")


def any_shape(r: Random) -> Sizes:
    """Draw the sizes of one example, of any rank."""
    return [r.randint(1, 6) for _ in range(r.randint(1, 4))]


def positional(rank: int) -> Callable[[Random], Sizes]:
    """Make what draws the sizes of `rank` positional axes and one of channels."""
    high = {1: 10, 2: 8, 3: 5}[rank]
    return lambda r: [r.randint(1, high) for _ in range(rank)] + [r.choice((1, 2, 3, 4, 6))]


def leave(r: Random, options: Options, sizes: Sizes) -> None:
    """Leave the options as they were drawn."""


@dataclass
class Row:
    """How to draw cases of a layer.

    Attributes:
        options: The kind of each of its own options.
        required: Those that must be given.
        sizes: Draws the sizes of one example.
        fit: Changes options so that they go with each other and the sizes more often.
        dtypes: Dtypes of the input, where it is not float32.
    """

    options: dict[str, Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    sizes: Callable[[Random], Sizes] = any_shape
    fit: Callable[[Random, Options, Sizes], None] = leave
    dtypes: tuple[str, ...] = NUMBERS


def draw(name: str, row: Row, r: Random) -> Case:
    """Draw a case: more than half are meant to be right, the others have one thing wrong."""
    sizes = row.sizes(r)
    options = {
        option: kind.draw(r)
        for option, kind in row.options.items()
        if option in row.required or r.random() < 0.5
    }
    row.fit(r, options, sizes)
    for option, kind in k.COMMON.items():
        if r.random() < 0.15:
            options[option] = kind.draw(r)
    mood = r.random()
    if mood < 0.2:
        spoil(row, r, options)
    elif mood < 0.35:
        change_rank(r, sizes)
    dtype = r.choice(row.dtypes) if r.random() < 0.3 else "float32"
    if name == "InputLayer":
        return source(options)
    batch = r.choice((None, None, None, 1, 2, 3))
    opened = r.choice((0, 0, 0, 0.2, 0.5))
    shape = (batch, *(None if r.random() < opened else n for n in sizes))
    return Case(name, options, shape, dtype, (batch or r.choice((2, 3)), *sizes))


def spoil(row: Row, r: Random, options: Options) -> None:
    """Make one option wrong, leave out one that is required, or add one that is not known."""
    kinds = (row.options | k.COMMON).items()
    wrong = {name: kind.wrong + kind.lax for name, kind in kinds if kind.wrong + kind.lax}
    fault = r.random()
    if fault < 0.1:
        options["unknown_option"] = 1
    elif fault < 0.2 and row.required:
        del options[r.choice(row.required)]
    else:
        # The layer's own options more often than those of all layers.
        own = [name for name in row.options if name in wrong]
        name = r.choice(own if own and r.random() < 0.8 else list(wrong))
        options[name] = r.choice(wrong[name])


def change_rank(r: Random, sizes: Sizes) -> None:
    """Add an axis, or take one or more away."""
    change = r.choice((-2, -1, 1))
    if change > 0:
        sizes.insert(0, r.randint(1, 3))
    else:
        del sizes[change:]


def source(options: Options) -> Case:
    """Make the case of an InputLayer, whose shape is an option."""
    shape, batch = options.get("shape"), options.get("batch_size")
    whole = options.get("batch_shape") or [batch, *(shape if isinstance(shape, list) else [])]
    whole = tuple(n if isinstance(n, int) and n >= 0 else None for n in whole)
    arrays = tuple(2 if n is None else n for n in whole)
    return Case("InputLayer", options, whole, options.get("dtype") or "float32", arrays)


def one_shape(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often leave only one of the two ways in which an InputLayer is told its shape."""
    if r.random() < 0.8:
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


def _learned(*names: str) -> dict[str, Kind]:
    """Return the initializer and the like of weights."""
    return {
        f"{name}_{what}": kind
        for name in names
        for what, kind in (
            ("initializer", k.INITIALIZER),
            ("regularizer", k.REGULARIZER),
            ("constraint", k.CONSTRAINT),
        )
    }


LORA = {
    "lora_rank": k.of(None, 1, 2, 3, wrong=(-1, "many", [2]), lax=(0,)),
    "lora_alpha": k.maybe(k.NUMBER),
}
NORM = {"epsilon": k.NUMBER, "center": k.BOOL, "scale": k.BOOL, **_learned("beta", "gamma")}
AXES = k.either(k.AXIS, k.lists(k.AXIS, 1, 3, wrong=("last", 1.5)))
FACTORS = k.either(k.of(0.5, 2, -1.0, wrong=("x",)), k.lists(k.of(0.5, 2, 1), 1, 4, wrong=("x",)))
OPEN_SIZE = k.maybe(k.positive(4))
LIMITS = k.of(
    *(None, {"rmax": 3.0}, {"rmax": 3, "rmin": 0.5, "dmax": 5}, {"rmin": 2.0, "rmax": 1.0}, {}),
    lax=("x", [1, 2]),
)
INTERPOLATION = k.of(
    *("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "Nearest", "BILINEAR"),
    wrong=("linear", "", 1),
)


def _window(rank: int) -> dict[str, Kind]:
    padding = k.PADDING if rank > 1 else k.CAUSAL
    return {
        "kernel_size": k.sizes(rank, 3),
        "strides": k.sizes(rank, 3),
        "padding": padding,
        "data_format": k.DATA_FORMAT,
        "dilation_rate": k.sizes(rank, 2),
        "activation": k.ACTIVATION,
        "use_bias": k.BOOL,
        **_learned("bias"),
    }


def _conv(rank: int) -> Row:
    options = {
        "filters": k.positive(4),
        **_window(rank),
        "groups": k.positive(3),
        **_learned("kernel"),
        **LORA,
    }
    return Row(options, ("filters", "kernel_size"), positional(rank), divisible)


def _depthwise(rank: int) -> Row:
    options = {
        **_window(rank),
        "padding": k.PADDING,
        "depth_multiplier": k.positive(3),
        **_learned("depthwise"),
    }
    return Row(options, ("kernel_size",), positional(rank), divisible)


def _pooling(rank: int, *required: str) -> Row:
    options = {
        "pool_size": k.sizes(rank, 3),
        "strides": k.maybe(k.sizes(rank, 3)),
        "padding": k.POOL_PADDING,
        "data_format": k.DATA_FORMAT,
    }
    return Row(options, required, positional(rank))


def _spatial(rank: int, **options: Kind) -> Row:
    return Row({"data_format": k.DATA_FORMAT, **options}, sizes=positional(rank))


def _dropout(rank: int) -> Row:
    options = {"rate": k.RATE, "seed": k.SEED}
    if rank > 1:
        options["data_format"] = k.DATA_FORMAT
    return Row(options, ("rate",), positional(rank))


ROWS: dict[str, Row] = {
    "InputLayer": Row(
        {
            "shape": k.lists(OPEN_SIZE, 0, 3, wrong=(None, 3.5, "x", [0], [-1], [2.5], ["a"])),
            "batch_size": k.maybe(k.positive(3)),
            "batch_shape": k.lists(OPEN_SIZE, 1, 4, wrong=("x", [2, -1], [None, 1.5])),
            "sparse": k.of(None, False),
            "ragged": k.of(None, False),
            "optional": k.BOOL,
        },
        fit=one_shape,
    ),
    "Dense": Row(
        {
            "units": k.positive(4),
            "activation": k.ACTIVATION,
            "use_bias": k.BOOL,
            **_learned("kernel", "bias"),
            **LORA,
        },
        ("units",),
        fit=divisible,
        dtypes=ANY,
    ),
    "Embedding": Row(
        {
            "input_dim": k.positive(4),
            "output_dim": k.positive(4),
            "mask_zero": k.BOOL,
            **_learned("embeddings"),
            **LORA,
        },
        ("input_dim", "output_dim"),
        dtypes=ANY,
    ),
    "Identity": Row(dtypes=ANY),
    "Activation": Row({"activation": k.ACTIVATION}, ("activation",)),
    "ReLU": Row(
        {
            "max_value": k.of(None, 6, 0, 1.5, wrong=(-1, -0.5, "x")),
            "negative_slope": k.of(0, 0.1, 2, wrong=(-0.1, "x", None)),
            "threshold": k.of(0, 0.5, 1, wrong=(-1, "x", None)),
        },
        dtypes=FLOATS,
    ),
    "LeakyReLU": Row({"negative_slope": k.of(0, 0.1, 2.0, wrong=(-0.1, -1, "x", None))}),
    "ELU": Row({"alpha": k.of(0, 1, 0.5, -1.0, wrong=("x",))}, dtypes=FLOATS),
    "PReLU": Row({**_learned("alpha"), "shared_axes": k.maybe(AXES)}),
    "Softmax": Row({"axis": AXES}, fit=tuples),
    **{f"Conv{rank}D": _conv(rank) for rank in (1, 2, 3)},
    **{f"DepthwiseConv{rank}D": _depthwise(rank) for rank in (1, 2)},
    **{f"MaxPooling{rank}D": _pooling(rank) for rank in (1, 2, 3)},
    **{f"AveragePooling{rank}D": _pooling(rank, "pool_size") for rank in (1, 2, 3)},
    **{
        f"Global{what}Pooling{rank}D": _spatial(rank, keepdims=k.BOOL)
        for what in ("Max", "Average")
        for rank in (1, 2, 3)
    },
    "BatchNormalization": Row(
        {
            "axis": k.integer(-4, 4, "last", [1], None),
            "momentum": k.NUMBER,
            **NORM,
            "moving_mean_initializer": k.INITIALIZER,
            "moving_variance_initializer": k.INITIALIZER,
            "renorm": k.BOOL,
            "renorm_clipping": LIMITS,
            "renorm_momentum": k.NUMBER,
            "synchronized": k.of(False, False, False, True),
        },
        dtypes=ANY,
    ),
    "LayerNormalization": Row({"axis": AXES, **NORM, "rms_scaling": k.BOOL}, dtypes=ANY),
    "Dropout": Row(
        {
            "rate": k.RATE,
            "noise_shape": k.maybe(
                k.lists(OPEN_SIZE, 1, 4, wrong=("x", 3, [0], [-1, 2], [1.5], ["a"]))
            ),
            "seed": k.SEED,
        },
        ("rate",),
        dtypes=ANY,
    ),
    **{f"SpatialDropout{rank}D": _dropout(rank) for rank in (1, 2, 3)},
    "Flatten": Row({"data_format": k.DATA_FORMAT}, dtypes=ANY),
    "Reshape": Row(
        {
            "target_shape": k.lists(
                k.integer(-1, 6), 0, 4, wrong=(None, 3, [-2]), lax=("ab", [1.5], ["a"])
            )
        },
        ("target_shape",),
        fit=factored,
        dtypes=ANY,
    ),
    "Permute": Row(
        {"dims": k.lists(k.integer(0, 4), 0, 4, wrong=(None, 2, [0, 1], [1, 1], [1, 3], ["a"]))},
        ("dims",),
        fit=permuted,
        dtypes=ANY,
    ),
    "RepeatVector": Row(
        {"n": k.positive(4)},
        ("n",),
        lambda r: [r.randint(1, 6)],
        dtypes=ANY,
    ),
    "ZeroPadding1D": _spatial(1, padding=k.pads(1)),
    "ZeroPadding2D": _spatial(2, padding=k.pads(2)),
    "ZeroPadding3D": _spatial(3, padding=k.pads(3)),
    "UpSampling1D": Row({"size": k.positive(3)}, sizes=positional(1), dtypes=ANY),
    "UpSampling2D": _spatial(2, size=k.sizes(2, 3), interpolation=INTERPOLATION),
    "UpSampling3D": _spatial(3, size=k.sizes(3, 3)),
    "Rescaling": Row({"scale": FACTORS, "offset": FACTORS}, ("scale",), fit=broadcast, dtypes=ANY),
}
