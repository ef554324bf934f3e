"""What of `trainable: false` a Keras config can say, and what it cannot."""

from __future__ import annotations

from typing import Any

from dense_shapes.conversion.errors import Conversion
from dense_shapes.diagnostics import Severity
from dense_shapes.layers import Layer
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.nesting import Nesting
from dense_shapes.layers.operation import Operation
from dense_shapes.layers.recorded import AllSteps, EachStep, InnerInput, SameShape
from dense_shapes.model import Model

_WEIGHTLESS = (AllSteps, EachStep, InnerInput, InputLayer, Operation, SameShape)


def is_frozen(model: Model) -> bool:
    """Tell whether a model has layers, and none of them is trained."""
    layers = [node.layer for node in model.nodes if node.layer is not None]
    layers = [layer for layer in layers if not isinstance(layer, _WEIGHTLESS)]
    return bool(layers) and not any(layer.trainable for layer in layers)


def note_thawed(path: str, layer: Layer, made: Conversion[Any], *, frozen: bool = False) -> None:
    """Say which layers Keras will train though they are frozen.

    It freezes a layer's own weights when it reads a config. Those that belong to layers which it
    makes inside, without options of their own in the config, it cannot be told of.

    Args:
        path: The layer's path.
        layer: The layer.
        made: Where to note it.
        frozen: Whether it stands inside a frozen one.
    """
    frozen = frozen or not layer.trainable
    if frozen and not layer.freezes_inside and not isinstance(layer, Nesting):
        made.note(
            f"{path!r} is frozen, which Keras's configs cannot say of what is inside "
            f"{type(layer).__name__}: Keras will count its params as trainable",
            severity=Severity.WARNING,
        )
    for name in type(layer).fields:
        value = getattr(layer, name)
        for inner in value if isinstance(value, list | tuple) else (value,):
            if isinstance(inner, Layer):
                note_thawed(path, inner, made, frozen=frozen)
