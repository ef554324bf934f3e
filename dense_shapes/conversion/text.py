"""Values as YAML text that every reader takes alike: one line where it fits, else indented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dense_shapes.dims.expr import Expr
from dense_shapes.spec.nodes import Scalar
from dense_shapes.spec.scalars import resolve

WIDTH = 100
_SAFE = re.compile(r"[A-Za-z0-9_.+*/^()<>@-]+(?: [A-Za-z0-9_.+*/^()<>@-]+)*")
_INDICATORS = ("-", "*", "<<", ">", "@")


class Escaped(str):
    """A text that is written in ASCII."""

    __slots__ = ()


class Lines(list[Any]):
    """A list that is written in lines even where one would do."""


def scalar(value: Any) -> str:
    """Write one value.

    >>> [scalar(v) for v in (3, 1e-5, True, None, "relu", "no", "010", "a: b")]
    ['3', '1.0e-05', 'true', 'null', 'relu', "'no'", "'010'", "'a: b'"]
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    text = str(value)
    if isinstance(value, Escaped):
        return '"' + "".join(map(_escaped, text)) + '"'
    plain = _SAFE.fullmatch(text) and not text.startswith(_INDICATORS)
    if plain and (isinstance(value, Expr) or resolve(Scalar(text, plain=True)) == text):
        return text
    if text.isprintable() and text:
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _number(value: float) -> str:
    text = repr(value)
    if "n" in text:
        return text.replace("inf", ".inf").replace("nan", ".nan")
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return text
    # Without the point and the sign, YAML 1.1 takes it for a text.
    point = "" if "." in mantissa else ".0"
    sign = "" if exponent[0] in "+-" else "+"
    return f"{mantissa}{point}e{sign}{exponent}"


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return "\\" + sign
    if sign.isascii() and sign.isprintable():
        return sign
    code = ord(sign)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else (f"\\U{code:08x}")
    )


def escaped(value: Any) -> Any:
    """Return a value in which texts with other letters than those of ASCII are to be escaped."""
    if isinstance(value, dict):
        return {escaped(key): escaped(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        made = map(escaped, value)
        return Lines(made) if isinstance(value, Lines) else list(made)
    if isinstance(value, str | Expr) and not str(value).isascii():
        return Escaped(value)
    return value


def flow(value: Any) -> str:
    """Write a value in one line.

    >>> flow({"filters": 64, "kernel_size": (3, 5), "name": "a"})
    '{filters: 64, kernel_size: [3, 5], name: a}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def block(value: Any, indent: str) -> Iterator[str]:
    """Write a mapping or a list in lines, each item in one where it fits."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _item(f"{indent}{scalar(key)}:", item, f"{indent}  ")
        return
    for item in value:
        yield from entry(item, indent)


def entry(value: Any, indent: str) -> Iterator[str]:
    """Write one item of a list."""
    line = f"{indent}- {flow(value)}"
    if isinstance(value, dict) and len(value) == 1:
        # `- Dense: 10` needs no braces.
        [(key, item)] = value.items()
        yield from _item(f"{indent}- {scalar(key)}:", item, f"{indent}    ")
    elif len(line) <= WIDTH or not isinstance(value, dict | list | tuple):
        yield line
    else:
        first, *rest = block(value, f"{indent}  ")
        yield f"{indent}- {first.strip()}"
        yield from rest


def _item(start: str, item: Any, indent: str) -> Iterator[str]:
    line = f"{start} {flow(item)}"
    opened = any(isinstance(part, Lines) for part in (item, *_values(item)))
    fits = len(line) <= WIDTH and not opened
    if fits or not isinstance(item, dict | list | tuple) or not item:
        yield line
    else:
        yield start
        yield from block(item, indent)


def _values(item: Any) -> list[Any]:
    return list(item.values()) if isinstance(item, dict) else []
