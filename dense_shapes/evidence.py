"""Where the numbers and shapes of a summary come from, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from dense_shapes.diagnostics import shorten
from dense_shapes.dims import BATCH, Dim, DimError, subs, symbols_of
from dense_shapes.expectations import Bound, Sizes
from dense_shapes.layers.text import Shape, count
from dense_shapes.summary import Row, Summary, totals_of

MAX_SHOWN = 4
"""How many layers are named where several are to blame."""
_DECIMAL = r"\d\s*([kKMGT])B\s*$"
"""The end of a number of bytes in powers of 1,000."""


class Subject(NamedTuple):
    """A layer, or one of its calls, that an expectation is about."""

    row: Row
    name: str
    shapes: Sequence[Shape | None] | None


class Evidence:
    """The rows of a summary, to be found by name and to be blamed.

    Attributes:
        rows: All rows, those inside groups too.
        by_path: The same by their paths.
        by_call: A call and its row by the call's name.
    """

    def __init__(self, summary: Summary) -> None:
        self.rows = [row for _, row in summary.rows()]
        self.by_path = {row.path: row for row in self.rows}
        self.by_call = {call.name: (row, call) for row in self.rows for call in row.calls}

    def subjects(self, pattern: str) -> list[Subject]:
        """Return the layers, or the call, of a path, or those that a glob matches."""
        row = self.by_path.get(pattern)
        if row is not None:
            return [Subject(row, row.path, row.output_shapes)]
        called = self.by_call.get(pattern)
        if called is not None:
            return [Subject(called[0], pattern, called[1].output_shapes)]
        if not any(sign in pattern for sign in "*?["):
            return []
        parts = pattern.split("/")
        return [
            Subject(row, row.path, row.output_shapes)
            for row in self.rows
            if _matches(row.path.split("/"), parts)
        ]

    def owner(self, name: str) -> Row | None:
        """Return the layer whose output has a name, such as `lstm:1` or `tower@2`."""
        for known in (name, name.rpartition(":")[0]):
            if known in self.by_path:
                return self.by_path[known]
            if known in self.by_call:
                return self.by_call[known][0]
        return None

    def unknown(self, rows: list[Row], subject: str) -> list[str]:
        """Name the layers of which a count is not known."""
        unknown = [
            row for row in rows if not row.layers and getattr(totals_of([row]), subject) is None
        ]
        return [f"that of {self.place(row)} is not known" for row in unknown[:MAX_SHOWN]]

    def largest(
        self, rows: list[Row], subject: str, env: Mapping[str, int] | None
    ) -> list[tuple[Row, Dim, int]]:
        """Return the layers that a count comes from, the largest share first, as numbers too."""
        shares = []
        for row in rows:
            value = None if row.layers else getattr(totals_of([row]), subject)
            if value is None or value == 0:
                continue
            # Where no sizes are at hand, what grows with them counts for more.
            known = env or dict.fromkeys(symbols_of(value), 1000)
            try:
                number = subs(value, known)
            except DimError:
                number = 0
            shares.append((row, value, number if isinstance(number, int) else 0))
        return sorted(shares, key=lambda share: -share[2])

    def shares(self, largest: list[tuple[Row, Dim, int]], value: Dim) -> list[str]:
        """Say which layers a count comes from."""
        notes = []
        for row, share, _ in largest[:2]:
            percent = ""
            if isinstance(share, int) and isinstance(value, int) and value > 0:
                percent = f" ({100 * share / value:.1f}%)"
            notes.append(f"{count(share)}{percent} of them come from {self.place(row)}")
        return notes

    def place(self, row: Row, name: str = "") -> str:
        """Name a layer, or one of its calls, with its type and line."""
        line = f", line {row.line}" if row.line else ""
        return f"{(name or row.path)!r} ({row.type}{line})"


def _matches(path: list[str], pattern: list[str]) -> bool:
    """Tell whether a path fits a glob: `*` stays within one name, `**` is any number of them."""
    reached = {0}
    for part in pattern:
        if part == "**":
            reached = set(range(min(reached, default=len(path) + 1), len(path) + 1))
        else:
            reached = {i + 1 for i in reached if i < len(path) and fnmatchcase(path[i], part)}
    return len(path) in reached


def expected_text(wanted: Sizes) -> str:
    """Write an expected shape, `_` for any size."""
    sizes = ["_" if dim is None else "batch" if dim == BATCH else str(dim) for dim in wanted.sizes]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def bound_text(bound: Bound, text: str) -> str:
    """Write a bound: as it was written, an exact number with its thousands separated."""
    if isinstance(bound.low, int) and bound.low == bound.high and text == str(bound.low):
        return count(bound.low)
    return shorten(text)


def at_sizes(witness: Mapping[str, int] | None, dim: Dim, other: Dim) -> str:
    """Say for which sizes two dims differ, with what they are there."""
    if not witness:
        return ""
    sizes = ", ".join(f"{name} = {value}" for name, value in witness.items())
    try:
        found, expected = subs(dim, witness), subs(other, witness)
    except DimError:
        return f" (at {sizes})"
    return f" ({found} instead of {expected} at {sizes})"


def miss(value: Dim, limit: Dim, witness: Mapping[str, int] | None) -> tuple[str, int | None]:
    """Say by how much a count misses a limit, and return that too."""
    env = witness or {}
    try:
        number, most = subs(value, env), subs(limit, env)
    except DimError:
        return "not within the bound", None
    if not isinstance(number, int) or not isinstance(most, int):
        return "not so for any size", None
    difference = number - most
    share = 100 * difference / most if most > 0 else 0
    percent = f" ({share:+,.1f}%)" if abs(share) >= 0.05 else ""
    word = "too many" if difference > 0 else "too few"
    at = ", ".join(f"{name} = {size_}" for name, size_ in env.items())
    where = f"at {at} it is {count(number)}, " if at else ""
    return f"{where}{count(abs(difference))} {word}{percent}", difference


def set_help(*dims: Dim) -> str | None:
    """Advise to bind the sizes that are still names."""
    names = sorted({name for dim in dims for name in symbols_of(dim)} - {"batch"})
    if not names:
        return None
    options = " ".join(f"--set {name}=…" for name in names)
    return f"it must hold for every size that is allowed; pass {options} to check one"


def unit_help(text: str, value: Dim, limit: Dim) -> str | None:
    """Tell how KB was read in a bound that does not hold: tables count 1,024 bytes to one.

    Args:
        text: The bound as it was written.
        value: What was found.
        limit: What it should not have passed.
    """
    ends = [re.search(_DECIMAL, part) for part in text.split("..")]
    letters = {end[1].upper() if end else "" for end in ends}
    letter = letters.pop()
    if letters or not letter or type(value) is not int or type(limit) is not int:
        return None
    power = "KMGT".index(letter) + 1
    said = f"{letter}B is {1000**power:,} bytes here, so the limit is {limit:,}"
    if limit < value <= limit * 1024**power // 1000**power:
        return f"{said}; it would hold in {letter}iB, which is what tables count in"
    return f"{said}; {letter}iB is {1024**power:,}, which is what tables count in"
