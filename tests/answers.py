"""What holds for the answer about any model: it is checked, and written in every form."""

import io
import json

from dense_shapes.api import analyse
from dense_shapes.diagnostics import CODES, Severity
from dense_shapes.render.columns import COLUMNS, DEFAULT
from dense_shapes.render.data import render_csv, render_json, render_markdown
from dense_shapes.render.explain import render_explanations
from dense_shapes.render.snippets import render_text
from dense_shapes.render.table import render_tables


def model(*layers, shape=(8, 8, 3), **keys):
    return {"input_shape": list(shape), "layers": list(layers), **keys}


def examine(source):
    """Summarise a model, check what holds for every answer, and return the answer."""
    if isinstance(source, str):
        source = source.encode("utf-8", "surrogatepass")
    if isinstance(source, bytes):
        source = io.BytesIO(source)
    summary = analyse(source, steps=True)
    errors = [d for d in summary.diagnostics if d.severity == Severity.ERROR]
    assert summary.ok == (not errors)
    for found in summary.diagnostics:
        assert found.code in CODES
        assert found.message
        assert len(found.message) < 3000
        assert found.source is not None or found.where is not None
    json.loads(render_json([summary], many=False, ascii_only=True))
    render_text(summary.diagnostics, ascii_only=True).encode("ascii")
    return summary


def render(summary):
    """Write a summary in every form, and return all of it."""
    render_csv([summary], list(COLUMNS))  # as it is: programs read it
    return "".join(
        [
            render_tables([summary], DEFAULT, color=False, ascii_only=False, width=100),
            render_markdown([summary], list(COLUMNS)),
            render_explanations(summary.layers, width=80, ascii_only=False, bold=False),
            render_text(summary.diagnostics),
        ]
    )
