"""Operations that contract axes: the bare functions of `keras.ops` for products beside matmul."""

from __future__ import annotations

from dense_shapes.dims import Dim, equal, prod
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Either, Maybe
from dense_shapes.layers.operation import AXIS, Pair, array, floating
from dense_shapes.layers.ops_elementwise import Settled
from dense_shapes.layers.ops_products import inner
from dense_shapes.layers.promotion import promote
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, plural, size
from dense_shapes.layers.text import shape as _text


class Contracting(Pair, abstract=True):
    """An operation that multiplies all pairs of values that meet, and sums over some axes."""

    dtypes = staticmethod(promote)

    def macs(self, x: list[Shape], y: Shape) -> Dim:
        """See `Layer.macs`: each value of one example meets all free axes of the other operand."""
        a, b = self.met(x)
        own, other = self.kept(a, b)
        return prod(a[1:]) * prod(other) if self.x1 is None else prod(b[1:]) * prod(own)

    def kept(self, a: Shape, b: Shape) -> tuple[Shape, Shape]:
        """Return the axes of both operands that are not summed over."""
        return a, b

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        a, b = self.met(x)
        return f"{self.does}: {_text(a)}·{_text(b)} → {_text(y)}; no params"


class Inner(Contracting, registered="ops.Inner"):
    """Multiply and sum over the last axes of both."""

    does = "products summed over the last axes"

    def kept(self, a: Shape, b: Shape) -> tuple[Shape, Shape]:
        """See `Contracting.kept`."""
        return a[:-1], b[:-1]

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`; one value multiplies all of the other operand."""
        a, b = self.met(x)
        if not a or not b:
            return a or b
        inner(self, a, b, a[-1], b[-1])
        return (*a[:-1], *b[:-1])


class Outer(Contracting, registered="ops.Outer"):
    """Multiply every value of one with every value of the other, each laid out in a row."""

    does = "every product of two values"

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        a, b = self.met(x)
        return (prod(a), prod(b))


class Vdot(Contracting, registered="ops.Vdot"):
    """Multiply and sum over all values, each laid out in a row."""

    does = "products summed over all values"

    def kept(self, a: Shape, b: Shape) -> tuple[Shape, Shape]:
        """See `Contracting.kept`."""
        return (), ()

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        a, b = self.met(x)
        self.require(
            equal(prod(a), prod(b)),
            f"{_text(a)} and {_text(b)} hold {size(prod(a))} and {size(prod(b))} values, which "
            "must be equally many",
        )
        return ()


class Tensordot(Contracting, registered="ops.Tensordot"):
    """Multiply and sum over given axes of both."""

    does = "products summed over given axes"

    axes: Dim | tuple[tuple[Dim, ...], ...] = field(
        Either(Int(0), ListOf(ListOf(AXIS), lambda _: 2)),
        default=2,
        doc="How many of the last of one and the first of the other; or a list for each of them.",
    )

    def summed(self, a: Shape, b: Shape) -> tuple[list[int], list[int]]:
        """Return the axes that are summed over, those of one beside those of the other.

        Raises:
            ShapeError: They are not there, or not as many of both.
        """
        if isinstance(self.axes, tuple):
            own, other = (
                self.axes_of(axes, len(shape), name="axes")
                for axes, shape in zip(self.axes, (a, b), strict=True)
            )
        else:
            many = self.axes
            if type(many) is not int or many > min(len(a), len(b)):
                raise ShapeError(
                    f"{_text(a)} and {_text(b)} have not both {size(many)} axes", field="axes"
                )
            own, other = list(range(len(a) - many, len(a))), list(range(many))
        if len(own) != len(other):
            raise ShapeError(
                f"as many axes of both are needed, found {len(own)} and {len(other)}", field="axes"
            )
        return own, other

    def kept(self, a: Shape, b: Shape) -> tuple[Shape, Shape]:
        """See `Contracting.kept`."""
        pairs = zip(self.summed(a, b), (a, b), strict=True)
        first, second = (
            tuple(n for i, n in enumerate(shape) if i not in gone) for gone, shape in pairs
        )
        return first, second

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        a, b = self.met(x)
        for i, j in zip(*self.summed(a, b), strict=True):
            inner(self, a, b, a[i], b[j])
        own, other = self.kept(a, b)
        return (*own, *other)


class Kron(Settled, registered="ops.Kron"):
    """Put copies of the second operand, each times a value of the first, side by side."""

    does = "copies of one side by side, times the values of the other"
    dtypes = staticmethod(promote)

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`; missing axes in front are 1."""
        rank = max(map(len, self.met(x)))
        a, b = ((*[1] * (rank - len(shape)), *shape) for shape in self.met(x))
        return tuple(n * m for n, m in zip(a, b, strict=True))

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        a, b = self.met(x)
        return f"{self.does}: {_text(a)}, {_text(b)} → {_text(y)}; no params"


class Cross(Pair, registered="ops.Cross"):
    """Take the cross product of vectors of 3, or 2, numbers."""

    dtypes = staticmethod(promote)

    axisa: Dim = field(AXIS, default=-1, doc="The axis of the first operand's vectors.")
    axisb: Dim = field(AXIS, default=-1, doc="The axis of the second operand's vectors.")
    axisc: Dim = field(AXIS, default=-1, doc="The axis of the output's vectors.")
    axis: Dim | None = field(Maybe(AXIS), default=None, doc="All three of them at once.")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`; of vectors of 2 numbers, only one number comes out."""
        rests, lengths = [], []
        for name, shape in zip(("axisa", "axisb"), self.met(x), strict=True):
            which = getattr(self, name) if self.axis is None else self.axis
            (at,) = self.axes_of(which, len(shape), name=name)
            n = shape[at]
            self.require(
                equal((n - 2) * (n - 3), 0),
                f"vectors of 2 or 3 numbers are needed along axis {at}, found {_text(shape)}",
                field=name,
            )
            rests.append((*shape[:at], *shape[at + 1 :]))
            lengths.append(n)
        if 3 not in lengths and lengths != [2, 2]:
            raise ShapeError(
                f"whether vectors have 2 or 3 numbers decides how many axes stay, found "
                f"{size(lengths[0])} and {size(lengths[1])}",
                help="give the axis of the vectors a size",
            )
        y = self.broadcast(*rests)
        vectors = 0 if lengths == [2, 2] else 1
        which = self.axisc if self.axis is None else self.axis
        (at,) = self.axes_of(which, len(y), name="axisc", new=vectors)
        return (*y[:at], *[3] * vectors, *y[at:])

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        a, b = self.met(x)
        return f"cross products of vectors: {_text(a)}, {_text(b)} → {_text(y)}; no params"


class CDist(Pair, registered="ops.CDist", without=("x1", "x2")):
    """Measure how far each row of one is from each row of the other."""

    home = "math"
    operands = ("x", "y")
    dtypes = staticmethod(floating)

    x: Shape | None = array("the first operand")
    y: Shape | None = array("the second operand")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        a, b = self.met(x)
        if len(a) < 2 or len(b) < 2:
            raise ShapeError(f"rows of two axes at least are needed, found {_text(a)}, {_text(b)}")
        self.require(
            equal(a[-1], b[-1]),
            f"rows of {plural(a[-1], 'number')} and of {size(b[-1])} have no distance",
        )
        return (*self.broadcast(a[:-2], b[:-2]), a[-2], b[-2])

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        a, b = self.met(x)
        return (
            f"the distance of each of {size(a[-2])} rows to each of {size(b[-2])}: "
            f"{_text(a)}, {_text(b)} → {_text(y)}; no params"
        )
