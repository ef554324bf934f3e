"""A difference as JSON, and as Markdown for a comment on a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from dense_shapes.comparison.words import (
    change_text,
    field_text,
    kinds_text,
    layer_text,
    lines_of,
    size_text,
    tally_text,
    title,
    total_label,
)
from dense_shapes.layers.text import plural
from dense_shapes.render.data import escaped, table_row
from dense_shapes.render.text import to_ascii

if TYPE_CHECKING:
    from dense_shapes.comparison.diff import Change, Diff

_MANY = 30
"""More rows than this are folded away in Markdown."""

MOST_CHARACTERS = 65_000
"""A comment on GitHub holds 65,536; the rest is for notes, and for what others write around it."""


def render_json(diff: Diff, *, ascii_only: bool) -> str:
    """Return the published JSON, a line for each layer."""

    def dump(value: Any) -> str:
        return json.dumps(value, ensure_ascii=ascii_only, allow_nan=False)

    def listed(value: Any) -> str:
        if not isinstance(value, list) or not value:
            return dump(value)
        rows = ",\n    ".join(map(dump, value))
        return f"[\n    {rows}\n  ]"

    parts = [f"  {dump(key)}: {listed(value)}" for key, value in diff.to_dict().items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def render_markdown(diff: Diff, *, ascii_only: bool = False) -> str:
    """Return Markdown for a comment on a pull request, no more than one holds.

    Lines that are too much are left out as a whole, the last first, and it says how many.
    """
    page = _Page(ascii_only)
    page.fill([f"### {escaped(title(diff))}"], "title")
    page.add(["", f"{escaped(tally_text(diff))}", ""])
    page.add([table_row(["total", "old", "new", "change"]), table_row(["---", *["---:"] * 3])])
    totals = []
    for name, number in diff.totals.items():
        old, new = (size_text(name, value) for value in (number.old, number.new))
        change = "" if number.old == number.new else change_text(name, number)
        totals.append(table_row([total_label(name), *map(escaped, (old, new, change))]))
    page.fill(totals, "total")
    page.fill([f"\n- {escaped(field_text(field))}" for field in diff.fields], "other difference")
    if diff.layers:
        folded = len(diff.layers) > _MANY
        page.add([""])
        if folded:
            page.add([f"<details><summary>{len(diff.layers)} layers</summary>", ""])
        page.add([table_row(["change", "layer", "what"]), table_row(["---"] * 3)])
        page.fill((_markdown_row(change) for change in diff.layers), "layer")
        if folded:
            page.add(["", "</details>"])
    if page.left:
        page.add(["", page.note()])
    return "\n".join(page.lines) + "\n"


class _Page:
    """Lines, as many as a comment holds."""

    def __init__(self, ascii_only: bool) -> None:
        self.ascii_only = ascii_only
        self.lines: list[str] = []
        self.room = MOST_CHARACTERS
        self.left: list[str] = []

    def add(self, lines: Sequence[str]) -> None:
        """Add lines that are always there."""
        self.lines += lines
        self.room -= sum(map(self._size, lines))

    def fill(self, lines: Iterable[str], what: str) -> None:
        """Add lines up to the first for which there is no room; the rest is left out."""
        given = list(lines)
        for i, line in enumerate(given):
            if self._size(line) > self.room:
                left = len(given) - i
                self.left.append(f"{left:,} of {plural(len(given), what)}")
                return
            self.add([line])

    def note(self) -> str:
        """Say what is left out, and where to see it."""
        return (
            f"**Left out: {' and '.join(self.left)}**, as a comment on GitHub holds 65,536 "
            "characters. `dense-shapes diff` shows all in its table and with `--json`."
        )

    def _size(self, line: str) -> int:
        return len(to_ascii(line) if self.ascii_only else line) + 1


def _markdown_row(change: Change) -> str:
    def joined(texts: Iterable[str]) -> str:
        return "<br>".join(map(escaped, texts))

    return table_row([kinds_text(change), escaped(layer_text(change)), joined(lines_of(change))])
