"""Pooling layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from dense_shapes.dims import Dim, ceil_div, divides
from dense_shapes.layers import types as t
from dense_shapes.layers.base import AXIS_NAMES
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Choice, Maybe
from dense_shapes.layers.masks import TAKES_MASK, mask_of, need_fit, need_mask_rank
from dense_shapes.layers.spatial import Spatial, Windowed
from dense_shapes.layers.text import Shape, by, each, moved, plural, size, times, window

_FIRST = ("pool_size", "strides", "padding", "data_format")


class Pooling(Windowed, abstract=True, first=_FIRST):
    """A window that slides over the positions and keeps one value of each channel."""

    takes: ClassVar[str]
    size_field = "pool_size"

    pool_size: tuple[Dim, ...] = field(t.SIZES, default=2, doc="Size of the window on each axis.")
    strides: tuple[Dim, ...] | None = field(
        Maybe(t.SIZES), default=None, doc="How far the window moves; by default its own size."
    )
    padding: str = field(
        Choice("valid", "same"),
        default="valid",
        doc="valid: the window stays inside; same: it may reach over the edge.",
    )

    def window(self) -> tuple[tuple[Dim, ...], tuple[Dim, ...], tuple[Dim, ...]]:
        """See `Windowed.window`."""
        return self.pool_size, self.strides or self.pool_size, (1,) * self.rank

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        positions, channels = self.split(x)
        return self.join(x, self.slide(x, positions), channels)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        before, channels = self.split(x)
        after, _ = self.split(y)
        _, strides, _ = self.window()
        return (
            f"{self.takes} of each {window(self.pool_size)}, stride {each(strides)}, "
            f"padding {self.padding}: {moved(before, after)}; "
            f"the {size(channels)} channels stay apart, no params"
        )


class MaxPooling(Pooling, abstract=True):
    """Keep the largest value of each window."""

    takes = "largest"


class MaxPooling1D(MaxPooling, rank=1, aliases=("MaxPool1D",)):
    """Keep the largest value in each window of a sequence."""


class MaxPooling2D(MaxPooling, rank=2, aliases=("MaxPool2D",)):
    """Keep the largest value in each window of an image."""


class MaxPooling3D(MaxPooling, rank=3, aliases=("MaxPool3D",)):
    """Keep the largest value in each window of a volume."""


class AveragePooling(Pooling, abstract=True):
    """Keep the mean of each window."""

    takes = "mean"

    # Keras gives MaxPooling2D a default window, and AveragePooling2D none.
    pool_size: tuple[Dim, ...] = field(t.SIZES, doc="Size of the window on each axis.")


class AveragePooling1D(AveragePooling, rank=1, aliases=("AvgPool1D",)):
    """Keep the mean of each window of a sequence."""


class AveragePooling2D(AveragePooling, rank=2, aliases=("AvgPool2D",)):
    """Keep the mean of each window of an image."""


class AveragePooling3D(AveragePooling, rank=3, aliases=("AvgPool3D",)):
    """Keep the mean of each window of a volume."""


class GlobalPooling(Spatial, abstract=True, first=("data_format", "keepdims")):
    """Keep one value of each channel over all positions."""

    takes: ClassVar[str]

    keepdims: bool = field(t.BOOL, default=False, doc="Keep the positional axes, each of size 1.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        _, channels = self.split(x)
        return self.join(x, (1,) * self.rank if self.keepdims else (), channels)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        positions, channels = self.split(x)
        gone = "kept as axes of size 1" if self.keepdims else "gone"
        return (
            f"{self.takes} of each of the {size(channels)} channels over all {by(positions)} "
            f"positions, which are {gone}; no params"
        )


class GlobalMax(GlobalPooling, abstract=True):
    """Keep the largest value of each channel."""

    takes = "largest value"


class GlobalMaxPooling1D(GlobalMax, rank=1, aliases=("GlobalMaxPool1D",)):
    """Keep the largest value of each channel of a sequence."""


class GlobalMaxPooling2D(GlobalMax, rank=2, aliases=("GlobalMaxPool2D",)):
    """Keep the largest value of each channel of an image."""


class GlobalMaxPooling3D(GlobalMax, rank=3, aliases=("GlobalMaxPool3D",)):
    """Keep the largest value of each channel of a volume."""


class GlobalAverage(GlobalPooling, abstract=True):
    """Keep the mean of each channel."""

    takes = "mean"


class GlobalAveragePooling1D(GlobalAverage, rank=1, aliases=("GlobalAvgPool1D",)):
    """Keep the mean of each channel of a sequence."""

    call_arguments = TAKES_MASK

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`: a mask tells which positions count."""
        y = super().output(x)
        mask = mask_of(self)
        if mask is not None:
            need_mask_rank(self, mask, 2, " (batch, steps)")
            positions, _ = self.split(x)
            need_fit(self, "mask", mask, (x[0], *positions), "batch and steps")
        return y


class GlobalAveragePooling2D(GlobalAverage, rank=2, aliases=("GlobalAvgPool2D",)):
    """Keep the mean of each channel of an image."""


class GlobalAveragePooling3D(GlobalAverage, rank=3, aliases=("GlobalAvgPool3D",)):
    """Keep the mean of each channel of a volume."""


class AdaptivePooling(Spatial, abstract=True, first=("output_size", "data_format")):
    """Keep one value of each channel for each of a given number of parts."""

    takes: ClassVar[str]

    output_size: tuple[Dim, ...] = field(t.SIZES, doc="How many positions to keep on each axis.")
    # Keras takes these in any letter case elsewhere, but not here.
    data_format: str | None = field(
        Maybe(Choice("channels_last", "channels_first")),
        default=None,
        doc="Where the channels stand: channels_last (the default) or channels_first.",
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        _, channels = self.split(x)
        return self.join(x, self.output_size, channels)

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`: the windows are those of Keras's adaptive pooling."""
        before, _ = self.split(x)
        for name, n, m in zip(AXIS_NAMES[self.rank], before, self.output_size, strict=True):
            part = plural(ceil_div(n, m), "position")
            more = "" if divides(m, n) is True else " or one more, some of them shared"
            yield (
                f"{name}: output_size = {size(m)}, "
                f"each from ceil({times(n)}/{times(m)}) = {part}{more}"
            )

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        before, channels = self.split(x)
        return (
            f"{self.takes} of each of {by(self.output_size)} parts of about the same size, however "
            f"many positions there are: {moved(before, self.output_size)}; "
            f"the {size(channels)} channels stay apart, no params"
        )


class AdaptiveMax(AdaptivePooling, abstract=True):
    """Keep the largest value of each part."""

    takes = "largest"


class AdaptiveMaxPooling1D(AdaptiveMax, rank=1):
    """Cut a sequence into a given number of parts and keep the largest value of each."""


class AdaptiveMaxPooling2D(AdaptiveMax, rank=2):
    """Cut an image into a given number of parts and keep the largest value of each."""


class AdaptiveMaxPooling3D(AdaptiveMax, rank=3):
    """Cut a volume into a given number of parts and keep the largest value of each."""


class AdaptiveAverage(AdaptivePooling, abstract=True):
    """Keep the mean of each part."""

    takes = "mean"


class AdaptiveAveragePooling1D(AdaptiveAverage, rank=1):
    """Cut a sequence into a given number of parts and keep the mean of each."""


class AdaptiveAveragePooling2D(AdaptiveAverage, rank=2):
    """Cut an image into a given number of parts and keep the mean of each."""


class AdaptiveAveragePooling3D(AdaptiveAverage, rank=3):
    """Cut a volume into a given number of parts and keep the mean of each."""
