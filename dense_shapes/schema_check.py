"""JSON Schemas of expectations, and of what `check --json` writes."""

from __future__ import annotations

from typing import Any

from dense_shapes.diagnostics import CODES
from dense_shapes.expectations import TOTALS, in_bytes
from dense_shapes.layers import REGISTRY
from dense_shapes.layers.sizes import EXPRESSION
from dense_shapes.report import SCHEMA

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_BOUND: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^\s*(<=|>=|==|=|<|>|≤|≥)?\s*[^<>=≤≥!\s][^<>=≤≥!]*$"},
    ],
}
_SHAPE: dict[str, Any] = {
    "description": "Sizes, the batch first; null or _ stands for any size.",
    "type": "array",
    "items": {"anyOf": [{"type": "integer", "minimum": 0}, EXPRESSION, {"type": "null"}]},
}


def expectations() -> dict[str, Any]:
    """Return the schema of a mapping of expectations, as a spec holds it under `expect`."""
    kinds = [name for layer in REGISTRY.values() for name in (layer.__name__, *layer.aliases)]
    kind = {"anyOf": [{"enum": kinds}, {"type": "string", "minLength": 1}]}
    types = {"anyOf": [kind, {"type": "array", "items": kind}]}
    totals = {name: {"description": _what(name)} | _BOUND for name in TOTALS}
    shapes = {"type": "array", "items": _SHAPE, "minItems": 1}
    flag = {"type": "boolean"}
    layer = {
        "anyOf": [
            {"enum": ["present", "absent"]},
            {
                "type": "object",
                "properties": {
                    "output_shape": _SHAPE,
                    "output_shapes": shapes,
                    "type": kind,
                    **totals,
                    "present": flag,
                    "absent": flag,
                },
                "additionalProperties": False,
                "minProperties": 1,
            },
        ]
    }
    named = {"type": "object", "additionalProperties": _SHAPE, "minProperties": 1}
    advice = [code for code in CODES if code.startswith("DS3")]
    return {
        "description": "What the model is expected to be; `dense-shapes check` holds it to this.",
        "type": ["object", "null"],
        "properties": {
            "output_shape": _SHAPE,
            "output_shapes": {
                "description": "The shapes of several outputs, in order or by name.",
                "anyOf": [shapes, named],
            },
            **totals,
            "layers": {
                "description": "Conditions by the path of a layer, or a glob of paths.",
                "type": "object",
                "additionalProperties": layer,
                "minProperties": 1,
            },
            "forbid": {"description": "Layer types that must not be there."} | types,
            "require": {"description": "Layer types that must be there."} | types,
            "advice": {
                "description": "Whether an advice is an error, a warning, or not given.",
                "type": "object",
                "propertyNames": {"enum": advice},
                # `off` without quotes is false to YAML 1.1.
                "additionalProperties": {"enum": ["error", "warning", "off", False]},
            },
        },
        "additionalProperties": False,
    }


def _what(total: str) -> str:
    unit = "KB, MB, GB or KiB, MiB, GiB" if in_bytes(total) else "K, M, G or B, T"
    return f"A number, or a bound such as '<= 10{'MB' if in_bytes(total) else 'M'}'; units: {unit}."


def expect_schema() -> dict[str, Any]:
    """Return the JSON Schema of a file of expectations."""
    return {"$schema": DRAFT, "title": "dense-shapes expectations"} | expectations()


def check_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `check --json` writes, version 1.

    Keys may be added within a version, so that additional ones are allowed.
    """
    text: dict[str, Any] = {"type": "string"}
    maybe_text = {"type": ["string", "null"]}
    maybe_number = {"type": ["integer", "null"]}
    count = {"type": ["integer", "string", "null"]}
    found = {
        "description": "A count, a shape, a type, or the paths of layers; by layer for a glob.",
        "type": ["integer", "string", "null", "array", "object"],
    }
    place = {"file": maybe_text, "line": maybe_number, "column": maybe_number, "where": maybe_text}

    def record(optional: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": properties | (optional or {}),
            "required": list(properties),
        }

    outcome = record(
        {"min": count, "max": count, "difference": maybe_number},
        name=text,
        status={"enum": ["ok", "failed", "unknown"]},
        expected=text,
        found=found,
        message=maybe_text,
        layer=maybe_text,
        **place,
    )
    diagnostic = record(
        code=text,
        severity={"enum": ["error", "warning", "note"]},
        message=text,
        layer=maybe_text,
        help=maybe_text,
        notes={"type": "array", "items": text},
        **place,
    )
    report = record(
        schema={"const": SCHEMA},
        name=text,
        source=maybe_text,
        ok={"type": "boolean"},
        expectations={"type": "array", "items": {"$ref": "#/$defs/expectation"}},
        diagnostics={"type": "array", "items": {"$ref": "#/$defs/diagnostic"}},
    )
    return {
        "$schema": DRAFT,
        "title": SCHEMA,
        "description": "One model, or an array of several.",
        "anyOf": [
            {"$ref": "#/$defs/report"},
            {"type": "array", "items": {"$ref": "#/$defs/report"}},
        ],
        "$defs": {"expectation": outcome, "diagnostic": diagnostic, "report": report},
    }
