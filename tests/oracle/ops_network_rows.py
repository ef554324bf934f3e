"""The rows of operations over windows, and of those of networks."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np

from tests.oracle import kinds as k
from tests.oracle.draws import Options, Sizes, any_shape
from tests.oracle.ops_fits import FLOATS, FREE, NUMBER, SOME, on_axes, row

CONSTANT = k.Kind(lambda r: None, (), ("x", [[1.0], 2.0], {"a": 1}))
"""An array, which is drawn where the input is known."""
WINDOW = {
    "strides": k.sizes(2, 3),
    "padding": k.PADDING,
    "data_format": k.DATA_FORMAT,
    "dilation_rate": k.sizes(2, 2),
}


def filled(*sizes: int) -> Any:
    """Return an array of numbers as nested lists."""
    return np.zeros(sizes).tolist()


def grid(r: Random) -> Sizes:
    """Draw the sizes of a sequence, an image or a volume with channels, before or behind."""
    return [r.randint(2, 6) for _ in range(r.randint(1, 3))] + [r.randint(1, 3)]


def grids(*more: int) -> Callable[[Random], list[Sizes]]:
    """Make what draws a grid, and most often nothing else, sometimes as many inputs."""
    return lambda r: [grid(r), *([[1]] * more[0] if r.random() < 0.3 else [])]


def by_rank(r: Random, options: Options, rank: int, *names: str) -> None:
    """Most often give sizes for as many axes as there are."""
    for name in names:
        if isinstance(options.get(name), list | tuple) and r.random() < 0.9:
            options[name] = [r.randint(1, 2) for _ in range(rank)]


def first(options: Options) -> bool:
    """Tell whether the channels come first."""
    return (options.get("data_format") or "").lower() == "channels_first"


def swept(*names: str) -> Callable[[Random, Options, list[Sizes]], None]:
    """Make what most often chooses kernels of these names for the grid."""

    def fit(r: Random, options: Options, sizes: list[Sizes]) -> None:
        image, *others = sizes
        rank = len(image) - 1
        by_rank(r, options, rank, "strides", "dilation_rate")
        channels = image[0 if first(options) else -1]
        kernels = [[*(r.randint(1, 3) for _ in range(rank)), channels, r.randint(1, 3)]]
        if len(names) > 1:
            kernels.append([*[1] * rank, channels * kernels[0][-1], r.randint(1, 3)])
        if r.random() < 0.1:
            r.choice(kernels)[r.randint(0, rank)] += 1
        for name, kernel in zip(names, kernels, strict=True):
            options.pop(name, None)
            if others:
                others.pop(0)[:] = kernel[1:]
            else:
                options[name] = filled(*kernel)

    return fit


def pooled(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often give sizes for as many axes as there are."""
    by_rank(r, options, len(sizes) - 1, "pool_size", "strides", "output_size")


def patched(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often give images to windows of two sizes, volumes to those of three."""
    size = options["size"]
    rank = len(size) if isinstance(size, list) else 2
    while r.random() < 0.9 and len(sizes) not in (rank, rank + 1):
        sizes[:] = grid(r)
    by_rank(r, options, rank, "strides", "dilation_rate")


def unfolded(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often lay out the columns of an image of the size that comes out."""
    height, width = r.randint(3, 6), r.randint(3, 6)
    options["output_size"] = [height, width]
    channels = r.randint(1, 3)

    def both(name: str) -> list[int]:
        value = options.get(name, 0 if name == "padding" else 1)
        return value if isinstance(value, list | tuple) else [value, value]

    area, places = 1, 1
    for n, kernel, step, gap, pad in zip(
        (height, width),
        *map(both, ("kernel_size", "stride", "dilation", "padding")),
        strict=True,
    ):
        area *= kernel
        places *= (n + 2 * pad - gap * (kernel - 1) - 1) // step + 1
    sizes[:] = [channels * area + (r.random() < 0.1), max(places, 1)]


def spread(*names: str) -> Callable[[Random, Options, Any], None]:
    """Make what most often chooses arrays of these names for the axes of the input."""

    def fit(r: Random, options: Options, sizes: Any) -> None:
        image = sizes[0] if isinstance(sizes[0], list) else sizes
        on_axes("axis")(r, options, image)
        axis = options.get("axis", -1)
        rank = len(image) + 1
        axes = sorted(a % rank for a in (axis if isinstance(axis, list) else [axis]))
        shape = [2 if a == 0 else image[a - 1] for a in axes]
        for name in names:
            if name in options:
                own = shape if r.random() < 0.9 else [n + 1 for n in shape]
                if r.random() < 0.2:
                    own = [1] * (rank - len(own)) + own
                options[name] = filled(*own)

    return fit


def channelled(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often choose an axis of examples, and arrays for it."""
    rank = len(sizes[0]) + 1
    if r.random() < 0.9:
        options["axis"] = r.choice([a for a in range(-rank, rank) if a % rank])
    if r.random() < 0.9 and "offset" in options:
        options["scale"] = None
    axis = options["axis"]
    size = sizes[0][axis % rank - 1] if isinstance(axis, int) and axis % rank else 2
    for name in ("mean", "variance", "scale", "offset"):
        if name in options:
            options[name] = filled(size + (r.random() < 0.03))


def heads(r: Random) -> list[Sizes]:
    """Draw a query, a key and a value."""
    number, width = r.randint(1, 3), r.randint(1, 4)
    seen = r.randint(1, 5)
    value = width if r.random() < 0.8 else width + 1
    return [[r.randint(1, 5), number, width], [seen, number, width], [seen, number, value]]


def seen(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often choose a mask and a bias for the scores."""
    query, key = sizes[:2]
    for name in ("mask", "bias"):
        if name in options:
            wrong = r.random() < 0.1
            options[name] = filled(1, r.choice((1, query[1])), query[0], key[0] + wrong)


def pair(r: Random) -> list[Sizes]:
    """Draw two shapes that are the same."""
    sizes = any_shape(r)
    return [sizes, list(sizes)]


def labelled(r: Random) -> list[Sizes]:
    """Draw targets and outputs."""
    sizes = [r.randint(1, 5) for _ in range(r.randint(1, 3))]
    target = [*sizes[:-1], 1] if r.random() < 0.4 else sizes[:-1]
    return [target, sizes]


KERNEL = {"kernel": CONSTANT}
LOGITS = {"from_logits": k.BOOL}
PATCHES = {
    "kernel_size": k.sizes(2, 3),
    "dilation": k.unread(k.sizes(2, 2)),
    "padding": k.of(0, 1, [1, 0], wrong=("same", [1]), lax=(-1,)),
    "stride": k.unread(k.sizes(2, 3)),
}
POOLED = {
    "pool_size": k.sizes(2, 3),
    "strides": k.maybe(k.sizes(2, 3)),
    "padding": k.PADDING,
    "data_format": k.DATA_FORMAT,
}
CHANNELS = k.of("channels_last", "channels_first", wrong=("channels_middle", "", 1))

NETWORK_ROWS = {
    **{
        f"ops.{name}": row({**KERNEL, **WINDOW}, (), grids(1), swept("kernel"), dtypes=("float32",))
        for name in ("Conv", "DepthwiseConv")
    },
    "ops.SeparableConv": row(
        {"depthwise_kernel": CONSTANT, "pointwise_kernel": CONSTANT, **WINDOW},
        (),
        grids(2),
        swept("depthwise_kernel", "pointwise_kernel"),
        dtypes=("float32",),
    ),
    **{
        f"ops.{name}": row(POOLED, ("pool_size",), grid, pooled, FLOATS)
        for name in ("MaxPool", "AveragePool")
    },
    **{
        f"ops.{name}": row(
            {
                "output_size": k.lists(
                    k.integer(1, 4), 1, 3, wrong=("x", None, [0, 1], [-1], [1.5])
                ),
                "data_format": CHANNELS,
            },
            ("output_size",),
            grid,
            pooled,
            FLOATS,
        )
        for name in ("AdaptiveMaxPool", "AdaptiveAveragePool")
    },
    "ops.Unfold": row(
        PATCHES, ("kernel_size",), lambda r: [r.randint(1, 3), r.randint(2, 6), r.randint(2, 6)]
    ),
    "ops.Fold": row(
        {"output_size": k.sizes(2, 6), **PATCHES},
        ("output_size", "kernel_size"),
        fit=unfolded,
    ),
    "ops.ExtractPatches": row(
        {
            "size": k.of(1, 2, 3, [2, 3], [1, 2, 2], wrong=("x", [0, 1], [2], None)),
            "strides": k.maybe(k.sizes(2, 3)),
            "dilation_rate": k.sizes(2, 2),
            "padding": k.of("valid", "same", wrong=("causal", "full")),
            "data_format": k.DATA_FORMAT,
        },
        ("size",),
        grid,
        patched,
        ("float32",),
    ),
    "ops.BatchNorm": row(
        {
            "axis": k.integer(-4, 3, "last"),
            "epsilon": NUMBER,
            **dict.fromkeys(("mean", "variance", "scale", "offset"), CONSTANT),
        },
        ("axis", "mean", "variance"),
        lambda r: [any_shape(r)],
        channelled,
        FLOATS,
    ),
    "ops.RMSNorm": row(
        {"axis": k.either(FREE, SOME), "epsilon": k.maybe(NUMBER), "scale": CONSTANT},
        fit=spread("scale"),
        dtypes=FLOATS,
    ),
    "ops.LayerNorm": row(
        {
            "axis": k.either(FREE, SOME),
            "epsilon": k.maybe(NUMBER),
            "rms_scaling": k.BOOL,
            "gamma": CONSTANT,
            "beta": CONSTANT,
        },
        fit=spread("gamma", "beta"),
        dtypes=FLOATS,
    ),
    "ops.DotProductAttention": row(
        {
            "is_causal": k.BOOL,
            "flash_attention": k.of(None, False),
            "bias": CONSTANT,
            "mask": CONSTANT,
            "scale": k.maybe(NUMBER),
        },
        sizes=heads,
        fit=seen,
        dtypes=FLOATS,
    ),
    "ops.MultiHot": replace(
        row(
            {
                "num_classes": k.integer(1, 4, -1, "x", None),
                "axis": k.integer(-2, 3),
                "dtype": k.of(None, "int32", "float16", wrong=("float17",)),
            },
            ("num_classes",),
            dtypes=("int64", "uint8"),
            usual="int32",
        ),
        named=False,
    ),
    "ops.BinaryCrossentropy": row(LOGITS, sizes=pair, dtypes=FLOATS),
    "ops.CategoricalCrossentropy": row({**LOGITS, "axis": FREE}, sizes=pair, dtypes=FLOATS),
    "ops.SparseCategoricalCrossentropy": row(
        {**LOGITS, "axis": FREE}, sizes=labelled, dtypes=FLOATS
    ),
}
