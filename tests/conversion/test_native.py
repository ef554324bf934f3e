"""Specs written from models: they read as the same layers, shapes and counts."""

import io

import pytest

from dense_shapes import convert
from dense_shapes.api import analyse
from tests.conversion.models import CASES, CONFIGS, ends, params, rows, summary_of
from tests.graphs.draw import draw

GRAPHS = 150
UNMEASURED = {"keras2_recurrent"}
"""Cases with a layer that a spec can only take at its word, without its MACs."""


def again(source, **more):
    """Return the summaries of a model, and of what it is converted to."""
    text = convert(source, "native", **more)
    return analyse(source, **more), summary_of(io.StringIO(text)), text


@pytest.mark.parametrize("path", params(CONFIGS + CASES))
def test_reads_as_the_same_rows(path):
    before, after, text = again(str(path))
    measured = path.stem not in UNMEASURED
    assert rows(after, macs=measured) == rows(before, macs=measured)
    assert ends(after) == ends(before)
    assert after.name == before.name
    # Once more changes nothing but the order of the blocks.
    more = convert(io.StringIO(text), "native")
    assert sorted(more.splitlines()) == sorted(text.splitlines())


def test_random_graphs_read_as_the_same_rows():
    for number in range(GRAPHS):
        spec = draw(f"native {number}").spec
        text = convert(io.StringIO(spec), "native")
        before, after = summary_of(io.StringIO(spec)), summary_of(io.StringIO(text))
        assert rows(after) == rows(before), spec
        assert ends(after) == ends(before), spec


def written(*layers, shape=(8, 8, 3), **more):
    spec = {"name": "net", "input_shape": list(shape), "layers": list(layers)} | more
    text = convert(spec, "native")
    return text.partition("layers:\n")[2].splitlines()


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"Dense": {"units": 4}}, "  - Dense: 4"),
        ({"Dense": {"units": 4, "activation": "linear"}}, "  - Dense: 4"),
        ({"Dense": {"units": 4, "dtype": "float32", "trainable": True}}, "  - Dense: 4"),
        ({"type": "Flatten", "name": "flatten"}, "  - Flatten"),
        ({"Flatten": {"name": "flat"}}, "  - Flatten: {name: flat}"),
        (
            {"Conv2D": {"filters": 4, "kernel_size": [3, 3], "strides": [1, 1]}},
            "  - Conv2D: {filters: 4, kernel_size: 3}",
        ),
        (
            {"Conv2D": {"filters": 4, "kernel_size": [3, 5], "data_format": "channels_last"}},
            "  - Conv2D: {filters: 4, kernel_size: [3, 5]}",
        ),
        ({"MaxPooling2D": {"pool_size": 2, "strides": 2}}, "  - MaxPooling2D"),
        ({"MaxPooling2D": {"pool_size": 3, "strides": [3, 3]}}, "  - MaxPooling2D: 3"),
        ({"ZeroPadding2D": [[1, 1], [1, 1]]}, "  - ZeroPadding2D"),
        ({"ZeroPadding2D": [[0, 1], [0, 1]]}, "  - ZeroPadding2D: [[0, 1], [0, 1]]"),
        ({"ZeroPadding2D": [[1, 1], [2, 2]]}, "  - ZeroPadding2D: [1, 2]"),
        ({"BatchNormalization": {"axis": 1}}, "  - BatchNormalization: {axis: 1}"),
        ({"LayerNormalization": {"epsilon": 1e-5}}, "  - LayerNormalization: {epsilon: 1.0e-05}"),
        (
            {"Dense": {"units": 1, "kernel_initializer": "GlorotUniform"}},
            "  - Dense: 1",
        ),
        (
            {
                "Dense": {
                    "units": 1,
                    "kernel_initializer": {
                        "module": "keras.initializers",
                        "class_name": "HeNormal",
                        "config": {"seed": None},
                        "registered_name": None,
                    },
                }
            },
            "  - Dense: {units: 1, kernel_initializer: he_normal}",
        ),
        (
            {"Dense": {"units": 1, "bias_regularizer": {"class_name": "L2", "config": {"l2": 1}}}},
            "  - Dense: {units: 1, bias_regularizer: {class_name: L2, config: {l2: 1}}}",
        ),
        ({"Reshape": [64, 3]}, "  - Reshape: [64, 3]"),
        ({"Dense": {"units": 1, "name": "no"}}, "  - Dense: {units: 1, name: 'no'}"),
        ({"Dense": {"units": 1, "name": "010"}}, "  - Dense: {units: 1, name: '010'}"),
        ({"Dense": {"units": 1, "name": "1e3"}}, "  - Dense: {units: 1, name: '1e3'}"),
        ({"Dense": {"units": 1, "name": "a, b"}}, "  - Dense: {units: 1, name: 'a, b'}"),
        ({"Dense": {"units": 1, "name": "it's"}}, "  - Dense: {units: 1, name: 'it''s'}"),
        ({"Dense": {"units": 1, "name": "a\tb"}}, '  - Dense: {units: 1, name: "a\\x09b"}'),
        (
            {"TimeDistributed": {"layer": {"Dense": {"units": 2}}}},
            "  - TimeDistributed: {layer: {Dense: 2}}",
        ),
        ({"TimeDistributed": {"layer": "ReLU"}}, "  - TimeDistributed: {layer: ReLU}"),
        ({"Dense": {"units": 1, "ignore": ["DS301"]}}, "  - Dense: {units: 1, ignore: [DS301]}"),
        ({"ops.Mean": {"axis": 1, "keepdims": False}}, "  - ops.Mean: {axis: 1}"),
    ],
)
def test_an_entry_is_as_short_as_it_can_be(entry, line):
    assert written(entry) == [line]


def test_names_are_written_only_where_they_are_not_the_automatic_ones():
    assert written(
        {"Dense": {"units": 1, "name": "dense"}},
        {"Dense": {"units": 1, "name": "dense_1"}},
        {"Dense": {"units": 1, "name": "dense_3"}},
        {"Dense": {"units": 1, "name": "dense_2"}},
    ) == [
        "  - Dense: 1",
        "  - Dense: 1",
        "  - Dense: {units: 1, name: dense_3}",
        "  - Dense: 1",
    ]


def test_what_feeds_a_layer_is_written_only_where_it_is_not_the_one_before():
    assert written(
        {"Dense": {"units": 3, "name": "a"}},
        {"Dense": {"units": 3, "from": "a"}},
        {"Dense": {"units": 3, "from": "a", "name": "b"}},
        {"Add": {"from": ["dense", "b"]}},
        outputs=["add"],
    ) == [
        "  - Dense: {units: 3, name: a}",
        "  - Dense: 3",
        "  - Dense: {units: 3, from: a, name: b}",
        "  - Add: {from: [dense, b]}",
    ]


def test_options_that_all_layers_share_are_defaults():
    layers = [{"Conv2D": [1, 1]}] * 2
    layers = [{"Conv2D": {"filters": 2, "kernel_size": 1, "dtype": "mixed_float16"}}] * 2
    text = convert({"input_shape": [8, 8, 3], "layers": [*layers]}, "native")
    assert "defaults: {dtype: mixed_float16}\n" in text
    assert text.count("mixed_float16") == 1
    one = [*layers, {"Dense": {"units": 1}}]
    assert "defaults" not in convert({"input_shape": [8, 8, 3], "layers": one}, "native")


def test_a_long_entry_takes_several_lines():
    text = "\n".join(
        written(
            {
                "MultiHeadAttention": {
                    "num_heads": 12,
                    "key_dim": 64,
                    "kernel_initializer": {
                        "class_name": "TruncatedNormal",
                        "config": {"stddev": 1},
                    },
                    "from": ["input", "input"],
                    "call": {"use_causal_mask": True},
                }
            },
            shape=(8, 3),
        )
    )
    assert text == (
        "  - MultiHeadAttention:\n"
        "      num_heads: 12\n"
        "      key_dim: 64\n"
        "      kernel_initializer: {class_name: TruncatedNormal, config: {stddev: 1}}\n"
        "      from: [input, input]\n"
        "      call: {use_causal_mask: true}"
    )


def test_a_tensor_among_the_arguments_of_a_call_is_kept():
    spec = {
        "inputs": {"x": [5, 4], "m": {"shape": [5], "dtype": "bool"}},
        "layers": [
            {
                "LSTM": {
                    "units": 3,
                    "return_state": True,
                    "from": "x",
                    "call": {"mask": {"from": "m"}},
                }
            },
            {
                "LSTM": {
                    "units": 3,
                    "from": "x",
                    "call": {"initial_state": [{"from": "lstm:1"}, {"from": "lstm:2"}]},
                }
            },
        ],
    }
    text = convert(spec, "native")
    assert "call: {mask: {from: m}}" in text
    assert "from: [x, 'lstm:1', 'lstm:2']" in text
    assert rows(summary_of(io.StringIO(text))) == rows(summary_of(spec))


def test_symbols_of_options_are_vars():
    text = convert(
        {"input_shape": ["T", "d"], "vars": {"w": None}, "layers": [{"Dense": "2*w"}]}, "native"
    )
    assert "vars: {w: null}\n" in text
    assert "- Dense: 2*w\n" in text


def test_a_repeat_that_reaches_outside_is_laid_out_where_its_turns_differ():
    spec = {
        "input_shape": [4],
        "layers": [
            {"Dense": {"units": 4, "name": "d"}},
            {
                "repeat": {
                    "times": 2,
                    "layers": [{"reuse": "d"}, {"Dense": {"units": "4 + 0*i", "name": "e_${i}"}}],
                }
            },
        ],
    }
    text = convert(spec, "native")
    before, after = summary_of(spec), summary_of(io.StringIO(text))
    assert after.totals.params == before.totals.params
    assert after.totals.macs == before.totals.macs
    assert "- Dense: {units: 4, name: repeat_1_e_1}" in text


def test_what_a_spec_cannot_hold_is_refused():
    # A text with ${ in it comes from other formats only: here it is made by two vars.
    from dense_shapes import ModelError

    spec = {
        "input_shape": [4],
        "vars": {"a": "$", "b": "{x}"},
        "layers": [{"Dense": {"units": 1, "name": "${a}${b}"}}, {"Dense": 1}],
    }
    text = convert(spec, "native")
    assert "name: '_x}'" in text
    spec["name"] = "${a}${b}"
    with pytest.raises(ModelError, match="puts names in the place") as caught:
        convert(spec, "native")
    assert [d.code for d in caught.value.diagnostics] == ["DS501"]
