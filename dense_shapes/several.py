"""Rows that stand for several: the calls of a layer, and the layers of a group."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dense_shapes.layers.text import Shape
from dense_shapes.model import Group, GroupCall, Ref
from dense_shapes.summary import NOT_UNDERSTOOD, Call, Row, totals_of
from dense_shapes.totals import total


def add_call(first: Row, name: str, row: Row) -> None:
    """Add a further call to the row of the layer that is called.

    Args:
        first: The layer's row.
        name: What the call is named, as a path.
        row: What is known of the call.
    """
    if not first.calls:
        first.calls = [_call(first.path, first)]
    first.calls.append(_call(name, row))
    first.inputs, first.input_shapes = row.inputs, row.input_shapes
    first.output_shapes = row.output_shapes
    first.macs = total([first.macs, row.macs])
    if row.status == "ok" and first.status == "ok":
        first.operand, first.steps = row.operand, row.steps
        first.explanation = row.explanation and row.explanation + _called(len(first.calls))
    if row.status != "ok" and first.status == "ok":
        first.status = row.status
        first.explanation = row.explanation


def fill_group(
    row: Row, group: Group, calls: Sequence[GroupCall], known: Callable[[Ref], Shape | None]
) -> None:
    """Fill in the row of a group from those inside it.

    Args:
        row: The group's row.
        group: The group.
        calls: Its further calls.
        known: Returns the shape of what a reference names, or None.
    """

    def set_shapes(call: Group | GroupCall) -> None:
        row.inputs = list(call.feeds)
        row.input_shapes = [known(ref) for ref in call.inputs]
        shapes = [known(ref) for ref in call.outputs]
        whole = [shape for shape in shapes if shape is not None]
        row.output_shapes = whole if len(whole) == len(shapes) else None

    set_shapes(group)
    states = {inner.status for inner in row.layers}
    row.status = "ok" if states <= {"ok"} else "failed" if "failed" in states else "unknown"
    if row.output_shapes is None and row.status == "ok":
        row.status = "unknown"
    told = row.status == "ok" or bool(row.layers)
    row.weights = [] if told else None
    if row.layers:
        row.inside = totals_of(row.layers)
    row.macs = total([inner.macs for inner in row.layers]) if told else None
    count = len(row.layers)
    row.explanation = f"{group.type}: {count} row{'' if count == 1 else 's'} inside"
    if not told:
        row.explanation = NOT_UNDERSTOOD
    if not calls:
        return
    made = [_call(row.path, row)]
    for call in calls:
        set_shapes(call)
        made.append(_call(call.name, row))
    row.calls = made
    if told:
        row.explanation += _called(len(made))


def _called(times: int) -> str:
    """Say of a row that shows the last of several calls that it does."""
    return f"; called {times} times, this is the last"


def _call(name: str, row: Row) -> Call:
    """Return what a row says of its last call as one of several."""
    return Call(name, row.inputs, row.input_shapes, row.output_shapes, row.arguments)
