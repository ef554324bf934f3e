"""TensorFlow's functions, called in a graph, as the operations and layers that they are."""

from __future__ import annotations

from typing import Any

from dense_shapes.diagnostics import shorten
from dense_shapes.layers import Layer, find_layer
from dense_shapes.layers.fields import show
from dense_shapes.layers.operation import Operation
from dense_shapes.layers.recorded import SameShape
from dense_shapes.spec.keras import tensorflow_tables as tables
from dense_shapes.spec.keras.arguments import Bound, all_tensors, bind
from dense_shapes.spec.keras.classes import NotKnown
from dense_shapes.spec.keras.inbound import Call, tensors_in
from dense_shapes.spec.keras.node_defs import as_function


def tensorflow_call(config: dict[str, Any], call: Call) -> tuple[type[Layer], Bound]:
    """Return the operation that one of TensorFlow's functions is, with its arguments.

    Raises:
        NotKnown: It is not among those that are translated.
        WrongArgument: It is called in a way that the operation is not.
    """
    function = config.get("function")
    if "node_def" in config:
        function, call = as_function(config, call)
    if function == "__operators__.getitem":
        cls = _operation("GetItem")
        key = call.kwargs.get("slice_spec")
        if next(tensors_in(key), None) is not None:
            raise NotKnown("a tensor is indexed by another one")
        return cls, Bound(all_tensors(call.args), {}, {"key": key})
    known = function.removeprefix("compat.v1.") if isinstance(function, str) else ""
    if known in tables.SAME_SHAPE:
        return SameShape, Bound(call.tensors, {}, {})
    found = tables.FUNCTIONS.get(known)
    if found is None:
        raise NotKnown(
            f"no rule is known for TensorFlow's function {show(function)}",
            "save the model with Keras 3, whose files record what comes out of every layer",
        )
    name, parameters = found
    given = {k: v for k, v in call.kwargs.items() if v is not None and k != "name"}
    given |= dict(zip(parameters, call.args, strict=False))
    for parameter, value in given.items():
        usual = tables.DEFAULTS.get(parameter, False)
        if parameter not in parameters and value != usual:
            raise NotKnown(f"TensorFlow's {function} is called with {shorten(parameter)!r}")
    if given.pop("ord", "euclidean") not in {"euclidean", 2}:
        raise NotKnown(f"TensorFlow's {function} is called with another norm than the usual one")
    translated: dict[str, Any] = {
        ours: given[theirs] for theirs, ours in parameters.items() if ours and theirs in given
    }
    cls = _operation(name)
    whole = [translated.pop(first) for first in ("x", "xs") if first in translated]
    sections = translated.get("indices_or_sections")
    if isinstance(sections, list) and all(type(n) is int for n in sections):
        # TensorFlow gives the pieces' sizes, Keras where to cut.
        translated["indices_or_sections"] = [sum(sections[:i]) for i in range(1, len(sections))]
    if not issubclass(cls, Operation):
        for option, value in translated.items():
            if next(tensors_in(value), None) is not None:
                raise NotKnown(f"TensorFlow's {function} is given a tensor as its {option}")
        return cls, Bound(all_tensors(whole), {}, _layer_options(known, translated))
    if isinstance(translated.get("mode"), str):
        translated["mode"] = translated["mode"].lower()
    return cls, bind(cls, Call(whole, translated))


def _layer_options(function: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the options of the layer that does what one of TensorFlow's functions does.

    Raises:
        NotKnown: The layer does not do it.
    """
    if "pool_size" in given:
        for name in ("pool_size", "strides"):
            sizes = given.get(name)
            if isinstance(sizes, list) and len(sizes) == 4:
                given[name] = sizes[1:3]
        padding = given.get("padding")
        return given | {"padding": padding.lower() if isinstance(padding, str) else padding}
    size = given.pop("size", None)
    if size is not None:
        if not isinstance(size, list) or len(size) != 2:
            raise NotKnown(f"TensorFlow's {function} is given its sizes as {show(size)}")
        given |= {"height": size[0], "width": size[1]}
    elif given.get("axis") is None:
        raise NotKnown(f"TensorFlow's {function} works along all axes here")
    return given


def _operation(name: str) -> type[Layer]:
    found = find_layer(f"ops.{name}") or find_layer(name)
    if found is None:
        from dense_shapes.layers.legacy import LEGACY  # noqa: PLC0415 - few files hold them

        found = LEGACY.get(name)
    if found is None:
        raise NotKnown(f"no rule is known for Keras's operation {name}")
    return found
