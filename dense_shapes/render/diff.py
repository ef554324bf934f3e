"""A difference as JSON, and as Markdown for a comment on a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable
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
from dense_shapes.render.data import escaped, table_row

if TYPE_CHECKING:
    from dense_shapes.comparison.diff import Change, Diff

_MANY = 30
"""More rows than this are folded away in Markdown."""


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


def render_markdown(diff: Diff) -> str:
    """Return Markdown for a comment on a pull request."""
    lines = [f"### {escaped(title(diff))}", "", f"{escaped(tally_text(diff))}", ""]
    lines += [table_row(["total", "old", "new", "change"]), table_row(["---", *["---:"] * 3])]
    for name, number in diff.totals.items():
        old, new = (size_text(name, value) for value in (number.old, number.new))
        change = "" if number.old == number.new else change_text(name, number)
        lines.append(table_row([total_label(name), *map(escaped, (old, new, change))]))
    lines += [f"\n- {escaped(field_text(field))}" for field in diff.fields]
    if diff.layers:
        table = [
            table_row(["change", "layer", "what"]),
            table_row(["---"] * 3),
            *(_markdown_row(change) for change in diff.layers),
        ]
        lines.append("")
        if len(table) > _MANY + 2:
            lines += [f"<details><summary>{len(diff.layers)} layers</summary>", "", *table, ""]
            lines.append("</details>")
        else:
            lines += table
    return "\n".join(lines) + "\n"


def _markdown_row(change: Change) -> str:
    def joined(texts: Iterable[str]) -> str:
        return "<br>".join(map(escaped, texts))

    return table_row([kinds_text(change), escaped(layer_text(change)), joined(lines_of(change))])
