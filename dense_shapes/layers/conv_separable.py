"""Separable convolution layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.base import AXIS_NAMES, Weight
from dense_shapes.layers.conv import BaseConv
from dense_shapes.layers.fields import field
from dense_shapes.layers.spatial import then
from dense_shapes.layers.text import Shape, by, plural, size, window

_FIRST = (
    *("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate"),
    *("depth_multiplier", "activation", "use_bias"),
)


class SeparableConv(BaseConv, abstract=True, first=_FIRST):
    """A convolution in two halves: over the positions of each channel, then over the channels."""

    filters: Dim = field(t.POSITIVE, doc="Number of filters: the output's channels.")
    depth_multiplier: Dim = field(
        t.POSITIVE, default=1, doc="Number of windows for each input channel, in the first half."
    )
    depthwise_initializer: Any = field(
        t.INITIALIZER, default="glorot_uniform", doc="How the windows start."
    )
    pointwise_initializer: Any = field(
        t.INITIALIZER, default="glorot_uniform", doc="How the mixing matrix starts."
    )
    depthwise_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on the windows.")
    pointwise_regularizer: Any = field(
        t.REGULARIZER, default=None, doc="A penalty on the mixing matrix."
    )
    depthwise_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the windows after each update."
    )
    pointwise_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the mixing matrix after each update."
    )

    def channels(self, x: Shape) -> Dim:
        """See `BaseConv.channels`."""
        return self.filters

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        _, channels = self.split(x)
        taps = tuple(f"window {name}" for name in AXIS_NAMES[self.rank])
        yield self.weight(
            "depthwise_kernel",
            (*self.kernel_size, channels, self.depth_multiplier),
            (*taps, "input channel", "window of each channel"),
            initializer="depthwise_initializer",
            sign="*",
            summed=tuple(range(self.rank)),
        )
        yield self.weight(
            "pointwise_kernel",
            (*(1,) * self.rank, channels * self.depth_multiplier, self.filters),
            (*taps, "channel of the first half", "filter"),
            initializer="pointwise_initializer",
            sign="*",
            summed=(self.rank,),
        )
        if self.use_bias:
            yield self.weight("bias", (self.filters,), ("filter",), sign="+")

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`: every weight of both kernels works once at every place."""
        places = self.slide(x, self.split(x)[0])
        first, second, *_ = self.owned(x)
        return prod(places) * (first.size + second.size)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        _, channels = self.split(x)
        made = channels * self.depth_multiplier
        return (
            f"{window(self.kernel_size)} over each of {plural(channels, 'channel')} alone, "
            f"{size(self.depth_multiplier)} of each, then {by((1,) * self.rank)} over the "
            f"{plural(made, 'channel')} that come of it, {plural(self.filters, 'filter')}, "
            f"{self.slide_text(x)}; {self.params_text(x)}{then(self.activation)}"
        )


class SeparableConv1D(SeparableConv, rank=1, aliases=("SeparableConvolution1D",)):
    """Slide a learned window along each channel of a sequence, then mix the channels."""


class SeparableConv2D(SeparableConv, rank=2, aliases=("SeparableConvolution2D",)):
    """Slide a learned window over each channel of an image, then mix the channels."""
