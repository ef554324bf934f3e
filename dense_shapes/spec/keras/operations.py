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

_ORDER = ("x", "x1", "x2", "xs")
"""What an operation's tensors are called where they are given by name, in their order."""


def bind_operation(cls: type[Layer], call: Call) -> Bound:
    """Sort out the arguments of an operation, whose constants are options here.

    Raises:
        WrongArgument: It does not take one of them.
        NotKnown: No rule is known for one of them.
    """
    operands = cls.operands if issubclass(cls, Operands) else ()
    of_call = cls.of_call if issubclass(cls, Operation) else ()
    bound = Bound([], {}, {})
    # The first tensor has no name where there are no operands.
    names = (*(operands or ("",)), *of_call)
    for i, value in enumerate(call.args):
        name = names[i] if i < len(names) else ""
        if value is not None or name not in cls.call_arguments:
            _take(cls, bound, name, value)
    order = (*operands, *_ORDER)
    for name in sorted(call.kwargs, key=lambda n: (*order, n).index(n)):
        value = call.kwargs[name]
        if value is not None:
            _take(cls, bound, name, value, named=True)
    return bound


def _take(cls: type[Layer], bound: Bound, name: str, value: Any, *, named: bool = False) -> None:
    """Put one argument where it belongs: `name` is empty for one whose place has no name."""
    operand = issubclass(cls, Operands) and name in cls.operands
    beside = name in cls.call_arguments
    if next(tensors_in(value), None) is not None:
        if not beside:
            bound.inputs += all_tensors(value)
        elif isinstance(value, Tensor):
            bound.tensors[name] = value
        else:
            raise WrongArgument(f"{cls.__name__} takes one tensor as {name}, found several values")
    elif (operand or beside) and name in cls.fields:
        if array_shape(value) is None:
            raise WrongArgument(
                f"{cls.__name__} is called on a constant that is no array: {show(value)}"
            )
        bound.options[name] = value
    elif operand and array_shape(value) is not None:
        raise NotKnown(f"no rule is known for {cls.__name__} of a constant as its {name}")
    elif name in cls.fields:
        bound.options[name] = value
    elif named:
        raise WrongArgument(f"{cls.__name__} takes no argument {shorten(name)!r}")
    else:
        _refuse(cls, value)


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
