"""Keras configs written from models: the real Keras loads them, and tells the same."""

import io
import json
from random import Random

import keras
import pytest

from dense_shapes import ModelError, convert
from dense_shapes.layers import REGISTRY
from dense_shapes.layers.foreign import Foreign
from dense_shapes.rewriting import rewrite
from tests.conversion.models import CASES, CONFIGS, ROOT, compare, in_keras, params
from tests.graphs.draw import draw as draw_graph
from tests.oracle import keras_side
from tests.oracle.draws import draw
from tests.oracle.nested import Nested
from tests.oracle.ops_rows import OPS
from tests.oracle.rows import ROWS
from tests.oracle.shapes import each, listed

GRAPHS = 60
SETTINGS = {
    "graph_argument_must_divide": {"d": 8},
    "graph_symbolic": {"width": 8},
    "substitution": {"free": 3},
    "symbolic_options": {"f": 4, "k": 3},
    "symbolic_sizes": {"C": 3, "H": 16, "W": 16},
}
"""Numbers for the names that stand in options, or that weights depend on."""
DRAWN, CONVERTED = 40, 6
"""How many cases of a layer are drawn, and how many of them are converted at most."""
FOREIGN = {name for name, cls in REGISTRY.items() if issubclass(cls, Foreign)}
NOT_IN_A_MODEL = {
    *("InputLayer", "Equalization", *FOREIGN),
    *("ops.AdaptiveMaxPool", "ops.AdaptiveAveragePool", "ops.Slogdet"),
}
"""Keras makes no model with an Equalization, which gives out its own input.

Nor does it load a bare adaptive pooling that it saved: its sizes are a list then, no tuple. Of
slogdet it always infers another shape than a call gives.
"""
INFERRED_OTHERWISE = {
    *("RandomCrop", "MelSpectrogram", "CategoryEncoding"),
    *("ops.Kron", "ops.Polar"),
    *(name for name in OPS if name.startswith("ops.Bitwise") or name.endswith("Shift")),
}
"""What Keras infers of these is at times not what a call gives."""
SLOW = {"augmentation", "augmentation_idle"}
"""Cases that Keras takes long for: it runs such layers to tell their shapes."""
UNKNOWN = {
    *("graph_params_unknown", "graph_ignored_warnings", "foreign_code", "foreign_code_inside"),
    *("keras2_recurrent", "keras_recorded"),
}
"""Cases with layers that Keras does not have."""
WITH_TENSORFLOW = {"features", "lookup_and_back", "text_to_words"}
"""Cases with layers that Keras makes only where TensorFlow is installed."""

EXCLUDED = UNKNOWN | WITH_TENSORFLOW | SLOW


@pytest.mark.parametrize("path", params(CONFIGS))
def test_configs_load_with_equal_counts(path):
    compare(str(path), empty=True)


@pytest.mark.parametrize("path", params(p for p in CASES if p.stem not in EXCLUDED))
def test_cases_load_with_equal_counts(path):
    compare(str(path), set=SETTINGS.get(path.stem))


@pytest.mark.parametrize(
    ("layer", "dtype", "needed"),
    [
        ({"IntegerLookup": {"vocabulary": [1, 2]}}, "int32", "mask_token"),
        ({"TextVectorization": 1000}, "string", "ngrams"),
    ],
)
def test_nulls_that_keras_looks_for_are_written(layer, dtype, needed):
    spec = {"inputs": {"x": {"shape": [1], "dtype": dtype}}, "layers": [layer]}
    config = convert(spec, "keras")["config"]["layers"][1]["config"]
    assert config[needed] is None


def test_lambdas_that_keep_shapes_become_identities():
    layers = [{"class_name": "Lambda", "config": {"name": "f", "batch_input_shape": [None, 4]}}]
    value, summary = rewrite(
        {"class_name": "Sequential", "config": layers}, "keras", lambdas="same-shape"
    )
    assert [d.code for d in summary.diagnostics] == ["DS502"]
    model = keras.models.model_from_json(json.dumps(value))
    assert type(model.get_layer("f")) is keras.layers.Identity


def test_a_name_of_the_model_that_keras_refuses():
    spec = {"name": "nets/small", "input_shape": [4], "layers": [{"Dense": 2}]}
    model = keras.models.model_from_json(json.dumps(convert(spec, "keras")))
    assert model.name == "nets_small"


def test_open_sizes_can_be_set():
    model, _ = compare(str(ROOT / "configs/unet.yaml"), set={"H": 64, "W": 32})
    assert model.inputs[0].shape == (None, 64, 32, 1)


def test_random_graphs_load_with_equal_counts():
    for number in range(GRAPHS):
        compare(io.StringIO(draw_graph(f"keras {number}").spec))
    keras.backend.clear_session()


def entry(name, options):
    """Return a layer and its options as an entry of a spec."""

    def plain(value):
        if isinstance(value, Nested):
            return entry(value.name, value.options)
        return [plain(item) for item in value] if isinstance(value, list | tuple) else value

    return {name: {option: plain(value) for option, value in options.items()}}


@pytest.mark.parametrize("name", [*ROWS, *OPS])
def test_every_layer_is_written_as_keras_reads_it(name):
    row, r = (ROWS | OPS)[name], Random(f"converted {name}")
    converted = 0
    for _ in range(DRAWN):
        case = draw(name, row, r).closed()
        shapes = each(lambda sizes, array: (array[0], *sizes[1:]), case.shape, case.arrays)
        if name in NOT_IN_A_MODEL or len({shape[0] for shape in listed(shapes)}) > 1:
            continue
        inputs = {
            f"x{i}": {"shape": list(shape[1:]), "dtype": case.dtype}
            for i, shape in enumerate(listed(shapes))
        }
        layer = entry(name, case.options)
        layer[name]["from"] = list(inputs)
        if case.call:
            layer[name]["call"] = case.call
        spec = {"inputs": inputs, "batch_size": listed(shapes)[0][0], "layers": [layer]}
        value, summary = rewrite(spec, "keras")
        if value is None:
            assert [d.code for d in summary.diagnostics if d.code == "DS501"] == []
            continue
        theirs = keras_side.run(*case._replace(shape=shapes))
        if theirs.refusal is not None or theirs.inferred not in (None, theirs.called):
            continue  # what Keras refuses or gets wrong, it need not load
        with keras_side.as_elsewhere():
            compare(spec, shapes=name not in INFERRED_OTHERWISE)
        converted += 1
        if converted == CONVERTED:
            break
    keras_side.forget()
    assert converted >= (name not in NOT_IN_A_MODEL)


def refused(spec, **more):
    with pytest.raises(ModelError) as caught:
        convert(spec, "keras", **more)
    return [d for d in caught.value.diagnostics if d.severity == "error"]


def test_a_symbolic_feature_axis_is_refused_by_name():
    spec = {"input_shape": ["T", "d"], "layers": [{"Dense": 4}]}
    [problem] = refused(spec)
    assert (problem.code, problem.layer, problem.where) == ("DS501", "dense", "layers[0]")
    assert "the size of the last axis" in problem.message
    assert problem.help == "give it a number: --set d=…"
    model, _, notes = in_keras(spec, set={"d": 3})
    assert model.output_shape == (None, None, 4)
    assert notes == ["Keras has no names for sizes: T is null"]


def test_an_expression_in_an_option_is_refused_by_name():
    spec = {"input_shape": [8], "vars": {"w": None}, "layers": [{"Dense": "2*w"}]}
    [problem] = refused(spec)
    assert problem.message == "'units' of 'dense' is 2*w, where Keras needs a number"
    assert problem.help == "give it a number: --set w=…"


def test_types_taken_at_their_word_are_refused_by_name():
    entry = {"Mixer": {"output_shape": [None, 4], "params": 3}}
    [problem] = refused({"input_shape": [8], "layers": [entry]})
    assert problem.message == "Keras does not have the type Mixer: 'mixer'"


def test_foreign_code_is_refused_by_name():
    entry = {"Lambda": {"output_shape": [4], "name": "mine"}}
    [problem] = refused({"input_shape": [8], "layers": [entry, "ReLU"]})
    assert problem.message == "Lambda is foreign code, which is not kept: 'mine'"


@pytest.mark.parametrize(
    ("inputs", "lambdas", "advised"),
    [
        (1, None, "--lambda same-shape says so"),
        (2, "same-shape", "only a Lambda of one input can be written"),
    ],
    ids=["code", "several inputs"],
)
def test_lambdas_are_refused_with_what_helps(inputs, lambdas, advised):
    ends = [keras.Input((4,)) for _ in range(inputs)]
    first = keras.layers.Lambda(lambda x: x[0] if inputs > 1 else x, name="code")
    y = keras.layers.Dense(2)(first(ends if inputs > 1 else ends[0]))
    data = json.loads(keras.Model(ends, y).to_json())
    value, summary = rewrite(data, "keras", lambdas=lambdas)
    assert value is None
    (problem,) = [d for d in summary.diagnostics if d.code == "DS501"]
    assert problem.message == "a Lambda's code is not read, and so it cannot be written: 'code'"
    assert advised in problem.help


def test_layers_of_plugins_are_refused_by_name():
    from dense_shapes import Layer

    class OfMyOwn(Layer):
        """A layer that Keras does not have."""

        def output(self, x):
            return x

        def explain(self, x, y):
            return ""

    try:
        [problem] = refused({"input_shape": [8], "layers": ["OfMyOwn"]})
    finally:
        del REGISTRY["OfMyOwn"]
    assert problem.message == "Keras does not have the type OfMyOwn: 'of_my_own'"


def test_what_feeds_no_output_is_left_out_and_noted():
    layers = [{"Dense": {"units": 3, "name": "a"}}, {"Dense": {"units": 2, "from": "a"}}]
    spec = {"input_shape": [8], "layers": layers, "outputs": ["a"]}
    model, _, notes = in_keras(spec)
    assert [layer.name for layer in model.layers] == ["input", "a"]
    assert notes == ["'dense' feeds no output, so that Keras has no place for it"]


def test_shared_layers_and_blocks_have_their_weights_once():
    spec = {
        "inputs": {"a": [4], "b": [4]},
        "blocks": {"tower": {"layers": [{"Dense": 4}, {"reuse": "dense"}]}},
        "layers": [
            {"tower": {"from": "a"}},
            {"reuse": "tower", "from": "b"},
            {"Add": {"from": ["tower", "tower@2"]}},
            {"repeat": {"times": 2, "layers": [{"reuse": "add", "from": ["input", "input"]}]}},
        ],
    }
    model, _, _ = in_keras(spec)
    assert model.count_params() == 20
    assert len(model.get_layer("tower").get_layer("dense")._inbound_nodes) == 2


def test_call_arguments_and_further_outputs_are_kept():
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
            {"LSTM": {"units": 3, "from": ["x", "lstm:1", "lstm:2"]}},
            {
                "MultiHeadAttention": {
                    "num_heads": 2,
                    "key_dim": 3,
                    "from": ["x", "x"],
                    "call": {"use_causal_mask": True, "return_attention_scores": True},
                }
            },
        ],
        "outputs": ["lstm_1", "lstm:2", "multi_head_attention:1"],
    }
    model, _ = compare(spec)
    nodes = {layer.name: layer._inbound_nodes[0].arguments for layer in model.layers}
    assert nodes["lstm"].kwargs["mask"].name == "m"
    assert len(nodes["lstm_1"].kwargs["initial_state"]) == 2
    assert nodes["multi_head_attention"].kwargs["use_causal_mask"] is True


def test_policies_and_frozen_layers_are_kept():
    frozen = {"Dense": {"units": 3, "trainable": False, "dtype": "mixed_float16"}}
    spec = {
        "input_shape": [4],
        "blocks": {"b": {"layers": [frozen, "BatchNormalization"]}},
        "layers": ["b", {"b": {"trainable": False}}, {"Dense": {"units": 2, "dtype": "float16"}}],
    }
    model, _ = compare(spec)
    assert model.get_layer("b").get_layer("dense").dtype_policy.name == "mixed_float16"
    assert model.get_layer("dense").compute_dtype == "float16"


def test_names_that_keras_refuses_are_changed_and_noted():
    spec = {"input_shape": [4], "layers": [{"repeat": {"times": 1, "layers": ["ReLU"]}}]}
    compare(spec)
