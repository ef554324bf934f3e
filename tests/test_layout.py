"""The design's house rules, read off the files themselves."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from dense_shapes.layers import FAMILIES, registry

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dense_shapes"

# A module imports only from those before it.
ORDER = [
    "collector",
    "replacing",
    "source",
    "diagnostics",
    "dims",
    "layers",
    "plugins",
    "totals",
    "required",
    "summary",
    "expectations",
    "outcomes",
    "model",
    "spec",
    "records",
    "limits",
    "returned",
    "failures",
    "several",
    "propagate",
    "manifest",
    "conversion",
    "advice",
    "evidence",
    "checks",
    "comparison",
    "baseline",
    "report",
    "schema_check",
    "schema",
    "api",
    "checking",
    "rewriting",
    "render",
    "testing",
    "cli",
    "__main__",
]
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path, *, top_only=False):
    """Yield each module that a file imports; only those at its top, if asked."""
    tree = ast.parse(path.read_text("utf-8"))
    nodes = tree.body if top_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_those_before_it(path):
    own = room(path)
    if own == "__init__":
        return
    for module in imports(path):
        if module.startswith("dense_shapes."):
            other = module.split(".")[1]
            assert ORDER.index(other) <= ORDER.index(own), f"{path.name} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_renderers_import_rich(path):
    if room(path) != "render":
        assert not [m for m in imports(path) if m.split(".")[0] == "rich"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_is_one_room(path):
    assert len(path.read_text("utf-8").splitlines()) <= 450


def test_the_top_level_holds_what_the_design_lists():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in listed.stdout.split()}
    shown = {name for name in top if not name.startswith(".")}
    assert shown == {"pyproject.toml", "README.md", "dense_shapes", "tests", "configs"}


HEAVY = ["rich", "pydantic", "importlib.metadata", "zipfile", "sqlite3", "h5py"]
RARE = ["dense_shapes.layers.images", "dense_shapes.layers.lookup"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["summarize", "configs/vgg16.yaml", "--json"],
        ["check", "configs/vgg16.yaml", "--params", "138357544"],
        ["check", "configs/vgg16.yaml", "--output-shape", "null,1000", "--json"],
        ["diff", "configs/vgg16.yaml", "configs/lenet5.yaml", "--json"],
    ],
    ids=["version", "json", "check", "check-json", "diff"],
)
def test_a_clean_run_imports_nothing_heavy(arguments):
    code = (
        "import sys\n"
        f"sys.argv = ['dense-shapes', *{arguments!r}]\n"
        "from dense_shapes.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print(*[m for m in {[*HEAVY, *RARE]!r} if m in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == ""


def test_families_are_titled_as_they_say_themselves():
    for module, title in FAMILIES.items():
        line = (import_module(module).__doc__ or "").split("\n")[0]
        said = line.removesuffix(".").split(":")[0]
        assert title == said
    assert {layer.__module__ for layer in registry().values()} <= set(FAMILIES)


def test_a_layer_named_like_one_of_a_family_not_yet_read_is_an_error():
    code = "from dense_shapes import Layer\nclass Resizing(Layer):\n    'Clash.'\n"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "two layers are called Resizing: one in dense_shapes.layers.images" in done.stderr
