"""Calls that are wrong: each is told, and no row is unknown without a word."""

import json

import keras
import pytest
from keras import layers

from dense_shapes.api import analyse


def model(kind, arguments, **options):
    """Return a model of one layer that is called on some arguments."""
    entry = {
        "class_name": "InputLayer",
        "module": "keras.layers",
        "config": {"batch_shape": [None, 5], "name": "i"},
        "name": "i",
        "inbound_nodes": [],
    }
    layer = {
        "class_name": kind,
        "module": "mine" if kind == "Mine" else "keras.layers",
        "config": {"name": "d", **options},
        "name": "d",
        "inbound_nodes": [arguments],
    }
    ends = {"input_layers": [["i", 0, 0]], "output_layers": [["d", 0, 0]]}
    config = {"name": "m", "layers": [entry, layer], **ends}
    return {"class_name": "Functional", "module": "keras", "config": config}


@pytest.mark.parametrize("kind", ["Dense", "Add", "LSTM", "Mine", "Lambda"])
@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ({"args": [3], "kwargs": {}}, "3"),
        ({"args": [1, 2], "kwargs": {}}, "1, 2"),
        ({"args": [], "kwargs": {"x": 1}}, "x=1"),
        ({"args": [], "kwargs": {}}, "nothing"),
        ({"args": [[[1.0]]], "kwargs": {}}, "[[1.0]]"),
    ],
)
def test_no_tensor_goes_in(kind, arguments, shown):
    summary = analyse(model(kind, arguments, units=4))
    (found,) = [d for d in summary.diagnostics if d.code == "DS113"]
    assert found.message == f"no tensor goes into 'd': it is called on {shown}"
    assert not summary.ok


def test_what_leads_to_no_output_is_left_out():
    x = keras.Input((4,))
    made = keras.Model(x, layers.Dense(3, name="kept")(x))
    data = json.loads(made.to_json())
    parts = data["config"]["layers"]
    for name, source in (("idle", None), ("next", "idle"), ("never", "")):
        part = json.loads(json.dumps(parts[1]))
        part["name"] = part["config"]["name"] = name
        part.pop("build_config")
        if source:
            tensor = part["inbound_nodes"][0]["args"][0]["config"]
            tensor |= {"shape": [None, 3], "keras_history": [source, 0, 0]}
        elif source is not None:
            part["inbound_nodes"] = []
        parts.append(part)
    parts[1]["inbound_nodes"] *= 2
    loaded = keras.models.model_from_json(json.dumps(data))
    summary = analyse(data)
    assert [row.name for row in summary.layers] == [layer.name for layer in loaded.layers]
    assert summary.totals.params == loaded.count_params()
    assert summary.totals.macs == 12
    (found,) = summary.diagnostics
    assert (found.code, found.severity) == ("DS302", "warning")
    assert "no output depends on 'idle', 'next', 'never'" in found.message
