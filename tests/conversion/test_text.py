"""Values as YAML text: every reader takes them for what they are."""

import math

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from dense_shapes.conversion.text import Lines, block, escaped, flow, scalar
from dense_shapes.dims.parse import parse_dim
from dense_shapes.source import Source
from dense_shapes.spec.document import load
from dense_shapes.spec.nodes import Mapping, Scalar, Sequence
from dense_shapes.spec.scalars import resolve

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | texts
values = st.recursive(
    scalars | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def read(text):
    root, diagnostics = load(Source("x", text))
    assert diagnostics == []
    return plain(root)


def plain(node):
    if isinstance(node, Mapping):
        return {key.text: plain(item) for key, item in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    return resolve(node)


@given(values)
@example(
    [
        "no",
        "010",
        "1_000",
        "3:30",
        "2001-01-01",
        "1e3",
        "~",
        "",
        " a",
        "a ",
        "- a",
        "# a",
        "=",
        "<<",
    ]
)
@example(
    [
        "null",
        "true",
        ".inf",
        "0x1f",
        "0o7",
        "'",
        '"',
        "\\",
        "a: b",
        "a #b",
        "{",
        "[",
        "@",
        "%",
        "\x85\u2028\ufeff",
    ]
)
@example([1e-5, 1e22, 1e300, -0.0, math.inf, -math.inf, 0.1])
@example({"yes": 1, "1": 2, "": 3, "<<": 4})
def test_all_of_it_is_read_back(value):
    for text in (flow([value]), "\n".join(block([value], ""))):
        assert read(text) == [value]
        assert yaml.safe_load(text) == [value]
    ascii_only = "\n".join(block(escaped([value]), ""))
    assert ascii_only.isascii()
    assert yaml.safe_load(ascii_only) == [value]


@pytest.mark.parametrize("text", ["2*H + 1", "ceil(H/32)", "max(H, 7)", "d^2", "-1 + n", "高さ"])
def test_expressions_are_read_back(text):
    dim = parse_dim(text)
    for written in (scalar(dim), scalar(escaped(dim))):
        assert parse_dim(read(f"[{written}]")[0]) == dim


def test_lines():
    assert list(block({"a": [1], "b": Lines([1, {"c": {"d": 2}}])}, "")) == [
        "a: [1]",
        "b:",
        "  - 1",
        "  - c: {d: 2}",
    ]
    long = ["x" * 40] * 3
    assert list(block({"a": long, "b": [long]}, "")) == [
        "a:",
        *[f"  - {'x' * 40}"] * 3,
        "b:",
        f"  - - {'x' * 40}",
        *[f"    - {'x' * 40}"] * 2,
    ]
