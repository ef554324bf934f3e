"""What a model is expected to be, as plain data: readers make it, `check` holds it to a summary."""

from __future__ import annotations

from typing import NamedTuple

from dense_shapes.dims import Dim
from dense_shapes.source import Source, Span
from dense_shapes.totals import Totals

TOTALS = Totals._fields
"""The names of all totals, of a model and of one layer."""


def in_bytes(total: str) -> bool:
    """Tell whether a total counts bytes."""
    return total.endswith("bytes")


class Bound(NamedTuple):
    """The least and the most that a count may be, both inclusive; None where there is no bound."""

    low: Dim | None
    high: Dim | None


class Sizes(NamedTuple):
    """A shape, the batch included; None stands for any size."""

    sizes: tuple[Dim | None, ...]


class Kind(NamedTuple):
    """A layer's type: its canonical name, or a pattern of names."""

    name: str


class Presence(NamedTuple):
    """Whether there is to be such a layer."""

    wanted: bool


class Advice(NamedTuple):
    """What to make of an advice: "error", "warning" or "off"."""

    level: str


class Unchanged(NamedTuple):
    """That the model is what a baseline says."""

    baseline: str


Wanted = Bound | Sizes | Kind | Presence | Advice | Unchanged


class Expectation:
    """One thing that a model is expected to be.

    Attributes:
        name: What it is about, as a path: `params`, `layers.head.output_shape`, `forbid.Dropout`.
        subject: What it is asked of: a total, "shape", "type", "presence", "forbid", "require",
            or the code of an advice.
        wanted: What is expected.
        text: The same, as it was written.
        layer: The path of a layer, or a glob of paths; None for the model.
        output: Which output of the model: its name, its number, or None for the only one.
        count: How many outputs were listed with it, where all were.
        span: Where it was written, in files that have lines.
        source: The file it was written in.
        where: Where it was written, in data without lines.
    """

    __slots__ = (
        *("count", "layer", "name", "output", "source", "span", "subject", "text", "wanted"),
        "where",
    )

    def __init__(
        self,
        name: str,
        subject: str,
        wanted: Wanted,
        text: str,
        *,
        layer: str | None = None,
        output: str | int | None = None,
        count: int | None = None,
        span: Span | None = None,
        source: Source | None = None,
        where: str | None = None,
    ) -> None:
        self.name = name
        self.subject = subject
        self.wanted = wanted
        self.text = text
        self.layer = layer
        self.output = output
        self.count = count
        self.span = span
        self.source = source
        self.where = where

    def __repr__(self) -> str:
        return f"Expectation({self.name!r}, {self.text!r})"
