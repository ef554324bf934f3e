"""A difference as text for people: what tables, Markdown and diagnostics say in common."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dense_shapes.layers.text import count
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.render.columns import UNKNOWN, memory, shapes_text
from dense_shapes.render.data import escaped, table_row
from dense_shapes.summary import Call, Row, Tensor, value_json

if TYPE_CHECKING:
    from dense_shapes.comparison.diff import Change, Diff, Field, Number

_LABELS = {
    "output_shapes": "output shape",
    "non_trainable_params": "non-trainable params",
    "trainable_params": "trainable params",
    "macs": "MACs",
}
_TOTALS = {
    "params": "Total params",
    "trainable_params": "Trainable params",
    "non_trainable_params": "Non-trainable params",
    "param_bytes": "Memory of the params",
    "macs": "MACs for one example",
}
_TOLD = ("params", "non_trainable_params", "macs")
"""Counts that are told of a layer; the trainable params follow from them."""

_LONGEST_CHANGE = 30
"""A longer expression says less than the two it is the difference of."""

_MANY = 30
"""More rows than this are folded away in Markdown."""


def kinds_text(change: Change) -> str:
    """Return what became of a layer, in words: `moved, changed`."""
    return ", ".join(change.kinds)


def layer_text(change: Change) -> str:
    """Return a layer's name and type, both names where it has two."""
    old, new = change.old, change.new
    last = new or old
    if last is None:
        return ""
    names = dict.fromkeys(row.path for row in (old, new) if row is not None)
    return f"{' → '.join(names)} ({last.type})"


def lines_of(change: Change) -> list[str]:
    """Return what is to be told of a layer, a line each."""
    row = change.new if change.old is None else change.old
    if change.old is None or change.new is None:
        return [] if row is None else _alone(row)
    out = [field_text(field) for field in change.fields]
    out += [
        f"{_LABELS.get(name, name)}: {number_text(change.counts[name])}"
        for name in _TOLD
        if change.counts[name].old != change.counts[name].new
    ]
    return out


def _alone(row: Row) -> list[str]:
    """Return what there is to say of a layer that is in one model only."""
    out = [f"{name}: {_value(value)}" for name, value in row.options.items()]
    out.append(f"output shape: {shapes_text(row.output_shapes)}")
    params = row.count()
    if params != 0:
        out.append(f"params: {UNKNOWN if params is None else count(params)}")
    if row.macs != 0:
        out.append(f"MACs: {UNKNOWN if row.macs is None else count(row.macs)}")
    return out


def field_text(field: Field) -> str:
    """Return what a field was and is, in one line."""
    name = _LABELS.get(field.name, field.name.removeprefix("options.").replace(".", " "))
    if field.name == "requirements":
        told = [f"now {', '.join(field.new)}"] if field.new else []
        told += [f"no longer {', '.join(field.old)}"] if field.old else []
        return f"required: {'; '.join(told)}"
    if field.name == "output_shapes":
        old, new = shapes_text(field.old), shapes_text(field.new)
    else:
        old, new = _value(field.old), _value(field.new)
    return f"{name}: {old} → {new}"


def _value(value: Any) -> str:
    """Return any value as a spec or a table would have it, all of it."""
    if isinstance(value, list) and any(isinstance(item, Call | Tensor) for item in value):
        return ", ".join(map(_part, value))
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if isinstance(value, str):
        return value
    plain = value_json(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _part(part: Call | Tensor) -> str:
    if isinstance(part, Tensor):
        shape = UNKNOWN if part.shape is None else shape_text(part.shape)
        return f"{part.name} {shape} {part.dtype}"
    given = [*part.inputs, *(f"{name}={_value(v)}" for name, v in part.arguments.items())]
    return f"{part.name}({', '.join(given)}) {shapes_text(part.output_shapes)}"


def number_text(number: Number, *, size: bool = False) -> str:
    """Return what a count was and is, and by how much it changed.

    >>> from dense_shapes.comparison.diff import Number
    >>> number_text(Number(2048, 1024)), number_text(Number(0, 12))
    ('2,048 → 1,024 (-1,024, -50.0%)', '0 → 12 (+12)')
    """
    write = memory if size else count
    old, new = (UNKNOWN if n is None else write(n) for n in (number.old, number.new))
    if number.old == number.new:
        return old
    change = change_text(number, size=size)
    return f"{old} → {new} ({change})" if change else f"{old} → {new}"


def change_text(number: Number, *, size: bool = False) -> str:
    """Return by how much a count changed: `-1,024, -50.0%`; empty where that is not known."""
    change, percent = number.change, number.percent
    if change is None:
        return ""
    if type(change) is not int:
        text = str(change)
        return text if len(text) <= _LONGEST_CHANGE else ""
    sign = "-" if change < 0 else "+"
    text = sign + (memory(abs(change)) if size else count(abs(change)))
    if percent is None:
        return text
    return f"{text}, {sign}{abs(percent):,.1f}%" if abs(percent) >= 0.05 else f"{text}, {sign}<0.1%"


def totals_text(diff: Diff) -> list[str]:
    """Return a line for each total."""
    return [
        f"{_TOTALS.get(name, name.replace('_', ' '))}: "
        f"{number_text(number, size=name == 'param_bytes')}"
        for name, number in diff.totals.items()
    ]


def tally_text(diff: Diff) -> str:
    """Return how many layers were added, removed and so on, in one line."""
    same = f"{diff.unchanged} unchanged"
    if not diff.different:
        return f"no difference; {same}"
    told = [f"{number} {kind}" for kind, number in diff.tally().items()]
    return "; ".join([", ".join(told) or "no layer differs", same])


def title(diff: Diff) -> str:
    """Return what is compared with what."""
    return " → ".join(
        f"{side.name} ({side.source})" if side.source else side.name
        for side in (diff.old, diff.new)
    )


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
        size = name == "param_bytes"
        write = memory if size else count
        old, new = (UNKNOWN if n is None else write(n) for n in (number.old, number.new))
        change = "" if number.old == number.new else change_text(number, size=size)
        label = _TOTALS.get(name, name.replace("_", " "))
        lines.append(table_row([label, *map(escaped, (old, new, change))]))
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
