"""The hook for pre-commit, tried as another repository would have it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.test_commands import run
from tests.cli.test_diff import SPEC, git

ROOT = Path(__file__).parents[2]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
EXPECTED = SPEC + "expect: {params: 58}\n"
EXAMPLE = re.compile(r"^```yaml\n(repos:\n.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_hook_is_one_that_pre_commit_takes():
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def other(tmp_path):
    """A repository with a model, a baseline of it, and the README's configuration."""
    folder = tmp_path / "other"
    (folder / "networks").mkdir(parents=True)
    git(folder, "init", "--quiet")
    (folder / "networks" / "one.yaml").write_text(SPEC)
    (text,) = EXAMPLE.findall((ROOT / "README.md").read_text("utf-8"))
    (folder / ".pre-commit-config.yaml").write_text(text)
    run("check", "networks/one.yaml", "--update-baseline", "models.lock", cwd=folder)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "all")
    return folder


def test_the_configuration_in_the_readme_does_what_it_says(other):
    path = other / ".pre-commit-config.yaml"
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (repository,) = yaml.safe_load(path.read_text())["repos"]
    (hook,) = repository["hooks"]
    (published,) = [one for one in HOOKS if one["id"] == hook["id"]]
    assert set(hook) <= {"id", "files", "args"}
    names = [name for name in git(other, "ls-files").split() if re.search(hook["files"], name)]
    assert names == ["networks/one.yaml"]
    assert published["entry"].split()[0] == "dense-shapes"
    command = [*published["entry"].split()[1:], *hook["args"], *names]
    assert run(*command, cwd=other).returncode == 0
    (other / names[0]).write_text(SPEC.replace("Dense: 8", "Dense: 16"))
    failed = run(*command, cwd=other)
    assert failed.returncode == 1
    assert "error[DS424]: dense (Dense) changed: units: 8 → 16" in failed.stderr


@pytest.mark.packages
def test_the_configuration_in_the_readme_is_run_by_pre_commit(published, other, tmp_path):
    path = other / ".pre-commit-config.yaml"
    config = yaml.safe_load(path.read_text())
    config["repos"][0] |= {
        "repo": str(published),
        "rev": git(published, "rev-parse", "HEAD").strip(),
    }
    path.write_text(yaml.safe_dump(config))
    git(other, "commit", "--quiet", "-am", "two")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PYTHON"))}
    env["PRE_COMMIT_HOME"] = str(tmp_path / "home")

    def tried():
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never"]
        return subprocess.run(
            command, cwd=other, env=env, capture_output=True, text=True, check=False
        )

    done = tried()
    assert done.returncode == 0, done.stdout + done.stderr
    (other / "networks" / "one.yaml").write_text(SPEC.replace("Dense: 8", "Dense: 16"))
    done = tried()
    assert done.returncode == 1
    assert "error[DS424]: dense (Dense) changed: units: 8 → 16" in done.stdout


@pytest.fixture
def published(tmp_path):
    """This repository as others get it, whatever is committed of it here."""
    folder = tmp_path / "published"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "all")
    return folder


@pytest.mark.packages
def test_it_holds_the_models_of_another_repository_to_what_is_expected(published, tmp_path):
    other = tmp_path / "other"
    (other / "models").mkdir(parents=True)
    git(other, "init", "--quiet")
    (other / "models" / "right.yaml").write_text(EXPECTED)
    (other / "other.yaml").write_text("no: model\n")
    git(other, "add", ".")
    git(other, "commit", "--quiet", "-m", "all")

    def tried(*arguments):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PYTHON"))}
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pre_commit", "try-repo", str(published), HOOKS[0]["id"]),
                *(*arguments, "--verbose", "--color=never"),
            ],
            cwd=other,
            env={**env, "PRE_COMMIT_HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    code, said = tried("--all-files")
    assert code == 0, said
    assert "Passed" in said
    assert "ok      models/right.yaml: 1 expectation holds" in said
    assert "other.yaml" not in said
    (other / "models" / "wrong.yaml").write_text(EXPECTED.replace("58", "59"))
    git(other, "add", ".")
    code, said = tried()
    assert code == 1, said
    assert "error[DS402]: params: expected 59, found 58" in said
    assert "--> models/wrong.yaml:5" in said
    assert "right.yaml" not in said
