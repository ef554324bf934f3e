"""Reports of a check as JUnit XML, which CI servers show as test results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from dense_shapes.diagnostics import Diagnostic, Severity
from dense_shapes.expectations import Expectation
from dense_shapes.render.snippets import render_text
from dense_shapes.render.text import visible
from dense_shapes.report import Report

_KINDS = ("failures", "errors", "skipped")


def render_junit(reports: Sequence[Report], *, ascii_only: bool) -> str:
    """Return a suite for each model, with a case for each expectation.

    A model that is wrong in itself has one more case, which says so.
    """
    root = ET.Element("testsuites", name="dense-shapes check")
    totals = dict.fromkeys(("tests", *_KINDS), 0)
    for report in reports:
        counts = _suite(root, report)
        totals = {key: totals[key] + counts[key] for key in totals}
    for key, number in totals.items():
        root.set(key, str(number))
    root.set("time", f"{sum(report.seconds for report in reports):.3f}")
    ET.indent(root)
    encoding = "us-ascii" if ascii_only else "utf-8"
    body = ET.tostring(root, encoding=encoding).decode(encoding)
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{body}\n'


def _suite(root: ET.Element, report: Report) -> dict[str, int]:
    name = _xml(report.source if report.source not in {None, "-"} else report.name)
    suite = ET.SubElement(root, "testsuite", name=name)
    counts = dict.fromkeys(("tests", *_KINDS), 0)
    told = set()
    names = _names([outcome.expectation for outcome in report.expectations])
    for outcome, called in zip(report.expectations, names, strict=True):
        expectation = outcome.expectation
        case = ET.SubElement(suite, "testcase", name=_xml(called), classname=name)
        if expectation.source is not None and expectation.span is not None:
            case.set("file", _xml(expectation.source.name))
            case.set("line", str(expectation.span.line))
        counts["tests"] += 1
        if outcome.status == "failed":
            counts["failures"] += 1
            told |= {id(d) for d in outcome.diagnostics}
            kind = outcome.diagnostics[0].code if outcome.diagnostics else expectation.subject
            _detail(case, "failure", outcome.message, kind, outcome.diagnostics)
        elif outcome.status == "unknown":
            counts["skipped"] += 1
            ET.SubElement(case, "skipped", message="the model has errors")
    advised = {o.expectation.subject for o in report.expectations if o.status == "failed"}
    errors = [
        d
        for d in report.diagnostics
        if d.severity == Severity.ERROR and id(d) not in told and d.code not in advised
    ]
    if errors:
        counts["tests"] += 1
        counts["errors"] += 1
        case = ET.SubElement(suite, "testcase", name="model", classname=name)
        _detail(case, "error", errors[0].message, errors[0].code, errors)
    for key, number in counts.items():
        suite.set(key, str(number))
    suite.set("time", f"{report.seconds:.3f}")
    return counts


def _names(expectations: Sequence[Expectation]) -> list[str]:
    """Return a name for each expectation; servers take two cases of one name for one case.

    Where the same is expected in several places, the place comes after it.
    """
    out: list[str] = []
    for one in expectations:
        name = one.name
        if name in out:
            line = f":{one.span.line}" if one.span else ""
            place = f"{one.source.name}{line}" if one.source else one.where
            name = f"{name} ({place})"
        times = sum(known == name or known.startswith(f"{name} #") for known in out)
        out.append(f"{name} #{times + 1}" if times else name)
    return out


def _detail(
    case: ET.Element, kind: str, message: str, code: str, diagnostics: Iterable[Diagnostic]
) -> None:
    detail = ET.SubElement(case, kind, message=_xml(message), type=code)
    detail.text = _xml_lines(render_text(diagnostics)) or _xml(message)


def _xml_lines(text: str) -> str:
    return "\n".join(map(_xml, text.split("\n")))


def _xml(text: str | None) -> str:
    """Return a text without what XML cannot hold, not even escaped."""
    return re.sub("[\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", visible(text or ""))
