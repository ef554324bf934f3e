"""Operations over windows: the bare functions of `keras.ops` that convolve or pool."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar

from dense_shapes.dims import Dim, equal, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.base import AXIS_NAMES, Layer
from dense_shapes.layers.conv import Sliding
from dense_shapes.layers.errors import InvalidOptions, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Choice, Either, Maybe
from dense_shapes.layers.operation import Operands, Operation, constant
from dense_shapes.layers.pooling import AdaptiveAverage, AdaptiveMax, AveragePooling, MaxPooling
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, by, plural, size, window
from dense_shapes.layers.text import shape as _text

SIZES = Either(Int(1), ListOf(Int(1)))
_PADDING = Choice("valid", "same", any_case=True)


@cache
def _ranked(base: type[Layer], name: str, rank: int) -> type[Layer]:
    """Return a layer's rule over so many axes; what it says against an input is the operation's."""
    return type(name, (base,), {"__module__": __name__}, abstract=True, rank=rank)


class Windows(Operation, abstract=True):
    """An operation that does what a layer does; over how many axes, its input tells.

    Attributes:
        like: The layer, whatever the number of axes.
    """

    home = "nn"
    like: ClassVar[type[Layer]] = Sliding

    def layer(self, x: Shape, rank: int | None = None, **options: Any) -> Any:
        """Return the layer that does the same over the axes of an input.

        Args:
            x: The input.
            rank: How many positional axes it has; by default all but the batch and the channels.
            options: The options that are not the operation's own.

        Raises:
            ShapeError: There are too few axes, or too many, or an option is for another number.
        """
        rank = len(x) - 2 if rank is None else rank
        if rank not in AXIS_NAMES:
            raise ShapeError(
                f"{type(self).__name__} needs 1 to 3 axes beside the batch and the channels, "
                f"found {_text(x)}",
                rank=4,
            )
        shared = {name: getattr(self, name) for name in self.like.fields if name in self.fields}
        try:
            made = _ranked(self.like, type(self).__name__, rank)(**shared | options)  # type: ignore[arg-type]  # classes can be hashed
        except InvalidOptions as error:
            first = error.problems[0]
            raise ShapeError(
                f"{first.field}: {first.message}", field=first.field, path=first.path
            ) from None
        self.demands += made.demands
        made.demands = self.demands
        return made

    def steps(self, x: Any, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        yield from self.layer(x).steps(x, y)


class Convolving(Operands, Windows, abstract=True):
    """An operation that slides a kernel, which is an input or a constant, over the first input."""

    inputs = (1, 2)
    operands: ClassVar[tuple[str, ...]] = ("inputs", "kernel")

    kernel: Any = constant("the kernel: its window, the input's channels, the filters")
    strides: Dim | tuple[Dim, ...] = field(
        SIZES, default=1, doc="How many positions the window moves at a time."
    )
    padding: str = field(
        _PADDING,
        default="valid",
        doc="valid: the window stays inside; same: zeros around, as many places as positions.",
    )
    data_format: str | None = field(
        t.DATA_FORMAT, default=None, doc="Where the channels stand: last by default."
    )
    dilation_rate: Dim | tuple[Dim, ...] = field(
        SIZES, default=1, doc="Spacing between the window's points."
    )

    def slid(self, x: list[Shape]) -> tuple[Any, Shape, Shape]:
        """Return the window that slides, the image and the kernel.

        Raises:
            ShapeError: The kernel has not as many axes as the image, or other channels.
        """
        image, kernel, *_ = self.met(x)
        if len(kernel) != len(image):
            raise ShapeError(
                f"{type(self).__name__} needs a kernel of as many axes as its input "
                f"{_text(image)}, found {_text(kernel)}",
                field="kernel",
            )
        if self.padding == "valid":
            for n in kernel[:-2]:
                self.fixed(n, "the sizes of its kernel")
        made = self.layer(image, kernel_size=kernel[:-2])
        _, channels = made.split(image)
        self.require(
            equal(channels, kernel[-2]),
            f"the {plural(channels, 'channel')} of the input {_text(image)} are not the "
            f"{size(kernel[-2])} of the kernel {_text(kernel)}",
            field="kernel",
            help="the last axis but one of the kernel is the input's channels",
        )
        return made, image, kernel

    def filters(self, kernel: Shape) -> Dim:
        """Return how many channels the output has."""
        return kernel[-1]

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        made, image, kernel = self.slid(x)
        positions, _ = made.split(image)
        shape: Shape = made.join(image, made.slide(image, positions), self.filters(kernel))
        return shape

    def macs(self, x: list[Shape], y: Shape) -> Dim:
        """See `Layer.macs`: every number of the kernel works once at every place."""
        made, _, kernel = self.slid(x)
        return prod(made.split(y)[0]) * prod(kernel)

    def steps(self, x: list[Shape], y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        made, image, _ = self.slid(x)
        yield from made.steps(image, y)

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        made, image, kernel = self.slid(x)
        return (
            f"the kernel {_text(kernel)}, a {window(kernel[:-2])} {self.work(kernel)}, "
            f"{made.slide_text(image)}; no params"
        )

    def work(self, kernel: Shape) -> str:
        """Say what the window does with the channels."""
        return f"over {plural(kernel[-2], 'channel')}, {plural(kernel[-1], 'filter')}"


class Conv(Convolving, registered="ops.Conv"):
    """Slide the filters of a kernel over the first input."""


class DepthwiseConv(Convolving, registered="ops.DepthwiseConv"):
    """Slide a kernel over each channel of the first input, without mixing channels."""

    def filters(self, kernel: Shape) -> Dim:
        """See `Convolving.filters`."""
        for n in kernel[-2:]:
            self.fixed(n, "the channels of its kernel")
        return kernel[-2] * kernel[-1]

    def work(self, kernel: Shape) -> str:
        """See `Convolving.work`."""
        return (
            f"over each of {plural(kernel[-2], 'channel')} alone, "
            f"{plural(kernel[-1], 'filter')} each"
        )


class SeparableConv(Convolving, registered="ops.SeparableConv", without=("kernel",)):
    """Slide one kernel over each channel of the first input, then mix channels by another."""

    inputs = (1, 3)
    operands = ("inputs", "depthwise_kernel", "pointwise_kernel")

    depthwise_kernel: Any = constant("the kernel of the first half")
    pointwise_kernel: Any = constant("the kernel of the second half")

    def slid(self, x: list[Shape]) -> tuple[Any, Shape, Shape]:
        """See `Convolving.slid`: the second half's kernel is one for single positions.

        Raises:
            ShapeError: It is for more of them, or for other channels.
        """
        found = super().slid(x)
        _, image, first = found
        second = self.met(x)[2]
        for n in first[-2:]:
            self.fixed(n, "the channels of its kernel")
        message = (
            f"the kernel {_text(second)} of the second half needs a window of one position and as "
            f"many axes as the input {_text(image)}"
        )
        if len(second) != len(image):
            raise ShapeError(message, field="pointwise_kernel")
        for n in second[:-2]:
            self.require(equal(n, 1), message, field="pointwise_kernel")
        made = first[-2] * first[-1]
        self.require(
            equal(made, second[-2]),
            f"the first half makes {plural(made, 'channel')}, the kernel {_text(second)} of the "
            f"second takes {size(second[-2])}",
            field="pointwise_kernel",
        )
        return found

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        made, image, _ = self.slid(x)
        positions, _ = made.split(image)
        shape: Shape = made.join(image, made.slide(image, positions), self.met(x)[2][-1])
        return shape

    def macs(self, x: list[Shape], y: Shape) -> Dim:
        """See `Layer.macs`: every number of both kernels works once at every place."""
        made, _, kernel = self.slid(x)
        return prod(made.split(y)[0]) * (prod(kernel) + prod(self.met(x)[2]))

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        made, image, first = self.slid(x)
        second = self.met(x)[2]
        return (
            f"{window(first[:-2])} over each of {plural(first[-2], 'channel')} alone, "
            f"{size(first[-1])} of each, then {by(second[:-2])} over the "
            f"{plural(second[-2], 'channel')} that come of it, {plural(second[-1], 'filter')}, "
            f"{made.slide_text(image)}; no params"
        )


class Pool(Windows, abstract=True):
    """An operation that keeps one value of each window."""

    pool_size: Dim | tuple[Dim, ...] = field(SIZES, doc="Size of the window on each axis.")
    strides: Dim | tuple[Dim, ...] | None = field(
        Maybe(SIZES), default=None, doc="How far the window moves; by default its own size."
    )
    padding: str = field(
        _PADDING,
        default="valid",
        doc="valid: the window stays inside; same: it may reach over the edge.",
    )
    data_format: str | None = field(
        t.DATA_FORMAT, default=None, doc="Where the channels stand: last by default."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        shape: Shape = self.layer(x).output(x)
        return shape

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        text: str = self.layer(x).explain(x, y)
        return text


class MaxPool(Pool, registered="ops.MaxPool"):
    """Keep the largest value of each window."""

    like = MaxPooling


class AveragePool(Pool, registered="ops.AveragePool"):
    """Keep the mean of each window."""

    like = AveragePooling


class AdaptivePool(Pool, abstract=True, without=("pool_size", "strides", "padding")):
    """An operation that keeps one value for each of a given number of parts."""

    output_size: tuple[Dim, ...] = field(
        ListOf(Int(1)), doc="How many positions to keep on each axis."
    )
    data_format: str | None = field(
        Maybe(Choice("channels_last", "channels_first")),
        default=None,
        doc="Where the channels stand: last by default.",
    )


class AdaptiveMaxPool(AdaptivePool, registered="ops.AdaptiveMaxPool"):
    """Cut an input into a given number of parts and keep the largest value of each."""

    like = AdaptiveMax


class AdaptiveAveragePool(AdaptivePool, registered="ops.AdaptiveAveragePool"):
    """Cut an input into a given number of parts and keep the mean of each."""

    like = AdaptiveAverage
