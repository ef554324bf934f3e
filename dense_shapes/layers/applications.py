"""Layers that models of `keras.applications` bring along."""

from __future__ import annotations

from collections.abc import Iterator

from dense_shapes.dims import Dim
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, Weight, is_float
from dense_shapes.layers.broadcasting import broadcast
from dense_shapes.layers.fields import field
from dense_shapes.layers.promotion import promote
from dense_shapes.layers.text import Shape, plural
from dense_shapes.layers.text import shape as shape_text


def _seen(layer: Layer, dtype: str) -> str:
    """Return the dtype in which a layer sees an input, which Keras may cast before."""
    return layer.compute_dtype if layer.autocast and is_float(dtype) else dtype


class LayerScale(Layer, first=("init_values", "projection_dim")):
    """Multiply each channel by a learned factor (ConvNeXt)."""

    init_values: float = field(t.NUMBER, doc="Where the factors start.")
    projection_dim: Dim = field(t.POSITIVE, doc="How many factors there are, one for each channel.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return broadcast(
            self,
            x,
            (self.projection_dim,),
            field="projection_dim",
            help="give it the size of the last axis",
        )

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`."""
        seen = _seen(self, dtype)
        factors = self.compute_dtype if self.autocast else self.variable_dtype
        return seen if seen == factors else promote(seen, factors)

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield Weight("gamma", (self.projection_dim,), ("channel",), sign="×")

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        shape = "shape unchanged" if x == y else f"{shape_text(x)} → {shape_text(y)}"
        return (
            f"{plural(self.projection_dim, 'learned factor')}, one for each channel, which start "
            f"at {self.init_values:g}; {shape}, {self.params_text(x)}"
        )


class CustomScaleLayer(Layer):
    """Add the second input, scaled by a number, to the first (Inception-ResNet)."""

    inputs = (2, 2)

    scale: float = field(t.NUMBER, doc="The factor of the second input.")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        return broadcast(self, *x)

    def output_dtypes(self, dtypes: list[str]) -> list[str]:
        """See `Layer.output_dtypes`."""
        # Where an input is missing, that is told elsewhere.
        both = ((dtypes or ["float32"]) * 2)[:2]
        first, second = (_seen(self, dtype) for dtype in both)
        if first == second and is_float(first):
            return [first]
        return [promote(first, promote(second, type(self.scale).__name__))]

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`: all inputs are of one dtype."""
        return self.output_dtypes([dtype, dtype])[0]

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        first, second = map(shape_text, x)
        return f"{first} + {self.scale:g}·{second}, value by value: {shape_text(y)}; no params"
