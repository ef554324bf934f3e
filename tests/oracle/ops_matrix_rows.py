"""The rows of operations that contract axes, and of those of linear algebra."""

from collections.abc import Callable
from random import Random

import numpy as np

from tests.oracle import kinds as k
from tests.oracle.draws import Options, Sizes, any_shape
from tests.oracle.ops_fits import CONSTANT, FREE, constant, matrices, row, together
from tests.oracle.ops_place_rows import ARRAY

PRECISE = ("float64",)
"""NumPy takes no others apart."""


def ones(*sizes: int) -> list:
    """Return an array as nested lists."""
    return np.ones(sizes).tolist()


def beside(r: Random) -> list[Sizes]:
    """Draw two shapes, or just one for a constant."""
    return [any_shape(r), any_shape(r)] if r.random() < 0.6 else [any_shape(r)]


def other(
    shape: Callable[[Random, Sizes], Sizes],
) -> Callable[[Random, Options, list[Sizes]], None]:
    """Make what most often gives the second operand the shape that goes with the first."""

    def fit(r: Random, options: Options, sizes: list[Sizes]) -> None:
        for name in ("x1", "x2", "x", "y"):
            options.pop(name, None)
        fitting = shape(r, sizes[0]) if r.random() < 0.9 else any_shape(r)
        if len(sizes) > 1:
            sizes[1][:] = fitting
        else:
            options["y" if shape is near else "x2"] = ones(*fitting)

    return fit


def ending(r: Random, sizes: Sizes) -> Sizes:
    """Draw a shape with the same last axis."""
    return [*(r.randint(1, 4) for _ in range(r.randint(0, 2))), sizes[-1]]


def near(r: Random, sizes: Sizes) -> Sizes:
    """Draw rows as long as those of a shape."""
    return [r.randint(1, 4), sizes[-1]]


def vectors(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often give the axes of vectors 2 or 3 numbers."""
    if options.get("axis") is not None and r.random() < 0.8:
        options["axis"] = r.choice((-1, 1))
    for example, name in zip(sizes, ("axisa", "axisb"), strict=False):
        axis = options.get("axis")
        axis = options.get(name, -1) if axis is None else axis
        rank = len(example) + 1
        if r.random() < 0.9 and isinstance(axis, int) and -rank <= axis < rank and axis % rank:
            example[axis % rank - 1] = r.choice((3, 3, 2))


def summed(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often sum over axes of the same size."""
    options.pop("x2", None)
    first, second = sizes if len(sizes) > 1 else (sizes[0], any_shape(r))
    many = r.randint(0, min(len(first), len(second)))
    if r.random() < 0.5:
        rank = len(first) + 1
        own = r.sample(range(1, rank), many)
        # A constant has no batch, an input's is not summed over.
        others = r.sample(range(1, len(second) + 1), many)
        whole = [2, *second]
        for i, j in zip(own, others, strict=True):
            whole[j] = first[i - 1]
        second[:] = whole[1:]
        options["axes"] = [own, others]
        if len(sizes) < 2:
            options["axes"] = [own, [j - 1 for j in others]]
    else:
        options["axes"] = many
        second[:many] = first[len(first) - many :]
    if len(sizes) < 2:
        options["x2"] = ones(*second)


def squares(r: Random) -> Sizes:
    """Draw matrices, most of them square."""
    n = r.randint(1, 4)
    return [*(r.randint(1, 3) for _ in range(r.randint(0, 1))), n, n]


def any_matrices(r: Random) -> Sizes:
    """Draw matrices."""
    return [r.randint(1, 4) for _ in range(r.randint(2, 3))]


def systems(r: Random) -> list[Sizes]:
    """Draw square matrices and their right sides."""
    sizes = squares(r)
    return [sizes, [*sizes[:-1], r.randint(1, 3)]]


MATRIX_ROWS = {
    "ops.Matmul": row({"x2": ARRAY}, (), matrices, dtypes=("float16", "float64", "int32", "int8")),
    "ops.Dot": row(sizes=matrices),
    "ops.Inner": row({"x2": ARRAY}, (), beside, other(ending)),
    "ops.Outer": row({"x2": ARRAY}, (), beside, other(ending)),
    "ops.Vdot": row({}, (), lambda r: [any_shape(r)] * 2),
    "ops.Tensordot": row({"axes": k.integer(0, 2, "x"), "x2": ARRAY}, ("axes",), beside, summed),
    "ops.Kron": row({"x1": CONSTANT, "x2": CONSTANT}, (), together, constant(2, "x1", "x2")),
    "ops.Cross": row(
        {
            **dict.fromkeys(("axisa", "axisb"), k.unread(FREE)),
            "axisc": k.of(-1, -1, 0, 1),
            "axis": k.maybe(FREE),
        },
        sizes=lambda r: (together(r) * 2)[:2],
        fit=vectors,
    ),
    "ops.CDist": row({"y": ARRAY}, (), beside, other(near)),
    **{
        f"ops.{name}": row(sizes=squares, dtypes=PRECISE)
        for name in ("Inv", "Det", "Eig", "Eigh", "Logdet", "Slogdet")
    },
    "ops.Cholesky": row({"upper": k.BOOL}, sizes=squares, dtypes=PRECISE),
    "ops.MatrixRank": row({"tol": k.of(None, 0.1)}, sizes=any_matrices, dtypes=PRECISE),
    "ops.Pinv": row({"rcond": k.of(None, 0.1)}, sizes=any_matrices, dtypes=PRECISE),
    "ops.Qr": row(
        {"mode": k.of("reduced", "complete", wrong=("full", None))},
        sizes=any_matrices,
        dtypes=PRECISE,
    ),
    "ops.SVD": row(
        {"full_matrices": k.BOOL, "compute_uv": k.BOOL}, sizes=any_matrices, dtypes=PRECISE
    ),
    "ops.Solve": row(sizes=systems, dtypes=PRECISE),
    "ops.SolveTriangular": row({"lower": k.BOOL}, sizes=systems, dtypes=PRECISE),
}
