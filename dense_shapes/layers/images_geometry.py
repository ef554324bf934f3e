"""Image geometry: flips, turns, shifts and distortions."""

from __future__ import annotations

from dense_shapes.dims import Dim, at_least, equal
from dense_shapes.layers import types as t
from dense_shapes.layers.fields import field
from dense_shapes.layers.images import (
    SHARE,
    Augmentation,
    Factor,
    Ranged,
    Seeded,
    chance,
    percent,
    span,
)
from dense_shapes.layers.kinds import Choice, Either, Maybe
from dense_shapes.layers.sizes import ListOf
from dense_shapes.layers.text import Shape, size
from dense_shapes.layers.text import shape as shape_text

_FILL_MODES = ("reflect", "wrap", "constant", "nearest")
INTERPOLATION = Choice("bilinear", "nearest")


class RandomFlip(Augmentation, first=("mode", "seed")):
    """Mirror images at random, in training."""

    mode: str = field(
        Choice("horizontal_and_vertical", "horizontal", "vertical"),
        default="horizontal_and_vertical",
        doc="Which way images are mirrored.",
    )
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        ways = {"horizontal": "left to right", "vertical": "upside down"}
        how = ways.get(self.mode, "left to right and upside down")
        return f"mirrors each {self.pictures(x)} {how}, with a chance of 50%"


class Moved(Augmentation, abstract=True):
    """A layer that moves the pixels of images at random, in training."""

    interpolation: str = field(
        INTERPOLATION, default="bilinear", doc="How values between pixels are found."
    )
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")
    fill_value: float = field(
        t.NUMBER, default=0.0, doc="What stands in places that no pixel moved to, if constant."
    )

    def need_extent(self, x: Shape) -> None:
        """Demand that images are at least 2 high and 2 wide.

        Raises:
            ShapeError: They are not.
        """
        positions, _ = self.split(x)
        for name, n in zip(("high", "wide"), positions, strict=True):
            self.require(
                at_least(n, 2),
                f"{type(self).__name__} needs images at least 2 {name}, found {size(n)} in "
                f"{shape_text(x)}",
            )


class Affine(Moved, abstract=True):
    """A layer that moves pixels so that straight lines stay straight."""

    fill_mode: str = field(
        Choice(*_FILL_MODES),
        default="reflect",
        doc="What stands in places that no pixel moved to.",
    )


_MORE = ("fill_mode", "interpolation", "seed", "fill_value")


class RandomRotation(Affine, first=("factor", *_MORE)):
    """Turn images at random, in training."""

    factor: float | tuple[float, float] = field(
        Factor(-1, 1, overlap=True),
        doc="How far, as a share of a full turn: a number for both directions, or a range.",
    )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        low, high = span(self.factor)
        return f"turns each {self.pictures(x)} by {low * 360:.4g}° to {high * 360:.4g}°, at random"


class RandomTranslation(Affine, first=("height_factor", "width_factor", *_MORE)):
    """Shift images at random, in training."""

    height_factor: float | tuple[float, float] = field(
        Factor(-1, 1), doc="How far down, as a share of the height; negative is up."
    )
    width_factor: float | tuple[float, float] = field(
        Factor(-1, 1), doc="How far to the right, as a share of the width; negative is left."
    )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return (
            f"shifts each {self.pictures(x)} by {percent(*span(self.height_factor))} of its height "
            f"and {percent(*span(self.width_factor))} of its width, at random"
        )


class RandomZoom(Affine, first=("height_factor", "width_factor", *_MORE)):
    """Zoom into images or out of them at random, in training."""

    height_factor: float | tuple[float, float] = field(
        Factor(-1, 1, above=True),
        doc="How far out, as a share of the height; negative zooms in.",
    )
    width_factor: float | tuple[float, float] | None = field(
        Maybe(Factor(-1, 1, above=True)),
        default=None,
        doc="The same for the width; by default both are alike, and proportions stay.",
    )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        down = percent(*span(self.height_factor))
        if self.width_factor is None:
            return f"zooms each {self.pictures(x)} by {down}, proportions kept, at random"
        return (
            f"zooms each {self.pictures(x)} by {down} of its height and "
            f"{percent(*span(self.width_factor))} of its width, at random"
        )


class RandomShear(Affine, first=("x_factor", "y_factor", "interpolation", "fill_mode")):
    """Slant images at random, in training."""

    x_factor: float | tuple[float, float] = field(
        Factor(0, 1), default=0.0, doc="How far rows are slanted: a number for both directions."
    )
    y_factor: float | tuple[float, float] = field(
        Factor(0, 1), default=0.0, doc="How far columns are slanted: a number for both directions."
    )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return (
            f"slants the rows of each {self.pictures(x)} by {percent(*span(self.x_factor))} and "
            f"its columns by {percent(*span(self.y_factor))}, at random"
        )


class RandomPerspective(Moved, first=("factor", "scale", "interpolation", "fill_value", "seed")):
    """Show images from a random side, in training."""

    factor: float | tuple[float, float] = field(
        SHARE, default=1.0, doc="How probable that is: a number, or a range it is drawn from."
    )
    scale: float = field(
        t.RATE, default=1.0, doc="How far corners move, from 0 to 1, half of which is each way."
    )

    def demand(self, x: Shape, channels: Dim) -> None:
        """See `Augmentation.demand`: a single row or column has no perspective."""
        self.need_extent(x)

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return (
            f"moves the corners of each {self.pictures(x)} by up to {self.scale * 50:.4g}%, "
            f"{chance(self.factor)}"
        )


class RandomElasticTransform(
    Moved, Ranged, first=("factor", "scale", "interpolation", "fill_mode")
):
    """Bend images at random, in training."""

    factor: float | tuple[float, float] = field(
        SHARE, default=1.0, doc="How probable that is: a number, or a range it is drawn from."
    )
    scale: float | tuple[float, float] = field(
        SHARE, default=1.0, doc="How strong it is at most: a number, or a range."
    )
    fill_mode: str = field(
        Choice(*_FILL_MODES, "mirror"),
        default="reflect",
        doc="What stands in places that no pixel moved to.",
    )

    def demand(self, x: Shape, channels: Dim) -> None:
        """See `Augmentation.demand`: Keras drops axes of size 1 while it bends, and then fails."""
        if span(self.factor, 0)[1] != 0 and span(self.scale, 0)[1] != 0:
            self.need_extent(x)

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        low, high = span(self.scale, 0)
        return (
            f"bends each {self.pictures(x)} with a strength of {low:g} to {high:g}, "
            f"{chance(self.factor)}"
        )


class RandomErasing(Seeded, first=("factor", "scale", "fill_value", "value_range", "seed")):
    """Fill a random rectangle of images, in training."""

    factor: float | tuple[float, float] = field(
        SHARE, default=1.0, doc="How probable that is: a number, or a range it is drawn from."
    )
    scale: float | tuple[float, float] = field(
        SHARE, default=(0.02, 0.33), doc="What share of the image it covers: a number, or a range."
    )
    fill_value: float | tuple[float, ...] | None = field(
        Maybe(Either(t.NUMBER, ListOf(t.NUMBER, lambda rank: 3))),
        default=None,
        doc="What it is filled with: a number, or three for the last axis; null is noise.",
    )

    def demand(self, x: Shape, channels: Dim) -> None:
        """See `Augmentation.demand`: three values are for the last axis, in any data_format."""
        if isinstance(self.fill_value, tuple):
            self.require(
                equal(x[-1], 3),
                f"three values fill a last axis of 3, found {size(x[-1])} in {shape_text(x)}",
                field="fill_value",
                help="give one number, or leave it out for noise",
            )

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        fill = "noise" if self.fill_value is None else "a given value"
        return (
            f"fills {percent(*span(self.scale, 0))} of each {self.pictures(x)} with {fill}, "
            f"{chance(self.factor)}"
        )
