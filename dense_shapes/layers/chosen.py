"""The options that a layer has not left at their defaults, in a form in which they compare."""

from __future__ import annotations

from math import isclose
from typing import Any

from dense_shapes.layers import find_layer
from dense_shapes.layers.base import Layer
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.fields import REQUIRED
from dense_shapes.layers.text import snake_case

_NULL_MEANS: dict[str, Any] = {
    "activation": "linear",
    "data_format": "channels_last",
    "dtype": "float32",
    "ragged": False,
    "sparse": False,
}
"""What null stands for in options that Keras writes in either way."""

_FOLLOWED = {"strides": "pool_size", "value_dim": "key_dim"}
"""Options whose null stands for the value of another one."""

_ALIASES = {
    "identity_initializer": "identity",
    "normal": "random_normal",
    "one": "ones",
    "orthogonal_initializer": "orthogonal",
    "uniform": "random_uniform",
    "zero": "zeros",
}
"""Other names that Keras has for initializers."""

OBJECT_DEFAULTS: dict[str, dict[str, Any]] = {
    "l1": {"l1": 0.01},
    "l1l2": {"l1": 0.0, "l2": 0.0},
    "l2": {"l2": 0.01},
    "max_norm": {"max_value": 2, "axis": 0},
    "min_max_norm": {"min_value": 0.0, "max_value": 1.0, "rate": 1.0, "axis": 0},
    "orthogonal": {"gain": 1.0},
    "orthogonal_regularizer": {"factor": 0.01, "mode": "rows"},
    "random_normal": {"mean": 0.0, "stddev": 0.05},
    "random_uniform": {"minval": -0.05, "maxval": 0.05},
    "truncated_normal": {"mean": 0.0, "stddev": 0.05},
    "unit_norm": {"axis": 0},
    "variance_scaling": {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal"},
}
"""The options of initializers, regularizers and constraints that their names alone stand for."""

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
    out |= layer.others
    for name, other in _FOLLOWED.items():
        if (
            name in out
            and other in layer.fields
            and defaults.get(name, REQUIRED) is None
            and out[name] == _plain(other, getattr(layer, other))
        ):
            del out[name]
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


def option_of(kind: str, options: dict[str, Any], name: str) -> Any:
    """Return an option of a layer, its default if it is not among the chosen ones.

    >>> option_of("Conv2D", {"filters": 8}, "strides"), option_of("Conv2D", {}, "filters")
    ([1, 1], None)
    """
    if name in options:
        return options[name]
    cls = find_layer(kind)
    default = None if cls is None else _plain_defaults(cls).get(name)
    if default is None and name in _FOLLOWED:
        return option_of(kind, options, _FOLLOWED[name])
    return default


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return _object_name(value) if name.endswith(_OBJECTS) else value
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
    short = _object_name(called) if name.endswith(_OBJECTS) else called
    usual = OBJECT_DEFAULTS.get(short, {})
    kept = {
        key: _plain("", item)
        for key, item in config.items()
        if not (item is None or (key in usual and _equal(item, usual[key])))
    }
    return {short: kept} if kept else short


def _object_name(name: str) -> str:
    short = snake_case(name)
    return _ALIASES.get(short, short)


def _equal(a: Any, b: Any) -> bool:
    """Tell whether two values are the same, as numbers of 32 bits that Keras has saved."""
    if isinstance(a, float) and isinstance(b, float):
        return isclose(a, b, rel_tol=1e-6)
    return bool(a == b)
