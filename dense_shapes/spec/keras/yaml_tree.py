"""YAML of Keras's `to_yaml()` as plain data; the tree stays, for the places."""

from __future__ import annotations

from typing import Any

from dense_shapes.diagnostics import Diagnostic, Note, shorten
from dense_shapes.source import Source
from dense_shapes.spec.nodes import Mapping, Node, Scalar
from dense_shapes.spec.scalars import Unresolved, resolve_as_written


def tree_data(root: Node, source: Source | None) -> tuple[Any, list[Diagnostic]]:
    """Return a tree as plain data, and what is wrong with its scalars.

    Trees are no deeper than the reader of documents allows, and what aliases repeat is read once.
    """
    problems: list[Diagnostic] = []
    known: dict[int, Any] = {}

    def data(node: Node) -> Any:
        if isinstance(node, Scalar):
            value = resolve_as_written(node)
            if isinstance(value, Unresolved):
                problems.append(value.diagnostic(node, source))
                return None
            return value
        if id(node) not in known:
            known[id(node)] = (
                {key.text: data(value) for key, value in node.entries}
                if isinstance(node, Mapping)
                else [data(item) for item in node.items]
            )
        return known[id(node)]

    return data(root), problems


def appended(root: Mapping, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Tell of a model that is written twice in one file in one piece, not key by key.

    Whoever calls `to_yaml()` and appends to a file gets two models run together.
    """
    top = {id(key): key for key, _ in root.entries}
    again = [
        d for d in diagnostics if d.code == "DS007" and d.notes and d.span and d.span.column == 1
    ]
    named = {key.text for key in top.values()}
    if len(again) < 2 or not {"class_name", "config"} <= named:
        return diagnostics
    first = again[0]
    told = ", ".join(shorten(d.message.removeprefix("duplicate key ")) for d in again)
    one = Diagnostic(
        code="DS007",
        message=f"two models are run together in this file: {told} are given again",
        span=first.span,
        source=first.source,
        label="the second one begins here",
        notes=(Note("the first one begins here", first.notes[0].span),),
        help="it was written twice, by appending; keep one of the two",
    )
    return [one, *(d for d in diagnostics if d not in again)]
