"""Operations along axes: the bare functions of `keras.ops` that order, sum up or measure values."""

from __future__ import annotations

from typing import Any

from dense_shapes.dims import Dim, at_least, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Bool, Choice, Either, Maybe
from dense_shapes.layers.operation import (
    ANY_AXES,
    AXIS,
    Operation,
    counted,
    index,
    kept_float,
)
from dense_shapes.layers.ops import Reducing, all_along, reduced_shape
from dense_shapes.layers.sizes import Int
from dense_shapes.layers.text import Shape, plural, size
from dense_shapes.layers.text import shape as _text

_DTYPE = Maybe(Choice(*t.INPUT_DTYPES, kind="dtype"))


_OF_MATRICES = (None, 1, -1, 2, -2, float("inf"), float("-inf"))
"""The orders of norms of matrices, beside those that have names."""


def _check_norm(x: Shape, axes: int, order: Any, option: str) -> None:
    """Demand that there is a norm of that order along so many axes, as NumPy does.

    Raises:
        ShapeError: There is none.
    """
    if axes not in (1, 2):
        raise ShapeError(
            f"a norm is taken along one axis or two, found {axes} of {_text(x)}",
            field="axis",
            help="name one axis for vectors, two for matrices",
        )
    if axes == 1 and isinstance(order, str):
        raise ShapeError(
            f"{order!r} is a norm of matrices, found one axis",
            field=option,
            help=f"leave out {option} for the length, or name two axes",
        )
    if axes == 2 and not isinstance(order, str) and order not in _OF_MATRICES:
        raise ShapeError(
            f"no norm of matrices has the order {order}",
            field=option,
            help="choose 1 or 2, or name one axis"
            if option == "order"
            else "choose 1, -1, 2, -2, fro or nuc, or name one axis",
        )


class Normalize(Operation, registered="ops.Normalize"):
    """Divide the values along an axis by their norm."""

    home = "nn"
    dtypes = staticmethod(lambda *_: "float32")

    axis: Dim | tuple[Dim, ...] | None = field(
        ANY_AXES, default=-1, doc="The axis, or axes, along which the norm is taken."
    )
    order: Dim = field(Int(1), default=2, doc="The norm's order: 2 is the length.")
    epsilon: float | None = field(Maybe(t.NUMBER), default=None, doc="The least divisor.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`; lengths are taken over any number of axes, the others by a norm."""
        axes = list(range(len(x))) if self.axis is None else self.axes_of(self.axis, len(x))
        if self.order != 2:
            _check_norm(x, len(axes), self.order, "order")
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        where = "all axes" if self.axis is None else f"axis {self.axis}"
        return f"divided by the norm along {where}; {_text(x)} unchanged, no params"


class OneAxis(Operation, abstract=True):
    """An operation along an axis, or on all values laid out as one row; it keeps their number."""

    axis: Dim | None = field(Maybe(AXIS), default=None, doc="The axis; by default, all as one row.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if self.axis is None:
            return (prod(x),)
        self.axes_of(self.axis, len(x))
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        where = "all values in one row" if self.axis is None else f"axis {self.axis}"
        return f"{self.does}, along {where}: {_text(x)} → {_text(y)}; no params"


class Sorting(OneAxis, abstract=True):
    """An operation that orders the values along an axis."""

    axis: Dim | None = field(Maybe(AXIS), default=-1, doc="The axis; null for all as one row.")


class Sort(Sorting, registered="ops.Sort"):
    """Put the values along an axis in order."""

    does = "put in order"


class Argsort(Sorting, registered="ops.Argsort"):
    """Tell the order in which the values along an axis would be sorted."""

    does = "the order of the values"
    dtypes = staticmethod(index)


class Accumulating(OneAxis, abstract=True):
    """An operation that gives what has come together up to each value."""

    dtypes = staticmethod(counted)

    dtype: str | None = field(_DTYPE, default=None, doc="The dtype of the output.")

    def output_dtypes(self, dtypes: list[str]) -> list[str]:
        """See `Operation.output_dtypes`: truth values are counted, always."""
        return [counted(self.dtype or dtypes[0])]


class Cumsum(Accumulating, registered="ops.Cumsum"):
    """Sum the values up to each one."""

    does = "the sum so far"


class Cumprod(Accumulating, registered="ops.Cumprod"):
    """Multiply the values up to each one."""

    does = "the product so far"


class Nancumsum(Accumulating, registered="ops.Nancumsum"):
    """Sum the values up to each one that are numbers."""

    does = "the sum of what is a number so far"


class Nancumprod(Accumulating, registered="ops.Nancumprod"):
    """Multiply the values up to each one that are numbers."""

    does = "the product of what is a number so far"


class CountNonzero(Reducing, registered="ops.CountNonzero", without=("keepdims",)):
    """Count the values that are not zero."""

    does = "the number of values that are not zero"
    dtypes = staticmethod(index)


class Norm(Reducing, registered="ops.Norm", first=("ord", "axis", "keepdims")):
    """Measure the length of vectors, or the size of matrices."""

    home = "linalg"
    does = "the norm"
    dtypes = staticmethod(kept_float)

    ord: Any = field(
        Maybe(Either(t.NUMBER, Choice("fro", "nuc"))),
        default=None,
        doc="Which norm: 2 is the length, 1 the sum of distances; `fro` and `nuc` for matrices.",
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`; the checks are those of Keras and of the norm it calls."""
        axes = self.reduced(x)
        if self.axis is not None or self.ord is not None:
            _check_norm(x, len(axes), self.ord, "ord")
        return super().output(x)


class Moments(Operation, registered="ops.Moments"):
    """Take the mean and the variance of all values along some axes: two outputs."""

    home = "nn"

    axes: Dim | tuple[Dim, ...] | None = field(ANY_AXES, doc="The axes that go; null for all.")
    keepdims: bool = field(Bool(), default=False, doc="Keep these axes, with a size of 1.")
    synchronized: bool = field(
        Bool(), default=False, doc="Take them over the batches of all devices in training."
    )

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return 2

    def _gone(self, x: Shape) -> list[int]:
        if self.axes is None:
            return list(range(len(x)))
        return self.axes_of(self.axes, len(x), name="axes")

    def output(self, x: Shape) -> list[Shape]:
        """See `Layer.output`."""
        return [reduced_shape(x, self._gone(x), keepdims=self.keepdims)] * 2

    def explain(self, x: Shape, y: list[Shape]) -> str:
        """See `Layer.explain`."""
        return (
            f"the mean and the variance of {all_along(x, self._gone(x))}: "
            f"{_text(x)} → {_text(y[0])}, twice; no params"
        )


class TopK(Operation, registered="ops.TopK"):
    """Find the greatest values along the last axis, and their places: two outputs."""

    home = "math"

    k: Dim = field(Int(0), doc="How many.")
    sorted: bool = field(Bool(), default=True, doc="Put them in falling order.")

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return 2

    def output_dtypes(self, dtypes: list[str]) -> list[str]:
        """See `Operation.output_dtypes`: the places are whole numbers."""
        return [dtypes[0] if dtypes else "float32", "int32"]

    def output(self, x: Shape) -> list[Shape]:
        """See `Layer.output`."""
        if not x:
            raise ShapeError("ops.TopK needs an axis to look along, found one value")
        self.require(
            at_least(x[-1] - self.k, 0),
            f"the last axis of {_text(x)} has {size(x[-1])} entries, fewer than {size(self.k)}",
            field="k",
        )
        return [(*x[:-1], self.k)] * 2

    def explain(self, x: Shape, y: list[Shape]) -> str:
        """See `Layer.explain`."""
        return (
            f"the greatest {size(self.k)} of {plural(x[-1], 'value')} along the last axis, and "
            f"their places: {_text(x)} → {_text(y[0])}, twice; no params"
        )


class Triangle(Operation, abstract=True):
    """An operation that keeps a triangle of the last two axes."""

    k: Dim = field(Int(), default=0, doc="By how much the triangle's edge is moved to the right.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if len(x) < 2:
            raise ShapeError(f"{type(self).__name__} needs at least 2 axes, found {_text(x)}")
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"{self.does} of the last two axes, zeros elsewhere; {_text(x)} unchanged, no params"


class Tril(Triangle, registered="ops.Tril"):
    """Keep the lower triangle of matrices."""

    does = "the lower triangle"


class Triu(Triangle, registered="ops.Triu"):
    """Keep the upper triangle of matrices."""

    does = "the upper triangle"


class TakeAlongAxis(Operation, registered="ops.TakeAlongAxis"):
    """Take entries along an axis, as the numbers in the second input say at each place."""

    inputs = (2, 2)

    axis: Dim | None = field(Maybe(AXIS), default=None, doc="The axis; by default, all as one row.")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`; the rule of `compute_take_along_axis_output_shape` in Keras."""
        values, indices = x
        if self.axis is None:
            if len(indices) != 1:
                raise ShapeError(
                    "of all values as one row, entries are taken by numbers in one row, found "
                    f"{_text(indices)}",
                    field="axis",
                    help="name the axis, or lay the numbers out by ops.Ravel",
                )
            return indices
        if len(values) != len(indices):
            raise ShapeError(
                f"{_text(values)} and {_text(indices)} have not as many axes",
                help="bring both to as many axes, with ops.ExpandDims",
            )
        (axis,) = self.axes_of(self.axis, len(values))
        met = self.broadcast(
            (*values[:axis], 1, *values[axis + 1 :]), (*indices[:axis], 1, *indices[axis + 1 :])
        )
        return (*met[:axis], indices[axis], *met[axis + 1 :])

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        where = "all values" if self.axis is None else f"axis {self.axis}"
        return (
            f"entries along {where} of {_text(x[0])}, as the numbers in {_text(x[1])} say: "
            f"{_text(y)}; no params"
        )
