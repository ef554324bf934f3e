"""What a layer's options amount to: which are no defaults, and what their plainest form is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from math import isclose
from typing import Any

from dense_shapes.dims.expr import Expr
from dense_shapes.layers import Layer, OptionError, snake_case
from dense_shapes.layers.fields import Field
from dense_shapes.layers.operation import Operation

_STANDS_FOR = {"activation": "linear", "data_format": "channels_last", "dtype": "float32"}
"""What null means for an option that is null by default."""

_FOLLOWS = {"strides": "pool_size", "value_dim": "key_dim"}
"""Which option another one is like where it is null."""

_OBJECTS: dict[str, dict[str, Any]] = {
    "zeros": {},
    "ones": {},
    **{
        f"{name}_{kind}": {"seed": None, "input_axes": None, "output_axes": None}
        for name in ("glorot", "he", "lecun")
        for kind in ("uniform", "normal")
    },
    "random_uniform": {"minval": -0.05, "maxval": 0.05, "seed": None},
    "random_normal": {"mean": 0.0, "stddev": 0.05, "seed": None},
    "truncated_normal": {"mean": 0.0, "stddev": 0.05, "seed": None},
    "variance_scaling": {
        "scale": 1.0,
        "mode": "fan_in",
        "distribution": "truncated_normal",
        "seed": None,
        "input_axes": None,
        "output_axes": None,
    },
    "orthogonal": {"gain": 1.0, "seed": None},
    "identity": {"gain": 1.0},
    "constant": {"value": 0.0},
    "l1": {"l1": 0.01},
    "l2": {"l2": 0.01},
    "l1l2": {"l1": 0.0, "l2": 0.0},
    "orthogonal_regularizer": {"factor": 0.01, "mode": "rows"},
    "max_norm": {"max_value": 2, "axis": 0},
    "min_max_norm": {"min_value": 0.0, "max_value": 1.0, "rate": 1.0, "axis": 0},
    "non_neg": {},
    "unit_norm": {"axis": 0},
}
"""The defaults of Keras's initializers, regularizers and constraints."""

_RENAMED = {"m": "max_value"}
"""What options of these objects were called before Keras 2."""

_OBJECT_NAMES = {
    "uniform": "random_uniform",
    "normal": "random_normal",
    "zero": "zeros",
    "one": "ones",
    "orthogonal_initializer": "orthogonal",
    "identity_initializer": "identity",
    "l1_l2": "l1l2",
}


_SCALED = {
    (scale, mode, distribution): f"{name}_{distribution}"
    for name, scale, mode in (
        ("glorot", 1.0, "fan_avg"),
        ("he", 2.0, "fan_in"),
        ("lecun", 1.0, "fan_in"),
    )
    for distribution in ("uniform", "normal")
}
"""Other names of a VarianceScaling with these options, which is how Keras 2 wrote them all."""


def settled(layer: Layer, name: str) -> Any:
    """Return an option's value in a form in which equal effects are equal values."""
    value = plain_object(getattr(layer, name))
    default = type(layer).fields[name].default
    if default is None and value is not None:
        other = _FOLLOWS.get(name)
        implied = _STANDS_FOR.get(name)
        if other is not None and other in type(layer).fields:
            implied = getattr(layer, other)
        if value == implied:
            return None
    return value


def plain_object(value: Any) -> Any:
    """Return an initializer, regularizer or constraint by its name alone where that says it all.

    >>> plain_object({"class_name": "HeNormal", "config": {"seed": None}})
    'he_normal'
    >>> plain_object({"class_name": "L2", "config": {"l2": 0.1}})
    {'class_name': 'L2', 'config': {'l2': 0.1}}
    >>> config = {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}
    >>> plain_object({"class_name": "VarianceScaling", "config": config})
    'glorot_uniform'
    """
    if isinstance(value, str):
        name = _object_name(value)
        return name if name in _OBJECTS else value
    if not isinstance(value, dict) or not isinstance(value.get("class_name"), str):
        return value
    config = value.get("config") or {}
    name = _object_name(value["class_name"])
    usual = _OBJECTS.get(name)
    if usual is None or not isinstance(config, dict):
        return value
    # Of older versions' options only those are left that there still are.
    config = {_RENAMED.get(key, key): item for key, item in config.items()}
    config = {key: item for key, item in config.items() if key in usual}
    own = {key: item for key, item in config.items() if not _is(item, usual[key])}
    if own and name == "variance_scaling" and own.keys() <= {"scale", "mode", "distribution"}:
        whole = usual | config
        scale, kind = whole["scale"], str(whole["distribution"]).removeprefix("truncated_")
        found = _SCALED.get((scale if type(scale) is float else 0, str(whole["mode"]), kind))
        if found is not None:
            return found
    if not own and name != "constant":
        return name
    return {"class_name": value["class_name"], "config": own or config}


def _is(value: Any, usual: Any) -> bool:
    """Tell whether a value is the usual one; Keras writes some floats as 32 bits hold them."""
    if isinstance(value, float) and isinstance(usual, float):
        return isclose(value, usual, rel_tol=1e-6)
    return bool(value == usual)


def _object_name(name: str) -> str:
    name = snake_case(name)
    return _OBJECT_NAMES.get(name, name)


def given(layer: Layer, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that must be written, each in its shortest form.

    Args:
        layer: The layer.
        defaults: What the model says of options that are not written.
    """
    out = {}
    for name, declared in type(layer).fields.items():
        value = settled(layer, name)
        expected = default_of(layer, name)
        if name in defaults and type(layer).accepts(name, defaults[name]):
            expected = defaults[name]
        if declared.required or value != expected:
            if value is None and name in defaults and not isinstance(layer, Operation):
                value = _STANDS_FOR.get(name)
            out[name] = shortest(declared, value, layer)
    return out


def default_of(layer: Layer, name: str) -> Any:
    """Return an option's default in the form that `settled` gives."""
    declared = type(layer).fields[name]
    if declared.required:
        return None
    return plain_object(declared.type.read(declared.default, _probe(layer)))


def shortest(declared: Field, value: Any, layer: Layer) -> Any:
    """Return the shortest value that an option reads as `value`: 3 for (3, 3)."""
    value = declared.type.written(value)
    if not isinstance(value, tuple):
        return value
    for short in _shorter(value):
        try:
            if declared.type.read(short, _probe(layer)) == value:
                return short
        except OptionError:
            continue
    return value


def _shorter(value: Any) -> Iterator[Any]:
    """Yield forms with equal or single items in the place of their lists, shortest first.

    A slice of a key needs no limits that are null.
    """
    if isinstance(value, dict):
        yield {name: item for name, item in value.items() if item is not None}
    if not isinstance(value, tuple) or not value:
        return
    inner = [next(_shorter(item), item) for item in value]
    if all(item == inner[0] for item in inner):
        yield inner[0]
    yield tuple(inner)
    if all(item == value[0] for item in value):
        yield value[0]


def _probe(layer: Layer) -> Layer:
    """Return a layer that values can be read for without a trace in the real one."""
    probe = copy(layer)
    probe.demands = []
    return probe


def expressions(value: Any) -> Iterator[Expr]:
    """Yield the expressions in an option's value, those of layers in it too."""
    if isinstance(value, Expr):
        yield value
    elif isinstance(value, Layer):
        for name in type(value).fields:
            yield from expressions(getattr(value, name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from expressions(item)
    elif isinstance(value, dict):
        yield from expressions(list(value.values()))


def layers_in(layer: Layer) -> Iterator[Layer]:
    """Yield a layer and those that its options hold."""
    yield layer
    values = [getattr(layer, name) for name in type(layer).fields]
    while values:
        value = values.pop()
        if isinstance(value, Layer):
            yield from layers_in(value)
        elif isinstance(value, list | tuple):
            values += value
