"""Specs with all that is said about them, found by themselves in `tests/cases`.

`err/NAME.yaml` is a broken spec and `err/NAME.out` what is printed about it; `warn/` holds specs
that are right but get advice; those in `ok/` must give no diagnostic at all, and their `.out` is
the summary. Those in `check/` are held to what they expect of themselves. After a change of
wording, `pytest tests/test_cases.py --update` rewrites the outputs: read the difference before you
commit it.
"""

import re
from pathlib import Path

import pytest

from dense_shapes.api import analyse
from dense_shapes.checking import examine
from dense_shapes.diagnostics import CODES, Severity
from dense_shapes.render.data import render_csv
from dense_shapes.render.snippets import render_text

CASES = Path(__file__).parent / "cases"
UNREAD = {"DS010", *(code for code in CODES if code >= "DS420")}
"""Said of what is not in the file itself; see the tests of the commands and of baselines."""
COLUMNS = ["name", "type", "output_shape", "params", "macs"]


def specs(folder):
    paths = sorted(p for p in (CASES / folder).iterdir() if p.suffix in (".yaml", ".json"))
    return [pytest.param(path, id=path.name) for path in paths]


@pytest.fixture
def expect(request):
    """Compares a text with a spec's `.out`, or writes it there under `--update`."""

    def compare(path, text):
        output = path.with_suffix(".out")
        if request.config.getoption("--update"):
            output.write_text(text, "utf-8", newline="\n")
        assert text == output.read_text("utf-8")

    return compare


def read(path, monkeypatch):
    """Summarise a spec from within its folder, so that messages cite it by its name alone."""
    monkeypatch.chdir(path.parent)
    summary = analyse(path.name)
    return summary, render_text(summary.diagnostics)


@pytest.mark.parametrize("path", specs("err"))
def test_errors(path, monkeypatch, expect):
    summary, text = read(path, monkeypatch)
    assert not summary.ok
    expect(path, f"{text}\n")


@pytest.mark.parametrize("path", specs("warn"))
def test_advice(path, monkeypatch, expect):
    summary, text = read(path, monkeypatch)
    assert summary.ok
    assert {d.severity for d in summary.diagnostics} == {Severity.WARNING}
    expect(path, f"{text}\n")


@pytest.mark.parametrize("path", specs("ok"))
def test_silence(path, monkeypatch, expect):
    summary, text = read(path, monkeypatch)
    assert text == ""
    assert summary.ok
    required = "".join(f"required: {one.text}\n" for one in summary.solved())
    expect(path, render_csv([summary], COLUMNS) + required)


@pytest.mark.parametrize("path", specs("check"))
def test_expectations(path, monkeypatch, expect):
    monkeypatch.chdir(path.parent)
    report = examine(path.name)
    lines = [f"{outcome.status:<8}{outcome.expectation.name}" for outcome in report.expectations]
    text = render_text(report.diagnostics)
    expect(path, "\n".join([*lines, "", text] if text else lines) + "\n")


def test_every_output_has_its_spec():
    outputs = {path.with_suffix("") for path in CASES.glob("*/*.out")}
    assert outputs == {path.with_suffix("") for path in CASES.glob("*/*.[yj]*")}


def test_every_code_is_shown():
    texts = "\n".join(path.read_text("utf-8") for path in CASES.glob("*/*.out"))
    assert (
        set(re.findall(r"(?m)^(?:error|warning|note)\[(DS\d{3})\]", texts)) == set(CODES) - UNREAD
    )


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("DS3")])
def test_advice_is_no_error(code):
    assert CODES[code][0] == Severity.WARNING
