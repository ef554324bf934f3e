"""What a conversion gives: the model in its new form, what changed on the way, or why it cannot."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from dense_shapes.diagnostics import Diagnostic
from dense_shapes.model import Node

T = TypeVar("T")


class CannotConvert(ValueError):  # noqa: N818 - it is said of the model, which may be right
    """The new form cannot hold a part of the model.

    Attributes:
        diagnostics: What and where, in the order of the layers.
    """

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = diagnostics


class Conversion(Generic[T]):
    """A model in its new form.

    Attributes:
        value: The model.
        notes: What is not quite as it was, as diagnostics.
    """

    def __init__(self, value: T) -> None:
        self.value = value
        self.notes: list[Diagnostic] = []

    def note(self, message: str, *, severity: str | None = None) -> None:
        """Add a note, or what is graver, about what is not as it was."""
        self.notes.append(Diagnostic(code="DS502", message=message, severity=severity))

    def note_identity(self, node: Node) -> None:
        """Say that a layer which the user vouched for is written as Identity."""
        what = f"{node.path!r} ({node.type}), taken to keep its input's shape"
        self.note(f"{what}, is written as Identity")


def refusal(message: str, node: Node | None = None, **details: Any) -> Diagnostic:
    """Return the error for what cannot be written, at the place of a layer."""
    at = node.origin.at(details.pop("field", None)) if node is not None else {}
    layer = node.path if node is not None else None
    return Diagnostic(code="DS501", message=message, layer=layer, **at, **details)
