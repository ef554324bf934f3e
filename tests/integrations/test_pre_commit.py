"""The hook for pre-commit, tried as another repository would have it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.test_diff import SPEC, git

ROOT = Path(__file__).parents[2]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
EXPECTED = SPEC + "expect: {params: 58}\n"


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
