"""Masks that a saved model records, of which some are taken by no call or fit no input."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

from dense_shapes.conversion.errors import Conversion
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.text import Shape
from dense_shapes.model import Model, Node
from dense_shapes.propagate import tensors_of


def leave_out(model: Model, made: Conversion[Any]) -> None:
    """Take masks out of calls that would be refused for them, and say so.

    Keras hands masks on by itself and saves them with the calls, without looking whether they fit.

    Args:
        model: The graph, which is changed.
        made: Is told of the masks.
    """
    masked = [node for node in model.nodes if node.tensors and _masks(node)]
    if not any(node.layer is not None and node.layer.masks_recorded for node in masked):
        return
    shapes = [known for known, _ in tensors_of(model)]
    for node in masked:
        if _fits(node, shapes):
            continue
        whose = f"{node.path!r} ({node.type})"
        made.note(f"the mask of {whose} is left out: no call takes it, or not for every size")
        kept = [(n, r, b) for (n, r), b in zip(node.tensors.items(), node.beside, strict=True)]
        left = _masks(node)
        for name in left:
            source = model.nodes[node.tensors[name].node]
            source.ignore |= {"DS302"}
        node.tensors = {n: r for n, r, _ in kept if n not in left}
        node.beside = tuple(b for n, _, b in kept if n not in left)


def _masks(node: Node) -> list[str]:
    return [name for name in node.tensors if name.partition(":")[0] == "mask"]


def _fits(node: Node, shapes: list[Sequence[Shape | None] | None]) -> bool:
    """Tell whether a call takes its mask, whatever the sizes that are open."""
    layer = node.layer
    if layer is None or not layer.masks_recorded:
        return True
    if "mask" not in layer.call_arguments:
        return False
    refs = [*node.inputs, *node.tensors.values()]
    of = [(shapes[ref.node], ref.output) for ref in refs]
    known = [None if found is None else found[k] for found, k in of]
    given = [shape for shape in known if shape is not None]
    if len(given) < len(known):
        return True
    x = given[: len(node.inputs)]
    probe = copy(layer)
    probe.call, probe.demands = node.call, []
    plain, probe.masks_recorded = _demands(probe, x), False
    probe.beside = dict(zip(node.tensors, given[len(x) :], strict=True))
    probe.demands = []
    return plain is None or _demands(probe, x) == plain


def _demands(layer: Any, x: list[Shape]) -> list[Any] | None:
    """Return what a layer demands of an input; None where it refuses it."""
    try:
        layer.output(x if layer.inputs != (1, 1) else x[0])
    except ShapeError:
        return None
    return list(layer.demands)
