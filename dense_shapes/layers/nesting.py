"""Layers inside other layers: the options that hold them, and what becomes of them in there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, TypeVar

from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import Type
from dense_shapes.layers.sizes import read_item
from dense_shapes.layers.text import Shape


class LayerOption(Type):
    """A layer of its own, which a spec writes as an entry."""

    nested = True

    def read(self, value: Any, layer: Layer) -> Layer:
        """Return the layer; what its own options demand of symbols is demanded of the outer one."""
        if not isinstance(value, Layer):
            raise self.refuse(value, layer)
        layer.demands.extend(value.demands)
        return value

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return "a layer, written as an entry: {LSTM: 64}"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"$ref": "#/$defs/layer"}


class LayersOption(LayerOption):
    """A list of layers, which a spec writes as entries; perhaps one alone will do too.

    Attributes:
        example: What such a list looks like.
    """

    def __init__(self, example: str, *, one: bool = False) -> None:
        self.example = example
        self.several = one
        self.only_lists = not one

    def read(self, value: Any, layer: Layer) -> Any:
        """Return the layers as a tuple, or the layer that stands alone."""
        if self.several and isinstance(value, Layer):
            return super().read(value, layer)
        if not isinstance(value, list | tuple):
            raise self.refuse(value, layer)
        if not value:
            raise OptionError("expected at least one layer, found []", help="put a layer in it")
        return tuple(read_item(LAYER, item, i, layer) for i, item in enumerate(value))

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        many = f"a list of layers, each written as an entry: [{self.example}]"
        one = self.example.partition(", ")[0]
        return f"a layer, written as an entry: {one}, or {many}" if self.several else many

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        one = super().schema(rank)
        many = {"type": "array", "items": one, "minItems": 1}
        return {"anyOf": [one, many]} if self.several else many


LAYER = LayerOption()

L = TypeVar("L", bound=Layer)


class Nesting(Layer, abstract=True):
    """A layer that has others inside, whose weights it owns.

    Attributes:
        folded: How many axes of its input the others do not see.
    """

    folded: ClassVar[int] = 0
    freezes_inside = False

    def inner(self, layer: L) -> L:
        """Return a layer as it is in here: frozen with the outer one, demanding on its own."""
        from copy import copy  # noqa: PLC0415 - few models need it, and it is slow to import

        made = copy(layer)
        made.trainable = self.trainable and layer.trainable
        made.enclosed = True
        made.demands = []
        made._owned = None
        return made

    def blame(self, name: str, error: ShapeError, path: tuple[int, ...] = ()) -> ShapeError:
        """Return an error of the layer in the option `name` as one of this layer."""
        return ShapeError(
            f"in this {type(self).__name__}: {error.message}",
            field=name,
            path=path,
            help=error.help,
            rank=None if error.rank is None else error.rank + self.folded,
            code=error.code,
        )

    def apply(self, name: str, layer: Layer, x: Any) -> list[Shape]:
        """Return the outputs of the layer in the option `name`; what it demands is demanded.

        Raises:
            ShapeError: It cannot accept this input; with that option as the one at fault.
        """
        made = self.inner(layer)
        try:
            y = made.output(x)
        except ShapeError as error:
            raise self.blame(name, error) from error
        self.demands.extend(made.demands)
        return y if isinstance(y, list) else [y]

    def wrapped(
        self, layer: Layer, x: Any, prefix: str = "", cells: dict[str, int] | None = None
    ) -> Iterator[Weight]:
        """Yield the weights of a layer, each named with that prefix and in that layer's dtype.

        Args:
            layer: The layer.
            x: Its input shapes.
            prefix: What comes before the weights' names.
            cells: How many cells of each name there have been already; is added to. Where it is
                given, the cells of a recurrent layer come before the names of their weights.
        """
        from copy import copy  # noqa: PLC0415 - few models need it, and it is slow to import

        made = self.inner(layer)
        named = getattr(made, "numbered", None)
        for weight in made.owned(x) if cells is None or named is None else named(x, cells):
            own = copy(weight)
            own.name = prefix + weight.name
            own.dtype = weight.dtype or made.variable_dtype
            yield own
