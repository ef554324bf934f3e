"""The plainest form of an option's value."""

import keras
import pytest

from dense_shapes.conversion.values import _OBJECT_NAMES, _OBJECTS, plain_object

HOMES = (keras.initializers, keras.regularizers, keras.constraints)
REQUIRED = {"constant": {"value": 0.0}}


def made(name):
    """Return Keras's object of that name, with its defaults."""
    for home in HOMES:
        try:
            return home.get({"class_name": name, "config": REQUIRED.get(name, {})})
        except (TypeError, ValueError):
            continue
    raise LookupError(name)


@pytest.mark.parametrize("name", [n for n in _OBJECTS if n != "constant"])
def test_the_defaults_are_those_of_keras(name):
    found = made(name)
    config = {key: float(v) if hasattr(v, "dtype") else v for key, v in found.get_config().items()}
    assert config.keys() <= _OBJECTS[name].keys()
    assert plain_object({"class_name": type(found).__name__, "config": config}) == name
    assert plain_object(type(found).__name__) == name


@pytest.mark.parametrize("alias", ["uniform", "normal", "zero", "one"])
def test_other_names_stand_for_the_same(alias):
    assert type(made(alias)) is type(made(_OBJECT_NAMES[alias]))


SCALED = [f"{name}_{kind}" for name in ("glorot", "he") for kind in ("uniform", "normal")]


@pytest.mark.parametrize("name", SCALED)
def test_scaled_variances_have_names_of_their_own(name):
    found = keras.initializers.get(name)
    config = {key: getattr(found, key) for key in ("scale", "mode", "distribution")}
    assert plain_object({"class_name": "VarianceScaling", "config": config}) == name
    seeded = {"class_name": "VarianceScaling", "config": {**config, "seed": 3}}
    assert plain_object(seeded)["config"]["seed"] == 3


@pytest.mark.parametrize("odd", [[1.0], {"a": 1}, None, "x"])
def test_scaled_variances_with_odd_options(odd):
    for option in ("scale", "mode", "distribution"):
        data = {"class_name": "VarianceScaling", "config": {option: odd}}
        assert plain_object(data) == data
