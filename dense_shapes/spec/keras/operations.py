"""Bare operations of a saved model: what they are called on, and the options that come of it."""

from __future__ import annotations

from typing import Any, NoReturn

from dense_shapes.diagnostics import shorten
from dense_shapes.layers import Layer
from dense_shapes.layers.fields import show
from dense_shapes.layers.operation import Operands, Operation, array_shape
from dense_shapes.spec.keras.arguments import Bound, WrongArgument, all_tensors
from dense_shapes.spec.keras.classes import NotKnown
from dense_shapes.spec.keras.inbound import Call, Tensor, tensors_in
from dense_shapes.spec.keras.network import Net

_POSITIONS: dict[str, tuple[str, ...]] = {
    "ops.FullLike": ("fill_value",),
    "ops.GetItem": ("key",),
    "ops.Isclose": ("x2", "rtol", "atol"),
    "ops.Pad": ("constant_values",),
}
"""What the arguments by position after the first are called, where they are no operands."""

_ORDER = ("x", "x1", "x2", "xs")
"""What an operation's tensors are called where they are given by name, in their order."""


def bind_operation(cls: type[Layer], call: Call) -> Bound:
    """Sort out the arguments of an operation, whose constants are options here.

    Raises:
        WrongArgument: It does not take one of them.
        NotKnown: No rule is known for one of them.
    """
    operands = cls.operands if issubclass(cls, Operands) else ()
    inputs: list[Tensor] = []
    options: dict[str, Any] = {}
    given = dict(call.kwargs)
    later = _POSITIONS.get(cls.__name__, ())
    for i, value in enumerate(call.args):
        if next(tensors_in(value), None) is not None:
            inputs += all_tensors(value)
        elif i < len(operands):
            options[operands[i]] = _constant(cls, value)
        elif 0 < i <= len(later):
            options[later[i - 1]] = value
        else:
            _refuse(cls, value)
    for name in sorted(given, key=lambda n: (*operands, *_ORDER, n).index(n)):
        value = given[name]
        if value is None:
            continue
        if next(tensors_in(value), None) is not None:
            inputs += all_tensors(value)
        elif name in operands:
            options[name] = _constant(cls, value)
        elif name in cls.fields:
            options[name] = value
        else:
            raise WrongArgument(f"{cls.__name__} takes no argument {shorten(name)!r}")
    return Bound(inputs, {}, options)


def _constant(cls: type[Layer], value: Any) -> Any:
    if array_shape(value) is not None:
        return value
    raise WrongArgument(f"{cls.__name__} is called on a constant that is no array: {show(value)}")


def _refuse(cls: type[Layer], value: Any) -> NoReturn:
    if isinstance(value, list) and array_shape(value) is not None:
        raise NotKnown(f"no rule is known for {cls.__name__} of a constant array")
    raise WrongArgument(f"{cls.__name__} is called on {show(value)}, which is no tensor")


def completed(cls: type[Layer], config: dict[str, Any], bound: Bound, net: Net) -> dict[str, Any]:
    """Return an operation's options, with those that Keras takes from its first input."""
    config = {**config, **bound.options}
    if not (issubclass(cls, Operation) and bound.inputs):
        return config
    first = bound.inputs[0]
    return cls.completed(config, first.shape or net.recorded_of(first))
