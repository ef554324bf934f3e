"""`git diff` of models as summaries, by the settings that the README gives."""

import re
from pathlib import Path

import pytest

from tests.cli.test_diff import OTHER, SPEC, git
from tests.integrations.command import path_with_command

ROOT = Path(__file__).parents[2]
SETTING = re.compile(r"^\$ git config (diff\.model\.\w+) '(.+)'$", re.MULTILINE)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with the settings of the README, and the command on the path."""
    monkeypatch.setenv("PATH", path_with_command(tmp_path / "bin"))
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    settings = SETTING.findall((ROOT / "README.md").read_text("utf-8"))
    assert [name for name, _ in settings] == ["diff.model.textconv"]
    for name, value in settings:
        git(folder, "config", name, value)
    (folder / ".gitattributes").write_text("*.yaml diff=model\n")
    (folder / "model.yaml").write_text(SPEC)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "one")
    return folder


def changed(folder):
    printed = git(folder, "diff")
    return [line for line in printed.splitlines() if re.match(r"[-+](?![-+])", line)]


def test_a_change_is_shown_by_what_it_does(repository):
    (repository / "model.yaml").write_text(OTHER)
    assert changed(repository) == [
        '-dense,Dense,"(None, 8)",40,32',
        '-head,Dense,"(None, 2)",18,16',
        '+dense,Dense,"(None, 16)",80,64',
        '+head,Dense,"(None, 2)",34,32',
    ]


def test_what_changes_nothing_is_not_shown(repository):
    (repository / "model.yaml").write_text("# only a comment\n" + SPEC)
    assert changed(repository) == []


def test_a_broken_model_is_shown_as_far_as_it_goes(repository):
    (repository / "model.yaml").write_text(SPEC.replace("units: 2", "units: two"))
    assert changed(repository)
    assert "+  - Dense: {units: two, name: head}" in changed(repository)


def test_what_is_no_model_is_shown_as_text(repository):
    (repository / "other.yaml").write_text("no: model\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "two")
    (repository / "other.yaml").write_text("no: other\n")
    assert changed(repository) == ["-no: model", "+no: other"]
