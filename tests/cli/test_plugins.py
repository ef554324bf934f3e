"""Layers of the user's own, short ones and such as fail."""

import json
import os

import pytest

from tests.cli.test_commands import ROOT, run, spec

SHORT = """
from dense_shapes import Layer, Weight, field
from dense_shapes.layers.types import POSITIVE

class Mine(Layer):
    "Mix the features in a way of its own."

    units: int = field(POSITIVE, doc="Size of the last axis.")

    def output(self, x):
        return (*x[:-1], self.units)

    def weights(self, x):
        yield Weight("kernel", (x[-1], self.units))
"""
FAILING = """
from dense_shapes import Layer

class Odd(Layer):
    "Fail."

    def output(self, x):
        return 1 / 0
"""


def installed(folder, code):
    """Write a module, and what makes it an installed one that has layers."""
    (folder / "theirs.py").write_text(code, "utf-8")
    info = folder / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[dense_shapes.layers]\ntheirs = theirs\n")


def test_output_and_weights_are_enough(tmp_path):
    (tmp_path / "mine.py").write_text(SHORT, "utf-8")
    path = spec(tmp_path, "input_shape: [5, 4]\nlayers: [{Mine: 3}]\n")
    for command in (["summarize"], ["explain"]):
        done = run(*command, path, "--plugin", "mine", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "Mix the features in a way of its own; 4·3 = 12 params" in done.stdout
    assert "kernel (4, 3): 4 (axis 0) × 3 (axis 1) = 12" in done.stdout


def test_one_value_is_the_first_option_of_an_installed_layer_too(tmp_path):
    installed(tmp_path, SHORT)
    path = spec(tmp_path, "input_shape: [5, 4]\nlayers: [{Mine: 3}]\n")
    done = run("summarize", path, "--columns", "output_shape,params", cwd=tmp_path, PYTHONPATH="")
    assert "(None, 5, 3)" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (FAILING, "the layer Odd of odd fails at 'odd': ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)\n", "plugin odd: SystemExit: 3"),
    ],
)
def test_a_plugin_that_fails_is_named_with_its_layer(tmp_path, code, said):
    (tmp_path / "odd.py").write_text(code, "utf-8")
    path = spec(tmp_path, "input_shape: [4]\nlayers: [Odd]\n")
    done = run("summarize", path, "--plugin", "odd", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {said}\n"


def test_a_plugin_teaches_a_layer(tmp_path):
    (tmp_path / "my_layers.py").write_text(
        '"""Layers of mine."""\n'
        "from dense_shapes import Layer\n\n"
        "class Halve(Layer):\n"
        '    """Keep every other feature."""\n'
        "    def output(self, x):\n"
        "        return (*x[:-1], x[-1] // 2)\n"
        "    def explain(self, x, y):\n"
        "        return 'every other feature'\n",
        "utf-8",
    )
    path = spec(tmp_path, "input_shape: [D]\nlayers: [Halve]\n")
    where = {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    done = run("summarize", path, "--json", "--plugin", "my_layers", **where)
    assert json.loads(done.stdout)["outputs"][0]["shape"] == [None, "floor(D/2)"]
    assert "Halve" in run("layers", "--plugin", "my_layers", **where).stdout
    assert run("summarize", path, **where).returncode == 1


def test_an_installed_package_teaches_a_layer(tmp_path):
    (tmp_path / "their_layers.py").write_text(
        "from dense_shapes import Layer\n\n"
        "class Twice(Layer):\n"
        '    """Give out twice as many features."""\n'
        "    def output(self, x):\n"
        "        return (*x[:-1], 2 * x[-1])\n"
        "    def explain(self, x, y):\n"
        "        return 'twice as many features'\n",
        "utf-8",
    )
    info = tmp_path / "their_layers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-layers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[dense_shapes.layers]\ntheirs = their_layers\n")
    path = spec(tmp_path, "input_shape: [5]\nlayers: [Twice]\n")
    where = {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    done = run("summarize", path, "--json", **where)
    assert json.loads(done.stdout)["outputs"][0]["shape"] == [None, 10]
    (tmp_path / "their_layers.py").write_text("1 / 0\n", "utf-8")
    failed = run("summarize", path, **where)
    assert failed.returncode == 2
    assert "plugin theirs (their_layers): ZeroDivisionError" in failed.stderr
