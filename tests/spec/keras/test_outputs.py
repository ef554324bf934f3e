"""Layers without a rule that have several outputs, of which a file records only some."""

import json

import jsonschema
import keras
import pytest
from keras import layers, ops

from dense_shapes import convert
from dense_shapes.api import analyse
from dense_shapes.comparison.record import record_of, summary_of
from dense_shapes.schema import summary_schema


@keras.saving.register_keras_serializable(package="own")
class Pair(layers.Layer):
    """A layer of two outputs."""

    def call(self, x):
        return x[:, :2], x


def saved(tmp_path, x, outputs):
    """Return what is known of a model as Keras saves it."""
    path = tmp_path / "model.keras"
    keras.Model(x, outputs).save(path)
    return analyse(path)


def told(summary):
    """Return what is told of a model."""
    return [(d.code, d.severity) for d in summary.diagnostics]


def test_an_output_that_nothing_uses_is_not_recorded(tmp_path):
    x = keras.Input((8,))
    summary = saved(tmp_path, x, layers.Dense(3)(Pair()(x)[1]))
    data = summary.to_dict()
    pair, dense = data["layers"][1:]
    assert (pair["output_shapes"], pair["params"], pair["status"]) == (
        [None, [None, 8]],
        None,
        "ok",
    )
    assert (dense["output_shape"], dense["params"]) == ([None, 3], 27)
    assert told(summary) == [("DS303", "warning")]
    assert summary.ok
    jsonschema.validate(data, summary_schema())


def test_an_output_that_only_leaves_the_model_is_not_recorded(tmp_path):
    x = keras.Input((8,))
    first, second = Pair()(x)
    summary = saved(tmp_path, x, [first, layers.Dense(3)(second)])
    assert told(summary) == [("DS204", "error"), ("DS303", "warning")]
    assert "the file does not record its output 0" in summary.diagnostics[0].message
    assert [tensor.shape and len(tensor.shape) for tensor in summary.outputs] == [None, 2]
    assert summary.layers[1].status == "unknown"
    assert summary.layers[2].count() == 27
    jsonschema.validate(summary.to_dict(), summary_schema())


@pytest.mark.parametrize(
    ("shape", "operation"),
    [((8,), lambda x: ops.unravel_index(x, (4, 5))), ((8, 4), ops.linalg.lu_factor)],
    ids=["unravel_index", "lu_factor"],
)
def test_of_an_operation(shape, operation, tmp_path):
    x = keras.Input(shape)
    y = operation(x)[1]
    summary = saved(tmp_path, x, layers.Dense(3)(y))
    shapes = summary.to_dict()["layers"][1]["output_shapes"]
    assert shapes == [None, list(y.shape)]
    assert summary.layers[1].count() == 0
    assert told(summary) == [("DS303", "warning")]


def test_a_baseline_keeps_what_is_not_known(tmp_path):
    x = keras.Input((8,))
    summary = saved(tmp_path, x, layers.Dense(3)(Pair()(x)[1]))
    again, _ = summary_of(json.loads(json.dumps(record_of(summary))), "again")
    assert again.layers[1].output_shapes == summary.layers[1].output_shapes
    assert again.layers[1].output_shapes[0] is None


@pytest.mark.parametrize(
    ("make", "used"),
    [
        (lambda x: ops.moments(x, [1]), 1),
        (lambda x: ops.moments(x, [1, 2], keepdims=True), 0),
        (lambda x: ops.unstack(x, axis=1), 3),
        (lambda x: ops.unstack(x, num=4, axis=-1), 2),
    ],
    ids=["moments", "moments kept", "unstack", "unstack counted"],
)
def test_with_a_rule_all_are_known(make, used, tmp_path):
    x = keras.Input((8, 4))
    several = make(x)
    summary = saved(tmp_path, x, layers.Dense(3)(several[used]))
    shapes = summary.to_dict()["layers"][1]["output_shapes"]
    assert shapes == [list(y.shape) for y in several]
    assert told(summary) == []
    model = keras.models.model_from_json(json.dumps(convert(tmp_path / "model.keras", "keras")))
    assert model.count_params() == summary.totals.params


def test_entries_that_the_input_does_not_have(tmp_path):
    x = keras.Input((8, 4))
    keras.Model(x, layers.Dense(3)(ops.unstack(x, axis=1)[3])).save(tmp_path / "model.keras")
    found = analyse(tmp_path / "model.keras", input_shapes={"": [7, 4]}).diagnostics
    assert "has 7 entries, not 8" in found[0].message
