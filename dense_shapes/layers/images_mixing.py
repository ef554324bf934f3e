"""Image mixtures: blends of images, and augmentations by the dozen."""

from __future__ import annotations

from dense_shapes.dims import Dim
from dense_shapes.layers import types as t
from dense_shapes.layers.errors import OptionError
from dense_shapes.layers.fields import field
from dense_shapes.layers.images import (
    SHARE,
    Always,
    Augmentation,
    Factor,
    Seeded,
    percent,
    span,
)
from dense_shapes.layers.images_geometry import INTERPOLATION
from dense_shapes.layers.sizes import Int
from dense_shapes.layers.text import Shape, plural, size


def _need_positive(alpha: float) -> None:
    if not alpha > 0:
        raise OptionError(
            f"expected a number above 0, found {alpha:g}",
            field="alpha",
            help="the weights of a mixture are drawn from Beta(alpha, alpha), which needs that",
        )


class CutMix(Augmentation, first=("factor", "seed")):
    """Replace a rectangle of each image by that of another one in the batch, in training."""

    factor: float | tuple[float, float] = field(
        SHARE, default=1.0, doc="How even the mixture is, from 0 to 1: a number, or a range."
    )
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return f"puts a rectangle of another image of the batch into each {self.pictures(x)}"


class MixUp(Augmentation, first=("alpha",)):
    """Blend each image with another one of the batch, in training."""

    alpha: float = field(t.NUMBER, default=0.2, doc="How even the mixture is, more than 0.")
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")

    def check(self) -> None:
        """See `Layer.check`."""
        _need_positive(self.alpha)

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return (
            f"blends each {self.pictures(x)} with another one of the batch, by a weight drawn "
            f"from Beta({self.alpha:g}, {self.alpha:g})"
        )


class RandAugment(Seeded, first=("value_range", "num_ops", "factor", "interpolation")):
    """Apply some augmentations, chosen at random, in training."""

    num_ops: Dim = field(Int(0), default=2, doc="How many are applied, one after the other.")
    factor: float | tuple[float, float] = field(
        Factor(0, 1), default=0.5, doc="How strong they are: a number, or a range."
    )
    interpolation: str = field(
        INTERPOLATION, default="bilinear", doc="How values between pixels are found."
    )

    def demand(self, x: Shape, channels: Dim) -> None:
        """See `Augmentation.demand`: one of all augmentations takes colour out of images."""
        if self.num_ops != 0:
            self.need_channels(x, channels, 1, 3)

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return (
            f"applies {plural(self.num_ops, 'augmentation')}, of 11 at random, to all "
            f"{self.pictures(x, 'images')} of the batch, {percent(*span(self.factor, 0))} strong"
        )


_MIX = ("value_range", "num_chains", "chain_depth", "factor", "alpha", "all_ops", "interpolation")


class AugMix(Seeded, first=_MIX):
    """Mix images with versions of theirs that were changed at random, in training."""

    num_chains: Dim = field(Int(0), default=3, doc="How many changed versions are mixed.")
    chain_depth: Dim = field(
        Int(0), default=3, doc="How many augmentations, at most, change each version."
    )
    factor: float | tuple[float, float] = field(
        Factor(0, 1), default=0.3, doc="How strong they are: a number, or a range."
    )
    alpha: float = field(t.NUMBER, default=1.0, doc="How even the mixture is, more than 0.")
    all_ops: bool = field(
        t.BOOL, default=True, doc="Whether brightness, colour, contrast and sharpness change too."
    )
    interpolation: str = field(
        INTERPOLATION, default="bilinear", doc="How values between pixels are found."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        _need_positive(self.alpha)

    def demand(self, x: Shape, channels: Dim) -> None:
        """See `Augmentation.demand`: one of all augmentations takes colour out of images."""
        if self.all_ops and self.num_chains != 0 and self.chain_depth != 0:
            self.need_channels(x, channels, 1, 3)

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        chains = plural(self.num_chains, "version")
        return (
            f"mixes each {self.pictures(x)} with {chains} of it, each changed up to "
            f"{plural(self.chain_depth, 'time')}, {percent(*span(self.factor, 0))} strong"
        )


class MaxNumBoundingBoxes(Always):
    """Bring the number of boxes that come along with images to a given one.

    Given images alone, as in a spec, there is nothing for it to do.
    """

    careless = True

    max_number: Dim = field(t.POSITIVE, doc="How many boxes an image has then.")
    fill_value: Dim = field(t.INTEGER, default=-1, doc="What stands for boxes that are missing.")

    def does(self, x: Shape) -> str:
        """See `Augmentation.does`."""
        return (
            f"leaves each {self.pictures(x)} as it is: it brings boxes to {size(self.max_number)} "
            "for each, and images alone have none"
        )
