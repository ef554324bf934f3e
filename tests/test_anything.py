"""Random bytes, mutated specs, random data: an answer each time, and no error but our own."""

import io

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dense_shapes import ModelError, summarize
from dense_shapes.api import analyse
from dense_shapes.layers import REGISTRY
from dense_shapes.spec.symbols import SettingError
from tests.answers import examine, model, render

SPEC = b"""\
name: net
input_shape: [32, W, 3]
vars: {width: 64, act: relu, n: "width // 2"}
defaults: {padding: same}
layers:
  - Conv2D: {filters: width, kernel_size: [3, 3], name: "c_${width}"}
  - MaxPooling2D
  - {type: Dense, units: n * 2, activation: "${act}"}
  - Flatten
  - Dense:
      units: 10
      activation: softmax
"""


@st.composite
def mutated(draw):
    data = SPEC
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        stop = min(len(data), start + draw(st.integers(0, 12)))
        piece = draw(
            st.binary(max_size=3)
            | st.sampled_from(SPEC.split())
            | st.sampled_from([b"null", b"[]", b"{}", b"- ", b"\n", b": ", b"9" * 30, b"${", b"*"])
        )
        data = data[:start] + piece + data[stop:]
    return data


@given(st.binary() | st.text().map(str.encode) | mutated())
@settings(max_examples=300, deadline=None)
def test_any_bytes(data):
    examine(data)


expressions = st.lists(
    st.sampled_from(["H", "W", "2", "7", "10^9", *"+-*/%^(),", "//", "max(", "floor(", "ceil("]),
    max_size=7,
).map(" ".join)
words = (
    expressions
    | st.text(max_size=6)
    | st.sampled_from(
        [
            *REGISTRY,
            "units",
            "name",
            "type",
            "shape",
            "same",
            "H",
            "2*H",
            "H/2",
            "${H}",
            "relu",
            "DS301",
        ]
    )
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-2, 12)
    | st.floats()
    | words
    | st.binary(max_size=2)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    ["name", "input_shape", "batch_size", "vars", "defaults", "layers", "blocks"]
)
shapes = st.lists(st.integers(1, 9) | st.none() | st.sampled_from("HW"), max_size=5)


@st.composite
def layers(draw):
    """An entry with the right names of options and values of every kind."""
    layer = draw(st.sampled_from(list(REGISTRY.values())))
    names = st.sampled_from([*layer.fields, "name", "ignore"])
    options = draw(st.dictionaries(names, values, max_size=3))
    for name, field in layer.fields.items():
        if field.required and name not in options:
            options[name] = draw(st.sampled_from([1, 2, 0.5, "relu", [1, 2], [2, 1, 3]]))
    return {layer.__name__: options}


def raises_nothing_else(source, **arguments):
    try:
        summarize(source, **arguments)
    except ModelError as error:
        assert error.diagnostics
        assert str(error)


@given(st.dictionaries(keys | words, values, max_size=4) | st.dictionaries(scalars, values))
@settings(max_examples=200, deadline=None)
def test_any_data(data):
    raises_nothing_else(data)


@given(shapes, st.lists(layers() | values, min_size=1, max_size=3), values)
@settings(max_examples=400, deadline=None)
def test_any_options(shape, entries, extra):
    data = {"input_shape": shape, "layers": entries, "vars": {"a": extra}, "defaults": {}}
    summary = examine(data)
    render(summary)
    text = io.BytesIO(yaml.safe_dump(data, allow_unicode=True).encode("utf-8", "surrogatepass"))
    analyse(text)


@given(st.dictionaries(st.sampled_from("HWxy"), values, max_size=2))
@settings(max_examples=100, deadline=None)
def test_any_settings(given_):
    data = model({"Dense": "x"}, "Flatten", {"Dropout": "${y}"}, shape=["H", None, 3])
    try:
        raises_nothing_else({**data, "vars": {"x": 3, "y": 0.5}}, set=given_)
    except SettingError as error:
        assert str(error)
