"""Graphs: what a spec's blocks, repeats and further calls become."""

import io

from dense_shapes.api import analyse, summarize

NESTED = {
    "input_shape": [4],
    "blocks": {
        "inner": {"layers": [{"Dense": 4}]},
        "outer": {
            "layers": [
                {"inner": {"name": "a"}},
                {"Dense": {"units": 4, "name": "d"}},
                {"reuse": "a"},
                {"repeat": {"times": 2, "layers": [{"inner": {"name": "b"}}]}},
            ]
        },
    },
    "layers": [{"outer": {"name": "o"}}, {"Dense": {"units": 4, "name": "x"}}, {"reuse": "o"}],
}


def rows(spec):
    summary = analyse(spec)
    assert summary.diagnostics == []
    return {row.path: row for _, row in summary.rows()}


def calls(row):
    return [(call.name, call.inputs) for call in row.calls]


def test_groups_inside_a_block_that_is_called_again_have_their_calls():
    found = rows(NESTED)
    assert calls(found["o"]) == [("o", ["input"]), ("o@2", ["x"])]
    assert calls(found["o/a"]) == [
        ("o/a", ["input"]),
        ("o/a@2", ["o/d"]),
        ("o@2/a", ["x"]),
        ("o@2/a@2", ["o@2/d"]),
    ]
    assert calls(found["o/a/dense"]) == [
        ("o/a/dense", ["input"]),
        ("o/a@2/dense", ["o/d"]),
        ("o@2/a/dense", ["x"]),
        ("o@2/a@2/dense", ["o@2/d"]),
    ]
    assert calls(found["o/repeat/1"]) == [
        ("o/repeat/1", ["o/repeat/0"]),
        ("o@2/repeat/1", ["o@2/repeat/0"]),
    ]
    assert found["o/repeat/1/b"].inputs == ["o@2/repeat/0"]
    assert not found["x"].calls


def test_a_layer_called_again_in_a_repeat_counts_once_and_its_macs_each_time():
    spec = {
        "input_shape": [4],
        "layers": [
            {"Dense": {"units": 4, "name": "d"}},
            {"repeat": {"times": 3, "layers": [{"reuse": "d"}, "ReLU"]}},
            {"reuse": "d"},
        ],
    }
    summary = analyse(spec)
    assert (summary.totals.params, summary.totals.macs) == (20, 5 * 16)
    names = [call.name for call in rows(spec)["d"].calls]
    assert names == ["d", *(f"repeat/{i}/d@2" for i in range(3)), "d@2"]


def test_freezing_a_group_freezes_all_inside_it_and_nothing_else():
    spec = {
        "input_shape": [4],
        "blocks": {
            "inner": {"layers": [{"Dense": 4}, "BatchNormalization"]},
            "outer": {"layers": [{"Dense": 4}, "inner"]},
        },
        "layers": [
            {"outer": {"name": "cold", "trainable": False}},
            {"outer": {"name": "warm", "trainable": True}},
            {"type": "repeat", "times": 2, "layers": ["inner"], "trainable": False},
        ],
    }
    found = rows(spec)
    assert [found[name].count(trainable=True) for name in ("cold", "warm", "repeat")] == [0, 48, 0]
    assert [found[name].count() for name in ("cold", "warm", "repeat")] == [56, 56, 72]


def test_a_further_call_has_the_outputs_that_its_own_arguments_give():
    attention = {"num_heads": 1, "key_dim": 2, "from": ["a", "a"], "name": "p"}
    scored = {"call": {"return_attention_scores": True}}
    first = {"MultiHeadAttention": attention}
    again = {"reuse": "p", "from": ["a", "a"], "name": "q"}
    spec = {"inputs": {"a": [5, 4]}, "outputs": ["p", "q"]}
    more = analyse({**spec, "layers": [first, again | scored], "outputs": ["p", "q:1"]})
    assert more.diagnostics == []
    assert more.outputs[1].shape[1:] == (1, 5, 5)
    fewer = [{"MultiHeadAttention": attention | scored}, again]
    (told,) = analyse({**spec, "layers": fewer, "outputs": ["p", "q:1"]}).diagnostics
    assert told.message == "'q' has 1 output, there is no q:1"


def test_the_row_of_a_layer_called_again_explains_its_last_call():
    spec = {
        "inputs": {"a": ["T", 4], "b": [4]},
        "layers": [{"Dense": {"units": 5, "from": "b", "name": "d"}}, {"reuse": "d", "from": "a"}],
        "outputs": ["d", "d@2"],
    }
    row = rows(spec)["d"]
    assert row.output_shapes == row.calls[-1].output_shapes
    assert "over T positions" in row.explanation


def test_unknown_params_of_a_block_are_told_once_and_can_be_ignored():
    own = {"output_shape": [None, 4]}
    spec = {
        "input_shape": [4],
        "blocks": {"b": {"layers": [{"Foo": own}]}},
        "layers": [{"repeat": {"times": 5, "layers": ["b"]}}],
    }
    assert [d.code for d in analyse(spec).diagnostics] == ["DS303"]
    own["ignore"] = ["DS303"]
    assert analyse(spec).diagnostics == []


def test_tensors_in_a_call_are_inputs_of_its_row():
    text = """
inputs: {x: [5, 8], h: [4], m: {shape: [5], dtype: bool}}
blocks:
  reader: {layers: [{GRU: {units: 4, from: input, call: {initial_state: {from: "input:1"}}}}]}
layers:
  - GRU: {units: 4, from: x, call: {mask: {from: m}, initial_state: {from: h}}, name: first}
  - reuse: first
    from: x
    call: {mask: {from: m}}
  - reader: {from: [x, first]}
  - {reuse: reader, from: [x, "first@2"], name: again}
  - Add: {from: [reader, again]}
"""
    rows = {row["name"]: row for row in summarize(io.StringIO(text)).to_dict()["layers"]}
    x, m, h = [None, 5, 8], [None, 5], [None, 4]
    first, second = rows["first"]["calls"]
    assert (first["inputs"], first["input_shapes"]) == (["x", "h", "m"], [x, h, m])
    assert (second["inputs"], second["input_shapes"]) == (["x", "m"], [x, m])
    inner, again = rows["reader"]["layers"][0]["calls"]
    assert (inner["inputs"], inner["input_shapes"]) == (["x", "first"], [x, h])
    assert (again["inputs"], again["input_shapes"]) == (["x", "first@2"], [x, h])


def test_an_unknown_layer_may_change_a_batch_that_is_fixed_but_none_that_is_open():
    layers = [{"Pairs": {"output_shape": [16, 8], "params": 0, "ignore": "DS303"}}]
    spec = {"input_shape": [8], "layers": layers}
    assert rows(spec | {"batch_size": 32})["pairs"].output_shapes == [(16, 8)]
    for batch in (None, "B"):
        (told,) = analyse(spec | {"batch_size": batch}).diagnostics
        assert told.message.startswith("the first size is the batch, which is open: expected null")
