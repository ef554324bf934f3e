"""The JSON that is written, of which much is copied, against the plain data of each row."""

import json
from pathlib import Path

import pytest

from dense_shapes.api import analyse
from dense_shapes.render.data import render_json

CASES = Path(__file__).parents[1] / "cases"
UNUSUAL = 'two "quotes"\n\\ and an é'


def written(summary, *, ascii_only):
    return json.loads(render_json([summary], many=False, ascii_only=ascii_only))


@pytest.mark.parametrize("folder", ["ok", "warn", "err", "check"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_rows_are_written_as_they_are(folder, ascii_only):
    paths = [p for p in (CASES / folder).iterdir() if p.suffix in (".yaml", ".json")]
    assert paths
    for path in paths:
        summary = analyse(path)
        text = written(summary, ascii_only=ascii_only)
        plain = json.loads(json.dumps(summary.to_dict()))
        # The order of the keys is part of what users see.
        assert json.dumps(text) == json.dumps(plain), path.name


@pytest.mark.parametrize("ascii_only", [True, False])
def test_texts_of_the_user_are_escaped(ascii_only):
    inner = {"Dense": {"units": 2, "name": UNUSUAL}}
    spec = {
        "input_shape": [4],
        "blocks": {"pair": {"layers": [inner, {"Dense": {"units": 4, "from": UNUSUAL}}]}},
        "layers": [{"pair": {"name": UNUSUAL}}, {"reuse": UNUSUAL}],
    }
    summary = analyse(spec)
    assert summary.ok, summary.diagnostics
    text = render_json([summary], many=False, ascii_only=ascii_only)
    assert text.isascii() is ascii_only
    assert json.loads(text) == summary.to_dict()
    row = json.loads(text)["layers"][1]
    assert row["name"] == UNUSUAL
    paths = [inner["path"] for inner in row["layers"]]
    assert paths == [f"{UNUSUAL}/{UNUSUAL}", f"{UNUSUAL}/dense"]
    assert len(row["calls"]) == 2
