"""A difference in words: what tables, Markdown and diagnostics say in common."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dense_shapes.layers.text import UNKNOWN, count, memory, shapes
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.summary import Call, Row, Tensor, value_json

if TYPE_CHECKING:
    from dense_shapes.comparison.diff import Change, Diff, Field, Number
    from dense_shapes.dims import Dim

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

_MOST_VALUES = 24
"""A longer list is told by its length; the JSON has all of it."""

_LONGEST_CHANGE = 30
"""A longer expression says less than the two it is the difference of."""


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
        f"{_LABELS.get(name, name)}: {number_text(name, change.counts[name])}"
        for name in _TOLD
        if change.counts[name].old != change.counts[name].new
    ]
    return out


def _alone(row: Row) -> list[str]:
    """Return what there is to say of a layer that is in one model only."""
    out = [f"{name}: {_value(value)}" for name, value in row.options.items()]
    out.append(f"output shape: {shapes(row.output_shapes)}")
    for label, value in (("params", row.count()), ("MACs", row.macs)):
        if value != 0:
            out.append(f"{label}: {size_text(label, value)}")
    return out


def field_text(field: Field) -> str:
    """Return what a field was and is, in one line."""
    name = _LABELS.get(field.name, field.name.removeprefix("options.").replace(".", " "))
    if field.name == "requirements":
        told = [f"now {', '.join(field.new)}"] if field.new else []
        told += [f"no longer {', '.join(field.old)}"] if field.old else []
        return f"required: {'; '.join(told)}"
    if field.name == "output_shapes":
        old, new = shapes(field.old), shapes(field.new)
    elif _is_long(field.old) and _is_long(field.new):
        return f"{name}: {_value(field.old)} → {_value(field.new)}, {_first(field.old, field.new)}"
    else:
        old, new = _value(field.old), _value(field.new)
    return f"{name}: {old} → {new}"


def _is_long(value: Any) -> bool:
    """Tell whether a value, such as a vocabulary, is one that nobody reads in a table."""
    return isinstance(value, list) and len(value) > _MOST_VALUES


def _first(old: list[Any], new: list[Any]) -> str:
    """Say where two long lists begin to differ."""
    for i, (a, b) in enumerate(zip(old, new, strict=False)):
        if a != b:
            return f"the first that differs at {i}: {_value(a)} → {_value(b)}"
    return f"the same up to {min(len(old), len(new)):,}"


def _value(value: Any) -> str:
    """Return any value as a spec or a table would have it; of long lists, how long they are."""
    if _is_long(value):
        return f"{len(value):,} values"
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
    return f"{part.name}({', '.join(given)}) {shapes(part.output_shapes)}"


def size_text(name: str, value: Dim | None) -> str:
    """Return a count, or the bytes that a total of that name counts."""
    if value is None:
        return UNKNOWN
    return memory(value) if name.endswith("bytes") else count(value)


def number_text(name: str, number: Number) -> str:
    """Return what a count was and is, and by how much it changed.

    >>> from dense_shapes.comparison.diff import Number
    >>> number_text("params", Number(2048, 1024)), number_text("macs", Number(0, 12))
    ('2,048 → 1,024 (-1,024, -50.0%)', '0 → 12 (+12)')
    """
    old, new = (size_text(name, value) for value in (number.old, number.new))
    if number.old == number.new:
        return old
    change = change_text(name, number)
    return f"{old} → {new} ({change})" if change else f"{old} → {new}"


def change_text(name: str, number: Number) -> str:
    """Return by how much a count changed: `-1,024, -50.0%`; empty where that is not told."""
    change, percent = number.change, number.percent
    if change is None:
        return ""
    if type(change) is not int:
        text = str(change)
        return text if len(text) <= _LONGEST_CHANGE else ""
    sign = "-" if change < 0 else "+"
    text = sign + size_text(name, abs(change))
    if percent is None:
        return text
    return f"{text}, {sign}{abs(percent):,.1f}%" if abs(percent) >= 0.05 else f"{text}, {sign}<0.1%"


def total_label(name: str) -> str:
    """Return what a total is called."""
    return _TOTALS.get(name, name.replace("_", " "))


def totals_text(diff: Diff) -> list[str]:
    """Return a line for each total."""
    return [f"{total_label(name)}: {number_text(name, n)}" for name, n in diff.totals.items()]


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
