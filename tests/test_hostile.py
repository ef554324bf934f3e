"""Whatever is read, there is an answer: a summary or diagnostics, and an exit code of 0, 1 or 2.

What could kill the process runs in a process of its own, the rest here. Each case is quick; one
that is not has found a fault.
"""

import os
import random
import subprocess
import sys

import pytest

from tests.answers import examine, model, render

HEAD = "input_shape: [8, 8, 3]\nlayers:\n"


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
