"""Operations at given places: the bare functions of `keras.ops` that slice, write or gather."""

from __future__ import annotations

from typing import Any, ClassVar

from dense_shapes.dims import Dim, at_least, equal
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Bool, Choice, Maybe
from dense_shapes.layers.operation import Operands, constant
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, size
from dense_shapes.layers.text import shape as _text


class Starting(Operands, abstract=True):
    """An operation on a block that begins at given places of each axis."""

    home = "core"

    start_indices: Any = constant("the place on each axis where it begins, the batch first")

    def starts(self, x: Shape, places: Shape) -> list[int | None]:
        """Return where the block begins on each axis, None where a tensor tells it.

        Raises:
            ShapeError: There are not as many places as axes.
        """
        self.require(
            len(places) == 1 and equal(places[0], len(x)),
            f"{_text(x)} needs a place on each of its {len(x)} axes, found {_text(places)}",
            field="start_indices",
        )
        return list(self.start_indices or [None] * len(x))

    def need_room(self, x: Shape, axis: int, start: int | None, length: Dim) -> None:
        """Demand that a block lies within an axis.

        Raises:
            ShapeError: It does not.
        """
        begin = start or 0
        self.require(
            begin >= 0 and at_least(x[axis] - length, begin),
            f"axis {axis} of {_text(x)} ends before a block of {size(length)} from {begin} on",
            field="start_indices",
        )


class Slice(Starting, registered="ops.Slice"):
    """Take a block out that begins at given places."""

    inputs = (1, 2)
    operands = ("inputs", "start_indices")
    dtypes = staticmethod(lambda *dtypes: dtypes[0])

    shape: tuple[Dim, ...] = field(
        ListOf(Int(-1)), doc="The block's sizes, the batch included; -1 for all that follow."
    )

    @property
    def data_sizes(self) -> dict[str, str]:
        """See `Layer.data_sizes`: a tensor tells where a block begins, and so what follows."""
        unknown = [i for i, n in enumerate(self.shape) if n == -1]
        return {} if self.start_indices else {f"rest{i}": "start_indices" for i in unknown}

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        values, places = self.met(x)
        if len(self.shape) != len(values):
            raise ShapeError(
                f"{len(self.shape)} sizes for the {len(values)} axes of {_text(values)}",
                field="shape",
            )
        y: list[Dim] = []
        for i, start in enumerate(self.starts(values, places)):
            n = self.shape[i]
            if n == -1 and start is None:
                y.append(self.left_open(f"rest{i}"))
                continue
            y.append(values[i] - (start or 0) if n == -1 else n)
            self.need_room(values, i, start, 0 if n == -1 else n)
        return tuple(y)

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        values, _ = self.met(x)
        begin = "places that are given" if self.start_indices is None else self.start_indices
        return f"the block at {begin} of {_text(values)}: {_text(y)}; no params"


class SliceUpdate(Starting, registered="ops.SliceUpdate"):
    """Write the last input over a block of the first that begins at given places."""

    inputs = (2, 3)
    operands = ("inputs", "start_indices", "updates")
    dtypes = staticmethod(lambda *dtypes: dtypes[0])

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        values, places, block = self.met(x)
        if len(block) != len(values):
            raise ShapeError(f"{_text(block)} has not as many axes as {_text(values)}")
        for i, start in enumerate(self.starts(values, places)):
            self.need_room(values, i, start, block[i])
        return values

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        *_, block = self.met(x)
        return f"{_text(block)} written over a block of {_text(y)}; no params"


class Scattering(Operands, abstract=True):
    """An operation that writes values at places, of which each is a row of indices."""

    home = "core"

    indices: Any = constant("the places, a row of indices for each")

    def need_values(self, places: Shape, values: Shape, whole: Shape) -> None:
        """Demand a value, or a block of them, for every place.

        Raises:
            ShapeError: Rows have another number of indices, or values another shape.
        """
        # As many axes of the whole as values have beside their places are not indexed.
        deep = len(whole) - len(values) + len(places) - 1
        self.require(
            bool(places) and 0 < deep <= len(whole) and equal(places[-1], deep),
            f"places {_text(places)} in {_text(whole)} do not go with values {_text(values)}",
            field="indices",
            help="the last axis of the places holds an index for each of the first axes",
        )
        needed = (*places[:-1], *whole[deep:])
        message = f"places {_text(places)} need values of {_text(needed)}, found {_text(values)}"
        for n, m in zip(values, needed, strict=True):
            self.require(equal(n, m), message)


class Scatter(Scattering, registered="ops.Scatter"):
    """Write values at given places of an array of zeros."""

    inputs = (1, 2)
    operands = ("indices", "values")
    dtypes = staticmethod(lambda *dtypes: dtypes[-1])

    shape: tuple[Dim, ...] = field(ListOf(Int(0)), doc="The array's sizes, the batch included.")
    values: Any = constant("the values")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        places, values = self.met(x)
        self.need_values(places, values, self.shape)
        return self.shape

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        places, values = self.met(x)
        return f"{_text(values)} at the places {_text(places)} of zeros {_text(y)}; no params"


class ScatterUpdate(Scattering, registered="ops.ScatterUpdate"):
    """Write values over given places of the first input."""

    inputs = (1, 3)
    operands = ("inputs", "indices", "updates")
    dtypes = staticmethod(lambda *dtypes: dtypes[0])

    reduction: str | None = field(
        Maybe(Choice("add", "max", "min", "mul")),
        default=None,
        doc="How values meet what is there; by default they replace it.",
    )
    updates: Any = constant("the values")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        whole, places, values = self.met(x)
        if len(places) != 2:
            raise ShapeError(
                f"places are rows of indices in one list, found {_text(places)}", field="indices"
            )
        self.need_values(places, values, whole)
        return whole

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        _, places, values = self.met(x)
        return f"{_text(values)} written at the places {_text(places)} of {_text(y)}; no params"


class Segments(Operands, abstract=True):
    """An operation that makes one entry of all that belong to a segment."""

    home = "math"
    inputs = (2, 2)
    operands = ("data", "segment_ids")
    dtypes = staticmethod(lambda *dtypes: dtypes[0])
    does: ClassVar[str]

    num_segments: Dim | None = field(
        Maybe(Int(1)), default=None, doc="How many segments there are; by default the data tells."
    )
    sorted: bool = field(Bool(), default=False, doc="Whether the numbers of segments rise.")

    @property
    def data_sizes(self) -> dict[str, str]:
        """See `Layer.data_sizes`."""
        return {"segments": "num_segments"} if self.num_segments is None else {}

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        data, numbers = x
        if not data or len(numbers) != 1:
            raise ShapeError(
                f"each entry of {_text(data)} needs the number of its segment, found "
                f"{_text(numbers)}"
            )
        self.require(
            equal(data[0], numbers[0]),
            f"{size(numbers[0])} numbers of segments for {size(data[0])} entries",
        )
        many = self.left_open("segments") if self.num_segments is None else self.num_segments
        return (many, *data[1:])

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"{self.does} of all entries of a segment, {size(y[0])} segments: "
            f"{_text(x[0])} → {_text(y)}; no params"
        )


class SegmentSum(Segments, registered="ops.SegmentSum"):
    """Sum the entries of each segment."""

    does = "the sum"


class SegmentMax(Segments, registered="ops.SegmentMax"):
    """Take the greatest entry of each segment."""

    does = "the greatest"


class SegmentMin(Segments, registered="ops.SegmentMin"):
    """Take the smallest entry of each segment."""

    does = "the smallest"


class SegmentProd(Segments, registered="ops.SegmentProd"):
    """Multiply the entries of each segment."""

    does = "the product"
