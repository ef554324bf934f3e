"""Options that are layers of their own, before either side has made them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class Nested:
    """A layer to be made with the classes of Keras, or with ours.

    Attributes:
        name: The layer's class.
        options: Its options, in which there may be more such layers.
    """

    name: str
    options: dict[str, Any]

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        return f"layers.{self.name}({arguments})"


def made(options: dict[str, Any], classes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with their layers made with these classes."""

    def make(value: Any) -> Any:
        if isinstance(value, Nested):
            layer = classes[value.name](**made(value.options, classes))
            if not getattr(layer, "freezes_inside", True):
                # Keras freezes a layer's own weights alone, and here it has none.
                layer.trainable = True
            return layer
        if isinstance(value, list) and any(isinstance(item, Nested) for item in value):
            return [make(item) for item in value]
        return value

    return {name: make(value) for name, value in options.items()}
