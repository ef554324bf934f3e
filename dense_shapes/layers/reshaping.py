"""Reshaping layers: the values stay, or are copied; only their places change."""

from __future__ import annotations

from collections.abc import Iterator

from dense_shapes.dims import Dim, at_least, divides, equal, exact_div, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.base import AXIS_NAMES, Layer
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field, show
from dense_shapes.layers.kinds import Choice
from dense_shapes.layers.sizes import Int, ListOf, Pads, Sizes
from dense_shapes.layers.spatial import Spatial
from dense_shapes.layers.text import Shape, by, count, moved, size, times
from dense_shapes.layers.text import shape as shape_text

MAX_SIZES = 63
"""The most axes after the batch that an array can have."""


class Flatten(Layer):
    """Lay all values of an example out in one row."""

    keeps_dtype = True

    data_format: str | None = field(
        t.DATA_FORMAT, default=None, doc="In which order the values are laid out."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return (x[0], prod(x[1:]))

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        if len(x) == 1:
            return f"one number per example becomes a row of one: {shape_text(y)}; no params"
        if len(x) == 2:
            return f"already one row of {size(y[1])} features; nothing changes, no params"
        return (
            f"{by(x[1:])} values laid out as one row of {times(*x[1:])} = {count(y[1])} features: "
            "the positions are gone, a Dense after it sees all values at once; no params"
        )


class Reshape(Layer):
    """Cut the same values into another shape."""

    keeps_dtype = True

    target_shape: tuple[Dim, ...] = field(
        ListOf(Int()), doc="The new sizes, without the batch; one may be -1, which is worked out."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        if len(self.target_shape) > MAX_SIZES:
            raise OptionError(
                f"expected at most {MAX_SIZES} sizes, found {len(self.target_shape):,}",
                field="target_shape",
                code="DS203",
            )
        unknown = [i for i, n in enumerate(self.target_shape) if n == -1]
        if len(unknown) > 1:
            raise OptionError(
                f"only one size can be -1, found {len(unknown)}",
                field="target_shape",
                path=(unknown[1],),
            )
        for i, n in enumerate(self.target_shape):
            if n == -1:
                continue
            verdict = at_least(n, 0)
            if verdict is False:
                raise OptionError(
                    f"expected a size ≥ 0, or -1 to work it out, found {size(n)}",
                    field="target_shape",
                    path=(i,),
                )
            if verdict is not True:
                self.demands.append(verdict)

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        total = prod(x[1:])
        target = self.target_shape
        known = prod(n for n in target if n != -1)
        held = f"its input {shape_text(x)} holds {_product(x[1:])} values"
        if -1 not in target:
            self.require(
                equal(total, known),
                f"Reshape to {_target(target)} needs {_product(target)} values, but {held}",
                field="target_shape",
                help="make the products equal, or let one size be -1",
            )
            return (x[0], *target)
        if type(known) is not int:
            self.require(
                at_least(known, 1),
                f"Reshape to {_target(target)} cannot work out -1 where a size beside it is 0",
                field="target_shape",
                help="the sizes beside -1 must be at least 1",
            )
        self.require(
            known != 0 and divides(known, total),
            f"Reshape to {_target(target)} needs a multiple of "
            f"{_product(tuple(n for n in target if n != -1))} values, but {held}",
            field="target_shape",
            help="the sizes beside -1 must divide the number of values",
        )
        missing = exact_div(total, known)
        return (x[0], *(missing if n == -1 else n for n in target))

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        worked = ""
        if -1 in self.target_shape:
            worked = f", -1 worked out as {size(y[1 + self.target_shape.index(-1)])}"
        total = count(prod(x[1:]))
        product = f"{times(*x[1:])} = {total}" if len(x) > 2 else total
        return (
            f"the same {product} values, in order, cut into "
            f"{shape_text(y[1:]) if len(y) > 1 else '()'}{worked}; no params"
        )


def _target(sizes: Shape) -> str:
    return shape_text(sizes) if sizes else "()"


def _product(sizes: Shape) -> str:
    total = count(prod(sizes))
    return f"{times(*sizes)} = {total}" if len(sizes) > 1 else total


class Permute(Layer):
    """Swap axes."""

    keeps_dtype = True

    dims: tuple[int, ...] = field(
        ListOf(Int(1)), doc="The new order of the axes; 1 is the first after the batch."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        if not all(type(n) is int for n in self.dims) or sorted(self.dims) != list(
            range(1, len(self.dims) + 1)
        ):
            raise OptionError(
                f"expected each of the axes 1 to {len(self.dims)} once, found {show([*self.dims])}",
                field="dims",
                help="axis 1 is the first after the batch, which stays in front",
            )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        named, found = len(self.dims), len(x) - 1
        if named != found:
            raise ShapeError(
                f"Permute's dims name {named} axes, but its input {shape_text(x)} has {found} "
                "after the batch",
                field="dims",
                help=f"name each of the axes 1 to {found} once" if found else None,
                rank=named + 1 if found < named else None,
            )
        return (x[0], *(x[n] for n in self.dims))

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        order = ", ".join(map(str, self.dims))
        return f"the axes in the order {order}: {by(x[1:])} → {by(y[1:])}; no params"


class RepeatVector(Layer):
    """Repeat a vector as the steps of a sequence."""

    n: Dim = field(t.POSITIVE, doc="How many times.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        self.need_rank(x, 2, "(batch, features)")
        return (x[0], self.n, x[1])

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"the {size(x[1])} features repeated as {size(self.n)} equal steps; no params"


class ZeroPadding(Spatial, abstract=True, first=("padding",)):
    """Add zeros around the positions."""

    padding: tuple[tuple[Dim, Dim], ...] = field(
        Pads(), default=1, doc="How many zeros before and after, on each axis."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        positions, channels = self.split(x)
        padded = (a + n + b for n, (a, b) in zip(positions, self.padding, strict=True))
        return self.join(x, tuple(padded), channels)

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        before, _ = self.split(x)
        after, _ = self.split(y)
        names = AXIS_NAMES[self.rank]
        for name, n, (a, b), m in zip(names, before, self.padding, after, strict=True):
            yield f"{name}: {size(a)} + {size(n)} + {size(b)} = {size(m)}"

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        before, _ = self.split(x)
        after, _ = self.split(y)
        names = AXIS_NAMES[self.rank]
        pads = ", ".join(
            f"{size(a)} before and {size(b)} after the {name}"
            for name, (a, b) in zip(names, self.padding, strict=True)
        )
        return f"zeros added, {pads}: {moved(before, after)}; no params"


class ZeroPadding1D(ZeroPadding, rank=1):
    """Add zeros before and after a sequence."""


class ZeroPadding2D(ZeroPadding, rank=2):
    """Add zeros around an image."""


class ZeroPadding3D(ZeroPadding, rank=3):
    """Add zeros around a volume."""


class Cropping(Spatial, abstract=True, first=("cropping",)):
    """Cut positions off at the edges."""

    cropping: tuple[tuple[Dim, Dim], ...] = field(
        Pads(), default=1, doc="How many positions to cut off before and after, on each axis."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        positions, channels = self.split(x)
        left = []
        for name, n, (a, b) in zip(AXIS_NAMES[self.rank], positions, self.cropping, strict=True):
            self.require(
                at_least(n - a - b, 1),
                f"{type(self).__name__} cuts {size(a)} + {size(b)} off the {name}, which leaves "
                f"nothing of the {size(n)} of its input {shape_text(x)}",
                field="cropping",
                help="cut off less than there is, together before and after",
            )
            left.append(n - a - b)
        return self.join(x, tuple(left), channels)

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        before, _ = self.split(x)
        after, _ = self.split(y)
        names = AXIS_NAMES[self.rank]
        for name, n, (a, b), m in zip(names, before, self.cropping, after, strict=True):
            yield f"{name}: {size(n)} - {size(a)} - {size(b)} = {size(m)}"

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        before, _ = self.split(x)
        after, _ = self.split(y)
        cuts = ", ".join(
            f"{size(a)} before and {size(b)} after the {name}"
            for name, (a, b) in zip(AXIS_NAMES[self.rank], self.cropping, strict=True)
        )
        return f"positions cut off, {cuts}: {moved(before, after)}; no params"


class Cropping1D(Cropping, rank=1, without=("data_format",)):
    """Cut off the start and the end of a sequence."""


class Cropping2D(Cropping, rank=2):
    """Cut off the edges of an image."""

    # Keras crops sequences and volumes by one if not told otherwise, and images by nothing.
    cropping: tuple[tuple[Dim, Dim], ...] = field(
        Pads(), default=0, doc="How many positions to cut off before and after, on each axis."
    )


class Cropping3D(Cropping, rank=3):
    """Cut off the edges of a volume."""


class UpSampling(Spatial, abstract=True, first=("size",)):
    """Make more positions of each."""

    size: tuple[Dim, ...] = field(Sizes(1), default=2, doc="The factor on each axis.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        positions, channels = self.split(x)
        grown = (k * n for k, n in zip(self.size, positions, strict=True))
        return self.join(x, tuple(grown), channels)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        before, _ = self.split(x)
        after, _ = self.split(y)
        return (
            f"each position becomes {by(self.size)}, {self.filled()}: "
            f"{moved(before, after)}; no params"
        )

    def filled(self) -> str:
        """Say where the values of the new positions come from."""
        return "its values repeated"


class UpSampling1D(UpSampling, rank=1, without=("data_format",)):
    """Repeat each step of a sequence."""

    size: tuple[Dim, ...] = field(Sizes(1, lists=False), default=2, doc="How many times.")


class UpSampling2D(UpSampling, rank=2, first=("size", "data_format", "interpolation")):
    """Enlarge an image by whole factors."""

    interpolation: str = field(
        Choice("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", any_case=True),
        default="nearest",
        doc="How the new values are made.",
    )

    def filled(self) -> str:
        """See `UpSampling.filled`."""
        if self.interpolation == "nearest":
            return super().filled()
        return f"values by {self.interpolation} interpolation"


class UpSampling3D(UpSampling, rank=3):
    """Enlarge a volume by whole factors."""
