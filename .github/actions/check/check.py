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

CHOSEN = ("--", "--format", "--json", "-f", "--update-baseline")
"""What the action sees to itself."""

MOST_BYTES = 1_000_000
"""GitHub drops a summary that is larger than 1 MiB."""


def lines(name: str) -> list[str]:
    """Return an input of one value a line."""
    return [line.strip() for line in os.environ.get(name, "").split("\n") if line.strip()]


def run(*arguments: str, output: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the command, and take what it prints if asked for."""
    return subprocess.run(  # noqa: S603 - no shell
        ["dense-shapes", *arguments],  # noqa: S607 - installed by the step before
        stdout=subprocess.PIPE if output else None,
        stderr=subprocess.PIPE if output else None,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        encoding="utf-8",
        check=False,
    )


def append(name: str, text: str) -> None:
    """Add to one of the files by which a step tells GitHub something."""
    path = os.environ.get(name)
    if path:
        with Path(path).open(
            "a", encoding="utf-8", errors="backslashreplace", newline="\n"
        ) as file:
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
    rows, wrong = [], []
    for report in reports:
        name = escaped(report["source"] or report["name"])
        outcomes = [outcome["status"] for outcome in report["expectations"]]
        held = f"{outcomes.count('ok')} of {len(outcomes)} hold"
        rows.append(f"| {name} | {'ok' if report['ok'] else '**failed**'} | {held} |")
        for found in report["diagnostics"]:
            if found["severity"] == "error":
                line = f":{found['line']}" if found["line"] else ""
                wrong.append(f"- {name}{line}: {found['code']} {escaped(found['message'])}")
    page = Page()
    page.add("## dense-shapes", "", "| model | result | expectations |", "| --- | --- | --- |")
    page.fill(rows, "models")
    if wrong:
        page.add("", "### What is wrong", "")
        page.fill(wrong, "errors")
    if compare:
        page.add("")
        sources = [report["source"] for report in reports if report["source"]]
        page.fill(differences(compare, sources, options), "models that changed")
    return "\n".join(page.lines) + "\n"


def not_checked(reason: str) -> str:
    """Return the job's summary where nothing could be checked, with what the command said of it."""
    page = Page()
    page.add("## dense-shapes", "", "**Nothing could be checked:**", "")
    page.fill([f"    {line}" for line in reason.splitlines()], "lines")
    return "\n".join(page.lines) + "\n"


class Page:
    """Lines, as many as a summary may have."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.room = MOST_BYTES

    def add(self, *lines: str) -> None:
        """Add lines."""
        self.lines += lines
        self.room -= sum(len(line.encode("utf-8", "backslashreplace")) + 1 for line in lines)

    def fill(self, lines: list[str], what: str) -> None:
        """Add lines as long as there is room, and say how many are left out."""
        for i, line in enumerate(lines):
            if len(line.encode("utf-8", "backslashreplace")) >= self.room:
                self.add(
                    "",
                    f"**{len(lines) - i} of {len(lines)} {what} are left out** for want of room.",
                )
                return
            self.add(line)


def differences(revision: str, sources: list[str], options: list[str]) -> list[str]:
    """Return what became of each model since a revision; nothing of one that is the same or new."""
    if revision.startswith("-") or git("rev-parse", "--verify", f"{revision}^{{commit}}") != 0:
        reason = f"nothing is compared: there is no revision {revision} here"
        advice = "actions/checkout fetches all with `fetch-depth: 0`"
        print(f"::warning title=dense-shapes::{reason}; {advice}")  # noqa: T201 - a workflow command
        return [f"**{escaped(reason)}**; {advice}."]
    out = []
    for source in sources:
        before = f"{revision}:./{Path(os.path.relpath(source)).as_posix()}"
        if git("diff", "--quiet", revision, "--", source) == 0:
            continue
        done = run("diff", *options, "--format", "markdown", "--exit-code", "--", before, source)
        out += [done.stdout] if done.returncode == 1 else []
    return out


def git(*arguments: str) -> int:
    """Run git and return its exit code."""
    return subprocess.run(  # noqa: S603 - no shell
        ["git", "--literal-pathspecs", *arguments],  # noqa: S607 - the runner's
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    ).returncode


def main() -> int:
    """Run the check and return its exit code."""
    options = [f"--expect={path}" for path in lines("INPUT_EXPECT")]
    options += [f"--baseline={path}" for path in lines("INPUT_BASELINE")]
    arguments = lines("INPUT_ARGS")
    for argument in arguments:
        if argument.partition("=")[0] in CHOSEN or argument[:2] == "-f":
            reason = f"args: {argument} cannot be given, the action sees to it itself"
            print(f"::error title=dense-shapes::{reason}")  # noqa: T201 - a workflow command
            append("GITHUB_OUTPUT", "ok=false\nexit-code=2\nreport=\n")
            return 2
    options += arguments
    models = lines("INPUT_MODELS")
    done = run("check", *options, "--format", "github", "--", *models, output=False)
    asked = run("check", *options, "--format", "json", "--", *models)
    made = asked.stdout
    report = Path(os.environ.get("RUNNER_TEMP") or ".") / "dense-shapes-report.json"
    report.write_text(made, encoding="utf-8", errors="backslashreplace")
    if made:
        found = json.loads(made)
        reports = found if isinstance(found, list) else [found]
        compare = "".join(lines("INPUT_COMPARE")[:1])
        told = summary(reports, compare, reading(arguments))
        append("GITHUB_STEP_SUMMARY", told)
    else:
        append("GITHUB_STEP_SUMMARY", not_checked(asked.stderr))
    ok = "true" if done.returncode == 0 else "false"
    append("GITHUB_OUTPUT", f"ok={ok}\nexit-code={done.returncode}\nreport={report}\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
