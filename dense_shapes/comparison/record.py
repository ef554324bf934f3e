"""A summary in the form that a baseline keeps: a line for each layer, and back again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from dense_shapes.dims import BATCH, Dim, DimError
from dense_shapes.dims.parse import parse_dim
from dense_shapes.layers.text import Shape
from dense_shapes.summary import (
    Call,
    Row,
    Summary,
    Tensor,
    count_json,
    shape_json,
    tensor_json,
    value_json,
)
from dense_shapes.totals import Totals

BASELINE_SCHEMA = "dense-shapes/baseline/1"
MAX_DEPTH = 200
MOST_VALUES = 24
"""A longer list is kept as a digest: a baseline is made to be read."""

Record = dict[str, Any]
_T = TypeVar("_T")


class RecordError(ValueError):
    """Data that is no record of a model."""


def record_of(summary: Summary) -> Record:
    """Return what a baseline keeps of a model, as plain data.

    Places in the file and explanations are left out: they may change where nothing else does.
    """
    return {
        "inputs": [tensor_json(tensor) for tensor in summary.inputs],
        "outputs": [tensor_json(tensor) for tensor in summary.outputs],
        "totals": {name: count_json(value) for name, value in summary.totals.shown().items()},
        "requirements": sorted(one.text for one in summary.solved()),
        "layers": [_row_record(row) for row in summary.layers],
    }


def _row_record(row: Row) -> Record:
    """Return what is kept of a layer; what most layers have not is left out where it is empty."""
    out: Record = {"name": row.name, "type": row.type}
    if row.options:
        out["options"] = _short(value_json(dict(sorted(row.options.items()))))
    if row.arguments:
        out["call"] = _short(value_json(dict(sorted(row.arguments.items()))))
    out["inputs"] = row.inputs
    out["output_shapes"] = _shapes_json(row.output_shapes)
    if row.calls:
        out["calls"] = [
            {
                "name": call.name,
                "inputs": call.inputs,
                "output_shapes": _shapes_json(call.output_shapes),
                **({"call": value_json(call.arguments)} if call.arguments else {}),
            }
            for call in row.calls
        ]
    out["params"] = count_json(row.count())
    frozen = count_json(row.count(trainable=False))
    if frozen != 0:
        out["non_trainable_params"] = frozen
    out["macs"] = count_json(row.macs)
    if row.layers:
        out["layers"] = [_row_record(inner) for inner in row.layers]
    return out


def _short(value: Any) -> Any:
    """Return an option's value with a digest in the place of each long list, such as words."""
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if len(value) <= MOST_VALUES:
        return [_short(item) for item in value]
    import json  # noqa: PLC0415 - few layers have such lists
    from hashlib import sha256  # noqa: PLC0415

    digest = sha256(json.dumps(value).encode()).hexdigest()
    return {"values": len(value), "sha256": digest[:16]}


def _shapes_json(shapes: Sequence[Shape | None] | None) -> Any:
    return None if shapes is None else [shape_json(shape) for shape in shapes]


def summary_of(record: Any, name: str) -> tuple[Summary, list[str]]:
    """Return the summary that a record was made of, as far as it is kept, and its requirements.

    Args:
        record: What `record_of` gave.
        name: What to call the model.

    Raises:
        RecordError: It is something else.
    """
    reader = _Reader(record, "")
    summary = Summary(name, None)
    summary.inputs = reader.many("inputs", _tensor)
    summary.outputs = reader.many("outputs", _tensor)
    totals = reader.inner("totals")
    counts = {key: totals.count(key) for key in summary.totals.shown()}
    summary.totals = summary.totals._replace(**counts)
    summary.layers = reader.many("layers", lambda one: _row(one, "", 0))
    return summary, reader.texts("requirements")


def _tensor(reader: _Reader) -> Tensor:
    return Tensor(reader.text("name"), reader.shape("shape"), reader.text("dtype"))


def _row(reader: _Reader, above: str, depth: int) -> Row:
    if depth > MAX_DEPTH:
        raise RecordError(f"layers are nested deeper than {MAX_DEPTH}")
    name = reader.text("name")
    path = f"{above}/{name}" if above else name
    row = Row(name, reader.text("type"), reader.texts("inputs"), [], None, path=path)
    row.options = reader.mapping("options")
    row.arguments = reader.mapping("call")
    row.output_shapes = reader.shapes("output_shapes")
    row.calls = reader.many("calls", _call) if "calls" in reader.data else []
    params, frozen = reader.count("params"), reader.count("non_trainable_params", missing=0)
    trained = None if params is None or frozen is None else params - frozen
    row.inside = Totals(params, trained, frozen, None, None, None, None)
    row.macs = reader.count("macs")
    row.status = "ok"
    if "layers" in reader.data:
        row.layers = reader.many("layers", lambda one: _row(one, path, depth + 1))
    return row


def _call(reader: _Reader) -> Call:
    name, inputs = reader.text("name"), reader.texts("inputs")
    return Call(name, inputs, [], reader.shapes("output_shapes"), reader.mapping("call"))


class _Reader:
    """A mapping of a record, read key by key."""

    def __init__(self, data: Any, place: str) -> None:
        if not isinstance(data, dict):
            raise RecordError(f"expected a mapping{f' in {place}' if place else ''}")
        self.data = data
        self.place = place

    def _get(self, key: str, what: str, fits: Callable[[Any], bool], missing: Any = ...) -> Any:
        value = self.data.get(key, missing)
        if value is ... or not fits(value):
            where = f"{self.place}.{key}" if self.place else key
            raise RecordError(f"expected {what} in {where}")
        return value

    def text(self, key: str) -> str:
        """Return a text."""
        return str(self._get(key, "a text", lambda value: isinstance(value, str)))

    def texts(self, key: str) -> list[str]:
        """Return a list of texts."""
        found = self._list(key)
        if not all(isinstance(item, str) for item in found):
            raise RecordError(f"expected texts in {self.place}.{key}")
        return found

    def mapping(self, key: str) -> dict[str, Any]:
        """Return a mapping, empty where there is none."""
        found: dict[str, Any] = self._get(
            key, "a mapping", lambda value: isinstance(value, dict), missing={}
        )
        return found

    def inner(self, key: str) -> _Reader:
        """Return a mapping to be read in turn."""
        return _Reader(self.mapping(key), key)

    def many(self, key: str, read: Callable[[_Reader], _T]) -> list[_T]:
        """Return what each mapping of a list holds."""
        place = f"{self.place}.{key}" if self.place else key
        return [read(_Reader(item, f"{place}[{i}]")) for i, item in enumerate(self._list(key))]

    def _list(self, key: str) -> list[Any]:
        found: list[Any] = self._get(key, "a list", lambda value: isinstance(value, list))
        return found

    def count(self, key: str, missing: Any = ...) -> Dim | None:
        """Return a number or an expression; None where it is not known."""
        value = self._get(
            key,
            "a number, an expression or null",
            lambda value: value is None or type(value) in {int, str},
            missing,
        )
        return None if value is None else self._dim(value, key)

    def shapes(self, key: str) -> list[Shape | None] | None:
        """Return a list of shapes; None where they, or one of them, are not known."""
        found = self._get(key, "a list", lambda value: value is None or isinstance(value, list))
        return None if found is None else [s if s is None else self._shape(s, key) for s in found]

    def shape(self, key: str) -> Shape | None:
        """Return a shape; None where it is not known."""
        found = self._get(key, "a shape", lambda value: value is None or isinstance(value, list))
        return None if found is None else self._shape(found, key)

    def _shape(self, sizes: Any, key: str) -> Shape:
        if not isinstance(sizes, list):
            raise RecordError(f"expected a shape in {self.place}.{key}")
        return tuple(BATCH if size is None else self._dim(size, key) for size in sizes)

    def _dim(self, value: Any, key: str) -> Dim:
        if type(value) is int:
            return value
        if isinstance(value, str):
            try:
                return parse_dim(value)
            except DimError:
                pass
        raise RecordError(f"expected a number or an expression in {self.place}.{key}")
