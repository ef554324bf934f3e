"""JSON Schemas, made from the registry: of a spec, and of the JSON output."""

from __future__ import annotations

from typing import Any, NamedTuple

from dense_shapes.diagnostics import CODES
from dense_shapes.dims import BATCH
from dense_shapes.layers import REGISTRY, InvalidOptions, Layer, types
from dense_shapes.layers.fields import Type
from dense_shapes.layers.kinds import Bool, Float, Maybe
from dense_shapes.layers.sizes import EXPRESSION, Int
from dense_shapes.schema_check import DRAFT, expectations
from dense_shapes.spec.names import MAX_NAME
from dense_shapes.summary import SCHEMA

_SHARED: dict[Type, str] = {
    value: name.lower()
    for name, value in vars(types).items()
    if isinstance(value, Maybe | Int | Float | Bool)
}
"""The types that many options have, by the name of their definition; none depends on the rank."""

_TEXT = {"type": "string", "pattern": r"\$\{"}
_NO_MAPPING = {"not": {"type": "object"}}
"""A text with names in it, which may stand for any value."""

_BLOCK = "^[a-z_][A-Za-z0-9_]*$"
"""What blocks are mostly called: the names of layers begin with a capital letter."""

_PLAIN_NAME = {"pattern": "^[^/:@]+$"}
"""What blocks and inputs can be called: the other characters make paths and calls."""

_OPERATION = r"^ops\.[A-Za-z0-9]+$"
"""What bare operations of keras.ops are called."""

_NAMES = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_ADVICE = {"enum": [code for code in CODES if code.startswith("DS30")]}
_LAYERS = {"type": "array", "minItems": 1}
_COMMON: dict[str, Any] = {
    "name": {"type": "string", "description": "The layer's name."},
    "from": {"description": "What feeds it: a name, or several; name:1 is a second output."}
    | _NAMES,
    "call": {"type": "object", "description": "Call arguments; {from: name} is a tensor."},
    "ignore": {
        "description": "Advice codes not to be told about.",
        "anyOf": [_ADVICE, {"type": "array", "items": _ADVICE}],
    },
}
_SPECIAL: dict[str, Any] = _COMMON | {
    "reuse": {
        "description": "Call an earlier layer or block again, with the same weights: "
        "`{reuse: tower, from: b}`; `from: tower@2` is what the second call gives."
    },
    "repeat": {
        "description": "Repeat layers: `{times: 3, layers: [...]}`; i, and ${i} in texts, is the "
        "number of the turn from 0, and `from: input` what the turn before gave."
    },
    "times": EXPRESSION | {"type": ["integer", "string"]},
    "trainable": {"type": "boolean", "description": "false freezes all that is inside."},
}

_SIZE: dict[str, Any] = {
    "description": "A size: a number, a name, an expression, or null for one left open.",
    "anyOf": [{"type": "integer", "minimum": 1}, EXPRESSION, {"type": "null"}],
}


class _Entries(NamedTuple):
    """What entries are made of: all names, those that stand alone, and what stands after each."""

    names: list[str]
    bare: list[str]
    short: dict[str, Any]

    def schema(self, block: str, own: str) -> dict[str, Any]:
        """Return the schema of an entry.

        Args:
            block: The pattern of what blocks are called; empty for any name.
            own: What the schema is called among the definitions.
        """
        known = f"{block}|{_OPERATION}" if block else ""
        special = _SPECIAL | {"layers": _layers(own)}
        return {
            "description": "A layer: `Flatten`, `Dense: 512`, `Dense: {...}` or "
            "`{type: Dense, ...}`.",
            "if": {"type": "string"},
            "then": {"anyOf": [{"enum": self.bare}, {"pattern": known}]},
            "else": {
                "type": "object",
                "if": {"required": ["type"]},
                "then": {
                    "anyOf": [
                        {"properties": {"type": {"enum": self.names}}},
                        {"properties": {"type": {"pattern": known}}},
                        {"required": ["output_shape"]},
                    ],
                    "allOf": [
                        {
                            "if": {"properties": {"type": {"enum": [name, *layer.aliases]}}},
                            "then": {"$ref": f"#/$defs/{name}"},
                        }
                        for name, layer in REGISTRY.items()
                    ],
                },
                "else": {
                    "if": {"anyOf": [{"required": [name]} for name in ("reuse", "repeat")]},
                    "then": {"properties": special, "additionalProperties": False},
                    "else": {
                        "properties": self.short,
                        "patternProperties": {known: {}} if block else {},
                        # A type that is not known says itself what it gives out.
                        "additionalProperties": {"type": "object", "required": ["output_shape"]}
                        if block
                        else True,
                        "minProperties": 1,
                        "maxProperties": 1,
                    },
                },
            },
        }


def _layers(entry: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{entry}"}, "minItems": 1}


def _body(entry: str) -> dict[str, Any]:
    """Return the schema of the lists of layers, by the schema of their entries."""
    layers = _layers(entry)
    inside = {"additionalProperties": {"properties": {"layers": layers}}}
    return {"properties": {"layers": layers, "blocks": inside}}


def spec_schema() -> dict[str, Any]:
    """Return the JSON Schema of our spec language (draft 2020-12).

    Editors complete from it: layer names come in their canonical spelling; Keras's other names
    for them are valid too. The command itself takes any letter case.
    """
    definitions: dict[str, Any] = {
        "size": _SIZE,
        "shape": {"type": "array", "items": {"$ref": "#/$defs/size"}},
    }
    short: dict[str, Any] = {}
    names: list[str] = []
    bare: list[str] = []
    for name, layer in REGISTRY.items():
        definitions[name] = _options(layer)
        definitions[f"{name} entry"] = _entry_value(layer)
        for spelling in (name, *layer.aliases):
            short[spelling] = {"$ref": f"#/$defs/{name} entry"}
            names.append(spelling)
            if _stands_alone(layer):
                bare.append(spelling)
    entries = _Entries(names, bare, short)
    definitions["layer"] = entries.schema(_BLOCK, "layer")
    # Blocks may be called as they like, where a word that is misspelt seems to be one.
    definitions["entry"] = entries.schema("", "entry")
    for field_type, name in _SHARED.items():
        definitions[name] = field_type.schema(0)
    return {
        "$schema": DRAFT,
        "title": "dense-shapes spec",
        "description": "A neural network: what goes in, and its layers in order.",
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "The model's name; by default the file's."},
            "input_shape": {
                "$ref": "#/$defs/shape",
                "description": "The shape of one example, without the batch axis.",
            },
            "inputs": {
                "type": "object",
                "description": "Several inputs by name, each a shape or {shape: …, dtype: …}.",
                "propertyNames": _PLAIN_NAME,
                "additionalProperties": {"anyOf": [{"$ref": "#/$defs/shape"}, {"type": "object"}]},
            },
            "batch_size": {"$ref": "#/$defs/size", "description": "The batch's size, if fixed."},
            "vars": {
                "type": "object",
                "description": "Names for expressions and ${name}; null makes a symbol.",
            },
            "defaults": {
                "type": "object",
                "description": "Options for every layer that has them.",
                "propertyNames": {"enum": _option_names()},
            },
            "blocks": {
                "type": "object",
                "description": "Groups of layers to be used under one name.",
                "propertyNames": _PLAIN_NAME | {"maxLength": MAX_NAME},
                "additionalProperties": {
                    "type": "object",
                    "properties": {
                        "args": {"type": "object", "description": "Names with defaults."},
                        "layers": _LAYERS,
                        "outputs": _NAMES,
                    },
                    "required": ["layers"],
                    "additionalProperties": False,
                },
            },
            "layers": {"description": "The layers, in order."} | _LAYERS,
            "outputs": {"description": "What comes out; by default the last layer."} | _NAMES,
            "expect": expectations(),
        },
        "required": ["layers"],
        "additionalProperties": False,
        "if": {"properties": {"blocks": {"propertyNames": {"pattern": _BLOCK}}}},
        "then": _body("layer"),
        "else": _body("entry"),
        "$defs": definitions,
    }


def _type_schema(field_type: Type, rank: int) -> dict[str, Any]:
    """Return the schema of an option's values, by reference where many options share it."""
    name = _SHARED.get(field_type)
    return {"$ref": f"#/$defs/{name}"} if name else field_type.schema(rank)


def _option_names() -> list[str]:
    return sorted({name for layer in REGISTRY.values() for name in layer.fields})


def _stands_alone(layer: type[Layer]) -> bool:
    """Tell whether a layer needs no options."""
    try:
        layer()
    except InvalidOptions:
        return False
    return True


def _options(layer: type[Layer]) -> dict[str, Any]:
    """Return the schema of a layer's options as a mapping, in the long form with its type."""
    properties: dict[str, Any] = {}
    for name, field in layer.fields.items():
        properties[name] = {
            "description": field.doc,
            "anyOf": [_type_schema(field.type, layer.rank), _TEXT],
        }
        if isinstance(field.default, int | float | str):
            properties[name]["default"] = field.default
    properties |= _COMMON
    properties["type"] = {"type": "string"}
    required = [name for name, field in layer.fields.items() if field.required]
    out: dict[str, Any] = {
        "type": "object",
        "description": (layer.__doc__ or "").split("\n")[0],
        "properties": properties,
        "additionalProperties": False,
    }
    return out | ({"required": required} if required else {})


def _entry_value(layer: type[Layer]) -> dict[str, Any]:
    """Return the schema of what stands after `Dense:`: options, or the first one's value.

    A mapping is always options, even where the first one would take it for its value.
    """
    options = {"$ref": f"#/$defs/{layer.__name__}"}
    forms: list[Any] = []
    own = layer.own_fields()
    needed = [name for name, field in layer.fields.items() if field.required]
    first = next(iter(own), None)
    if first is not None and needed in ([], [first]):
        value = _type_schema(own[first].type, layer.rank)
        # A mapping there holds options, unless it is a layer.
        plain = value if own[first].type.nested else {"allOf": [value, _NO_MAPPING]}
        forms += [plain, _TEXT]
    if not needed:
        forms.append({"type": "null"})
    return {"if": {"type": "object"}, "then": options, "else": {"anyOf": forms or [False]}}


def summary_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `summarize --json` writes, version 1.

    Keys may be added within a version, so that additional ones are allowed.
    """
    text: dict[str, Any] = {"type": "string"}
    count = {
        "description": "An integer, a text where symbolic, null where unknown.",
        "type": ["integer", "string", "null"],
    }
    dim = {
        "description": f"An integer, an expression, or null for the unnamed {BATCH}.",
        "type": ["integer", "string", "null"],
    }
    shape = {"type": ["array", "null"], "items": dim}
    maybe_text = {"type": ["string", "null"]}
    maybe_number = {"type": ["integer", "null"]}

    def record(**properties: Any) -> dict[str, Any]:
        optional = {"output_shape", "call", "path", "calls"}
        required = [name for name in properties if name not in optional]
        return {"type": "object", "properties": properties, "required": required}

    def many(items: dict[str, Any], *, unknown: bool = False) -> dict[str, Any]:
        return {"type": ["array", "null"] if unknown else "array", "items": items}

    def ref(name: str) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{name}"}

    numbers = many({"type": "integer"})
    counts = {
        "params": ref("count"),
        "trainable_params": ref("count"),
        "non_trainable_params": ref("count"),
    }
    weight = record(name=text, shape=ref("shape"), trainable={"type": "boolean"})
    row = record(
        name=text,
        type=text,
        inputs=many(text),
        input_shapes=many(ref("shape")),
        output_shapes=many(ref("shape"), unknown=True),
        output_shape=ref("shape"),
        **counts,
        weights=many(ref("weight"), unknown=True),
        macs=ref("count"),
        explanation=text,
        line=maybe_number,
        status={"enum": ["ok", "failed", "unknown"]},
        layers=many(ref("row")),
        path=text,
        calls=many(
            record(
                name=text,
                inputs=many(text),
                input_shapes=many(ref("shape")),
                output_shapes=many(ref("shape"), unknown=True),
                call={"type": "object"},
            )
        ),
    )
    model = record(
        schema={"const": SCHEMA},
        name=text,
        source=maybe_text,
        inputs=many(ref("tensor")),
        outputs=many(ref("tensor")),
        layers=many(ref("row")),
        totals=record(**counts, param_bytes=ref("count"), macs=ref("count")),
        requirements=many(ref("requirement")),
        diagnostics=many(ref("diagnostic")),
    )
    return {
        "$schema": DRAFT,
        "title": SCHEMA,
        "description": "One model, or an array of several.",
        "anyOf": [ref("model"), many(ref("model"))],
        "$defs": {
            "count": count,
            "shape": shape,
            "weight": weight,
            "row": row,
            "tensor": record(name=text, shape=ref("shape"), dtype=text),
            "requirement": {
                "type": "object",
                "description": "What a size must satisfy, as text and as data; or an equation.",
                "properties": {
                    "symbol": text,
                    "symbols": many(text),
                    "text": text,
                    "min": {"type": "integer"},
                    "max": {"type": "integer"},
                    "modulus": {"type": "integer", "minimum": 2},
                    "residues": numbers,
                    "values": numbers,
                    "except": numbers,
                    "layers": many(text),
                },
                "required": ["text", "layers"],
                "dependentRequired": {"modulus": ["residues"], "residues": ["modulus"]},
            },
            "diagnostic": record(
                code=text,
                severity={"enum": ["error", "warning", "note"]},
                message=text,
                layer=maybe_text,
                line=maybe_number,
                column=maybe_number,
                help=maybe_text,
            ),
            "model": model,
        },
    }
