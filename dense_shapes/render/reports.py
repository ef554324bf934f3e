"""Reports of a check as text, and as annotations for GitHub's workflows."""

from __future__ import annotations

import os
from collections.abc import Sequence

from dense_shapes.diagnostics import CODES, Diagnostic, Severity
from dense_shapes.render.text import to_ascii, visible
from dense_shapes.report import Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_WIDTH = 8


def render_lines(reports: Sequence[Report], *, color: bool, ascii_only: bool) -> str:
    """Return a line for each model, and where there are several a line for all of them."""
    lines = [_line(report, color=color) for report in reports]
    if len(reports) > 1:
        lines.append(_summary(reports))
    text = "".join(f"{line}\n" for line in lines)
    return to_ascii(text) if ascii_only else text


def _line(report: Report, *, color: bool) -> str:
    states = [outcome.status for outcome in report.expectations]
    total, failed, unknown = len(states), states.count("failed"), states.count("unknown")
    errors = sum(d.severity == Severity.ERROR for d in report.diagnostics)
    if not report.examined:
        word, told = "ERROR", "could not be examined"
    elif report.ok:
        word, told = "ok", f"{_plural(total, 'expectation')} hold{'s' if total == 1 else ''}"
        if not total:
            told = "well-formed; nothing is expected of it"
    elif failed:
        word = "FAILED"
        told = f"{failed} of {_plural(total, 'expectation')} fail{'s' if failed == 1 else ''}"
    else:
        word, told = "FAILED", _plural(errors, "error")
        if unknown:
            told += f", so that {_plural(unknown, 'expectation')} could not be tested"
    shown = word
    if color:
        from typer import style  # noqa: PLC0415 - plain text does without

        shown = style(word, fg="green" if word == "ok" else "red", bold=True)
    name = visible(report.source if report.source is not None else report.name)
    return f"{shown}{' ' * (_WIDTH - len(word))}{name}: {told}"


def _summary(reports: Sequence[Report]) -> str:
    codes = [report.exit_code for report in reports]
    states = [outcome.status for report in reports for outcome in report.expectations]
    parts = [f"{codes.count(0)} ok"]
    parts += [f"{codes.count(1)} failed"] if 1 in codes else []
    parts += [f"{codes.count(2)} not examined"] if 2 in codes else []
    held, failed, unknown = (states.count(state) for state in ("ok", "failed", "unknown"))
    tested = [f"{held} hold"]
    tested += [f"{failed} fail"] if failed else []
    tested += [f"{unknown} not tested"] if unknown else []
    expectations = f"{_plural(len(states), 'expectation')}: {', '.join(tested)}"
    return f"{_plural(len(reports), 'model')}: {', '.join(parts)}; {expectations}"


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def render_github(reports: Sequence[Report], root: str | None) -> str:
    """Return a workflow command for each diagnostic, which GitHub shows at its line.

    Args:
        reports: What to show.
        root: The folder that the repository is checked out in, None for the present one.
    """
    lines = []
    told = set()
    for report in reports:
        for diagnostic in report.diagnostics:
            line = _command(report, diagnostic, root)
            # What is wrong with a file of expectations is so for every model.
            if line not in told:
                told.add(line)
                lines.append(f"{line}\n")
    return "".join(lines)


def render_failure(reason: str) -> str:
    """Return a workflow command for what kept all models from being checked."""
    return f"::error title=dense-shapes::{_data(visible(reason))}\n"


def _command(report: Report, diagnostic: Diagnostic, root: str | None) -> str:
    file, span = report.place_of(diagnostic)
    properties: dict[str, object] = {}
    if file is not None and file != "-":
        properties["file"] = in_repository(file, root)
        if span is not None:
            properties |= {"line": span.line, "endLine": span.end_line}
            # GitHub takes columns only where they are on one line.
            if span.end_line == span.line and span.end_column > span.column:
                properties |= {"col": span.column, "endColumn": span.end_column}
    properties["title"] = f"{diagnostic.code}: {CODES[diagnostic.code][1]}"
    shown = ",".join(
        f"{name}={visible(_property(str(value)))}" for name, value in properties.items()
    )
    return f"::{_COMMANDS[diagnostic.severity]} {shown}::{_data(whole_text(diagnostic, file))}"


def whole_text(diagnostic: Diagnostic, file: str | None) -> str:
    """Return all that a diagnostic says, in lines, with its place only where it has no line."""
    lines = [visible(diagnostic.message)]
    if diagnostic.span is None and diagnostic.where not in {None, file}:
        lines.append(f"at: {visible(diagnostic.where or '')}")
    help_ = " ".join(part for part in (diagnostic.label, diagnostic.help) if part)
    lines += [f"help: {visible(help_)}"] if help_ else []
    for note in diagnostic.notes:
        place = f" (line {note.span.line})" if note.span else ""
        lines.append(f"note: {visible(note.message)}{place}")
    return "\n".join(lines)


def in_repository(file: str, root: str | None) -> str:
    """Return a file's path as the repository has it, where it lies in it."""
    if root:
        inside = os.path.relpath(os.path.abspath(file), root)  # noqa: PTH100 - links stay as given
        if not inside.startswith(os.pardir):
            file = inside
    return file.replace(os.sep, "/")


def _data(text: str) -> str:
    """Escape a command's message, as the runner's toolkit does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape the value of a command's property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
