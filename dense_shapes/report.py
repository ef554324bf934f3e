"""The answer to one check: outcomes and diagnostics, and their form as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from dense_shapes.diagnostics import Diagnostic, Note, Severity, sort_key
from dense_shapes.expectations import Advice, Bound, Expectation
from dense_shapes.outcomes import Outcome
from dense_shapes.source import Span
from dense_shapes.summary import Summary, count_json

if TYPE_CHECKING:
    from dense_shapes.baseline import Baseline

SCHEMA = "dense-shapes/check/1"


class Report:
    """What became of the expectations of one model.

    Attributes:
        name: The model's name.
        source: The file's name, `-` for standard input, None for a mapping.
        expectations: The outcome of each expectation, in the order in which they were written.
        diagnostics: What is wrong, and advice: the model's own file first, in its order.
        examined: Whether the model could be examined at all.
        summary: What is known of the model, None where it was not kept.
        record: What a baseline is to keep of it, where that was asked for.
        seconds: How long it took, where that was measured.
    """

    __slots__ = (
        *("diagnostics", "examined", "expectations", "name", "record", "seconds", "source"),
        "summary",
    )

    def __init__(
        self,
        name: str,
        source: str | None,
        expectations: Iterable[Outcome] = (),
        diagnostics: Iterable[Diagnostic] = (),
        *,
        summary: Summary | None = None,
    ) -> None:
        self.name = name
        self.source = source
        self.expectations = list(expectations)
        self.diagnostics = list(diagnostics)
        self.summary = summary
        self.record: dict[str, Any] | None = None
        self.examined = True
        self.seconds = 0.0

    def __repr__(self) -> str:
        held = sum(outcome.status == "ok" for outcome in self.expectations)
        return f"Report({self.name!r}, {held} of {len(self.expectations)} expectations hold)"

    @property
    def ok(self) -> bool:
        """Whether the model is right, and all that is expected of it holds."""
        return all(d.severity != Severity.ERROR for d in self.diagnostics)

    def place_of(self, diagnostic: Diagnostic) -> tuple[str | None, Span | None]:
        """Return the file and the place that a diagnostic is best shown at.

        What was expected by an option or a mapping is shown in the model's file, at the layer.
        """
        if diagnostic.source is not None:
            return diagnostic.source.name, diagnostic.span
        line = next((o.line for o in self.expectations if diagnostic in o.diagnostics), None)
        return self.source, Span(line, 1, line, 1) if line else None

    @property
    def exit_code(self) -> int:
        """The command's exit code for this model: 0, 1 if something is wrong, 2 if not examined."""
        return 2 if not self.examined else 0 if self.ok else 1

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data, ready for `json.dumps` (version 1)."""
        return {
            "schema": SCHEMA,
            "name": self.name,
            "source": self.source,
            "ok": self.ok,
            "expectations": [_outcome_json(outcome) for outcome in self.expectations],
            "diagnostics": [_diagnostic_json(d) for d in self.diagnostics],
        }


def report_on(summary: Summary, outcomes: list[Outcome], problems: list[Diagnostic]) -> Report:
    """Return the report on a model.

    Args:
        summary: What is known of it.
        outcomes: What became of the expectations.
        problems: What is wrong with expectations that stand outside the model's file.
    """
    levels: dict[str, Expectation] = {}
    for outcome in outcomes:
        one = outcome.expectation
        # Of several that speak of one advice the strictest counts.
        if isinstance(one.wanted, Advice) and (
            one.subject not in levels or one.wanted.level == "error"
        ):
            levels[one.subject] = one
    diagnostics = []
    for given in summary.diagnostics:
        said = levels.get(given.code)
        level = said.text if said else "warning"
        if said and level == "error":
            raised = copy(given)
            raised.severity = Severity.ERROR
            place = f" on line {said.span.line}" if said.span else ""
            if said.source and said.source.name != summary.source:
                place = f" in {said.source.name}{place}"
            raised.notes += (Note(f"it is an error because `{said.name}` says so{place}"),)
            diagnostics.append(raised)
        elif level != "off":
            diagnostics.append(given)
    foreign = list(problems)
    for outcome in outcomes:
        for found in outcome.diagnostics:
            own = found.source is not None and found.source.name == summary.source
            (diagnostics if own else foreign).append(found)
    diagnostics.sort(key=sort_key)
    return Report(summary.name, summary.source, outcomes, diagnostics + foreign, summary=summary)


def not_examined(name: str, source: str | None, reason: str) -> Report:
    """Return the report on a model that could not be examined, and why."""
    found = Diagnostic(code="DS010", message=reason)
    report = Report(name, source, diagnostics=[found])
    report.examined = False
    return report


def reports_on_gone(baseline: Baseline, sources: Iterable[str]) -> list[Report]:
    """Return a report on each model of a baseline whose file is no longer there.

    Args:
        baseline: What models were.
        sources: The files that are checked.
    """
    return [
        Report(PurePath(source).stem, source, [outcome], outcome.diagnostics)
        for source, outcome in baseline.gone(sources)
    ]


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    expectation = outcome.expectation
    wanted = expectation.wanted
    limits: dict[str, Any] = {}
    if isinstance(wanted, Bound):
        limits = {
            "min": count_json(wanted.low),
            "max": count_json(wanted.high),
            "difference": outcome.difference,
        }
    return {
        "name": expectation.name,
        "status": outcome.status,
        "expected": expectation.text,
        "found": outcome.found,
        **limits,
        "message": outcome.message or None,
        "layer": outcome.layer,
        "file": expectation.source.name if expectation.source else None,
        "line": expectation.span.line if expectation.span else None,
        "column": expectation.span.column if expectation.span else None,
        "where": expectation.where,
    }


def _diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    source = diagnostic.source
    return diagnostic.to_dict() | {
        "file": source.name if source else None,
        "where": diagnostic.where,
        "notes": [note.message for note in diagnostic.notes],
    }
