"""The rows of operations on angles, bits, diagonals, distributions and given places."""

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

from tests.oracle import kinds as k
from tests.oracle.draws import Options, Sizes, any_shape
from tests.oracle.ops_fits import (
    CONSTANT,
    FLOATS,
    FREE,
    KNOWN,
    NUMBER,
    SOME,
    alike,
    constant,
    cut,
    joined,
    on_axes,
    row,
    together,
)

WHOLE = ("int64", "uint8")
ARRAY = k.Kind(lambda r: None, (), ("x", [[1.0], 2.0], {"a": 1}))
"""An array, which is drawn where the input is known."""


def with_array(*names: str) -> Callable[[Random, Options, list[Sizes]], None]:
    """Make what leaves one operand to an array where there is only one input."""

    def fit(r: Random, options: Options, sizes: list[Sizes]) -> None:
        for name in names:
            options.pop(name, None)
        if len(sizes) < 2:
            options[r.choice(names)] = np.ones(sizes[0], int).tolist()

    return fit


def shifted(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often shift by a number where there is only one input."""
    with_array("y")(r, options, sizes)
    if len(sizes) < 2 and r.random() < 0.5:
        options["y"] = r.choice((1, 2, True))


def last(*sizes: int) -> Callable[[Random, Options, Sizes], None]:
    """Make what most often gives the last axis one of these sizes."""

    def fit(r: Random, options: Options, shape: Sizes) -> None:
        if r.random() < 0.8:
            shape[-1] = r.choice(sizes)

    return fit


VIEWED = ("int8", "float16", "int32", "float64", "uint64")


def viewed(r: Random, options: Options, shape: Sizes) -> None:
    """Name a dtype always, as NumPy takes none for float64."""
    options.setdefault("dtype", r.choice(VIEWED))
    last(1, 2, 4, 6)(r, options, shape)


def rows(r: Random) -> Sizes:
    """Draw a row, a matrix, or now and then more."""
    return [r.randint(1, 6) for _ in range(r.choice((0, 0, 1, 1, 2)))]


def looked(name: str, *, several: bool = True) -> Callable[[Random, Options, list[Sizes]], None]:
    """Make what most often looks values up in a row, an array of this name."""

    def fit(r: Random, options: Options, sizes: list[Sizes]) -> None:
        options.pop(name, None)
        if len(sizes) < 2:
            shape = [3] if r.random() < 0.9 or not several else [2, 2]
            options[name] = np.ones(shape, int).tolist()
        elif r.random() < 0.9:
            sizes[0 if name == "sorted_sequence" else 1][:] = []

    return fit


def shared(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often ask for one share or several, on axes that are there."""
    on_axes("axis")(r, options, sizes[0])
    options.pop("q", None)
    if len(sizes) < 2:
        options["q"] = r.choice((0.5, 0.25, [0.5], [0.25, 0.75], 1))
    elif r.random() < 0.8:
        sizes[1][:] = []


def weighed(r: Random) -> list[Sizes]:
    """Draw values, and perhaps their weights."""
    sizes = any_shape(r)
    return [sizes, list(sizes)] if r.random() < 0.3 else [sizes]


def begun(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often choose a block that lies within the first input."""
    whole = [2, *sizes[0]]
    starts = [r.randint(0, max(n - 2, 0)) for n in whole]
    if len(sizes) > 1 and "shape" not in options:
        sizes[1][:] = [r.randint(1, n - start) for n, start in zip(whole, starts, strict=True)][1:]
        starts[0] = 0
    elif "shape" in options and r.random() < 0.9:
        options["shape"] = [
            r.choice((-1, r.randint(1, n - start), n - start + (r.random() < 0.05)))
            for n, start in zip(whole, starts, strict=True)
        ]
    options["start_indices"] = starts


def scattered(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often choose places that are there, and values for them."""
    own = "shape" in options
    whole = [r.randint(1, 4) for _ in range(r.randint(1, 3))] if own else [2, *sizes[0]]
    deep = r.randint(1, len(whole))
    if own:
        options["shape"] = whole
        if len(sizes) > 1:
            sizes[:] = [[deep], whole[deep:]]
            return
        many = 2 if r.random() < 0.8 else 3
        sizes[0][:] = whole[deep:]
    else:
        many = r.randint(1, 3)
        options["updates"] = np.ones([many, *whole[deep:]], int).tolist()
        if len(sizes) > 1:
            del options["updates"]
            many = 2
            sizes[1][:] = whole[deep:]
    options["indices"] = np.zeros((many, deep), int).tolist()


def appended(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often choose an axis that is there, and other sizes on it."""
    if options.get("axis") is not None:
        joined(r, options, sizes)


def segmented(r: Random) -> list[Sizes]:
    """Draw entries and the numbers of their segments."""
    return [any_shape(r), []]


OFFSET = {"offset": FREE, "axis1": FREE, "axis2": FREE}
PIECES = {"indices_or_sections": k.either(k.positive(3), k.lists(k.integer(0, 4), 1, 2))}
Q = {"q": CONSTANT, "axis": k.maybe(k.either(FREE, SOME)), "keepdims": k.BOOL}


def pieces(axis: int) -> Callable[[Random, Options, Sizes], None]:
    """Make what most often cuts this axis where it can be cut."""

    def fit(r: Random, options: Options, sizes: Sizes) -> None:
        options["axis"] = axis
        while len(sizes) < axis and r.random() < 0.9:
            sizes.append(r.randint(1, 4))
        cut(r, options, sizes)
        options.pop("axis", None)
        if isinstance(options["indices_or_sections"], int) and axis == 0:
            options["indices_or_sections"] = 1

    return fit


def parted(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose an axis that is there."""
    on_axes("axis")(r, options, sizes)


PLACE_ROWS = {
    **{
        f"ops.{name}": row({"x1": CONSTANT, "x2": CONSTANT}, (), together, constant(2, "x1", "x2"))
        for name in ("Arctan2", "Nextafter")
    },
    **{
        f"ops.{name}": row(
            {"x1": k.of(None), "x2": k.of(None)},
            (),
            together,
            with_array("x1", "x2"),
            WHOLE,
            "int32",
        )
        for name in ("Gcd", "Lcm", "Ldexp", "Heaviside", "Hypot")
    },
    **{
        f"ops.{name}": row({"x": ARRAY, "y": ARRAY}, (), together, with_array("x", "y"), WHOLE,
                           "int32")
        for name in ("BitwiseAnd", "BitwiseOr", "BitwiseXor")
    },
    **{
        f"ops.{name}": row(dtypes=WHOLE, usual="int32") for name in ("BitwiseInvert", "BitwiseNot")
    },
    **{
        f"ops.{name}": row({"x": ARRAY, "y": ARRAY}, (), together, shifted, WHOLE, "int32")
        for name in ("LeftShift", "RightShift", "BitwiseLeftShift", "BitwiseRightShift")
    },
    "ops.Polar": row(sizes=lambda r: (together(r) * 2)[:2], dtypes=FLOATS),
    "ops.SaturateCast": row({"dtype": KNOWN["dtype"]}, ("dtype",), dtypes=("int32", "float16")),
    "ops.View": row(
        {"dtype": k.of(*VIEWED, wrong=("float17",))},
        fit=viewed,
        dtypes=("int8", "float16", "int32"),
    ),
    "ops.ViewAsComplex": row(fit=last(2)),
    "ops.ViewAsReal": row(),
    "ops.AllClose": row(
        {"x1": CONSTANT, "x2": CONSTANT, "rtol": NUMBER, "equal_nan": k.BOOL},
        (),
        together,
        constant(2, "x1", "x2"),
    ),
    "ops.IsIn": row(
        {"x2": CONSTANT, "assume_unique": k.BOOL, "invert": k.BOOL},
        (),
        together,
        looked("x2"),
    ),
    "ops.Digitize": row({"bins": ARRAY}, (), together, looked("bins")),
    "ops.SearchSorted": row(
        {"sorted_sequence": ARRAY, "side": k.of("left", "right", wrong=("middle", None))},
        (),
        together,
        looked("sorted_sequence"),
    ),
    **{
        f"ops.{name}": row(
            {**Q, "method": k.Kind(lambda r: "linear", (), ("middle", None))},
            (),
            lambda r: [any_shape(r), [1]] if r.random() < 0.2 else [any_shape(r)],
            shared,
            FLOATS,
        )
        for name in ("Quantile", "Nanquantile", "Percentile", "Nanpercentile")
    },
    "ops.Average": row(
        {"axis": k.maybe(FREE)},
        sizes=weighed,
        fit=lambda r, options, sizes: on_axes("axis")(r, options, sizes[0]),
        dtypes=FLOATS,
    ),
    "ops.Trapezoid": row(
        {"dx": NUMBER, "axis": FREE, "x": ARRAY},
        fit=lambda r, options, sizes: placed_along(r, options, sizes),
        dtypes=FLOATS,
    ),
    "ops.Size": row(),
    "ops.Vander": row(
        {"N": k.maybe(k.integer(1, 4, "x")), "increasing": k.BOOL},
        sizes=lambda r: [] if r.random() < 0.8 else [2],
        dtypes=FLOATS,
    ),
    "ops.Argpartition": row(
        {"kth": k.integer(0, 3, "x"), "axis": k.maybe(FREE)}, ("kth",), fit=parted
    ),
    "ops.Diagonal": row(OFFSET, fit=on_axes("axis1", "axis2")),
    "ops.Trace": row(OFFSET, fit=on_axes("axis1", "axis2"), dtypes=("int8", "int64", "float16")),
    "ops.Diag": row({"k": k.integer(-3, 3, "x")}, sizes=rows),
    "ops.Diagflat": row({"k": k.integer(-3, 3, "x")}, sizes=rows),
    "ops.Fliplr": row(),
    "ops.Flipud": row(),
    "ops.Rot90": row(
        {"k": k.integer(-3, 4, "x"), "axes": k.lists(FREE, 2, 2, wrong=([0], [0, 1, 2]))},
        fit=on_axes("axes"),
    ),
    "ops.Diff": row({"n": k.integer(0, 2, -1, "x"), "axis": FREE}, fit=on_axes("axis")),
    "ops.Append": row({"axis": k.maybe(FREE)}, sizes=lambda r: (alike(r) * 2)[:2], fit=appended),
    "ops.Hsplit": row(PIECES, ("indices_or_sections",), fit=pieces(1)),
    "ops.Vsplit": row(PIECES, ("indices_or_sections",), fit=pieces(0)),
    "ops.Dsplit": row(PIECES, ("indices_or_sections",), fit=pieces(2)),
    "ops.ArraySplit": row(
        {"indices_or_sections": k.positive(4), "axis": FREE},
        ("indices_or_sections",),
        fit=on_axes("axis"),
    ),
    "ops.Slice": row(
        {"start_indices": ARRAY, "shape": k.lists(k.integer(1, 3), 1, 3, wrong=(3, ["x"]))},
        ("shape",),
        lambda r: [any_shape(r)],
        begun,
    ),
    "ops.SliceUpdate": row(
        {"start_indices": ARRAY}, (), lambda r: [any_shape(r), [1]], begun
    ),
    "ops.Scatter": row(
        {
            "indices": ARRAY,
            "shape": k.lists(k.integer(1, 3), 1, 3, wrong=(3, ["x"])),
        },
        ("shape",),
        lambda r: [[1], [1]] if r.random() < 0.5 else [[1]],
        scattered,
        WHOLE,
        "int32",
    ),
    "ops.ScatterUpdate": row(
        {
            "indices": ARRAY,
            "updates": ARRAY,
            "reduction": k.of(None, "add", "max", "min", "mul", wrong=("sum", 1)),
        },
        (),
        lambda r: [any_shape(r), [1]] if r.random() < 0.5 else [any_shape(r)],
        scattered,
    ),
    **{
        f"ops.Segment{name}": row(
            {"num_segments": k.integer(1, 4, "x"), "sorted": k.BOOL},
            ("num_segments",),
            segmented,
            dtypes=("int64",),
            usual="int32",
        )
        for name in ("Sum", "Max", "Min", "Prod")
    },
}  # fmt: skip


def placed_along(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often give as many places as values."""
    on_axes("axis")(r, options, sizes)
    axis: Any = options.get("axis", -1)
    rank = len(sizes) + 1
    if "x" in options and isinstance(axis, int):
        n = sizes[axis % rank - 1] if axis % rank else 2
        options["x"] = np.ones(n + (r.random() < 0.1)).tolist()
