"""Regularization layers: they act in training only, and own no parameters.

Keras gives them a random seed's state, which it does not count as a parameter.
"""

from __future__ import annotations

from typing import ClassVar

from dense_shapes.dims import Dim
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Maybe
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.spatial import Spatial
from dense_shapes.layers.text import Shape, size


def _share(rate: float) -> str:
    return f"{rate * 100:.4g}%"


class Dropout(Layer):
    """Set a random share of the values to zero, in training."""

    rate: float = field(t.RATE, doc="The share that is dropped, from 0 to 1.")
    noise_shape: tuple[Dim | None, ...] | None = field(
        Maybe(ListOf(Maybe(Int(1)))),
        default=None,
        doc="Sizes of the random mask: 1 drops along that axis as a whole, null keeps the size.",
    )
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"in training sets {_share(self.rate)} of the values to zero at random; "
            "otherwise does nothing; shape unchanged, no params"
        )


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
