"""What became of expectations, as plain data."""

from __future__ import annotations

from dense_shapes.diagnostics import Diagnostic
from dense_shapes.expectations import Expectation

Found = int | str | None | list[int | str | None] | list[str] | dict[str, "Found"]
"""What was found, as JSON has it; by the layer's path where a glob names several."""


class Outcome:
    """What became of one expectation.

    Attributes:
        expectation: What was expected.
        status: "ok", "failed", or "unknown" where the model itself is wrong.
        found: What was found instead, as JSON has it.
        difference: How much a count is beyond its bound, negative where it falls short of it.
        message: What is wrong, in one line; empty where nothing is.
        layer: The path of the layer that it comes from.
        line: The line of that layer in the model's file.
        diagnostics: The problem, ready to be reported; for an advice, there may be several.
    """

    __slots__ = (
        *("diagnostics", "difference", "expectation", "found", "layer", "line", "message"),
        "status",
    )

    def __init__(self, expectation: Expectation) -> None:
        self.expectation = expectation
        self.status = "ok"
        self.found: Found = None
        self.difference: int | None = None
        self.message = ""
        self.layer: str | None = None
        self.line: int | None = None
        self.diagnostics: list[Diagnostic] = []

    def __repr__(self) -> str:
        return f"Outcome({self.expectation.name!r}, {self.status!r})"
