"""Send shapes through a model, layer by layer: Model in, Summary of plain data out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dense_shapes.dims import (
    Dim,
    DimError,
    Requirement,
    equal,
    exact_div,
    symbols_of,
)
from dense_shapes.layers import Layer, ShapeError, Weight
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.recorded import Recorded
from dense_shapes.layers.text import Shape
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.limits import check_sizes
from dense_shapes.model import Group, GroupCall, Model, Node, Ref
from dense_shapes.records import differing
from dense_shapes.summary import NOT_UNDERSTOOD, Demand, Row, Summary, Tensor, totals_of

if TYPE_CHECKING:
    from dense_shapes.failures import Failures


def propagate(model: Model, *, steps: bool = False, texts: bool = True) -> Summary:
    """Return the summary of a model; what fails is in its diagnostics.

    After a layer fails, its followers are unknown, not errors.

    Args:
        model: The graph.
        steps: Whether to work out the lines of the long explanation too.
        texts: Whether to work out the explanations at all.
    """
    return _Run(model, steps, texts).summary


# No NamedTuple: to define one takes 0.2 ms, of every run that comes here.
class _Outcome:
    """What came out of a layer for such inputs.

    Attributes:
        row: Its row, of which further calls change the other parts that are here.
        input_shapes: The shapes that went in.
        input_dtypes: Their dtypes.
        shapes: The shapes that came out.
        dtypes: Their dtypes.
        macs: The MACs of one call.
        explanation: What is said of it.
        recorded: Shapes that a file records of the outputs, if all agree with them.
    """

    __slots__ = (
        *("dtypes", "explanation", "input_dtypes", "input_shapes", "macs", "recorded", "row"),
        "shapes",
    )

    def __init__(
        self,
        row: Row,
        input_dtypes: Sequence[str],
        shapes: Sequence[Shape],
        dtypes: list[str],
        macs: Dim,
    ) -> None:
        self.row = row
        self.input_shapes = row.input_shapes
        self.input_dtypes = input_dtypes
        self.shapes = shapes
        self.dtypes = dtypes
        self.macs = macs
        self.explanation = row.explanation
        self.recorded: Mapping[int, tuple[int | None, ...]] = {}


def tensors_of(model: Model) -> list[tuple[Sequence[Shape | None] | None, list[str]]]:
    """Return the shapes and the dtypes of each node's outputs; None for shapes not known."""
    run = _Run(model, False, False)
    return list(zip(run.shapes, run.dtypes, strict=True))


class _Run:
    """One pass over the nodes."""

    def __init__(self, model: Model, steps: bool, texts: bool) -> None:
        self.model = model
        self.steps = steps
        self.texts = texts
        self.summary = Summary(model.name, model.source)
        self.shapes: list[Sequence[Shape | None] | None] = []
        self.dtypes: list[list[str]] = []
        self.demands: dict[object, Demand] = {}
        self.rows: list[Row | None] = []
        self.groups: dict[int, Row] = {}
        self.last: dict[int, _Outcome] = {}
        self._failures: Failures | None = None
        self.used: set[Ref] | None = None
        self.calls: dict[int, list[GroupCall]] = {}
        for call in model.calls:
            self.calls.setdefault(id(call.group), []).append(call)
        begun = 0
        for index, node in enumerate(model.nodes):
            while begun < len(model.groups) and model.groups[begun].first <= index:
                self._begin(model.groups[begun])
                begun += 1
            self._visit(index, node)
        for group in model.groups[begun:]:
            self._begin(group)
        if model.groups:
            from dense_shapes.several import fill_group  # noqa: PLC0415 - most models have none

            for group in reversed(model.groups):
                fill_group(
                    self.groups[id(group)], group, self.calls.get(id(group), ()), self._known
                )
        self._finish()

    @property
    def failures(self) -> Failures:
        """Tells of the layers that fail."""
        if self._failures is None:
            from dense_shapes.failures import Failures  # noqa: PLC0415 - most models need none

            self._failures = Failures(self.model, self.shapes, self.summary.diagnostics)
        return self._failures

    def _place(self, row: Row, group: Group | None) -> None:
        """Put a row among those of its group, or at the top."""
        rows = self.summary.layers if group is None else self.groups[id(group)].layers
        rows.append(row)

    def _begin(self, group: Group) -> None:
        row = Row(group.name, group.type, [], [], group.origin.line, path=group.path)
        self._place(self.groups.setdefault(id(group), row), group.parent)

    def _known(self, ref: Ref) -> Shape | None:
        """Return the shape of what a reference names, if it is known."""
        shapes = self.shapes[ref.node] if ref.node >= 0 else None
        return shapes[ref.output] if shapes is not None and ref.output < len(shapes) else None

    def _name(self, ref: Ref) -> str:
        """Return what a reference names, as a path."""
        path = self.model.nodes[ref.node].path if ref.node >= 0 else "?"
        return f"{path}:{ref.output}" if ref.output else path

    def _dtype(self, ref: Ref) -> str:
        """Return the dtype of what a reference names; float32 where it is not known."""
        dtypes = self.dtypes[ref.node] if ref.node >= 0 else []
        return dtypes[ref.output] if ref.output < len(dtypes) else "float32"

    def _visit(self, index: int, node: Node) -> None:
        input_shapes = [self._known(ref) for ref in node.inputs]
        names, given = list(node.feeds), input_shapes
        if node.tensors:
            names += node.beside
            given = [*given, *map(self._known, node.tensors.values())]
        row = Row(node.name, node.type, names, given, node.origin.line, path=node.path)
        self.rows.append(row)
        self.shapes.append(None)
        self.dtypes.append([])
        if node.owner is None:
            self._place(row, node.group)
        layer = node.layer
        if layer is None:
            row.status = "failed"
            row.explanation = NOT_UNDERSTOOD
            return
        row.layer = layer
        row.arguments = self._arguments(node)
        dtypes = [self._dtype(ref) for ref in node.inputs]
        last = self.last.get(id(layer))
        if last is not None and self._same(last, node, layer, dtypes, row):
            return
        layer.call = node.call
        layer.input_dtypes = dtypes
        if node.tensors or layer.beside:
            beside = {name: self._known(ref) for name, ref in node.tensors.items()}
            layer.beside = {name: shape for name, shape in beside.items() if shape is not None}
        if layer.nesting:
            row.wraps = tuple(_wrapped(layer))
        self._ask(node, layer, input_shapes, row)
        if node.owner is not None:
            self._join(node.owner, node, row)

    def _ask(self, node: Node, layer: Layer, input_shapes: list[Shape | None], row: Row) -> None:
        """Ask a layer's rules, if what goes in is known, and tell of what fails."""
        own = len(layer.demands)
        known = [shape for shape in input_shapes if shape is not None]
        x: Any = node.shape
        if node.inputs:
            x = known if layer.inputs != (1, 1) else input_shapes[0]
        try:
            # A layer may refuse the dtype of its input.
            self.dtypes[-1] = layer.output_dtypes([*layer.input_dtypes])
            if x is None or len(known) < len(input_shapes):
                failed = not node.inputs and isinstance(layer, InputLayer)
                row.status = "failed" if failed else "unknown"
                row.explanation = "unknown: what goes into it is not known"
            else:
                self._apply(node, layer, x, row)
        except ShapeError as error:
            self.failures.fail(node, row, error)
        except DimError as error:
            self.failures.fail(node, row, ShapeError(str(error), code="DS203"))
        except Exception as error:
            from dense_shapes.returned import blame  # noqa: PLC0415 - only a plugin's layer fails

            blame(layer, node.path, error)
            raise
        finally:
            # What the rules asked of this call's sizes is no part of the next.
            del layer.demands[own:]

    def _arguments(self, node: Node) -> dict[str, Any]:
        """Return a call's arguments beside the inputs, tensors among them by their names."""
        if not node.tensors:
            return node.call
        return node.call | {n: {"from": self._name(r)} for n, r in node.tensors.items()}

    def _same(self, last: _Outcome, node: Node, layer: Layer, dtypes: list[str], row: Row) -> bool:
        """Fill in a row as the last one of its layer, if what goes in is the same.

        Readers let layers with the same options be one.
        """
        if (
            node.owner is not None
            or node.call
            or node.tensors
            or layer.demands
            or last.input_shapes != row.input_shapes
            or last.input_dtypes != dtypes
        ):
            return False
        before = last.row
        row.output_shapes = self.shapes[-1] = last.shapes
        self.dtypes[-1] = last.dtypes
        row.weights, row.dtypes, row.wraps = before.weights, before.dtypes, before.wraps
        row.macs, row.explanation = last.macs, last.explanation
        row.status = "ok"
        row.like = before
        if node.recorded and node.recorded != last.recorded:
            found = differing(node, last.shapes)
            self.summary.diagnostics += found
            if not found:
                last.recorded = node.recorded
        return True

    def _apply(self, node: Node, layer: Layer, x: Any, row: Row) -> None:
        alone = node.owner is None and not node.call and not layer.demands and not self.steps
        checks = None
        if layer.foreign or layer.nesting:
            from dense_shapes.returned import checks_of  # noqa: PLC0415 - few models hold such

            checks = checks_of(layer)
        y = layer.output(x)
        if layer.is_operation:
            # The dtype of some depends on sizes that the rule for the shape has looked at.
            self.dtypes[-1] = layer.output_dtypes([*layer.input_dtypes])
        if checks is not None:
            checks.output(y)
            checks.dtypes(self.dtypes[-1])
        shapes = y if isinstance(y, list) else [y]
        for shape in shapes:
            if shape is not None:
                check_sizes(shape)
        for requirement in layer.demands:
            self._demand(requirement, node)
        weights = layer.owned(x)
        if node.owner is not None:
            self._same_weights(node, layer, weights)
        macs = layer.macs(x, y) if layer.measured else None
        if checks is not None:
            checks.weights(weights)
            checks.macs(macs if layer.measured else 0)
        row.macs = self._per_example(macs, x) if macs is not None else None
        if self.texts:
            row.explanation = layer.explain(x, y)
        if self.steps:
            row.operand = layer.operand()
            row.steps = list(layer.steps(x, y))
        if checks is not None:
            checks.texts(row.explanation, row.operand, row.steps)
        if alone and layer.counted and not layer.demands and row.macs is not None:
            self.last[id(layer)] = _Outcome(
                row, layer.input_dtypes, shapes, self.dtypes[-1], row.macs
            )
        # The row gets its parts only when no rule has failed.
        row.output_shapes = self.shapes[-1] = shapes
        row.status = "ok"
        if node.recorded:
            self.summary.diagnostics += differing(node, shapes)
        if isinstance(layer, Recorded) and None in shapes:
            self._miss(node, layer, shapes, row)
        if layer.counted:
            row.weights = weights
            row.dtypes = [w.dtype or layer.variable_dtype for w in weights]
        if node.owner is None and (not layer.counted or row.macs is None):
            self.failures.uncounted(node, params=not layer.counted, macs=row.macs is None)

    def _miss(self, node: Node, layer: Recorded, shapes: Sequence[Shape | None], row: Row) -> None:
        """Report the outputs that are used though their file does not record them."""
        if self.used is None:
            model = self.model
            self.used = {
                ref for each in model.nodes for ref in (*each.inputs, *each.tensors.values())
            }
            self.used.update(model.outputs)
        index = len(self.shapes) - 1
        missed = [k for k, s in enumerate(shapes) if s is None and Ref(index, k) in self.used]
        if missed:
            explanation = row.explanation
            self.failures.fail(node, row, layer.not_recorded(missed))
            row.explanation = explanation

    def _per_example(self, macs: Dim, x: Any) -> Dim | None:
        """Return the MACs for one example where other axes were laid into the batch.

        Rules count for one entry of the first axis; `(12*batch, 4)` has 12 of them an example.
        """
        if macs == 0:
            return macs
        first = (x[0] if isinstance(x, list) else x)[0]
        batch = self.model.nodes[self.model.inputs[0]].shape if self.model.inputs else None
        if batch is None or first == batch[0]:
            return macs
        try:
            entries = exact_div(first, batch[0])
        except DimError:
            return None
        return None if "batch" in symbols_of(entries) else macs * entries

    def _demand(self, requirement: Requirement, node: Node) -> None:
        demand = self.demands.setdefault(requirement, Demand(requirement, []))
        if node.path not in demand.layers[-1:]:
            demand.layers.append(node.path)

    def _same_weights(self, node: Node, layer: Layer, weights: list[Weight]) -> None:
        """Demand that a further call needs the weights that the first one made.

        Raises:
            ShapeError: It needs others.
        """
        first = self.rows[node.owner] if node.owner is not None else None
        if first is None or first.weights is None or not layer.counted:
            return  # of a call that is not understood, it is not known either
        before, now = first.input_shapes[0], self._known(node.inputs[0])
        if layer.keeps_rank and before and now and len(before) != len(now):
            raise ShapeError(
                f"{first.path!r} was called on {len(before)} axes first, {shape_text(before)}, and "
                f"now on {len(now)}, {shape_text(now)}: it needs as many each time",
                help="give it a layer of its own, or bring the input to as many axes by a Reshape",
            )
        for had, needed in zip(first.weights, weights, strict=True):
            told = len(layer.demands)
            for ours, theirs in zip(had.shape, needed.shape, strict=True):
                layer.require(
                    equal(ours, theirs),
                    f"{first.path!r} has a {had.name} of {shape_text(had.shape)} since its first "
                    f"call; for this input it would be {shape_text(needed.shape)}",
                    help="a layer that is called again needs inputs with the sizes of the first",
                )
            for requirement in layer.demands[told:]:
                self._demand(requirement, node)

    def _join(self, owner: int, node: Node, row: Row) -> None:
        """Add a further call to the row of the layer that is called."""
        from dense_shapes.several import add_call  # noqa: PLC0415 - most layers have one call

        first = self.rows[owner]
        if first is not None:
            add_call(first, node.path, row)

    def _finish(self) -> None:
        summary = self.summary
        summary.requirements = list(self.demands.values())

        def tensor(ref: Ref, name: str) -> Tensor:
            return Tensor(name, self._known(ref), self._dtype(ref))

        model = self.model
        summary.inputs = [tensor(Ref(i), model.nodes[i].path) for i in model.inputs]
        summary.outputs = [
            tensor(ref, name) for ref, name in zip(model.outputs, model.output_names, strict=True)
        ]
        rows = summary.layers
        if not rows:
            return
        summary.totals = totals_of(rows)


def _wrapped(layer: Layer) -> Iterator[str]:
    """Yield the types of the layers that a layer's options hold."""
    for name in type(layer).fields:
        value = getattr(layer, name)
        for inner in value if isinstance(value, list | tuple) else [value]:
            if isinstance(inner, Layer):
                yield inner.type_name
                yield from _wrapped(inner)
