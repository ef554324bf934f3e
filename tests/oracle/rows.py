"""The table of layers: the options each one takes and the shapes that it is given.

A layer is added to the tests by adding its row.
"""

from random import Random

from tests.oracle import kinds as k
from tests.oracle import structural_rows
from tests.oracle.draws import ANY, FLOATS, Options, Row, Sizes
from tests.oracle.feature_rows import ROWS as FEATURES
from tests.oracle.fits import (
    broadcast,
    divisible,
    dotted,
    factored,
    fitting,
    joined,
    one_shape,
    permuted,
    tied,
    tuples,
)
from tests.oracle.image_rows import IMAGE_ROWS
from tests.oracle.kinds import Kind
from tests.oracle.nested import Nested
from tests.oracle.parts import (
    AXES,
    LORA,
    NORM,
    OPEN_SIZE,
    copies,
    learned,
    mergeable,
    positional,
)
from tests.oracle.sequence_rows import SEQUENCES, a_sequence
from tests.oracle.sound_rows import SOUND_ROWS


def inside(r: Random, name: str) -> tuple[Nested, list[Sizes]]:
    """Draw a layer to be inside another one, and sizes of its inputs."""
    row = ROWS[name]
    sizes = row.sizes(r)
    options = {
        option: kind.draw(r)
        for option, kind in row.options.items()
        if option in row.required or r.random() < 0.3
    }
    row.fit(r, options, sizes)
    for option in ("trainable", "dtype"):
        if r.random() < 0.1:
            options[option] = k.COMMON[option].draw(r)
    return Nested(name, options), sizes if isinstance(sizes[0], list) else [sizes]


def both_ways(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often choose layers that go together, and states for both or for none."""
    layer, inputs = inside(r, r.choice(("SimpleRNN", "LSTM", "GRU", "RNN", "ConvLSTM1D")))
    if r.random() < 0.9:
        layer.options.pop("go_backwards", None)
    options["layer"] = layer
    states = inputs[1:]
    if "backward_layer" in options:
        other = r.choice(("SimpleRNN", "LSTM", "GRU", "RNN", layer.name, layer.name, layer.name))
        backward, _ = inside(r, other)
        if r.random() < 0.9:
            flags = ("stateful", "return_sequences", "return_state")
            backward.options |= {flag: layer.options.get(flag, False) for flag in flags}
            backward.options["go_backwards"] = True
        if r.random() < 0.8 and "units" in layer.options and "units" in backward.options:
            backward.options["units"] = layer.options["units"]
        if r.random() < 0.8 and "filters" in layer.options and other == layer.name:
            windows = ("filters", "kernel_size", "strides", "padding", "data_format")
            for name in (*windows, "dilation_rate"):
                backward.options.pop(name, None)
                if name in layer.options:
                    backward.options[name] = layer.options[name]
        options["backward_layer"] = backward
        if other != layer.name:
            states = []
    sizes[:] = [inputs[0], *states, *map(list, states)]


def at_each_step(r: Random, options: Options, sizes: Sizes) -> None:
    """Choose a layer that fits, with one more axis in front of its input's."""
    options["layer"], inputs = inside(r, r.choice(STEPWISE))
    sizes[:] = [r.randint(1, 3), *inputs[0]]


STEPWISE = (
    *("Dense", "Conv1D", "Conv2D", "DepthwiseConv2D", "MaxPooling1D", "AveragePooling2D"),
    *("GlobalMaxPooling2D", "BatchNormalization", "LayerNormalization", "Flatten", "Dropout"),
    *("Activation", "PReLU", "Embedding", "Reshape", "RepeatVector", "ZeroPadding2D"),
    *(
        "SimpleRNN",
        "LSTM",
        "GRU",
        "RNN",
        "ConvLSTM1D",
        "Bidirectional",
        "TimeDistributed",
        "UpSampling1D",
    ),
)
"""Layers to apply at each step."""

FACTORS = k.either(k.of(0.5, 2, -1.0, wrong=("x",)), k.lists(k.of(0.5, 2, 1), 1, 4, wrong=("x",)))
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
        **learned("bias"),
    }


def _conv(rank: int) -> Row:
    options = {
        "filters": k.positive(4),
        **_window(rank),
        "groups": k.positive(3),
        **learned("kernel"),
        **LORA,
    }
    return Row(options, ("filters", "kernel_size"), positional(rank), divisible, FLOATS)


def _transposed(rank: int) -> Row:
    pads = k.maybe(k.either(k.integer(0, 2, -1, "x"), k.sizes(rank, 2), k.of([0] * rank)))
    options = {
        "filters": k.positive(4),
        **_window(rank),
        "padding": k.PADDING,
        "output_padding": pads,
        **learned("kernel"),
    }
    return Row(options, ("filters", "kernel_size"), positional(rank), fitting, FLOATS)


def _depthwise(rank: int) -> Row:
    options = {
        **_window(rank),
        "padding": k.PADDING,
        "depth_multiplier": k.positive(3),
        **learned("depthwise"),
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
    return Row(options, ("rate",), positional(rank), common=k.NEVER_FROZEN)


def _zero_padding(rank: int) -> Row:
    # In 2D and 3D Keras crops instead, and saves a config that it refuses to load.
    pads = k.pads(rank)
    return _spatial(rank, padding=k.unread(pads, -1) if rank > 1 else pads)


ROWS: dict[str, Row] = {
    "InputLayer": Row(
        {
            "shape": k.lists(
                OPEN_SIZE, 0, 3, wrong=(None, 3.5, "x", [-1], [2.5], ["a"]), lax=([0],)
            ),
            "batch_size": k.unread(k.maybe(k.positive(3)), 0),
            "batch_shape": k.lists(OPEN_SIZE, 1, 4, wrong=("x", [2, -1], [None, 1.5])),
            "sparse": k.of(None, False),
            "ragged": k.of(None, False),
            "optional": k.BOOL,
        },
        fit=one_shape,
        common=k.COMMON | {o: k.unread(kind) for o, kind in k.COMMON.items() if o != "dtype"},
        named=False,
    ),
    "Dense": Row(
        {
            "units": k.positive(4),
            "activation": k.ACTIVATION,
            "use_bias": k.BOOL,
            **learned("kernel", "bias"),
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
            **learned("embeddings"),
            **LORA,
        },
        ("input_dim", "output_dim"),
        dtypes=ANY,
    ),
    "ReversibleEmbedding": Row(
        {
            "input_dim": k.positive(4),
            "output_dim": k.positive(4),
            "tie_weights": k.BOOL,
            "mask_zero": k.BOOL,
            "reverse_dtype": k.of(None, "float16", "float32", lax=("float17", 3)),
            "logit_soft_cap": k.maybe(k.NUMBER),
            **learned("embeddings"),
            **LORA,
        },
        ("input_dim", "output_dim"),
        fit=tied,
        dtypes=FLOATS,
        call={"reverse": k.of(True, True, False)},
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
    "PReLU": Row({**learned("alpha"), "shared_axes": k.maybe(AXES)}),
    "Softmax": Row({"axis": AXES}, fit=tuples),
    **{f"Conv{rank}D": _conv(rank) for rank in (1, 2, 3)},
    **{f"Conv{rank}DTranspose": _transposed(rank) for rank in (1, 2, 3)},
    **{f"DepthwiseConv{rank}D": _depthwise(rank) for rank in (1, 2)},
    **{
        name: Row(sizes=mergeable())
        for name in ("Add", "Multiply", "Average", "Maximum", "Minimum")
    },
    "Subtract": Row(sizes=mergeable(2)),
    "Concatenate": Row({"axis": k.AXIS}, sizes=copies, fit=joined),
    "Dot": Row(
        {
            "axes": k.either(
                k.integer(-5, 5, "last", 1.5, [1]),
                k.lists(k.integer(-4, 4), 2, 2, wrong=("last", 1.5, [1])),
            ),
            "normalize": k.BOOL,
        },
        ("axes",),
        lambda r: copies(r, 2, 2),
        fit=dotted,
    ),
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
            "synchronized": k.of(False),
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
    "Bidirectional": Row(
        {
            "layer": k.of(None, wrong=("LSTM", 3, None, Nested("Dense", {"units": 2}))),
            "merge_mode": k.of(
                *("concat", "concat", "sum", "mul", "ave", None), wrong=("cat", "SUM", 1)
            ),
            "backward_layer": k.of(None, wrong=("LSTM", Nested("Dense", {"units": 2}))),
        },
        ("layer",),
        a_sequence,
        both_ways,
    ),
    "TimeDistributed": Row(
        {"layer": k.of(None, wrong=("Dense", 3, None))}, ("layer",), fit=at_each_step
    ),
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
    **{f"ZeroPadding{rank}D": _zero_padding(rank) for rank in (1, 2, 3)},
    "UpSampling1D": Row({"size": k.positive(3)}, sizes=positional(1), dtypes=ANY),
    "UpSampling2D": _spatial(2, size=k.sizes(2, 3), interpolation=INTERPOLATION),
    "UpSampling3D": _spatial(3, size=k.sizes(3, 3)),
    **SEQUENCES,
    "Rescaling": Row({"scale": FACTORS, "offset": FACTORS}, ("scale",), fit=broadcast, dtypes=ANY),
    **structural_rows.ROWS,
    **FEATURES,
}

ROWS |= IMAGE_ROWS | SOUND_ROWS
