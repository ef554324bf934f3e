"""The Python that a difference is reported with shows what was compared."""

import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from random import Random

import keras
import pytest

from tests.oracle import keras_side, our_side
from tests.oracle.compare import Verdict
from tests.oracle.draws import draw
from tests.oracle.ops_rows import OPS
from tests.oracle.rows import ROWS
from tests.oracle.shapes import listed

TABLE = ROWS | OPS
FRESH = ("Dense", "LSTM", "ops.Normalize", "ops.GetItem")
ROOT = Path(__file__).parents[2]


def agreed(name: str) -> Verdict:
    """Return what a case shows that both sides take, with the first numbers that give one."""
    r = Random(name)
    verdicts = (Verdict(draw(name, TABLE[name], r)) for _ in range(50))
    return next(v for v in verdicts if v.accepted and v.taken and not v.differences)


def printed(code: str) -> str:
    """Return what code prints that is run as if it were pasted."""
    out = StringIO()
    with redirect_stdout(out), keras_side.as_elsewhere():
        exec(compile(code, "snippet", "exec"), {})
    return out.getvalue()


@pytest.mark.parametrize("name", TABLE)
def test_both_sides_are_shown_of_every_layer_and_operation(name):
    verdict = agreed(name)
    case = verdict.case.closed()
    theirs = printed(keras_side.snippet(*case))
    assert theirs.splitlines()[-1] == str(listed(verdict.called))
    assert printed(our_side.snippet(*case))
    for first in ("called", "left open: called", "named apart: called", "named alike: called"):
        verdict.differences = [first]
        _, both = verdict.report().split("--- Keras:\n")
        for code in both.split("--- dense-shapes:\n"):
            compile(code, "snippet", "exec")


@pytest.mark.parametrize("name", FRESH)
def test_a_fresh_python_runs_them(name):
    verdict = agreed(name)
    case = verdict.case.closed()
    for code in (keras_side.snippet(*case), our_side.snippet(*case)):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_a_failing_operation_is_reported_with_both(monkeypatch):
    monkeypatch.setattr(keras.src.ops.nn.Normalize, "call", lambda self, x: x[:1])
    r = Random(0)
    verdicts = (Verdict(draw("ops.Normalize", OPS["ops.Normalize"], r)) for _ in range(50))
    report = next(v for v in verdicts if v.accepted and v.differences).report()
    assert "call = prepared('ops.Normalize'" in report
    assert "layers.find_layer('ops.Normalize')" in report
