"""The rows of layers that cut, normalize, disturb and mix: see `tests.oracle.rows`."""

from dataclasses import dataclass
from random import Random
from typing import Any

import keras

from tests.oracle import kinds as k
from tests.oracle.draws import ANY, FLOATS, Options, Row, Sizes, any_shape
from tests.oracle.kinds import Kind
from tests.oracle.nested import Nested
from tests.oracle.parts import AXES, LORA, NORM, OPEN_SIZE, copies, learned, positional


def roomy(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often make every axis as long as what any cropping cuts off."""
    if r.random() < 0.7:
        sizes[:] = [n + 5 for n in sizes]


def _cropping(rank: int) -> Row:
    options: dict[str, Kind] = {"cropping": k.pads(rank)}
    if rank > 1:
        options["data_format"] = k.DATA_FORMAT
    return Row(options, sizes=positional(rank), fit=roomy)


EXACT_DATA_FORMAT = k.of(
    *("channels_last", "channels_first", None),
    wrong=("Channels_Last", "channels_middle", 1),
    lax=("",),
)


def _adaptive(rank: int) -> Row:
    options = {"output_size": k.sizes(rank, 6), "data_format": EXACT_DATA_FORMAT}
    return Row(options, ("output_size",), positional(rank))


def _separable(rank: int) -> Row:
    options = {
        "filters": k.positive(4),
        "kernel_size": k.sizes(rank, 3),
        "strides": k.sizes(rank, 3),
        "padding": k.PADDING,
        "data_format": k.DATA_FORMAT,
        "dilation_rate": k.sizes(rank, 2),
        "depth_multiplier": k.positive(3),
        "activation": k.ACTIVATION,
        "use_bias": k.BOOL,
        **learned("depthwise", "pointwise", "bias"),
    }
    return Row(options, ("filters", "kernel_size"), positional(rank), dtypes=FLOATS)


def as_wide(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often give a list as long as the last axis."""
    if isinstance(options.get("mask_value"), list) and r.random() < 0.7:
        options["mask_value"] = [r.choice((0, 0.5, -1)) for _ in range(sizes[-1])]


def in_groups(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose an axis that is there, and as many channels as the groups need."""
    rank = len(sizes) + 1
    if r.random() < 0.8:
        axis = r.randint(1, rank - 1)
        options["axis"] = axis - r.choice((0, rank))
        groups = options.get("groups", 32)
        if r.random() < 0.8 and type(groups) is int and groups > 0:
            sizes[axis - 1] = groups * r.randint(1, 2)


def of_last_axes(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose the last axes, or sizes that fit those chosen."""
    rank = len(sizes) + 1
    chance = r.random()
    if chance < 0.4:
        axes = list(range(r.randint(1, rank - 1), rank))
        signed = [a - rank for a in axes] if r.random() < 0.5 else axes
        options["axis"] = signed if len(axes) > 1 or r.random() < 0.5 else signed[0]
    elif chance < 0.7:
        sizes[:] = [r.choice((1, sizes[0])) for _ in sizes]


NORMALIZED = (
    *("Dense", "Dense", "Conv1D", "Conv2D", "Conv2DTranspose", "DepthwiseConv1D", "Embedding"),
    "ReversibleEmbedding",
)
"""Layers with a kernel of their own."""
NOT_NORMALIZED = ("SeparableConv1D", "LSTM", "Flatten", "TimeDistributed", "RMSNormalization")


def with_kernel(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose a layer that has a kernel, and sizes that fit it."""
    from tests.oracle.rows import inside

    names = NORMALIZED if r.random() < 0.9 else NOT_NORMALIZED
    layer, (sizes[:], *_) = inside(r, r.choice(names))
    if r.random() < 0.1:
        layer = Nested("SpectralNormalization", {"layer": layer})
    options["layer"] = layer


def as_equation(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often write an equation for the input, with sizes and bias that go with it."""
    if r.random() < 0.1:
        return
    batch, *letters = r.sample("abcdefgWXYZ", 1 + len(sizes))
    dots = r.choice(("", "front", "end")) if len(sizes) > 1 else ""
    shape = dict(zip(letters, sizes, strict=True))
    named = letters
    if dots == "front":
        named = letters[r.randint(0, len(letters) - 1) :]
    elif dots == "end":
        named = letters[: r.randint(1, len(letters) - 1)]
    summed = [a for a in named if r.random() < 0.5]
    new = r.sample("hijk", r.choice((0, 1, 1, 2)))
    kept = [a for a in named if a not in summed]
    kernel = [*summed, *new, *(a for a in kept if r.random() < 0.2)] or named[-1:]
    r.shuffle(kernel)
    made = [*kept, *new]
    if r.random() < 0.3:
        r.shuffle(made)
    told = [
        r.randint(1, 4) if a in new else None if r.random() < 0.15 and a not in kernel else shape[a]
        for a in made
    ]
    if not made and dots:
        return
    first = "" if dots == "front" else batch
    front, end = ("..." if dots == "front" else first), ("..." if dots == "end" else "")
    options["equation"] = (
        f"{front}{''.join(named)}{end},{''.join(kernel)}->{front}{''.join(made)}{end}"
    )
    options["output_shape"] = told[0] if len(told) == 1 and r.random() < 0.3 and told[0] else told
    if options.get("bias_axes") and made:
        known = [a for a, n in zip(made, told, strict=True) if n] or made
        options["bias_axes"] = "".join(r.sample(known, r.randint(1, len(known))))
    if r.random() < 0.8 and "lora_rank" in options:
        options.pop("kernel_constraint", None)


def few_axes(r: Random) -> Sizes:
    """Draw the sizes of one or two axes: of more, left open, NumPy makes arrays that fill it all.

    It finds the shapes of layers without a rule by a call, with 83 in place of a None.
    """
    return [r.randint(1, 6) for _ in range(r.randint(1, 2))]


def a_pair(r: Random) -> list[Sizes]:
    """Draw the sizes of two inputs that fit together, or nearly so."""
    first = few_axes(r)
    second = [1 if r.random() < 0.2 else n for n in first]
    return [first, second[r.choice((0, 0, 0, 1)) :] or [1]]


def as_many(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often have as many factors as channels."""
    if r.random() < 0.7:
        options["projection_dim"] = sizes[-1]


@dataclass
class Zeros:
    """A function that gives zeros of a shape, with the batch of its input in front."""

    sizes: tuple[int, ...]

    def __call__(self, x: Any) -> Any:
        x = x[0] if isinstance(x, list) else x
        total = keras.ops.sum(x, axis=tuple(range(1, len(x.shape))))
        total = keras.ops.reshape(total, (-1, *(1,) * len(self.sizes)))
        return total * keras.ops.zeros((1, *self.sizes), x.dtype)


def as_told(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Choose a function that does what is told of its output."""
    options["output_shape"] = told = tuple(any_shape(r))
    options["function"] = Zeros(told)


PENALTY = k.of(0, 0.0, 0.01, 2, None, wrong=(-0.5, -1, "x", [0.1]), lax=(True,))

ROWS: dict[str, Row] = {
    **{f"Cropping{rank}D": _cropping(rank) for rank in (1, 2, 3)},
    **{
        f"Adaptive{what}Pooling{rank}D": _adaptive(rank)
        for what in ("Max", "Average")
        for rank in (1, 2, 3)
    },
    "AlphaDropout": Row(
        {
            "rate": k.RATE,
            "noise_shape": k.maybe(
                k.lists(OPEN_SIZE, 1, 4, lax=("x", 3, [0], [-1, 2], [1.5], ["a"]))
            ),
            "seed": k.SEED,
        },
        ("rate",),
        dtypes=ANY,
    ),
    "GaussianDropout": Row({"rate": k.RATE, "seed": k.SEED}, ("rate",), dtypes=ANY),
    "GaussianNoise": Row({"stddev": k.RATE, "seed": k.SEED}, ("stddev",), dtypes=ANY),
    "ActivityRegularization": Row({"l1": PENALTY, "l2": PENALTY}),
    "Masking": Row(
        {
            "mask_value": k.either(
                k.of(None, 0, 0.0, -1, 2.5, wrong=("x",)),
                k.lists(k.of(0, 0.5), 1, 4, wrong=("x",)),
            )
        },
        fit=as_wide,
        dtypes=ANY,
    ),
    "GroupNormalization": Row(
        {
            "groups": k.of(32, 1, 2, 3, 4, -1, wrong=(0, -2, 1.5, "x", None, [2]), lax=(True,)),
            "axis": k.integer(-4, 4, "last", [1], None, 1.5),
            **NORM,
        },
        fit=in_groups,
        dtypes=ANY,
    ),
    "RMSNormalization": Row({"axis": AXES, "epsilon": k.NUMBER}, fit=of_last_axes, dtypes=ANY),
    "UnitNormalization": Row({"axis": AXES}, dtypes=ANY),
    "SpectralNormalization": Row(
        {
            "layer": k.of(None, wrong=("Dense", 3, None, Nested("Flatten", {}))),
            "power_iterations": k.integer(1, 3, 0, -1, "x", None),
        },
        ("layer",),
        fit=with_kernel,
        dtypes=FLOATS,
    ),
    "EinsumDense": Row(
        {
            "equation": k.of(
                *("ab,bc->ac", "abc,cd->abd", "...x,xy->...y", "ab...,bc->ac...", "abc,bd->acd"),
                wrong=(
                    *("", "ab", "ab,bc", "ab,bc->aac", "ab,bc->az", "ab,zc->ac", "a b,bc->ac"),
                    *("...ab,bc->ac", "ab...,bc->ac", "a...,ab->b...", "ab,bc->a...c", 3, None),
                    *("ab,b...->a...", "...,b->...b", ["ab", "bc"], "ab,bc,cd->ad"),
                ),
            ),
            "output_shape": k.either(
                k.positive(4), k.lists(k.positive(4), 1, 3, wrong=("x", [0, -1], None, 1.5))
            ),
            "activation": k.ACTIVATION,
            "bias_axes": k.of(None, "d", "c", wrong=("", "q", 3, "...")),
            **learned("kernel", "bias"),
            **LORA,
            "gptq_unpacked_column_size": k.of(None, 4, lax=("x",)),
        },
        ("equation", "output_shape"),
        fit=as_equation,
        dtypes=FLOATS,
    ),
    "LayerScale": Row(
        {
            "init_values": k.of(1e-6, 1, 0.5, lax=("x", None)),
            "projection_dim": k.integer(1, 6, -1, "many", [2])._replace(lax=(0, True, 2.0)),
        },
        ("init_values", "projection_dim"),
        few_axes,
        as_many,
        dtypes=FLOATS,
    ),
    "Lambda": Row(
        {
            "function": k.of(None),
            "output_shape": k.of(None, wrong=("x", 1.5)),
            "mask": k.of(None),
            "arguments": k.of(None, {}),
        },
        (),
        lambda r: copies(r, 1, 2),
        as_told,
        FLOATS,
    ),
    "StochasticDepth": Row(
        {"drop_path_rate": k.of(0, 0.1, 1.0)},
        ("drop_path_rate",),
        few_axes,
        dtypes=ANY,
    ),
    "CustomScaleLayer": Row(
        {"scale": k.of(0.17, 1, -2.5, wrong=("x", None))}, ("scale",), a_pair, dtypes=FLOATS
    ),
    **{f"SeparableConv{rank}D": _separable(rank) for rank in (1, 2)},
}

OTHER_BACKENDS = frozenset({"JaxLayer", "FlaxLayer", "TorchModuleWrapper", "TFSMLayer"})
"""Layers of foreign code, which NumPy cannot run: their outputs are what is told of them."""
