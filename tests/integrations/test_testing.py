"""`assert_architecture` in a test suite: its message is the diagnostic."""

import sys

import pytest

from dense_shapes.testing import assert_architecture
from tests.cli.test_diff import OTHER, SPEC

MODEL = {"input_shape": [4], "layers": [{"Dense": 8}, {"Dense": {"units": 2, "name": "head"}}]}


def test_what_holds_passes(tmp_path):
    assert_architecture(MODEL)
    assert_architecture(MODEL, {"params": 58}, macs="<= 100", output_shape=[None, 2])
    path = tmp_path / "model.yaml"
    path.write_text(SPEC + "expect: {params: 58}\n")
    assert_architecture(path)
    assert_architecture({"input_shape": ["N"], "layers": [{"Dense": 2}]}, set={"N": 3}, params=8)


@pytest.mark.parametrize(
    ("model", "expected", "said"),
    [
        (MODEL, {"params": 59}, "error[DS402]: params: expected 59, found 58"),
        (MODEL, {"output_shape": [None, 3]}, "expected (_, 3), found (None, 2)"),
        (MODEL, {"layers": {"none": {"units": 3}}}, "error["),
        ({"input_shape": [4], "layers": ["Dens"]}, {}, "unknown layer type 'Dens'"),
    ],
)
def test_what_does_not_hold_fails(model, expected, said):
    with pytest.raises(AssertionError) as raised:
        assert_architecture(model, expected)
    assert said in str(raised.value)
    assert "warning[" not in str(raised.value)


def test_a_test_suite_shows_the_line_of_the_spec(pytester):
    pytester.makefile(".yaml", model=SPEC + "expect:\n  params: 59\n")
    pytester.makepyfile(
        """
        from dense_shapes.testing import assert_architecture

        def test_right():
            assert_architecture({"input_shape": [4], "layers": [{"Dense": 2}]}, params=10)

        def test_wrong():
            assert_architecture("model.yaml")
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            '>       assert_architecture("model.yaml")',
            "E       AssertionError: error*DS402*: params: expected 59, found 58*",
            "E         --> model.yaml:6:3",
            "E          |",
            "E        6 |   params: 59",
        ]
    )
    # The helper's own lines are no news.
    result.stdout.no_fnmatch_line("*raise AssertionError*")


def test_baselines_in_a_test_suite(pytester):
    pytester.makefile(".yaml", model=SPEC)
    pytester.makepyfile(
        """
        from dense_shapes.testing import assert_architecture

        def test_unchanged():
            assert_architecture("model.yaml", baseline="kept.json")
        """
    )
    pytester.run(
        sys.executable,
        "-m",
        "dense_shapes",
        "check",
        "model.yaml",
        "--update-baseline",
        "kept.json",
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
    pytester.makefile(".yaml", model=OTHER)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*DS424*: dense (Dense) changed: units: 8 → 16*"])
