"""The JSON Schema of a spec: it takes what the reader takes, and refuses common mistakes."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from dense_shapes import summarize
from dense_shapes.api import analyse
from dense_shapes.diagnostics import Severity
from dense_shapes.layers import REGISTRY, Layer
from dense_shapes.schema import spec_schema
from dense_shapes.schema_check import expect_schema
from tests.layers.table import CASES

VALIDATOR = jsonschema.Draft202012Validator(spec_schema())


def valid(layer):
    return VALIDATOR.is_valid({"input_shape": [8, 8, 3], "layers": [layer]})


def written(value):
    """Return a layer-valued option, or a list of them, as the entries that it is written as."""
    if isinstance(value, list):
        return [written(item) for item in value]
    if not isinstance(value, Layer):
        return value
    options = {"filters": 4, "kernel_size": 1, "units": 8, "cell": {"LSTMCell": 8}}
    return {
        type(value).__name__: {
            name: option for name, option in options.items() if name in value.fields
        }
    }


@pytest.mark.parametrize(("name", "options", "rank"), CASES, ids=lambda v: str(v)[:40])
def test_every_layer_is_valid_in_both_long_forms(name, options, rank):
    options = {key: written(value) for key, value in options.items()}
    assert valid({name: options})
    assert valid({"type": name, **options})
    for alias in REGISTRY[name].aliases:
        assert valid({alias: options})
    assert not valid({name: {**options, "unknown": 1}})
    assert not valid({"type": name, **options, "unknown": 1})


@pytest.mark.parametrize(
    "layer",
    [
        "- Flatten",
        "- Dense: 512",
        "- Dense: 2 * width",
        "- Dense: {units: 10, activation: '${act}', name: head}",
        "- Reshape: [4, -1]",
        "- Permute: [2, 1, 3]",
        "- MaxPooling2D:",
        "- Dropout: 0.5",
        "- BatchNormalization: 1",
        "- Conv2D: {filters: 8, kernel_size: [3, 3], kernel_regularizer: {class_name: L2}}",
        "- ZeroPadding2D: [[1, 2], [3, 4]]",
        "- {repeat: {times: 2, layers: [Flatten]}, trainable: false}",
        "- residual: {filters: 4, trainable: false}",
    ],
)
def test_what_the_reader_takes_is_valid(layer):
    assert valid(yaml.safe_load(layer)[0])


@pytest.mark.parametrize(
    "layer",
    [
        "- Flaten",
        "- Dense",
        "- Conv2D: 3",
        "- Dense: {unit: 3}",
        "- Dense: 10.5",
        "- Dense: -1",
        "- Dropout: 2",
        "- Dense: {units: 10, activation: rleu}",
        "- {Dense: 10, activation: relu}",
        "- [1, 2]",
        "- {type: Dens, units: 3}",
    ],
)
def test_common_mistakes_are_not(layer):
    assert not valid(yaml.safe_load(layer)[0])


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "cases/check").glob("*.yaml")))
def test_expectations_are_part_of_it(path):
    data = yaml.safe_load(path.read_text("utf-8"))
    wrong = {"mistakes", "not_pairs", "broken_model"}
    assert VALIDATOR.is_valid(data) == (path.stem not in wrong)


@pytest.mark.parametrize(
    "expect",
    [
        {"parms": 3},
        {"params": -1},
        {"params": None},
        {"params": "!= 3"},
        {"params": [3]},
        {"output_shape": "null, 10"},
        {"output_shape": [1.5]},
        {"output_shapes": []},
        {"layers": {"head": "presnt"}},
        {"layers": {"head": {"unit": 3}}},
        {"layers": {"head": {}}},
        {"forbid": 3},
        {"advice": {"DS999": "off"}},
        {"advice": {"DS301": "eror"}},
    ],
)
def test_wrong_expectations_are_not_valid(expect):
    model = {"input_shape": [4], "layers": ["Flatten"], "expect": expect}
    assert not VALIDATOR.is_valid(model)
    assert not jsonschema.Draft202012Validator(expect_schema()).is_valid(expect)


def test_an_editor_finds_canonical_names_options_and_docs():
    schema = spec_schema()
    entry = schema["$defs"]["layer"]["else"]["else"]["else"]["properties"]
    assert set(REGISTRY) <= set(entry)
    options = schema["$defs"]["Conv2D"]["properties"]
    assert {"filters", "kernel_size", "strides", "padding"} <= set(options)
    assert all("description" in option for name, option in options.items() if name != "type")
    assert options["padding"]["default"] == "valid"


def test_blocks_may_have_any_name_that_is_no_layers():
    block = {"args": {"n": 8}, "layers": [{"Dense": "n"}]}
    spec = {
        "input_shape": [4],
        "blocks": {"ResBlock": block, "my-block": {"layers": ["ResBlock"]}},
        "layers": [
            {"ResBlock": 8},
            {"ResBlock": {"n": 4}},
            {"type": "ResBlock", "n": 4},
            {"my-block": None},
            {"repeat": None, "times": 2, "layers": ["ResBlock"]},
        ],
    }
    assert VALIDATOR.is_valid(spec)
    assert summarize(spec).totals.params == 280
    wrong = [{"ResBlock": 8}, {"Dense": {"unit": 3}}]
    assert not VALIDATOR.is_valid(spec | {"layers": wrong})
    # A misspelt layer is found where no block is called like one.
    plain = {"blocks": {"res_block": block}, "input_shape": [4]}
    assert VALIDATOR.is_valid(plain | {"layers": [{"res_block": 8}]})
    assert not VALIDATOR.is_valid(plain | {"layers": [{"Densee": 8}]})


@pytest.mark.parametrize("name", ["a/b", "a:1", "a@2", "", "a" * 1001])
def test_blocks_have_names_like_layers(name):
    spec = {"input_shape": [4], "blocks": {name: {"layers": ["Flatten"]}}, "layers": ["ReLU"]}
    assert not VALIDATOR.is_valid(spec)
    found = [d for d in analyse(spec).diagnostics if d.severity is Severity.ERROR]
    assert [(d.code, d.where) for d in found] == [("DS105", f"blocks.{name}")]
    inputs = {"inputs": {name: [4]}, "layers": [{"ReLU": {"from": "input"}}]}
    assert VALIDATOR.is_valid(inputs) == (len(name) == 1001)
