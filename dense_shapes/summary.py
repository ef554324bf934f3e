"""What is known of a model: rows of plain data, and their form as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, NamedTuple

from dense_shapes.collector import paused
from dense_shapes.diagnostics import Diagnostic
from dense_shapes.dims import BATCH, Dim, Requirement
from dense_shapes.layers import Layer, Weight
from dense_shapes.layers.text import Shape
from dense_shapes.totals import Totals, total

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dense_shapes.required import Solved

SCHEMA = "dense-shapes/summary/1"

NOT_UNDERSTOOD = "not understood: see the error about it"
"""The explanation of what could not be read."""

_PLAIN = {int, str, bool, type(None)}
_BYTES = {
    1: "bool int8 uint8 float8_e4m3fn float8_e5m2",
    2: "float16 bfloat16 int16 uint16",
    4: "float32 int32 uint32",
    8: "float64 int64 uint64 complex64",
    16: "complex128",
}
BYTES_OF = {dtype: size for size, dtypes in _BYTES.items() for dtype in dtypes.split()}
"""How many bytes one number of each dtype takes."""


class Tensor(NamedTuple):
    """An input or output of the model: its layer's name, shape (None if unknown) and dtype."""

    name: str
    shape: Shape | None
    dtype: str


# No NamedTuple: to define one takes 0.2 ms, of every run that comes here.
class Call:
    """One of several calls of a layer or group; its attributes mean what those of a row do."""

    __slots__ = ("arguments", "input_shapes", "inputs", "name", "output_shapes")

    def __init__(
        self,
        name: str,
        inputs: list[str],
        input_shapes: list[Shape | None],
        output_shapes: Sequence[Shape | None] | None,
        arguments: dict[str, Any],
    ) -> None:
        self.name = name
        self.inputs = inputs
        self.input_shapes = input_shapes
        self.output_shapes = output_shapes
        self.arguments = arguments


class Row:
    """One layer of the summary.

    Attributes:
        name: The layer's name.
        type: Its canonical type.
        layer: The layer, where it was understood.
        arguments: The call's arguments beside the inputs.
        inputs: The names of what feeds it.
        input_shapes: A shape for each input, None where unknown.
        output_shapes: A shape for each output, or None where unknown; one alone may be unknown.
        weights: Its weights, with the trainable flag as it really is; None where unknown.
        dtypes: For each weight, the dtype it is kept in.
        operand: What its weights act on, in its equation.
        macs: Multiply-accumulates for one example, None where unknown.
        explanation: What happens and why, in one line.
        steps: How sizes of the output come about, a line each.
        line: The line in the file, or None.
        status: "ok", "failed" or "unknown".
        layers: The rows inside a group.
        inside: For a group: the sums over those rows.
        path: Its name from outside, with those of the groups around it.
        calls: All its calls, where there are several; its own inputs and outputs are the last's.
        wraps: The types of the layers that it applies, those that they apply included.
        like: An earlier row of one call that came out alike: a layer with the same options and
            inputs of the same shapes.
    """

    __slots__ = (
        "_options",
        "arguments",
        "calls",
        "dtypes",
        "explanation",
        "input_shapes",
        "inputs",
        "inside",
        "layer",
        "layers",
        "like",
        "line",
        "macs",
        "name",
        "operand",
        "output_shapes",
        "path",
        "status",
        "steps",
        "type",
        "weights",
        "wraps",
    )

    def __init__(
        self,
        name: str,
        type: str,  # noqa: A002 - the key in the JSON
        inputs: list[str],
        input_shapes: list[Shape | None],
        line: int | None,
        *,
        path: str,
    ) -> None:
        self.path = path
        self.layer: Layer | None = None
        self._options: dict[str, Any] | None = None
        self.arguments: dict[str, Any] = {}
        self.calls: list[Call] | tuple[()] = ()
        self.name = name
        self.type = type
        self.inputs = inputs
        self.input_shapes = input_shapes
        self.line = line
        self.output_shapes: Sequence[Shape | None] | None = None
        self.weights: list[Weight] | None = None
        self.dtypes: Sequence[str] = ()
        self.macs: Dim | None = None
        self.explanation = ""
        self.operand = "input"
        self.steps: Sequence[str] = ()
        self.status = "unknown"
        self.layers: list[Row] = []
        self.inside: Totals | None = None
        self.wraps: tuple[str, ...] = ()
        self.like: Row | None = None

    def count(self, *, trainable: bool | None = None) -> Dim | None:
        """Return how many parameters it owns, all or only the (non-)trainable ones."""
        if self.inside is not None:
            return self.inside.of_params(trainable=trainable)
        if self.weights is None:
            return None
        total_: Dim = 0
        for w in self.weights:
            if trainable is None or w.trainable is trainable:
                total_ = total_ + w.size
        return total_

    def bytes(self, *, trainable: bool | None = None) -> Dim | None:
        """Return how many bytes its parameters take, all or only the (non-)trainable ones."""
        if self.inside is not None:
            return self.inside.of_bytes(trainable=trainable)
        if self.weights is None:
            return None
        total_: Dim = 0
        for w, dtype in zip(self.weights, self.dtypes, strict=True):
            if trainable is None or w.trainable is trainable:
                total_ = total_ + w.size * BYTES_OF[dtype]
        return total_

    @property
    def options(self) -> dict[str, Any]:
        """The options that are not at their defaults, as plain data; sizes as they are."""
        if self._options is None:
            from dense_shapes.layers.chosen import chosen_options  # noqa: PLC0415 - diffs need it

            self._options = {} if self.layer is None else chosen_options(self.layer)
        return self._options

    @options.setter
    def options(self, options: dict[str, Any]) -> None:
        self._options = options

    @property
    def output_shape(self) -> Shape | None:
        """The output's shape, where there is exactly one output and it is known."""
        shapes = self.output_shapes
        return shapes[0] if shapes is not None and len(shapes) == 1 else None

    def to_dict(self) -> dict[str, Any]:
        """Return the row as it stands in the JSON."""
        out: dict[str, Any] = {"name": self.name, "type": self.type, "inputs": self.inputs}
        out |= self.facts()
        out["line"] = self.line
        out["status"] = self.status
        out["layers"] = [row.to_dict() for row in self.layers]
        if self.path != self.name:
            out["path"] = self.path
        if self.calls:
            out["calls"] = [call_json(call) for call in self.calls]
        return out

    def facts(self) -> dict[str, Any]:
        """Return the keys of the row's JSON that are the same in a row that came out alike."""
        shapes = self.output_shapes
        out: dict[str, Any] = {
            "input_shapes": [shape_json(s) for s in self.input_shapes],
            "output_shapes": None if shapes is None else [shape_json(s) for s in shapes],
        }
        if shapes is None or len(shapes) == 1:
            out["output_shape"] = shape_json(self.output_shape)
        weights = self.weights
        trained, frozen = self.count(trainable=True), self.count(trainable=False)
        return out | {
            "params": count_json(total([trained, frozen])),
            "trainable_params": count_json(trained),
            "non_trainable_params": count_json(frozen),
            "weights": None
            if weights is None
            else [
                {"name": w.name, "shape": shape_json(w.shape), "trainable": w.trainable}
                for w in weights
            ],
            "macs": count_json(self.macs),
            "explanation": self.explanation,
        }

    def flat(self, depth: int = 0) -> Iterator[tuple[int, Row]]:
        """Yield the row and those inside it, each with how deep it is."""
        yield depth, self
        for row in self.layers:
            yield from row.flat(depth + 1)


class Demand:
    """What sizes must satisfy, and the layers that ask it."""

    __slots__ = ("layers", "requirement")

    def __init__(self, requirement: Requirement, layers: list[str]) -> None:
        self.requirement = requirement
        self.layers = layers


class Summary:
    """All that is known of a model.

    Attributes:
        name: The model's name.
        source: The file's name, `-` for standard input, None for a mapping.
        inputs: What goes in.
        outputs: What comes out.
        layers: A row for each layer.
        totals: Sums over the rows.
        requirements: What symbolic sizes must satisfy, as each rule asks it; see `solved`.
        diagnostics: Errors, warnings and advice, in source order.
    """

    __slots__ = (
        "diagnostics",
        "inputs",
        "layers",
        "name",
        "outputs",
        "requirements",
        "source",
        "totals",
    )

    def __init__(self, name: str, source: str | None) -> None:
        self.name = name
        self.source = source
        self.inputs: list[Tensor] = []
        self.outputs: list[Tensor] = []
        self.layers: list[Row] = []
        self.totals = Totals(None, None, None, None, None, None, None)
        self.requirements: list[Demand] = []
        self.diagnostics: list[Diagnostic] = []

    def __repr__(self) -> str:
        return f"Summary({self.name!r}, {len(self.layers)} layers, {self.totals.params} params)"

    @property
    def ok(self) -> bool:
        """Whether there is no error among the diagnostics."""
        return all(d.severity != "error" for d in self.diagnostics)

    def rows(self, depth: int | None = None) -> list[tuple[int, Row]]:
        """Return all rows in order, those inside groups too, each with how deep it is.

        Args:
            depth: How deep to go; 0 leaves out what is inside groups, None nothing.
        """
        rows = [pair for row in self.layers for pair in row.flat()]
        return [pair for pair in rows if depth is None or pair[0] <= depth]

    def solved(self) -> list[Solved]:
        """Return what symbolic sizes must satisfy, solved symbol by symbol."""
        if not self.requirements:
            return []
        from dense_shapes.required import solved  # noqa: PLC0415 - for symbolic sizes only

        requirements = [demand.requirement for demand in self.requirements]
        layers = [demand.layers for demand in self.requirements]
        return solved(requirements, layers, [row.path for _, row in self.rows()])

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain data, ready for `json.dumps` (version 1)."""
        with paused():
            return self.frame() | {"layers": [row.to_dict() for row in self.layers]}

    def frame(self) -> dict[str, Any]:
        """Return the summary's JSON, but with the rows as they are."""
        return {
            "schema": SCHEMA,
            "name": self.name,
            "source": self.source,
            "inputs": [tensor_json(tensor) for tensor in self.inputs],
            "outputs": [tensor_json(tensor) for tensor in self.outputs],
            "layers": self.layers,
            "totals": {name: count_json(value) for name, value in self.totals.shown().items()},
            "requirements": [one.to_dict() for one in self.solved()],
            "diagnostics": [d.to_dict() for d in self.diagnostics],
        }


def totals_of(rows: list[Row]) -> Totals:
    """Return the sums over rows, of which each has its own already."""
    # Most layers own nothing; those of which that is unknown (None) make the totals unknown.
    owners = [row for row in rows if row.inside is not None or row.weights != []]
    # Rows that came out alike share their weights.
    each = {id(row.weights): row for row in owners if row.inside is None}
    sums = {key: _sums(row) for key, row in each.items()}
    parts = [_sums(row) if row.inside is not None else sums[id(row.weights)] for row in owners]
    trained, frozen, trained_bytes, frozen_bytes = (
        total([part[k] for part in parts]) for k in range(4)
    )
    return Totals(
        total([trained, frozen]),
        trained,
        frozen,
        total([trained_bytes, frozen_bytes]),
        trained_bytes,
        frozen_bytes,
        total([row.macs for row in rows]),
    )


def _sums(row: Row) -> tuple[Dim | None, Dim | None, Dim | None, Dim | None]:
    """Return its parameters that are trained and those that are not, and the bytes of both."""
    return (
        row.count(trainable=True),
        row.count(trainable=False),
        row.bytes(trainable=True),
        row.bytes(trainable=False),
    )


def dim_json(dim: Dim) -> int | str | None:
    """Return a dim as JSON has it: an integer, a text, or None for the unnamed batch."""
    if type(dim) is int:
        return dim
    return None if dim is BATCH or dim == BATCH else str(dim)


def shape_json(shape: Shape | None) -> list[int | str | None] | None:
    """Return a shape as JSON has it."""
    # Most are plain numbers, of which there are many.
    return None if shape is None else [dim if type(dim) is int else dim_json(dim) for dim in shape]


def count_json(count: Dim | None) -> int | str | None:
    """Return a count as JSON has it: an integer, a text where symbolic, None where unknown."""
    return count if count is None or type(count) is int else str(count)


def call_json(call: Call) -> dict[str, Any]:
    """Return one of several calls as JSON has it."""
    shapes = call.output_shapes
    out: dict[str, Any] = {
        "name": call.name,
        "inputs": call.inputs,
        "input_shapes": [shape_json(s) for s in call.input_shapes],
        "output_shapes": None if shapes is None else [shape_json(s) for s in shapes],
    }
    if call.arguments:
        out["call"] = value_json(call.arguments)
    return out


def value_json(value: Any) -> Any:
    """Return an option's value as JSON has it: sizes that are expressions become texts."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dict):
        return {str(key): value_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [value_json(item) for item in value]
    return value if isinstance(value, float) and isfinite(value) else str(value)


def tensor_json(tensor: Tensor) -> dict[str, Any]:
    """Return an input or output as JSON has it."""
    return {"name": tensor.name, "shape": shape_json(tensor.shape), "dtype": tensor.dtype}
