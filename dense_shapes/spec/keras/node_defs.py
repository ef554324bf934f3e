"""Single operations of TensorFlow's graphs, `TensorFlowOpLayer`, as calls of its functions."""

from __future__ import annotations

from typing import Any

from dense_shapes.layers.fields import show
from dense_shapes.spec.keras.classes import NotKnown
from dense_shapes.spec.keras.inbound import Call, Tensor

_OPERATIONS: dict[str, tuple[str, tuple[str, ...], dict[str, str]]] = {
    "Abs": ("math.abs", ("x",), {}),
    "Add": ("math.add", ("x", "y"), {}),
    "AddV2": ("math.add", ("x", "y"), {}),
    "ArgMax": ("math.argmax", ("input", "axis"), {}),
    "BatchMatMulV2": ("linalg.matmul", ("a", "b"), {"adj_x": "adjoint_a", "adj_y": "adjoint_b"}),
    "BiasAdd": ("nn.bias_add", ("value", "bias"), {}),
    "Cast": ("cast", ("x",), {"DstT": "dtype"}),
    "DepthToSpace": ("nn.depth_to_space", ("input",), {"block_size": "block_size"}),
    "Exp": ("math.exp", ("x",), {}),
    "ExpandDims": ("expand_dims", ("input", "axis"), {}),
    "Identity": ("identity", ("input",), {}),
    "Log": ("math.log", ("x",), {}),
    "MatMul": (
        "linalg.matmul",
        ("a", "b"),
        {"transpose_a": "transpose_a", "transpose_b": "transpose_b"},
    ),
    "Max": ("math.reduce_max", ("input_tensor", "axis"), {"keep_dims": "keepdims"}),
    "Maximum": ("math.maximum", ("x", "y"), {}),
    "Mean": ("math.reduce_mean", ("input_tensor", "axis"), {"keep_dims": "keepdims"}),
    "Min": ("math.reduce_min", ("input_tensor", "axis"), {"keep_dims": "keepdims"}),
    "Minimum": ("math.minimum", ("x", "y"), {}),
    "Mul": ("math.multiply", ("x", "y"), {}),
    "Neg": ("math.negative", ("x",), {}),
    "Pad": ("pad", ("tensor", "paddings"), {}),
    "PadV2": ("pad", ("tensor", "paddings", "constant_values"), {}),
    "Pow": ("math.pow", ("x", "y"), {}),
    "Prod": ("math.reduce_prod", ("input_tensor", "axis"), {"keep_dims": "keepdims"}),
    "RealDiv": ("math.divide", ("x", "y"), {}),
    "Relu": ("nn.relu", ("features",), {}),
    "Relu6": ("nn.relu6", ("features",), {}),
    "Reshape": ("reshape", ("tensor", "shape"), {}),
    "ResizeBilinear": ("image.resize", ("images", "size"), {}),
    "ReverseV2": ("reverse", ("tensor", "axis"), {}),
    "Rsqrt": ("math.rsqrt", ("x",), {}),
    "Sigmoid": ("math.sigmoid", ("x",), {}),
    "Softmax": ("nn.softmax", ("logits",), {}),
    "SpaceToDepth": ("nn.space_to_depth", ("input",), {"block_size": "block_size"}),
    "Sqrt": ("math.sqrt", ("x",), {}),
    "Square": ("math.square", ("x",), {}),
    "Squeeze": ("squeeze", ("input",), {"squeeze_dims": "axis"}),
    "Sub": ("math.subtract", ("x", "y"), {}),
    "Sum": ("math.reduce_sum", ("input_tensor", "axis"), {"keep_dims": "keepdims"}),
    "Tanh": ("math.tanh", ("x",), {}),
    "Tile": ("tile", ("input", "multiples"), {}),
    "Transpose": ("transpose", ("a", "perm"), {}),
}
"""Each operation: the function that it is, its inputs' names, and its attributes' there."""

_LISTS = {"ConcatV2": "concat", "Pack": "stack", "AddN": "math.add_n"}
"""Operations on a list of tensors; behind those of ConcatV2 comes the axis."""

_DTYPES = {"DT_FLOAT": "float32", "DT_DOUBLE": "float64", "DT_HALF": "float16"}

_NEEDED = {"axis", "paddings", "perm", "shape", "size", "multiples"}
"""Inputs that must be constants, for shapes to be known."""


def as_function(config: dict[str, Any], call: Call) -> tuple[str, Call]:
    """Return the function that an operation is, and how that is called.

    Raises:
        NotKnown: The operation is none of those that are translated.
    """
    node = config.get("node_def")
    node = node if isinstance(node, dict) else {}
    op, attributes, constants = node.get("op"), node.get("attr", {}), config.get("constants")
    if not isinstance(op, str) or not isinstance(attributes, dict):
        raise NotKnown(f"what TensorFlow's operation is cannot be read: {show(node or None)}")
    held = constants if isinstance(constants, dict) else {}
    values: list[Any] = []
    tensors = list(call.tensors)
    while tensors or str(len(values)) in held:
        constant = held.get(str(len(values)))
        values.append(constant if constant is not None else tensors.pop(0) if tensors else None)
    if op == "StridedSlice":
        return "__operators__.getitem", _sliced(values, attributes)
    if op in _LISTS:
        axis = values.pop() if op == "ConcatV2" and values else _attribute(attributes, "axis") or 0
        return _LISTS[op], Call([values], {} if op == "AddN" else {"axis": axis})
    if op not in _OPERATIONS:
        raise NotKnown(f"no rule is known for TensorFlow's operation {show(op)}")
    function, names, known = _OPERATIONS[op]
    given = dict(zip(names, values, strict=False))
    for name in names[1:]:
        if name in _NEEDED and (name not in given or isinstance(given[name], Tensor)):
            raise NotKnown(f"the {name} of TensorFlow's operation {show(op)} is no constant")
    for name, ours in known.items():
        given[ours] = _attribute(attributes, name)
    first = given.pop(names[0], None)
    return function, Call([first], given)


def _attribute(attributes: dict[str, Any], name: str) -> Any:
    """Return an attribute's value, of which a file says the kind: a number is a text."""
    held = attributes.get(name)
    if not isinstance(held, dict) or len(held) != 1:
        return None
    [(kind, value)] = held.items()
    if kind == "i":
        return _number(value)
    if kind == "type" and isinstance(value, str):
        return _DTYPES.get(value, value.removeprefix("DT_").lower())
    if kind == "list":
        items = value.get("i") if isinstance(value, dict) else None
        return [_number(item) for item in items] if isinstance(items, list) else None
    return value if kind in {"b", "f"} else None


def _number(value: Any) -> Any:
    """Return an integer that may be written as a text."""
    if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < 20:
        return int(value)
    return value


def _sliced(values: list[Any], attributes: dict[str, Any]) -> Call:
    """Return the call that takes out what a StridedSlice does.

    Raises:
        NotKnown: Its limits are no constants.
    """
    limits = values[1:4]
    if len(values) != 4 or not all(
        isinstance(n, list) and all(type(i) is int for i in n) for n in limits
    ):
        raise NotKnown("the limits of TensorFlow's operation 'StridedSlice' are no constants")
    masks = {
        name: _attribute(attributes, f"{name}_mask") or 0
        for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    if not all(type(mask) is int for mask in masks.values()):
        raise NotKnown("the masks of TensorFlow's operation 'StridedSlice' are no numbers")
    key: list[Any] = []
    for i, (begin, end, step) in enumerate(zip(*limits, strict=False)):
        on = {name: bool(mask >> i & 1) for name, mask in masks.items()}
        if on["ellipsis"]:
            key.append("...")
        elif on["new_axis"]:
            key.append(None)
        elif on["shrink_axis"]:
            key.append(begin)
        else:
            start, stop = (None if on["begin"] else begin), (None if on["end"] else end)
            key.append({"start": start, "stop": stop, "step": step})
    return Call([values[0]], {"slice_spec": key})
