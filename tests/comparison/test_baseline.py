"""Baselines: what they keep, what they notice, and that nothing is ever lost in them."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import dense_shapes
from dense_shapes.api import analyse
from dense_shapes.baseline import BaselineError, load_baseline, update_baseline
from dense_shapes.checking import check
from dense_shapes.comparison.diff import compare
from dense_shapes.comparison.record import RecordError, record_of, summary_of
from dense_shapes.comparison.schema import baseline_schema
from dense_shapes.diagnostics import CODES
from dense_shapes.render.snippets import render_text
from dense_shapes.report import reports_on_gone
from tests.cli.test_commands import ROOT, run
from tests.graphs.draw import draw

GOLDEN = Path(__file__).parent / "golden"
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
SPEC = "input_shape: [4]\nlayers:\n  - Dense: 8\n  - Dense: {units: 2, name: head}\n"
OTHER = SPEC.replace("Dense: 8", "Dense: 16")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.yaml").write_text(SPEC)
    return tmp_path


def update(folder, *arguments):
    return run("check", "model.yaml", "--update-baseline", "kept.json", *arguments, cwd=folder)


def hold(folder, *arguments):
    return run("check", "model.yaml", "--baseline", "kept.json", *arguments, cwd=folder)


def test_a_layer_is_a_line(folder, request):
    shutil.copy(GOLDEN / "old.yaml", folder / "model.yaml")
    done = update(folder)
    assert done.returncode == 0
    assert done.stderr == "note: kept.json: 1 model written\n"
    text = (folder / "kept.json").read_text("utf-8")
    if request.config.getoption("--update"):
        (GOLDEN / "baseline.json").write_text(text, "utf-8", newline="\n")
    assert text == (GOLDEN / "baseline.json").read_text("utf-8")
    rows = analyse(str(GOLDEN / "old.yaml")).rows()
    assert sum('"type": ' in line for line in text.splitlines()) == len(rows)


def test_it_is_valid(folder):
    schema = baseline_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    paths = [str(path) for path in CONFIGS]
    done = run("check", *paths, "--update-baseline", "kept.json", cwd=folder)
    assert done.returncode == 0, done.stderr
    kept = json.loads((folder / "kept.json").read_text("utf-8"))
    jsonschema.validate(kept, schema)
    assert len(kept["models"]) == len(CONFIGS)
    assert json.loads(run("schema", "baseline").stdout) == schema
    again = run("check", *paths, "--baseline", "kept.json", "-j", "2", cwd=folder)
    assert again.returncode == 0, again.stderr


def test_nothing_is_noticed_where_nothing_is_otherwise(folder):
    update(folder)
    done = hold(folder)
    assert (done.returncode, done.stderr) == (0, "")
    # Places, comments, order of options and defaults that are written out do not matter.
    (folder / "model.yaml").write_text(
        "# a comment\ninput_shape: [4]\nlayers:\n  - Dense: {use_bias: true, units: 8}\n"
        "  - {name: head, type: Dense, units: 2}\n"
    )
    assert hold(folder).returncode == 0
    before = (folder / "kept.json").stat().st_mtime_ns
    assert update(folder).stderr == "note: kept.json: 1 model as before\n"
    assert (folder / "kept.json").stat().st_mtime_ns == before


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_what_is_read_back_is_what_was_kept(path):
    summary = analyse(str(path))
    record = json.loads(json.dumps(record_of(summary)))
    before, required = summary_of(record, summary.name)
    assert not compare(before, summary, required=required).different
    assert record_of(before) == {**record, "requirements": []}


@pytest.mark.parametrize("seed", range(30))
def test_graphs_too(seed):
    a, b = (analyse(io.StringIO(draw(f"kept {seed} {side}").spec)) for side in "ab")
    before, required = summary_of(json.loads(json.dumps(record_of(a))), a.name)
    assert not compare(before, a, required=required).different
    kept, fresh = compare(before, b, required=required), compare(a, b)
    assert kept.tally() == fresh.tally()
    assert kept.totals == fresh.totals
    assert [f.name for f in kept.fields] == [f.name for f in fresh.fields]


DRIFTS = {
    "added": OTHER.replace("  - Dense: 16\n", "  - Dense: 8\n  - ReLU\n"),
    "removed": SPEC.replace("  - Dense: 8\n", ""),
    "changed": OTHER,
    "renamed": SPEC.replace("head", "out"),
    "option": SPEC.replace("Dense: 8", "Dense: {units: 8, activation: relu}"),
    "frozen": SPEC.replace("Dense: 8", "Dense: {units: 8, trainable: false}"),
    "dtype": SPEC.replace("Dense: 8", "Dense: {units: 8, dtype: float16}"),
    "sizes": SPEC.replace("[4]", "[N]"),
}


@pytest.mark.parametrize("name", DRIFTS)
def test_any_drift_fails(folder, name):
    update(folder)
    kept = (folder / "kept.json").read_bytes()
    (folder / "model.yaml").write_text(DRIFTS[name])
    done = hold(folder)
    assert done.returncode == 1
    assert "error[DS42" in done.stderr
    assert "--update-baseline kept.json`" in done.stderr
    assert (folder / "kept.json").read_bytes() == kept
    assert update(folder).returncode == 0
    assert hold(folder).returncode == 0


def test_what_is_said(folder, request, monkeypatch):
    """Every code of a baseline, in the words in which it is told."""
    monkeypatch.chdir(folder)
    shutil.copy(GOLDEN / "old.yaml", "model.yaml")
    assert update(folder).returncode == 0
    shutil.copy(GOLDEN / "new.yaml", "model.yaml")
    shutil.copy(GOLDEN / "new.yaml", "unknown.yaml")
    Path("cut.json").write_text(Path("kept.json").read_text()[:500])
    reports = [
        check("model.yaml", baseline="kept.json"),
        check("unknown.yaml", baseline="kept.json"),
        check("model.yaml", baseline="cut.json"),
    ]
    moved = SPEC.replace("input_shape: [4]", "input_shape: [H, 4, 4]")
    Path("model.yaml").write_text(moved + "  - Conv1D: {filters: 2, kernel_size: 3}\n")
    Path("model.yaml").write_text(
        "input_shape: [H, 8, 2]\nlayers: [{Conv2D: {filters: 2, kernel_size: 3}}]\n"
    )
    update(folder)
    Path("model.yaml").write_text(
        "input_shape: [H, 8, 2]\nlayers: [{Conv2D: {filters: 2, kernel_size: 5}}]\n"
    )
    reports.append(check("model.yaml", baseline="kept.json"))
    Path("model.yaml").unlink()
    reports += reports_on_gone(load_baseline("kept.json"), [])
    text = "\n\n\n".join(render_text(report.diagnostics) for report in reports) + "\n"
    if request.config.getoption("--update"):
        (GOLDEN / "drift.txt").write_text(text, "utf-8", newline="\n")
    assert text == (GOLDEN / "drift.txt").read_text("utf-8")
    assert {code for code in CODES if code.startswith(("DS42", "DS43"))} == {
        d.code for report in reports for d in report.diagnostics
    }
    assert not any(report.ok for report in reports)


def test_a_symbol_is_kept_as_a_value(folder):
    (folder / "model.yaml").write_text(SPEC.replace("[4]", "[floor((H + 1)/2), 4]"))
    update(folder)
    (folder / "model.yaml").write_text(SPEC.replace("[4]", "[ceil(H/2), 4]"))
    assert hold(folder).returncode == 0
    assert hold(folder, "--set", "H=8").returncode == 1


def test_long_lists_are_kept_as_digests(tmp_path):
    def shaped(place):
        sizes = [3 if i == place else 1 for i in range(30)]
        return {"input_shape": [3], "layers": [{"Reshape": sizes}, "Flatten"]}

    path = tmp_path / "kept"
    before = analyse(shaped(7))
    assert before.ok
    update_baseline(str(path), [(None, before.name, record_of(before))])
    kept = load_baseline(str(path)).models["-:model"]["layers"][1]["options"]
    assert kept == {"target_shape": {"values": 30, "sha256": kept["target_shape"]["sha256"]}}
    assert check(shaped(7), baseline=path).ok
    (found,) = check(shaped(8), baseline=path).diagnostics
    assert found.code == "DS424"
    assert 'target_shape: {"values": 30, "sha256": ' in found.message


def test_where_the_command_is_run_does_not_matter(folder):
    (folder / "sub").mkdir()
    (folder / "locks").mkdir()
    assert run("check", "model.yaml", "--update-baseline", "locks/kept", cwd=folder).returncode == 0
    kept = json.loads((folder / "locks" / "kept").read_text())
    assert list(kept["models"]) == ["../model.yaml"]
    for cwd, model, lock in (
        (folder / "sub", "../model.yaml", "../locks/kept"),
        (folder / "locks", "../sub/../model.yaml", "kept"),
        (ROOT, str(folder / "model.yaml"), str(folder / "locks" / "kept")),
    ):
        assert run("check", model, "--baseline", lock, cwd=cwd).returncode == 0


def test_several_models_have_one_baseline(folder):
    for name in "abc":
        (folder / f"{name}.yaml").write_text(SPEC)
    run("check", "c.yaml", "a.yaml", "b.yaml", "--update-baseline", "kept", "-j", "2", cwd=folder)

    def models():
        return list(json.loads((folder / "kept").read_text())["models"])

    assert models() == ["a.yaml", "b.yaml", "c.yaml"]
    (folder / "a.yaml").write_text(OTHER)
    done = run("check", "a.yaml", "b.yaml", "--baseline", "kept", cwd=folder)
    assert done.returncode == 1
    assert "FAILED  a.yaml" in done.stdout
    assert "ok      b.yaml" in done.stdout
    # Others stay; those whose file is gone do not.
    (folder / "c.yaml").unlink()
    assert run("check", "a.yaml", "--update-baseline", "kept", cwd=folder).returncode == 0
    assert models() == ["a.yaml", "b.yaml"]
    assert run("check", "a.yaml", "b.yaml", "--baseline", "kept", cwd=folder).returncode == 0


def test_a_model_whose_file_is_gone_is_told(folder):
    (folder / "sub").mkdir()
    for name in ("a.yaml", "sub/b.yaml", "c.yaml"):
        (folder / name).write_text(SPEC)
    run("check", "a.yaml", "sub/b.yaml", "c.yaml", "--update-baseline", "kept", cwd=folder)
    run("check", "-", "--update-baseline", "kept", cwd=folder, stdin=SPEC)
    done = run("check", "a.yaml", "c.yaml", "--baseline", "kept", cwd=folder)
    assert done.returncode == 0
    assert done.stderr == (
        "note: kept: 1 of the 4 models that it holds was not checked: sub/b.yaml; "
        "name them too to have them held\n"
    )
    (folder / "sub" / "b.yaml").unlink()
    for cwd, model, lock, path in (
        (folder, "a.yaml", "kept", "sub/b.yaml"),
        (folder / "sub", "../a.yaml", "../kept", "b.yaml"),
    ):
        done = run("check", model, "--baseline", lock, cwd=cwd)
        assert done.returncode == 1
        assert f"FAILED  {path}: 1 of 1 expectation fails" in done.stdout
        assert f"error[DS430]: sub/b.yaml is in the baseline {lock}, but there is no" in done.stderr
        assert "`--update-baseline` in the place of `--baseline` takes it out" in done.stderr
        assert "1 of the 4 models that it holds was not checked: " in done.stderr
        reports = json.loads(run("check", model, "--baseline", lock, "--json", cwd=cwd).stdout)
        assert [(one["source"], one["ok"]) for one in reports] == [(model, True), (path, False)]
    # What is asked for and not there is told once, as what it is.
    done = run("check", "sub/b.yaml", "--baseline", "kept", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.count("b.yaml") == 1
    run("check", "a.yaml", "--update-baseline", "kept", cwd=folder)
    assert run("check", "a.yaml", "c.yaml", "--baseline", "kept", cwd=folder).stderr == ""


@pytest.mark.parametrize("option", ["--baseline", "--update-baseline"])
def test_of_two_baselines_none_is_forgotten(folder, option):
    done = run("check", "model.yaml", option, "a", option, "b", cwd=folder)
    assert done.returncode == 2
    assert "a baseline holds any number of models" in " ".join(
        done.stderr.replace("│", " ").split()
    )
    assert [path.name for path in folder.iterdir()] == ["model.yaml"]


@pytest.mark.parametrize("name", ["-m o.yaml", "a'b.yaml", "$(touch x).yaml"])
def test_what_is_advised_can_be_pasted_into_a_shell(folder, name):
    (folder / name).write_text(SPEC)
    (folder / "kept").write_text('{"schema": "dense-shapes/baseline/1", "models": {}}')
    held = run("check", "--baseline", "kept", "--", name, cwd=folder)
    (command,) = re.findall("`dense-shapes (.*)`", held.stderr)
    script = f"exec {sys.executable} -m dense_shapes {command}"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(["sh", "-c", script], cwd=folder, env=env, check=True, capture_output=True)
    assert run("check", "--baseline", "kept", "--", name, cwd=folder).returncode == 0
    assert not (folder / "x").exists()


def test_a_model_that_is_in_no_file(folder):
    run("check", "-", "--update-baseline", "kept", cwd=folder, stdin=SPEC)
    assert run("check", "-", "--baseline", "kept", cwd=folder, stdin=SPEC).returncode == 0
    assert run("check", "-", "--baseline", "kept", cwd=folder, stdin=OTHER).returncode == 1
    mapping = {
        "input_shape": [4],
        "layers": [{"Dense": 8}, {"Dense": {"units": 2, "name": "head"}}],
    }
    assert check(mapping, baseline=folder / "kept").ok
    done = run("check", "-", "--baseline", "kept", cwd=folder, stdin=f"name: a b\n{SPEC}")
    assert "the model 'a b' that is in no file is not in the baseline kept" in done.stderr
    assert "-:" not in done.stderr.replace("[DS421]:", "")
    (found, *_) = check(mapping | {"name": "other"}, baseline=folder / "kept").diagnostics
    accepting = f"dense-shapes check - --update-baseline {folder / 'kept'}"
    assert found.help.endswith(f"`{accepting}`, the model on standard input")


def test_a_broken_model_is_not_accepted(folder):
    update(folder)
    kept = (folder / "kept.json").read_bytes()
    (folder / "model.yaml").write_text(SPEC.replace("Dense: 8", "Dens: 8"))
    (folder / "good.yaml").write_text(OTHER)
    done = run("check", "good.yaml", "model.yaml", "--update-baseline", "kept.json", cwd=folder)
    assert done.returncode == 1
    assert "error: 'kept.json' is not written: not all models are right" in done.stderr
    assert (folder / "kept.json").read_bytes() == kept
    missing = run("check", "none.yaml", "--update-baseline", "new.json", cwd=folder)
    assert missing.returncode == 2
    assert not (folder / "new.json").exists()
    broken = hold(folder)
    assert broken.returncode == 1
    assert "error[DS103]" in broken.stderr


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello\n",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        SPEC.encode(),
        b'{"schema": 1, "models": {}}',
        b'{"schema": "dense-shapes/summary/1", "models": {}}',
        b'{"schema": "dense-shapes/baseline/2", "models": {}}',
        b'{"schema": "dense-shapes/baseline/1"}',
        b'{"schema": "dense-shapes/baseline/1", "models": []}',
        b'{"schema": "dense-shapes/baseline/1", "models": {"a": {}',
        b"[" * 100_000,
        b"1" * 100_000,
    ],
    ids=lambda content: content[:60].decode("latin-1"),
)
def test_a_file_of_another_kind_is_never_overwritten(folder, content):
    (folder / "kept.json").write_bytes(content)
    done = update(folder)
    assert done.returncode == 2
    assert "error: 'kept.json' is not written: kept.json" in done.stderr
    assert (folder / "kept.json").read_bytes() == content
    held = hold(folder)
    assert held.returncode == 1
    assert "error[DS420]: kept.json" in held.stderr
    assert "Traceback" not in done.stderr + held.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["kept.json", "model.yaml"]


@pytest.mark.parametrize(
    ("change", "said", "advised"),
    [
        (
            lambda text: text.replace('    {"name": "head"', '<<<<<<< HEAD\n    {"name": "head"'),
            "kept.json has the marks of a conflict of merging, from line 13 on",
            "`git checkout --ours` or `--theirs`",
        ),
        (
            lambda text: text.replace("baseline/1", "baseline/2"),
            "kept.json is a baseline of version 2, which this version of dense-shapes does not",
            "install a newer dense-shapes",
        ),
        (
            lambda text: text.replace('"models": {', '"models": {\n"model.yaml": {},'),
            "kept.json is broken: 'model.yaml' is written twice in it",
            "take it from the repository again",
        ),
        (
            lambda text: text.replace('"params": 18', '"params": 18,'),
            "kept.json is broken or cut short: ",
            "take it from the repository again",
        ),
        (lambda text: SPEC, "kept.json is not a baseline: ", "writes over no other"),
        (lambda text: "{}", "kept.json is not a baseline: ", "writes over no other"),
    ],
    ids=["conflict", "newer", "twice", "comma", "model", "empty"],
)
def test_it_says_what_to_do_about_a_baseline_that_is_wrong(folder, change, said, advised):
    update(folder)
    path = folder / "kept.json"
    path.write_text(change(path.read_text()))
    before = path.read_bytes()
    held = hold(folder)
    assert held.returncode == 1
    assert f"error[DS420]: {said}" in held.stderr
    assert advised in held.stderr
    several = hold(folder, "model.yaml", "-j", "2")
    assert (several.returncode, several.stderr) == (1, held.stderr)
    done = update(folder)
    assert done.returncode == 2
    assert f"error: 'kept.json' is not written: {said}" in done.stderr
    assert advised in done.stderr
    assert path.read_bytes() == before


def test_a_baseline_that_is_cut_anywhere_is_told_from_a_whole_one(folder):
    update(folder)
    whole = (folder / "kept.json").read_bytes()
    path = folder / "cut.json"
    for length in range(0, len(whole) - 2, 7):
        path.write_bytes(whole[:length])
        with pytest.raises(BaselineError):
            load_baseline(str(path))


def test_a_baseline_with_anything_in_it_is_no_traceback(folder):
    record = record_of(analyse(str(folder / "model.yaml")))
    row = record["layers"][1]
    for key in (*record, *row):
        for value in (None, 3, -1.5, True, "x y", [], {}, [3], [[3]], [["a b"]], [{}], {"a": 1}):
            changed = {**record, "layers": [{**row, key: value}]}
            if key in record:
                changed = {**record, key: value}
            try:
                summary, _ = summary_of(changed, "m")
            except RecordError as error:
                assert str(error).startswith(("expected", "layers"))
            else:
                compare(summary, analyse(str(folder / "model.yaml"))).to_dict()
    deep = row
    for _ in range(300):
        deep = {**row, "layers": [deep]}
    with pytest.raises(RecordError, match="nested deeper"):
        summary_of({**record, "layers": [deep]}, "m")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--baseline", "none"], 2, "cannot read 'none': No such file or directory"),
        (["--baseline", "."], 2, "cannot read '.': Is a directory"),
        (["--baseline", "/dev/null"], 1, "error[DS420]"),
        (["--update-baseline", "none/kept"], 2, "cannot write 'none/kept': No such file"),
        (["--update-baseline", "."], 2, "cannot write '.': Is a directory"),
        (["--update-baseline", "/dev/full"], 2, "is not written: /dev/full is not a baseline"),
        (["--baseline", "a", "--update-baseline", "b"], 2, "give one of the two"),
    ],
)
def test_what_cannot_be_done_is_said(folder, arguments, code, said):
    done = run("check", "model.yaml", *arguments, cwd=folder)
    assert done.returncode == code
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert [path.name for path in folder.iterdir()] == ["model.yaml"]


@pytest.mark.parametrize("where", ["spec", "option"])
def test_where_an_expectation_fails_nothing_is_accepted(folder, where):
    update(folder)
    kept = (folder / "kept.json").read_bytes()
    (folder / "model.yaml").write_text(OTHER + "expect: {params: 1}\n" * (where == "spec"))
    done = update(folder, *(["--params", "<= 1"] if where == "option" else []))
    assert done.returncode == 1
    said = "error: 'kept.json' is not written: not all models are right and as expected"
    assert said in done.stderr
    assert (folder / "kept.json").read_bytes() == kept


@pytest.mark.parametrize("form", ["json", "github", "junit", "sarif"])
def test_every_format_tells_of_it(folder, form):
    update(folder)
    (folder / "model.yaml").write_text(OTHER)
    done = hold(folder, "--format", form)
    assert done.returncode == 1
    assert "units: 8 → 16" in json.loads(f'"{json.dumps(done.stdout)[1:-1]}"') or (
        "8 \\u2192 16" in done.stdout
    )


def test_the_json_says_what_became_of_it(folder):
    update(folder)
    (folder / "model.yaml").write_text(OTHER)
    report = json.loads(hold(folder, "--json").stdout)
    (outcome,) = report["expectations"]
    assert outcome["name"] == "baseline"
    assert outcome["status"] == "failed"
    assert outcome["expected"] == "kept.json"
    assert outcome["found"] == "2 changed; 1 unchanged"
    assert (outcome["layer"], report["diagnostics"][0]["line"]) == ("dense", 3)


def test_from_python(folder, monkeypatch):
    monkeypatch.chdir(folder)
    summary = dense_shapes.summarize("model.yaml")
    assert update_baseline("kept.json", [(summary.source, summary.name, record_of(summary))])
    assert check("model.yaml", baseline="kept.json").ok
    with pytest.raises(FileNotFoundError):
        check("model.yaml", baseline="none.json")


def test_names_that_utf8_cannot_hold(tmp_path):
    summary = analyse({"input_shape": [4], "layers": [{"Dense": {"units": 2, "name": "\ud800é"}}]})
    path = str(tmp_path / "kept")
    update_baseline(path, [(None, summary.name, record_of(summary))])
    assert load_baseline(path).models["-:model"] == record_of(summary)
