"""The table for people, drawn by rich."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dense_shapes.render.columns import COLUMNS, totals_lines
from dense_shapes.render.text import to_ascii, visible
from dense_shapes.summary import Row, Summary

_SHAPE = re.compile(r"\([\w, ]{1,24}\)")
_GLUE = "\ue000"
"""Stands for a space inside a short shape while rich looks for places to break a line."""

_STYLES = {"ok": "", "failed": "red", "unknown": "dim"}
_ROOM_TO_EXPLAIN = 28


def render_tables(
    summaries: Sequence[Summary],
    columns: Sequence[str],
    *,
    color: bool,
    ascii_only: bool,
    width: int | None,
    depth: int | None = None,
) -> str:
    """Return one table a model, with its totals below.

    Args:
        summaries: What to show.
        columns: Names of columns, in order.
        color: Whether a terminal shows it, in colours.
        ascii_only: Whether the output can hold nothing but ASCII.
        width: How many columns there are; None for as many as the text needs.
        depth: How deep to show what is inside groups; None for all of it.
    """
    parts: list[RenderableType] = []
    for i, summary in enumerate(summaries):
        if i:
            parts.append("")
        parts += _model(summary, columns, ascii_only=ascii_only, width=width, depth=depth)
    return drawn(parts, color=color, width=width)


def drawn(parts: Sequence[RenderableType], *, color: bool, width: int | None) -> str:
    """Return what rich makes of parts, one below the other.

    Args:
        parts: What to draw.
        color: Whether a terminal shows it, in colours.
        width: How many columns there are; None for as many as the text needs.
    """
    stream = StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        emoji=False,
        markup=False,
    )
    if width is None:
        # As wide as the longest line, so that nothing is folded in a file or a pipe.
        wide = Console(file=stream, width=1_000_000, highlight=False)
        console.width = max(wide.measure(part).maximum for part in parts) + 1
    console.print(Group(*parts), soft_wrap=False)
    lines = stream.getvalue().replace(_GLUE, " ").split("\n")
    return "\n".join(line.rstrip() for line in lines)


def _model(
    summary: Summary,
    columns: Sequence[str],
    *,
    ascii_only: bool,
    width: int | None,
    depth: int | None,
) -> list[RenderableType]:
    def text(value: str, style: str = "") -> Text:
        return cell(value, style, ascii_only=ascii_only)

    title = f"{summary.name} ({summary.source})" if summary.source else summary.name
    table = Table(box=box.ASCII if ascii_only else box.SIMPLE_HEAD, pad_edge=False)
    rows = summary.rows(depth)
    cells = {name: [_cell(name, row, level) for level, row in rows] for name in columns}
    stiff = _stiff(cells, columns, width)
    for name in columns:
        column = COLUMNS[name]
        table.add_column(
            text(column.title),
            justify="right" if column.numeric else "left",
            overflow="fold",
            no_wrap=name in stiff,
        )
    for i, (_, row) in enumerate(rows):
        style = _STYLES[row.status]
        table.add_row(*(text(cells[name][i], style) for name in columns))
    lines = [text(f"{label}: {value}") for label, value in totals_lines(summary)]
    parts: list[RenderableType] = [text(title, "bold")]
    if summary.layers:
        parts.append(table)
        parts.append(Padding(Group(*lines), (0, 0, 0, 1)))
    else:
        parts.append(text("nothing to show"))
    return parts


def cell(value: str, style: str = "", *, ascii_only: bool) -> Text:
    """Return a text as rich takes it: visible, and broken over lines at no short shape."""
    shown = to_ascii(visible(value)) if ascii_only else visible(value)
    return Text(_SHAPE.sub(lambda found: found[0].replace(" ", _GLUE), shown), style=style)


def _cell(column: str, row: Row, level: int) -> str:
    """Return what a row has in a column; inside groups names are indented in place of a path."""
    text = COLUMNS[column].text(row)
    if level and column in {"layer", "name"}:
        return "  " * level + row.name + text.removeprefix(row.path)
    return text


def _stiff(cells: dict[str, list[str]], columns: Sequence[str], width: int | None) -> set[str]:
    """Return the columns that need not be broken over lines in the width there is.

    Where the room allows it, all but the explanation keep to one line.
    """
    if width is None:
        return set(columns)
    need = {
        name: max([len(COLUMNS[name].title), *map(len, cells[name])])
        for name in columns
        if name not in {"explanation", "weights"}
    }
    room = width - 3 * len(columns)
    if len(need) < len(columns):
        room -= _ROOM_TO_EXPLAIN
    out: set[str] = set()
    # Numbers first: a number broken over two lines reads as two numbers.
    for name in sorted(need, key=lambda n: (not COLUMNS[n].numeric, need[n])):
        if need[name] <= room:
            out.add(name)
            room -= need[name]
    return out
