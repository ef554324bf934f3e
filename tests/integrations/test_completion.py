"""Completion in shells, as the README says to install it."""

import os
import shutil
import subprocess

import pytest

from tests.integrations.command import path_with_command


@pytest.fixture
def env(tmp_path):
    return {**os.environ, "PATH": path_with_command(tmp_path / "bin")}


def said(arguments, env, **more):
    done = subprocess.run(
        arguments, env={**env, **more}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


SIGNS = {
    "bash": "complete -o default -F _dense_shapes_completion dense-shapes",
    "zsh": "compdef _dense_shapes_completion dense-shapes",
    "fish": "complete --command dense-shapes",
}


@pytest.mark.parametrize("shell", SIGNS)
def test_the_script_is_shown_in_each_shell(env, tmp_path, shell):
    # The shell is told by the process that runs the command; any that is called so will do.
    (tmp_path / "shells").mkdir()
    run = tmp_path / "shells" / shell
    shutil.copy(shutil.which("bash"), run)
    shown = said([run, "-c", "dense-shapes --show-completion; exit $?"], env)
    assert SIGNS[shell] in shown


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("dense-shapes su", ["summarize"]),
        ("dense-shapes di", ["diff"]),
        ("dense-shapes summarize --form", ["--format"]),
        ("dense-shapes diff --format ", ["table", "json", "markdown"]),
        ("dense-shapes check --format s", ["sarif"]),
        ("dense-shapes layers MaxPooling", [f"MaxPooling{n}D" for n in (1, 2, 3)]),
        ("dense-shapes schema b", ["baseline"]),
    ],
)
def test_words_are_completed_in_bash(env, words, offered):
    script = (
        'eval "$(_DENSE_SHAPES_COMPLETE=source_bash dense-shapes)"\n'
        f'COMP_LINE="{words}"; read -ra COMP_WORDS <<< "$COMP_LINE"\n'
        'case "$COMP_LINE" in *" ") COMP_WORDS+=("");; esac\n'
        "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
        "_dense_shapes_completion dense-shapes\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    assert said(["bash", "-c", script], env).split() == offered
