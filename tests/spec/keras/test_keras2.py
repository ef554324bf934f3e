"""Models of Keras 2, against what `tf_keras` counts: see `golden/make.py`."""

import json
from pathlib import Path

import pytest

from dense_shapes.api import analyse
from dense_shapes.render.snippets import render_text
from tests.spec.keras.compare import plain

GOLDEN = json.loads((Path(__file__).parent / "golden" / "keras2.json").read_text("utf-8"))


@pytest.mark.parametrize("name", GOLDEN)
def test_every_row_agrees(name):
    summary = analyse(GOLDEN[name]["config"])
    assert render_text(summary.diagnostics) == ""
    ours = {row.path: row for _, row in summary.rows()}
    found = []
    for path, shapes, *_ in GOLDEN[name]["rows"]:
        row = ours[path]
        here = [list(plain(shape)) for shape in row.output_shapes]
        found.append([path, shapes and here, row.count(), row.count(trainable=True)])
    assert found == GOLDEN[name]["rows"]
