"""Reports of a check as SARIF 2.1.0, the format of code-scanning services."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from dense_shapes import __version__
from dense_shapes.diagnostics import CODES, Diagnostic
from dense_shapes.render.reports import in_repository, whole_text
from dense_shapes.render.rules import HELP
from dense_shapes.render.text import visible
from dense_shapes.report import Report
from dense_shapes.source import Span

VERSION = "2.1.0"
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_AREAS = {
    "DS0": "What is found when a file is read",
    "DS1": "What is found in a spec, or in expectations",
    "DS2": "What is found when shapes are sent through the layers",
    "DS3": "Advice: not wrong, but very likely not what was meant",
    "DS4": "What is expected of a model, and is not so",
    "DS5": "What becomes of a model that is written anew",
}
_RULES = {code: index for index, code in enumerate(CODES)}


def render_sarif(
    reports: Sequence[Report], *, root: str | None, exit_code: int, ascii_only: bool
) -> str:
    """Return a log of one run, with a rule for each code and a result for each diagnostic.

    Args:
        reports: What to tell.
        root: The folder that the repository is checked out in, None for the present one.
        exit_code: That of the command.
        ascii_only: Whether the output can hold nothing but ASCII.
    """
    results: list[dict[str, Any]] = []
    notifications: list[dict[str, Any]] = []
    told = set()
    for report in reports:
        for diagnostic in report.diagnostics:
            result = _result(report, diagnostic, root)
            key = json.dumps(result)
            if not report.examined:
                notifications.append(_notification(result))
            elif key not in told:
                # What is wrong with a file of expectations is so for every model.
                told.add(key)
                results.append(result)
    invocation: dict[str, Any] = {"executionSuccessful": exit_code < 2, "exitCode": exit_code}
    if notifications:
        invocation["toolExecutionNotifications"] = notifications
    driver = {"name": "dense-shapes", "version": __version__, "rules": [_rule(c) for c in CODES]}
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": VERSION, "runs": [run]}
    return json.dumps(log, indent=1, ensure_ascii=ascii_only) + "\n"


def _rule(code: str) -> dict[str, Any]:
    severity, title = CODES[code]
    area = _AREAS[code[:3]]
    return {
        "id": code,
        "shortDescription": {"text": title},
        "fullDescription": {"text": f"{area}: {title}."},
        "help": {"text": HELP[code]},
        "defaultConfiguration": {"level": severity},
    }


def _result(report: Report, diagnostic: Diagnostic, root: str | None) -> dict[str, Any]:
    file, span = report.place_of(diagnostic)
    location: dict[str, Any] = {}
    if file is not None and file != "-":
        location["physicalLocation"] = _physical(file, span, root)
    if diagnostic.layer:
        name = visible(diagnostic.layer)
        location["logicalLocations"] = [
            {"name": name.rpartition("/")[2], "fullyQualifiedName": name, "kind": "member"}
        ]
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": _RULES[diagnostic.code],
        "level": diagnostic.severity,
        "message": {"text": whole_text(diagnostic, file)},
    }
    if location:
        result["locations"] = [location]
    related = [
        {
            "id": i,
            "message": {"text": visible(note.message)},
            "physicalLocation": _physical(file, note.span, root),
        }
        for i, note in enumerate(diagnostic.notes)
        if note.span is not None and file is not None and file != "-"
    ]
    if related:
        result["relatedLocations"] = related
    return result


def _notification(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result as what it is where nothing could be examined."""
    kept = {key: result[key] for key in ("level", "message", "locations") if key in result}
    return {"descriptor": {"id": result["ruleId"], "index": result["ruleIndex"]}} | kept


def _physical(file: str, span: Span | None, root: str | None) -> dict[str, Any]:
    path = in_repository(file, root)
    try:
        uri = quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        uri = quote(visible(path))
    artifact = {"uri": f"file://{uri}" if PurePath(path).is_absolute() else uri}
    place: dict[str, Any] = {"artifactLocation": artifact}
    if span is not None:
        region = {"startLine": span.line, "startColumn": span.column}
        if (span.end_line, span.end_column) > (span.line, span.column):
            region |= {"endLine": span.end_line, "endColumn": span.end_column}
        place["region"] = region
    return place
