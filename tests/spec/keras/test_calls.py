"""Calls that are wrong: each is told, and no row is unknown without a word."""

import pytest

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
