import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dense_shapes.diagnostics
from dense_shapes.diagnostics import (
    CODES,
    Diagnostic,
    Note,
    Severity,
    did_you_mean,
    shorten,
    sort_key,
    suggest,
)
from dense_shapes.source import Span

PACKAGE = Path(dense_shapes.diagnostics.__file__).parent


def test_defaults():
    diagnostic = Diagnostic(code="DS301", message="m")
    assert (diagnostic.severity, diagnostic.label, diagnostic.notes) == ("warning", "", ())
    assert Diagnostic(code="DS102", message="m").severity == "error"
    assert Diagnostic(code="DS102", message="m", severity=Severity.NOTE).severity == "note"


def test_equality_and_repr():
    one = Diagnostic(code="DS102", message="m", span=Span(1, 2, 1, 3), notes=[Note("n")])
    assert one == Diagnostic(code="DS102", message="m", span=Span(1, 2, 1, 3), notes=(Note("n"),))
    assert one != Diagnostic(code="DS102", message="m")
    assert one != "DS102"
    assert repr(Diagnostic(code="DS102", message="m", layer="a")) == (
        "Diagnostic(code='DS102', severity='error', message='m', layer='a')"
    )


@pytest.mark.parametrize(
    ("details", "line", "column", "help_"),
    [
        ({}, None, None, None),
        ({"span": Span(3, 5, 3, 9)}, 3, 5, None),
        ({"label": "did you mean 'x'?"}, None, None, "did you mean 'x'?"),
        ({"label": "l", "help": "h"}, None, None, "h"),
    ],
)
def test_json_form(details, line, column, help_):
    data = Diagnostic(code="DS102", message="m", layer="dense", **details).to_dict()
    assert list(data.items()) == [
        ("code", "DS102"),
        ("severity", "error"),
        ("message", "m"),
        ("layer", "dense"),
        ("line", line),
        ("column", column),
        ("help", help_),
    ]


def test_order_is_by_place_and_stable():
    places = [(2, 1), None, (1, 9), (1, 2), (2, 1), None]
    found = [
        Diagnostic(code="DS102", message=str(n), span=Span(*place, 9, 9) if place else None)
        for n, place in enumerate(places)
    ]
    assert [d.message for d in sorted(found, key=sort_key)] == ["3", "2", "0", "4", "1", "5"]


@pytest.mark.parametrize(
    ("word", "candidates", "expected"),
    [
        ("kernal_size", ["filters", "kernel_size"], "kernel_size"),
        ("dense", ["LSTM", "Dense"], "Dense"),
        ("CONV2D", ["Conv1D", "Conv2D"], "Conv2D"),
        ("MaxPool2D", ["MaxPooling2D", "AveragePooling2D"], "MaxPooling2D"),
        ("units", ["units"], None),
        ("xyz", ["filters"], None),
        ("", ["filters"], None),
        ("a", [], None),
        ("x" * 100_000, ["x" * 99_999], None),
    ],
)
def test_suggestions(word, candidates, expected):
    assert suggest(word, candidates) == expected
    assert did_you_mean(word, candidates) == (f"did you mean '{expected}'?" if expected else "")


def test_shorten():
    assert (shorten("a" * 60), shorten("a" * 61)) == ("a" * 60, "a" * 60 + "…")


def test_codes_are_well_formed():
    for code, (severity, title) in CODES.items():
        assert re.fullmatch(r"DS[0-5]\d\d", code)
        assert severity in ("error", "warning", "note")
        assert title
        assert "\n" not in title


def test_every_code_in_the_package_is_registered():
    found = {
        node.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"DS\d{3}", node.value)
    }
    assert found <= set(CODES)


def test_importing_is_cheap():
    script = (
        "import sys, dense_shapes.spec.document, dense_shapes.render.snippets\n"
        "slow = {'yaml', 'difflib', 'rich', 'typer', 'dataclasses', 'inspect', 'unicodedata'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
