"""The error that a part of a spec raises at its place; the reader turns it into a diagnostic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from dense_shapes.diagnostics import Diagnostic, Note
from dense_shapes.source import Source, Span
from dense_shapes.spec.nodes import Node

_T = TypeVar("_T")


class MissingExtraError(RuntimeError):
    """A package that is not installed is needed to read a file."""


class SpecError(Exception):
    """What is wrong with one node of the tree.

    Attributes:
        diagnostic: The problem, ready to be reported.
    """

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Problems:
    """Makes diagnostics for one file and collects them.

    Attributes:
        source: The file, or None for data that was never a text.
        found: The diagnostics so far.
    """

    def __init__(self, source: Source | None) -> None:
        self.source = source
        self.found: list[Diagnostic] = []

    def make(
        self,
        code: str,
        message: str,
        node: Node | None = None,
        *,
        span: Span | None = None,
        label: str = "",
        help: str | None = None,  # noqa: A002 - the name the diagnostics use
        notes: tuple[Note, ...] = (),
        where: str | None = None,
        layer: str | None = None,
    ) -> SpecError:
        """Return the error for a problem at a node, or at a span."""
        at: dict[str, Any] = {"span": span or (node.span if node is not None else None)}
        if self.source is None:
            at["where"] = where
        return SpecError(
            Diagnostic(
                code=code,
                message=message,
                source=self.source,
                label=label,
                help=help,
                notes=notes,
                layer=layer,
                **at,
            )
        )

    def attempt(self, step: Callable[[], _T | None], *, where: str | None = None) -> _T | None:
        """Run a step; collect what is wrong, placed at `where` if it has no place, and go on."""
        try:
            return step()
        except SpecError as error:
            if self.source is None and error.diagnostic.where is None:
                error.diagnostic.where = where
            self.found.append(error.diagnostic)
            return None

    def unique(self) -> list[Diagnostic]:
        """Return what was found, each once: a block is read again for each of its calls."""
        seen = set()
        out = []
        for d in self.found:
            key = (d.code, d.message, d.span, d.where)
            if key not in seen:
                seen.add(key)
                out.append(d)
        return out

    def add(self, error: SpecError) -> None:
        """Collect a problem."""
        self.found.append(error.diagnostic)
