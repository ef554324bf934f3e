"""Reports of a check in every format, compared with files in `reports/` and read by libraries.

After a change of wording, `pytest tests/render/test_reports.py --update` rewrites the files.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from sarif_kit import validation_errors

from dense_shapes import __version__
from dense_shapes.checking import examine, read_expected
from dense_shapes.diagnostics import CODES
from dense_shapes.render.data import render_objects
from dense_shapes.render.junit import render_junit
from dense_shapes.render.reports import render_github, render_lines
from dense_shapes.render.rules import HELP
from dense_shapes.render.sarif import render_sarif
from dense_shapes.report import not_examined
from dense_shapes.schema_check import check_schema

FOLDER = Path(__file__).parent / "reports"
MODELS = ["holds.yaml", "fails.yaml", "broken.yaml", "nothing.yaml", "none.yaml"]
FORMATS = {"text": "txt", "json": "json", "github": "github", "junit": "xml", "sarif": "sarif"}


def check(*arguments, cwd=FOLDER, **env):
    """Run the command and return what it did."""
    done = subprocess.run(
        [sys.executable, "-m", "dense_shapes", "check", *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(FOLDER.parents[2]), "PYTHONIOENCODING": "utf-8", **env},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def without_rules(text):
    """Return a SARIF log without what changes with every new code."""
    log = json.loads(text)
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    rules = [rule["id"] for rule in driver.pop("rules")]
    assert rules == list(CODES)
    assert driver.pop("version") == __version__
    told = run["invocations"][0].get("toolExecutionNotifications", [])
    for found in [*run["results"], *(one["descriptor"] for one in told)]:
        index = found.pop("ruleIndex" if "ruleId" in found else "index")
        assert rules[index] == found.get("ruleId", found.get("id"))
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("form", FORMATS)
def test_every_format(form, request):
    done = check(*MODELS, "--expect", "shared/limits.yaml", "--format", form)
    assert done.returncode == 2
    shown = without_rules(done.stdout) if form == "sarif" else done.stdout
    shown = re.sub(r'(?<= time=")\d+\.\d{3}(?=")', "0.001", shown)
    for text, path in (
        (shown, FOLDER / f"expected.{FORMATS[form]}"),
        (done.stderr, FOLDER / "expected.err"),
    ):
        if request.config.getoption("--update"):
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")


def reports():
    """Return a report of every kind."""
    wild = "a\x00\x1b[31m\ud800\uffff,:%\n\r]]>&<\"'é"
    model = {
        "input_shape": ["H", 8, 3],
        "layers": [{"Dense": {"units": 2, "name": "x%,é<&"}}, {"Dense": {"units": 3}}],
    }
    expected = [
        read_expected({"params": 3, "macs": "<= 10", "layers": {wild: "present"}}),
        read_expected({"params": "5X", "output_shape": [None, "zz"]}, "--"),
    ]
    made = examine(model, expected)
    made.source = made.name = wild
    return [
        made,
        examine({"input_shape": [4], "layers": [{wild: 3}], "expect": {"params": 3}}),
        examine({"input_shape": [4], "layers": [{"Dense": 3}], "expect": {"params": 15}}),
        not_examined(wild, wild, f"cannot read {wild!r}: {wild}"),
        not_examined("-", "-", "cannot read '-'"),
    ]


@pytest.mark.parametrize("ascii_only", [True, False])
def test_junit_is_read_by_a_library(ascii_only):
    text = render_junit(reports(), ascii_only=ascii_only)
    assert text.isascii() or not ascii_only
    suites = list(JUnitXml.fromstring(text.encode("ascii" if ascii_only else "utf-8")))
    assert [suite.tests for suite in suites] == [4, 2, 1, 1, 1]
    assert [suite.failures for suite in suites] == [3, 0, 0, 0, 0]
    assert [suite.errors for suite in suites] == [1, 1, 0, 1, 1]
    assert [suite.skipped for suite in suites] == [0, 1, 0, 0, 0]
    for suite in suites:
        cases = list(suite)
        assert len(cases) == suite.tests
        kinds = [type(case.result[0]) for case in cases if case.result]
        assert kinds.count(Failure) == suite.failures
        assert kinds.count(Error) == suite.errors
        assert kinds.count(Skipped) == suite.skipped
        for case in cases:
            assert case.name
            assert all(r.message for r in case.result)


def test_junit_has_a_case_for_each_expectation():
    done = check("holds.yaml", "fails.yaml", "--format", "junit")
    first, second = JUnitXml.fromstring(done.stdout.encode())
    assert [case.name for case in first] == ["output_shape", "params"]
    assert not any(case.result for case in first)
    assert len(list(second)) == second.tests == 5
    failed = [case for case in second if case.result]
    assert [case.result[0].type for case in failed] == ["DS401", "DS402", "DS404", "DS301"]
    assert "--> fails.yaml:7:3" in failed[0].result[0].text


def test_junit_has_no_two_cases_of_one_name(tmp_path):
    (tmp_path / "m.yaml").write_text(
        "input_shape: [4]\nlayers: [{Dense: 2}]\nexpect: {params: 10, require: [Dense, Dense]}\n"
    )
    (tmp_path / "e.yaml").write_text("params: 11\n")
    options = ["--params", "10", "--params", "12", "--expect", "e.yaml", "--expect", "e.yaml"]
    done = check("m.yaml", *options, "-f", "junit", cwd=tmp_path)
    (suite,) = JUnitXml.fromstring(done.stdout.encode())
    assert [case.name for case in suite] == [
        *("params", "require.Dense", "require.Dense (m.yaml:3)"),
        *("params (e.yaml:1)", "params (e.yaml:1) #2", "params (--params)", "params (--params) #2"),
    ]
    assert suite.time > 0


@pytest.mark.parametrize("ascii_only", [True, False])
def test_sarif_is_valid_against_the_published_schema(ascii_only):
    text = render_sarif(reports(), root=None, exit_code=2, ascii_only=ascii_only)
    assert text.isascii() or not ascii_only
    assert validation_errors(json.loads(text)) == []
    done = check(*MODELS, "--format", "sarif")
    assert validation_errors(json.loads(done.stdout)) == []
    assert validation_errors(json.loads(check("holds.yaml", "-f", "sarif").stdout)) == []


def test_sarif_places_results_in_files_and_layers():
    (run,) = json.loads(check("fails.yaml", "-f", "sarif").stdout)["runs"]
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]
    found = {one["ruleId"]: one for one in run["results"]}
    (shape,) = found["DS401"]["locations"]
    assert shape["physicalLocation"] == {
        "artifactLocation": {"uri": "fails.yaml"},
        "region": {"startLine": 7, "startColumn": 3, "endLine": 7, "endColumn": 15},
    }
    assert shape["logicalLocations"][0]["fullyQualifiedName"] == "head"
    assert found["DS301"]["level"] == "error"


def test_json_is_valid_against_its_schema():
    validator = jsonschema.Draft202012Validator(check_schema())
    jsonschema.Draft202012Validator.check_schema(check_schema())
    one = json.loads(check("holds.yaml", "--json").stdout)
    validator.validate(one)
    assert list(one) == ["schema", "name", "source", "ok", "expectations", "diagnostics"]
    many = json.loads(check(*MODELS, "--json").stdout)
    validator.validate(many)
    assert [report["source"] for report in many] == MODELS
    assert [report["ok"] for report in many] == [True, False, False, True, False]
    dicts = [report.to_dict() for report in reports()]
    validator.validate(json.loads(render_objects(dicts, many=True, ascii_only=True)))


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github"])
def test_data_formats_keep_to_ascii_where_the_stream_does(form):
    done = check("fails.yaml", "--format", form, PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
    if form in {"json", "sarif"}:
        assert "100% <&> é, b" in str(json.loads(done.stdout))
    elif form == "junit":
        cases = [case for suite in JUnitXml.fromstring(done.stdout) for case in suite]
        assert any("é" in result.message for case in cases for result in case.result)


COMMAND = re.compile(r"::(error|warning|notice) ((?:[A-Za-z]+=[^,:\r\n]*,?)+)::([^\r\n]*)")


def parsed(line):
    """Read a workflow command as GitHub's runner does."""
    kind, shown, message = COMMAND.fullmatch(line).groups()
    properties = dict(part.split("=", 1) for part in shown.split(","))
    for code, sign in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        properties = {key: value.replace(code, sign) for key, value in properties.items()}
        message = message.replace(code, sign) if code not in {"%3A", "%2C"} else message
    return kind, properties, message


def test_github_commands_are_escaped_and_placed():
    lines = render_github(reports(), None).splitlines()
    commands = [parsed(line) for line in lines]
    assert len(commands) == sum(len(report.diagnostics) for report in reports())
    assert any(",:%" in properties.get("file", "") for _, properties, _ in commands)
    done = check("fails.yaml", "--format", "github")
    for kind, properties, message in map(parsed, done.stdout.splitlines()):
        assert kind == "error"
        assert properties["file"] == "fails.yaml"
        assert int(properties["line"]) in range(4, 12)
        assert int(properties["endColumn"]) > int(properties["col"])
        assert properties["title"].startswith(message and "DS")


def test_an_option_is_annotated_at_the_layer_it_is_about():
    done = check("fails.yaml", "--params", "<= 10", "--format", "github")
    told = [parsed(line) for line in done.stdout.splitlines()]
    (found,) = [p for _, p, message in told if "<= 10," in message]
    assert (found["file"], found["line"]) == ("fails.yaml", "5")
    assert "col" not in found
    assert any("\nat: --params\n" in message for _, _, message in told)


def test_annotations_are_relative_to_the_repository():
    workspace = str(FOLDER.parents[2])
    done = check("fails.yaml", "-f", "github", GITHUB_WORKSPACE=workspace)
    assert "file=tests/render/reports/fails.yaml," in done.stdout
    done = check(str(FOLDER / "fails.yaml"), "-f", "sarif", GITHUB_WORKSPACE=workspace, cwd="/")
    assert '"uri": "tests/render/reports/fails.yaml"' in done.stdout
    done = check(str(FOLDER / "fails.yaml"), "-f", "sarif", cwd="/")
    assert f'"uri": "file://{FOLDER}/fails.yaml"' in done.stdout


ODD_NAMES = {
    "a b.yaml": "a%20b.yaml",
    "-é 日本.yaml": "-%C3%A9%20%E6%97%A5%E6%9C%AC.yaml",
    "new\nline.yaml": "new%0Aline.yaml",
    "50%,co:lon#?.yaml": "50%25%2Cco%3Alon%23%3F.yaml",
    "bytes\udcff.yaml": "bytes%FF.yaml",
}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not have such names")
def test_files_of_any_name_are_found_again(tmp_path):
    for name in ODD_NAMES:
        (tmp_path / name).write_text((FOLDER / "fails.yaml").read_text("utf-8"), "utf-8")
    names = ["--", *ODD_NAMES]
    log = json.loads(check("-f", "sarif", *names, cwd=tmp_path).stdout)
    assert validation_errors(log) == []
    places = [one["locations"][0]["physicalLocation"] for one in log["runs"][0]["results"]]
    uris = [place["artifactLocation"]["uri"] for place in places]
    assert list(dict.fromkeys(uris)) == list(ODD_NAMES.values())
    assert {os.fsdecode(unquote_to_bytes(uri)) for uri in uris} == set(ODD_NAMES)
    told = [
        parsed(line) for line in check("-f", "github", *names, cwd=tmp_path).stdout.splitlines()
    ]
    assert [name for name in ODD_NAMES if name.isprintable() or "\n" in name] == [
        name for name in dict.fromkeys(found["file"] for _, found, _ in told) if "\\" not in name
    ]
    suites = JUnitXml.fromstring(check("-f", "junit", *names, cwd=tmp_path).stdout.encode())
    assert [suite.name for suite in suites] == [
        name.replace("\n", "\\n").replace("\udcff", "\\udcff") for name in ODD_NAMES
    ]
    data = json.loads(check("--json", *names, cwd=tmp_path).stdout)
    assert [one["source"] for one in data] == list(ODD_NAMES)


def test_every_rule_says_what_to_do():
    assert list(HELP) == list(CODES)
    assert all(text.endswith((".", "`.")) and len(text) > 40 for text in HELP.values())


def test_text_is_a_line_a_model_and_one_for_all():
    plain = render_lines(reports(), color=False, ascii_only=True)
    assert plain.isascii()
    assert len(plain.splitlines()) == 6
    colored = render_lines(reports(), color=True, ascii_only=False)
    assert "\x1b[32" in colored
    assert "\x1b[31" in colored
