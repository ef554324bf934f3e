"""JSON texts as plain data, within limits that are checked before anything is built."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from dense_shapes.diagnostics import Diagnostic, shorten
from dense_shapes.source import Source
from dense_shapes.spec.nodes import MAX_DEPTH, MAX_NODES

_SURROGATE = r"\\u[dD][89a-fA-F]"
_STRINGS = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_BRACKETS = b"[]{}"
_OTHERS = bytes(i for i in range(256) if i not in _BRACKETS)


class _DuplicateError(Exception):
    """A key that is given twice in one object."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def load_json(source: Source, data: bytes = b"") -> tuple[Any, list[Diagnostic]]:
    """Read a text as JSON, with `NaN` and `Infinity` as Keras writes them.

    Args:
        source: The text.
        data: What it was decoded from, which spares encoding a text of ASCII again.

    Returns:
        The value, and what is wrong; with an error the value is None.
    """
    text = source.text
    if len(data) != len(text):
        data = text.encode("utf-8", "surrogatepass")
    refused = _over_a_limit(data)
    if refused is not None:
        return None, [_problem(source, "DS005", refused)]
    try:
        value = _parsed(text)
    except _DuplicateError as error:
        return None, [_duplicate(source, error.key)]
    except json.JSONDecodeError as error:
        return None, [_syntax(source, error)]
    except RecursionError:
        return None, [_problem(source, "DS005", f"nested more than {MAX_DEPTH} levels deep")]
    except ValueError:
        message = "an integer of more than 4,300 digits stands in the file"
        return None, [_problem(source, "DS203", message)]
    if "\\" in text and re.search(_SURROGATE, text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            message = "a text in it holds one half of a surrogate pair, which is no character"
            return None, [_problem(source, "DS001", message)]
    return value, []


def _parsed(text: str) -> Any:
    """Return the value of a JSON text in which no object has a key twice.

    Raises:
        _DuplicateError: One has.
        ValueError: The text is not JSON, or has an integer of too many digits.
    """
    count = 0

    def counted(made: dict[str, Any]) -> dict[str, Any]:
        nonlocal count
        count += len(made)
        return made

    value = json.loads(text, object_hook=counted)
    if count == text.count(":"):
        # Each key has a colon behind it, so that none was lost to another one.
        return value
    return json.loads(text, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        raise _DuplicateError(Counter(key for key, _ in pairs).most_common(1)[0][0])
    return out


def _over_a_limit(data: bytes) -> str | None:
    """Say which limit a text exceeds, seen from its brackets and commas alone."""
    # Each value takes a byte at least: only large files need to be counted.
    large = len(data) > MAX_NODES
    if large and data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_NODES:
        data = re.sub(_STRINGS, b"", data)
        if data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_NODES:
            return f"the file has more than {MAX_NODES:,} values"
    if not _is_shallow(data) and not _is_shallow(re.sub(_STRINGS, b"", data)):
        return f"nested more than {MAX_DEPTH} levels deep"
    return None


def _is_shallow(data: bytes) -> bool:
    """Tell whether brackets are nested no deeper than is allowed, and all closed.

    Each round takes away the innermost ones, all at once.
    """
    brackets = data.translate(None, _OTHERS)
    for _ in range(MAX_DEPTH):
        if not brackets:
            return True
        less = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(less) == len(brackets):
            # They do not pair: the parser will say where, unless there is no end to them.
            return len(brackets) <= MAX_DEPTH
        brackets = less
    return not brackets


def _problem(source: Source, code: str, message: str, **details: Any) -> Diagnostic:
    return Diagnostic(code=code, message=message, source=source, **details)


def _duplicate(source: Source, key: str) -> Diagnostic:
    pattern = re.compile(re.escape(json.dumps(key)) + r"\s*:")
    places = [found.start() for found in pattern.finditer(source.text)]
    # Where there are just two, they are the ones; the key may be one of many objects' otherwise.
    span = source.span_at(places[1]) if len(places) == 2 else None
    return _problem(source, "DS007", f"duplicate key '{shorten(key)}' in one object", span=span)


def _syntax(source: Source, error: json.JSONDecodeError) -> Diagnostic:
    at_end = error.pos >= len(source.text.rstrip()) or error.msg.startswith("Unterminated string")
    if at_end:
        message = "the JSON ends too early: the file is cut off"
        return _problem(
            source,
            "DS002",
            message,
            span=source.span_at(max(len(source.text.rstrip()) - 1, 0)),
            help="save or download the file again",
        )
    told = error.msg[0].lower() + error.msg[1:]
    return _problem(
        source,
        "DS002",
        f"not JSON: {told}",
        span=source.span_at(error.pos),
    )
