"""Every plain list of layers put into a block, a repetition, and a block that is called again."""

import io
from pathlib import Path

import pytest
import yaml

from dense_shapes.api import analyse
from dense_shapes.diagnostics import Severity

HERE = Path(__file__).parent
FOLDERS = (HERE / "cases" / "ok", HERE / "cases" / "warn", HERE.parent / "configs")
TOP = ("name", "input_shape", "batch_size", "vars", "defaults", "blocks")


def plain(path):
    """Return a spec of one input and one list of layers, or None where it is something else."""
    try:
        spec = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, ValueError):
        return None
    plain_list = isinstance(spec, dict) and isinstance(spec.get("layers"), list)
    return spec if plain_list and "input_shape" in spec else None


SPECS = [
    pytest.param(path, spec, id=f"{path.parent.name}/{path.name}")
    for folder in FOLDERS
    for path in sorted(folder.glob("*.yaml"))
    if (spec := plain(path)) is not None
]


def read(spec):
    return analyse(io.StringIO(yaml.safe_dump(spec, sort_keys=False)))


def errors(summary):
    return [d.message for d in summary.diagnostics if d.severity is Severity.ERROR]


def same(wrapped, whole):
    assert errors(wrapped) == []
    assert wrapped.totals == whole.totals
    assert [y.shape for y in wrapped.outputs] == [y.shape for y in whole.outputs]
    assert [d.requirement for d in wrapped.requirements] == [
        d.requirement for d in whole.requirements
    ]
    wrapped.to_dict()


def test_there_are_specs():
    assert len(SPECS) > 100


@pytest.mark.parametrize(("path", "spec"), SPECS)
def test_wrapped(path, spec):
    top = {key: value for key, value in spec.items() if key in TOP}
    body = {key: spec[key] for key in ("layers", "outputs") if key in spec}
    whole = read({**top, **body})
    block = {**top, "blocks": {**(spec.get("blocks") or {}), "whole": body}}
    once = read({**block, "layers": ["whole"]})
    same(once, whole)
    if "outputs" not in spec:
        repeated = read({**top, "layers": [{"repeat": {"times": 1, "layers": spec["layers"]}}]})
        same(repeated, whole)
    layers = ["whole", {"reuse": "whole", "from": "input", "name": "again"}]
    twice = read({**block, "layers": layers, "outputs": ["whole", "again"]})
    assert errors(twice) == []
    assert twice.totals.params == whole.totals.params
    assert twice.totals.param_bytes == whole.totals.param_bytes
    twice.to_dict()
