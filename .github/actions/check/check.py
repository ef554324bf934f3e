"""The step of the action: annotations on standard output, a summary, and the outputs.

It needs nothing but Python and the command `dense-shapes` on the path.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

READING = {"--set", "--input-shape", "--plugin", "--lambda"}
"""Options that `dense-shapes diff` has too."""


def lines(name: str) -> list[str]:
    """Return an input of one value a line."""
    return [line.strip() for line in os.environ.get(name, "").splitlines() if line.strip()]


def run(*arguments: str, output: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the command, and take what it prints on standard output if asked for."""
    return subprocess.run(  # noqa: S603 - no shell
        ["dense-shapes", *arguments],  # noqa: S607 - installed by the step before
        stdout=subprocess.PIPE if output else None,
        stderr=subprocess.DEVNULL if output else None,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        encoding="utf-8",
        check=False,
    )


def append(name: str, text: str) -> None:
    """Add to one of the files by which a step tells GitHub something."""
    path = os.environ.get(name)
    if path:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)


def escaped(text: object) -> str:
    """Escape what Markdown would read as markup."""
    out = " ".join(str(text).split())
    for sign in "\\|*_`<>[]#&~":
        out = out.replace(sign, f"\\{sign}")
    return out


def reading(arguments: list[str]) -> list[str]:
    """Return the arguments that say how models are read, which hold for a comparison too."""
    out = []
    rest = iter(arguments)
    for argument in rest:
        name, equals, _ = argument.partition("=")
        if name in READING:
            out += [argument] if equals else [argument, next(rest, "")]
    return out


def summary(reports: list[dict[str, Any]], compare: str, options: list[str]) -> str:
    """Return the job's summary: a row for each model, what is wrong, and what changed."""
    rows = ["| model | result | expectations |", "| --- | --- | --- |"]
    wrong, changed = [], []
    for report in reports:
        name = escaped(report["source"] or report["name"])
        outcomes = [outcome["status"] for outcome in report["expectations"]]
        held = f"{outcomes.count('ok')} of {len(outcomes)} hold"
        rows.append(f"| {name} | {'ok' if report['ok'] else '**failed**'} | {held} |")
        for found in report["diagnostics"]:
            if found["severity"] == "error":
                line = f":{found['line']}" if found["line"] else ""
                wrong.append(f"- {name}{line}: {found['code']} {escaped(found['message'])}")
        if compare and report["source"]:
            changed += difference(compare, report["source"], options)
    parts = ["## dense-shapes", "", *rows]
    parts += ["", "### What is wrong", "", *wrong] if wrong else []
    return "\n".join([*parts, "", *changed]) + "\n"


def difference(revision: str, source: str, options: list[str]) -> list[str]:
    """Return what became of a model since a revision, nothing if it is the same or new."""
    before = f"{revision}:./{Path(os.path.relpath(source)).as_posix()}"
    done = run("diff", *options, "--format", "markdown", "--exit-code", "--", before, source)
    return [done.stdout] if done.returncode == 1 else []


def main() -> int:
    """Run the check and return its exit code."""
    options = [f"--expect={path}" for path in lines("INPUT_EXPECT")]
    options += [f"--baseline={path}" for path in lines("INPUT_BASELINE")]
    options += lines("INPUT_ARGS")
    models = lines("INPUT_MODELS")
    done = run("check", *options, "--format", "github", "--", *models, output=False)
    made = run("check", *options, "--format", "json", "--", *models).stdout
    report = Path(os.environ.get("RUNNER_TEMP") or ".") / "dense-shapes-report.json"
    report.write_text(made, encoding="utf-8")
    if made:
        found = json.loads(made)
        reports = found if isinstance(found, list) else [found]
        compare = "".join(lines("INPUT_COMPARE")[:1])
        told = summary(reports, compare, reading(lines("INPUT_ARGS")))
        append("GITHUB_STEP_SUMMARY", told)
    ok = "true" if done.returncode == 0 else "false"
    append("GITHUB_OUTPUT", f"ok={ok}\nexit-code={done.returncode}\nreport={report}\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
