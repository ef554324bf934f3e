"""Whatever is read, there is an answer: a summary or diagnostics, and an exit code of 0, 1 or 2.

What could kill the process runs in a process of its own, the rest here. Each case is quick; one
that is not has found a fault.
"""

import io
import json
import os
import random
import subprocess
import sys

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dense_shapes import ModelError, summarize
from dense_shapes.api import analyse
from dense_shapes.diagnostics import CODES, Severity
from dense_shapes.layers import REGISTRY
from dense_shapes.render.columns import COLUMNS, DEFAULT
from dense_shapes.render.data import render_csv, render_json, render_markdown
from dense_shapes.render.explain import render_explanations
from dense_shapes.render.snippets import render_text
from dense_shapes.render.table import render_tables
from dense_shapes.spec.scope import SettingError

HEAD = "input_shape: [8, 8, 3]\nlayers:\n"


def model(*layers, shape=(8, 8, 3), **keys):
    return {"input_shape": list(shape), "layers": list(layers), **keys}


def examine(source):
    """Summarise a model, check what holds for every answer, and return the answer."""
    if isinstance(source, str):
        source = source.encode("utf-8", "surrogatepass")
    if isinstance(source, bytes):
        source = io.BytesIO(source)
    summary = analyse(source, steps=True)
    errors = [d for d in summary.diagnostics if d.severity == Severity.ERROR]
    assert summary.ok == (not errors)
    for found in summary.diagnostics:
        assert found.code in CODES
        assert found.message
        assert len(found.message) < 3000
        assert found.source is not None or found.where is not None
    json.loads(render_json([summary], many=False, ascii_only=True))
    render_text(summary.diagnostics, ascii_only=True).encode("ascii")
    return summary


def render(summary):
    """Write a summary in every form, and return all of it."""
    render_csv([summary], list(COLUMNS))  # as it is: programs read it
    return "".join(
        [
            render_tables([summary], DEFAULT, io.StringIO(), ascii_only=False, width=100),
            render_markdown([summary], list(COLUMNS)),
            render_explanations(summary.layers, width=80, ascii_only=False, bold=False),
            render_text(summary.diagnostics),
        ]
    )


def codes(summary):
    return {found.code for found in summary.diagnostics}


def run(*arguments, data=b""):
    """Run the command; return its exit code, stdout and stderr."""
    command = [sys.executable, "-m", "dense_shapes", *map(os.fsdecode, arguments)]
    done = subprocess.run(command, input=data, capture_output=True, timeout=60)
    assert done.returncode in (0, 1, 2)
    errors = done.stderr.decode()
    assert "Traceback" not in errors
    assert "internal error" not in errors
    return done.returncode, done.stdout.decode(), errors


# What could kill the process

LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
KILLERS = {
    "lists": b"[" * 100_000,
    "maps": b"{a: " * 100_000,
    "blocks": b"- " * 100_000,
    "keys": b"? " * 100_000,
    "closed": b"[" * 50_000 + b"]" * 50_000,
    "nul": b"layers: \0",
    "nuls": b"\0" * 1_000_000,
    "laughs": LAUGHS.encode(),
    "latin-1": "name: café\n".encode("latin-1"),
    "half a utf-16": b"\xff\xfe\x00",
    "noise": random.Random(0).randbytes(100_000),
    "long line": (HEAD + "  - Dense: " + "1 + " * 250_000 + "1\n").encode(),
    "too long": b"# " + b"x" * (65 * 2**20),
}


@pytest.mark.parametrize("data", KILLERS.values(), ids=KILLERS)
def test_the_command_survives(data):
    code, _, errors = run("summarize", "-", data=data)
    assert code == 1
    assert errors.startswith("error[DS")


@pytest.mark.parametrize("format_", ["table", "json", "csv", "markdown"])
def test_many_layers(format_, tmp_path):
    path = tmp_path / "many.yaml"
    path.write_text(HEAD + "  - Flatten\n" * 10_000)
    code, output, errors = run("summarize", "--format", format_, path)
    assert (code, errors) == (0, "")
    assert output.count("flatten") >= 10_000


def test_files_that_cannot_be_opened(tmp_path):
    for path, reason in ((tmp_path, "directory"), (tmp_path / "none.yaml", "No such file")):
        code, output, errors = run("summarize", path)
        assert (code, output) == (2, "")
        assert reason in errors


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_an_unreadable_file(tmp_path):
    path = tmp_path / "secret.yaml"
    path.write_text(HEAD)
    path.chmod(0)
    code, _, errors = run("summarize", path)
    assert (code, "denied" in errors) == (2, True)


def test_a_file_name_with_an_escape(tmp_path):
    path = tmp_path / "a\x1b[31m.yaml"
    path.write_text(HEAD + "  - Flattn\n")
    code, output, errors = run("summarize", path)
    assert code == 1
    assert "\x1b" not in output + errors


# Files

ODD_FILES = {
    "nothing": "",
    "a line break": "\n",
    "comments": "# one\n# two\n",
    "a document mark": "---\n",
    "null": "null",
    "a list of layers": "- Flatten\n" * 100_000,
    "a long word": "x" * 1_000_000,
    "a long key": "x" * 1_000_000 + ": 1",
    "a long type": HEAD + "  - " + "Flatten" * 100_000,
    "a long option": HEAD + "  - Dense: {" + "x" * 100_000 + ": 1}",
    "a long text": HEAD + "  - Dense: {units: 1, activation: " + "x" * 100_000 + "}",
    "a long number": HEAD + "  - Dense: " + "9" * 100_000,
    "a long float": HEAD + "  - Dropout: 0." + "9" * 100_000,
    "a tall power": HEAD + "  - Dense: 9^9^9^9",
    "a deep expression": HEAD + "  - Dense: " + "(" * 100_000,
    "many minuses": HEAD + "  - Dense: " + "-" * 9_000 + "1",
    "a huge float": HEAD + "  - Dropout: 1e400",
    "infinity": HEAD + "  - Dropout: .inf\n  - ReLU: .inf\n  - Rescaling: -.inf",
    "no number": HEAD + "  - Dropout: .nan\n  - LeakyReLU: .nan\n  - Rescaling: .nan",
    "many errors": HEAD + "  - Flattn\n" * 2_000,
    "many names": HEAD + "  - Dense: {units: 1, name: a}\n" * 2_000,
    "many keys": "".join(f"key{n}: 1\n" for n in range(5_000)) + HEAD,
    "a chain of vars": "vars: {v0: 1"
    + "".join(f", v{n}: v{n - 1} + v{n - 1}" for n in range(1, 200))
    + "}\n"
    + HEAD
    + "  - Dense: v40\n",
}


@pytest.mark.parametrize("text", ODD_FILES.values(), ids=ODD_FILES)
def test_odd_files(text):
    render(examine(text))


# Sizes

HUGE = 10**18
GROWING = {
    "units": [{"Dense": HUGE}] * 50,
    "upsampling": [{"UpSampling2D": 10**9}] * 50,
    "padding": [{"ZeroPadding2D": HUGE}] * 50,
    "filters": [{"Conv2D": {"filters": HUGE, "kernel_size": 1}}] * 50,
    "windows": [{"Conv2D": {"filters": 1, "kernel_size": HUGE, "padding": "same"}}] * 50,
    "multipliers": [{"DepthwiseConv2D": {"kernel_size": 1, "depth_multiplier": HUGE}}] * 50,
    "embeddings": ["Flatten", *[{"Embedding": [HUGE, HUGE]}] * 5],
    "axes": [{"Embedding": {"input_dim": 2, "output_dim": 2}}] * 100,
    "repeats": ["Flatten", {"RepeatVector": HUGE}, "Flatten", {"RepeatVector": HUGE}, "Flatten"],
}


@pytest.mark.parametrize("layers", GROWING.values(), ids=GROWING)
def test_growing_sizes(layers):
    render(examine(model(*layers)))


@pytest.mark.parametrize(
    "value", [10**5000, -(10**5000), 2**63, 1e400, -1e400, float("nan")], ids=range(6)
)
def test_huge_values(value):
    for layer in (
        {"Dense": value},
        {"Dropout": value},
        {"Conv2D": {"filters": 1, "kernel_size": [1, value]}},
        {"Reshape": [value]},
        {"Softmax": value},
        {"Dense": {"units": 4, "name": value, "ignore": value, "dtype": [value]}},
        {"type": value},
        value,
    ):
        assert not examine(model(layer)).ok or layer == {"Softmax": -1}
    for key in ("name", "input_shape", "batch_size", "vars", "defaults", "layers"):
        examine({**model("Flatten"), key: value})
        examine({**model("Flatten"), key: [value]})
        examine({**model("Flatten"), key: {"units": value}})


def test_many_axes():
    assert codes(examine(model("Flatten", shape=[10**15] * 60))) == {"DS203"}
    assert codes(examine(model("Flatten", shape=[1] * 64))) == {"DS203"}
    assert examine(model("Flatten", shape=[1] * 63)).ok
    examine(model("Flatten", shape=[None] * 63))
    examine(model("Flatten", shape=[f"s{n}" for n in range(63)]))
    examine(model({"Reshape": [1] * 100_000}))


SYMBOLIC = {
    "a power": [{"Dense": "(H + W + 1)^40"}],
    "powers": [{"Dense": "((H + W + 1)^9)^9"}] * 3,
    "a product": [{"Dense": "*".join(f"(H + {n})" for n in range(40))}],
    "floors": [{"Dense": "floor(" * 45 + "H" + "/2 + W)" * 45}],
    "maxima": [{"Dense": "max(" + ", ".join(f"H + {n}*W" for n in range(200)) + ")"}],
    "rows": ["Flatten", {"Dense": "H*W"}, {"Reshape": ["H", "W", 1]}, "Flatten"] * 20,
    "cuts": [{"Reshape": [-1, "H + 1"]}, {"Reshape": [-1, "W + 2"]}] * 20,
    "windows": [{"Conv2D": {"filters": "W", "kernel_size": ["H", "W"], "strides": "H"}}] * 20,
    "pads": [{"ZeroPadding2D": "H*W"}] * 30,
    "steps": [{"MaxPooling2D": {"pool_size": 3, "strides": 2, "padding": "same"}}] * 100,
    "growth": [{"UpSampling2D": "H + W"}] * 60,
}


@pytest.mark.parametrize("layers", SYMBOLIC.values(), ids=SYMBOLIC)
def test_symbolic_growth(layers):
    render(examine(model(*layers, shape=["H", "W", 3])))
    examine(model(*layers, shape=["H", "W", "C"], batch_size="H"))


# Names

NAMES = {
    "escape": "\x1b[31mred\x1b[0m",
    "bell": "\x07\x08\x7f\x9b",
    "right to left": "\u202eabc\u2066",
    "surrogate": "\ud800 and \udfff",
    "nul": "\0",
    "breaks": "a\r\nb\u2028c",
    "joined": "e\u0301" * 200,
    "markup": "[bold]a[red] |`<b>` \\ =1+1",
    "long": "n" * 1000,
    "too long": "n" * 100_000,
    "private": "\ue000\uf8ff",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_odd_names(name):
    summary = examine(model({"Dense": {"units": 4, "name": name}}, name=name))
    assert summary.ok == (len(name) <= 1000)
    text = render(summary)
    assert not set(text) & {"\x1b", "\x07", "\x08", "\0", "\x9b", "\u202e", "\ud800", "\u2028"}
    for layer in (name, {name: {}}, {"Dense": {name: 1}}, {"Dense": name}, {"Dense": [name]}):
        assert "\x1b" not in render(examine(model(layer)))
    for key in ("batch_size", "vars", "defaults", "layers", "input_shape", name):
        for value in (name, [name], {name: name}):
            assert "\x1b" not in render(examine({**model("Flatten"), key: value}))


def test_escapes_in_a_file_are_not_printed():
    text = HEAD + '  - Dense: {units: 4, name: "\\e[31mred"}\n  - "Flat\\u202eten": 1\n'
    code, output, errors = run("summarize", "-", data=text.encode())
    assert code == 1
    assert not set(output + errors) & {"\x1b", "\u202e"}
    assert "\\x1b[31mred" in output


# Anything at all

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
@settings(max_examples=10, deadline=None)
def test_any_bytes(data):
    examine(data)


expressions = st.lists(
    st.sampled_from("H W 2 7 10^9 H^2 + - * / // % ^ ( ) max( min( floor( ceil( ,".split()),
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
@settings(max_examples=10, deadline=None)
def test_any_data(data):
    raises_nothing_else(data)


@given(shapes, st.lists(layers() | values, min_size=1, max_size=3), values)
@settings(max_examples=8000, deadline=None)
def test_any_options(shape, entries, extra):
    data = {"input_shape": shape, "layers": entries, "vars": {"a": extra}, "defaults": {}}
    summary = examine(data)
    render(summary)
    text = io.BytesIO(yaml.safe_dump(data, allow_unicode=True).encode("utf-8", "surrogatepass"))
    analyse(text)


@given(st.dictionaries(st.sampled_from("HWxy"), values, max_size=2))
@settings(max_examples=3000, deadline=None)
def test_any_settings(given_):
    data = model({"Dense": "x"}, "Flatten", {"Dropout": "${y}"}, shape=["H", None, 3])
    try:
        raises_nothing_else({**data, "vars": {"x": 3, "y": 0.5}}, set=given_)
    except SettingError as error:
        assert str(error)
