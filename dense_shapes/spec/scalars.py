"""What a plain scalar stands for, where YAML 1.1 and 1.2 agree on it.

Files are read by many programs, most of which follow YAML 1.1 as PyYAML does, and some the core
schema of YAML 1.2. Where they differ, as on `010`, guessing would be wrong for one of them.
"""

import re
from functools import cache
from typing import Final

from dense_shapes.diagnostics import Diagnostic, shorten
from dense_shapes.source import Source
from dense_shapes.spec.nodes import ABSENT, Mapping, Node, Scalar, Sequence

Value = str | int | float | bool | None

# Python refuses to convert more than 4,300 digits, here or wherever the number is printed.
_MAX_DIGITS = 4000
_MAX_BITS = 13_300


class Unresolved:
    """A plain scalar that has no safe reading.

    Attributes:
        text: What is written.
        code: The diagnostic code.
        message: What is wrong with it.
        help: What to write.
    """

    __slots__ = ("code", "help", "message", "text")

    def __init__(self, text: str, code: str, message: str, help: str) -> None:  # noqa: A002
        self.text = text
        self.code = code
        self.message = message
        self.help = help

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r})"

    def diagnostic(self, scalar: Scalar, source: Source | None = None) -> Diagnostic:
        """Return the error to report at a scalar."""
        return Diagnostic(
            code=self.code,
            message=self.message,
            span=scalar.span,
            help=self.help,
            source=source,
        )


class Ambiguous(Unresolved):
    """A plain scalar that YAML 1.1 and 1.2 read differently.

    Attributes:
        reading_11: What YAML 1.1 takes it for, in words.
        reading_12: What YAML 1.2 takes it for, in words.
        number: The number it can only be where a number is expected, as in `1e-3`.
        boolean: The truth value it can only be where one is expected, as in `yes`.
        spellings: How to write what it may stand for.
    """

    __slots__ = ("boolean", "number", "reading_11", "reading_12", "spellings")

    def __init__(
        self,
        text: str,
        reading_11: str,
        reading_12: str,
        *,
        spellings: tuple[str, ...] = (),
        number: float | None = None,
        boolean: bool | None = None,
    ) -> None:
        shown = f"'{shorten(text)}'"
        instead = f", or {' or '.join(spellings)}" if spellings else ""
        super().__init__(
            text,
            "DS006",
            f"{shown} is read as {reading_11} by YAML 1.1 and as {reading_12} by YAML 1.2",
            f"write {shown} in quotes{instead}",
        )
        self.reading_11 = reading_11
        self.reading_12 = reading_12
        self.number = number
        self.boolean = boolean
        self.spellings = spellings

    def expect_integer(self) -> None:
        """Put the help in words for a place where only an integer can stand."""
        integers = [found[0] for text in self.spellings if (found := _whole(text))]
        self.help = f"write {' or '.join(integers)}" if integers else "write an integer"

    def expect_text(self) -> None:
        """Put the help in words for a place where only a text can stand."""
        self.help = f"write '{shorten(self.text)}' in quotes"


_WORDS: Final[dict[str, bool | float | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_BOOLEANS_11: Final[dict[str, bool]] = {
    **dict.fromkeys(("yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("no", "No", "NO", "off", "Off", "OFF"), False),
}
_SIGNS_11: Final[dict[str, str]] = {"=": "the default of a mapping", "<<": "a merge key"}
_NUMBER_STARTS = frozenset("+-.0123456789")


def resolve(scalar: Scalar) -> Value | Unresolved:
    """Return what a scalar stands for, or why that cannot be told.

    Returns:
        None, a bool, an int, a float or a str; an `Ambiguous` where YAML 1.1 and 1.2 differ, and
        another `Unresolved` for an integer of thousands of digits.
    """
    if scalar.value is not ABSENT:
        return scalar.value  # type: ignore[return-value]  # plain_data has checked it
    text = scalar.text
    if not scalar.plain:
        return text
    if text.isdigit() and text.isascii() and (text[0] != "0" or text == "0"):
        return int(text) if len(text) <= _MAX_DIGITS else _too_long(text)
    if text in _WORDS:
        return _WORDS[text]
    if text in _BOOLEANS_11:
        boolean = _BOOLEANS_11[text]
        spelling = "true" if boolean else "false"
        return Ambiguous(text, spelling, _quoted(text), spellings=(spelling,), boolean=boolean)
    if text in _SIGNS_11:
        return Ambiguous(text, _SIGNS_11[text], _quoted(text))
    if text[0] in _NUMBER_STARTS:
        return _resolve_number(text)
    return text


def resolve_as_written(scalar: Scalar) -> Value | Unresolved:
    """Return what a scalar stands for in a file that PyYAML wrote, which follows YAML 1.1."""
    value = resolve(scalar)
    if not isinstance(value, Ambiguous):
        return value
    text = scalar.text
    if text in _BOOLEANS_11:
        return _BOOLEANS_11[text]
    if text in _SIGNS_11:
        return text
    old = _read_11(text)
    return text if old is None else old


def found(node: Node | None) -> str:
    """Say what stands somewhere, for a message that expected something else."""
    if isinstance(node, Scalar):
        if not node.text and node.plain:
            return "nothing"
        text = shorten(node.text)
        return repr(text) if isinstance(resolve(node), str | Unresolved) else text
    if isinstance(node, Sequence):
        return "a list" if node.items else "an empty list"
    empty = isinstance(node, Mapping) and not node.entries and not node.partial
    return "an empty mapping" if empty else "a mapping"


def _resolve_number(text: str) -> Value | Unresolved:
    """Return what a text that starts like a number stands for."""
    if len(text) > _MAX_DIGITS and _integer_pattern().fullmatch(text):
        return _too_long(text)
    new = _read_12(text)
    old = _read_11(text)
    for value in (old, new):
        if isinstance(value, int) and value.bit_length() > _MAX_BITS:
            return _too_long(text)
    if old is None:
        return Ambiguous(text, "a date", _quoted(text))
    if type(old) is type(new) and old == new:
        return new
    spellings = dict.fromkeys(_spelling(value) for value in (old, new) if value != text)
    readings = [
        _quoted(text) if value == text else shorten(_spelling(value)) for value in (old, new)
    ]
    number = new if old == text and isinstance(new, float) else None
    return Ambiguous(
        text,
        *readings,
        spellings=tuple(spelling for spelling in spellings if spelling == shorten(spelling)),
        number=number,
    )


def _read_12(text: str) -> str | int | float:
    """Read a text that starts like a number by the core schema of YAML 1.2."""
    integer, floating = _patterns_12()
    if integer.fullmatch(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text if base == 10 else text[2:], base)
    return float(text) if floating.fullmatch(text) else text


def _read_11(text: str) -> str | int | float | None:
    """Read a text that starts like a number as PyYAML does; None stands for a date."""
    floating, integer, date = _patterns_11()
    digits = text.replace("_", "")
    if floating.fullmatch(text):
        return _base_60_float(digits) if ":" in digits else float(digits)
    if integer.fullmatch(text):
        sign = -1 if digits[0] == "-" else 1
        digits = digits.lstrip("+-")
        if digits.startswith(("0b", "0x")):
            # PyYAML fails on `0x_`, a text of no use to anyone.
            return sign * int(digits[2:], 2 if digits[1] == "b" else 16) if digits[2:] else text
        if ":" in digits:
            return sign * _base_60(digits)
        return sign * int(digits, 8 if digits[0] == "0" else 10)
    return None if date.fullmatch(text) else text


def _base_60(digits: str) -> int:
    value = 0
    for part in digits.split(":"):
        value = value * 60 + int(part)
    return value


def _base_60_float(digits: str) -> float:
    sign = -1.0 if digits[0] == "-" else 1.0
    value = 0.0
    for part in digits.lstrip("+-").split(":"):
        value = value * 60 + float(part)
    return sign * value


@cache
def _patterns_12() -> tuple[re.Pattern[str], re.Pattern[str]]:
    # Compiled late, like those below: most files need none, and compiling costs start-up time.
    return (
        re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
        re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"),
    )


@cache
def _patterns_11() -> tuple[re.Pattern[str], ...]:
    # The numbers of PyYAML's resolver, with its narrow view of exponents and leading dots.
    return (
        re.compile(
            r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?"
            r"|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
            r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
        ),
        re.compile(
            r"[-+]?(?:0b[0-1_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+"
            r"|[1-9][0-9_]*(?::[0-5]?[0-9])+)"
        ),
        re.compile(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
            r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
            r"(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?"
        ),
    )


@cache
def _integer_pattern() -> re.Pattern[str]:
    return re.compile(r"[-+]?(?:[0-9][0-9_:]*|0[box][0-9a-fA-F_]+)")


def _spelling(value: float | str | None) -> str:
    """Return a number the way that every YAML reads alike."""
    text = repr(value)
    if "inf" in text:
        return text.replace("inf", ".inf")
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return text
    sign = "" if exponent[0] in "+-" else "+"
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{sign}{exponent}"


def _whole(text: str) -> re.Match[str] | None:
    """Find the integer that a spelling of a number amounts to."""
    return re.match(r"-?[0-9]+(?=(?:\.0)?$)", text)


def _quoted(text: str) -> str:
    return f"the text '{shorten(text)}'"


def _too_long(text: str) -> Unresolved:
    return Unresolved(
        text,
        "DS005",
        f"'{shorten(text)}' is a number of {len(text):,} characters",
        f"write a number of at most {_MAX_DIGITS:,} digits, or quotes around a text",
    )
