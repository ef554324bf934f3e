"""Image sizes: resizing and cropping, and what all layers over images share."""

from __future__ import annotations

from typing import Any, ClassVar

from dense_shapes.dims import BATCH, Dim, equal, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, is_float
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import Type, field
from dense_shapes.layers.kinds import Choice, Maybe
from dense_shapes.layers.sizes import ListOf
from dense_shapes.layers.text import Shape, by, moved, size
from dense_shapes.layers.text import shape as shape_text

_BOX_FORMATS = (
    *("xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw"),
    *("rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh"),
)
INTERPOLATIONS = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")


class Factor(Type):
    """How far a random change goes: one number, or a list of the least and the most.

    Attributes:
        low: The smallest number it takes.
        high: The largest one.
        overlap: Whether a list need only reach into what lies between, as Keras has it for some.
        above: Whether it must be more than `low`.
    """

    numbers = True

    def __init__(
        self, low: float, high: float, *, overlap: bool = False, above: bool = False
    ) -> None:
        self.low = low
        self.high = high
        self.overlap = overlap
        self.above = above

    def read(self, value: Any, layer: Layer) -> float | tuple[float, float]:
        """Return the number, or the two, as they were given."""
        if not isinstance(value, list | tuple):
            if not self._fits(value):
                raise self.refuse(value, layer)
            return float(value) if isinstance(value, float) else value
        pair = tuple(value)
        if len(pair) != 2 or not all(map(_is_number, pair)):
            raise self.refuse(value, layer)
        first, second = pair
        if self.overlap:
            if first > self.high or second < self.low:
                raise self.refuse(value, layer)
        else:
            for i, item in enumerate(pair):
                if not self._fits(item):
                    raise self.refuse(item, layer, (i,))
        return first, second

    def _fits(self, value: Any) -> bool:
        if not _is_number(value) or not self.low <= value <= self.high:
            return False
        return not (self.above and value == self.low)

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        least = f"above {self.low:g}" if self.above else f"from {self.low:g}"
        return f"a number {least} to {self.high:g}, or a list [least, most] of two"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        least = "exclusiveMinimum" if self.above else "minimum"
        one: dict[str, Any] = {"type": "number", least: self.low, "maximum": self.high}
        item = {"type": "number"} if self.overlap else one
        pair = {"type": "array", "items": item, "minItems": 2, "maxItems": 2}
        # Tools that follow YAML 1.1 take 1e-3 for a text.
        power = {"type": "string", "pattern": r"^[+-]?[0-9.]+[eE][+-]?[0-9]+$"}
        return {"anyOf": [one, power, pair]}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def span(factor: float | tuple[float, float], least: float | None = None) -> tuple[float, float]:
    """Return the range from which a factor is drawn: one number stands for both directions.

    Args:
        factor: The number, or the two.
        least: What the range of one number goes down to at most; by default its opposite.
    """
    if isinstance(factor, tuple):
        return min(factor), max(factor)
    reach = abs(factor)
    low = -reach if least is None else max(-reach, least)
    # Of 0 the opposite is -0.0.
    return low or 0, reach


def percent(low: float, high: float) -> str:
    """Write a range of shares: `-20% to 20%`, or one share: `5%`."""
    if low == high:
        return f"{low * 100:.4g}%"
    return f"{low * 100:.4g}% to {high * 100:.4g}%"


def chance(factor: float | tuple[float, float]) -> str:
    """Write how probable a change is, where the probability itself is drawn from a range."""
    low, high = span(factor, 0)
    if low == high:
        return f"with a chance of {high * 100:.4g}%"
    return f"with a chance drawn from {percent(low, high)}"


def _grid(positions: Shape) -> str:
    """Write the sizes of an image, of which one may be the batch: `32x32`, `batch x 32`."""
    return " x ".join(map(str, positions)) if BATCH in positions else by(positions)


SHARE = Factor(0, 1, overlap=True)
VALUE_RANGE = ListOf(t.NUMBER, lambda rank: 2)


class Images(Layer, abstract=True, rank=2):
    """A layer over images: a batch of them, or a single one.

    Attributes:
        careless: Whether whole numbers stay such, though Keras infers the layer's own dtype.
            Within another layer, which looks at what really comes out, that counts.
    """

    careless: ClassVar[bool] = False
    instead_of_several = (
        "give it the images alone: labels, boxes and masks that Keras takes beside them, in a "
        "mapping, are not read"
    )

    data_format: str | None = field(
        t.DATA_FORMAT,
        default=None,
        doc="Where the channels stand: channels_last (the default) or channels_first.",
    )
    bounding_box_format: str | None = field(
        Maybe(Choice(*_BOX_FORMATS, kind="format of boxes")),
        default=None,
        doc="How boxes that come along with images are written; images alone do not need it.",
    )

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`."""
        if self.careless and self.enclosed and not is_float(dtype):
            return dtype
        return super().output_dtype(dtype)

    @property
    def idle(self) -> bool:
        """Whether it is called with a `training` of false or null; by default Keras trains here."""
        return not self.call.get("training", True)

    @property
    def channels_first(self) -> bool:
        """Whether the channel axis comes before height and width."""
        return self.data_format == "channels_first"

    def split(self, x: Shape) -> tuple[Shape, Dim]:
        """Return height and width, and the channels.

        Raises:
            ShapeError: The input has neither four axes nor three, those of a single image.
        """
        axes = "channels, height, width" if self.channels_first else "height, width, channels"
        if len(x) not in {3, 4}:
            raise ShapeError(
                f"{type(self).__name__} needs images of 4 axes (batch, {axes}), or a single one "
                f"of 3 ({axes}), found {shape_text(x)} with {len(x)}",
                rank=4,
            )
        return (x[-2:], x[-3]) if self.channels_first else (x[-3:-1], x[-1])

    def join(self, x: Shape, positions: Shape, channels: Dim) -> Shape:
        """Return the shape with the batch of `x`, if it has one, and these sizes."""
        image = (channels, *positions) if self.channels_first else (*positions, channels)
        return (*x[:-3], *image)

    def need_channels(self, x: Shape, channels: Dim, *numbers: int) -> None:
        """Demand that there are as many channels as one of these numbers.

        Raises:
            ShapeError: There are not.
        """
        needed = " or ".join(map(str, numbers))
        self.require(
            equal(prod(channels - n for n in numbers), 0),
            f"{type(self).__name__} works on the colours of images with {needed} channels, "
            f"found {size(channels)} in {shape_text(x)}",
            help="put it before the convolutions, on images in colour",
        )

    def pictures(self, x: Shape, noun: str = "image") -> str:
        """Name the images of an input: `32x32 image of 3 channels`.

        Args:
            x: The input's shape.
            noun: What they are called: `image`, or `images` of several.
        """
        positions, channels = self.split(x)
        many = "channel" if channels == 1 else "channels"
        return f"{_grid(positions)} {noun} of {channels} {many}"

    def single(self, x: Shape) -> str:
        """Say that an input of three axes is one image, where it is."""
        if len(x) != 3:
            return ""
        axes = "channels, height, width" if self.channels_first else "height, width, channels"
        place = "channels" if self.channels_first else "height"
        batch = f", the batch for its {place}" if x[0] == BATCH else ""
        return f"three axes are taken for one image ({axes}){batch}: "


class Augmentation(Images, abstract=True):
    """A layer that changes images and leaves their sizes.

    Attributes:
        acts: When it does that.
        otherwise: What it does at other times.
        colors: How many channels it needs images to have; any number where there is none here.
    """

    acts: ClassVar[str] = "in training"
    otherwise: ClassVar[str] = "otherwise does nothing; "
    colors: ClassVar[tuple[int, ...]] = ()

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        _, channels = self.split(x)
        if not self.idle:
            self.demand(x, channels)
        return x

    def demand(self, x: Shape, channels: Dim) -> None:
        """Demand of images what the change to them needs.

        Raises:
            ShapeError: They have it not.
        """
        if self.colors:
            self.need_channels(x, channels, *self.colors)

    def does(self, x: Shape) -> str:
        """Say what it does to the images of `x`."""
        raise NotImplementedError

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        change = f"{self.acts} {self.does(x)}; {self.otherwise}"
        if self.idle and self.otherwise:
            change = f"called as not in training, it leaves each {self.pictures(x)} as it is; "
        return f"{self.single(x)}{change}shape kept, no params"


class Always(Augmentation, abstract=True):
    """A layer that changes images in training and at any other time."""

    acts = "always"
    otherwise = ""


class Ranged(Augmentation, abstract=True):
    """A layer that knows between which numbers the values of its images lie."""

    value_range: tuple[float, float] = field(
        VALUE_RANGE, default=(0, 255), doc="The least and the largest value in the images."
    )

    def range_text(self) -> str:
        """Write the range of values: `0 to 255`."""
        low, high = self.value_range
        return f"{low:g} to {high:g}"


class Seeded(Ranged, abstract=True):
    """A layer that draws at random."""

    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")


class _Framed(Images, abstract=True, first=("height", "width")):
    """Give all images the same height and width."""

    height: Dim = field(t.POSITIVE, doc="Height of the output.")
    width: Dim = field(t.POSITIVE, doc="Width of the output.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        _, channels = self.split(x)
        return self.join(x, (self.height, self.width), channels)

    def how(self) -> str:
        """Say how the images become that large."""
        raise NotImplementedError

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        positions, channels = self.split(x)
        after, _ = self.split(y)
        kept = "1 channel stays" if channels == 1 else f"{channels} channels stay"
        return f"{self.single(x)}{moved(positions, after)}: {self.how()}; {kept}, no params"


class Resizing(_Framed):
    """Resize images to a given height and width."""

    careless = True

    interpolation: str = field(
        Choice(*INTERPOLATIONS),
        default="bilinear",
        doc="How values between pixels are found.",
    )
    crop_to_aspect_ratio: bool = field(
        t.BOOL, default=False, doc="Keep proportions, and cut off what is too long."
    )
    pad_to_aspect_ratio: bool = field(
        t.BOOL, default=False, doc="Keep proportions, and fill up what is too short."
    )
    fill_mode: str = field(
        Choice("constant"), default="constant", doc="What padding is filled with."
    )
    fill_value: float = field(t.NUMBER, default=0.0, doc="The value of the padding.")
    antialias: bool = field(t.BOOL, default=False, doc="Smooth an image that is made smaller.")

    def check(self) -> None:
        """See `Layer.check`."""
        need_one_aspect(crop=self.crop_to_aspect_ratio, pad=self.pad_to_aspect_ratio)

    def how(self) -> str:
        """See `_Framed.how`."""
        kept = ""
        if self.crop_to_aspect_ratio:
            kept = ", proportions kept, the rest cut off"
        elif self.pad_to_aspect_ratio:
            kept = f", proportions kept, the rest filled with {self.fill_value:g}"
        return f"every image is resized ({self.interpolation}{kept})"


class CenterCrop(_Framed):
    """Cut the middle out of images."""

    def how(self) -> str:
        """See `_Framed.how`."""
        return "the middle of every image is cut out; a smaller one is resized to that first"


class RandomCrop(_Framed):
    """Cut a random window out of images."""

    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`: a call that says it is not training leaves images as they are."""
        whole = super().output(x)
        return x if self.idle else whole

    def how(self) -> str:
        """See `_Framed.how`."""
        if self.idle:
            return "called as not in training, it leaves images whole"
        return (
            "a random window is cut out of all images; smaller ones are resized; "
            "in training alone, Keras's predict() leaves them whole"
        )


def need_one_aspect(*, crop: bool, pad: bool) -> None:
    """Demand that an image that is resized keeps its aspect ratio in one way only.

    Raises:
        OptionError: It is to be cropped and padded.
    """
    if crop and pad:
        raise OptionError(
            "crop_to_aspect_ratio and pad_to_aspect_ratio exclude each other",
            field="pad_to_aspect_ratio",
            help="leave one of them out",
        )
