"""The registry for readers: all layers by family, and a page for each layer."""

from __future__ import annotations

import textwrap
from typing import Any

from dense_shapes.layers import (
    COMMON_FIELDS,
    FAMILIES,
    REGISTRY,
    REQUIRED,
    Field,
    InvalidOptions,
    Layer,
    operations,
)
from dense_shapes.layers.fields import show
from dense_shapes.layers.foreign import Foreign
from dense_shapes.layers.operation import Operands
from dense_shapes.render.text import to_ascii

_INDENT = 4
_NAMES = 26
"""How wide the names of layers may be where lines are folded; longer ones stand alone."""
_EXAMPLES: dict[str, Any] = {
    "filters": 64,
    "factor": 4,
    "height": 224,
    "width": 224,
    "shape": [32, 32, 3],
    "axis": 1,
    "axes": -1,
    "num_heads": 8,
    "num_query_heads": 8,
    "num_key_value_heads": 2,
    "axis1": 1,
    "axis2": 2,
    "source": 1,
    "destination": 2,
    "repeats": 3,
    "newshape": [-1, 64],
    "pad_width": 1,
    "key": ["...", 0],
    "subscripts": "bij,bjk->bik",
    "equation": "...x,xy->...y",
    "dtype": "float16",
    "bin_boundaries": [0.5, 1.5],
    "block_size": 2,
}
"""Values to show for options of these names."""

_NESTED: dict[str, Any] = {
    "cell": {"LSTMCell": 64},
    "cells": [{"LSTMCell": 64}, {"GRUCell": 64}],
}
"""Layers to show inside others, for options of these names."""

_MIXING = [[[1.0], [1.0], [1.0]]]
"""A kernel that sees one step of three channels."""

_SOUND = {"sequence_length": 256, "sequence_stride": 128, "fft_length": 256}
"""How frames of sound are transformed."""

_SHOWN: dict[str, dict[str, Any]] = {
    "ops.Argpartition": {"kth": 1},
    "ops.AffineTransform": {"transform": [1, 0, 4, 0, 1, 0, 0, 0]},
    "ops.BatchNorm": {"axis": -1, "mean": [0.5, 0.5, 0.5], "variance": [1.0, 1.0, 1.0]},
    "ops.Conv": {"kernel": _MIXING},
    "ops.CropImages": {
        "top_cropping": 2,
        "bottom_cropping": 2,
        "left_cropping": 2,
        "target_width": 24,
    },
    "ops.DepthwiseConv": {"kernel": _MIXING},
    "ops.Digitize": {"bins": [0.5, 1.5]},
    "ops.Fold": {"output_size": 9, "kernel_size": 2},
    "ops.ExtractSequences": {"sequence_length": 4, "sequence_stride": 2},
    "ops.ISTFT": _SOUND,
    "ops.MapCoordinates": {"order": 1, "coordinates": [[0, 0], [0, 1]]},
    "ops.Nanpercentile": {"q": 50, "axis": 1},
    "ops.Nanquantile": {"q": 0.5, "axis": 1},
    "ops.PadImages": {
        "top_padding": 2,
        "bottom_padding": 2,
        "left_padding": 2,
        "target_width": 40,
    },
    "ops.Percentile": {"q": 50, "axis": 1},
    "ops.PerspectiveTransform": {
        "start_points": [[0, 0], [0, 31], [31, 31], [31, 0]],
        "end_points": [[0, 2], [0, 29], [31, 31], [31, 0]],
    },
    "ops.Quantile": {"q": 0.5, "axis": 1},
    "ops.Scatter": {"shape": [8, 1]},
    "ops.STFT": _SOUND,
    "ops.SearchSorted": {"sorted_sequence": [0.5, 1.5]},
    "ops.SeparableConv": {"depthwise_kernel": _MIXING, "pointwise_kernel": _MIXING},
    "ops.Slice": {"start_indices": [0, 1], "shape": [-1, 2]},
    "ops.SliceUpdate": {"start_indices": [0, 0]},
    "ops.TakeAlongAxis": {"axis": 1},
    "ops.Unfold": {"kernel_size": 2},
}
"""Options that an example needs beside those that are required."""

_FED = {"StackedRNNCells": 4, "ops.Einsum": 2}
"""How many inputs the example needs where its options decide that."""


def summary_line(layer: type[Layer]) -> str:
    """Return the first sentence of a layer's documentation."""
    return (layer.__doc__ or "").split("\n")[0]


def families() -> dict[str, list[type[Layer]]]:
    """Return the layers by family, in the order in which they are listed."""
    out: dict[str, list[type[Layer]]] = {title: [] for title in FAMILIES.values()}
    for layer in (REGISTRY | operations()).values():
        title = FAMILIES.get(layer.__module__, f"Layers of {layer.__module__}")
        out.setdefault(title, []).append(layer)
    return out


def render_families(*, width: int | None, ascii_only: bool, bold: bool) -> str:
    """Return all layers by family, each with what it does."""
    longest = max(map(len, REGISTRY | operations()))
    if width is not None:
        longest = min(longest, _NAMES)
    parts = []
    for title, layers in families().items():
        lines = [_head(title, bold=bold)]
        for layer in layers:
            start = f"  {layer.__name__:<{longest}}  "
            if len(layer.__name__) > longest:
                lines.append(start.rstrip())
                start = " " * (longest + 4)
            lines += _wrapped(start, summary_line(layer), width)
        parts.append("\n".join(lines))
    parts.append(
        "`dense-shapes layers NAME` shows a layer's options.\n"
        "`dense-shapes layers reuse` (repeat, blocks, from, call) shows how graphs are written."
    )
    return _encoded("\n\n".join(parts) + "\n", ascii_only=ascii_only)


def render_page(layer: type[Layer], *, width: int | None, ascii_only: bool, bold: bool) -> str:
    """Return one layer's page: what it does and its options with types, defaults and docs."""
    also = f" (also {', '.join(layer.aliases)})" if layer.aliases else ""
    lines = [_head(layer.__name__, bold=bold) + also, *_wrapped("  ", summary_line(layer), width)]
    lines += _wrapped("  ", _inputs_text(layer), width)
    own = layer.own_fields()
    if own:
        lines += ["", _head("Options", bold=bold)]
        for field in own.values():
            lines += _option(field, layer, width, bold=bold)
    lines += ["", _head("Options of every layer", bold=bold)]
    for name in COMMON_FIELDS:
        # A layer may narrow a common option, as InputLayer does with dtype.
        if name in layer.fields and name not in own:
            lines += _option(layer.fields[name], layer, width, bold=bold)
    lines += _wrapped("  name: ", "a text; made from the type where it is not given", width)
    lines += _wrapped("  ignore: ", "an advice code not to be told about, or a list of them", width)
    lines += ["", _head("In a spec", bold=bold), *(f"  {line}" for line in _examples(layer))]
    return _encoded("\n".join(lines) + "\n", ascii_only=ascii_only)


def _option(field: Field, layer: type[Layer], width: int | None, *, bold: bool) -> list[str]:
    default = "required" if field.default is REQUIRED else f"default {show(field.default)}"
    name = f"\x1b[1m{field.name}\x1b[0m" if bold else field.name
    start = f"  {name}: "
    first = _wrapped(start, f"{field.type.describe(layer.rank)}; {default}", width)
    doc = field.doc
    if field.name == "dtype" and layer.quantizes:
        modes = ", ".join(layer.quantizes)
        doc += f" Its weights can be quantized too ({modes}), as in int8_from_float32."
    return [*first, *_wrapped(" " * _INDENT + "  ", doc, width)]


def _examples(layer: type[Layer]) -> list[str]:
    fields = layer.own_fields()
    values: dict[str, Any] = {}
    try:
        layer()
    except InvalidOptions as error:
        missing = [fields[problem.field] for problem in error.problems]
        values = {field.name: _example(field, layer) for field in missing}
    if issubclass(layer, Foreign):
        values |= layer.shown
    values |= _SHOWN.get(layer.__name__, {})
    number = _fed(layer)
    fed = f"from: [{', '.join('abcd'[:number])}]" if number > 1 else ""
    if not values:
        outer = getattr(layer, "only_in", None)
        if outer:
            return [f"- {outer}: [{layer.__name__}]"]
        return [f"- {layer.__name__}: {{{fed}}}" if fed else f"- {layer.__name__}"]
    # One value stands for the first option, unless it would be read as options itself.
    alone = list(values) == [next(iter(fields))]
    if alone and not fed and not isinstance(next(iter(values.values())), dict):
        return [f"- {layer.__name__}: {_written(*values.values())}"]
    inner = [f"{name}: {_written(value)}" for name, value in values.items()]
    return [f"- {layer.__name__}: {{{', '.join([*inner, fed] if fed else inner)}}}"]


def _inputs_text(layer: type[Layer]) -> str:
    """Say how many inputs a layer takes."""
    least, most = layer.inputs
    if most == 0:
        return "Takes no input: it is one."
    if least == most:
        number = str(least)
    else:
        number = f"{least} or more" if most is None else f"{least} to {most}"
    text = f"Takes {number} input{'' if most == 1 else 's'}"
    if issubclass(layer, Operands):
        text += f": {', '.join(layer.operands)}"
        if least != most:
            text += ", save those that are constants"
    elif layer.input_names:
        text += f": after the first, {', '.join(layer.input_names)}"
    return f"{text}."


def _fed(layer: type[Layer]) -> int:
    """Return how many inputs to show in a layer's example."""
    if layer.__name__ in _FED:
        return _FED[layer.__name__]
    if issubclass(layer, Operands):
        shown = _SHOWN.get(layer.__name__, {})
        return sum(operand not in shown for operand in layer.operands)
    least, most = layer.inputs
    merges = most is None and not layer.input_names and not issubclass(layer, Foreign)
    return max(least, 2) if merges else least


def _written(value: Any) -> str:
    """Write a value as in a spec."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_written(item)}' for key, item in value.items())}}}"
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return f"[{', '.join(map(_written, value))}]"
    return show(value)


def _example(field: Field, layer: type[Layer]) -> Any:
    """Return a value that an option takes, for the example on its page."""
    if field.type.integers:
        candidates: tuple[Any, ...] = (3 if layer.rank else 64, [2, 1])
    else:
        candidates = (0.5, "relu")
    if field.name in _NESTED:
        return _NESTED[field.name]
    if field.type.nested:
        inner = REGISTRY["LSTM" if layer.inputs != (1, 1) else "Dense"]
        entry = {inner.__name__: 64}
        return [entry] if field.type.only_lists else entry
    if field.name in _EXAMPLES:
        candidates = (_EXAMPLES[field.name], *candidates)
    return next(c for c in candidates if layer.accepts(field.name, c))


def _wrapped(start: str, text: str, width: int | None) -> list[str]:
    bare = len(start) if "\x1b" not in start else len(start) - 8
    if width is None or bare + len(text) <= width:
        return [start + text]
    indent = " " * min(bare, _NAMES + 4)
    first, *rest = textwrap.wrap(text, max(width - bare, 20), break_long_words=False)
    more = textwrap.wrap(" ".join(rest), max(width - len(indent), 20), break_long_words=False)
    return [start + first, *(indent + line for line in more)]


def _head(text: str, *, bold: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if bold else text


def _encoded(text: str, *, ascii_only: bool) -> str:
    return to_ascii(text) if ascii_only else text
