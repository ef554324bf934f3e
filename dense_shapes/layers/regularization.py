"""Regularization layers: they act in training only, and own no parameters.

Keras gives them a random seed's state, which it does not count as a parameter.
"""

from __future__ import annotations

from typing import ClassVar

from dense_shapes.dims import Dim
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Float, Maybe
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.spatial import Spatial
from dense_shapes.layers.text import Shape, size


def _share(rate: float) -> str:
    return f"{rate * 100:.4g}%"


class TrainingOnly(Layer, abstract=True):
    """A layer that changes values in training, and passes them on otherwise."""

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return x

    def effect(self) -> str:
        """Say what it does to the values, in training."""
        raise NotImplementedError

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"in training {self.effect()}; otherwise does nothing; shape unchanged, no params"


class Dropout(TrainingOnly):
    """Set a random share of the values to zero, in training."""

    rate: float = field(t.RATE, doc="The share that is dropped, from 0 to 1.")
    noise_shape: tuple[Dim | None, ...] | None = field(
        Maybe(ListOf(Maybe(Int(1)))),
        default=None,
        doc="Sizes of the random mask: 1 drops along that axis as a whole, null keeps the size.",
    )
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")

    def effect(self) -> str:
        """See `TrainingOnly.effect`."""
        return f"sets {_share(self.rate)} of the values to zero at random"


class AlphaDropout(Dropout):
    """Set a random share of the values to SELU's lowest, in training, keeping mean and variance."""

    def effect(self) -> str:
        """See `TrainingOnly.effect`."""
        return (
            f"sets {_share(self.rate)} of the values to SELU's lowest value at random, and scales "
            "and shifts all so that their mean and variance stay"
        )


class GaussianDropout(TrainingOnly):
    """Multiply the values by random numbers around 1, in training."""

    rate: float = field(
        t.RATE, doc="How much they vary: a standard deviation of sqrt(rate/(1 - rate))."
    )
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")

    def effect(self) -> str:
        """See `TrainingOnly.effect`."""
        spread = "without bound"
        if self.rate < 1:
            spread = f"of standard deviation {(self.rate / (1 - self.rate)) ** 0.5:.4g}"
        return f"multiplies every value by a random number around 1, {spread}"


class GaussianNoise(TrainingOnly):
    """Add random numbers to the values, in training."""

    stddev: float = field(t.RATE, doc="The standard deviation of the noise, from 0 to 1.")
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")

    def effect(self) -> str:
        """See `TrainingOnly.effect`."""
        return f"adds noise of standard deviation {self.stddev:g} to every value"


class ActivityRegularization(TrainingOnly, without=("activity_regularizer",)):
    """Penalize large values, in training."""

    l1: float | None = field(
        Maybe(Float(0)), default=0.0, doc="The penalty on the sum of the absolute values."
    )
    l2: float | None = field(
        Maybe(Float(0)), default=0.0, doc="The penalty on the sum of the squares."
    )

    def effect(self) -> str:
        """See `TrainingOnly.effect`."""
        return (
            f"adds {self.l1 or 0:g} times the absolute values and {self.l2 or 0:g} times the "
            "squares to the loss"
        )


class StochasticDepth(TrainingOnly):
    """Leave out a branch of the model at random, in training (ConvNeXt)."""

    keeps_dtype = True

    drop_path_rate: float = field(t.RATE, doc="How often the branch is left out, from 0 to 1.")

    def effect(self) -> str:
        """See `TrainingOnly.effect`."""
        return f"sets whole examples to zero, {self.drop_path_rate * 100:.4g}% of them at random"


class SpatialDropout(Spatial, abstract=True, without=("autocast", "activity_regularizer")):
    """Drop whole channels, in training."""

    what: ClassVar[str]

    rate: float = field(t.RATE, doc="The share of channels that is dropped, from 0 to 1.")
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        self.split(x)
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        _, channels = self.split(x)
        return (
            f"in training sets {_share(self.rate)} of the {size(channels)} channels to zero, each "
            "at all its positions; otherwise does nothing; shape unchanged, no params"
        )


class SpatialDropout1D(SpatialDropout, rank=1, without=("data_format",)):
    """Drop whole channels of a sequence, in training."""


class SpatialDropout2D(SpatialDropout, rank=2):
    """Drop whole channels of an image, in training."""


class SpatialDropout3D(SpatialDropout, rank=3):
    """Drop whole channels of a volume, in training."""
