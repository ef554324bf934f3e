"""What is declared of layers, against the classes and signatures of the installed Keras."""

import inspect

import keras
import pytest
from keras.src import activations, constraints, initializers, regularizers

from dense_shapes.layers import REGISTRY, REQUIRED, snake_case
from dense_shapes.layers import types as t
from dense_shapes.spec.unsupported import KERAS_LAYERS

NOT_OPTIONS = {
    "name": "a layer's name belongs to its entry in a spec",
    "weights": "Embedding's first values are arrays; they change no shape",
    "input_tensor": "InputLayer can wrap a tensor that is there already; a spec has none",
}
"""Keras's parameters that are no options here."""

OPTIONS_OF_ALL = {
    "trainable": "every entry of a spec can be frozen",
}
"""Options that layers have here though their classes in Keras do not."""

UNDECLARED = {
    ("LayerNormalization", "rms_scaling"): "taken from **kwargs",
}
"""Options that Keras takes but does not show in the signature."""

NOT_LAYERS = {
    "Layer": "the base of all",
    "Wrapper": "the base of those around another layer",
}
"""Classes among Keras's layers that stand in no model themselves."""

NOT_BY_NAME = {
    "initializer": {"Initializer", "initializer", "STFT", "STFTInitializer", "stft"},
    "regularizer": {"Regularizer", "regularizer"},
    "constraint": {"Constraint", "constraint"},
    "activation": {"threshold"},
}
"""Base classes, and what cannot be made without further arguments or for other shapes."""

KERAS = {
    name: cls
    for name, cls in vars(keras.layers).items()
    if inspect.isclass(cls) and issubclass(cls, keras.Layer)
}


def parameters(cls):
    """Return the parameters of a class, and of its bases where it passes keywords on."""
    found = {}
    for base in cls.__mro__:
        own = vars(base).get("__init__")
        if own is None:
            continue
        _, *others = inspect.signature(own).parameters.values()
        passed_on = any(p.kind is p.VAR_KEYWORD for p in others)
        if base is cls or base is keras.Layer or base.__name__ not in KERAS:
            for p in others:
                if p.kind not in {p.VAR_KEYWORD, p.VAR_POSITIONAL}:
                    found.setdefault(p.name, p.default)
        if not passed_on or base is keras.Layer:
            break
    return found


def family(cls):
    """Return the parameters of the bases of a class that it sets itself, such as `rank`."""
    hidden = set()
    for base in cls.__mro__[1:]:
        if base is keras.Layer:
            break
        if "__init__" in vars(base):
            hidden |= set(inspect.signature(vars(base)["__init__"]).parameters)
    return hidden - set(inspect.signature(cls).parameters)


@pytest.mark.parametrize("name", REGISTRY)
def test_options_are_those_of_keras(name):
    cls = KERAS[name]
    theirs = parameters(cls)
    own = set(inspect.signature(cls).parameters)
    fixed = {p for p in family(cls) if p in {"rank", "pool_dimensions", "pool_mode"}}
    expected = set(theirs) - set(NOT_OPTIONS) - fixed
    ours = set(REGISTRY[name].fields)
    assert own - set(NOT_OPTIONS) - {"kwargs"} <= ours
    assert expected - ours == set()
    more = {n for n in ours - expected if (name, n) not in UNDECLARED}
    assert more <= set(OPTIONS_OF_ALL)


@pytest.mark.parametrize("name", REGISTRY)
def test_defaults_are_those_of_keras(name):
    layer = REGISTRY[name]
    probe = object.__new__(layer)
    probe.demands = []
    for option, default in parameters(KERAS[name]).items():
        declared = layer.fields.get(option)
        if declared is None:
            continue
        assert declared.required == (default is inspect.Parameter.empty), option
        if declared.default is not REQUIRED:
            # Keras writes some as (2, 2) and some as 2.
            assert declared.type.read(default, probe) == declared.type.read(
                declared.default, probe
            ), option


@pytest.mark.parametrize("name", REGISTRY)
def test_aliases_are_those_of_keras(name):
    theirs = {alias for alias, cls in KERAS.items() if cls is KERAS[name]} - {name}
    ours = set(REGISTRY[name].aliases)
    # `keras.Input` and `keras.layers.Input` are one function, which makes an InputLayer.
    assert ours - theirs == ({"Input"} if name == "InputLayer" else set())
    assert theirs <= ours


@pytest.mark.parametrize("name", REGISTRY)
def test_automatic_names_are_those_of_keras(name):
    # Keras numbers from the second layer on.
    assert keras.src.utils.naming.to_snake_case(KERAS[name].__name__) == snake_case(name)


def test_every_layer_of_keras_is_registered_or_known_to_be_missing():
    ours = {name for cls in REGISTRY.values() for name in (cls.__name__, *cls.aliases)}
    assert ours & KERAS_LAYERS == set()
    assert set(KERAS) - set(NOT_LAYERS) == (ours | KERAS_LAYERS) - {"Input"}


@pytest.mark.parametrize(
    ("kind", "ours", "module"),
    [
        ("activation", t.ACTIVATIONS, activations),
        ("initializer", t.INITIALIZER.inner.names, initializers),
        ("regularizer", t.REGULARIZER.inner.names, regularizers),
        ("constraint", t.CONSTRAINT.inner.names, constraints),
    ],
)
def test_names_of_objects_are_those_of_keras(kind, ours, module):
    assert set(ours) == set(module.ALL_OBJECTS_DICT) - NOT_BY_NAME[kind]
