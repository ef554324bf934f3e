"""What layers are called on: `inbound_nodes` in the style of Keras 1 and 2, and of Keras 3."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from dense_shapes.layers.recorded import RecordedShape
from dense_shapes.spec.keras.classes import class_name
from dense_shapes.spec.keras.options import plain

MAX_SIZE = 2**63


MAX_OUTPUTS = 1000
"""No layer gives more outputs; a file that asks for a larger number of one is wrong."""


# No NamedTuple: to define one takes 0.2 ms, of every run that comes here.
class Tensor:
    """One output of one call of a layer, as one argument refers to it.

    Attributes:
        layer: The layer's name; empty for what a nested model is called on.
        call: Which of its calls, as the file counts them.
        output: Which of its outputs.
        shape: Its shape as the file records it, or None.
    """

    __slots__ = ("call", "layer", "output", "shape")

    def __init__(
        self, layer: str, call: int, output: int, shape: RecordedShape | None = None
    ) -> None:
        self.layer = layer
        self.call = call
        self.output = output
        self.shape = shape

    def __repr__(self) -> str:
        return f"[{self.layer!r}, {self.call}, {self.output}]"


class Call:
    """One call of a layer: its arguments, with a Tensor for each tensor.

    Attributes:
        args: Those by position. In Keras 1 and 2, the tensors are the first.
        kwargs: Those by name.
        tensors: All tensors among them.
        modern: Whether Keras 3 wrote it.
    """

    __slots__ = ("args", "kwargs", "modern", "tensors")

    def __init__(self, args: list[Any], kwargs: dict[str, Any], *, modern: bool = False) -> None:
        self.args = args
        self.modern = modern
        self.kwargs = kwargs
        if not kwargs and len(args) == 1 and type(args[0]) is Tensor:
            self.tensors = args
        else:
            self.tensors = [*tensors_in(args), *tensors_in(kwargs)]


class Malformed(ValueError):  # noqa: N818 - said of the file
    """What stands where a call was expected."""


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in a value, those of dicts in the order of their keys, as Keras does."""
    if type(value) is Tensor:
        yield value
    elif type(value) is list:
        for item in value:
            if type(item) is Tensor:
                yield item
            else:
                yield from tensors_in(item)
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from tensors_in(value[key])


def read_call(node: Any, names: Collection[str]) -> Call:
    """Return a call as one of the two styles describes it.

    Args:
        node: An item of `inbound_nodes`.
        names: The names of all layers.

    Raises:
        Malformed: It is neither.
    """
    if isinstance(node, dict) and "args" in node:
        args, kwargs = node["args"], node.get("kwargs") or {}
        if not kwargs and isinstance(args, list) and len(args) == 1:
            return Call([_modern(args[0])], {}, modern=True)
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            raise Malformed("expected `args` as a list and `kwargs` as a mapping")
        return Call(
            [_modern(arg) for arg in args],
            {name: _modern(arg) for name, arg in kwargs.items()},
            modern=True,
        )
    if isinstance(node, dict):
        # A layer of tf.keras called on a dict of tensors.
        whole = {key: _legacy(item, names) for key, item in node.items()}
        return Call([whole], {})
    if not isinstance(node, list):
        raise Malformed("expected a list of tensors, or `args` and `kwargs`")
    return _legacy_call(node, names)


def _modern(value: Any) -> Any:
    """Return an argument of Keras 3 with its tensors, slices and tuples told apart."""
    if isinstance(value, list):
        return [_modern(item) for item in value]
    if not isinstance(value, dict):
        return value
    config = value.get("config")
    if value.get("class_name") == "__keras_tensor__" and isinstance(config, dict):
        return _tensor(config.get("keras_history"), config.get("shape"))
    name = class_name(value)
    if name == "__slice__" and isinstance(config, dict):
        return {key: config.get(key) for key in ("start", "stop", "step")}
    if name == "__ellipsis__":
        return "..."
    if name == "__tuple__" and isinstance(value.get("items"), list):
        return [_modern(item) for item in value["items"]]
    if name:
        return plain(value)
    return {key: _modern(item) for key, item in value.items()}


def _tensor(history: Any, shape: Any = None) -> Tensor:
    """Return a tensor of `[layer, call, output]`.

    Raises:
        Malformed: It is something else.
    """
    if isinstance(history, list) and len(history) >= 3:
        layer, call, output = history[:3]
        if (
            isinstance(layer, str)
            and type(call) is int
            and type(output) is int
            and call >= 0
            and 0 <= output < MAX_OUTPUTS
        ):
            return Tensor(layer, call, output, None if shape is None else read_shape(shape))
    raise Malformed("expected a tensor as [layer, call, output]")


def read_shape(value: Any) -> RecordedShape | None:
    """Return a shape that a file records, or None for what is no shape."""
    if type(value) is not list:
        value = plain(value)
        if not isinstance(value, list):
            return None
    for n in value:
        if n is not None and (type(n) is not int or not 0 <= n < MAX_SIZE):
            return None
    return tuple(value)


def _legacy_call(node: list[Any], names: Collection[str]) -> Call:
    kwargs: dict[str, Any] = {}
    if node and isinstance(node[0], str):
        # tf.keras: one tensor, or a constant, that is no list of one.
        items = [node]
        single = True
    else:
        items = node
        single = len(node) == 1
    tensors = []
    for item in items:
        if not isinstance(item, list) or len(item) < 3:
            raise Malformed("expected a tensor as [layer, call, output]")
        tensors.append(item[2] if item[0] == "_CONSTANT_VALUE" else _tensor(item))
        if len(item) > 3 and isinstance(item[3], dict):
            kwargs |= item[3]
    first = tensors[0] if single and tensors else tensors
    return Call([first], {name: _legacy(value, names) for name, value in kwargs.items()})


def _legacy(value: Any, names: Collection[str]) -> Any:
    """Return an argument of tf.keras, in which a tensor is `["layer", 0, 0]`."""
    if isinstance(value, list):
        if value[:1] == ["_CONSTANT_VALUE"] and len(value) >= 3:
            return value[2]
        if (
            len(value) in {3, 4}
            and isinstance(value[0], str)
            and value[0] in names
            and type(value[1]) is int
            and type(value[2]) is int
        ):
            return _tensor(value)
        return [_legacy(item, names) for item in value]
    if isinstance(value, dict):
        if value.get("class_name") == "__ellipsis__":
            return "..."
        return {key: _legacy(item, names) for key, item in value.items()}
    return value


def read_tensors(value: Any) -> list[tuple[str | None, Tensor]]:
    """Return the tensors of `input_layers` or `output_layers`, with their keys in a dict.

    Raises:
        Malformed: There is something else among them.
    """
    out: list[tuple[str | None, Tensor]] = []
    _collect(value, None, out.append)
    return out


def _collect(value: Any, key: str | None, add: Callable[[tuple[str | None, Tensor]], None]) -> None:
    value = value["items"] if isinstance(value, dict) and "items" in value else value
    if isinstance(value, dict):
        for name in sorted(value):
            _collect(value[name], name, add)
    elif isinstance(value, list) and value and isinstance(value[0], str):
        add((key, _tensor(value)))
    elif isinstance(value, list):
        for item in value:
            _collect(item, key, add)
    else:
        raise Malformed("expected tensors as [layer, call, output]")
