"""Operations on distributions: the bare functions of `keras.ops` that find quantiles and means."""

from __future__ import annotations

from typing import Any

from dense_shapes.dims import Dim, at_least, equal
from dense_shapes.layers import types as t
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Bool, Choice, Maybe
from dense_shapes.layers.operation import (
    ANY_AXES,
    AXIS,
    Array,
    Operands,
    Operation,
    array_shape,
    constant,
    floating,
    index,
    kept_float,
)
from dense_shapes.layers.ops import all_along, make, reduced_shape
from dense_shapes.layers.ops_along import OneAxis
from dense_shapes.layers.sizes import Int
from dense_shapes.layers.text import Shape, size
from dense_shapes.layers.text import shape as _text


class Ranking(Operands, abstract=True):
    """An operation that finds the values below which a share of all lies."""

    inputs = (1, 2)
    operands = ("x", "q")

    axis: Dim | tuple[Dim, ...] | None = field(
        ANY_AXES, default=None, doc="The axes that go; all of them by default, the batch too."
    )
    method: str = field(
        Choice("linear", "lower", "higher", "midpoint", "nearest"),
        default="linear",
        doc="How values between two are found.",
    )
    keepdims: bool = field(Bool(), default=False, doc="Keep these axes, with a size of 1.")
    q: Any = constant("the share, or several")

    def reduced(self, x: Shape) -> list[int]:
        """Return the axes that go."""
        return list(range(len(x))) if self.axis is None else self.axes_of(self.axis, len(x))

    def output_dtypes(self, dtypes: list[str]) -> list[str]:
        """See `Operation.output_dtypes`: the shares take no part."""
        return [type(self).dtypes(dtypes[0] if dtypes else "float32")]

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`: several shares stand along a new axis in front."""
        values, shares = self.met(x)
        if len(shares) > 1:
            raise ShapeError(f"shares in one row are needed, found {_text(shares)}", field="q")
        return (*shares, *reduced_shape(values, self.reduced(values), keepdims=self.keepdims))

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        values, _ = self.met(x)
        return (
            f"{self.does} of {all_along(values, self.reduced(values))}: "
            f"{_text(values)} → {_text(y)}; no params"
        )


for _name, _rule, _does in (
    ("Quantile", floating, "quantiles"),
    ("Nanquantile", floating, "quantiles of what is a number"),
    ("Percentile", kept_float, "percentiles"),
    ("Nanpercentile", floating, "percentiles of what is a number"),
):
    make(Ranking, _name, _rule, _does, __name__)


class Average(Operands, registered="ops.Average"):
    """Take the mean of all values along an axis, each with its weight."""

    inputs = (1, 2)
    operands = ("x", "weights")
    spare = 1
    dtypes = staticmethod(floating)

    axis: Dim | None = field(Maybe(AXIS), default=None, doc="The axis; by default, all as one row.")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        values, *weights = self.met(x)
        gone = list(range(len(values)))
        if self.axis is not None:
            gone = self.axes_of(self.axis, len(values))
        for shape in weights:
            along = tuple(values[a] for a in gone)
            whole = along if len(shape) == 1 and self.axis is not None else values
            message = f"weights of {_text(along)} or {_text(values)} are needed, found "
            if len(shape) != len(whole):
                raise ShapeError(message + _text(shape))
            for n, m in zip(shape, whole, strict=True):
                self.require(equal(n, m), message + _text(shape))
        return reduced_shape(values, gone, keepdims=False)

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        values, *weights = self.met(x)
        weighed = f", weighed by {_text(weights[0])}" if weights else ""
        where = "all values" if self.axis is None else f"axis {self.axis}"
        return f"the mean over {where}{weighed}: {_text(values)} → {_text(y)}; no params"


class Trapezoid(OneAxis, registered="ops.Trapezoid", first=("x", "dx", "axis")):
    """Sum up the area below a curve along an axis."""

    does = "the area below the curve"
    dtypes = staticmethod(floating)

    x: Any = field(Maybe(Array()), default=None, doc="Where the values stand.")
    dx: float = field(t.NUMBER, default=1.0, doc="How far apart the values stand.")
    axis: Dim = field(AXIS, default=-1, doc="Along which axis; 0 is the batch.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        (axis,) = self.axes_of(self.axis, len(x))
        if self.x is not None:
            places = array_shape(self.x) or ()
            if len(places) != 1:
                raise ShapeError(f"places in one row are needed, found {_text(places)}", field="x")
            self.require(
                equal(places[0], x[axis]),
                f"{size(places[0])} places for {size(x[axis])} values along axis {axis}",
                field="x",
            )
        return (*x[:axis], *x[axis + 1 :])


class Size(Operation, registered="ops.Size"):
    """Count the values."""

    dtypes = staticmethod(index)

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return ()

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"how many values {_text(x)} holds; no params"


class Vander(Operation, registered="ops.Vander"):
    """Write the powers of each value of a row."""

    N: Dim | None = field(
        Maybe(Int(0)), default=None, doc="How many powers; by default as many as values."
    )
    increasing: bool = field(Bool(), default=False, doc="Begin with the power of 0.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if len(x) != 1:
            raise ShapeError(f"ops.Vander needs values in one row, found {_text(x)}")
        return (x[0], x[0] if self.N is None else self.N)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"{size(y[1])} powers of each value: {_text(x)} → {_text(y)}; no params"


class Argpartition(OneAxis, registered="ops.Argpartition", first=("kth", "axis")):
    """Tell an order in which all before one place are smaller, and all behind it greater."""

    does = "an order around one place"
    dtypes = staticmethod(index)

    kth: Dim = field(Int(), doc="The place.")
    axis: Dim | None = field(Maybe(AXIS), default=-1, doc="The axis; null for all as one row.")

    def check(self) -> None:
        """See `Layer.check`."""
        if type(self.kth) is not int:
            raise OptionError(f"which place must be a number, found {self.kth}", field="kth")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        y = super().output(x)
        n = y[0] if self.axis is None else x[self.axes_of(self.axis, len(x))[0]]
        place = self.kth if type(self.kth) is int else 0
        self.require(
            at_least(n, place + 1 if place >= 0 else -place),
            f"there is no place {self.kth} among {size(n)}",
            field="kth",
        )
        return y
