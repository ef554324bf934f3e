"""Layers with the same options are made once and asked once: nothing that is told may show it."""

import io
import itertools
import json
from pathlib import Path

import pytest

from dense_shapes.api import analyse
from dense_shapes.spec import alike
from tests.applications import golden
from tests.graphs.draw import draw

HERE = Path(__file__).parent
FOLDERS = [HERE / "cases" / name for name in ("ok", "warn", "err", "check")]
PATHS = [path for folder in (*FOLDERS, HERE.parent / "configs") for path in folder.glob("*.yaml")]


class Unlike:
    """Stands for `marshal`, and writes nothing alike."""

    def __init__(self):
        self.numbers = itertools.count()

    def dumps(self, value, version):
        return next(self.numbers)


@pytest.fixture
def apart(monkeypatch):
    """Summarises with each layer made by itself."""

    def run(source, **more):
        with monkeypatch.context() as patch:
            patch.setattr(alike, "marshal", Unlike())
            return analyse(source, **more)

    return run


def same(one, other):
    assert json.dumps(one.to_dict()) == json.dumps(other.to_dict())
    for (_, ours), (_, theirs) in zip(one.rows(), other.rows(), strict=True):
        assert (ours.steps, ours.operand) == (theirs.steps, theirs.operand)
        assert (ours.options, ours.wraps) == (theirs.options, theirs.wraps)


@pytest.mark.parametrize("steps", [True, False])
def test_specs(apart, steps):
    shared = 0
    for path in PATHS:
        together = analyse(path, steps=steps)
        same(together, apart(path, steps=steps))
        shared += sum(row.like is not None for _, row in together.rows())
    assert shared > 100 or steps


def test_graphs(apart):
    shared = 0
    for seed in range(100):
        text = draw(f"sharing {seed}").spec
        together = analyse(io.StringIO(text))
        same(together, apart(io.StringIO(text)))
        shared += sum(row.like is not None for _, row in together.rows())
    assert shared > 10


def test_what_fails_asks_nothing_of_its_like():
    summary = analyse(HERE / "cases" / "err" / "failed_beside_alike.yaml")
    assert [row.status for row in summary.layers[4:]] == ["failed", "ok"]
    assert summary.to_dict()["requirements"] == []


@pytest.mark.parametrize("name", ["MobileNetV3Small", "EfficientNetB0", "DenseNet121"])
def test_saved_models(apart, name):
    config = json.dumps(golden.load()[name]["config"])
    together = analyse(io.StringIO(config))
    same(together, apart(io.StringIO(config)))
    assert sum(row.like is not None for _, row in together.rows()) > 10
