"""Operations on places: the bare functions of `keras.ops` that move, cut and join values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dense_shapes.dims import BATCH, Dim, at_least, divides, equal, exact_div, is_open, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import Type, field
from dense_shapes.layers.kinds import Choice, Either, Maybe
from dense_shapes.layers.operation import ANY_AXES, AXES, AXIS, Operation
from dense_shapes.layers.sizes import Int, ListOf, read_item
from dense_shapes.layers.text import Shape, size, times
from dense_shapes.layers.text import shape as _text

_SIZES = ListOf(Int(-1))


class Moving(Operation, abstract=True):
    """An operation that changes no value, only where it stands."""

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"{self.does}: {_text(x) if x else '()'} → {_text(y)}; no params"


class Reshape(Moving, registered="ops.Reshape"):
    """Cut the same values into another shape, the batch included."""

    does = "the same values, in order, cut anew"

    newshape: tuple[Dim, ...] = field(
        _SIZES, doc="The new sizes, the batch included; one may be -1, which is worked out."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        unknown = [i for i, n in enumerate(self.newshape) if n == -1]
        if len(unknown) > 1:
            raise OptionError(
                f"only one size can be -1, found {len(unknown)}",
                field="newshape",
                path=(unknown[1],),
            )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        total, known = prod(x), prod(n for n in self.newshape if n != -1)
        held = f"its input {_text(x)} holds {_product(x)} values"
        if -1 not in self.newshape:
            self.require(
                equal(total, known),
                f"{_text(self.newshape)} needs {_product(self.newshape)} values, but {held}",
                field="newshape",
                help="make the products equal, or let one size be -1",
            )
            return self.newshape
        if type(known) is not int:
            self.require(
                at_least(known, 1),
                f"{_text(self.newshape)} cannot work out -1 where a size beside it is 0",
                field="newshape",
                help="the sizes beside -1 must be at least 1",
            )
        self.require(
            known != 0 and divides(known, total),
            f"{_text(self.newshape)} needs a multiple of {size(known)} values, but {held}",
            field="newshape",
            help="the sizes beside -1 must divide the number of values",
        )
        missing = exact_div(total, known)
        return tuple(missing if n == -1 else n for n in self.newshape)


def _product(sizes: Shape) -> str:
    total = size(prod(sizes))
    return f"{times(*sizes)} = {total}" if len(sizes) > 1 else total


class Ravel(Moving, registered="ops.Ravel"):
    """Lay all values out in one row, the batch too."""

    does = "all values in one row"

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return (prod(x),)


class ExpandDims(Moving, registered="ops.ExpandDims"):
    """Add axes of size 1."""

    does = "axes of size 1 added"

    axis: Dim | tuple[Dim, ...] = field(AXES, doc="Where they stand in the output.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        new = len(self.axis) if isinstance(self.axis, tuple) else 1
        added = self.axes_of(self.axis, len(x), new=new)
        rest = iter(x)
        return tuple(1 if i in added else next(rest) for i in range(len(x) + new))


class Squeeze(Moving, registered="ops.Squeeze"):
    """Take axes of size 1 away."""

    does = "axes of size 1 taken away"

    axis: Dim | tuple[Dim, ...] | None = field(
        ANY_AXES, default=None, doc="Which ones; by default, all that are known to be 1."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if self.axis is None:
            for n in x:
                if type(n) is int or at_least(n, 2) is True:
                    continue
                # Like Keras, take the batch and a size left open for more than 1.
                self.require(
                    (n == BATCH or is_open(n)) and at_least(n, 2),
                    f"whether {size(n)} is 1 decides how many axes stay",
                    field="axis",
                    help="name the axes that go, such as `axis: [1]`",
                )
            return tuple(n for n in x if n != 1)
        gone = self.axes_of(self.axis, len(x))
        for i in gone:
            self.fixed(x[i], f"that axis {i} has a size of 1")
            self.require(
                equal(x[i], 1),
                f"axis {i} of {_text(x)} has a size of {size(x[i])}, not 1",
                field="axis",
            )
        return tuple(n for i, n in enumerate(x) if i not in gone)


class Transpose(Moving, registered="ops.Transpose"):
    """Put the axes in another order."""

    does = "the axes in another order"

    axes: tuple[Dim, ...] | None = field(
        Maybe(ListOf(AXIS)), default=None, doc="The new order, 0 is the batch; turned round."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if self.axes is None:
            return x[::-1]
        order = self.axes_of(self.axes, len(x), name="axes")
        if len(order) != len(x):
            raise ShapeError(
                f"axes name {len(order)} of the {len(x)} axes of {_text(x)}",
                field="axes",
                help=f"name each of the axes 0 to {len(x) - 1} once",
            )
        return tuple(x[i] for i in order)


class Swapaxes(Moving, registered="ops.Swapaxes"):
    """Swap two axes."""

    does = "two axes swapped"

    axis1: Dim = field(AXIS, doc="One axis.")
    axis2: Dim = field(AXIS, doc="The other.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        (a,) = self.axes_of(self.axis1, len(x), name="axis1")
        (b,) = self.axes_of(self.axis2, len(x), name="axis2")
        y = list(x)
        y[a], y[b] = x[b], x[a]
        return tuple(y)


class Moveaxis(Moving, registered="ops.Moveaxis"):
    """Move axes to other places."""

    does = "axes moved"

    source: Dim | tuple[Dim, ...] = field(AXES, doc="Where they stand.")
    destination: Dim | tuple[Dim, ...] = field(AXES, doc="Where they go, in the same order.")

    def check(self) -> None:
        """See `Layer.check`."""
        sides = (self.source, self.destination)
        a, b = (len(n) if isinstance(n, tuple) else 1 for n in sides)
        if a != b:
            raise OptionError(f"{a} axes cannot go to {b} places", field="destination")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        source = self.axes_of(self.source, len(x), name="source")
        target = self.axes_of(self.destination, len(x), name="destination")
        moved = dict(zip(target, source, strict=True))
        rest = iter([i for i in range(len(x)) if i not in source])
        return tuple(x[moved[i] if i in moved else next(rest)] for i in range(len(x)))


class Unstack(Operation, registered="ops.Unstack"):
    """Take the entries along an axis apart: as many outputs, without that axis."""

    home = "core"

    num: Dim | None = field(
        Maybe(Int(1)), default=None, doc="How many entries there are, and so how many outputs."
    )
    axis: Dim = field(AXIS, default=0, doc="Which axis; 0 is the batch.")

    @classmethod
    def completed(cls, options: dict[str, Any], shape: Sequence[Any] | None) -> dict[str, Any]:
        """See `Operation.completed`: Keras counts the entries."""
        axis = options.get("axis", 0)
        if options.get("num") is not None or not shape or type(axis) is not int:
            return options
        there = -len(shape) <= axis < len(shape)
        return {**options, "num": shape[axis]} if there else options

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return self.num if type(self.num) is int else 1

    def check(self) -> None:
        """See `Layer.check`."""
        if type(self.num) is not int:
            found = "none" if self.num is None else self.num
            raise OptionError(
                f"how many outputs there are must be a number, found {found}",
                field="num",
                help="give num the size of the axis" if self.num is None else f"--set {found}=…",
            )

    def output(self, x: Shape) -> list[Shape]:
        """See `Layer.output`."""
        (axis,) = self.axes_of(self.axis, len(x))
        self.require(
            equal(x[axis], self.output_count),
            f"axis {axis} of {_text(x)} has {size(x[axis])} entries, not {self.output_count}",
            field="num",
        )
        return [(*x[:axis], *x[axis + 1 :])] * self.output_count

    def explain(self, x: Shape, y: list[Shape]) -> str:
        """See `Layer.explain`."""
        (axis,) = self.axes_of(self.axis, len(x))
        return (
            f"the {self.output_count} entries along axis {axis} apart: "
            f"{_text(x)} → {_text(y[0])}, {self.output_count} times; no params"
        )


class Flip(Moving, registered="ops.Flip"):
    """Turn the order along axes round."""

    does = "the order turned round"

    axis: Dim | tuple[Dim, ...] | None = field(
        ANY_AXES, default=None, doc="Along which axes; along all by default."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if self.axis is not None:
            self.axes_of(self.axis, len(x))
        return x


class Roll(Moving, registered="ops.Roll"):
    """Push values along an axis; those that fall out come in again at the start."""

    does = "pushed round"

    shift: Dim | tuple[Dim, ...] = field(AXES, doc="How far.")
    axis: Dim | tuple[Dim, ...] | None = field(
        ANY_AXES, default=None, doc="Along which axes; by default, all as one row."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        if not isinstance(self.shift, tuple):
            return
        if not isinstance(self.axis, tuple) or len(self.axis) != len(self.shift):
            raise OptionError("several shifts need as many axes", field="shift")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if self.axis is not None:
            self.axes_of(self.axis, len(x))
        return x


class Repeat(Moving, registered="ops.Repeat"):
    """Repeat each entry."""

    does = "each entry repeated"

    repeats: Dim = field(t.POSITIVE, doc="How many times.")
    axis: Dim | None = field(
        Maybe(AXIS), default=None, doc="Along which axis; by default, all as one row."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if self.axis is None:
            return (prod(x) * self.repeats,)
        (axis,) = self.axes_of(self.axis, len(x))
        return (*x[:axis], x[axis] * self.repeats, *x[axis + 1 :])


class Tile(Moving, registered="ops.Tile"):
    """Put copies of the whole side by side."""

    does = "copies side by side"

    repeats: Dim | tuple[Dim, ...] = field(
        Either(t.POSITIVE, ListOf(t.POSITIVE)), doc="How many along each of the last axes."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        many = self.repeats if isinstance(self.repeats, tuple) else (self.repeats,)
        rank = max(len(x), len(many))
        sizes = (*[1] * (rank - len(x)), *x)
        many = (*[1] * (rank - len(many)), *many)
        return tuple(n * m for n, m in zip(sizes, many, strict=True))


class BroadcastTo(Moving, registered="ops.BroadcastTo"):
    """Repeat axes of size 1 until a shape is filled."""

    does = "sizes of 1 repeated"

    shape: tuple[Dim, ...] = field(ListOf(Int(0)), doc="The new sizes, the batch included.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        missing = len(self.shape) - len(x)
        if missing < 0:
            raise ShapeError(f"{_text(x)} has more axes than {_text(self.shape)}", field="shape")
        for n, m in zip(x, self.shape[missing:], strict=True):
            self.require(
                equal((n - 1) * (n - m), 0),
                f"{_text(x)} cannot fill {_text(self.shape)}: {size(n)} is neither {size(m)} nor 1",
                field="shape",
            )
        return self.shape


class _Widths(Type):
    """What to add before and after each axis, in Keras's forms; pairs, or one for all axes."""

    integers = True
    one = Int(0)

    def read(self, value: Any, layer: Any) -> tuple[tuple[Dim, Dim], ...]:
        """Return the pairs: one that stands for all axes, or one for each."""
        if not isinstance(value, list | tuple):
            both = self.one.read(value, layer)
            return ((both, both),)
        if len(value) == 2 and not any(isinstance(item, list | tuple) for item in value):
            return (self._pair(value, layer, ()),)
        if not value:
            raise self.refuse(value, layer)
        return tuple(self._pair(item, layer, (i,)) for i, item in enumerate(value))

    def _pair(self, value: Any, layer: Any, path: tuple[int, ...]) -> tuple[Dim, Dim]:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise self.refuse(value, layer, path)
        try:
            return (
                read_item(self.one, value[0], 0, layer),
                read_item(self.one, value[1], 1, layer),
            )
        except OptionError as error:
            error.path = (*path, *error.path)
            raise

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return "an integer ≥ 0, [before, after], or a list of these pairs, one for each axis"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        one = self.one.schema(rank)
        pair = {"type": "array", "items": one, "minItems": 2, "maxItems": 2}
        return {"anyOf": [*one["anyOf"], pair, {"type": "array", "items": pair, "minItems": 1}]}


class Pad(Moving, registered="ops.Pad"):
    """Add values around, on the batch axis too."""

    of_call = ("constant_values",)
    does = "values added around"

    pad_width: tuple[tuple[Dim, Dim], ...] = field(
        _Widths(), doc="How many before and after each axis, the batch first."
    )
    mode: str = field(
        Choice("constant", "reflect", "symmetric"),
        default="constant",
        doc="What is added: a number, or the values there, mirrored.",
    )
    constant_values: float | None = field(
        Maybe(t.NUMBER), default=None, doc="The number that is added: 0."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        if self.constant_values is not None and self.mode != "constant":
            raise OptionError(
                f"mode {self.mode!r} adds no constant", field="constant_values", code="DS110"
            )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        widths = self.pad_width if len(self.pad_width) > 1 else self.pad_width * len(x)
        if len(widths) != len(x):
            raise ShapeError(
                f"{len(widths)} pairs for the {len(x)} axes of {_text(x)}",
                field="pad_width",
                help="write one pair for each axis, [0, 0] for the batch",
            )
        return tuple(a + n + b for n, (a, b) in zip(x, widths, strict=True))
