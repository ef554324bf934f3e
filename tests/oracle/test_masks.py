"""Masks of attention, of fitting shapes and others, against real calls of Keras."""

import functools
import inspect
import io

import keras
import numpy as np
import pytest
import yaml
from keras import layers

from dense_shapes.api import analyse
from dense_shapes.layers import REGISTRY
from tests.oracle.keras_side import CLASSES

QUERY, VALUE = (2, 5, 6), (2, 7, 6)
SCORES = [
    *[(2, 5, 7), (1, 5, 7), (2, 1, 7), (2, 5, 1), (1, 1, 1), (2, 3, 5, 7), (2, 1, 5, 7)],
    *[(2, 5, 5), (2, 7), (3, 5, 7), (2, 2, 5, 7), (1, 1, 1, 5, 7), (2, 7, 5), (2, 1)],
]
STEPS = [(2, 7), (2, 5), (1, 7), (2, 1), (2, 1, 7), (3, 7), (1, 5), (2, 5, 1)]
MASKS = {
    "attention_mask": SCORES,
    "query_mask": STEPS,
    "value_mask": STEPS,
    "key_mask": STEPS,
}
HEADS = {
    "MultiHeadAttention": ("{num_heads: 3, key_dim: 4", lambda: layers.MultiHeadAttention(3, 4)),
    "GroupQueryAttention": (
        "{head_dim: 4, num_query_heads: 6, num_key_value_heads: 3",
        lambda: layers.GroupQueryAttention(4, 6, 3),
    ),
}


def keras_takes(call):
    try:
        call(np.ones(QUERY, "float32"), np.ones(VALUE, "float32"))
    except Exception:
        return False
    return True


def inputs(shapes):
    entries = {"q": QUERY, "v": VALUE} | shapes
    lines = [
        f"  - Input: {{batch_shape: {list(shape)}, name: {name}}}"
        for name, shape in entries.items()
    ]
    return "\n".join(["layers:", *lines])


def we_take(text):
    summary = analyse(io.StringIO(text))
    assert summary.ok or [d.code for d in summary.diagnostics] == ["DS201"], summary.diagnostics
    return summary.ok


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("argument", MASKS)
def test_masks_of_heads(name, argument):
    options, make = HEADS[name]
    for shape in MASKS[argument]:
        mask = np.ones(shape, bool)
        taken = keras_takes(lambda q, v, m=mask: make()(q, v, **{argument: m}))
        entry = f"  - {name}: {options}, from: [q, v], call: {{{argument}: {{from: m}}}}}}"
        assert we_take(f"{inputs({'m': shape})}\n{entry}\n") == taken, shape
    keras.backend.clear_session()


@pytest.mark.parametrize("name", ["Attention", "AdditiveAttention"])
@pytest.mark.parametrize("causal", [False, True])
def test_masks_of_a_query_and_a_value(name, causal):
    pairs = [((2, 5), mask) for mask in (*STEPS, (2, 5, 7), (2, 7, 5))]
    pairs += [(mask, (2, 7)) for mask in STEPS]
    if causal:
        # Keras adds an axis to a mask of three, and then to its output.
        pairs.remove(((2, 5), (2, 1, 7)))
    for first, second in pairs:
        masks = [np.ones(first, bool), np.ones(second, bool)]
        taken = keras_takes(
            lambda q, v, m=masks: getattr(layers, name)()([q, v], mask=m, use_causal_mask=causal)
        )
        call = f"{{mask: [{{from: a}}, {{from: b}}], use_causal_mask: {str(causal).lower()}}}"
        entry = f"  - {name}: {{from: [q, v], call: {call}}}"
        text = f"{inputs({'a': first, 'b': second})}\n{entry}\n"
        assert we_take(text) == taken, (first, second)
    keras.backend.clear_session()


def test_a_named_length_of_a_mask_is_demanded():
    text = """
inputs: {q: [T, 6], m: {shape: [S, S], dtype: bool}}
layers:
  - MultiHeadAttention: {num_heads: 2, key_dim: 3, from: [q, q], call: {attention_mask: {from: m}}}
"""
    summary = analyse(io.StringIO(text))
    assert [d.requirement.text for d in summary.requirements] == ["S^2 + T == S*T + S"]


def test_one_mask_alone_is_refused_where_keras_wants_a_list():
    text = """
inputs: {q: [5, 6], m: {shape: [5], dtype: bool}}
layers:
  - Attention: {from: [q, q], call: {mask: {from: m}}}
"""
    (found,) = analyse(io.StringIO(text)).diagnostics
    assert found.message == (
        "Attention takes a list of masks, the query's and the value's, found one alone, (None, 5)"
    )


def test_a_call_takes_a_mask_where_that_of_keras_does():
    ours, theirs = set(), set()
    for name, layer in REGISTRY.items():
        if name in CLASSES:
            signature = inspect.signature(CLASSES[name].call).parameters.values()
            if any(p.name == "mask" or p.kind is p.VAR_KEYWORD for p in signature):
                theirs.add(name)
        if "mask" in layer.call_arguments:
            ours.add(name)
    # It hands on what it is given to its cells, which take no mask.
    assert ours == theirs - {"StackedRNNCells"}


X = (2, 5, 6)
ONE_FOR_ALL = {
    "GlobalAveragePooling1D": {},
    "Softmax": {},
    "BatchNormalization": {},
    "TimeDistributed": {"layer": {"Dense": 3}},
    "TimeDistributed ": {"layer": "Softmax"},
    "TimeDistributed  ": {"layer": "BatchNormalization"},
    "LSTM": {"units": 3},
    "RNN": {"cell": {"GRUCell": 3}},
    "Bidirectional": {"layer": {"GRU": 3}},
}
MADE = {
    "TimeDistributed": lambda: layers.TimeDistributed(layers.Dense(3)),
    "TimeDistributed ": lambda: layers.TimeDistributed(layers.Softmax()),
    "TimeDistributed  ": lambda: layers.TimeDistributed(layers.BatchNormalization()),
    "LSTM": lambda: layers.LSTM(3),
    "RNN": lambda: layers.RNN(layers.GRUCell(3)),
    "Bidirectional": lambda: layers.Bidirectional(layers.GRU(3)),
}
SHAPES = [
    *[(2, 5), (1, 5), (2, 1), (1, 1), (2, 6), (3, 5), (2, 4), (2,), (5,), (6,)],
    *[(2, 5, 1), (2, 5, 6), (2, 5, 4), (1, 5, 6), (2, 6, 1), (2, 5, 6, 1)],
]
LAX = {
    "LSTM": {(2, 1), (1, 1), (2, 6), (2, 4), (2, 5, 6), (2, 5, 4), (1, 5, 6), (2, 6, 1)},
}
"""What Keras takes with NumPy alone, which does not look at the length of a mask."""
LAX["RNN"] = LAX["Bidirectional"] = LAX["LSTM"]


def masked(kind, options, shape, **call):
    entry = {**options, "from": "x", "call": {"mask": {"from": "m"}, **call}}
    spec = [
        {"Input": {"batch_shape": list(X), "name": "x"}},
        {"Input": {"batch_shape": list(shape), "name": "m", "dtype": "bool"}},
        {kind: entry},
    ]
    return yaml.safe_dump({"layers": spec})


@pytest.mark.parametrize("name", ONE_FOR_ALL)
def test_masks_of_one_input(name):
    kind = name.strip()
    make = MADE.get(name) or getattr(layers, kind)
    options = ONE_FOR_ALL[name]
    for shape in SHAPES:
        call = functools.partial(make(), np.ones(X, "float32"), mask=np.ones(shape, bool))
        try:
            call()
            taken = shape not in LAX.get(name, ())
        except Exception:
            taken = False
        assert we_take(masked(kind, options, shape)) == taken, shape
    keras.backend.clear_session()


@pytest.mark.parametrize("training", [False, True])
def test_a_batch_normalization_lays_its_mask_on_the_input_only_where_it_trains(training):
    for shape in [(2, 5), (1, 5), (2, 1), (2, 6), (3, 5), (2, 5, 1)]:
        layer = layers.BatchNormalization()
        try:
            layer(np.ones(X, "float32"), mask=np.ones(shape, bool), training=training)
            taken = True
        except Exception:
            taken = False
        text = masked("BatchNormalization", {}, shape, training=training)
        assert we_take(text) == taken, shape


@pytest.mark.parametrize(
    ("entry", "demand"),
    [
        ({"GRU": {"units": 3}}, "S == T"),
        ({"TimeDistributed": {"layer": {"Dense": 2}}}, "S == T"),
        ({"GlobalAveragePooling1D": {}}, "S^2 + T == S*T + S"),
    ],
)
def test_the_length_of_a_mask_is_that_of_the_sequence(entry, demand):
    ((kind, options),) = entry.items()
    spec = {
        "inputs": {"x": ["T", 4], "m": {"shape": ["S"], "dtype": "bool"}},
        "layers": [{kind: {**options, "from": "x", "call": {"mask": {"from": "m"}}}}],
    }
    assert [d.requirement.text for d in analyse(spec).requirements] == [demand]
