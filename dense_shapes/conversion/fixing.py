"""Names for sizes taken out of a model, for files that know numbers and null only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from typing import Any

from dense_shapes.conversion.errors import CannotConvert, Conversion, refusal
from dense_shapes.conversion.values import expressions
from dense_shapes.dims import BATCH, Dim, is_open, subs, symbol, symbols_of
from dense_shapes.model import Model
from dense_shapes.propagate import propagate


def opened(model: Model, made: Conversion[Any]) -> Model:
    """Return a model in which the named sizes of the inputs are left open.

    Args:
        model: The model.
        made: Is told which sizes that are.

    Raises:
        CannotConvert: An option is an expression, or a layer needs to know one of the sizes.
    """
    _refuse_expressions(model)
    env: dict[str, Dim] = {}
    for i in model.inputs:
        batch, *sizes = model.nodes[i].shape or (BATCH,)
        for size in sizes:
            if not is_open(size):
                env |= {name: symbol(name, open=True, minimum=1) for name in symbols_of(size)}
        if batch != BATCH:
            env |= dict.fromkeys(symbols_of(batch), BATCH)
    if not env:
        return model
    model = _replaced(model, env)
    summary = propagate(model)
    refused = []
    for problem in summary.diagnostics:
        if problem.severity == "error":
            names = set(re.findall(r"--set (\w+)=", problem.help or "")) & set(env)
            problem.code = "DS501"
            problem.message = f"Keras cannot leave a size open here: {problem.message}"
            problem.help = set_help(names or env)
            refused.append(problem)
    if refused:
        raise CannotConvert(refused)
    told = f"{', '.join(env)} {'is' if len(env) == 1 else 'are'} null"
    made.note(f"Keras has no names for sizes: {told}")
    return model


def set_help(names: Iterable[str]) -> str:
    """Tell how to give names numbers."""
    return f"give it a number: {' '.join(f'--set {name}=…' for name in sorted(names))}"


def _refuse_expressions(model: Model) -> None:
    """Refuse options that are expressions.

    Raises:
        CannotConvert: There are some.
    """
    refused = []
    for node in model.nodes:
        if node.layer is None or not node.inputs or node.owner is not None:
            continue
        for name in type(node.layer).fields:
            for expression in dict.fromkeys(expressions(getattr(node.layer, name))):
                message = f"{name!r} of {node.path!r} is {expression}, where Keras needs a number"
                help_ = set_help(symbols_of(expression))
                refused.append(refusal(message, node, field=name, help=help_))
    if refused:
        raise CannotConvert(refused)


def _replaced(model: Model, env: dict[str, Dim]) -> Model:
    """Return a model with other names in the shapes of its inputs."""
    made = copy(model)
    made.nodes = list(model.nodes)
    for i in model.inputs:
        node = made.nodes[i] = copy(model.nodes[i])
        batch, *sizes = node.shape or (BATCH,)
        new = [subs(size, env) for size in (batch, *sizes)]
        node.shape = (new[0] if type(new[0]) is int else BATCH, *new[1:])
    return made
