"""What a spec need not say, and what it cannot: axes counted from the front, names of outputs."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from typing import Any

from dense_shapes.conversion.values import settled
from dense_shapes.layers import Layer
from dense_shapes.layers.operation import Operation
from dense_shapes.layers.wrappers import Bidirectional
from dense_shapes.model import Model
from dense_shapes.propagate import tensors_of

_USUAL = {"axis": -1, "attention_axes": None}
"""Defaults that files have in numbers: the last axis, all but the first and the last."""


def ranks_of(model: Model) -> dict[int, set[int]]:
    """Return how many axes the first input of each layer has, in all of its calls."""
    tensors = tensors_of(model)
    ranks: dict[int, set[int]] = {}
    for i, node in enumerate(model.nodes):
        if node.inputs:
            shapes, _ = tensors[node.inputs[0].node]
            shape = shapes[node.inputs[0].output] if shapes is not None else ()
            ranks.setdefault(i if node.owner is None else node.owner, set()).add(len(shape or ()))
    return ranks


def without_usual_axes(
    layer: Layer, ranks: Collection[int], options: dict[str, Any]
) -> dict[str, Any]:
    """Return a layer's options without axes that it takes anyhow, which Keras counts out.

    Args:
        layer: The layer.
        ranks: How many axes its input has in its calls.
        options: Those of its options that are to be written.
    """
    fields = type(layer).fields
    if len(ranks) != 1 or isinstance(layer, Operation):
        return options
    [rank] = ranks
    counted = {"axis": [rank - 1], "attention_axes": list(range(1, rank - 1))}

    def says_nothing(name: str, value: Any) -> bool:
        if name not in _USUAL or fields[name].default != _USUAL[name]:
            return False
        return counted[name] == (list(value) if isinstance(value, list | tuple) else [value])

    return {name: value for name, value in options.items() if not says_nothing(name, value)}


def without_mirror(layer: Layer, options: dict[str, Any]) -> dict[str, Any]:
    """Return options without what Bidirectional makes of its layer anyhow.

    That is a backward layer like the other, and zeros for masked steps of whole sequences.
    """
    if not isinstance(layer, Bidirectional):
        return options
    out = dict(options)
    forward, backward = layer.layer, layer.backward_layer
    if backward is not None and _mirrors(forward, backward):
        out.pop("backward_layer", None)
    for name, inner in list(out.items()):
        if isinstance(inner, Layer) and getattr(inner, "zero_output_for_mask", False):
            out[name] = copy(inner)
            out[name].zero_output_for_mask = not getattr(inner, "return_sequences", False)
    return out


def _mirrors(forward: Layer, backward: Layer) -> bool:
    """Tell whether a layer is the other one from the end to the beginning."""
    if type(forward) is not type(backward):
        return False
    for name in type(forward).fields:
        one, other = settled(forward, name), settled(backward, name)
        if one != (not other if name == "go_backwards" else other):
            return False
    return True


def named_ends(model: Model) -> list[str]:
    """Return the names of outputs that are not those of what gives them."""
    known = {node.path for node in model.nodes} | {group.path for group in model.groups}
    known |= {call.name for call in model.calls}
    return [
        name
        for name in model.output_names
        if name not in known and name.rpartition(":")[0] not in known
    ]
