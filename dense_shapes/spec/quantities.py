"""Counts as people write them: `7178`, `<= 10M`, `1.5M..2M`, `<= 4MiB`, `12*d^2`."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

from dense_shapes.diagnostics import did_you_mean, shorten
from dense_shapes.dims import Dim
from dense_shapes.expectations import Bound
from dense_shapes.spec.nodes import Node, Scalar
from dense_shapes.spec.problems import SpecError
from dense_shapes.spec.scalars import found
from dense_shapes.spec.scope import Scope

COUNTS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
"""What the letters after a count multiply it by."""

BYTES = {"": 1, "B": 1} | {
    f"{letter}{ending}": base ** (i + 1)
    for ending, base in (("B", 1000), ("iB", 1024))
    for i, letter in enumerate("KMGT")
}
"""What the units of a number of bytes stand for."""

_SPELLINGS = {"k": "K", "kB": "KB"}
_FORMS = "write a number, or a bound such as '<= 10M', '> 1000' or '1.5M..2M'"
_BYTE_FORMS = "write a number, or a bound such as '<= 4MiB', '> 1000' or '1.5MB..2MB'"


@cache
def _bound() -> re.Pattern[str]:
    # Compiled late: most runs need none.
    return re.compile(r"\s*(<=|>=|==|!=|=<|=>|<|>|≤|≥|=)\s*(.*?)\s*", re.DOTALL)


@cache
def _number() -> re.Pattern[str]:
    return re.compile(
        r"(?P<whole>\d{1,3}(?:[,_]\d{3})+|\d{1,40})(?:\.(?P<part>\d{1,40}))?"
        r"(?:[eE]\+?(?P<exponent>\d{1,2}))?\s*(?P<unit>[A-Za-z]*)",
        re.ASCII,
    )


def read_bound(node: Node, scope: Scope, what: str, *, in_bytes: bool) -> Bound:
    """Return what a count is to be.

    Args:
        node: A number, or a text with a bound, a range or an expression.
        scope: What names in an expression stand for, and where problems are made.
        what: What is counted, for messages.
        in_bytes: Whether it is a number of bytes.

    Raises:
        SpecError: It is nothing of that kind.
    """
    return _Reader(node, scope, what, in_bytes).bound()


class _Reader:
    """Reads one count or bound."""

    def __init__(self, node: Node, scope: Scope, what: str, in_bytes: bool) -> None:
        self.node = node
        self.scope = scope
        self.what = what
        self.in_bytes = in_bytes

    def bound(self) -> Bound:
        """Return the bound."""
        node = self.node
        if not isinstance(node, Scalar):
            raise self._error(f"{self.what}: expected a number or a bound, found {found(node)}")
        value = self.scope.scalar(node, number=True)
        if isinstance(value, str):
            return self._text(value.strip())
        if isinstance(value, float) and abs(value) < float("inf"):
            value = Fraction(value)
        if isinstance(value, bool) or not isinstance(value, Dim | Fraction):
            raise self._error(f"{self.what}: expected a number or a bound, found {found(node)}")
        return self._exact(value)

    def _text(self, text: str) -> Bound:
        matched = _bound().fullmatch(text)
        if matched is not None:
            return self._compared(matched[1], matched[2])
        low, dots, high = text.partition("..")
        if not dots:
            return self._exact(self._value(text))
        if not low.strip() or not high.strip():
            raise self._error(
                f"{self.what}: the range {shorten(text)!r} has no "
                f"{'end' if low.strip() else 'beginning'}",
                help="write '>= 1M' or '<= 2M' where it is open",
            )
        bound = Bound(_up(self._value(low)), _down(self._value(high)))
        if isinstance(bound.low, int) and isinstance(bound.high, int) and bound.low > bound.high:
            raise self._error(f"{self.what}: no number lies in the range {shorten(text)!r}")
        return bound

    def _compared(self, sign: str, text: str) -> Bound:
        meant = {"=<": "<=", "=>": ">="}.get(sign)
        if meant is not None or sign == "!=":
            guess = f"did you mean '{meant} {text}'?" if meant else None
            raise self._error(
                f"{self.what}: {sign!r} is no comparison", help=guess or "it may be <, <=, >, >="
            )
        value = self._value(text)
        if sign in {"=", "=="}:
            return self._exact(value)
        if sign in {"<=", "≤"}:
            bound = Bound(None, _down(value))
        elif sign in {">=", "≥"}:
            bound = Bound(_up(value), None)
        elif sign == "<":
            bound = Bound(None, _up(value) - 1)
        else:
            bound = Bound(_down(value) + 1, None)
        if isinstance(bound.high, int) and bound.high < 0:
            raise self._error(f"{self.what}: no count is {sign} {shorten(text)}")
        return bound

    def _exact(self, value: Dim | Fraction) -> Bound:
        if isinstance(value, Fraction):
            if value.denominator != 1:
                raise self._error(
                    f"{self.what}: {found(self.node)} is not a whole number",
                    help="write the exact number, or a bound such as '<= 1.5'",
                )
            value = value.numerator
        if isinstance(value, int) and value < 0:
            raise self._error(f"{self.what}: expected a number of at least 0, found {value}")
        return Bound(value, value)

    def _value(self, text: str) -> Dim | Fraction:
        """Return a number with its unit, or the value of an expression."""
        text = text.strip()
        matched = _number().fullmatch(text)
        if matched is None:
            if not text or not any(sign.isalnum() for sign in text):
                raise self._error(f"{self.what}: expected a number, found {found(self.node)}")
            if any(sign in text for sign in "<>=≤≥") or re.search(r"\d\.\d", text):
                raise self._error(f"{self.what}: expected a number, found {shorten(text)!r}")
            node = self.node
            # The text is part of the scalar, so that only the whole of it can be pointed at.
            return self.scope.integer(node, text)  # type: ignore[arg-type]  # checked in bound
        unit = _SPELLINGS.get(matched["unit"], matched["unit"])
        units = BYTES if self.in_bytes else COUNTS
        if unit not in units:
            raise self._unit(matched["unit"])
        part = matched["part"] or ""
        digits = int(matched["whole"].replace(",", "").replace("_", "") + part)
        power = int(matched["exponent"] or 0)
        return Fraction(digits * units[unit] * 10**power, 10 ** len(part))

    def _unit(self, unit: str) -> SpecError:
        shown = shorten(unit)
        if self.in_bytes:
            known = "B, KB, MB, GB, TB (powers of 1,000) and KiB, MiB, GiB, TiB (of 1,024)"
            letter = unit.upper()
            guess = f"write {letter}B or {letter}iB" if letter in {"K", "M", "G", "T"} else ""
            guess = guess or did_you_mean(unit, [u for u in BYTES if u])
            message = f"{self.what}: {shown!r} is no unit of bytes"
        else:
            known = "K, M, G or B, and T"
            guess = did_you_mean(unit, [u for u in COUNTS if u])
            message = f"{self.what}: {shown!r} is no unit of a count"
            if unit in BYTES:
                guess, message = "", f"{message}, which is not in bytes"
        return self._error(message, help=guess or f"known are {known}")

    def _error(self, message: str, help: str | None = None) -> SpecError:  # noqa: A002 - as theirs
        forms = _BYTE_FORMS if self.in_bytes else _FORMS
        return self.scope.problems.make("DS105", message, self.node, help=help or forms)


def _down(value: Dim | Fraction) -> Dim:
    return value.__floor__() if isinstance(value, Fraction) else value


def _up(value: Dim | Fraction) -> Dim:
    return value.__ceil__() if isinstance(value, Fraction) else value
