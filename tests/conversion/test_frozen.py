"""Frozen layers: what Keras counts after it has loaded a config, read, written and read back."""

import io
import json
import math

import keras
import pytest
from keras import layers as L

from dense_shapes import convert, summarize
from dense_shapes.api import analyse
from dense_shapes.render.snippets import render_text
from dense_shapes.rewriting import rewrite

STEPS = (5, 4)
FRAMES = (2, 6, 6, 3)
OFF = {"trainable": False}


def size(weights):
    return sum(math.prod(w.shape) for w in weights)


def inner(**options):
    return keras.Sequential([keras.Input((4,)), L.Dense(3)], name="inner", **options)


def graph(**options):
    x = keras.Input((4,))
    return keras.Model(x, L.Dense(3)(x), name="inner", **options)


CASES = {
    "Dense": (lambda **o: L.Dense(3, **o), STEPS),
    "LSTM": (lambda **o: L.LSTM(3, **o), STEPS),
    "TimeDistributed": (lambda **o: L.TimeDistributed(L.Dense(3), **o), STEPS),
    "of norms": (lambda **o: L.TimeDistributed(L.BatchNormalization(), **o), STEPS),
    "within": (lambda **o: L.TimeDistributed(L.TimeDistributed(L.Dense(3), **o)), (2, *STEPS)),
    "around frozen": (lambda **o: L.TimeDistributed(L.Dense(3, **o)), STEPS),
    "Bidirectional": (lambda **o: L.Bidirectional(L.LSTM(3), **o), STEPS),
    "of frozen": (lambda **o: L.Bidirectional(L.GRU(3, **o)), STEPS),
    "of cells": (lambda **o: L.Bidirectional(L.RNN(L.LSTMCell(3), **o)), STEPS),
    "RNN": (lambda **o: L.RNN([L.LSTMCell(3), L.GRUCell(2)], **o), STEPS),
    "frozen cell": (lambda **o: L.RNN([L.LSTMCell(3, **o), L.GRUCell(2)]), STEPS),
    "ConvLSTM": (lambda **o: L.ConvLSTM2D(2, 3, **o), FRAMES),
    "heads": (lambda **o: L.MultiHeadAttention(2, 3, **o), STEPS),
    "groups": (lambda **o: L.GroupQueryAttention(3, 2, 1, **o), STEPS),
    "SpectralNormalization": (lambda **o: L.SpectralNormalization(L.Dense(3), **o), STEPS),
    "SeparableConv": (lambda **o: L.SeparableConv1D(3, 2, **o), STEPS),
    "Sequential": (inner, (4,)),
    "Functional": (graph, (4,)),
    "Functional at each step": (lambda **o: L.TimeDistributed(graph(**o)), STEPS),
}


def model(name, *, later, whole=False):
    """Return a model of a frozen layer and another one."""
    make, shape = CASES[name]
    layer = make() if later or whole else make(**OFF)
    x = keras.Input(shape)
    y = layer(x, x) if name in {"heads", "groups"} else layer(x)
    if later:
        layer.trainable = False
    made = keras.Model(x, L.Dense(2)(y))
    if whole:
        made.trainable = False
    return made


def trained(text):
    """Return how many parameters Keras trains of the model that it loads from a config."""
    loaded = keras.models.model_from_json(text)
    return size(loaded.trainable_weights), size(loaded.non_trainable_weights)


def ours(source):
    summary = analyse(source)
    assert render_text(summary.diagnostics) == ""
    return summary.totals.trainable_params, summary.totals.non_trainable_params


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", ["at first", "later", "whole"])
@pytest.mark.parametrize("name", CASES)
def test_counts_are_those_after_loading(name, how, tmp_path):
    made = model(name, later=how == "later", whole=how == "whole")
    text = made.to_json()
    theirs = trained(text)
    assert ours(io.StringIO(text)) == theirs
    for form in ("keras", "h5"):
        path = tmp_path / f"model.{form}"
        made.save(path)
        assert ours(path) == theirs, form
    # Both ways back, too.
    native = convert(io.StringIO(text), "native")
    assert ours(io.StringIO(native)) == theirs
    for source in (text, native):
        again = json.dumps(convert(io.StringIO(source), "keras"))
        assert trained(again) == ours(io.StringIO(again)) == theirs


BACK = {"GRU": {"units": 3, "go_backwards": True}}
SPECS = [
    {"TimeDistributed": {"layer": {"Dense": 3}, **OFF}},
    {"TimeDistributed": {"layer": {"TimeDistributed": {"layer": {"Dense": 3}}}, **OFF}},
    {"TimeDistributed": {"layer": {"TimeDistributed": {"layer": {"Dense": 3}, **OFF}}}},
    {"Bidirectional": {"layer": {"LSTM": 3}, **OFF}},
    {"Bidirectional": {"layer": {"RNN": {"cell": {"LSTMCell": 3}, **OFF}}}},
    {"RNN": {"cell": {"StackedRNNCells": {"cells": [{"GRUCell": 2}], **OFF}}}},
    {
        "Bidirectional": {
            "layer": {"LSTM": 3},
            "backward_layer": {"GRU": {"units": 3, "go_backwards": True}},
            **OFF,
        }
    },
    {"RNN": {"cell": [{"LSTMCell": 3}, {"GRUCell": 2}], **OFF}},
    {"SpectralNormalization": {"layer": {"Dense": 3}, **OFF}},
    {"block": OFF},
    {"MultiHeadAttention": {"num_heads": 2, "key_dim": 3, "from": ["x", "x"], **OFF}},
    {"ConvLSTM1D": {"filters": 2, "kernel_size": 2, **OFF}},
]


def spec(entry):
    deep = "ConvLSTM1D" in entry or "layer': {'TimeDistributed" in str(entry)
    blocks = {"block": {"layers": [{"TimeDistributed": {"layer": {"Dense": 3}}}]}}
    return {
        "name": "m",
        "inputs": {"x": [2, 5, 4] if deep else [5, 4]},
        **({"blocks": blocks} if "block" in entry else {}),
        "layers": [entry, {"Dense": 2}],
    }


@pytest.mark.parametrize("entry", SPECS, ids=str)
def test_what_a_spec_freezes_keras_freezes(entry):
    data = spec(entry)
    totals = summarize(data).totals
    (kind,) = entry
    assert totals.trainable_params == summarize(data).layers[-1].count()
    config, summary = rewrite(data, "keras")
    told = [d.message for d in summary.diagnostics if d.severity == "warning"]
    if kind in {"MultiHeadAttention", "ConvLSTM1D"}:
        assert [f"inside {kind}" in message for message in told] == [True]
        return
    assert told == []
    assert trained(json.dumps(config)) == (totals.trainable_params, totals.non_trainable_params)


def test_a_whole_model_can_be_frozen_whatever_is_in_it():
    data = spec({"MultiHeadAttention": {"num_heads": 2, "key_dim": 3, "from": ["x", "x"], **OFF}})
    data["layers"][1]["Dense"] = {"units": 2, **OFF}
    text = json.dumps(convert(data, "keras"))
    assert trained(text) == (0, summarize(data).totals.params)
