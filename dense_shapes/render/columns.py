"""The columns that tables, CSV and Markdown can show, each defined once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from dense_shapes.dims import Dim
from dense_shapes.layers.text import UNKNOWN, count, memory, shape, shapes
from dense_shapes.summary import Row, Summary, count_json

Value = str | int | None


class Column(NamedTuple):
    """One column.

    Attributes:
        title: Its heading in a table.
        value: What a row has in it, for a program: numbers are plain.
        text: What a row has in it, for a reader.
        numeric: Whether it stands to the right and is never broken.
        doc: What it shows.
    """

    title: str
    value: Callable[[Row], Value]
    text: Callable[[Row], str]
    numeric: bool
    doc: str


def _words(title: str, get: Callable[[Row], str], doc: str) -> Column:
    return Column(title, get, get, False, doc)


def _number(title: str, get: Callable[[Row], Dim | None], doc: str) -> Column:
    def text(row: Row) -> str:
        number = get(row)
        return UNKNOWN if number is None else count(number)

    return Column(title, lambda row: count_json(get(row)), text, True, doc)


def _weights(row: Row) -> str:
    if row.weights is None:
        return UNKNOWN
    return ", ".join(
        f"{w.name} {shape(w.shape)}{'' if w.trainable else ' frozen'}" for w in row.weights
    )


def _doubled(row: Row) -> Dim | None:
    return None if row.macs is None else 2 * row.macs


COLUMNS = {
    "layer": _words("layer (type)", lambda r: f"{r.path} ({r.type})", "name and type"),
    "name": _words("name", lambda r: r.path, "the layer's name"),
    "type": _words("type", lambda r: r.type, "the layer's type"),
    "inputs": _words("inputs", lambda r: ", ".join(r.inputs), "the names of what feeds it"),
    "input_shape": _words(
        "input shape", lambda r: shapes(r.input_shapes), "the shape of what goes in"
    ),
    "output_shape": Column(
        "output shape",
        lambda r: None if r.output_shapes is None else shapes(r.output_shapes),
        lambda r: shapes(r.output_shapes),
        False,
        "the shape of what comes out",
    ),
    "params": _number("params", lambda r: r.count(), "how many parameters it owns"),
    "trainable": _number(
        "trainable", lambda r: r.count(trainable=True), "parameters that training changes"
    ),
    "non_trainable": _number(
        "non-trainable", lambda r: r.count(trainable=False), "parameters that it does not"
    ),
    "weights": Column(
        "weights",
        lambda r: None if r.weights is None else _weights(r),
        _weights,
        False,
        "each weight with its shape",
    ),
    "macs": _number("MACs", lambda r: r.macs, "multiply-accumulates for one example"),
    "flops": _number("FLOPs (2 x MACs)", _doubled, "2 x MACs"),
    "memory": Column(
        "memory",
        lambda r: count_json(r.bytes()),
        lambda r: memory(r.bytes()),
        True,
        "bytes its parameters take",
    ),
    "line": Column(
        "line", lambda r: r.line, lambda r: str(r.line or ""), True, "the line in the file"
    ),
    "status": _words("status", lambda r: r.status, "ok, failed or unknown"),
    "explanation": _words("explanation", lambda r: r.explanation, "what happens, and why"),
}
"""Every column by the name that `--columns` knows it by."""

DEFAULT = ("layer", "output_shape", "params", "explanation")
DEFAULT_CSV = (
    *("name", "type", "output_shape", "params", "trainable", "non_trainable"),
    *("macs", "status", "explanation"),
)


def totals_lines(summary: Summary) -> list[tuple[str, str]]:
    """Return what stands below a table: a label and a text, line by line."""
    totals = summary.totals

    def both(number: Dim | None, size: Dim | None) -> str:
        return UNKNOWN if number is None else f"{count(number)} ({memory(size)})"

    lines = [
        ("Total params", both(totals.params, totals.param_bytes)),
        ("Trainable params", both(totals.trainable_params, totals.trainable_bytes)),
        ("Non-trainable params", both(totals.non_trainable_params, totals.non_trainable_bytes)),
        ("MACs for one example", UNKNOWN if totals.macs is None else count(totals.macs)),
    ]
    lines += [("Required", f"{one.text} (by {', '.join(one.layers)})") for one in summary.solved()]
    return lines
