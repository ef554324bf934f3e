"""Advice: what is not wrong, but very likely not what was meant."""

from __future__ import annotations

from dense_shapes.diagnostics import Diagnostic
from dense_shapes.layers.text import Shape, by, count
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.model import Model, Node, Origin, Ref
from dense_shapes.propagate import propagate
from dense_shapes.summary import Summary

_HEADS = {"softmax", "sigmoid", "log_softmax"}

_BLIND = {
    *("InputLayer", "Dense", "Identity", "Rescaling", "Dropout"),
    *("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"),
    *("BatchNormalization", "LayerNormalization"),
}
"""Layers that treat every position alike, so that they do not show that positions are meant."""


def advise(model: Model, summary: Summary) -> list[Diagnostic]:
    """Return the advice for a model whose summary has no error."""
    out = []
    for ref, tensor in zip(model.outputs, summary.outputs, strict=True):
        found = _missing_flatten(model, summary, ref, tensor.shape)
        if found is not None:
            out.append(found)
    return out


def _missing_flatten(
    model: Model, summary: Summary, head: Ref, shape: Shape | None
) -> Diagnostic | None:
    """DS301: a classifier's head on an image that nothing flattened."""
    if shape is None or len(shape) < 3 or not _is_head(model, head.node):
        return None
    first = None
    index = head.node
    while model.nodes[index].inputs:
        node = model.nodes[index]
        if node.type not in _BLIND or len(node.inputs) != 1:
            return None
        if node.type == "Dense":
            first = index
        index = node.inputs[0].node
    if first is None or "DS301" in model.nodes[first].ignore:
        return None
    from dense_shapes.layers.reshaping import Flatten  # noqa: PLC0415 - few models need advice

    flatten = Node("flatten", "Flatten", Flatten(), model.nodes[first].inputs, Origin())
    other = propagate(model.insert(first, flatten))
    if not other.ok:
        return None
    before, after = summary.totals.params, other.totals.params
    output = other.outputs[model.outputs.index(head)].shape
    if before is None or after is None or output is None or before == after:
        return None
    node = model.nodes[first]
    positions = shape[1:-1]
    what = "image" if len(positions) == 2 else "input"
    return Diagnostic(
        code="DS301",
        message=f"this Dense was applied at each of {by(positions)} positions because nothing "
        f"flattened the {what}; with Flatten before it, the output would be {shape_text(output)}, "
        f"at {count(after)} params instead of {count(before)}",
        **node.origin.at(),
        help="put Flatten before it; if each position is to have its own answer, add "
        "`ignore: [DS301]` to it",
        layer=node.path,
    )


def _is_head(model: Model, index: int) -> bool:
    """Tell whether a node gives out probabilities."""
    layer = model.nodes[index].layer
    return type(layer).__name__ == "Softmax" or getattr(layer, "activation", None) in _HEADS
