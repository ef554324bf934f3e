from contextlib import suppress

import pytest

from dense_shapes.dims import DimError, DimSyntaxError, ceil_div, exact_div, symbol
from dense_shapes.dims.parse import parse_dim

H, W, d, h = map(symbol, ["H", "W", "d", "h"])

GOOD = [
    ("7", 7),
    (" 1 + 2 * 3 ", 7),
    ("(1 + 2)*3", 9),
    ("7 - 2 - 1", 4),
    ("-2^2", -4),
    ("(-2)^2", 4),
    ("2^3^2", 512),
    ("2^-0", 1),
    ("-7 // 2", -4),
    ("-7 % 3", 2),
    ("7 // 2 * 2", 6),
    ("12/4/3", 1),
    ("2*-3", -6),
    ("--+-3", -3),
    ("floor(7/2)", 3),
    ("floor(-7/2)", -4),
    ("ceil(7/2)", 4),
    ("ceil(7/2 + 1/2)", 4),
    ("floor(5)", 5),
    ("min(3, 1 + 1)", 2),
    ("max(3)", 3),
    ("2*H + 1", 2 * H + 1),
    ("H^2", H * H),
    ("floor(H/2)", H // 2),
    ("ceil((H + 1)/2)", ceil_div(H + 1, 2)),
    ("floor((H + 15)/32)", (H + 15) // 32),
    ("floor(H/2 + 1)", H // 2 + 1),
    ("floor(-H/2)", (-H) // 2),
    ("H // 2 * 2", (H // 2) * 2),
    ("H % 3", H % 3),
    ("d/h*h", d),
    ("d/(h*h)", exact_div(d, h * h)),
    ("H - (W - 1)", H - W + 1),
    ("höhe_2 + 高", symbol("höhe_2") + symbol("高")),
    ("max + min*2", symbol("max") + 2 * symbol("min")),
    ("9999999999999999999", 9999999999999999999),
    ("(H/2)//1", exact_div(H, 2)),
]


@pytest.mark.parametrize(("text", "size"), GOOD, ids=[text for text, _ in GOOD])
def test_parses(text, size):
    assert parse_dim(text) == size


OPERAND = "expected a number, a name or '(', found"
SYNTAX = [
    ("", f"{OPERAND} the end", 0, 0),
    ("   ", f"{OPERAND} the end", 3, 3),
    ("2 *", f"{OPERAND} the end", 3, 3),
    ("2 + * 3", f"{OPERAND} '*'", 4, 5),
    ("H**2", f"{OPERAND} '*'", 2, 3),
    ("(H + 1", "expected an operator or ')', found the end", 6, 6),
    ("()", f"{OPERAND} ')'", 1, 2),
    ("H + 1)", "expected an operator or the end, found ')'", 5, 6),
    ("2H", "expected an operator or the end, found 'H'", 1, 2),
    ("H W", "expected an operator or the end, found 'W'", 2, 3),
    ("H.5", "expected an operator or the end, found '.'", 1, 2),
    ("1_000", "expected an operator or the end, found '_000'", 1, 5),
    ("$H", f"{OPERAND} '$'", 0, 1),
    ("H, W", "expected an operator or the end, found ','", 1, 2),
    ("min()", f"{OPERAND} ')'", 4, 5),
    ("min(1, )", f"{OPERAND} ')'", 7, 8),
    ("min(1 2)", "expected an operator, ',' or ')', found '2'", 6, 7),
    ("floor(1, 2)", "expected an operator or ')', found ','", 7, 8),
    ("sqrt(4)", "expected floor, ceil, min or max before '(', found 'sqrt'", 0, 4),
    ("1 + " + "9" * 20, "expected at most 19 digits, found 20", 4, 24),
    ("٣", f"{OPERAND} '٣'", 0, 1),
    ("((" * 30, "nested deeper than 50", 51, 52),
    ("2^" * 60 + "2", "nested deeper than 50", 102, 103),
    ("max(" * 51, "nested deeper than 50", 204, 204),
    ("H" * 10_001, "expected at most 10,000 characters, found 10,001", 10_000, 10_001),
]


@pytest.mark.parametrize(
    ("text", "message", "start", "end"), SYNTAX, ids=[text[:12] for text, *_ in SYNTAX]
)
def test_syntax_errors(text, message, start, end):
    with pytest.raises(DimSyntaxError) as caught:
        parse_dim(text)
    error = caught.value
    assert (error.message, error.start, error.end) == (message, start, end)


TOO_BIG = "the expression is too large: a number of more than 4,096 bits"
VALUES = [
    ("1 + 7/2", "7/2 is not a whole number", 5, 6),
    ("3/2*H", "3/2 is not a whole number", 1, 2),
    ("7 // (2 - 2)", "division of 7 by zero", 2, 4),
    ("H % 0", "division of H by zero", 2, 3),
    ("2^H", "expected a whole number as exponent, found H", 1, 2),
    ("2^(0 - 1)", "the exponent -1 is negative", 1, 2),
    ("H^-1", "the exponent -1 is negative", 1, 2),
    ("9^9^9^9", TOO_BIG, 3, 4),
    ("2^4097", TOO_BIG, 1, 2),
    ("H^9999999999999999999", "the expression is too large: a degree of more than 1,000", 1, 2),
    ("floor(2^(3/2))", "3/2 is not a whole number", 7, 8),
    ("max(1, H/2 - (H - 1)/2)", "1/2 is not a whole number", 0, 23),
]


@pytest.mark.parametrize(("text", "message", "start", "end"), VALUES, ids=[v[0] for v in VALUES])
def test_value_errors(text, message, start, end):
    with pytest.raises(DimError) as caught:
        parse_dim(text)
    error = caught.value
    assert not isinstance(error, DimSyntaxError)
    assert (error.message, error.start, error.end) == (message, start, end)


@pytest.mark.parametrize(
    "text",
    [
        "(" + "+".join(f"x{i}" for i in range(100)) + ")^50",
        "+".join(["(H + W + d)^50"] * 500),
        "*".join(["(H + 1)"] * 1200),
        "+".join(f"a{i}/(b{i} + 1)" for i in range(500)),
        "max(" + ",".join(f"a{i}*b{i}" for i in range(1200)) + ")^2 + max(H, 1) // 3",
        "-" * 9_999,
        "9^9^9^9",
        "(" * 10_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_texts_end_soon(text):
    with suppress(DimError):
        parse_dim(text)


def test_lookup_gives_sizes_and_positions():
    seen = []

    def lookup(name, start):
        seen.append((name, start))
        return {"width": 64, "H": H + 1}[name]

    assert parse_dim("width*2 + H", lookup) == H + 129
    assert seen == [("width", 0), ("H", 10)]
    assert parse_dim("2^width", lookup) == 2**64
    with pytest.raises(KeyError):
        parse_dim("widht", lookup)


def test_exact_divisions_are_reported():
    seen = []

    def on_exact(numerator, denominator):
        seen.append((str(numerator), str(denominator)))

    parse_dim("(d + 1)/h + 8/2 + floor(H/2) + max(W/4, 1) + floor(max(d/3, 1)/2)", None, on_exact)
    assert seen == [("d + 1", "h"), ("W", "4"), ("d", "3")]
