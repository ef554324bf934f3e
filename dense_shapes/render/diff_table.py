"""A difference as a table for people, drawn by rich."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from dense_shapes.comparison.diff import Diff
from dense_shapes.comparison.words import (
    field_text,
    kinds_text,
    layer_text,
    lines_of,
    tally_text,
    title,
    totals_text,
)
from dense_shapes.render.table import cell, drawn

_STYLES = {"added": "green", "removed": "red", "changed": "yellow"}


def render_diff(diff: Diff, *, color: bool, ascii_only: bool, width: int | None) -> str:
    """Return a row for each layer that is not the same, and the totals below.

    Args:
        diff: What to show.
        color: Whether a terminal shows it, in colours.
        ascii_only: Whether the output can hold nothing but ASCII.
        width: How many columns there are; None for as many as the text needs.
    """
    rows = [
        (kinds_text(change), layer_text(change), lines_of(change), change.kinds[-1])
        for change in diff.layers
    ]
    parts: list[RenderableType] = [cell(title(diff), "bold", ascii_only=ascii_only)]
    if rows:
        table = Table(box=box.ASCII if ascii_only else box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("change", no_wrap=True)
        # Where there is room, a name is not broken over lines, as what is said of it can be.
        longest = max(len(layer) for _, layer, _, _ in rows)
        whole = width is None or longest <= width // 2
        table.add_column("layer (type)", overflow="fold", no_wrap=whole)
        table.add_column("what", overflow="fold", no_wrap=width is None)
        for kinds, layer, lines, last in rows:
            style = _STYLES.get(last, "cyan")
            said = Group(*(cell(line, ascii_only=ascii_only) for line in lines))
            table.add_row(
                cell(kinds, style, ascii_only=ascii_only), cell(layer, ascii_only=ascii_only), said
            )
        parts.append(table)
    else:
        parts.append("")
    below = [*map(field_text, diff.fields), *totals_text(diff), tally_text(diff)]
    totals = Group(*(cell(line, ascii_only=ascii_only) for line in below))
    parts.append(Padding(totals, (0, 0, 0, 1)))
    return drawn(parts, color=color, width=width)
