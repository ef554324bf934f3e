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

_CONVOLUTIONS = {"Conv2D", "Conv3D", "SeparableConv2D", "DepthwiseConv2D"}
_NARROWING = {
    *_CONVOLUTIONS,
    *("MaxPooling2D", "MaxPooling3D", "AveragePooling2D", "AveragePooling3D"),
    *("ZeroPadding2D", "ZeroPadding3D", "SpatialDropout2D", "SpatialDropout3D"),
    *("GroupNormalization", "UnitNormalization"),
}
"""Layers of a plain convolutional classifier before its head."""


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
    first, index = _first_dense(model, head.node)
    if first is None or "DS301" in model.nodes[first].ignore:
        return None
    after_convolutions = bool(model.nodes[index].inputs)
    if after_convolutions and not _narrowed(model, index, shape):
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
    if after_convolutions:
        what = "feature map"
    whose = "the model's output"
    if len(model.outputs) > 1:
        whose += f" {model.nodes[head.node].path!r}"
    return Diagnostic(
        code="DS301",
        message=f"this Dense was applied at each of {by(positions)} positions because nothing "
        f"flattened the {what}; with Flatten before it, {whose} would be "
        f"{shape_text(output)}, and it would have {count(after)} params instead of "
        f"{count(before)}",
        **node.origin.at(),
        help="put Flatten before it; if each position is to have its own answer, add "
        "`ignore: [DS301]` to it",
        layer=node.path,
    )


def _first_dense(model: Model, head: int) -> tuple[int | None, int]:
    """Return the first Dense of those that end in a head, and what comes before all of them.

    Only layers that treat every position alike stand between them.
    """
    first, index = None, head
    while model.nodes[index].inputs:
        node = model.nodes[index]
        if node.type not in _BLIND or len(node.inputs) != 1:
            break
        if node.type == "Dense":
            first = index
        index = node.inputs[0].node
    return first, index


def _narrowed(model: Model, index: int, output: Shape) -> bool:
    """Tell whether a plain chain of convolutions leaves fewer positions than the image has.

    A head at as many positions as the image labels each of its pixels, which is often meant, and
    one behind merged, widened or reshaped layers may well be. That a class is given to each place
    of a smaller map hardly ever is. Sizes that are open cannot be flattened for a Dense.
    """
    found = set()
    while model.nodes[index].inputs:
        node = model.nodes[index]
        if node.type not in _NARROWING | _BLIND or len(node.inputs) != 1:
            return False
        found.add(node.type)
        index = node.inputs[0].node
    image = model.nodes[index].shape
    return (
        bool(found & _CONVOLUTIONS)
        and image is not None
        and len(output) == len(image) > 3
        and all(type(n) is int for n in (*image[1:], *output[1:]))
        and output[1:-1] != image[1:-1]
    )


def _is_head(model: Model, index: int) -> bool:
    """Tell whether a node gives out probabilities."""
    layer = model.nodes[index].layer
    return type(layer).__name__ == "Softmax" or getattr(layer, "activation", None) in _HEADS
