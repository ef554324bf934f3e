"""The shapes that a file records, beside those that come out here."""

from __future__ import annotations

from collections.abc import Sequence

from dense_shapes.diagnostics import Diagnostic
from dense_shapes.layers.recorded import agrees, recorded_text
from dense_shapes.layers.text import Shape
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.model import Node


def differing(node: Node, shapes: Sequence[Shape | None]) -> list[Diagnostic]:
    """Return a warning for each output of which the file records another shape."""
    out = []
    for k, recorded in node.recorded.items():
        shape = shapes[k] if k < len(shapes) else None
        if shape is None or agrees(shape, recorded):
            continue
        output = f"output {k} of " if len(shapes) > 1 else ""
        out.append(
            Diagnostic(
                code="DS310",
                message=f"the file records {recorded_text(recorded)} for {output}"
                f"{node.path!r} ({node.type}), here it is {shape_text(shape)}",
                **node.origin.at(),
                help="Keras writes what it inferred, which a real call may contradict; if the "
                "file is right, please report it",
                layer=node.path,
            )
        )
    return out
