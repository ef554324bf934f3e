"""What feeds a layer while a graph is built."""

from __future__ import annotations

from typing import NamedTuple

from dense_shapes.model import NOWHERE, Ref


class Source(NamedTuple):
    """What feeds an entry: a node's output, and what a reference calls it."""

    ref: Ref
    name: str


LOST = Source(NOWHERE, "?")
"""Stands for what could not be resolved, and was reported."""
