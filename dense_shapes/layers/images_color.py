"""Image colours: brightness, contrast, hue, sharpness and shades."""

from __future__ import annotations

from typing import ClassVar

from dense_shapes.dims import Dim, divides, equal
from dense_shapes.layers import types as t
from dense_shapes.layers.base import is_float
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.images import (
    SHARE,
    Always,
    Augmentation,
    Factor,
    Ranged,
    Seeded,
    chance,
    percent,
    span,
)
from dense_shapes.layers.kinds import Maybe
from dense_shapes.layers.sizes import Sizes
from dense_shapes.layers.text import Shape, by, size
from dense_shapes.layers.text import shape as shape_text

_FIRST = ("factor", "value_range")


class RandomBrightness(Seeded, first=_FIRST):
    """Make images brighter or darker at random, in training."""

    careless = True

    factor: float | tuple[float, float] = field(
        Factor(-1, 1, overlap=True),
        doc="How far at most, as a share of the range of values: a number for both directions.",
    )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return (
            f"adds {percent(*span(self.factor))} of the range {self.range_text()} to all values "
            f"of each {self.pictures(x)}, at random"
        )


class RandomContrast(Seeded, first=_FIRST):
    """Change the contrast of images at random, in training."""

    factor: float | tuple[float, float] = field(
        SHARE, doc="How much less and how much more contrast there may be, as shares."
    )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        low, high = span(self.factor, 0)
        return (
            f"moves the values of each {self.pictures(x)} from their mean, "
            f"by {1 - low:g} to {1 + high:g} times, at random"
        )


class RandomColorDegeneration(Seeded, first=_FIRST):
    """Take colour out of images at random, in training."""

    colors = (3,)

    factor: float | tuple[float, float] = field(
        Factor(-1, 1, overlap=True), doc="How much colour is lost: 0 none, 1 all of it."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`: Keras looks at the channels even where nothing is to be done."""
        _, channels = self.split(x)
        self.demand(x, channels)
        return x

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        low, high = span(self.factor)
        return f"takes {percent(low, high)} of the colour out of each {self.pictures(x)}"


class RandomSaturation(Seeded, first=_FIRST):
    """Change how colourful images are at random, in training."""

    colors = (3,)

    factor: float | tuple[float, float] = field(
        Factor(-1, 1, overlap=True), doc="From 0, grey, over 0.5, as it is, to 1, all colour."
    )

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`.

        Raises:
            ShapeError: The images are not of floating-point numbers.
        """
        if not is_float(dtype) and not self.idle:
            raise ShapeError(
                f"RandomSaturation needs images of floating-point numbers, found {dtype}",
                help="put a Rescaling before it, such as `Rescaling: {scale: 1}`, "
                "or give the input a dtype of float32",
            )
        return super().output_dtype(dtype)

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        low, high = span(self.factor)
        return (
            f"changes the saturation of each {self.pictures(x)} by f/(1 - f) times, "
            f"f at random from {low:g} to {high:g}"
        )


class RandomHue(Seeded, first=_FIRST):
    """Turn the colours of images at random, in training."""

    colors = (3,)

    factor: float | tuple[float, float] = field(
        SHARE, doc="How far the hue is turned: 1 is half of the circle of colours."
    )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        low, high = span(self.factor, 0)
        return (
            f"turns the hue of each {self.pictures(x)} by {low * 180:g}° to {high * 180:g}°, "
            "either way"
        )


class RandomSharpness(Seeded, first=_FIRST):
    """Blur or sharpen images at random, in training."""

    factor: float | tuple[float, float] = field(
        SHARE, doc="From 0, blurred, over 0.5, as it is, to 1, sharpened."
    )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        low, high = span(self.factor, 0)
        return (
            f"mixes each {self.pictures(x)} with its mean over 3x3 windows, "
            f"at random between {low:g} and {high:g}, 0.5 being the image itself"
        )


class RandomPosterization(Seeded, first=_FIRST):
    """Leave fewer shades in images, at random, in training."""

    factor: float | tuple[float, float] = field(
        Factor(1, 8, overlap=True), doc="How many bits each value keeps, from 1 to 8."
    )

    def check(self) -> None:
        """See `Layer.check`: bits are drawn as whole numbers."""
        low, high = span(self.factor, 1)
        fixed = low == high and not isinstance(low, float)
        if not fixed and int(low) >= int(high):
            raise OptionError(
                f"found no whole number of bits from {low:g} to below {high:g}",
                field="factor",
                help="give one whole number from 1 to 8, or a list of two, such as [4, 8]",
            )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        low, high = span(self.factor, 1)
        # Keras draws them from `low` to below `high`.
        least, most = int(low), max(int(low), int(high) - 1)
        bits = f"{least}" if least == most else f"{least} to {most}"
        return f"keeps {bits} of the 8 bits of every value in each {self.pictures(x)}"


class RandomInvert(Seeded, first=_FIRST):
    """Invert images at random, in training."""

    factor: float | tuple[float, float] = field(
        SHARE, default=1.0, doc="How probable that is: a number, or a range it is drawn from."
    )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        high = f"{self.value_range[1]:g}"
        return (
            f"turns each value v of each {self.pictures(x)} into {high} - v, {chance(self.factor)}"
        )


class RandomGaussianBlur(Seeded, first=("factor", "kernel_size", "sigma", "value_range")):
    """Blur images at random, in training."""

    factor: float | tuple[float, float] = field(
        SHARE, default=1.0, doc="How probable that is: a number, or a range it is drawn from."
    )
    kernel_size: tuple[Dim, ...] = field(
        Sizes(1), default=3, doc="Size of the window, which must be odd: one number or two."
    )
    sigma: float | tuple[float, float] = field(
        SHARE, default=1.0, doc="The deviation of the bell curve, at most: a number, or a range."
    )

    def check(self) -> None:
        """See `Layer.check`: the window has a middle."""
        for i, n in enumerate(self.kernel_size):
            verdict = divides(2, n + 1)
            if verdict is False:
                raise OptionError(
                    f"expected odd sizes, found {size(n)}",
                    field="kernel_size",
                    path=(i,) if self.kernel_size[0] != self.kernel_size[1] else (),
                    help="a window has its middle at a pixel if its sizes are odd, such as 3 or 5",
                )
            if verdict is not True:
                self.demands.append(verdict)

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return (
            f"blurs each {self.pictures(x)} over windows of {by(self.kernel_size)}, "
            f"{chance(self.factor)}"
        )


class RandomGrayscale(Augmentation):
    """Take all colour out of some images, in training."""

    colors = (1, 3)
    keeps_dtype = True

    factor: float = field(
        t.RATE, default=0.5, doc="How probable that is for each image, from 0 to 1."
    )
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return (
            f"makes each {self.pictures(x)} grey with a chance of {self.factor * 100:.4g}%, "
            "its channels all the same"
        )


class RandomColorJitter(Seeded, first=("value_range",)):
    """Change brightness, contrast, saturation and hue of images at random, in training."""

    brightness_factor: float | tuple[float, float] | None = field(
        Maybe(Factor(-1, 1, overlap=True)), default=None, doc="As in RandomBrightness."
    )
    contrast_factor: float | tuple[float, float] | None = field(
        Maybe(SHARE), default=None, doc="As in RandomContrast."
    )
    saturation_factor: float | tuple[float, float] | None = field(
        Maybe(Factor(-1, 1, overlap=True)), default=None, doc="As in RandomSaturation."
    )
    hue_factor: float | tuple[float, float] | None = field(
        Maybe(SHARE), default=None, doc="As in RandomHue."
    )

    def demand(self, x: Shape, channels: Dim) -> None:
        """See `Augmentation.demand`: Keras looks for the colours in the last axis, in any case."""
        for name in ("saturation_factor", "hue_factor"):
            if getattr(self, name) is not None:
                self.require(
                    equal(x[-1], 3),
                    f"RandomColorJitter takes the last axis for three colours, found {size(x[-1])} "
                    f"in {shape_text(x)}",
                    field=name,
                    help="give it images of 3 channels, which come last whatever the data_format"
                    if self.channels_first
                    else "give it images of 3 channels, or leave the option out",
                )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        given = [
            name
            for name in ("brightness", "contrast", "saturation", "hue")
            if getattr(self, f"{name}_factor") is not None
        ]
        *others, last = given or ["nothing"]
        changed = f"{', '.join(others)} and {last}" if others else last
        return f"changes {changed} of each {self.pictures(x)} at random"


class Solarization(Seeded, first=("addition_factor", "threshold_factor", "value_range")):
    """Brighten images at random and invert what is bright in them, in training."""

    addition_factor: float | tuple[float, float] = field(
        Factor(0, 1), default=0.0, doc="How much is added first, as a share of 255."
    )
    threshold_factor: float | tuple[float, float] = field(
        Factor(0, 1), default=0.0, doc="From where on values are inverted, as a share of 255."
    )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        added = percent(*span(self.addition_factor, 0))
        bound = percent(*span(self.threshold_factor, 0))
        return (
            f"adds {added} of 255 to each {self.pictures(x)}, then inverts values above {bound} "
            "of 255, at random"
        )


class AutoContrast(Ranged, Always):
    """Stretch the values of each channel over the whole range."""

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return (
            f"stretches each channel of each {self.pictures(x)}, so that its values reach "
            f"from {self.range_text()}"
        )


class ContrastLimitedAdaptiveHistogramEqualization(
    Ranged, Always, first=("value_range", "clip_limit", "tile_grid_size")
):
    """Even out the shades of images, tile by tile."""

    careless = True

    clip_limit: float = field(
        t.NUMBER, default=4.0, doc="How much contrast may grow; none or less leaves it unlimited."
    )
    tile_grid_size: tuple[Dim, ...] = field(
        Sizes(1), default=(8, 8), doc="How many tiles an image has, down and across."
    )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return (
            f"evens out the shades of each {self.pictures(x)}, "
            f"in {by(self.tile_grid_size)} tiles of its own each"
        )


class Equalization(Ranged, first=("value_range",)):
    """Even out the shades of images, so that all are as frequent.

    Attributes:
        only_in: The layer in which alone Keras can apply it.
    """

    only_in: ClassVar[str] = "Pipeline"

    bins: Dim = field(t.POSITIVE, default=256, doc="How many shades are told apart.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`.

        Raises:
            ShapeError: It stands in a model by itself, where Keras takes it for a cycle.
        """
        self.split(x)
        if not self.enclosed:
            raise ShapeError(
                "Keras builds no model with Equalization as a layer of its own: it hands on the "
                "tensor that it was given, which makes a cycle",
                help="put it in a Pipeline: `Pipeline: {layers: [Equalization]}`",
            )
        return x

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return (
            f"evens out {size(self.bins)} shades in each channel of each {self.pictures(x)}, "
            "all as frequent"
        )
