"""Masks of attention, of fitting shapes and others, against real calls of Keras."""

import io

import keras
import numpy as np
import pytest
from keras import layers

from dense_shapes.api import analyse

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
