"""The options that a layer has not left at their defaults, in a form in which they compare."""

from __future__ import annotations

from typing import Any

from dense_shapes.layers.base import OPERATIONS, REGISTRY, Layer, snake_case
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.fields import REQUIRED

_NULL_MEANS: dict[str, Any] = {
    "activation": "linear",
    "data_format": "channels_last",
    "dtype": "float32",
    "ragged": False,
    "sparse": False,
}
"""What null stands for in options that Keras writes in either way."""

_DEFAULTS: dict[type[Layer], dict[str, Any]] = {}
_OBJECTS = ("_initializer", "_regularizer", "_constraint")
_IN_THE_SHAPE = ("shape", "batch_size", "batch_shape")


def chosen_options(layer: Layer) -> dict[str, Any]:
    """Return the options that are not at their defaults, as plain data.

    Sizes stay as they are, and an inner layer is `{type: options}`. Of several ways to write the
    same, Keras's shortest is taken, so that equal layers have equal options. An input's sizes are
    left out: its shape tells them.

    >>> from dense_shapes.layers import Dense
    >>> chosen_options(Dense(units=10, use_bias=True, activation=None, dtype="float32"))
    {'units': 10}
    """
    defaults = _plain_defaults(type(layer))
    out: dict[str, Any] = {}
    for name in layer.options_given:
        value = getattr(layer, name)
        if type(value) is not int:
            value = _plain(name, value)
        if value != defaults.get(name, REQUIRED):
            out[name] = value
    if isinstance(layer, InputLayer):
        for name in _IN_THE_SHAPE:
            out.pop(name, None)
    return out


def _plain_defaults(cls: type[Layer]) -> dict[str, Any]:
    """Return a layer's defaults in the form of its chosen options; some options have none."""
    if cls not in _DEFAULTS:
        probe = object.__new__(cls)
        _DEFAULTS[cls] = {
            name: _plain(name, field.type.read(field.default, probe))
            for name, field in cls.fields.items()
            if field.default is not REQUIRED
        }
    return _DEFAULTS[cls]


def default_option(kind: str, name: str) -> Any:
    """Return an option's default as `chosen_options` would; None where there is none.

    >>> default_option("Conv2D", "strides"), default_option("Conv2D", "filters")
    ([1, 1], None)
    """
    cls = REGISTRY.get(kind) or OPERATIONS.get(kind)
    return None if cls is None else _plain_defaults(cls).get(name)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return snake_case(value) if name.endswith(_OBJECTS) else value
    if value is None:
        return _NULL_MEANS.get(name)
    if isinstance(value, list | tuple):
        return [_plain("", item) for item in value]
    if isinstance(value, Layer):
        return {type(value).__name__: chosen_options(value)}
    if isinstance(value, dict):
        return _mapping(name, value)
    return value


def _mapping(name: str, value: dict[str, Any]) -> Any:
    """Return a mapping, `{class_name: L2, config: {l2: 0.1}}` as `{l2: {l2: 0.1}}`."""
    called = value.get("class_name")
    if not isinstance(called, str):
        return {key: _plain("", item) for key, item in value.items()}
    config = value.get("config")
    config = config if isinstance(config, dict) else {}
    kept = {key: _plain("", item) for key, item in config.items() if item is not None}
    short = snake_case(called) if name.endswith(_OBJECTS) else called
    return {short: kept} if kept else short
