"""The inputs of a saved model: shapes that the file records, and those given in their place."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Any

from dense_shapes.dims import BATCH, Dim
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.recorded import RecordedShape
from dense_shapes.layers.text import Shape
from dense_shapes.layers.types import INPUT_DTYPES
from dense_shapes.spec.keras.inbound import read_shape
from dense_shapes.spec.keras.network import Net, Part
from dense_shapes.spec.keras.options import Factory, policy_name
from dense_shapes.spec.nodes import Sequence
from dense_shapes.spec.problems import SpecError
from dense_shapes.spec.symbols import SettingError, Symbols, open_names


class Inputs:
    """The inputs of one file.

    Attributes:
        symbols: The names of sizes that are left open.
        replaced: Whether shapes were given in place of those recorded.
    """

    def __init__(self, factory: Factory, symbols: Symbols, given: Map[str, Sequence]) -> None:
        self.factory = factory
        self.symbols = symbols
        self.given = dict(given)
        self.replaced = bool(given) or bool(symbols.settings)

    def claim(self, names: list[str]) -> None:
        """Refuse shapes for inputs that the model does not have.

        Raises:
            SettingError: There is one.
        """
        if "" in self.given and len(names) == 1:
            self.given[names[0]] = self.given.pop("")
        for name in self.given:
            if name not in names:
                wanted = f"no input is called {name!r}" if name else "it does not say which input"
                known = ", ".join(names) or "none"
                raise SettingError(f"--input-shape: {wanted}; the inputs are {known}")

    def shape(self, name: str, recorded: RecordedShape | None) -> Shape | None:
        """Return an input's whole shape, with names for open sizes; None if there is none."""
        batch = BATCH if not recorded or recorded[0] is None else recorded[0]
        given = self.given.get(name)
        if given is not None:
            from dense_shapes.spec.options import option_value  # noqa: PLC0415 - few runs need it
            from dense_shapes.spec.scope import Scope  # noqa: PLC0415

            kind = InputLayer.fields["shape"].type
            scope = Scope.over(self.symbols, self.factory.problems)
            try:
                sizes = option_value(given, kind, InputLayer, scope)
            except SpecError as error:
                raise SettingError(f"--input-shape: {error.diagnostic.message}") from None
            return (batch, *self.named(sizes))
        if recorded is None:
            return None
        return (batch, *self.named(list(recorded[1:])))

    def named(self, sizes: list[Dim | None]) -> Shape:
        """Return sizes with names for those that are left open."""
        names = open_names(len(sizes), channels_first=self.factory.channels_first)
        return tuple(
            self.symbols.name_open(name) if n is None else n
            for n, name in zip(sizes, names, strict=True)
        )

    def name_open(self, shape: RecordedShape) -> Shape:
        """Return a shape that a file records for an output, with names for its open sizes."""
        if not shape:
            return ()
        return (BATCH if shape[0] is None else shape[0], *self.named(list(shape[1:])))


_WHOLE = ("batch_shape", "batch_input_shape")
_OF_ONE = ("input_shape", "shape")
"""Where a layer's options have an input shape: with the batch, and that of one example."""


def unread_shape(config: dict[str, Any]) -> str | None:
    """Return the option that has an input shape, of a config in which none can be read."""
    return next((key for key in (*_WHOLE, *_OF_ONE) if config.get(key) is not None), None)


def recorded_shape(config: dict[str, Any]) -> RecordedShape | None:
    """Return the input shape that a layer's options record, the batch in front."""
    for key in _WHOLE:
        shape = read_shape(config.get(key))
        if shape:
            return shape
    for key in _OF_ONE:
        shape = read_shape(config.get(key))
        if shape is not None:
            return (None, *shape)
    return None


def sequential_shape(net: Net) -> RecordedShape | None:
    """Return the input shape of a Sequential without an InputLayer, wherever the file has it."""
    shape = read_shape(net.config.get("build_input_shape")) or None
    if shape is not None or not net.parts:
        return shape
    first = net.parts[0]
    shape = recorded_shape(first.config)
    if shape is None and first.net is not None:
        inner = first.net
        if inner.kind == "Sequential" and not inner.inputs:
            return sequential_shape(inner)
        if len(inner.inputs) == 1 and inner.inputs[0] in inner.index:
            return recorded_shape(inner.part(inner.inputs[0]).config)
    if shape is None:
        built = first.data.get("build_config")
        if isinstance(built, dict):
            shape = read_shape(built.get("input_shape")) or None
    return shape


def input_dtype(part: Part) -> str | None:
    """Return the dtype of an input, or of what a first layer takes; None where it is not said."""
    dtype = policy_name(part.config.get("input_dtype", part.config.get("dtype")))
    return dtype if dtype in INPUT_DTYPES else None
