"""The table of layers: the options each one takes and the shapes that it is given.

A layer is added to the tests by adding its row.
"""

from collections.abc import Callable
from random import Random

from tests.oracle import kinds as k
from tests.oracle.draws import ANY, FLOATS, Options, Row, Sizes
from tests.oracle.kinds import Kind


def positional(rank: int) -> Callable[[Random], Sizes]:
    """Make what draws the sizes of `rank` positional axes and one of channels."""
    high = {1: 10, 2: 8, 3: 5}[rank]
    return lambda r: [r.randint(1, high) for _ in range(rank)] + [r.choice((1, 2, 3, 4, 6))]


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
    return Row(options, ("filters", "kernel_size"), positional(rank), divisible, FLOATS)


def _depthwise(rank: int) -> Row:
    options = {
        **_window(rank),
        "padding": k.PADDING,
        "depth_multiplier": k.positive(3),
        **_learned("depthwise"),
    }
    return Row(options, ("kernel_size",), positional(rank), divisible, FLOATS)


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
    "Activation": Row(
        {"activation": k.ACTIVATION}, ("activation",), dtypes=(*FLOATS, "int32", "int64")
    ),
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
