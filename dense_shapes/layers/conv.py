"""Convolution layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, divides, equal, exact_div, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.base import AXIS_NAMES, Weight
from dense_shapes.layers.core import check_lora, lora_text, lora_weights
from dense_shapes.layers.errors import OptionError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Choice, Maybe
from dense_shapes.layers.spatial import Windowed, activated, then
from dense_shapes.layers.text import Shape, by, count, each, moved, plural, size, window
from dense_shapes.layers.text import shape as shape_text

WINDOW_OPTIONS = ("kernel_size", "strides", "padding", "data_format", "dilation_rate")
_KERNEL = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")
_CONV_FIRST = ("filters", *WINDOW_OPTIONS, "groups", "activation", "use_bias", *_KERNEL)
_PADDING = Choice("valid", "same", any_case=True)


class Sliding(Windowed, abstract=True, first=WINDOW_OPTIONS):
    """A learned window that slides over the positions."""

    kernel_size: tuple[Dim, ...] = field(t.SIZES, doc="Size of the window on each axis.")
    strides: tuple[Dim, ...] = field(
        t.SIZES, default=1, doc="How many positions the window moves at a time."
    )
    padding: str = field(
        _PADDING,
        default="valid",
        doc="valid: the window stays inside; same: zeros around, as many places as positions.",
    )
    dilation_rate: tuple[Dim, ...] = field(
        t.SIZES, default=1, doc="Spacing between the window's points."
    )

    def window(self) -> tuple[tuple[Dim, ...], tuple[Dim, ...], tuple[Dim, ...]]:
        """See `Windowed.window`."""
        return self.kernel_size, self.strides, self.dilation_rate

    def not_both(self) -> None:
        """Refuse strides and dilation together.

        Raises:
            OptionError: Both are more than 1.
        """
        for s in self.strides:
            for d in self.dilation_rate:
                verdict = equal((s - 1) * (d - 1), 0)
                if verdict is False:
                    raise OptionError(
                        f"strides {by(self.strides)} and dilation_rate "
                        f"{by(self.dilation_rate)} cannot both be more than 1",
                        field="dilation_rate",
                        help="Keras refuses the two together: set one of them to 1",
                        code="DS110",
                    )
                if verdict is not True and verdict not in self.demands:
                    self.demands.append(verdict)

    def slide_text(self, x: Shape) -> str:
        """Write how the window moves, and what becomes of the positions."""
        positions, _ = self.split(x)
        moves = [f"padding {self.padding}"]
        if any(s != 1 for s in self.strides):
            moves.insert(0, f"stride {each(self.strides)}")
        if any(d != 1 for d in self.dilation_rate):
            moves.insert(0, f"dilation {each(self.dilation_rate)}")
        return f"{', '.join(moves)}: {moved(positions, self.slide(x, positions))}"


class BaseConv(Sliding, abstract=True):
    """A convolution: a window of learned weights, and a bias."""

    activation: str | None = field(
        t.ACTIVATION, default=None, doc="Function applied to every output value."
    )
    use_bias: bool = field(t.BOOL, default=True, doc="Add one learned offset per output channel.")
    bias_initializer: Any = field(t.INITIALIZER, default="zeros", doc="How the bias starts.")
    bias_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on the bias.")
    bias_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the bias after each update."
    )

    def kernel(self, x: Shape) -> Weight:
        """Return the kernel for an input of shape `x`."""
        raise NotImplementedError

    def channels(self, x: Shape) -> Dim:
        """Return the channels of the output for an input of shape `x`."""
        raise NotImplementedError

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        positions, channels = self.split(x)
        self.fixed(channels, "the number of channels")
        y = self.join(x, self.slide(x, positions), self.channels(x))
        return activated(self, self.activation, y)

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield self.kernel(x)
        if self.use_bias:
            yield self.weight("bias", (self.channels(x),), ("output channel",), sign="+")

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`: every weight of the kernel works once at every place."""
        places = self.slide(x, self.split(x)[0])
        return prod(places) * self.owned(x)[0].size


class Filtered(BaseConv, abstract=True):
    """A convolution whose filters see all channels at once."""

    filters: Dim = field(t.POSITIVE, doc="Number of filters: the output's channels.")
    kernel_initializer: Any = field(
        t.INITIALIZER, default="glorot_uniform", doc="How the kernel starts."
    )
    kernel_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on the kernel.")
    kernel_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the kernel after each update."
    )

    def channels(self, x: Shape) -> Dim:
        """See `BaseConv.channels`."""
        return self.filters

    def check(self) -> None:
        """See `Layer.check`."""
        self.not_both()


class Conv(Filtered, abstract=True, first=_CONV_FIRST):
    """A convolution over `rank` positional axes."""

    groups: Dim = field(
        t.POSITIVE, default=1, doc="Split channels and filters into groups that do not mix."
    )
    lora_rank: Dim | None = field(
        Maybe(t.POSITIVE),
        default=None,
        doc="Freeze the kernel and train two thin arrays of this rank beside it (LoRA).",
    )
    lora_alpha: float | None = field(
        Maybe(t.NUMBER), default=None, doc="The scale of LoRA's part; by default its rank."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        check_lora(self.lora_rank, self.kernel_constraint, "kernel_constraint")
        verdict = divides(self.groups, self.filters)
        if verdict is False:
            raise OptionError(
                f"{count(self.filters)} filters cannot be split into {size(self.groups)} groups "
                "of equal size",
                field="groups",
                help="choose groups that divide both the filters and the input's channels",
            )
        if verdict is not True:
            self.demands.append(verdict)
        super().check()

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        _, channels = self.split(x)
        self.require(
            divides(self.groups, channels),
            f"the {size(channels)} channels of the input {shape_text(x)} cannot be split into "
            f"{size(self.groups)} groups of equal size",
            field="groups",
            help="choose groups that divide both the input's channels and the filters",
        )
        return super().output(x)

    def kernel(self, x: Shape) -> Weight:
        """See `BaseConv.kernel`."""
        _, channels = self.split(x)
        taps = tuple(f"window {name}" for name in AXIS_NAMES[self.rank])
        label = "input channel" if self.groups == 1 else "input channel of the group"
        return self.weight(
            "kernel",
            (*self.kernel_size, exact_div(channels, self.groups), self.filters),
            (*taps, label, "filter"),
            sign="*",
            summed=tuple(range(self.rank + 1)),
            trainable=self.lora_rank is None,
        )

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield from super().weights(x)
        if self.lora_rank is not None:
            kernel = self.kernel(x)
            yield from lora_weights("kernel", kernel.shape, kernel.axes, self.lora_rank)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        *_, seen, _ = self.owned(x)[0].shape
        of = "" if self.groups == 1 else f" of its group, {size(self.groups)} groups"
        return (
            f"{window(self.kernel_size)} over {plural(seen, 'channel')}{of}, "
            f"{plural(self.filters, 'filter')}, {self.slide_text(x)}; "
            f"{self.params_text(x)}{lora_text(self.lora_rank)}{then(self.activation)}"
        )


class Conv1D(Conv, rank=1, aliases=("Convolution1D",)):
    """Slide learned filters along a sequence."""

    padding: str = field(
        Choice("valid", "same", "causal", any_case=True),
        default="valid",
        doc="valid: the window stays inside; same: zeros around; causal: zeros before only, "
        "so that no step sees a later one.",
    )


class Conv2D(Conv, rank=2, aliases=("Convolution2D",)):
    """Slide learned filters over an image."""


class Conv3D(Conv, rank=3, aliases=("Convolution3D",)):
    """Slide learned filters through a volume."""


class DepthwiseConv(BaseConv, abstract=True):
    """A convolution that treats each channel alone."""

    depth_multiplier: Dim = field(
        t.POSITIVE, default=1, doc="Number of filters for each input channel."
    )
    depthwise_initializer: Any = field(
        t.INITIALIZER, default="glorot_uniform", doc="How the kernel starts."
    )
    depthwise_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on the kernel.")
    depthwise_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the kernel after each update."
    )

    def channels(self, x: Shape) -> Dim:
        """See `BaseConv.channels`."""
        return self.split(x)[1] * self.depth_multiplier

    def kernel(self, x: Shape) -> Weight:
        """See `BaseConv.kernel`."""
        taps = tuple(f"window {name}" for name in AXIS_NAMES[self.rank])
        return self.weight(
            "kernel",
            (*self.kernel_size, self.split(x)[1], self.depth_multiplier),
            (*taps, "input channel", "filter of each channel"),
            initializer="depthwise_initializer",
            sign="*",
            summed=tuple(range(self.rank)),
        )

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"{window(self.kernel_size)} over each of {plural(self.split(x)[1], 'channel')} "
            f"alone, {plural(self.depth_multiplier, 'filter')} each, {self.slide_text(x)}; "
            f"{self.params_text(x)}{then(self.activation)}"
        )


class DepthwiseConv1D(DepthwiseConv, rank=1):
    """Slide a learned filter along each channel of a sequence, without mixing channels."""


class DepthwiseConv2D(DepthwiseConv, rank=2):
    """Slide a learned filter over each channel of an image, without mixing channels."""
