"""The Python face: sources of every kind, what is raised, what a summary holds."""

import io
import json
import pickle
from pathlib import Path

import pytest

import dense_shapes
from dense_shapes import ModelError, SettingError, Summary, summarize
from dense_shapes.plugins import PluginError

ROOT = Path(__file__).parent.parent
SEED = ROOT / "configs" / "cifar10_dense.yaml"
SPEC = {"input_shape": [32, 32, 3], "layers": [{"Dense": 512}, {"Dense": 10}]}


def test_every_kind_of_source_gives_the_same():
    text = SEED.read_text("utf-8")
    with SEED.open("rb") as binary, SEED.open(encoding="utf-8") as words:
        made = [
            summarize(SEED),
            summarize(str(SEED)),
            summarize(io.StringIO(text)),
            summarize(io.BytesIO(text.encode())),
            summarize(binary),
            summarize(words),
        ]
    assert all(isinstance(one, Summary) for one in made)
    assert {one.totals.params for one in made} == {7178}
    assert [one.source for one in made] == [str(SEED), str(SEED), "-", "-", str(SEED), str(SEED)]


def test_a_mapping_has_no_source_and_no_lines():
    summary = summarize(SPEC)
    assert summary.source is None
    assert summary.name == "model"
    assert [row.line for row in summary.layers] == [None, None, None]
    assert json.loads(json.dumps(summary.to_dict()))["source"] is None


def test_a_mapping_is_not_changed():
    before = pickle.dumps(SPEC)
    summarize(SPEC)
    assert pickle.dumps(SPEC) == before


def test_a_model_error_holds_what_is_known():
    spec = {"input_shape": [8, 8, 3], "layers": ["Flatten", {"Conv2D": [3, 3]}, {"Dense": "x"}]}
    with pytest.raises(ModelError) as caught:
        summarize(spec)
    error = caught.value
    assert [d.code for d in error.diagnostics] == ["DS105", "DS104", "DS107"]
    assert [d.where for d in error.diagnostics] == [
        "layers[1].filters",
        "layers[1].kernel_size",
        "layers[2].units",
    ]
    assert error.summary.layers[1].output_shape[1:] == (192,)
    assert error.summary.diagnostics is error.diagnostics
    assert str(error).startswith("DS105: ")
    assert str(error).endswith("(and 2 more)")


def test_settings_bind_vars_and_sizes():
    spec = {
        "input_shape": [None, "C"],
        "vars": {"d": None, "act": "relu"},
        "layers": [{"Dense": {"units": "2*d", "activation": "${act}"}}],
    }
    assert str(summarize(spec).outputs[0].shape[-1]) == "2*d"
    bound = summarize(spec, set={"d": 4, "T": 10, "C": 3, "act": "tanh"})
    assert bound.outputs[0].shape[1:] == (10, 8)
    assert bound.layers[1].explanation.endswith("then tanh")
    for wrong in ({"x": 1}, {"T": "long"}, {"C": 2.5}):
        with pytest.raises(SettingError):
            summarize(spec, set=wrong)


def test_a_summary_with_symbols_counts_in_them():
    summary = summarize(
        {"input_shape": ["T", "d"], "vars": {"k": None}, "layers": [{"Dense": "k"}]}
    )
    row = summary.to_dict()["layers"][1]
    assert row["params"] == "d*k + k"
    assert row["macs"] == "T*d*k"
    assert row["weights"][0]["shape"] == ["d", "k"]
    assert summary.to_dict()["requirements"] == [
        {"symbol": "k", "symbols": ["k"], "text": "k >= 1", "min": 1, "layers": ["dense"]}
    ]


def test_memory_follows_the_dtype():
    def size(dtype):
        return summarize({**SPEC, "defaults": {"dtype": dtype}}).totals.param_bytes

    assert size("float32") == 7178 * 4
    assert size("float16") == size("bfloat16") == 7178 * 2
    assert size("float64") == 7178 * 8
    assert size("mixed_float16") == 7178 * 4
    outputs = summarize({**SPEC, "defaults": {"dtype": "mixed_bfloat16"}}).outputs
    assert outputs[0].dtype == "bfloat16"


def test_frozen_layers_move_their_params():
    spec = {
        "input_shape": [4],
        "layers": [{"Dense": {"units": 3, "trainable": False}}, {"Dense": 2}],
    }
    totals = summarize(spec).totals
    assert (totals.params, totals.trainable_params, totals.non_trainable_params) == (23, 8, 15)


def test_files_that_cannot_be_read_are_os_errors(tmp_path):
    with pytest.raises(FileNotFoundError):
        summarize(tmp_path / "none.yaml")
    with pytest.raises(IsADirectoryError):
        summarize(tmp_path)


def test_a_plugin_that_fails_is_named(tmp_path, monkeypatch):
    (tmp_path / "broken_plugin.py").write_text("1 / 0\n", "utf-8")
    (tmp_path / "clashing_plugin.py").write_text(
        "from dense_shapes import Layer\nclass Dense(Layer):\n    pass\n", "utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError, match="broken_plugin: ZeroDivisionError"):
        summarize(SPEC, plugins=["broken_plugin"])
    both = "one in dense_shapes.layers.core, one in clashing_plugin"
    with pytest.raises(PluginError, match=both):
        summarize(SPEC, plugins=["clashing_plugin"])


def test_the_package_gives_what_it_lists():
    for name in dense_shapes.__all__:
        assert getattr(dense_shapes, name) is not None
    with pytest.raises(AttributeError):
        dense_shapes.no_such_name  # noqa: B018 - reading it is the point
