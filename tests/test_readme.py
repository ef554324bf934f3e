"""Every example of the README is run, so that none can go stale.

In a `console` block each `$` line is run and what follows is what it prints, on both streams; a
`yaml` block that starts with `# NAME.yaml` is that file, a `python` block that starts with
`# NAME.py` too; another `python` block is a doctest.
"""

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"^```(console|yaml|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(line: str, folder: Path) -> str:
    python = shlex.quote(sys.executable)
    command = re.sub(r"\bdense-shapes\b(?=[ ;])", f"{python} -m dense_shapes", line)
    command = re.sub(r"(?<=\| )jq\b", f"{python} -m tests.jq_command", command)
    env = {
        **os.environ,
        "COLUMNS": "100",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return done.stdout


def console(block: str, folder: Path) -> str:
    """Return a console block with what its commands print today."""
    if "| jq " in block and shutil.which("jq") is None:
        return block
    out = []
    for line in block.splitlines():
        if line.startswith("$ "):
            printed = run(line[2:], folder)
            out.append(f"{line}\n{printed}".rstrip("\n"))
    return "\n".join(out) + "\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    return tmp_path


def test_every_example_prints_what_the_readme_says(folder, request, monkeypatch):
    text = README.read_text("utf-8")
    monkeypatch.chdir(folder)
    made = text
    kinds = set()
    for found in BLOCK.finditer(text):
        kind, block = found.groups()
        kinds.add(kind)
        if kind == "yaml" and (named := re.match(r"# (\S+\.yaml)\n", block)):
            (folder / named[1]).write_text(block, "utf-8")
        elif kind == "console":
            made = made.replace(block, console(block, folder))
        elif kind == "python" and (named := re.match(r"# (\S+\.py)\n", block)):
            (folder / named[1]).write_text(block, "utf-8")
        elif kind == "python":
            parser = doctest.DocTestParser()
            test = parser.get_doctest(block, {}, "README", str(README), 0)
            assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test).failed == 0
    assert kinds == {"console", "yaml", "python"}
    if request.config.getoption("--update"):
        README.write_text(made, "utf-8")
    else:
        assert made == text


def test_quick_start_has_exactly_two_commands():
    text = README.read_text("utf-8")
    part = re.search(r"^## Quick start\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    assert part is not None
    blocks = re.findall(r"^```\w*\n(.*?)^```$", part[1], re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    install, tests = (block.strip() for block in blocks)
    assert "\n" not in install
    assert "\n" not in tests
    assert install.endswith("dense-shapes summarize configs/cifar10_dense.yaml")
    assert ".[test]" in tests
    assert tests.split("&&")[-1].strip().startswith(".venv/bin/pytest")


def test_every_config_is_named():
    text = README.read_text("utf-8")
    for path in sorted((ROOT / "configs").glob("*.yaml")):
        assert path.name in text
