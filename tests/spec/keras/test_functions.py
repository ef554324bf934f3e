"""TensorFlow's functions in models of tf.keras, as operations with their arguments."""

import pytest

from dense_shapes import ModelError, summarize
from dense_shapes.layers import find_layer
from dense_shapes.layers.legacy import LEGACY
from dense_shapes.spec.keras.tensorflow_tables import FUNCTIONS
from tests.spec.keras.compare import plain


def config(function, arguments, shape=(4, 3), dtype="float32"):
    """Return a model that calls a function on its input."""
    layers = [
        {
            "class_name": "InputLayer",
            "name": "x",
            "config": {"batch_input_shape": [None, *shape], "dtype": dtype, "name": "x"},
            "inbound_nodes": [],
        },
        {
            "class_name": "TFOpLambda",
            "name": "f",
            "config": {"name": "f", "function": function},
            "inbound_nodes": [["x", 0, 0, arguments]],
        },
    ]
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["f", 0, 0]]}
    return {"class_name": "Functional", "config": {"name": "m", "layers": layers, **ends}}


CASES = [
    ("nn.bias_add", {"bias": [-103.9, -116.8, -123.7], "data_format": "NHWC"}, (None, 4, 3)),
    ("math.multiply", {"y": [[[1.0], [2.0]]], "name": None}, ()),
    ("math.multiply", {"y": [[[1.0], [2.0], [3.0], [4.0]]], "name": None}, (None, 4, 3)),
    ("math.subtract", {"y": [[1], [2, 3]], "name": None}, ()),
    ("clip_by_value", {"clip_value_min": 0.0, "clip_value_max": 1.0}, (None, 4, 3)),
    ("math.reduce_std", {"axis": [1, 2], "keepdims": True}, (None, 1, 1)),
    ("math.reduce_all", {"axis": -1}, (None, 4)),
    ("one_hot", {"depth": 5}, (None, 4, 3, 5)),
    ("math.l2_normalize", {"axis": -1, "epsilon": 1e-12, "name": None}, (None, 4, 3)),
    ("math.l2_normalize", {"axis": None}, ()),
    ("pad", {"paddings": [[0, 0], [1, 2], [0, 0]], "mode": "CONSTANT"}, (None, 7, 3)),
]


@pytest.mark.parametrize(("function", "arguments", "expected"), CASES)
def test_functions(function, arguments, expected):
    model = config(function, arguments)
    if not expected:
        with pytest.raises(ModelError):
            summarize(model)
        return
    assert [plain(s) for s in summarize(model).layers[1].output_shapes] == [expected]


TENSOR = ["x", 0, 0]


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("image.resize", {"size": TENSOR}),
        ("image.resize", {"size": [TENSOR, 4]}),
        ("math.l2_normalize", {"axis": TENSOR}),
        ("nn.max_pool2d", {"ksize": [TENSOR, 2], "strides": 2, "padding": "SAME"}),
    ],
)
def test_a_tensor_is_no_option(function, arguments):
    with pytest.raises(ModelError) as caught:
        summarize(config(function, arguments, shape=(8, 8, 3)))
    assert caught.value.diagnostics[0].code == "DS204"
    assert f"{function} is given a tensor as its" in caught.value.diagnostics[0].message


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_an_operation_with_such_arguments(function):
    name, parameters = FUNCTIONS[function]
    cls = find_layer(f"ops.{name}") or find_layer(name) or LEGACY.get(name)
    assert cls is not None
    ours = {p for p in parameters.values() if p not in {"", "size", "ord", "x", "xs", "x1", "x2"}}
    assert ours <= set(cls.fields)


def test_the_other_layout_is_not_taken_for_the_usual_one():
    with pytest.raises(ModelError, match="data_format"):
        summarize(config("nn.bias_add", {"bias": [1.0] * 4, "data_format": "NCHW"}))


def node(op, inputs=1, constants=None, **attributes):
    """Return a model of one operation of a graph, as tf.keras 2.0 to 2.3 saved it."""
    made = config("", {})
    layer = made["config"]["layers"][1]
    layer["class_name"] = "TensorFlowOpLayer"
    layer["config"] = {
        "name": "f",
        "node_def": {"name": "f", "op": op, "input": ["x"], "attr": attributes},
        "constants": constants or {},
    }
    layer["inbound_nodes"] = [[["x", 0, 0, {}] for _ in range(inputs)]]
    return made


NODES = [
    (node("Mul", constants={"0": 2.0}), (None, 4, 3)),
    (node("AddV2", 2, T={"type": "DT_FLOAT"}), (None, 4, 3)),
    (node("Mean", constants={"1": [1]}, keep_dims={"b": True}), (None, 1, 3)),
    (node("Sum", constants={"1": 2}), (None, 4)),
    (node("ConcatV2", 2, {"2": -1}, N={"i": "2"}), (None, 4, 6)),
    (node("Pack", 3, axis={"i": "1"}), (None, 3, 4, 3)),
    (node("Reshape", constants={"1": [-1, 12]}), (None, 12)),
    (node("Transpose", constants={"1": [0, 2, 1]}), (None, 3, 4)),
    (node("ExpandDims", constants={"1": -1}), (None, 4, 3, 1)),
    (node("Cast", DstT={"type": "DT_INT32"}), (None, 4, 3)),
    (
        node(
            "StridedSlice",
            constants={"1": [0, 1, 0], "2": [0, 3, 0], "3": [1, 1, 1]},
            begin_mask={"i": "5"},
            end_mask={"i": "5"},
        ),
        (None, 2, 3),
    ),
    (
        node(
            "StridedSlice",
            constants={"1": [0, 0, 2], "2": [0, 0, 3], "3": [1, 1, 1]},
            begin_mask={"i": "1"},
            end_mask={"i": "1"},
            ellipsis_mask={"i": "2"},
            shrink_axis_mask={"i": "4"},
        ),
        (None, 4),
    ),
    (node("Relu"), (None, 4, 3)),
    (node("Conv2D"), None),
    (node("Mean"), None),
    (node("BatchMatMulV2", 2, adj_y={"b": True}), None),
]


@pytest.mark.parametrize(("model", "expected"), NODES)
def test_single_operations(model, expected):
    if expected is None:
        with pytest.raises(ModelError, match="TensorFlow's"):
            summarize(model)
        return
    assert [plain(s) for s in summarize(model).layers[1].output_shapes] == [expected]


@pytest.mark.parametrize("junk", [None, 3, {}, {"op": 3}, {"op": "Mean", "attr": 4}])
def test_broken_operations(junk):
    model = node("Relu")
    model["config"]["layers"][1]["config"]["node_def"] = junk
    with pytest.raises(ModelError):
        summarize(model)
