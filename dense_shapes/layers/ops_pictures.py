"""Operations on pictures: the bare functions of `keras.ops.image` that colour, frame or bend."""

from __future__ import annotations

from typing import Any, ClassVar

from dense_shapes.dims import Dim, at_least, equal
from dense_shapes.layers import types as t
from dense_shapes.layers.base import is_float
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Choice, Maybe
from dense_shapes.layers.operation import Operands, Operation, array
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, size
from dense_shapes.layers.text import shape as _text

_MODES = Choice("constant", "nearest", "wrap", "mirror", "reflect")
_BETWEEN = Choice("nearest", "bilinear")


class Imaged(Operation, abstract=True):
    """An operation with images, of 3 axes or 4 with the batch."""

    home = "image"

    data_format: str | None = field(
        t.DATA_FORMAT, default=None, doc="Where the channels stand: last by default."
    )

    def axes(self, x: Shape) -> tuple[int, int, int]:
        """Return the axes of height, width and channels.

        Raises:
            ShapeError: It is no image.
        """
        if len(x) not in (3, 4):
            raise ShapeError(
                f"{type(self).__name__} needs images of 3 axes, or 4 with the batch, "
                f"found {_text(x)}",
                rank=4,
            )
        start = len(x) - 3
        if self.data_format == "channels_first":
            return start + 1, start + 2, start
        return start, start + 1, start + 2


class Picture(Imaged, abstract=True):
    """An operation on images alone."""

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        self.axes(x)
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"{self.does}: {_text(x)} → {_text(y)}; no params"


class RGBToGrayscale(Picture, registered="ops.RGBToGrayscale"):
    """Make one channel of red, green and blue."""

    does = "red, green and blue as one channel"

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        *_, at = self.axes(x)
        self.require(
            equal((x[at] - 1) * (x[at] - 3), 0),
            f"3 channels are needed, or 1, found {size(x[at])} in {_text(x)}",
            field="data_format",
        )
        return (*x[:at], 1, *x[at + 1 :])


class Colours(Picture, abstract=True):
    """An operation on images of three channels."""

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        *_, at = self.axes(x)
        self.require(
            equal(x[at], 3),
            f"3 channels are needed, found {size(x[at])} in {_text(x)}",
            field="data_format",
        )
        for dtype in self.input_dtypes:
            if not is_float(dtype):
                raise ShapeError(
                    f"{type(self).__name__} takes floating-point numbers, found {dtype}",
                    help="put an ops.Cast before",
                )
        return x


class RGBToHSV(Colours, registered="ops.RGBToHSV"):
    """Tell colours by hue, saturation and value in place of red, green and blue."""

    does = "red, green and blue as hue, saturation and value"


class HSVToRGB(Colours, registered="ops.HSVToRGB"):
    """Tell colours by red, green and blue in place of hue, saturation and value."""

    does = "hue, saturation and value as red, green and blue"


def _length(doc: str) -> Any:
    return field(Maybe(Int(0)), default=None, doc=doc)


class Framing(Picture, abstract=True):
    """An operation that changes the frame of images; of three numbers an axis has two.

    Attributes:
        verb: What the options end in.
        sign: 1 where the frame grows, -1 where it shrinks.
    """

    verb: ClassVar[str]
    sign: ClassVar[int]

    target_height: Dim | None = _length("The height of the output.")
    target_width: Dim | None = _length("The width of the output.")

    def sides(self, axis: int) -> tuple[str, str, str]:
        """Return the options for what comes before and after, and for the whole."""
        before, after, whole = (("top", "bottom", "height"), ("left", "right", "width"))[axis]
        return f"{before}_{self.verb}", f"{after}_{self.verb}", f"target_{whole}"

    def check(self) -> None:
        """See `Layer.check`."""
        for axis in (0, 1):
            names = self.sides(axis)
            given = [name for name in names if getattr(self, name) is not None]
            if len(given) != 2:
                raise OptionError(
                    f"exactly two of {', '.join(names)} are needed, "
                    f"found {', '.join(given) or 'none'}",
                    field=given[-1] if given else names[0],
                    code="DS110",
                )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        y = list(x)
        for axis, at in enumerate(self.axes(x)[:2]):
            before, after, whole = (getattr(self, name) for name in self.sides(axis))
            known = sum(n for n in (before, after) if n is not None)
            if whole is None and self.sign < 0:
                self.fixed(x[at], "the size that is cropped")
            y[at] = x[at] + self.sign * known if whole is None else whole
            spare = y[at] if whole is None else self.sign * (whole - x[at]) - known
            self.require(
                at_least(spare, 0),
                f"{size(x[at])} positions cannot become {size(y[at])} with {size(known)} at the "
                f"sides, in {_text(x)}",
                field=self.sides(axis)[2],
            )
        return tuple(y)


_FRAME = ("top", "left", "bottom", "right")
_TARGETS = ("target_height", "target_width", "data_format")


class PadImages(
    Framing,
    registered="ops.PadImages",
    first=(*(f"{side}_padding" for side in _FRAME), *_TARGETS),
):
    """Add zeros around images."""

    does = "zeros added around"
    verb = "padding"
    sign = 1

    top_padding: Dim | None = _length("How many rows above.")
    left_padding: Dim | None = _length("How many columns at the left.")
    bottom_padding: Dim | None = _length("How many rows below.")
    right_padding: Dim | None = _length("How many columns at the right.")


class CropImages(
    Framing,
    registered="ops.CropImages",
    first=(*(f"{side}_cropping" for side in _FRAME), *_TARGETS),
):
    """Cut the edges of images off."""

    does = "edges cut off"
    verb = "cropping"
    sign = -1

    top_cropping: Dim | None = _length("How many rows above.")
    left_cropping: Dim | None = _length("How many columns at the left.")
    bottom_cropping: Dim | None = _length("How many rows below.")
    right_cropping: Dim | None = _length("How many columns at the right.")


class GaussianBlur(Picture, registered="ops.GaussianBlur", first=("kernel_size", "sigma")):
    """Mix every pixel with those around it, the nearer the more."""

    does = "blurred"

    kernel_size: tuple[Dim, ...] = field(
        ListOf(Int(1), lambda _: 2), default=(3, 3), doc="How many pixels are mixed on each axis."
    )
    sigma: tuple[float, ...] = field(
        ListOf(t.NUMBER, lambda _: 2), default=(1.0, 1.0), doc="How far the mixing reaches."
    )


class ElasticTransform(
    Picture,
    registered="ops.ElasticTransform",
    first=("alpha", "sigma", "interpolation", "fill_mode", "fill_value", "seed"),
):
    """Bend images by random amounts."""

    does = "bent by random amounts"

    alpha: float = field(t.NUMBER, default=20.0, doc="How far pixels move.")
    sigma: float = field(t.NUMBER, default=5.0, doc="How smooth the bending is.")
    interpolation: str = field(
        _BETWEEN, default="bilinear", doc="How values between pixels are found."
    )
    fill_mode: str = field(_MODES, default="reflect", doc="What stands beyond the edges.")
    fill_value: float = field(t.NUMBER, default=0.0, doc="The value beyond them, if constant.")
    seed: Dim | None = field(t.SEED, default=None, doc="Where the random numbers start.")


class Moving(Operands, Imaged, abstract=True):
    """An operation that moves pixels as further inputs, or constants, say."""

    inputs = (1, 2)
    dtypes = staticmethod(lambda *dtypes: dtypes[0])

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        return f"{self.does}; {_text(y)} unchanged, no params"


class AffineTransform(Moving, registered="ops.AffineTransform"):
    """Turn, stretch, shear or push images."""

    does = "every image turned, stretched, sheared or pushed"
    operands = ("images", "transform")

    interpolation: str = field(
        _BETWEEN, default="bilinear", doc="How values between pixels are found."
    )
    fill_mode: str = field(_MODES, default="constant", doc="What stands beyond the edges.")
    fill_value: float = field(t.NUMBER, default=0, doc="The value beyond them, if constant.")
    transform: Any = array("the 8 numbers of the transformation, or of one for each image")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        images, transform = self.met(x)
        self.axes(images)
        message = f"8 numbers are needed for each image of {_text(images)}, found "
        if len(transform) not in (1, 2):
            raise ShapeError(message + _text(transform), field="transform")
        self.require(equal(transform[-1], 8), message + _text(transform), field="transform")
        many = images[0] if len(images) == 4 else 1
        if len(transform) == 2:
            self.require(equal(transform[0], many), message + _text(transform), field="transform")
        return images


class PerspectiveTransform(Moving, registered="ops.PerspectiveTransform"):
    """Move images as if their corners went from some points to others."""

    does = "every image seen from where its corners moved to"
    inputs = (1, 3)
    operands: ClassVar[tuple[str, ...]] = ("images", "start_points", "end_points")

    interpolation: str = field(
        _BETWEEN, default="bilinear", doc="How values between pixels are found."
    )
    fill_value: float = field(t.NUMBER, default=0, doc="The value beyond the edges.")
    start_points: Any = array("the four corners before")
    end_points: Any = array("the four corners after")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        images, *points = self.met(x)
        self.axes(images)
        for name, shape in zip(self.operands[1:], points, strict=True):
            message = f"corners (4, 2) are needed for each image, found {_text(shape)}"
            if len(shape) not in (2, 3):
                raise ShapeError(message, field=name)
            for n, m in zip(shape[-2:], (4, 2), strict=True):
                self.fixed(n, "that there are four corners of two numbers")
                self.require(equal(n, m), message, field=name)
        first, second = points
        message = f"as many corners before as after are needed, found {_text(first)}, "
        if len(first) != len(second):
            raise ShapeError(message + _text(second))
        if len(first) == 3:
            self.need_same(first[0], second[0], message + _text(second))
            many = images[0] if len(images) == 4 else 1
            self.require(
                first[0] == 1 or equal(first[0], many),
                f"{_text(first)} are not the corners of {_text(images)}",
                field="start_points",
            )
        return images


class MapCoordinates(Operands, registered="ops.MapCoordinates"):
    """Take values at places between those of the first input."""

    home = "image"
    inputs = (1, 2)
    operands = ("inputs", "coordinates")
    dtypes = staticmethod(lambda *dtypes: dtypes[0])

    order: Dim = field(Int(0), doc="How values between are found: 0 the nearest, 1 linearly.")
    fill_mode: str = field(_MODES, default="constant", doc="What stands beyond the edges.")
    fill_value: float = field(t.NUMBER, default=0, doc="The value beyond them, if constant.")
    coordinates: Any = array("the places, a row for each axis")

    def check(self) -> None:
        """See `Layer.check`."""
        if self.order not in (0, 1):
            raise OptionError(f"the order is 0 or 1, found {size(self.order)}", field="order")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        values, places = self.met(x)
        message = f"places with a row for each axis of {_text(values)} are needed, found "
        if len(places) < 2:
            raise ShapeError(message + _text(places), field="coordinates")
        self.fixed(places[0], "how many rows of places there are")
        self.require(equal(places[0], len(values)), message + _text(places), field="coordinates")
        return places[1:]

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        values, places = self.met(x)
        return f"values of {_text(values)} at the places {_text(places)}: {_text(y)}; no params"
