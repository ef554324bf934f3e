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


@pytest.fixture
def broken(tmp_path):
    """Return where an installed package is found that fails, as variables of the environment."""
    installed(tmp_path, "import not_there\n")
    return {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}


SAID = "plugin theirs (theirs): ModuleNotFoundError: No module named 'not_there'"


def test_layers_that_are_known_need_no_installed_package(broken):
    done = run("layers", "Dense", **broken)
    assert (done.returncode, done.stderr) == (0, "")
    assert "units" in done.stdout


def test_the_list_goes_on_without_a_package_that_fails(broken):
    done = run("layers", **broken)
    assert (done.returncode, done.stderr) == (0, f"warning: {SAID}\n")
    assert "Dense" in done.stdout
    missing = run("layers", "Dens", **broken)
    assert missing.returncode == 2
    assert "no layer 'Dens'" in missing.stderr
    assert f"warning: {SAID}\n" in missing.stderr


def test_a_slip_of_the_pen_is_reported_beside_a_package_that_fails(tmp_path, broken):
    path = spec(tmp_path, "input_shape: [5]\nlayers: [{Dens: 3}]\n")
    done = run("summarize", path, **broken)
    assert done.returncode == 1
    assert "DS103" in done.stderr
    assert "Dense" in done.stderr
    assert SAID in done.stderr


def test_what_nothing_comes_near_to_may_be_of_a_package_that_fails(tmp_path, broken):
    path = spec(tmp_path, "input_shape: [5]\nlayers: [Quux]\n")
    done = run("summarize", path, **broken)
    assert (done.returncode, done.stderr) == (2, f"error: {SAID}\n")


def test_an_expected_type_is_looked_up_beside_a_package_that_fails(tmp_path, broken):
    text = "input_shape: [5]\nlayers: [{Dense: 3}]\nexpect: {forbid: [%s]}\n"
    done = run("check", spec(tmp_path, text % "Dens"), **broken)
    assert done.returncode == 1
    assert "DS103" in done.stderr + done.stdout
    assert SAID in done.stderr + done.stdout
    done = run("check", spec(tmp_path, text % "Quux"), **broken)
    assert done.returncode == 2
    assert SAID in done.stderr


RETURNING = """
from dense_shapes import Layer, Weight

class Odd(Layer):
    "Return what it may not."

    def output(self, x):
        return {output}

    def weights(self, x):
        return {weights}

    def macs(self, x, y):
        return {macs}

    def explain(self, x, y):
        return {explain}

    def steps(self, x, y):
        return {steps}

    def output_dtypes(self, dtypes):
        return {output_dtypes}
"""
RIGHT = {
    "output": "x",
    "weights": "[]",
    "macs": "0",
    "explain": "'as it is'",
    "steps": "[]",
    "output_dtypes": "dtypes",
}


def odd(tmp_path, rule, returned, layers="[Odd]", command="summarize"):
    """Run a model of a layer with a rule that returns something."""
    code = RETURNING.format_map(RIGHT | {rule: returned})
    (tmp_path / "odd.py").write_text(code, "utf-8")
    path = spec(tmp_path, f"input_shape: [5, 4]\nlayers: {layers}\n")
    return run(command, path, "--plugin", "odd", cwd=tmp_path)


@pytest.mark.parametrize(
    ("rule", "returned", "shown"),
    [
        ("output", "'abc'", "'abc'"),
        ("output", "(None, 3.5)", "(None, 3.5)"),
        ("output", "(*x[:-1], True)", "(Expr('batch'), 5, True)"),
        ("output", "list(x)", "[Expr('batch'), 5, 4]"),
        ("output", "[]", "[]"),
        ("output", "None", "None"),
        ("macs", "1.5", "1.5"),
        ("macs", "None", "None"),
        ("macs", "-4", "-4"),
        ("explain", "None", "None"),
        ("weights", "['kernel']", "'kernel'"),
        ("weights", "[Weight('kernel', (3.5,))]", "(3.5,)"),
        ("weights", "[Weight('kernel', (-3,))]", "(-3,)"),
        ("output_dtypes", "'float32'", "'float32'"),
    ],
)
def test_what_a_rule_may_not_return_is_the_plugins_fault(tmp_path, rule, returned, shown):
    done = odd(tmp_path, rule, returned)
    assert (done.returncode, done.stdout) == (2, "")
    start = f"error: the layer Odd of odd fails at 'odd': {rule} returned {shown}, expected "
    assert done.stderr.startswith(start), done.stderr
    assert done.stderr.count("\n") == 1


def test_a_check_blames_the_plugin_too(tmp_path):
    done = odd(tmp_path, "output", "1 / 0", command="check")
    assert done.returncode == 2
    assert "the layer Odd of odd fails at 'odd': ZeroDivisionError" in done.stderr
    assert "could not be examined" in done.stdout


def test_steps_are_texts(tmp_path):
    done = odd(tmp_path, "steps", "[7]", command="explain")
    assert done.returncode == 2
    assert "steps returned 7, expected a text" in done.stderr


def test_a_faulty_layer_inside_another_is_named(tmp_path):
    for returned in ("'abc'", "1 / 0"):
        done = odd(tmp_path, "output", returned, "[{TimeDistributed: Odd}]")
        assert done.returncode == 2
        assert "the layer Odd of odd fails at 'time_distributed'" in done.stderr


def test_sizes_below_one_are_refused(tmp_path):
    done = odd(tmp_path, "output", "(*x[:-1], x[-1] - 100)")
    assert done.returncode == 1
    assert "Odd makes an output of (None, 5, -96), where a size would be below 1" in done.stderr


def test_a_plugin_may_use_all_that_dims_names(tmp_path):
    (tmp_path / "odd.py").write_text("from dense_shapes.dims import *\nparse_dim, lower_bound\n")
    path = spec(tmp_path, "input_shape: [5]\nlayers: [ReLU]\n")
    done = run("summarize", path, "--plugin", "odd", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_named_sizes_are_to_leave_something(tmp_path):
    code = RETURNING.format_map(RIGHT | {"output": "(*x[:-1], x[-1] - 100)"})
    (tmp_path / "odd.py").write_text(code, "utf-8")
    path = spec(tmp_path, "input_shape: [5, D]\nlayers: [Odd]\n")
    done = run("summarize", path, "--json", "--plugin", "odd", cwd=tmp_path)
    assert json.loads(done.stdout)["requirements"][0]["text"] == "D >= 101"
