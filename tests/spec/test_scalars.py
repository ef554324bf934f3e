import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dense_shapes.render.snippets import render_text
from dense_shapes.source import Source
from dense_shapes.spec.document import load
from dense_shapes.spec.nodes import Scalar
from dense_shapes.spec.scalars import Ambiguous, Unresolved, resolve


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("0", 0),
        ("-0", 0),
        ("7", 7),
        ("007", 7),
        ("+12", 12),
        ("-3", -3),
        ("0x1F", 31),
        ("12345678901234567890", 12345678901234567890),
        ("0.5", 0.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("-1.5", -1.5),
        ("1.5e+3", 1500.0),
        ("1.e-2", 0.01),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("nULL", "nULL"),
        ("tRUE", "tRUE"),
        ("y", "y"),
        ("N", "N"),
        ("yEs", "yEs"),
        ("relu", "relu"),
        ("H // 2", "H // 2"),
        ("2*H + 1", "2*H + 1"),
        ("-", "-"),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("3x", "3x"),
        ("0o8", "0o8"),
        ("0x_", "0x_"),
        ("+.nan", "+.nan"),
        ("²", "²"),
        ("٣", "٣"),
        ("${width}", "${width}"),
        ("é", "é"),
    ],
)
def test_agreed_readings(text, expected):
    value = resolve(Scalar(text))
    assert (type(value), value) == (type(expected), expected)
    assert resolve(Scalar(text, plain=False)) == text


def test_nan_is_agreed():
    assert all(math.isnan(resolve(Scalar(text))) for text in (".nan", ".NaN", ".NAN"))


@pytest.mark.parametrize(
    ("text", "old", "new", "instead"),
    [
        *[(text, "true", None, ", or true") for text in ("yes", "Yes", "YES", "on", "On", "ON")],
        *[(text, "false", None, ", or false") for text in ("no", "No", "NO", "off", "Off", "OFF")],
        ("010", "8", "10", ", or 8 or 10"),
        ("-010", "-8", "-10", ", or -8 or -10"),
        ("08", None, "8", ", or 8"),
        ("0o10", None, "8", ", or 8"),
        ("0b101", "5", None, ", or 5"),
        ("1_000", "1000", None, ", or 1000"),
        ("1_000.5", "1000.5", None, ", or 1000.5"),
        ("3:30", "210", None, ", or 210"),
        ("-3:30", "-210", None, ", or -210"),
        ("190:20:30.15", "685230.15", None, ", or 685230.15"),
        ("0x_ff", "255", None, ", or 255"),
        ("-0x1F", "-31", None, ", or -31"),
        ("2001-01-01", "a date", None, ""),
        ("2001-12-14t21:59:43.10-05:00", "a date", None, ""),
        ("2001-12-14 21:59:43.10 -5", "a date", None, ""),
        ("=", "the default of a mapping", None, ""),
        ("<<", "a merge key", None, ""),
        ("1e-3", None, "0.001", ", or 0.001"),
        ("1e3", None, "1000.0", ", or 1000.0"),
        ("1.5e3", None, "1500.0", ", or 1500.0"),
        ("1e-7", None, "1.0e-07", ", or 1.0e-07"),
        ("1e30", None, "1.0e+30", ", or 1.0e+30"),
        ("-.5", None, "-0.5", ", or -0.5"),
        ("1e999", None, ".inf", ", or .inf"),
    ],
)
def test_ambiguous_readings(text, old, new, instead):
    value = resolve(Scalar(text))
    assert isinstance(value, Ambiguous)
    old, new = (reading or f"the text '{text}'" for reading in (old, new))
    assert (value.reading_11, value.reading_12) == (old, new)
    assert value.message == f"'{text}' is read as {old} by YAML 1.1 and as {new} by YAML 1.2"
    assert value.help == f"write '{text}' in quotes{instead}"


@pytest.mark.parametrize(
    ("text", "number", "boolean"),
    [
        ("1e-3", 0.001, None),
        ("-.5", -0.5, None),
        ("1_000.5", None, None),
        ("010", None, None),
        ("yes", None, True),
        ("OFF", None, False),
    ],
)
def test_what_an_ambiguous_scalar_can_only_be_by_type(text, number, boolean):
    value = resolve(Scalar(text))
    assert (value.number, value.boolean) == (number, boolean)


def test_an_ambiguous_scalar_becomes_a_diagnostic():
    source = Source("m.yaml", "a: 010\n")
    root, _ = load(source)
    scalar = root.get("a")
    assert render_text([resolve(scalar).diagnostic(scalar, source)]).split("\n") == [
        "error[DS006]: '010' is read as 8 by YAML 1.1 and as 10 by YAML 1.2",
        "  --> m.yaml:1:4",
        "   |",
        " 1 | a: 010",
        "   |    ^^^",
        "   = help: write '010' in quotes, or 8 or 10",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "9" * 4001,
        "-" + "9" * 1000000,
        "0x" + "f" * 4000,
        "1_" * 4000,
        "0b" + "1" * 100000,
        "1" + ":59" * 3000,
        "0" * 5000,
        "0o" + "7" * 5000,
    ],
    ids=lambda text: text[:8],
)
def test_endless_numbers(text):
    value = resolve(Scalar(text))
    assert isinstance(value, Unresolved)
    assert (value.code, type(value)) == ("DS005", Unresolved)
    assert len(value.message) < 200


@pytest.mark.parametrize("text", ["9" * 4000, "-" + "9" * 3999])
def test_long_numbers(text):
    assert str(resolve(Scalar(text))) == text


@pytest.mark.parametrize("text", ["1:59" * 300, "1" + ":59" * 1300, "1" + ":1" * 1900 + ".5"])
def test_long_ambiguous_numbers_have_short_messages(text):
    value = resolve(Scalar(text))
    assert isinstance(value, (Ambiguous, str))
    if isinstance(value, Ambiguous):
        assert len(value.message + value.help) < 400


def pyyaml_reading(text):
    tag = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))
    if tag.endswith("timestamp"):
        return None
    loader = yaml.SafeLoader("")
    return loader.construct_document(yaml.ScalarNode(tag, text))


@given(st.text("0123456789_+-.:eExobABFtTZ ", min_size=1, max_size=12))
def test_yaml_1_1_is_that_of_pyyaml(text):
    try:
        expected = pyyaml_reading(text)
    except ValueError:
        return
    value = resolve(Scalar(text))
    if isinstance(value, Ambiguous):
        shown = "a date" if expected is None else f"the text '{text}'"
        if isinstance(expected, (int, float)):
            shown = value.reading_11
            assert yaml.safe_load(shown) == expected
        assert value.reading_11 == shown
    else:
        assert (type(value), value) == (type(expected), expected)
