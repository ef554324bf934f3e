"""The command as users run it: a process of its own, streams, exit codes."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
SEED = "configs/cifar10_dense.yaml"


def run(*arguments, stdin=None, cwd=ROOT, **env):
    """Run the command and return what it did."""
    base = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "FORCE_COLOR"}}
    return subprocess.run(
        [sys.executable, "-m", "dense_shapes", *arguments],
        cwd=cwd,
        env={**base, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **env},
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def spec(folder, text, name="model.yaml"):
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


def test_the_seed_case():
    done = run("summarize", SEED)
    assert done.returncode == 0
    rows = [line for line in done.stdout.splitlines() if "(Dense)" in line]
    assert len(rows) == 2
    first, second = rows
    for part in ("dense (Dense)", "(None, 32, 32, 512)", "2,048", "3·512 + 512 = 2,048 params"):
        assert part in first
    assert "last-axis matmul over 32x32 positions: (3,)·(3, 512)" in first
    for part in ("dense_1 (Dense)", "(None, 32, 32, 10)", "5,130"):
        assert part in second
    for total in (
        "Total params: 7,178 (28.04 KB)",
        "Trainable params: 7,178 (28.04 KB)",
        "Non-trainable params: 0 (0.00 B)",
        "MACs for one example: 6,815,744",
    ):
        assert total in done.stdout
    assert "warning[DS301]: this Dense was applied at each of 32x32 positions" in done.stderr
    assert "(None, 10), and it would have 1,578,506 params instead of 7,178" in done.stderr


def test_vgg16_has_the_published_counts():
    totals = json.loads(run("summarize", "configs/vgg16.yaml", "--json").stdout)["totals"]
    assert totals["params"] == 138_357_544
    assert totals["macs"] == 15_470_264_320


def test_five_strides_of_two_are_one_ceiling():
    shape = json.loads(run("summarize", "configs/fully_convolutional.yaml", "--json").stdout)
    assert shape["outputs"][0]["shape"] == [None, "ceil(H/32)", "ceil(W/32)", 21]
    bound = run("summarize", "configs/fully_convolutional.yaml", "--json", "--set", "H=224")
    assert json.loads(bound.stdout)["outputs"][0]["shape"] == [None, 7, "ceil(W/32)", 21]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_every_config_is_summarised_and_valid(path):
    done = run("summarize", str(path), "--json")
    assert done.returncode == 0
    summary = json.loads(done.stdout)
    assert all(row["status"] == "ok" for row in summary["layers"])
    validator("summary").validate(summary)
    validator("spec").validate(yaml.safe_load(path.read_text("utf-8")))


@cache
def validator(which):
    """Return what validates against a schema as the command prints it, itself checked once."""
    schema = json.loads(run("schema", which).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_json_has_the_keys_of_version_1_in_order():
    summary = json.loads(run("summarize", SEED, "--json").stdout)
    assert list(summary) == (
        [
            "schema",
            "name",
            "source",
            "inputs",
            "outputs",
            "layers",
            "totals",
            "requirements",
            "diagnostics",
        ]
    )
    assert summary["schema"] == "dense-shapes/summary/1"
    assert summary["source"] == SEED
    assert summary["inputs"] == [{"name": "input", "shape": [None, 32, 32, 3], "dtype": "float32"}]
    row = summary["layers"][1]
    assert row == {
        "name": "dense",
        "type": "Dense",
        "inputs": ["input"],
        "input_shapes": [[None, 32, 32, 3]],
        "output_shapes": [[None, 32, 32, 512]],
        "output_shape": [None, 32, 32, 512],
        "params": 2048,
        "trainable_params": 2048,
        "non_trainable_params": 0,
        "weights": [
            {"name": "kernel", "shape": [3, 512], "trainable": True},
            {"name": "bias", "shape": [512], "trainable": True},
        ],
        "macs": 1_572_864,
        "explanation": row["explanation"],
        "line": 6,
        "status": "ok",
        "layers": [],
    }
    assert summary["totals"] == {
        "params": 7178,
        "trainable_params": 7178,
        "non_trainable_params": 0,
        "param_bytes": 28712,
        "macs": 6_815_744,
    }
    (advice,) = summary["diagnostics"]
    assert list(advice) == ["code", "severity", "message", "layer", "line", "column", "help"]
    assert (advice["code"], advice["layer"], advice["line"], advice["column"]) == (
        "DS301",
        "dense",
        6,
        5,
    )


def test_a_model_that_fails_is_shown_as_far_as_it_goes(tmp_path):
    path = spec(
        tmp_path,
        "input_shape: [8, 8, 3]\nlayers: [Flatten, {Conv2D: {filters: 2, kernel_size: 3}}, "
        "{Dense: 4}]\n",
    )
    done = run("summarize", path, "--json")
    assert done.returncode == 1
    summary = json.loads(done.stdout)
    assert [row["status"] for row in summary["layers"]] == ["ok", "ok", "failed", "unknown"]
    assert [row["output_shapes"] for row in summary["layers"][2:]] == [None, None]
    assert [row["params"] for row in summary["layers"]] == [0, 0, None, None]
    assert set(summary["totals"].values()) == {None}
    assert summary["outputs"][0]["shape"] is None
    (error,) = summary["diagnostics"]
    assert error["code"] == "DS201"
    assert "error[DS201]" in done.stderr
    jsonschema.validate(summary, json.loads(run("schema", "summary").stdout))


def test_several_models_make_an_array_and_the_highest_exit_code(tmp_path):
    good = spec(tmp_path, "input_shape: [4]\nlayers: [{Dense: 2}]\n", "good.yaml")
    bad = spec(tmp_path, "input_shape: [4]\nlayers: [{Dens: 2}]\n", "bad.yaml")
    both = run("summarize", good, bad, "--json")
    assert both.returncode == 1
    assert [model["name"] for model in json.loads(both.stdout)] == ["good", "bad"]
    missing = run("summarize", bad, str(tmp_path / "none.yaml"), good, "--json")
    assert missing.returncode == 2
    assert [model["name"] for model in json.loads(missing.stdout)] == ["bad", "good"]
    assert "No such file or directory" in missing.stderr
    table = run("summarize", good, good)
    assert table.stdout.count("Total params: 10") == 2


def test_standard_input():
    text = (ROOT / SEED).read_text("utf-8")
    summary = json.loads(run("summarize", "-", "--json", stdin=text).stdout)
    assert summary["source"] == "-"
    assert summary["totals"]["params"] == 7178


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["summarize"], 2, "Missing argument"),
        (["summarise"], 2, "No such command"),
        (["summarize", "none.yaml"], 2, "cannot read 'none.yaml': No such file"),
        (["summarize", "configs"], 2, "cannot read 'configs': Is a directory"),
        (["summarize", SEED, "--format", "xml"], 2, "xml"),
        (["summarize", SEED, "--columns", "parms"], 2, "did you mean 'params'?"),
        (["summarize", SEED, "--columns", "params", "--json"], 2, "JSON always holds everything"),
        (["summarize", SEED, "--set", "H"], 2, "expected NAME=VALUE"),
        (["summarize", SEED, "--set", "H=3"], 2, "no var and no open size is called 'H'"),
        (["summarize", "configs/width_scaled.yaml", "--set", "widht=3"], 2, "did you mean 'width'"),
        (["summarize", "configs/fully_convolutional.yaml", "--set", "H=big"], 2, "an integer"),
        (
            ["summarize", "configs/fully_convolutional.yaml", "--set", "H=0"],
            2,
            "at least 1, found 0",
        ),
        (["summarize", SEED, "--plugin", "no.such.module"], 2, "No module named"),
        (["explain", SEED, "dence"], 2, "did you mean 'dense'?"),
        (["explain", SEED, "xyz"], 2, "it has input, dense, dense_1"),
        (["layers", "Dence"], 2, "did you mean 'Dense'?"),
        (["schema", "spek"], 2, "spek"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_exit_codes_and_what_is_said(arguments, code, said):
    done = run(*arguments)
    assert done.returncode == code
    assert said in re.sub(r"[│\s]+", " ", done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", [[], ["summarize"], ["explain"], ["check"], ["diff"], ["layers"], ["schema"]]
)
def test_help_teaches(command):
    done = run(*command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout
    if command:
        assert "Example" in done.stdout
    assert run(*command, "-h").stdout == done.stdout


def test_version():
    done = run("--version")
    assert re.fullmatch(r"dense-shapes \d+\.\d+\.\d+\n", done.stdout)


def test_completion_is_offered():
    assert "--install-completion" in run("--help").stdout


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_table_loses_nothing_at_any_width(width):
    wide = run("summarize", "configs/lenet5.yaml")
    done = run("summarize", "configs/lenet5.yaml", COLUMNS=str(width))
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= width
    for sign in "…─│":
        assert sign not in "".join(line for line in lines if "──" not in line)

    def letters(text):
        return sorted(re.sub(r"[\s─]", "", text))

    assert letters(done.stdout) == letters(wide.stdout)
    if width >= 80:
        for whole in ("(None, 28, 28, 6)", "48,120", "output (Dense)", "61,706 (241.04 KB)"):
            assert whole in done.stdout


def test_a_pipe_gets_one_line_a_row_and_no_colours():
    done = run("summarize", "configs/vgg16.yaml")
    assert sum("(Conv2D)" in line for line in done.stdout.splitlines()) == 13
    assert all("params" in line for line in done.stdout.splitlines() if "(Conv2D)" in line)
    assert "\x1b" not in done.stdout + done.stderr


def test_an_output_that_is_not_utf8_gets_ascii(tmp_path):
    path = spec(
        tmp_path, "name: modèle\ninput_shape: [4]\nlayers: [{Dense: {units: 2, name: é}}]\n"
    )
    for form in ("table", "json", "csv", "markdown"):
        done = run("summarize", path, "--format", form, PYTHONIOENCODING="ascii")
        assert done.returncode == 0
        assert done.stdout.isascii()
    assert json.loads(run("summarize", path, "--json", PYTHONIOENCODING="ascii").stdout)[
        "name"
    ] == ("modèle")
    for command in (["explain", path], ["layers"], ["layers", "Conv2D"]):
        assert run(*command, PYTHONIOENCODING="latin-1").stdout.isascii()


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes there only")
@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_a_name_that_is_not_utf8_leaves_the_output_so(tmp_path, errors):
    name = os.fsdecode(b"\xff.yaml")
    spec(tmp_path, "name: é\ninput_shape: [4]\nlayers: [{Dense: 2}]\n", name)
    encoding = f"utf-8:{errors}"
    for command in (["summarize", name], ["check", name], ["diff", name, name]):
        done = run(*command, "--json", cwd=tmp_path, PYTHONIOENCODING=encoding)
        assert done.returncode == 0, done.stderr
        made = json.loads(done.stdout)
        assert made.get("old", made)["source"] == name
        assert '"é"' in done.stdout


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_pipe_that_closes_early_is_no_traceback(form):
    code = (
        f"{sys.executable} -m dense_shapes summarize configs/vgg16.yaml --format {form} "
        "| head -c 10 > /dev/null; exit ${PIPESTATUS[0]}"
    )
    done = subprocess.run(
        ["bash", "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode in {0, 2}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said():
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m dense_shapes summarize {SEED} --json > /dev/full"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "error: cannot write the output: No space left on device"
    assert "Traceback" not in done.stderr


def test_csv_and_markdown_can_be_read_back(tmp_path):
    import csv

    text = run("summarize", SEED, "--format", "csv").stdout
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["params"] for row in rows] == ["0", "2048", "5130"]
    assert rows[1]["output_shape"] == "(None, 32, 32, 512)"
    many = run("summarize", SEED, "configs/lenet5.yaml", "--format", "csv").stdout
    assert {row["model"] for row in csv.DictReader(many.splitlines())} == {
        "cifar10_dense",
        "lenet5",
    }
    path = spec(tmp_path, "input_shape: [4]\nlayers: [{Dense: {units: 2, name: 'a|b_c'}}]\n")
    assert r"| a\|b\_c (Dense) |" in run("summarize", path, "--format", "markdown").stdout


def test_columns_are_chosen_and_ordered():
    done = run(
        "summarize", SEED, "--format", "csv", "--columns", "macs,memory,non-trainable,flops,line"
    )
    assert done.stdout.splitlines() == [
        "macs,memory,non_trainable,flops,line",
        "0,0,0,0,4",
        "1572864,8192,0,3145728,6",
        "5242880,20520,0,10485760,7",
    ]


def test_explain_gives_the_equation_with_the_models_numbers():
    done = run("explain", SEED, "dense")
    assert done.returncode == 0
    for part in (
        "(None, 32, 32, 3) · (3, 512) + (512,) → (None, 32, 32, 512)",
        "input feature (3): found in the input and in the kernel",
        "kernel (3, 512): 3 (input feature) × 512 (unit) = 1,536",
        "3·512 + 512 = 2,048",
        "1,536 numbers of the kernel × 1,024 places they are used at = 1,572,864",
    ):
        assert part in done.stdout
    everything = run("explain", SEED).stdout
    assert everything.count("equation") == 2


def test_input_shape_is_given_or_replaced(tmp_path):
    replaced = run("summarize", "configs/vgg16.yaml", "--json", "--input-shape", "64,64,3")
    assert json.loads(replaced.stdout)["inputs"][0]["shape"] == [None, 64, 64, 3]
    path = spec(tmp_path, "layers: [{Conv2D: {filters: 2, kernel_size: 3}}]\n")
    refused = run("summarize", path)
    assert refused.returncode == 1
    assert "--input-shape" in refused.stderr
    given = run("summarize", path, "--json", "--input-shape", "H,W,3")
    assert json.loads(given.stdout)["outputs"][0]["shape"] == [None, "H - 2", "W - 2", 2]


def test_input_shape_replaces_any_input_by_its_name(tmp_path):
    path = spec(
        tmp_path,
        "layers:\n  - Input: {shape: [3], name: a}\n  - Dense: 3\n"
        "  - Input: {shape: [4], name: b}\n  - Dense: 3\n  - Add: {from: [dense, dense_1]}\n",
    )
    done = run("summarize", path, "--json", "--input-shape", "b=7")
    assert [i["shape"] for i in json.loads(done.stdout)["inputs"]] == [[None, 3], [None, 7]]


def test_resnet50_and_gpt2_have_the_published_counts():
    resnet = json.loads(run("summarize", "configs/resnet50.yaml", "--json").stdout)["totals"]
    assert resnet["params"] == 25_636_712
    assert resnet["non_trainable_params"] == 53_120
    assert resnet["macs"] == 3_857_973_248
    gpt2 = json.loads(run("summarize", "configs/gpt2_small.yaml", "--json").stdout)["totals"]
    assert gpt2["params"] == 124_439_808


def test_groups_are_folded_and_found_by_their_paths():
    folded = run("summarize", "configs/resnet50.yaml", "--depth", "0", "--columns", "layer,params")
    rows = [line for line in folded.stdout.splitlines() if "(stage)" in line]
    assert [row.split()[-1] for row in rows] == ["220,032", "1,230,336", "7,129,088", "14,998,528"]
    assert "bottleneck" not in folded.stdout
    whole = run("summarize", "configs/resnet50.yaml", "--json")
    stage = next(row for row in json.loads(whole.stdout)["layers"] if row["name"] == "conv3")
    inner = stage["layers"][0]["layers"][0]
    assert inner["name"] == "conv2d"
    assert inner["path"] == "conv3/project/conv2d"
    found = run("explain", "configs/resnet50.yaml", "conv3/project/conv2d")
    assert "conv3/project/conv2d (Conv2D), line 25" in found.stdout


def test_a_layer_called_twice_is_one_row_with_its_calls():
    summary = json.loads(run("summarize", "configs/siamese.yaml", "--json").stdout)
    tower = next(row for row in summary["layers"] if row["name"] == "tower")
    assert [call["name"] for call in tower["calls"]] == ["tower", "tower@2"]
    assert [call["inputs"] for call in tower["calls"]] == [["left"], ["right"]]
    assert tower["inputs"] == ["right"]
    alone = json.loads(run("summarize", "configs/siamese.yaml", "--json").stdout)
    code = tower["layers"][-1]
    assert code["name"] == "code"
    assert code["macs"] == 2 * 128 * 128
    assert sum(row["params"] for row in alone["layers"]) == alone["totals"]["params"]


def test_the_equation_of_a_layer_with_lora_has_all_its_weights(tmp_path):
    path = spec(tmp_path, "input_shape: [6]\nlayers: [{Dense: {units: 4, lora_rank: 2}}]\n")
    done = run("explain", path, "dense")
    equation = "input · (kernel + alpha/rank·lora_kernel_a·lora_kernel_b) + bias → output"
    assert equation in done.stdout


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("reuse", 0, "what the second call gives"),
        ("Repeat", 0, "groups repeat/0, repeat/1, repeat/2"),
        ("conv", 2, "those with it in their names are Conv1D, Conv2D, Conv3D, DepthwiseConv1D"),
        ("nn.Linear", 2, "did you mean 'Dense'?"),
        ("gelu", 2, "did you mean 'Activation: gelu'?"),
        ("MyLayer", 2, "`dense-shapes layers` lists them all"),
    ],
)
def test_what_is_no_layer_is_answered_too(name, code, told):
    done = run("layers", name)
    assert done.returncode == code
    assert told in (done.stderr if code else done.stdout)
    assert not (done.stdout if code else done.stderr)


def test_a_name_inside_groups_is_found_for_explain():
    done = run("explain", "configs/gpt2_small.yaml", "attention")
    assert done.returncode == 2
    assert "did you mean 'blocks/0/transformer/attention' (and 11 more)?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["summarize", SEED, "--json", "--depth", "1"], "JSON always holds everything"),
        (["summarize", SEED, "--json", "--format", "csv"], "--format is csv"),
        (["check", SEED, "--json", "--format", "junit"], "--format is junit"),
        (["diff", SEED, SEED, "--json", "-f", "table"], "--format is table"),
        (["summarize", SEED, "--set", "H=1", "--set", "H=2"], "'H' is given twice"),
        (["summarize", SEED, "--input-shape", "8,8,3", "--input-shape", "9"], "given twice"),
        (["summarize", "-", "-"], "standard input can be read once only"),
    ],
)
def test_options_that_exclude_each_other_are_refused(arguments, told):
    done = run(*arguments, COLUMNS="200")
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stdout == ""


def test_json_may_be_asked_for_twice():
    once, twice = run("summarize", SEED, "--json"), run("summarize", SEED, "--json", "-f", "json")
    assert once.stdout == twice.stdout


@pytest.mark.parametrize("form", ["table", "csv", "markdown"])
def test_depth_counts_in_every_format_for_people(form):
    def lines(*more):
        done = run("summarize", "configs/resnet50.yaml", "-f", form, "--columns", "name", *more)
        return len(done.stdout.splitlines())

    assert lines("--depth", "0") < lines("--depth", "1") < lines()


def test_patterns_in_quotes_are_resolved():
    done = run("summarize", "configs/cifar10_*.yaml", "--json")
    assert [made["name"] for made in json.loads(done.stdout)] == [
        "cifar10_dense",
        "cifar10_flatten",
    ]
    done = run("summarize", "configs/nothing*.yaml", SEED, "--json")
    assert done.returncode == 2
    assert "cannot read 'configs/nothing*.yaml'" in done.stderr
    assert len(json.loads(done.stdout)) == 1


def test_a_name_is_not_sought_where_there_are_none():
    done = run("summarize", SEED, "--set", "H=3")
    assert done.returncode == 2
    assert "no open size is called 'H': this model has neither" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_help_whose_reader_leaves_early_is_no_failure(encoding):
    code = f"{sys.executable} -m dense_shapes --help | head -n 2; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: " in done.stdout


def test_the_help_names_the_exit_codes():
    assert "Exit codes: 0 all is well; 1 a model or an" in run("--help", COLUMNS="200").stdout


CALLED = """
inputs: {a: [28, 28, 1], b: [28, 28, 1], c: [32, 32, 1]}
layers:
  - Conv2D: {filters: 32, kernel_size: 3, from: a, name: same}
  - {reuse: same, from: b}
  - Conv2D: {filters: 32, kernel_size: 3, from: a, name: other}
  - {reuse: other, from: c}
outputs: [same, same@2, other, other@2]
"""


def test_a_layer_called_twice_says_so_and_adds_up(tmp_path):
    (tmp_path / "m.yaml").write_text(CALLED)
    told = run("explain", "m.yaml", "same", cwd=tmp_path).stdout
    assert "params; called 2 times, this is the last\n" in told
    assert "288 numbers of the kernel × 676 places they are used at × 2 calls = 389,376\n" in told
    assert "  calls      same: (None, 28, 28, 1) → (None, 26, 26, 32)\n" in told
    told = run("explain", "m.yaml", "other", cwd=tmp_path).stdout
    assert "             other@2: (None, 32, 32, 1) → (None, 30, 30, 32)\n" in told
    assert "453,888 in all 2 calls\n" in told
    table = run("summarize", "m.yaml", cwd=tmp_path).stdout
    assert table.count("; called 2 times, this is the last") == 2
    tied = run("explain", "configs/gpt2_small.yaml", "words").stdout
    assert "; called 2 times, this is the last" in tied


def test_a_group_that_was_not_understood_has_no_rows_to_count(tmp_path):
    spec = "input_shape: [8]\nblocks: {b: {args: {n: null}, layers: [{Dense: n}]}}\nlayers: [b]\n"
    (tmp_path / "m.yaml").write_text(spec)
    table = run("summarize", "m.yaml", cwd=tmp_path).stdout
    assert "b (b)" in table
    assert "0 rows" not in table
    assert "not understood: see the error about it" in table


def test_a_count_is_not_said_to_be_itself(tmp_path):
    (tmp_path / "m.yaml").write_text(
        "input_shape: [4096]\nlayers: [{BatchNormalization: {center: false}}]\n"
    )
    told = run("explain", "m.yaml", "batch_normalization", cwd=tmp_path).stdout
    assert "4096 + 4096 + 4096 = 12,288" in told
    (tmp_path / "m.yaml").write_text("input_shape: [4096]\nlayers: [PReLU]\n")
    assert "params     4,096\n" in run("explain", "m.yaml", "p_re_lu", cwd=tmp_path).stdout
