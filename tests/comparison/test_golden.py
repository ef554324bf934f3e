"""What `diff` prints, as it is: each file of `golden` is rewritten by `--update`."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from dense_shapes.comparison.schema import diff_schema
from tests.cli.test_commands import run

GOLDEN = Path(__file__).parent / "golden"
FORMS = {
    "pipe.txt": (["--format", "table"], {}),
    "80.txt": (["--format", "table"], {"COLUMNS": "80"}),
    "200.txt": (["--format", "table"], {"COLUMNS": "200"}),
    "comment.md": (["--format", "markdown"], {}),
    "diff.json": (["--format", "json"], {}),
}


def printed(name):
    options, env = FORMS[name]
    done = run("diff", "old.yaml", "new.yaml", *options, cwd=GOLDEN, **env)
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize("name", FORMS)
def test_formats(name, request):
    text = printed(name)
    if request.config.getoption("--update"):
        (GOLDEN / name).write_text(text, "utf-8", newline="\n")
    assert text == (GOLDEN / name).read_text("utf-8")


def test_the_json_is_valid():
    schema = diff_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(printed("diff.json")), schema)
    assert json.loads(run("schema", "diff").stdout) == schema


def letters(text):
    return sorted(re.sub(r"[\s─]", "", text))


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_table_loses_nothing_at_any_width(width):
    done = run("diff", "old.yaml", "new.yaml", cwd=GOLDEN, COLUMNS=str(width))
    assert max(map(len, done.stdout.splitlines())) <= width
    assert letters(done.stdout) == letters(printed("pipe.txt"))


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_an_output_that_is_not_utf8_gets_ascii(form):
    done = run("diff", "old.yaml", "new.yaml", "-f", form, cwd=GOLDEN, PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
    assert done.returncode == 0
