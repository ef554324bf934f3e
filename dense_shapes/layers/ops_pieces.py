"""Operations on pieces: the bare functions of `keras.ops` that take values out and join them."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from dense_shapes.dims import Dim, at_least, ceil_div, dim_max, dim_min, divides, equal, exact_div
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import Type, field
from dense_shapes.layers.kinds import Either, Maybe, Record
from dense_shapes.layers.operation import AXIS, Operands, Operation, constant
from dense_shapes.layers.promotion import promote
from dense_shapes.layers.sizes import Int, ListOf, read_item
from dense_shapes.layers.text import Shape, size
from dense_shapes.layers.text import shape as _text

MAX_SHOWN = 60
"""How long a key may be to be shown as it is written here."""


class _Key(Type):
    """An index; or a list of indices, slices, null for new axes, "..." for all axes between."""

    number = Int()
    slice = Record(start=Maybe(Int()), stop=Maybe(Int()), step=Maybe(Int()))

    def read(self, value: Any, layer: Any) -> tuple[Any, ...]:
        """Return the parts of the key; a slice as the mapping of its three numbers."""
        if not isinstance(value, list | tuple):
            if type(value) is not int:
                error = self.refuse(value, layer)
                error.help = _rewritten(value)
                raise error
            return (value,)
        parts = tuple(read_item(_Part(self), part, i, layer) for i, part in enumerate(value))
        if parts.count("...") > 1:
            raise OptionError("only one '...' can stand in a key")
        return parts

    def _part(self, value: Any, layer: Any) -> Any:
        if value is None or value == "...":
            return value
        if isinstance(value, dict):
            read = self.slice.read(value, layer)
            part = {name: read.get(name) for name in ("start", "stop", "step")}
            for n in part.values():
                if n is not None and type(n) is not int:
                    raise OptionError(f"a slice is made of numbers, found {n}")
            if part["step"] == 0:
                raise OptionError("a slice's step cannot be 0")
            return part
        if isinstance(value, str) and ":" in value:
            raise OptionError(
                f"expected an index or a slice {{start: …, stop: …, step: …}}, found {value!r}",
                help=_rewritten(value),
            )
        number = self.number.read(value, layer)
        if type(number) is not int:
            raise OptionError(f"an index must be a number, found {number}")
        return number

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return (
            "an index, or a list of indices, slices {start: …, stop: …, step: …}, null for a new "
            "axis, and one '...' for all axes between"
        )

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        index = {"type": "integer"}
        part = [index, {"type": "null"}, {"const": "..."}, self.slice.schema(rank)]
        return {"anyOf": [index, {"type": "array", "items": {"anyOf": part}}]}


def _rewritten(value: Any) -> str | None:
    """Show how what stands for `x[2:, 0]` in Python is written here."""
    if isinstance(value, dict):
        return "write a list with a part for each axis, the batch first: [{}, {start: 1}]"
    found = re.fullmatch(r"(?:\w+\[)?([\d:,.\s-]+)\]?", value) if isinstance(value, str) else None
    if found is None or len(value) > MAX_SHOWN:
        return None
    parts = []
    for part in found[1].split(","):
        ends = zip(("start", "stop", "step"), map(str.strip, part.split(":")), strict=False)
        given = ", ".join(f"{name}: {n}" for name, n in ends if n)
        parts.append(f"{{{given}}}" if ":" in part else part.strip())
    return f"write {', '.join(parts)} in a list with a part for each axis, the batch first"


class _Part(_Key):
    """One part of a key in a list."""

    def __init__(self, key: _Key) -> None:
        self.key = key

    def read(self, value: Any, layer: Any) -> Any:
        """Return the part."""
        return self.key._part(value, layer)


class GetItem(Operation, registered="ops.GetItem"):
    """Take entries out by index or slice, as `x[key]` does."""

    of_call = ("key",)

    key: tuple[Any, ...] = field(_Key(), doc="An index or slice for each axis, the batch first.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        key = self.key if "..." in self.key else (*self.key, "...")
        needed = sum(part is not None and part != "..." for part in key)
        if needed > len(x):
            raise ShapeError(
                f"the key has {needed} parts for the {len(x)} axes of {_text(x) if x else '()'}",
                field="key",
            )
        y: list[Dim] = []
        axis = 0
        for part in key:
            if part is None:
                y.append(1)
            elif part == "...":
                whole = len(x) - needed
                y += x[axis : axis + whole]
                axis += whole
            else:
                if isinstance(part, dict):
                    y.append(sliced(x[axis], part["start"], part["stop"], part["step"]))
                else:
                    reach = part + 1 if part >= 0 else -part
                    self.require(
                        at_least(x[axis], reach),
                        f"axis {axis} of {_text(x)} has no entry {part}",
                        field="key",
                    )
                axis += 1
        return tuple(y)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        parts = ", ".join(_written(part) for part in self.key)
        return f"x[{parts}] of {_text(x)}: {_text(y)}; no params"


def _written(part: Any) -> str:
    if not isinstance(part, dict):
        return "None" if part is None else str(part)
    start, stop, step = ("" if n is None else str(n) for n in part.values())
    return f"{start}:{stop}" + (f":{step}" if step else "")


def sliced(n: Dim, start: int | None, stop: int | None, step: int | None) -> Dim:
    """Return how many of `n` entries a slice takes: `len(range(n)[start:stop:step])`.

    >>> sliced(10, 2, None, 3), sliced(10, None, -20, -1), sliced(10, 5, 2, 1)
    (3, 10, 0)
    """
    step = step or 1
    if step > 0:
        # What lies beyond an end takes nothing, so that only these need to be held within them.
        end = n if stop is None else n + stop if stop < 0 else lesser(stop, n)
        taken = end - (start or 0)
        if start is not None and start < 0:
            taken = lesser(end - n - start, end)
    else:
        first = n - 1 if start is None else n + start if start < 0 else lesser(start, n - 1)
        taken = first + 1 if stop is None else first - stop
        if stop is not None and stop < 0:
            taken = lesser(first - n - stop, first + 1)
    count = ceil_div(taken, abs(step))
    return count if at_least(count, 0) is True else dim_max(count, 0)


def lesser(a: Dim, b: Dim) -> Dim:
    """Return the lesser, without a `min` where it is plain which one that is."""
    if at_least(b - a, 0) is True:
        return a
    return b if at_least(a - b, 0) is True else dim_min(a, b)


class Take(Operands, registered="ops.Take"):
    """Take entries of the first input, as the numbers in the second say."""

    inputs = (1, 2)
    operands = ("x", "indices")
    dtypes = staticmethod(lambda *dtypes: dtypes[0])

    axis: Dim | None = field(
        Maybe(AXIS), default=None, doc="Along which axis; by default, from all as one row."
    )
    indices: Any = constant("the numbers of the entries")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        values, indices = self.met(x)
        if self.axis is None:
            return indices
        (axis,) = self.axes_of(self.axis, len(values))
        return (*values[:axis], *indices, *values[axis + 1 :])

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        values, indices = self.met(x)
        where = "all values" if self.axis is None else f"axis {self.axis}"
        return (
            f"entries of {where} of {_text(values)}, as the numbers in {_text(indices)} say: "
            f"{_text(y)}; no params"
        )


class Stack(Operation, registered="ops.Stack"):
    """Put the inputs one behind the other along a new axis."""

    inputs = (1, None)
    listed = True
    dtypes = staticmethod(promote)

    axis: Dim = field(AXIS, default=0, doc="Where the new axis stands in the output.")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        sizes = joined(self, x, None)
        (axis,) = self.axes_of(self.axis, len(sizes), new=1)
        return (*sizes[:axis], len(x), *sizes[axis:])

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        return f"{len(x)} × {_text(x[0])} along a new axis: {_text(y)}; no params"


class Concatenate(Operation, registered="ops.Concatenate"):
    """Put the inputs end to end along an axis."""

    inputs = (1, None)
    listed = True
    dtypes = staticmethod(promote)

    axis: Dim = field(AXIS, default=0, doc="Along which axis; 0 is the batch.")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        (axis,) = self.axes_of(self.axis, len(x[0]))
        sizes = joined(self, x, axis)
        total: Dim = 0
        for shape in x:
            total = total + shape[axis]
        return (*sizes[:axis], total, *sizes[axis + 1 :])

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        (axis,) = self.axes_of(self.axis, len(y))
        parts = " + ".join(size(shape[axis]) for shape in x)
        return f"end to end along axis {axis}: {parts} = {size(y[axis])}; no params"


class Joining(Operation, abstract=True):
    """An operation that puts inputs end to end along one axis of its own."""

    inputs = (1, None)
    listed = True
    dtypes = staticmethod(promote)
    axis: ClassVar[int]

    def parts(self, x: list[Shape]) -> list[Shape]:
        """Return the inputs as they are joined, with as many axes as that needs."""
        return x

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        parts = self.parts(x)
        for shape in parts:
            if len(shape) <= self.axis:
                raise ShapeError(
                    f"{type(self).__name__} joins along axis {self.axis}, found {_text(shape)}"
                )
        sizes = joined(self, parts, self.axis)
        total: Dim = 0
        for shape in parts:
            total = total + shape[self.axis]
        return (*sizes[: self.axis], total, *sizes[self.axis + 1 :])

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        parts = " + ".join(size(shape[self.axis]) for shape in self.parts(x))
        return f"end to end along axis {self.axis}: {parts} = {size(y[self.axis])}; no params"


class Hstack(Joining, registered="ops.Hstack"):
    """Put the inputs end to end along axis 1."""

    axis = 1


class Vstack(Joining, registered="ops.Vstack"):
    """Put the inputs end to end along axis 0, the batch."""

    axis = 0

    def parts(self, x: list[Shape]) -> list[Shape]:
        """See `Joining.parts`: a row becomes a matrix of one."""
        _same_rank(x)
        return [(1,) * (2 - len(shape)) + tuple(shape) for shape in x]


class Dstack(Joining, registered="ops.Dstack"):
    """Put the inputs end to end along axis 2, which is added where it is not there."""

    axis = 2

    def parts(self, x: list[Shape]) -> list[Shape]:
        """See `Joining.parts`."""
        return [
            (*((1,) * (2 - len(shape)) + tuple(shape)), *(1,) * (len(shape) < 3)) for shape in x
        ]


def _same_rank(x: list[Shape]) -> None:
    for other in x[1:]:
        if len(other) != len(x[0]):
            raise ShapeError(f"{_text(x[0])} and {_text(other)} have not as many axes")


def joined(layer: Operation, x: list[Shape], along: int | None) -> Shape:
    """Return the first shape, demanding that the others are the same on all axes but one.

    Raises:
        ShapeError: They differ.
    """
    first = x[0]
    _same_rank(x)
    for other in x[1:]:
        for i, (n, m) in enumerate(zip(first, other, strict=True)):
            layer.require(
                i == along or equal(n, m),
                f"{_text(first)} and {_text(other)} differ on axis {i}: {size(n)} and {size(m)}",
            )
    return first


class Split(Operation, registered="ops.Split"):
    """Cut an axis into pieces: as many outputs."""

    indices_or_sections: Dim | tuple[Dim, ...] = field(
        Either(Int(1), ListOf(Int(0))), doc="How many equal pieces, or where to cut."
    )
    axis: Dim = field(AXIS, default=0, doc="Along which axis; 0 is the batch.")

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        pieces = self.indices_or_sections
        if isinstance(pieces, tuple):
            return len(pieces) + 1
        return pieces if type(pieces) is int else 1

    def check(self) -> None:
        """See `Layer.check`."""
        cuts = self.indices_or_sections
        if not isinstance(cuts, tuple):
            if type(cuts) is not int:
                raise OptionError(
                    f"how many outputs there are must be a number, found {cuts}",
                    field="indices_or_sections",
                    help=f"pass --set {cuts}=…",
                )
            return
        for i, (a, b) in enumerate(zip((0, *cuts), cuts, strict=False)):
            verdict = at_least(b - a, 0)
            if verdict is False:
                raise OptionError(
                    "the places to cut at must rise", field="indices_or_sections", path=(i,)
                )
            if verdict is not True:
                self.demands.append(verdict)

    def along(self, x: Shape) -> int:
        """Return the axis that is cut."""
        return self.axes_of(self.axis, len(x))[0]

    def output(self, x: Shape) -> list[Shape]:
        """See `Layer.output`."""
        axis = self.along(x)
        n, cuts = x[axis], self.indices_or_sections
        if isinstance(cuts, tuple):
            last = cuts[-1] if cuts else 0
            self.require(
                at_least(n - last, 0),
                f"axis {axis} of {_text(x)} ends before {size(last)}",
                field="indices_or_sections",
            )
            sizes = [b - a for a, b in zip((0, *cuts), (*cuts, n), strict=True)]
        else:
            self.require(
                divides(cuts, n),
                f"axis {axis} of {_text(x)}, of size {size(n)}, does not fall into "
                f"{size(cuts)} equal pieces",
                field="indices_or_sections",
            )
            sizes = [exact_div(n, cuts)] * self.output_count
        return [(*x[:axis], piece, *x[axis + 1 :]) for piece in sizes]

    def explain(self, x: Shape, y: list[Shape]) -> str:
        """See `Layer.explain`."""
        axis = self.along(x)
        parts = " + ".join(size(shape[axis]) for shape in y)
        return f"axis {axis} cut into pieces: {size(x[axis])} = {parts}; no params"
