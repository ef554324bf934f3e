"""A call's arguments sorted out: what feeds the layer, what tells it how, what is a constant."""

from __future__ import annotations

from typing import Any

from dense_shapes.diagnostics import shorten
from dense_shapes.layers import Layer
from dense_shapes.layers.fields import show
from dense_shapes.spec.keras import tables
from dense_shapes.spec.keras.classes import NotKnown
from dense_shapes.spec.keras.inbound import Call, Tensor, tensors_in

_HEADS = (
    *("value", "key", "query_mask", "value_mask", "key_mask", "attention_mask"),
    *("return_attention_scores", "training", "use_causal_mask"),
)
_SCORES = ("mask", "training", "return_attention_scores", "use_causal_mask")
_POSITIONS: dict[str, tuple[str, ...]] = {
    "AdditiveAttention": _SCORES,
    "Attention": _SCORES,
    "GroupQueryAttention": _HEADS,
    "MultiHeadAttention": _HEADS,
}
"""What the arguments by position after the first are called, where that is not as below."""
_RECURRENT = ("initial_state", "mask", "training")
_USUAL = ("training", "mask")

_FIRST = ("inputs", "query", "sequences", "sequence", "input", "x")
"""What the first argument may be called where it is given by its name."""


# No NamedTuple: to define one takes 0.2 ms, of every run that comes here.
class Bound:
    """A call's arguments.

    Attributes:
        inputs: The tensors that the layer works on, in the order of its inputs.
        call: The arguments that say how.
        options: For an operation: constants and other arguments that are options here.
        tensors: Tensors among the arguments that no rule asks for, such as a mask, by name.
    """

    __slots__ = ("call", "inputs", "options", "tensors")

    def __init__(
        self,
        inputs: list[Tensor],
        call: dict[str, Any],
        options: dict[str, Any],
        tensors: dict[str, Tensor] | None = None,
    ) -> None:
        self.inputs = inputs
        self.call = call
        self.options = options
        self.tensors = tensors or {}


class WrongArgument(ValueError):  # noqa: N818 - said of the file
    """An argument that the layer does not take."""


def bind(cls: type[Layer], call: Call) -> Bound:
    """Sort out the arguments of a call of a layer or an operation.

    Raises:
        WrongArgument: It does not take one of them.
    """
    if cls.is_operation:
        from dense_shapes.spec.keras.operations import (  # noqa: PLC0415 - few models hold any
            bind_operation,
        )

        return bind_operation(cls, call)
    if call.tensors is call.args:
        return Bound(call.tensors, {}, {})
    names = _POSITIONS.get(cls.__name__)
    if names is None:
        names = (*cls.input_names, *_USUAL)
        if "initial_state" in cls.input_names:
            names = _RECURRENT
    given = call.kwargs | dict(zip(names, call.args[1:], strict=False))
    if len(call.args) > 1 + len(names):
        raise WrongArgument(f"{cls.__name__} is called with {len(call.args)} arguments")
    if call.args:
        first = call.args[0]
    else:
        first = next((given.pop(name) for name in _FIRST if name in given), [])
    inputs = all_tensors(first)
    for name in cls.input_names:
        inputs += all_tensors(given.pop(name, None))
    how: dict[str, Any] = {}
    beside: dict[str, Tensor] = {}
    for name, value in given.items():
        if value is None and name != "training":
            continue  # to some layers, training=None says more than nothing
        if name == "training" and value is False and cls.__name__ in tables.IDLE_BY_DEFAULT:
            continue
        if name not in cls.call_arguments and name not in _USUAL:
            raise WrongArgument(f"{cls.__name__} takes no call argument {shorten(name)!r}")
        if isinstance(value, Tensor):
            beside[name] = value
        elif next(tensors_in(value), None) is None:
            how[name] = value
        else:
            beside |= {f"{name}:{k}": tensor for k, tensor in enumerate(all_tensors(value))}
    return Bound(inputs, how, {}, beside)


def all_tensors(value: Any) -> list[Tensor]:
    """Return the tensors in an argument that holds nothing else.

    Raises:
        NotKnown: There is a number among them.
        WrongArgument: There is something else among them.
    """
    if isinstance(value, Tensor):
        return [value]
    if value is None:
        return []
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if isinstance(value, list):
        return [tensor for item in value for tensor in all_tensors(item)]
    message = f"a constant stands where a tensor was expected: {show(value)}"
    if isinstance(value, int | float):
        raise NotKnown(message)
    raise WrongArgument(message)
