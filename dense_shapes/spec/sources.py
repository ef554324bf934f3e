"""What feeds a layer while a graph is built."""

from __future__ import annotations

from typing import NamedTuple

from dense_shapes.model import NOWHERE, Node, Ref


class Source(NamedTuple):
    """What feeds an entry: a node's output, and what a reference calls it."""

    ref: Ref
    name: str


LOST = Source(NOWHERE, "?")
"""Stands for what could not be resolved, and was reported."""


def give_beside(node: Node, tensors: dict[str, Source]) -> None:
    """Give a node tensors among its call's arguments that no rule asks for."""
    node.tensors = {name: source.ref for name, source in tensors.items()}
    node.beside = tuple(source.name for source in tensors.values())
