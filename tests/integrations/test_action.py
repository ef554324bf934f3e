"""The action for GitHub, its steps run as a runner runs them."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.test_diff import SPEC, git
from tests.integrations.command import path_with_command

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "check"
EXPECTED = SPEC + "expect: {params: 58}\n"


def action():
    return yaml.safe_load((ACTION / "action.yml").read_text("utf-8"))


def evaluated(text, inputs):
    """Replace `${{ inputs.x }}`, the only expressions that the steps have."""
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], text)


class Runner:
    """As much of GitHub's runner as a composite action sees."""

    def __init__(self, folder, work, path):
        self.folder = folder
        self.work = work
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")},
            "PATH": path,
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ACTION),
            "GITHUB_WORKSPACE": str(folder),
            "RUNNER_TEMP": str(work),
        }
        for name in ("OUTPUT", "STEP_SUMMARY", "PATH"):
            self.env[f"GITHUB_{name}"] = str(work / name)
            (work / name).touch()

    def step(self, step, **given):
        declared = action()["inputs"]
        assert set(given) <= set(declared)
        inputs = {name: given.get(name, one.get("default", "")) for name, one in declared.items()}
        env = {name: evaluated(text, inputs) for name, text in step.get("env", {}).items()}
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]  # what is pasted into a script can be a command
        script = self.work / "step.sh"
        script.write_text(step["run"], "utf-8")
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.folder,
            env={**self.env, **env},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def check(self, **given):
        """Run the second step and return it with the outputs."""
        done = self.step(action()["runs"]["steps"][1], **given)
        written = (self.work / "OUTPUT").read_text("utf-8")
        return done, dict(line.split("=", 1) for line in written.splitlines())

    def summary(self):
        return (self.work / "STEP_SUMMARY").read_text("utf-8")


@pytest.fixture
def runner(tmp_path):
    """A checkout with models in it, and the command of this environment on the path."""
    folder, work = tmp_path / "checkout", tmp_path / "temp"
    for made in (folder / "models", work):
        made.mkdir(parents=True)
    path = path_with_command(tmp_path / "bin")
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "models" / "a.yaml").write_text(EXPECTED)
    (folder / "models" / "b c.yaml").write_text(EXPECTED)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "one")
    return Runner(folder, work, path)


def test_all_is_well(runner):
    done, outputs = runner.check(models="models/*.yaml")
    assert done.returncode == 0, done.stderr
    assert "::error" not in done.stdout
    assert outputs["ok"] == "true"
    assert outputs["exit-code"] == "0"
    reports = json.loads(Path(outputs["report"]).read_text("utf-8"))
    assert [report["source"] for report in reports] == ["models/a.yaml", "models/b c.yaml"]
    assert "| models/b c.yaml | ok | 1 of 1 hold |" in runner.summary()


@pytest.mark.parametrize("option", ["expect", "baseline"])
def test_a_file_beside_the_models_that_is_missing(runner, option):
    done, outputs = runner.check(models="models/a.yaml", **{option: "none,%.yaml"})
    assert done.returncode == 2
    said = "cannot read 'none,%.yaml': No such file or directory"
    written = said.replace("%", "%25")
    assert done.stdout == f"::error title=dense-shapes::{written}\n"
    assert (outputs["ok"], outputs["exit-code"]) == ("false", "2")
    assert "**Nothing could be checked:**" in runner.summary()
    assert f"    error: {said}\n" in runner.summary()


def test_a_model_that_is_not_as_expected(runner):
    (runner.folder / "models" / "a.yaml").write_text(EXPECTED.replace("Dense: 8", "Dense: 16"))
    done, outputs = runner.check(models="models/a.yaml\nmodels/b c.yaml\n", compare="HEAD")
    assert done.returncode == 1
    assert "::error file=models/a.yaml,line=5" in done.stdout
    assert (outputs["ok"], outputs["exit-code"]) == ("false", "1")
    summary = runner.summary()
    assert "| models/a.yaml | **failed** | 0 of 1 hold |" in summary
    assert "- models/a.yaml:5: DS402 params: expected 58, found 114" in summary
    # What changed since the revision, and nothing of the model that did not.
    assert summary.count("### ") == 2
    assert "units: 8 → 16<br>" in summary


def test_a_model_that_is_new_has_nothing_to_be_compared_with(runner):
    (runner.folder / "models" / "new.yaml").write_text(SPEC)
    done, _ = runner.check(models="models/new.yaml", compare="HEAD")
    assert done.returncode == 0
    assert "### " not in runner.summary()


def test_baselines_expectations_and_further_arguments(runner):
    (runner.folder / "limits.yaml").write_text("params: '<= 50'\n")
    subprocess.run(
        ["dense-shapes", "check", "models/a.yaml", "--update-baseline", "kept.json"],
        cwd=runner.folder,
        env=runner.env,
        capture_output=True,
        check=True,
    )
    done, outputs = runner.check(
        models="models/a.yaml",
        baseline="kept.json",
        expect="limits.yaml",
        args="--macs\n<= 10\n--set=N=3",
    )
    assert done.returncode == 2
    assert "no var and no open size is called 'N'" in done.stdout
    done, outputs = runner.check(
        models="models/a.yaml", baseline="kept.json", expect="limits.yaml", args="--macs\n<= 10"
    )
    assert done.returncode == 1
    report = json.loads(Path(outputs["report"]).read_text("utf-8"))
    states = {one["name"]: one["status"] for one in report["expectations"]}
    assert states["baseline"] == "ok"
    assert states["macs"] == "failed"
    assert [one["expected"] for one in report["expectations"] if one["status"] == "failed"] == [
        "<= 50",
        "<= 10",
    ]


@pytest.mark.parametrize("args", ["--set\nN=4\n--plugin=colorsys", "--set=N=4\n--macs=64"])
def test_a_comparison_reads_models_as_the_check_does(runner, args):
    model = runner.folder / "models" / "open.yaml"
    model.write_text("input_shape: [4]\nvars: {N: null}\nlayers: [{Dense: N}, {Dense: 12}]\n")
    git(runner.folder, "add", ".")
    git(runner.folder, "commit", "--quiet", "-m", "two")
    done, _ = runner.check(models="models/open.yaml", compare="HEAD", args=args)
    assert done.returncode == 0, done.stderr
    assert "### " not in runner.summary()
    model.write_text("input_shape: [4]\nvars: {N: null}\nlayers: [{Dense: N}, {Dense: 16}]\n")
    runner.check(models="models/open.yaml", compare="HEAD", args="--set=N=4")
    assert "params: 60 → 80" in runner.summary()


def test_misuse_is_told_from_a_model_that_is_wrong(runner):
    done, outputs = runner.check(models="none/*.yaml")
    assert done.returncode == 2
    assert "no file matches 'none/*.yaml'" in done.stderr
    assert outputs["exit-code"] == "2"


def test_names_in_models_and_inputs_are_only_text(runner):
    name = "models/$(touch x);`touch x`.yaml"
    (runner.folder / "models" / Path(name).name).write_text(
        EXPECTED.replace("head", "'<img src=x>|'")
    )
    done, _ = runner.check(models=name, args="--macs\n1; touch x")
    assert not (runner.folder / "x").exists()
    done, _ = runner.check(models=name, args="--macs=1")
    assert done.returncode == 1
    assert "<img" not in runner.summary().replace("\\<img", "")


@pytest.mark.parametrize("argument", ["--", "--json", "--format=json", "-fjson", "-f", "--format"])
def test_what_the_action_sees_to_itself_is_refused(runner, argument):
    done, outputs = runner.check(models="models/a.yaml", args=f"--macs=48\n{argument}\njson")
    assert done.returncode == 2
    assert done.stdout.startswith(f"::error title=dense-shapes::args: {argument} cannot be given")
    assert outputs == {"ok": "false", "exit-code": "2", "report": ""}


@pytest.mark.parametrize("models", ["--plugin=os", "--update-baseline=x", "-x", "--"])
def test_models_are_never_options(runner, models):
    done, _ = runner.check(models=models, expect="--help", baseline="")
    assert done.returncode == 2
    assert "cannot read '--help'" in done.stderr
    done, _ = runner.check(models=models)
    assert done.returncode == 2
    assert f"cannot read {models!r}: No such file" in done.stderr
    assert not (runner.folder / "x").exists()


@pytest.mark.parametrize("revision", ["origin/main", "--output=x", "a b; touch x", "$(touch x)"])
def test_a_revision_that_is_not_there_is_told(runner, revision):
    done, outputs = runner.check(models="models/a.yaml", compare=revision)
    assert (done.returncode, outputs["ok"]) == (0, "true")
    assert (
        f"::warning title=dense-shapes::nothing is compared: there is no revision {revision}"
        in (done.stdout)
    )
    assert "**nothing is compared: there is no revision" in runner.summary()
    assert "`fetch-depth: 0`" in runner.summary()
    assert not (runner.folder / "x").exists()


def test_a_summary_is_no_longer_than_github_takes(runner):
    for i in range(40):
        rows = "\n".join(f"  - Dense: {{units: 8, name: layer_{j}}}" for j in range(300))
        (runner.folder / "models" / f"m{i:02}.yaml").write_text(
            f"input_shape: [4]\nlayers:\n{rows}\nexpect: {{params: 3, macs: 3}}\n"
        )
    git(runner.folder, "add", ".")
    git(runner.folder, "commit", "--quiet", "-m", "two")
    for path in (runner.folder / "models").glob("m*.yaml"):
        path.write_text(path.read_text().replace("units: 8", "units: 16"))
    done, _ = runner.check(models="models/*.yaml", compare="HEAD")
    assert done.returncode == 1
    summary = runner.summary()
    assert 900_000 < len(summary.encode()) < 2**20
    shown = summary.count("### m")
    assert f"**{40 - shown} of 40 models that changed are left out**" in summary
    assert "a.yaml → " not in summary


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not have such names")
def test_names_need_not_be_utf8(runner):
    name = "models/\udcff\u2028.yaml"
    (runner.folder / name).write_text(EXPECTED.replace("58", "59"))
    done, outputs = runner.check(models=name, compare="HEAD")
    assert done.returncode == 1, done.stderr
    assert outputs["ok"] == "false"
    assert "DS402" in runner.summary()


def test_what_the_action_declares_is_what_it_has():
    declared = action()
    found = re.findall(r'append\("GITHUB_OUTPUT", f?"(.*?)"\)', (ACTION / "check.py").read_text())
    for written in found:
        outputs = {part.partition("=")[0] for part in written.split("\\n") if part}
        assert outputs == set(declared["outputs"])
    assert found
    used = {
        name
        for step in declared["runs"]["steps"]
        for text in step["env"].values()
        for name in re.findall(r"inputs\.([\w-]+)", text)
    }
    assert used == set(declared["inputs"])


def test_the_steps_in_the_readme_do_what_they_say(runner):
    text = (ROOT / "README.md").read_text("utf-8")
    (block,) = re.findall(r"^```yaml\n(steps:\n.*?)^```$", text, re.MULTILINE | re.DOTALL)
    checkout, check = yaml.safe_load(block)["steps"]
    assert checkout["with"] == {"fetch-depth": 0}
    place = check["uses"].partition("@")[0].split("/", 2)[2]
    assert (ROOT / place / "action.yml").is_file()
    git(runner.folder, "remote", "add", "origin", str(runner.folder))
    git(runner.folder, "fetch", "--quiet", "origin")
    subprocess.run(
        ["dense-shapes", "check", "models/*.yaml", "--update-baseline", check["with"]["baseline"]],
        cwd=runner.folder,
        env=runner.env,
        capture_output=True,
        check=True,
    )
    done, outputs = runner.check(**check["with"])
    assert (done.returncode, outputs["ok"]) == (0, "true"), done.stderr
    model = runner.folder / "models" / "a.yaml"
    model.write_text(SPEC.replace("Dense: 8", "Dense: 16"))
    done, _ = runner.check(**check["with"])
    assert done.returncode == 1
    assert "::error file=models/a.yaml,line=3" in done.stdout
    assert "origin/main:./models/a.yaml" in runner.summary()
    assert "units: 8 → 16" in runner.summary()


@pytest.mark.packages
def test_it_installs_itself(runner):
    copy = runner.work / "action"
    for name in subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    runner.env["GITHUB_ACTION_PATH"] = str(copy / ".github" / "actions" / "check")
    install = action()["runs"]["steps"][0]
    done = runner.step(install, python=sys.executable)
    assert done.returncode == 0, done.stderr
    (path,) = (runner.work / "PATH").read_text().splitlines()
    runner.env["PATH"] = f"{path}{os.pathsep}{os.environ['PATH']}"
    runner.env.pop("PYTHONPATH", None)
    done, outputs = runner.check(models="models/a.yaml")
    assert done.returncode == 0, done.stderr
    assert outputs["ok"] == "true"
