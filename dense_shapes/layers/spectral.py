"""Wrapper layers: spectral normalization."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.recurrent import Recurrent
from dense_shapes.layers.text import Shape, plural, snake_case
from dense_shapes.layers.wrappers import Wrapper

_KERNELS = ("kernel", "embeddings")


class SpectralNormalization(Wrapper, first=("layer", "power_iterations")):
    """Keep the kernel of a layer from stretching any input: divide it by its spectral norm."""

    power_iterations: Dim = field(
        t.POSITIVE, default=1, doc="How often the estimate of the norm is improved, each step."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        # The kernels of these are not their own, but those of a cell or of the layer inside.
        inner = self.layer
        others = isinstance(inner, Recurrent) or (
            isinstance(inner, Wrapper) and not isinstance(inner, SpectralNormalization)
        )
        if others or inner.inputs != (1, 1):
            raise OptionError(
                f"{inner.type_name} has no kernel or embeddings of its own",
                field="layer",
                help="choose a layer with one kernel or table of vectors, such as Dense or Conv2D",
            )

    def kernel(self, layer: Layer, x: Any) -> int | None:
        """Return which of a layer's weights is the kernel, or None if it has none."""
        names = [weight.name for weight in layer.weights(x)]
        if isinstance(layer, SpectralNormalization):
            return next(i for i, name in enumerate(names) if name.endswith(_KERNELS))
        return next((i for i, name in enumerate(names) if name in _KERNELS), None)

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        (y,) = self.apply("layer", self.layer, x)
        if self.kernel(self.layer, x) is None:
            raise ShapeError(
                f"{self.layer.type_name} has no kernel or embeddings to normalize",
                field="layer",
                help="choose a layer with one kernel or table of vectors, such as Dense or Conv2D",
            )
        return y

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`: the kernel first, where Keras holds it as the wrapper's own too.

        With LoRA it holds the sum of the kernel and LoRA's part instead, which is no weight.
        """
        weights = list(self.wrapped(self.layer, x, f"{snake_case(self.layer.type_name)}/"))
        at = self.kernel(self.layer, x)
        assert at is not None  # noqa: S101 - `output` has seen to it
        kernel = weights[at]
        adapted = any("lora_" in weight.name for weight in weights)
        source = self.layer
        while isinstance(source, SpectralNormalization):
            source = source.layer
        vector = Weight(
            "vector_u",
            (1, kernel.shape[-1]),
            ("vector", kernel.axes[-1]),
            trainable=False,
            dtype=source.compute_dtype if adapted else kernel.dtype,
        )
        if adapted:
            yield vector
            yield from weights
        else:
            yield kernel
            yield vector
            yield from (weight for weight in weights if weight is not kernel)

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`: those of the layer; the norm is worked out in training only."""
        return self.layer.macs(x, y)

    def operand(self) -> str:
        """See `Layer.operand`."""
        return self.layer.operand()

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        made = self.inner(self.layer)
        kernel = self.owned(x)[0]
        return (
            f"in training the {kernel.name} is divided by the most that it stretches any input, "
            f"estimated by {plural(self.power_iterations, 'step')} from vector_u, which is kept; "
            f"{made.explain(x, y)}; in all {self.params_text(x)}"
        )

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        yield from self.layer.steps(x, y)
