"""Layers of foreign code: what is not known of them is said, and never guessed."""

import pytest

from dense_shapes import ModelError, summarize

FOREIGN = {
    "Lambda": {},
    "JaxLayer": {"call_fn": "f"},
    "FlaxLayer": {"module": "m"},
    "TorchModuleWrapper": {"module": "m"},
    "TFSMLayer": {"filepath": "model"},
}


def spec(name, **options):
    return {"input_shape": [6], "layers": [{name: FOREIGN[name] | options}, {"Dense": 4}]}


@pytest.mark.parametrize("name", FOREIGN)
def test_without_a_shape_all_that_follows_is_unknown(name):
    with pytest.raises(ModelError) as caught:
        summarize(spec(name))
    summary = caught.value.summary.to_dict()
    _, foreign, follower = summary["layers"]
    assert foreign["status"] == follower["status"] == "unknown"
    assert foreign["output_shapes"] is None
    assert summary["totals"]["params"] is None
    (told,) = caught.value.diagnostics
    assert told.code == "DS204"
    assert "`output_shape`" in told.help


@pytest.mark.parametrize("name", FOREIGN)
def test_its_shape_is_what_is_told(name):
    batch = [None] if name == "TorchModuleWrapper" else []
    summary = summarize(spec(name, output_shape=[*batch, 3])).to_dict()
    _, foreign, dense = summary["layers"]
    assert foreign["output_shape"] == [None, 3]
    assert dense["params"] == 16
    # A Lambda owns nothing; what the others own is not known, nor what any of them multiplies.
    assert foreign["params"] == (0 if name == "Lambda" else None)
    assert foreign["macs"] is None
    assert summary["totals"]["macs"] is None
    assert [d["code"] for d in summary["diagnostics"]] == ["DS303"]


def test_several_outputs_are_told_by_a_list_of_shapes():
    model = {
        "input_shape": [6],
        "layers": [
            {"Lambda": {"output_shape": [[3], [2, 4]]}},
            {"Dense": {"units": 5, "from": "lambda:1"}},
        ],
    }
    _, foreign, dense = summarize(model).to_dict()["layers"]
    assert foreign["output_shapes"] == [[None, 3], [None, 2, 4]]
    assert dense["output_shape"] == [None, 2, 5]


def test_code_in_a_spec_is_not_run(tmp_path):
    trap = tmp_path / "ran"
    code = f"open({str(trap)!r}, 'w')"
    summarize(spec("Lambda", function=code, output_shape=[3]))
    assert not trap.exists()
