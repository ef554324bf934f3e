"""Options of the tests: `--update` for `tests/cases`, and those of the tests against Keras."""

import os

import pytest

# Keras is only asked for shapes, weights and small calls: its lightest backend will do.
os.environ["KERAS_BACKEND"] = "numpy"

TALLY = "oracle"
"""The name of the property in which a test of a layer reports its counts."""

EXCEPTED = "oracle exceptions"
"""The name of that in which it reports how many cases each deliberate difference covers."""


def pytest_addoption(parser):
    cases = parser.getgroup("cases", "specs with all that is said about them")
    cases.addoption(
        "--update", action="store_true", help="rewrite the expected outputs in tests/cases"
    )
    group = parser.getgroup("oracle", "comparison of every layer with Keras")
    group.addoption(
        "--oracle-cases", type=int, default=60, metavar="N", help="random cases a layer (60)"
    )
    group.addoption(
        "--oracle-seed", default="0", metavar="S", help="what the cases are drawn from (0)"
    )
    graphs = parser.getgroup("graphs", "comparison of random graphs with Keras")
    graphs.addoption(
        "--graphs", type=int, default=500, metavar="N", help="how many random graphs (500)"
    )
    graphs.addoption(
        "--graph-seed", default="0", metavar="S", help="what the graphs are drawn from (0)"
    )
    graphs.addoption(
        "--saved", type=int, default=300, metavar="N", help="how many random saved models (300)"
    )


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter):
    """Print how many cases ran and agreed; the properties arrive from xdist's workers too."""
    properties = [
        (report.nodeid.rpartition("[")[2].rstrip("]"), name, value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
    ]
    tallies = [(layer, *value) for layer, name, value in properties if name == TALLY]
    if not tallies:
        return
    _write_exceptions(terminalreporter, [v for _, name, v in properties if name == EXCEPTED])
    terminalreporter.section("agreement with Keras")
    heads = ("layer", "cases", "agreed", "accepted", "refused", "excepted")
    totals = ("total", *map(sum, zip(*[tally[1:] for tally in tallies], strict=True)))
    for name, *counts in (heads, *sorted(tallies), totals):
        terminalreporter.write_line(f"{name:<24}" + "".join(f"{n:>10}" for n in counts))


def _write_exceptions(terminalreporter, counts):
    """Print how many cases each deliberate difference from Keras covers, unused ones too."""
    from tests.oracle.exceptions import EXCEPTIONS

    terminalreporter.section("differences on purpose")
    for name in EXCEPTIONS:
        covered = sum(count.get(name, 0) for count in counts)
        terminalreporter.write_line(f"{name:<40}{covered:>10}")
