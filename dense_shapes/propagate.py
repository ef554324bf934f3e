"""Send shapes through a model, layer by layer: Model in, Summary of plain data out."""

from __future__ import annotations

from typing import Any

from dense_shapes.diagnostics import Diagnostic, Note
from dense_shapes.dims import BATCH, Dim, DimError, is_open
from dense_shapes.layers import REGISTRY, Layer, ShapeError
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.text import Shape
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.model import Model, Node
from dense_shapes.summary import Demand, Row, Summary, Tensor, Totals

MAX_SIZE = 2**63 - 1
MAX_RANK = 64


def propagate(model: Model, *, steps: bool = False) -> Summary:
    """Return the summary of a model; what fails is in its diagnostics.

    After a layer fails, its followers are unknown, not errors.

    Args:
        model: The graph.
        steps: Whether to work out the lines of the long explanation too.
    """
    return _Run(model, steps).summary


class _Run:
    """One pass over the nodes."""

    def __init__(self, model: Model, steps: bool) -> None:
        self.model = model
        self.steps = steps
        self.summary = Summary(model.name, model.source)
        self.shapes: list[list[Shape] | None] = []
        self.dtypes: list[str] = []
        self.demands: dict[object, Demand] = {}
        for node in model.nodes:
            self._visit(node)
        self._finish()

    def _visit(self, node: Node) -> None:
        feeds = [self.shapes[ref.node] for ref in node.inputs]
        input_shapes = [
            shapes[ref.output] if shapes is not None else None
            for shapes, ref in zip(feeds, node.inputs, strict=True)
        ]
        names = [self.model.nodes[ref.node].name for ref in node.inputs]
        row = Row(node.name, node.type, names, input_shapes, node.origin.line)
        self.summary.layers.append(row)
        self.shapes.append(None)
        self.dtypes.append("float32")
        layer = node.layer
        if layer is None:
            row.status = "failed"
            row.explanation = "not understood: see the error about it"
            return
        dtype = self.dtypes[node.inputs[0].node] if node.inputs else "float32"
        self.dtypes[-1] = layer.output_dtype(dtype)
        known = [shape for shape in input_shapes if shape is not None]
        x: Any = node.shape
        if node.inputs:
            x = known if layer.inputs != (1, 1) else input_shapes[0]
        if x is None or len(known) < len(input_shapes):
            failed = not node.inputs and isinstance(layer, InputLayer)
            row.status = "failed" if failed else "unknown"
            row.explanation = "unknown: what goes into it is not known"
            return
        try:
            self._apply(node, layer, x, row)
        except ShapeError as error:
            self._fail(node, row, error)
        except DimError as error:
            self._fail(node, row, ShapeError(str(error), code="DS203"))

    def _apply(self, node: Node, layer: Layer, x: Any, row: Row) -> None:
        y = layer.output(x)
        shapes = y if isinstance(y, list) else [y]
        for shape in shapes:
            _check_sizes(shape)
        for requirement in layer.demands:
            demand = self.demands.setdefault(requirement, Demand(requirement, []))
            if node.name not in demand.layers[-1:]:
                demand.layers.append(node.name)
        weights = layer.owned(x)
        row.macs = layer.macs(x, y)
        row.explanation = layer.explain(x, y)
        if self.steps:
            row.steps = list(layer.steps(x, y))
        # The row gets its parts only when no rule has failed.
        row.weights = weights
        row.dtypes = [w.dtype or layer.variable_dtype for w in weights]
        row.output_shapes = self.shapes[-1] = shapes
        row.status = "ok"

    def _fail(self, node: Node, row: Row, error: ShapeError) -> None:
        row.status = "failed"
        row.macs = None
        row.explanation = error.message
        remover = self._remover(node, error.rank) if error.rank is not None else None
        notes: tuple[Note, ...] = ()
        help_text = error.help
        if remover is not None:
            before = self.shapes[remover.inputs[0].node]
            after = self.shapes[self.model.nodes.index(remover)]
            if before is not None and after is not None:
                text = (
                    f"{remover.name!r} ({remover.type}) removed the positions: "
                    f"{shape_text(before[0])} → {shape_text(after[0])}"
                )
                notes = (Note(text, remover.origin.span()),)
            line = remover.origin.line
            place = f" (line {line})" if line else ""
            help_text = (
                f"put this {node.type} before {remover.name!r}{place}, or bring the positions "
                "back with a Reshape"
            )
        elif error.rank is not None and help_text is None:
            help_text = _rank_help(node.type, row.input_shapes[0], error.rank)
        self.summary.diagnostics.append(
            Diagnostic(
                code=error.code,
                message=error.message,
                **node.origin.at(error.field, error.path),
                notes=notes,
                help=help_text,
                layer=node.name,
            )
        )

    def _remover(self, node: Node, rank: int) -> Node | None:
        """Find the layer upstream that took away the axes that `node` needs."""
        while node.inputs:
            node = self.model.nodes[node.inputs[0].node]
            if not node.inputs:
                return None
            shapes = self.shapes[node.inputs[0].node]
            if shapes is not None and len(shapes[0]) >= rank:
                own = self.shapes[self.model.nodes.index(node)]
                return node if own is not None and len(own[0]) < rank else None
        return None

    def _finish(self) -> None:
        summary, nodes = self.summary, self.model.nodes
        summary.requirements = list(self.demands.values())

        def tensor(index: int, output: int) -> Tensor:
            shapes = self.shapes[index]
            shape = shapes[output] if shapes is not None else None
            return Tensor(nodes[index].name, shape, self.dtypes[index])

        summary.inputs = [tensor(i, 0) for i in self.model.inputs]
        summary.outputs = [tensor(ref.node, ref.output) for ref in self.model.outputs]
        rows = summary.layers
        if not rows:
            return
        # Most layers own nothing; those of which that is unknown (None) make the totals unknown.
        owners = [row for row in rows if row.weights != []]
        trained = total([row.count(trainable=True) for row in owners])
        frozen = total([row.count(trainable=False) for row in owners])
        trained_bytes = total([row.bytes(trainable=True) for row in owners])
        frozen_bytes = total([row.bytes(trainable=False) for row in owners])
        summary.totals = Totals(
            total([trained, frozen]),
            trained,
            frozen,
            total([trained_bytes, frozen_bytes]),
            trained_bytes,
            frozen_bytes,
            total([row.macs for row in rows]),
        )


def total(parts: list[Dim | None]) -> Dim | None:
    """Return the sum, or None if a part is unknown."""
    out: Dim = 0
    for part in parts:
        if part is None:
            return None
        out = out + part
    return out


def _check_sizes(y: Shape) -> None:
    """Refuse shapes that no array can have, before their numbers grow without bound."""
    if len(y) > MAX_RANK:
        raise ShapeError(
            f"the output would have {len(y)} axes; {MAX_RANK} is the most", code="DS203"
        )
    for dim in y:
        if type(dim) is int and dim > MAX_SIZE:
            text = f"{dim:,}" if dim < 10**30 else f"about 2^{dim.bit_length() - 1}"
            raise ShapeError(
                f"an axis of the output would have {text} entries; 2^63 - 1 is the most",
                code="DS203",
            )


def _rank_help(kind: str, x: Shape | None, rank: int) -> str | None:
    """Advise a layer of that kind on an input of another number of axes than `rank`."""
    if x is None:
        return None
    sibling = f"{kind[:-2]}{len(x) - 2}D"
    fitting = f"{sibling} takes {shape_text(x)}" if sibling in REGISTRY else ""
    if len(x) == rank + 1 and is_open(x[1]):
        return (
            "if the first null stands for the batch, leave it out: an input's shape is written "
            "without it"
        )
    if len(x) > rank:
        if rank == 2:
            return "put a Flatten before it, which lays the values of an example out in one row"
        return fitting or "take axes away before it, with a Reshape or a pooling layer"
    if len(x) == rank - 1 and x[0] == BATCH:
        sizes = ", ".join(map(str, (*x[1:], 1)))
        each = "each position" if len(x) > 1 else "each example"
        help_text = f"if {each} holds one value, say so: [{sizes}], in the input or by a Reshape"
        return f"{help_text}; {fitting} as it is" if fitting else help_text
    return f"give the input {rank - 1} sizes, or add axes with a Reshape"
