"""Pipelines: layers that are applied one after the other, as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.masks import TAKES_MASK
from dense_shapes.layers.merging import Merge
from dense_shapes.layers.nesting import L, LayersOption
from dense_shapes.layers.text import Shape
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.layers.wrappers import Wrapper


class Pipeline(Wrapper, without=("layer", "dtype", "autocast", "activity_regularizer")):
    """Apply layers one after the other, most often those that prepare data."""

    freezes_inside = True
    inferred = False
    call_arguments = TAKES_MASK

    layers: tuple[Layer, ...] = field(
        LayersOption("{Resizing: …}, RandomFlip"), doc="The layers, in their order."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        for i, layer in enumerate(self.layers):
            if layer.inputs[0] > 1 or isinstance(layer, Merge | InputLayer):
                raise OptionError(
                    f"{layer.type_name} does not take one input, the output of the layer before it",
                    field="layers",
                    path=(i,),
                    help="choose a layer that takes one input",
                )
            if layer.output_count > 1 and i + 1 < len(self.layers):
                raise OptionError(
                    f"{layer.type_name} gives {layer.output_count} outputs, "
                    "where the next layer takes one",
                    field="layers",
                    path=(i,),
                    help="leave out return_state, or make it the last layer",
                )

    @property
    def within(self) -> tuple[Layer, ...]:
        """See `Wrapper.within`."""
        return self.layers

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return self.layers[-1].output_count

    def inner(self, layer: L) -> L:
        """See `Nesting.inner`: whether it is training, all layers are told."""
        made = super().inner(layer)
        if self.call.get("training") is not None:
            made.call = {"training": self.call["training"]}
        return made

    def walk(self, x: Shape) -> Iterator[tuple[Layer, Any, Any]]:
        """Yield each layer as it is in here, with what goes into it and what comes out."""
        y: Any = x
        for i, layer in enumerate(self.layers):
            given = y if layer.inputs == (1, 1) else [y]
            try:
                y, *others = self.apply("layers", layer, given)
            except ShapeError as error:
                error.path = (i, *error.path)
                raise
            y = [y, *others] if others else y
            yield self.inner(layer), given, y

    def output(self, x: Shape) -> Shape | list[Shape]:
        """See `Layer.output`."""
        *_, (_, _, y) = self.walk(x)
        return y  # type: ignore[no-any-return]  # a shape or a list, as the last layer has it

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`: several layers of one type are told apart by numbers.

        They act on what the layers before them make, so that none takes part in one equation.
        """
        seen: dict[str, int] = {}
        cells: dict[str, int] = {}
        for layer, given, _ in self.walk(x):
            name = layer.automatic_name()
            again = seen.get(name, 0)
            seen[name] = again + 1
            number = f"_{again}" if again else ""
            for weight in self.wrapped(layer, given, f"{name}{number}/", cells):
                weight.sign, weight.summed = "", ()
                yield weight

    def macs(self, x: Shape, y: Any) -> Dim:
        """See `Layer.macs`."""
        return sum((layer.macs(given, out) for layer, given, out in self.walk(x)), 0)

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`: that of the last layer."""
        for layer in self.layers:
            dtype = self.inner(layer).output_dtype(dtype)
        return dtype

    def explain(self, x: Shape, y: Any) -> str:
        """See `Layer.explain`."""
        walked = ", ".join(f"{layer.type_name} → {_shapes(out)}" for layer, _, out in self.walk(x))
        return f"from {shape_text(x)}, one after the other: {walked}; {self.params_text(x)}"

    def steps(self, x: Shape, y: Any) -> Iterator[str]:
        """See `Layer.steps`."""
        for i, (layer, given, out) in enumerate(self.walk(x), 1):
            yield f"layer {i}, {layer.type_name}: {layer.explain(given, out)}"
            yield from layer.steps(given, out)


def _shapes(y: Any) -> str:
    return " and ".join(map(shape_text, y)) if isinstance(y, list) else shape_text(y)
