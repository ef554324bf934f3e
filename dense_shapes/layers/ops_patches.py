"""Operations on patches: the bare functions of `keras.ops` that cut images up and put them back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, divides, equal, exact_div, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Choice, Either, Maybe
from dense_shapes.layers.ops_windows import SIZES, Windows
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, by, plural, size, times, window
from dense_shapes.layers.text import shape as _text

_PAIR = Either(Int(1), ListOf(Int(1), lambda _: 2))


class Patches(Windows, abstract=True):
    """An operation between images and the patches of a window that slides over them."""

    kernel_size: Dim | tuple[Dim, ...] = field(_PAIR, doc="Size of the window on each axis.")
    dilation: Dim | tuple[Dim, ...] = field(
        _PAIR, default=1, doc="Spacing between the window's points."
    )
    padding: Dim | tuple[Dim, ...] = field(
        Either(Int(0), ListOf(Int(0), lambda _: 2)),
        default=0,
        doc="How many zeros before and after each axis.",
    )
    stride: Dim | tuple[Dim, ...] = field(
        _PAIR, default=1, doc="How many positions the window moves at a time."
    )

    def places(self, x: Shape, positions: Shape) -> Shape:
        """Return at how many places the window stops on each axis of an image."""
        made = self.layer(
            x,
            2,
            kernel_size=self.kernel_size,
            strides=self.stride,
            dilation_rate=self.dilation,
            padding="valid",
        )
        pads = self.padding if isinstance(self.padding, tuple) else (self.padding,) * 2
        wide = tuple(n + 2 * p for n, p in zip(positions, pads, strict=True))
        stops: Shape = made.slide(x, wide)
        return stops

    @property
    def area(self) -> Dim:
        """How many positions the window sees."""
        sizes = self.kernel_size
        return prod(sizes) if isinstance(sizes, tuple) else sizes * sizes

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        yield from ()


class Unfold(Patches, registered="ops.Unfold"):
    """Lay out what a window sees at each place as a column; channels come first."""

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        self.need_rank(x, 4, "(batch, channels, height, width)")
        for n in x[1:]:
            self.fixed(n, "the channels, the height and the width")
        return (x[0], x[1] * self.area, prod(self.places(x, x[2:])))

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"{size(self.area)} positions of {plural(x[1], 'channel')} as a column, at each of "
            f"{plural(y[2], 'place')}: {_text(x)} → {_text(y)}; no params"
        )


class Fold(Patches, registered="ops.Fold", first=("output_size",)):
    """Put columns back as windows of an image and add them up: the reverse of ops.Unfold."""

    output_size: Dim | tuple[Dim, ...] = field(_PAIR, doc="The height and the width.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        self.need_rank(x, 3, "(batch, channels of all positions of a window, places)")
        sides = self.output_size if isinstance(self.output_size, tuple) else (self.output_size,) * 2
        places = self.places(x, sides)
        self.require(
            equal(x[2], prod(places)),
            f"{_text(x)} has {plural(x[2], 'column')}, but in {by(sides)} positions the window "
            f"stands at {times(*places)} = {size(prod(places))} places",
            field="output_size",
        )
        self.require(
            divides(self.area, x[1]),
            f"columns of {size(x[1])} values do not fall into {size(self.area)} positions",
            field="kernel_size",
        )
        return (x[0], exact_div(x[1], self.area), *sides)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"{plural(x[2], 'column')} put back as windows of {size(self.area)} positions and "
            f"added up: {_text(x)} → {_text(y)}; no params"
        )


class ExtractPatches(Windows, registered="ops.ExtractPatches"):
    """Lay out what a window sees at each place as the channels there."""

    home = "image"

    size: Dim | tuple[Dim, ...] = field(
        Either(Int(1), ListOf(Int(1))),
        doc="The window's sizes: one or two for images, three for volumes.",
    )
    strides: Dim | tuple[Dim, ...] | None = field(
        Maybe(SIZES), default=None, doc="How far the window moves; by default its own size."
    )
    dilation_rate: Dim | tuple[Dim, ...] = field(
        SIZES, default=1, doc="Spacing between the window's points."
    )
    padding: str = field(
        Choice("valid", "same"),
        default="valid",
        doc="valid: the window stays inside; same: zeros around, as many places as positions.",
    )
    data_format: str | None = field(
        t.DATA_FORMAT, default=None, doc="Where the channels stand: last by default."
    )

    def _slid(self, x: Shape) -> tuple[Any, Shape]:
        """Return the window, and the input with a batch."""
        sizes = self.size if isinstance(self.size, tuple) else (self.size,) * 2
        rank = len(sizes)
        if rank not in (2, 3):
            raise ShapeError(f"a window has 2 or 3 sizes, found {by(sizes)}", field="size")
        if len(x) not in (rank + 1, rank + 2):
            raise ShapeError(
                f"a {window(sizes)} needs {rank + 1} axes, or {rank + 2} with the batch, "
                f"found {_text(x)}",
                rank=rank + 2,
            )
        batched = (1, *x) if len(x) == rank + 1 else x
        return self.layer(
            batched, kernel_size=sizes, strides=sizes if self.strides is None else self.strides
        ), batched

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`; without a batch, the first axis is one of the image."""
        made, batched = self._slid(x)
        positions, channels = made.split(batched)
        seen = self.fixed(channels, "the number of channels") * prod(made.kernel_size)
        y: Shape = made.join(batched, made.slide(batched, positions), seen)
        return y if batched is x else y[1:]

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        made, batched = self._slid(x)
        yield from made.steps(batched, y)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        made, batched = self._slid(x)
        return (
            f"what a {window(made.kernel_size)} sees as channels, "
            f"{made.slide_text(batched)}; no params"
        )
