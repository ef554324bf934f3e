"""Masks among a call's arguments: what they have to fit."""

from __future__ import annotations

from dense_shapes.dims import BATCH, Dim, Requirement, equal
from dense_shapes.layers.base import Layer
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.text import Shape
from dense_shapes.layers.text import shape as shape_text

TAKES_MASK = ("mask", *Layer.call_arguments)
"""The call arguments of a layer whose call takes a mask."""

_LISTED = {"mask:0": "the query's mask", "mask:1": "the value's mask"}


def mask_of(layer: Layer, *, listed: bool = False) -> Shape | None:
    """Return the shape of the mask that a call is given; None where there is nothing to check.

    Args:
        layer: The layer.
        listed: Whether Keras takes the first one of a list.

    Raises:
        ShapeError: It is a list where Keras takes one mask.
    """
    if not layer.beside or layer.masks_recorded:
        return None
    if "mask:0" in layer.beside and listed:
        return layer.beside["mask:0"]
    if any(name.startswith("mask:") for name in layer.beside):
        raise ShapeError(
            f"{type(layer).__name__} takes one mask, found a list of them",
            field="call",
            help="write `mask: {from: m}`",
        )
    return layer.beside.get("mask")


def need_fit(
    layer: Layer, name: str, mask: Shape, whole: Shape, what: str, *, kind: str = "mask"
) -> None:
    """Demand that a mask among the call's arguments fits what it is laid upon.

    Args:
        layer: The layer.
        name: The argument.
        mask: Its shape as it is laid.
        whole: The shape of what it is laid upon.
        what: What that is.
        kind: What it is itself, where it is no mask.

    Raises:
        ShapeError: It does not: it has an axis too many, or a size that is neither 1 nor equal.
    """
    given = layer.beside.get(name, mask)
    shown = f"{_LISTED.get(name, name)} {shape_text(given)}"
    message = f"{shown} does not fit the {what} {shape_text(whole)}"
    help_text = f"each size of a {kind} is 1, or that of the axis it stands for"
    if len(mask) > len(whole):
        raise ShapeError(message, field="call", help=help_text)
    for n, m in zip(mask[::-1], whole[::-1], strict=False):
        if n in (1, m):
            continue
        fits = equal((n - 1) * (n - m), 0) if BATCH not in (n, m) else False
        layer.require(fits, message, field="call", help=help_text)


def need_mask_rank(layer: Layer, mask: Shape, rank: int, axes: str) -> None:
    """Demand a mask of so many axes, which `axes` names.

    Raises:
        ShapeError: It has another number.
    """
    if len(mask) != rank:
        raise ShapeError(
            f"{type(layer).__name__} needs a mask of {rank} ax{'is' if rank == 1 else 'es'}{axes}, "
            f"found {shape_text(mask)} with {len(mask)}",
            field="call",
        )


def need_mask_of_steps(layer: Layer, sequence: Shape) -> None:
    """Demand of any mask one value for each step, as every backend of Keras takes it.

    Raises:
        ShapeError: It has other axes or sizes.
    """
    mask = mask_of(layer, listed=True)
    if mask is None:
        return
    if mask[2:] != (1,):
        need_mask_rank(layer, mask, 2, " (batch, steps)")
    if mask[0] == 1:
        mask = (sequence[0], *mask[1:])
    need_steps(layer, mask, sequence)


def need_steps(layer: Layer, mask: Shape, sequence: Shape) -> None:
    """Demand that a mask begins with the batch and the steps of a sequence.

    Raises:
        ShapeError: It has less than two axes, or other sizes.
    """
    message = (
        f"mask {shape_text(mask)} does not fit the input {shape_text(sequence)}: "
        "its first axes are the batch and the steps"
    )
    help_text = f"give it the shape {shape_text(sequence[:2])}"
    if len(mask) < 2:
        raise ShapeError(message, field="call", help=help_text)
    for n, m in zip(mask[:2], sequence[:2], strict=True):
        layer.require(_one(n, m), message, field="call", help=help_text)


def _one(n: Dim, m: Dim) -> bool | Requirement:
    """Return whether two sizes are one; of the open batch, no other size is."""
    return n == m or (BATCH not in (n, m) and equal(n, m))
