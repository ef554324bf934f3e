"""`diff` as users run it: revisions of git, exit codes, options, streams."""

import json
import os
import re
import subprocess

import pytest

from tests.cli.test_commands import ROOT, SEED, run

SPEC = "input_shape: [4]\nlayers:\n  - Dense: 8\n  - Dense: {units: 2, name: head}\n"
OTHER = SPEC.replace("Dense: 8", "Dense: 16")


def git(folder, *arguments):
    names = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *names, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path):
    """A repository with two revisions of two models, the second tagged, and a change on top."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "sub").mkdir()
    for path in (tmp_path / "model.yaml", tmp_path / "sub" / "inner.yaml"):
        path.write_text(SPEC)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    (tmp_path / "model.yaml").write_text(OTHER)
    git(tmp_path, "commit", "--quiet", "-am", "two")
    git(tmp_path, "tag", "v2")
    return tmp_path


def units(done):
    """Return what became of the units of the first layer; None if nothing."""
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    if not found["different"]:
        return None
    (field,) = [f for f in found["layers"][0]["fields"] if f["field"] == "options.units"]
    return field["old"], field["new"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("HEAD~1:model.yaml", "model.yaml", (8, 16)),
        ("HEAD~1:./model.yaml", "v2:model.yaml", (8, 16)),
        ("main~1:model.yaml", "main:model.yaml", (8, 16)),
        ("model.yaml", "HEAD^:model.yaml", (16, 8)),
        ("HEAD:model.yaml", "model.yaml", None),
        (":model.yaml", "model.yaml", None),
        ("v2:sub/inner.yaml", "v2:model.yaml", (8, 16)),
    ],
)
def test_revisions(repository, old, new, expected):
    assert units(run("diff", old, new, "--json", cwd=repository)) == expected


def test_the_index_is_a_revision_too(repository):
    (repository / "model.yaml").write_text(SPEC)
    git(repository, "add", "model.yaml")
    (repository / "model.yaml").write_text(OTHER.replace("16", "32"))
    assert units(run("diff", ":model.yaml", "model.yaml", "--json", cwd=repository)) == (8, 32)
    assert units(run("diff", "HEAD:model.yaml", ":model.yaml", "--json", cwd=repository)) == (16, 8)


@pytest.mark.parametrize("name", ["inner.yaml", "./inner.yaml", "sub/inner.yaml"])
def test_a_path_counts_from_the_top_or_from_here(repository, name):
    (repository / "sub" / "inner.yaml").write_text(OTHER)
    done = run("diff", f"HEAD:{name}", "inner.yaml", "--json", cwd=repository / "sub")
    assert units(done) == (8, 16)
    found = json.loads(done.stdout)
    assert found["old"] == {"name": "inner", "source": f"HEAD:{name}", "ok": True}


def test_a_file_that_is_called_so_comes_first(repository):
    (repository / "HEAD~1:model.yaml").write_text(OTHER)
    done = run("diff", "HEAD~1:model.yaml", "model.yaml", "--json", cwd=repository)
    assert units(done) is None


def test_a_branch_with_slashes(repository):
    git(repository, "branch", "feature/wide", "HEAD~1")
    done = run("diff", "feature/wide:model.yaml", "model.yaml", "--json", cwd=repository)
    assert units(done) == (8, 16)


@pytest.mark.parametrize(
    ("old", "said"),
    [
        ("nope:model.yaml", "invalid object name 'nope'"),
        ("HEAD:none.yaml", "path 'none.yaml' does not exist in 'HEAD'"),
        ("HEAD:sub", "it is not a file in that revision"),
        ("HEAD:", "no file is named after the revision"),
        ("--output=x:model.yaml", "a revision does not begin with '-'"),
        ("-x:model.yaml", "a revision does not begin with '-'"),
        ("C:/model.yaml", "No such file or directory"),
        ("C:\\model.yaml", "No such file or directory"),
        ("https://example.org/model.yaml", "No such file or directory"),
        ("HEAD:../model.yaml", "outside repository"),
    ],
)
def test_what_git_does_not_have_is_said(repository, old, said):
    done = run("diff", "--json", "--", old, "model.yaml", cwd=repository)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"cannot read {old!r}: " in done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (repository / "x").exists()


def test_nothing_in_a_name_is_run(repository):
    for name in ("$(touch x):m", "HEAD:`touch x`", "HEAD:model.yaml;touch x", "HEAD:a\nb"):
        assert run("diff", name, "model.yaml", cwd=repository).returncode == 2
    # Filters and converters of the repository are commands, which are not asked for here.
    (repository / ".gitattributes").write_text("*.yaml filter=evil diff=evil\n")
    git(repository, "config", "filter.evil.smudge", "touch x")
    git(repository, "config", "diff.evil.textconv", "touch x; cat")
    git(repository, "config", "core.pager", "touch x")
    assert units(run("diff", "HEAD~1:model.yaml", "model.yaml", "--json", cwd=repository))
    assert not (repository / "x").exists()


def test_outside_of_any_repository(tmp_path):
    (tmp_path / "model.yaml").write_text(SPEC)
    where = {"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    done = run("diff", "HEAD:model.yaml", "model.yaml", cwd=tmp_path, **where)
    assert done.returncode == 2
    assert "not a git repository" in done.stderr


def test_without_git(repository):
    (repository / "empty").mkdir()
    where = {"PATH": str(repository / "empty")}
    done = run("diff", "HEAD:model.yaml", "model.yaml", cwd=repository, **where)
    assert done.returncode == 2
    assert "git cannot be run: No such file or directory" in done.stderr
    assert run("diff", "model.yaml", "model.yaml", cwd=repository, **where).returncode == 0


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.yaml").write_text(SPEC)
    (tmp_path / "b.yaml").write_text(OTHER)
    (tmp_path / "bad.yaml").write_text(SPEC.replace("Dense: 8", "Flaten"))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["a.yaml", "a.yaml"], 0),
        (["a.yaml", "b.yaml"], 0),
        (["a.yaml", "a.yaml", "--exit-code"], 0),
        (["a.yaml", "b.yaml", "--exit-code"], 1),
        (["a.yaml", "bad.yaml"], 1),
        (["bad.yaml", "bad.yaml", "--exit-code"], 1),
        (["a.yaml", "none.yaml", "--exit-code"], 2),
        (["none.yaml", "bad.yaml"], 2),
        (["-", "-"], 2),
        (["a.yaml"], 2),
        (["a.yaml", "b.yaml", "--format", "csv"], 2),
        (["a.yaml", "b.yaml", "--set", "X=3"], 2),
        (["a.yaml", "b.yaml", "--plugin", "no.such.module"], 2),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_exit_codes(folder, arguments, code, form):
    if "--format" not in arguments:
        arguments = [*arguments, "--format", form]
    elif form != "table":
        pytest.skip("it has a format")
    done = run("diff", *arguments, cwd=folder, stdin="")
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert bool(done.stdout) == (code != 2)
    assert bool(done.stderr) == (code == 2 or "bad.yaml" in arguments)
    if form == "json" and code != 2:
        json.loads(done.stdout)


def test_standard_input_is_one_of_the_two(folder):
    done = run("diff", "a.yaml", "-", "--json", cwd=folder, stdin=OTHER)
    assert units(done) == (8, 16)
    assert json.loads(done.stdout)["new"]["source"] == "-"


def test_a_broken_model_is_compared_as_far_as_it_goes(folder):
    done = run("diff", "a.yaml", "bad.yaml", "--json", cwd=folder)
    found = json.loads(done.stdout)
    assert [side["ok"] for side in (found["old"], found["new"])] == [True, False]
    assert found["totals"]["params"]["new"] is None
    assert "error[DS103]" in done.stderr
    assert "? (unknown" not in done.stdout


def test_options_hold_for_both_sides(folder):
    (folder / "n.yaml").write_text("input_shape: [N]\nlayers: [{Dense: 2}]\n")
    (folder / "m.yaml").write_text("input_shape: [N, M]\nlayers: [{Dense: 2}]\n")
    both = run("diff", "n.yaml", "n.yaml", "--set", "N=8", "--json", cwd=folder)
    assert json.loads(both.stdout)["totals"]["params"]["old"] == 18
    # A name that one side alone has is no mistake, and one that neither has is.
    one = run("diff", "n.yaml", "m.yaml", "--set", "N=8", "--set", "M=3", "--json", cwd=folder)
    assert one.returncode == 0
    assert json.loads(one.stdout)["totals"]["params"] == {
        "old": 18,
        "new": 8,
        "change": -10,
        "percent": -55.5556,
    }
    neither = run("diff", "n.yaml", "m.yaml", "--set", "K=3", cwd=folder)
    assert neither.returncode == 2
    assert "no var and no open size is called 'K'" in neither.stderr
    piped = run(
        "diff", "-", "m.yaml", "--set", "M=3", cwd=folder, stdin="input_shape: [N]\nlayers: [ReLU]"
    )
    assert piped.returncode == 0
    shaped = run("diff", SEED, SEED, "--input-shape", "8,8,3", "--json")
    assert json.loads(shaped.stdout)["totals"]["macs"]["new"] == 6_815_744 // 16


def test_a_pipe_that_closes_early_is_no_traceback(folder):
    code = "dense-shapes diff a.yaml b.yaml | head -c 10 > /dev/null; exit ${PIPESTATUS[0]}"
    done = subprocess.run(
        ["bash", "-c", code.replace("dense-shapes", f"{os.sys.executable} -m dense_shapes")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode in {0, 2}


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("layers", [300, 2000])
def test_a_comment_is_no_longer_than_one_may_be(tmp_path, layers, encoding):
    rows = [f"  - Dense: {{units: 8, name: layer_{i}}}" for i in range(layers)]
    for name, units in (("a", "8"), ("b", "16")):
        text = "\n".join(["input_shape: [4]", "layers:", *rows]).replace(
            "units: 8", f"units: {units}"
        )
        (tmp_path / f"{name}.yaml").write_text(text)
    arguments = ["diff", "a.yaml", "b.yaml", "--format", "markdown"]
    done = run(*arguments, cwd=tmp_path, PYTHONIOENCODING=encoding)
    assert len(done.stdout) <= 65_536
    row = re.compile(r"^\| changed \| layer\\_(\d+) \(Dense\) \| .* \|$", re.MULTILINE)
    shown = row.findall(done.stdout)
    assert shown == [str(i) for i in range(len(shown))]
    left = re.findall(r"\*\*Left out: ([\d,]+) of ([\d,]+) layers\*\*", done.stdout)
    if layers == 300:
        assert (len(shown), left) == (300, [])
    else:
        assert left == [(f"{2000 - len(shown):,}", "2,000")]
        assert len(done.stdout) > 64_000
        assert done.stdout.index("</details>") < done.stdout.index("Left out")
    table = run("diff", "a.yaml", "b.yaml", cwd=tmp_path).stdout
    assert f"layer_{layers - 1} (Dense)" in table
    assert "Left out" not in table


def test_a_comment_leaves_out_whatever_is_too_long(tmp_path):
    word = "w" * 40_000
    (tmp_path / "a.yaml").write_text(SPEC)
    (tmp_path / "b.yaml").write_text(
        SPEC + f"  - Own: {{output_shape: [3], a: {word}, b: {word}}}\n"
    )
    (tmp_path / "c.yaml").write_text(f"name: {word * 2}\n{SPEC}")
    done = run("diff", "a.yaml", "b.yaml", "-f", "markdown", cwd=tmp_path)
    assert "**Left out: 1 of 1 layer**" in done.stdout
    done = run("diff", "a.yaml", "c.yaml", "-f", "markdown", cwd=tmp_path)
    assert "**Left out: 1 of 1 title**" in done.stdout
    assert "| Total params | 58 | 58 |  |" in done.stdout
    assert "no difference" in done.stdout


def test_options_of_unknown_layers_are_compared_and_kept(tmp_path):
    deep = "deep: {{a: [1, '${{x}}'], b: no}}"
    own = f"  - Own: {{{{output_shape: [null, 2], params: 3, rate: {{}}, {deep}}}}}\n"
    for name, rate, x in (("a", "0.5", 1), ("b", "0.6", 1), ("c", "0.5", 2)):
        (tmp_path / f"{name}.yaml").write_text(f"vars: {{x: {x}}}\n{SPEC}{own.format(rate)}")
    said = run("diff", "a.yaml", "b.yaml", cwd=tmp_path).stdout
    assert "changed   own (Own)      rate: 0.5 → 0.6" in said
    said = run("diff", "a.yaml", "c.yaml", cwd=tmp_path).stdout
    assert 'deep: {"a": [1, 1], "b": false} → {"a": [1, 2], "b": false}' in said
    (tmp_path / "d.yaml").write_text(
        run("convert", "a.yaml", "--to", "native", cwd=tmp_path).stdout
    )
    assert run("diff", "a.yaml", "d.yaml", "--exit-code", cwd=tmp_path).returncode == 0
    run("check", "a.yaml", "--update-baseline", "kept", cwd=tmp_path)
    (tmp_path / "a.yaml").write_text((tmp_path / "b.yaml").read_text())
    done = run("check", "a.yaml", "--baseline", "kept", cwd=tmp_path)
    assert "error[DS424]: own (Own) changed: rate: 0.5 → 0.6" in done.stderr


def saved(alpha, code):
    """Return a functional model of Keras 3 with a layer of the user's own."""

    def tensor(name, size):
        config = {"shape": [None, size], "dtype": "float32", "keras_history": [name, 0, 0]}
        return {"class_name": "__keras_tensor__", "config": config}

    def layer(kind, name, config, *inputs):
        nodes = [{"args": list(inputs), "kwargs": {}}] if inputs else []
        config = {"name": name, **config}
        return {"class_name": kind, "name": name, "config": config, "inbound_nodes": nodes}

    dtype = {"class_name": "DTypePolicy", "config": {"name": "float32"}}
    own = {"alpha": alpha, "code": code, "trainable": True, "dtype": dtype}
    layers = [
        layer("InputLayer", "in", {"batch_shape": [None, 4]}),
        layer("MyLayer", "own", own, tensor("in", 4)),
        layer("Dense", "head", {"units": 2}, tensor("own", 8)),
    ]
    ends = {"input_layers": [["in", 0, 0]], "output_layers": [["head", 0, 0]]}
    model = {"class_name": "Functional", "config": {"name": "f", "layers": layers, **ends}}
    return json.dumps({"module": "keras", **model})


def test_options_of_unknown_layers_in_keras_files_are_compared(tmp_path):
    for name, alpha, code in (("a", 3, "x" * 500), ("b", 4, "x" * 500), ("c", 3, "y" * 500)):
        (tmp_path / f"{name}.json").write_text(saved(alpha, code))
    old = json.loads(run("diff", "a.json", "b.json", "--json", cwd=tmp_path).stdout)
    (change,) = old["layers"]
    assert change["fields"] == [{"field": "options.alpha", "old": 3, "new": 4}]
    assert change["old"]["options"].keys() == {"alpha", "code"}
    said = run("diff", "a.json", "c.json", cwd=tmp_path).stdout
    assert re.search("code: 500 characters, sha256 [0-9a-f]{16} → 500 characters, sha256 ", said)
    assert "x" * 20 not in said
    run("check", "a.json", "--update-baseline", "kept", cwd=tmp_path)
    assert run("check", "a.json", "--baseline", "kept", cwd=tmp_path).returncode == 0
    (tmp_path / "a.json").write_text(saved(4, "x" * 500))
    done = run("check", "a.json", "--baseline", "kept", cwd=tmp_path)
    assert "error[DS424]: own (MyLayer) changed: alpha: 3 → 4" in done.stderr
