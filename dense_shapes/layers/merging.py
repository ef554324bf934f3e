"""Merging layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from dense_shapes.dims import Dim, at_least, dim_max, dim_min, equal, is_open, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.activations import axes_of
from dense_shapes.layers.base import Layer
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Either
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, count, plural, size, times
from dense_shapes.layers.text import shape as shape_text


class Merge(Layer, abstract=True):
    """A layer that makes one output of several inputs, whose batches are the same.

    Keras takes a single input too, in a list.
    """

    inputs: ClassVar[tuple[int, int | None]] = (1, None)

    def need_equal(self, shapes: list[Shape], axis: int) -> Dim:
        """Demand that all inputs have one size on an axis, and return that of the first.

        Raises:
            ShapeError: Two of them never have.
        """
        first = shapes[0]
        for other in shapes[1:]:
            where = f"on axis {axis}" if axis else "in the batch"
            self.require(
                equal(first[axis], other[axis]),
                f"{shape_text(first)} and {shape_text(other)} differ {where}: "
                f"{size(first[axis])} and {size(other[axis])}",
                help=self.equal_help,
            )
        return first[axis]

    equal_help = "all inputs need the same batch: see what changed it before"


class Elementwise(Merge, abstract=True):
    """A layer that works on the values that stand in the same place in all inputs."""

    result = ""
    note = ""

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`: the rules of `keras.src.layers.merging.base_merge.Merge`."""
        batch = self.need_equal(x, 0)
        batch = next((shape[0] for shape in x if type(shape[0]) is int), batch)
        rows = _aligned(x)
        y = rows[0]
        for row, given in zip(rows[1:], x[1:], strict=True):
            if row != y:
                y = tuple(self._broadcast(y, row, axis, given) for axis in range(len(y)))
        return (batch, *y[1:])

    def _broadcast(self, y: Shape, row: Shape, axis: int, given: Shape) -> Dim:
        """Return the size of an axis where two sizes meet, demanding that they go together.

        They do if they are equal or one of them is 1; named sizes may turn out to be 1 too.
        """
        a, b = y[axis], row[axis]
        same = equal(a, b)
        if same is True or axis == 0 or b == 1:
            return a
        if a == 1:
            return b
        stretchable = [n for n in (a, b) if equal(n, 1) is not False]
        low, out = _ordered(a, b)
        if not stretchable or int in (type(a), type(b)):
            verdict = equal(prod([a - b, *(n - 1 for n in stretchable)]), 0)
        else:
            # One of three things is 1: a size, the other, or one more than what lies between.
            between = [] if same is False else [out - low + 1]
            verdict = equal(dim_min(*stretchable, *between), 1)
        if out not in (a, b) and len(stretchable) < 2:
            # What is never 1 is the outcome, shorter than the greater of both.
            out = b if a in stretchable else a
        self.require(
            verdict,
            f"{shape_text(y)} and {shape_text(given)} do not fit together: on axis {axis}, "
            f"{size(a)} and {size(b)} are neither equal nor 1",
            help="bring them to the same shape before, or use Concatenate to put them side by side",
        )
        # What is left open stays so, as in Keras, even where the other size is known.
        return dim_max(a, b) if (is_open(a) or is_open(b)) and not is_open(out) else out

    def steps(self, x: list[Shape], y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        rows = _aligned(x)
        for axis in range(1, len(y)):
            sizes = [row[axis] for row in rows]
            if any(n != sizes[0] for n in sizes):
                met = ", ".join(map(size, sizes))
                yield f"axis {axis}: {met} → {size(y[axis])}; what is 1 is repeated"

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        if len(x) == 1:
            return f"element-wise {self.result} of one tensor alone, {shape_text(x[0])}; no params"
        if all(shape == x[0] for shape in x):
            of = f"{len(x)} tensors of {shape_text(x[0])}{self.note}"
            return f"element-wise {self.result} of {of}; no params"
        return (
            f"element-wise {self.result} of {_listed(x)}{self.note}; what has size 1, or lacks an "
            f"axis, is repeated: {shape_text(y)}; no params"
        )


class Add(Elementwise):
    """Add the inputs, value by value."""

    result = "sum"


class Subtract(Elementwise):
    """Subtract the second input from the first, value by value."""

    inputs = (2, 2)
    result = "difference"
    note = ", the first minus the second"


class Multiply(Elementwise):
    """Multiply the inputs, value by value."""

    result = "product"


class Average(Elementwise):
    """Take the mean of the inputs, value by value."""

    result = "mean"


class Maximum(Elementwise):
    """Keep the largest value among the inputs at every place."""

    result = "maximum"


class Minimum(Elementwise):
    """Keep the smallest value among the inputs at every place."""

    result = "minimum"


class Concatenate(Merge):
    """Put the inputs side by side along one axis."""

    axis: int = field(t.INTEGER, default=-1, doc="The axis along which they are joined.")

    equal_help = (
        "all inputs need the same sizes on every axis but the one they are joined along, see axis"
    )

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        for other in x[1:]:
            if len(other) != len(x[0]):
                raise ShapeError(
                    f"{shape_text(x[0])} and {shape_text(other)} cannot be joined: one has "
                    f"{len(x[0])} axes, the other {len(other)}",
                    help="give them the same number of axes before, with a Reshape",
                )
        (joined,) = axes_of(self, self.axis, x[0])
        return tuple(
            _sum([shape[axis] for shape in x]) if axis == joined else self.need_equal(x, axis)
            for axis in range(len(x[0]))
        )

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        if len(x) == 1:
            return f"one tensor alone, {shape_text(x[0])}, passed on unchanged; no params"
        (axis,) = axes_of(self, self.axis, x[0])
        terms, total = " + ".join(str(shape[axis]) for shape in x), str(y[axis])
        made = terms if terms == total else f"{terms} = {total}"
        if axis == 0:
            return f"examples of {len(x)} batches one after another: {made}; no params"
        if axis < len(y) - 1:
            return f"end to end: {made} on axis {axis}; no params"
        what = "channels" if len(y) > 3 else "features"
        return f"{what} side by side: {made} on the last axis; no params"


class Dot(Merge):
    """Multiply two inputs along one axis of each and sum: a dot product for each example."""

    inputs = (2, 2)

    axes: int | tuple[int, int] = field(
        Either(Int(), ListOf(Int(), lambda _: 2)),
        doc="The axis that is summed over, or one of the first and one of the second input.",
    )
    normalize: bool = field(
        t.BOOL, default=False, doc="Scale both to length 1 first: cosine similarities."
    )

    equal_help = "the two axes that are summed over, and the batches, need the same sizes"

    def _axes(self, x: list[Shape]) -> list[int]:
        """Return the axis of each input that is summed over.

        Raises:
            ShapeError: An axis that the input does not have, or its batch.
        """
        pair = self.axes if isinstance(self.axes, tuple) else (self.axes, self.axes)
        out = []
        for i, (a, shape) in enumerate(zip(pair, x, strict=True)):
            path = (i,) if pair is self.axes else ()
            if type(a) is not int:
                raise ShapeError(
                    f"an axis must be a number, found {a}",
                    field="axes",
                    path=path,
                    help=f"pass --set {a}=…",
                    code="DS202",
                )
            # Keras counts a negative axis that is given for both inputs round and round.
            at = a if a >= 0 or pair is self.axes else a % len(shape)
            known = -len(shape) <= at < len(shape)
            if not known or at % len(shape) == 0:
                why = "is its batch, which is not summed over" if known else "is not there"
                raise ShapeError(
                    f"Dot cannot use axis {a} of its input {shape_text(shape)}: it {why}",
                    field="axes",
                    path=path,
                    help=f"the axes of one example are 1 to {len(shape) - 1}"
                    if len(shape) > 1
                    else "give each example an axis, with a Reshape",
                )
            out.append(at % len(shape))
        return out

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`: what is left of the first input, then of the second."""
        first, second = x
        a, b = self._axes(x)
        batch = self.need_equal(x, 0)
        n, m = first[a], second[b]
        if is_open(n) != is_open(m):
            self.fixed(n if is_open(n) else m, "the size of each axis it sums over")
        self.require(
            equal(n, m),
            f"axis {a} of {shape_text(first)} and axis {b} of {shape_text(second)} differ: "
            f"{size(n)} and {size(m)}",
            field="axes",
            help=self.equal_help,
        )
        left = (*_without(first, a), *_without(second, b))
        return (batch, *(left or (1,)))

    def macs(self, x: list[Shape], y: Shape) -> Dim:
        """See `Layer.macs`."""
        return prod(y[1:]) * x[0][self._axes(x)[0]]

    def steps(self, x: list[Shape], y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        a, _ = self._axes(x)
        yield (
            f"{plural(prod(y[1:]), 'product')} of {plural(x[0][a], 'value')}: "
            f"{times(*y[1:], x[0][a])} = {count(self.macs(x, y))} multiply-accumulates"
        )

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        a, b = self._axes(x)
        what = "cosine similarities" if self.normalize else "dot products"
        return (
            f"{what} over {size(x[0][a])} values: axis {a} of {shape_text(x[0])} with axis {b} of "
            f"{shape_text(x[1])}, {count(prod(y[1:]))} for each example; no params"
        )


def _aligned(x: list[Shape]) -> list[Shape]:
    """Return the shapes with as many axes each: sizes of 1 come in after the batch."""
    most = max(map(len, x))
    return [(shape[0], *[1] * (most - len(shape)), *shape[1:]) for shape in x]


def _ordered(a: Dim, b: Dim) -> tuple[Dim, Dim]:
    """Return the smaller and the greater of two sizes."""
    if at_least(b - a, 0) is True:
        return a, b
    if at_least(a - b, 0) is True:
        return b, a
    return dim_min(a, b), dim_max(a, b)


def _without(shape: Shape, axis: int) -> Shape:
    """Return the sizes of one example without those of an axis."""
    return (*shape[1:axis], *shape[axis + 1 :])


def _sum(dims: list[Dim]) -> Dim:
    total: Dim = 0
    for n in dims:
        total = total + n
    return total


def _listed(x: list[Shape]) -> str:
    *others, last = map(shape_text, x)
    return f"{', '.join(others)} and {last}"
