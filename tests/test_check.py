"""What is expected of models, and what becomes of it: `cases/expectations.yaml`, and more."""

import io
import json
import pickle
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dense_shapes
from dense_shapes import Report
from dense_shapes.checking import examine, read_expected
from dense_shapes.diagnostics import CODES
from dense_shapes.expectations import TOTALS
from dense_shapes.schema_check import check_schema, expect_schema

TABLE = yaml.safe_load((Path(__file__).parent / "cases" / "expectations.yaml").read_text("utf-8"))
MODELS = TABLE["models"]
CASES = [(model, expect, *(message or [""])) for model, expect, *message in TABLE["cases"]]
SEED, OPEN, TEXT = MODELS["dense"], MODELS["open_sizes"], MODELS["text"]
REPORT = jsonschema.Draft202012Validator(check_schema())
EXPECT = jsonschema.Draft202012Validator(expect_schema())


@pytest.mark.parametrize(("model", "expect", "message"), CASES, ids=lambda v: str(v)[-60:])
def test_outcomes(model, expect, message):
    report = dense_shapes.check(MODELS[model], expect)
    wrong = [outcome for outcome in report.expectations if outcome.status != "ok"]
    assert [outcome.message for outcome in wrong] == ([message] if message else [])
    assert report.ok == (not message)
    assert report.expectations
    for outcome in wrong:
        assert outcome.status == "failed"
    errors = [d for d in report.diagnostics if d.severity == "error"]
    assert [d.message for d in errors] == ([message] if message else [])
    if "advice" not in expect:
        assert all(d.code.startswith("DS4") and d.where.startswith("expect.") for d in errors)
    REPORT.validate(json.loads(json.dumps(report.to_dict())))
    EXPECT.validate(expect)


def test_the_table_is_large_and_has_both_outcomes():
    assert len(CASES) >= 80
    assert min(sum(not m for _, _, m in CASES), sum(bool(m) for _, _, m in CASES)) >= 40


@pytest.mark.parametrize("total", TOTALS)
def test_every_total_can_be_expected_of_models_and_of_layers(total):
    report = dense_shapes.check(SEED, {total: 3, "layers": {"head": {total: "> 9e15"}}})
    assert [o.status for o in report.expectations] == ["failed"] * 2
    values = getattr(report.summary.totals, total)
    assert report.expectations[0].found == values


@pytest.mark.parametrize(
    ("bound", "told"),
    [
        (
            "<= 28.1KB",
            "KB is 1,000 bytes here, so the limit is 28,100; it would hold in KiB, which",
        ),
        ("<= 28kB", "KB is 1,000 bytes here, so the limit is 28,000; KiB is 1,024, which is"),
        ("1KB..28.5KB", "the limit is 28,500; it would hold in KiB"),
        ("> 1MB", "MB is 1,000,000 bytes here, so the limit is 1,000,001; MiB is 1,048,576, which"),
        ("<= 28KiB", None),
        ("1..28KB", None),
        ("<= 28000", None),
    ],
)
def test_a_failed_bound_in_kb_tells_how_it_was_read(bound, told):
    (problem,) = dense_shapes.check(SEED, {"param_bytes": bound}).diagnostics
    assert problem.help is None if told is None else told in problem.help


def test_a_failure_says_where_the_number_comes_from():
    (outcome,) = dense_shapes.check(SEED, {"params": "<= 7K"}).expectations
    assert (outcome.found, outcome.difference, outcome.layer) == (7178, 178, "head")
    (found,) = outcome.diagnostics
    assert [note.message for note in found.notes] == [
        "5,130 (71.5%) of them come from 'head' (Dense)",
        "2,048 (28.5%) of them come from 'dense' (Dense)",
    ]
    (shape,) = dense_shapes.check(SEED, {"output_shape": [None, 10]}).expectations
    assert (shape.layer, shape.difference) == ("head", None)
    assert shape.found == [None, 32, 32, 10]


def test_binding_a_size_decides():
    expect = {"macs": "<= 10M", "output_shape": [None, 37, 37, 4]}
    assert not dense_shapes.check(OPEN, expect).ok
    assert dense_shapes.check(OPEN, expect, set={"H": 224, "W": 224}).ok
    named = {"output_shape": [None, "H//6", "floor((W + 1)/6)", 4]}
    assert dense_shapes.check(OPEN, named, set={"H": 224}).ok


def test_expectations_come_from_paths_files_and_mappings(tmp_path):
    for name, text in (
        ("e.yaml", "params: 7178\n"),
        ("e.json", '{"params": 7178}'),
        ("w.yaml", "expect: {params: 7178}\n"),
    ):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        for source in (path, str(path), io.StringIO(text), io.BytesIO(text.encode())):
            report = dense_shapes.check(SEED, source)
            assert [o.status for o in report.expectations] == ["ok"]
    path.write_text("params: 7179\n", "utf-8")
    (found,) = dense_shapes.check(SEED, path).diagnostics
    assert (found.source.name, found.span[:2], found.code) == (str(path), (1, 1), "DS402")


def test_json_is_read_as_json_is_written():
    names = {"😀": "absent", "a\\\\ud83d": "absent", "é/\\😀": "absent", "head": "present"}
    text = json.dumps({"layers": names}, indent="\t").replace("/", "\\/")
    report = dense_shapes.check(SEED, io.StringIO(text))
    assert report.ok
    assert [o.expectation.layer for o in report.expectations] == list(names)


def test_those_of_the_file_and_those_beside_it_all_count():
    model = SEED | {"expect": {"params": 1}}
    report = dense_shapes.check(model, {"macs": 2})
    assert [(o.expectation.name, o.status) for o in report.expectations] == [
        ("params", "failed"),
        ("macs", "failed"),
    ]
    with pytest.raises(FileNotFoundError):
        dense_shapes.check(SEED, "none.yaml")


def test_an_empty_file_expects_nothing():
    for text in ("", "# nothing yet\n", "{}", "null", "expect:\n"):
        report = dense_shapes.check(SEED, io.StringIO(text))
        assert report.ok
        assert [(d.code, d.severity) for d in report.diagnostics] == [("DS410", "note")]
    assert dense_shapes.check(SEED, {}).diagnostics[0].code == "DS410"
    assert dense_shapes.check(SEED | {"expect": None}).ok


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("params: [", "DS002"),
        ("params: 7178\nparams: 2", "DS007"),
        ("just words", "DS105"),
        ("params: !!python/object:os.system {}", "DS004"),
        ("[" * 200, "DS005"),
        ("output_shape: [null, xx]", "DS107"),
        ("output_shape: [null, 1.5]", "DS105"),
        ("output_shape: [null, 1/2]", "DS106"),
        ("output_shape: [null, -1]", "DS105"),
        ("params: 010", "DS006"),
        ("params: '<= 10 + x'", "DS107"),
        ("params: '1..'", "DS105"),
        ("params: '!= 3'", "DS105"),
        ("params: '< 0'", "DS105"),
        ("params: -3", "DS105"),
        ("params: .inf", "DS105"),
        ("params: true", "DS105"),
        ("params: '<='", "DS105"),
        ("params: '1.5'", "DS105"),
        ("layers: [head]", "DS105"),
        ("layers: {head: {params: {}}}", "DS105"),
        ("forbid: ['Zzz*']", "DS103"),
        ("expects: {}", "DS101"),
        ("output_shapes: 3", "DS105"),
        ("advice: [DS301]", "DS105"),
    ],
)
def test_wrong_expectations_are_told_and_the_rest_is_read(text, code):
    report = dense_shapes.check(SEED, io.StringIO(text))
    assert not report.ok
    assert code in [d.code for d in report.diagnostics]
    assert not [d for d in report.diagnostics if d.code.startswith("DS4")]
    mapping = dense_shapes.check(SEED, {"parms": 3, "params": 1})
    assert [d.code for d in mapping.diagnostics] == ["DS101", "DS402"]
    assert mapping.diagnostics[0].where == "expect.parms"


def test_bytes_that_are_no_text_are_told():
    (found,) = dense_shapes.check(SEED, io.BytesIO(b"\xff\xfe\x00")).diagnostics
    assert found.code == "DS001"


def test_a_broken_model_leaves_expectations_open():
    model = {"input_shape": [4], "layers": [{"Dens": 3}], "expect": {"output_shape": [None, "x"]}}
    report = dense_shapes.check(model, {"params": 1, "forbid": "Dens", "macs": "<= 3*y"})
    assert [d.code for d in report.diagnostics] == ["DS103"]
    assert {o.status for o in report.expectations} == {"unknown"}
    assert not report.ok


def test_a_summary_tells_of_wrong_expectations_but_holds_to_none(tmp_path):
    with pytest.raises(dense_shapes.ModelError, match="DS101"):
        dense_shapes.summarize(SEED | {"expect": {"parms": 3}})
    assert dense_shapes.summarize(SEED | {"expect": {"params": 3}}).ok


def test_the_strictest_level_of_an_advice_counts():
    model = {"input_shape": [8, 8, 3], "layers": [{"Dense": {"units": 2, "activation": "softmax"}}]}
    assert [d.severity for d in dense_shapes.check(model, {"params": 8}).diagnostics] == ["warning"]
    off = {"advice": {"DS301": "off"}}
    assert dense_shapes.check(model, off).diagnostics == []
    report = dense_shapes.check(model | {"expect": {"advice": {"DS301": "error"}}}, off)
    assert [d.severity for d in report.diagnostics] == ["error"]
    assert not report.ok


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("DS3")])
def test_every_warning_has_a_level(code):
    expect = {"advice": {code: "error"}}
    assert dense_shapes.check(SEED, expect).expectations[0].expectation.subject == code
    assert jsonschema.Draft202012Validator(expect_schema()).is_valid(expect)


@pytest.mark.parametrize(("level", "severities"), [("error", {"error"}), ("off", set())])
def test_what_a_file_records_otherwise_has_a_level(level, severities):
    model = Path(__file__).parent / "cases" / "warn" / "keras_recorded.json"
    given = [d for d in dense_shapes.check(model).diagnostics if d.code == "DS310"]
    assert {d.severity for d in given} == {"warning"}
    report = dense_shapes.check(model, {"advice": {"DS310": level}})
    assert {d.severity for d in report.diagnostics if d.code == "DS310"} == severities


def test_a_report_can_be_sent_to_another_process():
    report = dense_shapes.check(OPEN, {"macs": "<= 10M", "output_shape": [None, "H", 1, 4]})
    assert isinstance(report, Report)
    report.summary = None
    again = pickle.loads(pickle.dumps(report))
    assert again.to_dict() == report.to_dict()
    given = read_expected(io.StringIO("params: '<= d'"))
    assert examine(TEXT, [pickle.loads(pickle.dumps(given))]).expectations[0].status == "failed"


def test_hostile_globs_cost_little():
    path = "/".join(["**", "a*"] * 40)
    deep = {"Dense": 2}
    for _ in range(20):
        deep = {"repeat": {"times": 1, "layers": [deep]}}
    model = {"input_shape": [4], "layers": [deep]}
    report = dense_shapes.check(model, {"layers": {path: "absent", "**/**/**/dense": "present"}})
    assert report.ok


words = st.sampled_from(
    [
        *("params", "macs", "layers", "forbid", "require", "advice", "output_shape", "head", "H"),
        *(
            "output_shapes",
            "type",
            "present",
            "absent",
            "DS301",
            "error",
            "Dense",
            "Con*",
            "**",
            "_",
        ),
        *("<= 10M", "1..2", "..", "< H", "5 KiB", "H*W", "floor(H/2)", "1e400", "${H}", "(", ""),
    ]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(words, anything, max_size=6), st.sampled_from(sorted(MODELS)))
def test_whatever_is_expected_there_is_an_answer(expect, model):
    report = dense_shapes.check(MODELS[model], expect)
    REPORT.validate(json.loads(json.dumps(report.to_dict())))
    assert all(d.code in CODES and d.message for d in report.diagnostics)
    assert report.ok == (not [d for d in report.diagnostics if d.severity == "error"])
    failed = [o for o in report.expectations if o.status == "failed"]
    assert not (failed and report.ok)
    same = dense_shapes.check(MODELS[model] | {"expect": expect}).expectations
    assert [o.status for o in same] == [o.status for o in report.expectations]
    written = io.StringIO(json.dumps(expect, allow_nan=False) if finite(expect) else "{}")
    dense_shapes.check(MODELS[model], written)


def finite(value):
    """Tell whether a value can be written as JSON."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True
