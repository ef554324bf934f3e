"""Masks that Keras saves with calls: read as they are, and written where a call takes them."""

import io
import json

import keras
import pytest
from keras import layers as L

from dense_shapes.api import analyse
from dense_shapes.rewriting import rewrite
from tests.conversion.models import summary_of


def saved(layer):
    """Return the JSON of a model in which Keras hands a mask on to a layer."""
    x = keras.Input((7,), dtype="int32")
    y = L.Dense(5)(L.Embedding(20, 4, mask_zero=True)(x))
    return keras.Model(x, layer(y)).to_json()


def converted(text):
    """Return what is noted of a saved model, and the spec; both tell the same."""
    before = summary_of(io.StringIO(text))
    spec, told = rewrite(io.StringIO(text), "native")
    after = analyse(io.StringIO(spec))
    assert after.diagnostics == []
    assert after.totals == before.totals
    assert after.outputs[0].shape == before.outputs[0].shape
    return [d.message for d in told.diagnostics], spec


@pytest.mark.parametrize(
    "layer", [L.GRU(3), L.GlobalAveragePooling1D(), L.TimeDistributed(L.Dense(3)), L.LSTM(2)]
)
def test_a_mask_that_fits_is_written(layer):
    notes, spec = converted(saved(layer))
    assert notes == []
    assert "call: {mask: {from: not_equal" in spec


def test_a_mask_that_no_real_call_takes_is_read_and_left_out():
    notes, spec = converted(saved(L.Softmax(name="shares")))
    assert notes == [
        "the mask of 'shares' (Softmax) is left out: no call takes it, or not for every size"
    ]
    assert "mask:" not in spec


def test_a_mask_of_a_layer_that_takes_none_is_read_and_left_out():
    data = json.loads(saved(L.GRU(3, name="last")))
    part = data["config"]["layers"][-1]
    config = {"name": "last", "units": 3}
    part |= {"class_name": "Dense", "config": config, "build_config": None}
    assert "mask" in part["inbound_nodes"][0]["kwargs"]
    part["inbound_nodes"][0]["kwargs"] = {"mask": part["inbound_nodes"][0]["kwargs"]["mask"]}
    notes, _ = converted(json.dumps(data))
    assert notes == [
        "the mask of 'last' (Dense) is left out: no call takes it, or not for every size"
    ]
