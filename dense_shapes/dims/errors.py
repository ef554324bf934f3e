"""What can go wrong with a size."""

from __future__ import annotations


class DimError(ValueError):
    """A size that does not exist: an inexact quotient, a division by zero, a runaway expression.

    Attributes:
        message: What is wrong, in one sentence.
        start: Offset of the offending part in the parsed text, or None where there is no text.
        end: Offset just behind it, or None.
    """

    def __init__(self, message: str, start: int | None = None, end: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


class DimSyntaxError(DimError):
    """A text that is not an expression. `start` and `end` are always set."""

    start: int
    end: int
