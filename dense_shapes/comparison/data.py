"""A difference as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dense_shapes.summary import (
    Call,
    Row,
    Summary,
    call_json,
    count_json,
    shape_json,
    tensor_json,
    value_json,
)

if TYPE_CHECKING:
    from dense_shapes.comparison.diff import Change, Diff, Field, Number

DIFF_SCHEMA = "dense-shapes/diff/1"


def diff_json(diff: Diff) -> dict[str, Any]:
    """Return a difference as plain data, ready for `json.dumps` (version 1)."""
    return {
        "schema": DIFF_SCHEMA,
        "different": diff.different,
        "old": _model(diff.old),
        "new": _model(diff.new),
        "layers": [_change(change) for change in diff.layers],
        "unchanged": diff.unchanged,
        "fields": [_field(field) for field in diff.fields],
        "totals": _numbers(diff.totals),
    }


def _model(summary: Summary) -> dict[str, Any]:
    return {"name": summary.name, "source": summary.source, "ok": summary.ok}


def _change(change: Change) -> dict[str, Any]:
    return {
        "kinds": list(change.kinds),
        "old": _layer(change.old),
        "new": _layer(change.new),
        "fields": [_field(field) for field in change.fields],
        **_numbers(change.counts),
    }


def _layer(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    shapes = row.output_shapes
    return {
        "path": row.path,
        "type": row.type,
        "options": value_json(row.options),
        "output_shapes": None if shapes is None else [shape_json(s) for s in shapes],
        "line": row.line,
    }


def _field(field: Field) -> dict[str, Any]:
    old, new = (_value(field.name, value) for value in field[1:])
    return {"field": field.name, "old": old, "new": new}


def _value(name: str, value: Any) -> Any:
    if name == "output_shapes":
        return None if value is None else [shape_json(shape) for shape in value]
    if name == "calls":
        return [call_json(call) if isinstance(call, Call) else call for call in value]
    if name in {"inputs", "outputs"}:
        return [item if isinstance(item, str) else tensor_json(item) for item in value]
    return value_json(value)


def _numbers(numbers: Mapping[str, Number]) -> dict[str, Any]:
    return {
        name: {
            "old": count_json(number.old),
            "new": count_json(number.new),
            "change": count_json(number.change),
            "percent": number.percent,
        }
        for name, number in numbers.items()
    }
