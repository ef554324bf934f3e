"""Operations on images: the bare functions of `keras.ops` that resize them or move their pixels."""

from __future__ import annotations

from dense_shapes.dims import Dim, divides, exact_div
from dense_shapes.layers import types as t
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.images import INTERPOLATIONS, need_one_aspect
from dense_shapes.layers.kinds import Bool, Choice
from dense_shapes.layers.operation import Operation
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, size
from dense_shapes.layers.text import shape as shape_text


class Resize(Operation, registered="ops.Resize"):
    """Resize images to a given height and width."""

    home = "image"

    size: tuple[Dim, Dim] = field(ListOf(Int(1), lambda _: 2), doc="The height and the width.")
    interpolation: str = field(
        Choice(*INTERPOLATIONS), default="bilinear", doc="How values between pixels are found."
    )
    antialias: bool = field(Bool(), default=False, doc="Smooth an image that is made smaller.")
    crop_to_aspect_ratio: bool = field(
        Bool(), default=False, doc="Keep proportions, and cut off what is too long."
    )
    pad_to_aspect_ratio: bool = field(
        Bool(), default=False, doc="Keep proportions, and fill up what is too short."
    )
    fill_mode: str = field(
        Choice("constant"), default="constant", doc="What padding is filled with."
    )
    fill_value: float = field(t.NUMBER, default=0.0, doc="The value of the padding.")
    data_format: str | None = field(t.DATA_FORMAT, default=None, doc="Where the channels stand.")

    def check(self) -> None:
        """See `Layer.check`."""
        need_one_aspect(crop=self.crop_to_aspect_ratio, pad=self.pad_to_aspect_ratio)

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`; without a batch, the first axis is one of the image."""
        if len(x) not in (3, 4):
            raise ShapeError(
                f"ops.Resize needs images of 3 axes, or 4 with the batch, found {shape_text(x)}",
                rank=4,
            )
        channels = self.data_format == "channels_first"
        height, width = self.size
        return (*x[:-2], height, width) if channels else (*x[:-3], height, width, x[-1])

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        height, width = self.size
        return (
            f"every image is resized to {size(height)}x{size(width)} ({self.interpolation}): "
            f"{shape_text(x)} → {shape_text(y)}; no params"
        )


class Shuffling(Operation, abstract=True):
    """An operation that moves pixels between the image's positions and its channels."""

    home = "nn"

    block_size: Dim = field(Int(1), doc="The side of the squares.")
    data_format: str = field(
        Choice("channels_last", "channels_first"),
        default="channels_last",
        doc="Where the channels stand.",
    )

    def moved(self, height: Dim, width: Dim, channels: Dim) -> Shape:
        """Return height, width and channels as they become.

        Raises:
            ShapeError: They cannot be divided so.
        """
        raise NotImplementedError

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        self.need_rank(x, 4, "(batch, height, width, channels)")
        if self.data_format == "channels_first":
            height, width, channels = self.moved(x[2], x[3], x[1])
            return (x[0], channels, height, width)
        return (x[0], *self.moved(*x[1:]))

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"{self.does}: {shape_text(x)} → {shape_text(y)}; no params"


class DepthToSpace(Shuffling, registered="ops.DepthToSpace"):
    """Lay channels out as squares of pixels: an image that is larger, with fewer channels."""

    does = "channels laid out as squares of pixels"

    def moved(self, height: Dim, width: Dim, channels: Dim) -> Shape:
        """See `Shuffling.moved`."""
        side = self.block_size
        self.require(
            divides(side * side, channels),
            f"{size(channels)} channels do not fill squares of {size(side)}x{size(side)} pixels",
            field="block_size",
            help="the channels must be a multiple of block_size^2",
        )
        return (height * side, width * side, exact_div(channels, side * side))


class SpaceToDepth(Shuffling, registered="ops.SpaceToDepth"):
    """Stack squares of pixels as channels: an image that is smaller, with more channels."""

    does = "squares of pixels stacked as channels"

    def moved(self, height: Dim, width: Dim, channels: Dim) -> Shape:
        """See `Shuffling.moved`."""
        side = self.block_size
        for name, n in (("height", height), ("width", width)):
            self.require(
                divides(side, n),
                f"a {name} of {size(n)} does not fall into squares of {size(side)}",
                field="block_size",
                help="pad or crop the images to a multiple of block_size",
            )
        return (exact_div(height, side), exact_div(width, side), channels * side * side)
