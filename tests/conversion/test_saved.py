"""Saved models of Keras, converted: as a spec and back as a config, they tell the same."""

import io

import keras
import pytest
from keras import layers as L

from dense_shapes import convert
from dense_shapes.rewriting import rewrite
from tests.conversion.models import compare, summary_of
from tests.spec.keras.compare import build
from tests.spec.keras.models import MODELS


def counts(summary):
    """Return what each row is by its path, but for the inputs of nested models."""
    return {
        row.path: (row.output_shapes, row.count(), row.count(trainable=True), row.macs)
        for _, row in summary.rows()
        if "/" not in row.path or row.type != "InputLayer"
    }


@pytest.mark.parametrize("name", MODELS)
def test_as_a_spec_they_have_the_same_rows(name):
    text = build(MODELS[name]).to_json()
    before = summary_of(io.StringIO(text))
    after = summary_of(io.StringIO(convert(io.StringIO(text), "native")))
    assert counts(after) == counts(before)
    ends = [[(t.shape, t.dtype) for t in s.inputs + s.outputs] for s in (after, before)]
    assert ends[0] == ends[1]


@pytest.mark.parametrize("name", MODELS)
def test_as_configs_they_load_with_equal_counts(name):
    model = build(MODELS[name])
    compare(io.StringIO(model.to_json()))
    spec = convert(io.StringIO(model.to_json()), "native")
    again, _ = compare(io.StringIO(spec))
    assert again.count_params() == model.count_params()
    assert counts(summary_of(convert(io.StringIO(spec), "keras"))) == counts(
        summary_of(io.StringIO(spec))
    )


def test_names_that_a_spec_cannot_hold_are_changed_and_noted():
    x = keras.Input((3,))
    model = keras.Model(x, keras.layers.Dense(2, name="a:0@${b}")(x))
    value, summary = rewrite(io.StringIO(model.to_json()), "native")
    assert "  - Dense: {units: 2, name: 'a_0__b}'}\n" in value
    [note] = [d for d in summary.diagnostics if d.code == "DS502"]
    assert note.message == (
        "'a:0@${b}' is written 'a_0__b}': such a name cannot stand there, or twice"
    )


def test_what_is_taken_anyhow_is_not_written():
    x = keras.Input((6, 4))
    y = L.BatchNormalization(axis=2)(L.Dropout(0.5)(x))
    y = L.LayerNormalization(axis=[2])(L.MultiHeadAttention(2, 3, attention_axes=(1,))(y, y))
    text = convert(io.StringIO(keras.Model(x, L.Concatenate(axis=1)([y, y])).to_json()), "native")
    for line in ("Dropout: 0.5", "BatchNormalization", "LayerNormalization"):
        assert f"  - {line}\n" in text
    assert "attention_axes" not in text
    assert "  - Concatenate: {axis: 1, " in text


def test_names_of_outputs_are_not_kept_and_this_is_noted():
    x = keras.Input((3,))
    model = keras.Model(x, {"wide": L.Dense(9)(x), "deep": L.Dense(1)(x)})
    _, summary = rewrite(io.StringIO(model.to_json()), "native")
    notes = [d.message for d in summary.diagnostics if d.code == "DS502"]
    assert notes == ["the outputs are called by their layers, no longer 'deep', 'wide'"]


def test_a_backward_layer_is_written_only_where_it_is_another():
    x = keras.Input((6, 4))
    y = L.Bidirectional(L.GRU(3, return_sequences=True))(x)
    y = L.Bidirectional(L.LSTM(3), backward_layer=L.LSTM(3, use_bias=False, go_backwards=True))(y)
    text = convert(io.StringIO(keras.Model(x, y).to_json()), "native")
    assert text.count("backward_layer") == 1
    assert "zero_output_for_mask" not in text
    assert text.index("backward_layer") > text.index("LSTM")


def test_keys_are_written_short():
    x = keras.Input((6, 4, 3))
    text = convert(io.StringIO(keras.Model(x, x[:, 1:, None, ::2]).to_json()), "native")
    assert "  - ops.GetItem: [{}, {start: 1}, null, {step: 2}]\n" in text
