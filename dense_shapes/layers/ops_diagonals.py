"""Operations on diagonals and ends: the bare functions of `keras.ops` that turn or cut matrices."""

from __future__ import annotations

from typing import ClassVar

from dense_shapes.dims import Dim, at_least, dim_max, floor_div, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Maybe
from dense_shapes.layers.operation import AXIS, Operands, Operation
from dense_shapes.layers.ops import wide_product
from dense_shapes.layers.ops_along import OneAxis
from dense_shapes.layers.ops_pieces import Split, joined, lesser
from dense_shapes.layers.ops_reshaping import Moving
from dense_shapes.layers.promotion import promote
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, plural, size
from dense_shapes.layers.text import shape as _text


def positive(n: Dim) -> Dim:
    """Return a size, 0 where it would be less."""
    return n if at_least(n, 0) is True else dim_max(n, 0)


def diagonal(rows: Dim, columns: Dim, offset: Dim) -> Dim:
    """Return how long a diagonal of a matrix is.

    >>> diagonal(3, 5, 0), diagonal(3, 5, 4), diagonal(3, 5, -1), diagonal(3, 5, 7)
    (3, 1, 2, 0)
    """
    above = at_least(offset, 0) is True
    return positive(lesser(rows, columns - offset) if above else lesser(rows + offset, columns))


class Diagonals(Operation, abstract=True):
    """An operation on the diagonals of two axes."""

    offset: Dim = field(t.INTEGER, default=0, doc="How far above the main one it begins.")
    axis1: Dim = field(AXIS, default=0, doc="The axis of the rows; 0 is the batch.")
    axis2: Dim = field(AXIS, default=1, doc="The axis of the columns.")

    def check(self) -> None:
        """See `Layer.check`."""
        if type(self.offset) is not int:
            raise OptionError(f"the offset must be a number, found {self.offset}", field="offset")

    def rest(self, x: Shape) -> tuple[Shape, Dim, Dim]:
        """Return the other axes, and the rows and the columns."""
        first, second = self.axes_of((self.axis1, self.axis2), len(x), name="axis1")
        others = tuple(n for i, n in enumerate(x) if i not in (first, second))
        return others, x[first], x[second]

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        _, rows, columns = self.rest(x)
        return (
            f"{self.does} of {size(rows)} rows and {size(columns)} columns: "
            f"{_text(x)} → {_text(y)}; no params"
        )


class Diagonal(Diagonals, registered="ops.Diagonal"):
    """Take a diagonal of two axes, as the last axis."""

    does = "a diagonal"

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        others, rows, columns = self.rest(x)
        return (*others, diagonal(rows, columns, self.offset))


class Trace(Diagonals, registered="ops.Trace"):
    """Sum a diagonal of two axes."""

    does = "the sum of a diagonal"
    dtypes = staticmethod(wide_product)

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return self.rest(x)[0]


class Diag(Moving, registered="ops.Diag"):
    """Make a matrix with a row on its diagonal, or take the diagonal of a matrix."""

    does = "a diagonal"

    k: Dim = field(t.INTEGER, default=0, doc="How far above the main diagonal.")

    def check(self) -> None:
        """See `Layer.check`."""
        if type(self.k) is not int:
            raise OptionError(f"which diagonal must be a number, found {self.k}", field="k")

    @property
    def off(self) -> int:
        """How far from the main diagonal."""
        return abs(self.k) if type(self.k) is int else 0

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if len(x) == 1:
            return (x[0] + self.off,) * 2
        if len(x) != 2:
            raise ShapeError(f"ops.Diag needs one axis or two, found {_text(x)}")
        return (diagonal(*x, self.k),)


class Diagflat(Diag, registered="ops.Diagflat"):
    """Make a matrix with all values on its diagonal."""

    does = "all values on a diagonal"

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return (prod(x) + self.off,) * 2


class Turning(Moving, abstract=True):
    """An operation that turns matrices of the first axes.

    Attributes:
        least: How many axes are needed.
    """

    least: ClassVar[int] = 2

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if len(x) < self.least:
            raise ShapeError(
                f"{type(self).__name__} needs {plural(self.least, 'axis').replace('axiss', 'axes')}"
                f" at least, found {_text(x)}"
            )
        return x


class Fliplr(Turning, registered="ops.Fliplr"):
    """Turn the order along axis 1 round."""

    does = "the order along axis 1 turned round"


class Flipud(Turning, registered="ops.Flipud"):
    """Turn the order along axis 0, the batch, round."""

    does = "the order along axis 0 turned round"
    least = 1


class Rot90(Turning, registered="ops.Rot90"):
    """Turn by quarters in the plane of two axes."""

    does = "turned by quarters"

    k: Dim = field(t.INTEGER, default=1, doc="How many quarters.")
    axes: tuple[Dim, ...] = field(
        ListOf(AXIS, lambda _: 2), default=(0, 1), doc="The two axes; 0 is the batch."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        if type(self.k) is not int:
            raise OptionError(f"how many quarters must be a number, found {self.k}", field="k")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`: an even number of quarters swaps no axes, whatever Keras infers."""
        first, second = self.axes_of(self.axes, len(super().output(x)), name="axes")
        y = list(x)
        if type(self.k) is int and self.k % 2:
            y[first], y[second] = x[second], x[first]
        return tuple(y)


class Diff(OneAxis, registered="ops.Diff", first=("n", "axis")):
    """Take the differences between neighbours along an axis."""

    does = "the differences between neighbours"

    n: Dim = field(Int(0), default=1, doc="How many times.")
    axis: Dim = field(AXIS, default=-1, doc="Along which axis; 0 is the batch.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        (axis,) = self.axes_of(self.axis, len(x))
        return (*x[:axis], positive(x[axis] - self.n), *x[axis + 1 :])


class Append(Operands, registered="ops.Append"):
    """Put the second input behind the first along an axis, or all values in one row."""

    inputs = (2, 2)
    dtypes = staticmethod(promote)

    axis: Dim | None = field(Maybe(AXIS), default=None, doc="The axis; by default, all as one row.")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        first, second = x
        if self.axis is None:
            return (prod(first) + prod(second),)
        (axis,) = self.axes_of(self.axis, len(first))
        sizes = joined(self, x, axis)
        for shape in x:
            self.fixed(shape[axis], "the sizes that are added up")
        return (*sizes[:axis], first[axis] + second[axis], *sizes[axis + 1 :])

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        where = "all values in one row" if self.axis is None else f"axis {self.axis}"
        return f"end to end along {where}: {_text(x[0])}, {_text(x[1])} → {_text(y)}; no params"


class OwnAxis(Split, abstract=True, without=("axis",)):
    """A split along an axis of its own.

    Attributes:
        split_axis: Which one.
    """

    split_axis: ClassVar[int] = 0

    def along(self, x: Shape) -> int:
        """See `Split.along`."""
        axis = self.split_axis
        if len(x) < max(axis + 1, 2):
            raise ShapeError(
                f"{type(self).__name__} cuts along axis {axis} of {max(axis + 1, 2)} or more, "
                f"found {_text(x)}"
            )
        return axis


class Hsplit(OwnAxis, registered="ops.Hsplit"):
    """Cut axis 1 into pieces: as many outputs."""

    split_axis = 1

    def along(self, x: Shape) -> int:
        """See `Split.along`: of a row, it is the only axis."""
        return 0 if len(x) == 1 else super().along(x)


class Vsplit(OwnAxis, registered="ops.Vsplit"):
    """Cut axis 0, the batch, into pieces: as many outputs."""


class Dsplit(OwnAxis, registered="ops.Dsplit"):
    """Cut axis 2 into pieces: as many outputs."""

    split_axis = 2


class ArraySplit(Split, registered="ops.ArraySplit"):
    """Cut an axis into pieces of about the same size, the first ones larger by one."""

    indices_or_sections: Dim = field(Int(1), doc="How many pieces.")

    def output(self, x: Shape) -> list[Shape]:
        """See `Layer.output`."""
        axis = self.along(x)
        many = self.output_count
        sizes = [floor_div(x[axis] + many - 1 - i, many) for i in range(many)]
        return [(*x[:axis], piece, *x[axis + 1 :]) for piece in sizes]
