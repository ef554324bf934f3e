"""`dense-shapes convert` as users run it: where it writes, and what it leaves alone."""

import json
import os
import stat

import pytest

from tests.cli.test_commands import SEED, run, spec

NATIVE = """\
name: cifar10_dense
input_shape: [32, 32, 3]
layers:
  - Dense: {units: 512, activation: relu}
  - Dense: {units: 10, activation: softmax}
"""


def test_standard_output_by_default():
    for more in ([], ["-o", "-"], ["--output", "-"]):
        done = run("convert", SEED, "--to", "native", *more)
        assert (done.returncode, done.stdout, done.stderr) == (0, NATIVE, "")
    done = run("convert", SEED, "--to", "keras")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["class_name"] == "Functional"


def test_a_pipe_of_both():
    first = run("convert", SEED, "--to", "native")
    done = run("convert", "-", "--to", "native", stdin=first.stdout)
    assert done.stdout == NATIVE


def test_a_file_is_written_but_not_written_over(tmp_path):
    path = tmp_path / "made.yaml"
    done = run("convert", SEED, "--to", "native", "-o", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert path.read_text("utf-8") == NATIVE
    path.write_text("mine")
    path.chmod(0o640)
    done = run("convert", SEED, "--to", "native", "-o", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {str(path)!r} is there already: --force writes over it\n"
    assert path.read_text() == "mine"
    done = run("convert", SEED, "--to", "native", "-o", str(path), "--force")
    assert (done.returncode, path.read_text("utf-8")) == (0, NATIVE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["made.yaml"]


def test_the_input_may_be_written_over(tmp_path):
    path = spec(tmp_path, "layers: [{Dense: {units: 4}}]\ninput_shape: [3]\n")
    done = run("convert", path, "--to", "native", "-o", path, "--force")
    assert done.returncode == 0
    assert (tmp_path / "model.yaml").read_text() == (
        "name: model\ninput_shape: [3]\nlayers:\n  - Dense: 4\n"
    )


def test_a_link_stays_one(tmp_path):
    (tmp_path / "there.yaml").write_text("old")
    (tmp_path / "link.yaml").symlink_to("there.yaml")
    done = run("convert", SEED, "--to", "native", "-o", str(tmp_path / "link.yaml"), "--force")
    assert done.returncode == 0
    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "there.yaml").read_text("utf-8") == NATIVE


def test_nothing_is_written_of_a_model_that_is_wrong(tmp_path):
    path = tmp_path / "made.json"
    wrong = spec(tmp_path, "input_shape: [4]\nlayers: [Flaten]\n")
    done = run("convert", wrong, "--to", "keras", "-o", str(path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error[DS103]: unknown layer type 'Flaten'\n")
    named = spec(tmp_path, "input_shape: [T, d]\nlayers:\n  - Dense: 4\n")
    done = run("convert", named, "--to", "keras", "-o", str(path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "error[DS501]: Keras cannot leave a size open here: Dense needs to know" in done.stderr
    assert "   |     ^^^^^\n   = help: give it a number: --set d=…\n" in done.stderr
    assert not path.exists()
    done = run("convert", named, "--to", "keras", "-o", str(path), "--set", "d=3")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "note[DS502]: Keras has no names for sizes: T is null\n\n"
    assert json.loads(path.read_text())["config"]["name"] == "model"


def test_input_shapes_and_plugins():
    done = run("convert", SEED, "--to", "native", "--input-shape", "H,W,1")
    assert "input_shape: [H, W, 1]\n" in done.stdout
    done = run("convert", SEED, "--to", "native", "--plugin", "no_such_module")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no_such_module" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["convert", SEED], "--to"),
        (["convert", SEED, "--to", "onnx"], "onnx"),
        (["convert", "no.yaml", "--to", "keras"], "cannot read 'no.yaml': No such file"),
        (["convert", SEED, "--to", "native", "--set", "x=1"], "no var and no open size"),
        (["convert", SEED, "--to", "native", "-o", "no/such/folder.yaml"], "cannot write"),
        (["convert", SEED, "--to", "native", "-o", "configs"], "cannot write"),
    ],
)
def test_what_cannot_be_done(arguments, said):
    done = run(*arguments, COLUMNS="200")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_device_can_be_written_to():
    done = run("convert", SEED, "--to", "native", "-o", os.devnull)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_stdout_that_is_not_utf_8_gets_the_same_model_in_ascii(tmp_path):
    path = spec(tmp_path, "input_shape: [高さ, 8]\nlayers: [{Dense: {units: 2, name: 頭}}]\n")
    done = run("convert", path, "--to", "native", PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
    again = run("convert", "-", "--to", "native", stdin=done.stdout)
    direct = run("convert", path, "--to", "native")
    assert again.stdout == direct.stdout
    assert "高さ" in direct.stdout
