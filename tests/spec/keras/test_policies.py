"""Maps of dtype policies, against the real Keras."""

import io
import json

import keras
import pytest
from keras import layers
from keras.dtype_policies import DTypePolicyMap

from dense_shapes.api import analyse
from tests.spec.keras.compare import build, report


def half():
    """A map with one policy for the layer `half`, and the default for the others."""
    return DTypePolicyMap("float32", {"half": keras.DTypePolicy("float16")})


def functional():
    x = keras.Input((4, 6))
    a = layers.Dense(3, name="half", dtype=half())(x)
    b = layers.Dense(3, name="other", dtype=half())(x)
    c = layers.MultiHeadAttention(2, 3, name="heads", dtype=DTypePolicyMap("mixed_float16"))(x, x)
    return keras.Model(x, [a, b, c])


def sequential():
    parts = [keras.Input((4,)), layers.Dense(3, name="half", dtype=half())]
    inner = keras.Sequential(parts, name="inner")
    return keras.Sequential([keras.Input((4,)), inner, layers.Dense(2, dtype=half(), name="two")])


def wrapped():
    x = keras.Input((5, 4))
    a = layers.TimeDistributed(layers.Dense(3, name="half", dtype=half()))(x)
    return keras.Model(x, layers.Bidirectional(layers.LSTM(3, name="half", dtype=half()))(a))


@pytest.mark.parametrize("make", [functional, sequential, wrapped])
def test_the_layer_s_own_policy_is_taken(make):
    text = build(make).to_json()
    loaded = keras.models.model_from_json(text)
    assert report(loaded, text) == ""
    ours = [tensor.dtype for tensor in analyse(io.StringIO(text)).outputs]
    assert ours == [tensor.dtype for tensor in loaded.outputs]


@pytest.mark.parametrize(
    ("path", "known"), [("heads/query", False), ("heads/.*", False), ("other/query", True)]
)
def test_policies_of_parts_are_not_guessed(path, known):
    x = keras.Input((4, 6))
    policies = DTypePolicyMap("float32", {path: keras.DTypePolicy("float16")})
    made = keras.Model(x, layers.MultiHeadAttention(2, 3, name="heads", dtype=policies)(x, x))
    summary = analyse(io.StringIO(made.to_json()))
    assert (summary.totals.params is not None) is known
    assert ["DTypePolicyMap" in d.message for d in summary.diagnostics] == [True] * (not known)


def test_a_class_that_is_no_name():
    dtype = {"class_name": [], "config": {"mode": "int8"}}
    options = {"units": 3, "batch_input_shape": [None, 4], "dtype": dtype}
    dense = {"class_name": "Dense", "config": options}
    data = {"class_name": "Sequential", "config": {"layers": [dense]}}
    assert [d.code for d in analyse(io.StringIO(json.dumps(data))).diagnostics] == ["DS105"]
