"""Input shapes that a file records, lacks, or that are given in their place; Lambdas; limits."""

import io
import json

import keras
import pytest
from keras import layers as L

from dense_shapes.api import analyse, summarize
from dense_shapes.spec.symbols import SettingError
from tests.spec.keras.models import Halve, Pair


def shapes(summary):
    return [row.to_dict().get("output_shape") for row in summary.layers]


def said(summary):
    return [(d.code, d.message) for d in summary.diagnostics]


def layer(kind, name, **options):
    return {"class_name": kind, "config": {"name": name, **options}}


def sequential(*layers, version="2.4.0"):
    config = {"name": "s", "layers": list(layers)}
    return {"class_name": "Sequential", "keras_version": version, "config": config}


OPEN = sequential(
    layer("InputLayer", "in", batch_input_shape=[None, None, None, 3]),
    layer("Conv2D", "conv", filters=2, kernel_size=[3, 3]),
    layer("GlobalAveragePooling2D", "pool"),
)


def test_open_sizes_have_names_that_can_be_set():
    summary = summarize(OPEN)
    assert shapes(summary) == [[None, "H", "W", 3], [None, "H - 2", "W - 2", 2], [None, 2]]
    assert [d.requirement.text for d in summary.requirements] == ["H >= 3", "W >= 3"]
    summary = summarize(OPEN, set={"H": 8})
    assert shapes(summary)[1] == [None, 6, "W - 2", 2]
    with pytest.raises(SettingError, match="the names are H, W"):
        summarize(OPEN, set={"X": 8})


def test_a_recorded_shape_can_be_replaced():
    summary = analyse(OPEN, input_shapes={"": [8, "width", 3]})
    assert shapes(summary)[1] == [None, 6, "width - 2", 2]
    assert shapes(analyse(OPEN, input_shapes={"in": [4, 4, 3]}))[1] == [None, 2, 2, 2]
    with pytest.raises(SettingError, match="no input is called 'out'; the inputs are in"):
        analyse(OPEN, input_shapes={"out": [4, 4, 3]})


def test_one_of_several_inputs():
    a, b = L.Input((4,), name="a"), L.Input((6,), name="b")
    text = keras.Model([a, b], L.Concatenate(name="both")([a, b])).to_json()
    assert shapes(analyse(io.StringIO(text), input_shapes={"a": [5]}))[-1] == [None, 11]
    with pytest.raises(SettingError, match="it does not say which input; the inputs are a, b"):
        analyse(io.StringIO(text), input_shapes={"": [5]})


def test_a_model_that_was_never_built():
    text = keras.Sequential([L.Dense(3), L.Dense(2)]).to_json()
    (found,) = analyse(io.StringIO(text)).diagnostics
    assert found.code == "DS104"
    assert "--input-shape" in found.help
    summary = analyse(io.StringIO(text), input_shapes={"": [4]})
    assert (said(summary), summary.totals.params) == ([], 23)


def test_the_batch_is_that_of_the_file():
    summary = summarize(sequential(layer("LSTM", "l", units=2, batch_input_shape=[32, 5, 3])))
    assert shapes(summary) == [[32, 5, 3], [32, 2]]
    assert [row.name for row in summary.layers] == ["l_input", "l"]


def test_sizes_that_no_input_has():
    wrong = sequential(layer("Dense", "d", units=2, batch_input_shape=[None, 0]))
    assert said(analyse(wrong)) == [
        ("DS105", "the input 'd_input': expected an integer ≥ 1, found 0")
    ]


def test_a_shape_as_tensorflow_writes_it():
    config = sequential(layer("Dense", "d", units=2))
    built = {"build_input_shape": {"class_name": "TensorShape", "items": [None, 4]}}
    assert shapes(summarize({**config, "config": {**config["config"], **built}})) == [
        [None, 4],
        [None, 2],
    ]


@pytest.mark.parametrize("given", [{"batch_input_shape": [None, "a"]}, {"input_shape": [2.0]}])
@pytest.mark.parametrize("kind", ["Dense", "InputLayer"])
def test_shapes_that_are_no_sizes(given, kind):
    ((code, message),) = said(analyse(sequential(layer(kind, "d", units=2, **given))))
    assert code == "DS105"
    assert "_shape to be a list of sizes, found [" in message


def test_a_nested_model_follows_its_input():
    inner = sequential(
        layer("InputLayer", "in", batch_input_shape=[None, 32, 32, 3]),
        layer("Conv2D", "conv", filters=2, kernel_size=[3, 3]),
    )
    outer = sequential({**inner, "config": {**inner["config"], "name": "base"}}, layer("ReLU", "r"))
    assert shapes(summarize(outer)) == [[None, 32, 32, 3], [None, 30, 30, 2], [None, 30, 30, 2]]
    assert shapes(analyse(outer, input_shapes={"": [16, 16, 3]}))[-1] == [None, 14, 14, 2]


LAMBDA = sequential(
    layer("InputLayer", "in", batch_input_shape=[None, 4, 3]),
    layer("Lambda", "scale", function=["4wEAAAAB", None, None], function_type="lambda"),
    layer("Dense", "head", units=2),
)


def test_lambdas():
    ((code, message),) = said(analyse(LAMBDA))
    assert code == "DS204"
    assert message.startswith("what a Lambda does is code, which is never run, and the file does")
    summary = summarize(LAMBDA, lambdas="same-shape")
    assert shapes(summary) == [[None, 4, 3], [None, 4, 3], [None, 4, 2]]
    assert (summary.totals.params, summary.totals.macs) == (8, 24)
    config = json.loads(json.dumps(LAMBDA))
    config["config"]["layers"][1]["config"] |= {"output_shape": [7], "output_shape_type": "raw"}
    summary = analyse(config)
    assert (summary.ok, shapes(summary)) == (True, [[None, 4, 3], [None, 7], [None, 2]])
    assert (summary.layers[1].count(), summary.totals.params) == (None, None)


def test_a_merge_by_code():
    branches = [sequential(layer("Dense", n, units=3, batch_input_shape=[None, 4])) for n in "ab"]
    merge = layer("Merge", "m", layers=branches, mode=["4wEAAAAB", None, None])
    ((code, message),) = said(analyse(sequential(merge)))
    assert (code, message.partition(",")[0]) == ("DS204", "how this Merge joins its inputs is code")
    merge["config"]["output_shape"] = [7]
    summary = analyse(sequential(merge, layer("Dense", "d", units=2)))
    assert shapes(summary)[-2:] == [[None, 7], [None, 2]]
    assert summary.totals.params is None


def test_recorded_outputs():
    x = L.Input((None, 6))
    halves = Halve()(x)
    first, second = Pair()(L.Lambda(lambda t: t[:, :2])(halves))
    text = keras.Model(x, [L.Dense(2)(first), L.ReLU()(second)]).to_json()
    summary = analyse(io.StringIO(text))
    assert [row.status for row in summary.layers] == ["ok"] * 6
    assert [row.count() for row in summary.layers] == [0, None, None, None, 8, 0]
    assert {code for code, _ in said(summary)} == {"DS303"}
    rows = {row.type: row.to_dict() for row in summary.layers}
    assert rows["Halve"]["output_shape"] == [None, "T_1", 3]
    assert rows["Pair"]["output_shapes"] == [[None, 2, 3], [None, 2]]
    assert "the file records its output" in rows["Pair"]["explanation"]
    # What is recorded holds for the recorded input only.
    other = analyse(io.StringIO(text), input_shapes={"": [5, 8]})
    assert [row.status for row in other.layers][:3] == ["ok", "unknown", "unknown"]
    assert said(other)[0][0] == "DS204"


def test_an_operation_on_a_constant_array_is_as_recorded():
    x = L.Input((4, 3))
    weights = keras.ops.ones((3, 5))
    made = keras.Model(x, L.Dense(2)(keras.ops.einsum("bij,jk->bik", x, weights)))
    summary = analyse(io.StringIO(made.to_json()))
    assert shapes(summary) == [[None, 4, 3], [None, 4, 5], [None, 4, 2]]
    assert (summary.totals.params, summary.totals.macs) == (12, None)
    made = keras.Model(x, L.Dense(2)(keras.ops.matmul(x, weights)))
    summary = analyse(io.StringIO(made.to_json()))
    assert (summary.totals.params, summary.totals.macs) == (12, 4 * 3 * 5 + 4 * 5 * 2)
    beside = keras.ops.concatenate([x, keras.ops.ones((1, 4, 3))], axis=0)
    summary = analyse(io.StringIO(keras.Model(x, L.ReLU()(beside)).to_json()))
    assert shapes(summary)[1:] == [[None, 4, 3], [None, 4, 3]]


@pytest.mark.parametrize(
    ("options", "rate"), [('"rate": 0.5', 0.5), ('"rate": 0.5, "seed": null', 0.5)]
)
def test_options_of_a_layer_reach_it(options, rate):
    text = (
        '{"class_name": "Sequential", "config": [{"class_name": "Dropout", "config": '
        f'{{"name": "d", "batch_input_shape": [null, 4], {options}}}}}]}}'
    )
    assert f"{100 * rate:.0f}%" in summarize(io.StringIO(text)).layers[1].explanation


ODD = {
    '{"class_name": "Sequential", "config": [{"class_name": "ReLU", "config": {"name": "r", '
    '"max_value": Infinity, "batch_input_shape": [null, 4]}}]}': [],
    '{"class_name": "Sequential", "config": ' + "[" * 200 + "]" * 200 + "}": ["DS005"],
    '{"class_name": "Sequential", "config": ' + "[" * 200: ["DS005"],
    '{"class_name": "Sequential", "config": [' + "0," * 4_000_001 + "0]}": ["DS005"],
    '{"class_name": "Sequential", "config": [' + "9" * 5000 + "]}": ["DS203"],
    '{"class_name": "Sequential", "config": [{"class_name": "\\ud83d"}]}': ["DS001"],
    '{"class_name": "Sequential", "config": [}': ["DS002"],
    '{"class_name": "Sequential"': ["DS002"],
    '{"class_name": 3, "config": []}': ["DS008"],
    '{"class_name": "Sequential", "config": "x"}': ["DS008"],
    '{"modelTopology": {"class_name": "Sequential", "config": []}}': ["DS104"],
}


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts(text):
    assert [code for code, _ in said(analyse(io.StringIO(text)))] == ODD[text]


def test_our_own_spec_in_json_stays_ours():
    spec = {
        "input_shape": [4],
        "layers": [{"Dense": {"units": 2, "kernel_regularizer": {"class_name": "L2"}}}],
    }
    assert summarize(io.StringIO(json.dumps(spec, indent=1))).layers[1].line == 7
    # In YAML's braces it is no JSON, whatever words are in it.
    loose = (
        '{layers: [{Dense: {units: 2, kernel_regularizer: {"class_name": L2}}}], input_shape: [4]}'
    )
    assert summarize(io.StringIO(loose)).totals.params == 10


def test_a_further_call_that_is_not_understood():
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["in", 0, 0]}}
    dense = layer("Dense", "twice", units=4)
    model = {
        "class_name": "Functional",
        "module": "keras",
        "config": {
            "name": "m",
            "layers": [
                {
                    **layer("InputLayer", "in", batch_shape=[None, 4]),
                    "name": "in",
                    "inbound_nodes": [],
                },
                {
                    **dense,
                    "module": "keras.layers",
                    "name": "twice",
                    "inbound_nodes": [{"args": [tensor]}, {"args": [[tensor, 3]]}],
                },
            ],
            "input_layers": [["in", 0, 0]],
            "output_layers": [["twice", 1, 0]],
        },
    }
    summary = analyse(model)
    assert [row.status for row in summary.layers] == ["ok", "unknown"]
    assert [d.code for d in summary.diagnostics] == ["DS204"]


@pytest.mark.parametrize("shape", [None, [None, 4, 2]])
def test_an_operation_without_a_rule_owns_nothing(shape):
    """Keras's operations never own weights, whether the file records what they give or not."""
    x = keras.Input((4,))
    made = keras.Model(x, keras.ops.square(keras.layers.Dense(3)(x)))
    data = json.loads(made.to_json())
    last = data["config"]["layers"][-1]
    last |= {"class_name": "Unheard", "registered_name": "Unheard"}
    if shape:
        after = json.loads(json.dumps(last))
        after |= {"class_name": "Negative", "registered_name": None, "name": "after"}
        after["config"]["name"] = "after"
        (tensor,) = after["inbound_nodes"][0]["args"]
        tensor["config"] |= {"shape": shape, "keras_history": [last["name"], 0, 0]}
        data["config"]["layers"].append(after)
        data["config"]["output_layers"] = ["after", 0, 0]
    summary = analyse(data)
    assert [d.code for d in summary.diagnostics] == ["DS303" if shape else "DS204"]
    assert (summary.totals.params, summary.totals.trainable_params) == (15, 15)
    assert summary.totals.macs is None
