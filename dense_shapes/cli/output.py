"""Where output goes: encodings, terminals, pipes that close early."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from io import TextIOWrapper

from dense_shapes.diagnostics import Diagnostic
from dense_shapes.render.text import to_ascii

MIN_WIDTH = 40
"""In fewer columns a table would lose some; a terminal folds the lines instead."""


class CannotWrite(Exception):  # noqa: N818 - said of stdout, not of this program
    """Standard output is full, closed or a broken pipe.

    Attributes:
        reason: What to tell the user; empty where the reader has simply gone.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_ascii_only(stream: object) -> bool:
    """Tell whether a stream can hold nothing but ASCII safely."""
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("_", "-")
    return encoding not in {"utf-8", "utf8", "utf-16", "utf-32"}


def is_terminal(stream: object) -> bool:
    """Tell whether a person reads a stream."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty())


def has_color(stream: object) -> bool:
    """Tell whether a stream is a terminal that shows colours, and the user wants them."""
    return (
        is_terminal(stream)
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "dumb") != "dumb"
    )


def width_of(stream: object) -> int | None:
    """Return how wide a terminal is; None for files and pipes, where nothing is folded."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return max(int(columns), MIN_WIDTH)
    if not is_terminal(stream):
        return None
    try:
        found = os.get_terminal_size(stream.fileno()).columns  # type: ignore[attr-defined]
        return max(found or 80, MIN_WIDTH)
    except OSError:
        return 80


def write(text: str) -> None:
    """Write text to standard output, all of it.

    Raises:
        CannotWrite: It cannot be written.
    """
    stream = sys.stdout
    if stream is None:
        raise CannotWrite("standard output is closed")
    if is_ascii_only(stream):
        text = to_ascii(text)
    elif isinstance(stream, TextIOWrapper):
        # A file's name may have bytes that are not UTF-8; what stands for them is as JSON has it.
        stream.reconfigure(errors="backslashreplace")
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        raise CannotWrite("") from None
    except (OSError, ValueError) as error:
        raise CannotWrite(getattr(error, "strerror", None) or str(error)) from None


def fail(message: str) -> None:
    """Write an error that has no place in a file to standard error."""
    _to_stderr(f"error: {message}")


def warn(message: str) -> None:
    """Write to standard error what has failed and is done without."""
    _to_stderr(f"warning: {message}")


def note(message: str) -> None:
    """Write to standard error what was done."""
    _to_stderr(f"note: {message}")


def report(diagnostics: Iterable[Diagnostic]) -> None:
    """Write diagnostics to standard error, each followed by an empty line."""
    found = list(diagnostics)
    if not found:
        return
    from dense_shapes.render.snippets import render_text  # noqa: PLC0415 - a clean run needs none

    stream = sys.stderr
    _to_stderr(render_text(found, color=has_color(stream), ascii_only=is_ascii_only(stream)) + "\n")


def _to_stderr(text: str) -> None:
    stream = sys.stderr
    if stream is None:
        return
    if is_ascii_only(stream):
        text = to_ascii(text)
    try:
        stream.write(text.encode("utf-8", "backslashreplace").decode() + "\n")
        stream.flush()
    except (OSError, ValueError):
        return  # there is nowhere left to say it
