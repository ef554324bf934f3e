"""JSON Schemas of a difference and of a baseline."""

from __future__ import annotations

from typing import Any

from dense_shapes.comparison.data import DIFF_SCHEMA
from dense_shapes.comparison.record import BASELINE_SCHEMA

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}
_COUNT = {
    "description": "An integer, a text where symbolic, null where unknown.",
    "type": ["integer", "string", "null"],
}
_SHAPE = {"type": ["array", "null"], "items": {"type": ["integer", "string", "null"]}}
_TOTALS = ("params", "trainable_params", "non_trainable_params", "param_bytes", "macs")


def _record(*optional: str, **properties: Any) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def _many(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def diff_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `diff --format json` writes, version 1."""
    layer = _record(
        path=_TEXT,
        type=_TEXT,
        options={"type": "object"},
        output_shapes=_many(_SHAPE) | {"type": ["array", "null"]},
        line={"type": ["integer", "null"]},
    )
    number = _record(old=_COUNT, new=_COUNT, change=_COUNT, percent={"type": ["number", "null"]})
    numbers = dict.fromkeys(
        ("params", "trainable_params", "non_trainable_params", "macs"), _ref("number")
    )
    kinds = ["added", "removed", "moved", "renamed", "changed"]
    model = _record(name=_TEXT, source={"type": ["string", "null"]}, ok={"type": "boolean"})
    return {
        "$schema": _DRAFT,
        "title": DIFF_SCHEMA,
        "description": "What differs between two models. Keys may be added within a version.",
        **_record(
            schema={"const": DIFF_SCHEMA},
            different={"type": "boolean"},
            old=_ref("model"),
            new=_ref("model"),
            layers=_many(_ref("change")),
            unchanged={"type": "integer", "minimum": 0},
            fields=_many(_ref("field")),
            totals=_record(**numbers, param_bytes=_ref("number")),
        ),
        "$defs": {
            "model": model,
            "layer": layer,
            "number": number
            | {"description": "0 where there is no such layer; percent is of the old value."},
            "field": _record(field=_TEXT, old={}, new={})
            | {"description": "What differs: type, options.units, call.training, inputs, …"},
            "change": _record(
                kinds=_many({"enum": kinds}) | {"minItems": 1, "uniqueItems": True},
                old={"anyOf": [_ref("layer"), {"type": "null"}]},
                new={"anyOf": [_ref("layer"), {"type": "null"}]},
                fields=_many(_ref("field")),
                **numbers,
            ),
        },
    }


def baseline_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `check --update-baseline` writes, version 1."""
    options = {"type": "object"}
    shapes = _many(_SHAPE) | {"type": ["array", "null"]}
    call = {"name": _TEXT, "inputs": _many(_TEXT), "output_shapes": shapes, "call": options}
    layer = _record(
        *("options", "call", "calls", "non_trainable_params", "layers"),
        name=_TEXT,
        type=_TEXT,
        options=options,
        call=options,
        inputs=_many(_TEXT),
        output_shapes=shapes,
        calls=_many(_record("call", **call)),
        params=_COUNT,
        non_trainable_params=_COUNT | {"default": 0},
        macs=_COUNT,
        layers=_many(_ref("layer")),
    )
    tensor = _record(name=_TEXT, shape=_SHAPE, dtype=_TEXT)
    model = _record(
        inputs=_many(tensor),
        outputs=_many(tensor),
        totals=_record(**dict.fromkeys(_TOTALS, _COUNT)),
        requirements=_many(_TEXT),
        layers=_many(_ref("layer")),
    )
    return {
        "$schema": _DRAFT,
        "title": BASELINE_SCHEMA,
        "description": "What models were, by their files' paths from the baseline's folder.",
        **_record(
            "note",
            schema={"const": BASELINE_SCHEMA},
            note=_TEXT,
            models={"type": "object", "additionalProperties": _ref("model")},
        ),
        "$defs": {"model": model, "layer": layer},
    }
