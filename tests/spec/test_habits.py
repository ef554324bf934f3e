"""What other libraries call layers and options."""

import pytest

from dense_shapes.api import analyse
from dense_shapes.layers import find_layer
from dense_shapes.layers.types import ACTIVATIONS
from dense_shapes.spec.habits import GROUPS, NEEDLESS, OPTIONS, TYPES


@pytest.mark.parametrize("name", TYPES)
def test_a_layer_of_another_library_is_one_here(name):
    assert find_layer(name) is None
    layer = find_layer(TYPES[name])
    assert layer is not None
    assert layer.__name__ == TYPES[name]
    for written in (name, name.title(), f"nn.{name}", f"torch.nn.{name.upper()}"):
        spec = {"input_shape": [32, 32, 3], "layers": [written]}
        assert analyse(spec).diagnostics[0].label == f"did you mean '{TYPES[name]}'?"


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_of_another_library_is_one_here(name):
    for option in OPTIONS[name]:
        assert any(option in find_layer(kind).fields for kind in KINDS)


KINDS = {*TYPES.values(), "Conv2D", "Embedding", "Dropout", "LeakyReLU", "ELU", "LSTM"}


def test_no_layer_here_has_an_option_that_is_needless():
    assert not [name for name in NEEDLESS for kind in KINDS if name in find_layer(kind).fields]
    assert not [name for name in GROUPS if find_layer(name)]


def test_an_option_of_another_library_is_reported_once():
    spec = {"input_shape": [8], "layers": [{"Dense": {"in_features": 8, "out_features": 4}}]}
    assert [(d.code, d.help or d.label) for d in analyse(spec).diagnostics] == [
        ("DS102", "leave it out: what comes in is known from the layer before"),
        ("DS102", "did you mean 'units'?"),
    ]


@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if find_layer(n) is None])
def test_an_activation_is_known_as_one(name):
    known = TYPES.get(name.replace("_", "")) or f"Activation: {name}"
    for written in (name, name.upper(), f"nn.{name.title()}"):
        if find_layer(written.removeprefix("nn.")) is None:
            (told,) = analyse({"input_shape": [8], "layers": [written]}).diagnostics
            assert told.label == f"did you mean '{known}'?"
