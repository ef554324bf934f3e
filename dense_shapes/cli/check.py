"""`dense-shapes check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dense_shapes.cli import given
from dense_shapes.cli.models import (
    InputShape,
    Lambdas,
    Models,
    Plugins,
    Set,
    chosen_format,
    is_pattern,
    settings,
    shapes,
)
from dense_shapes.cli.output import (
    fail,
    has_color,
    is_ascii_only,
    is_terminal,
    note,
    report,
    write,
)

if TYPE_CHECKING:
    from dense_shapes.baseline import Baseline
    from dense_shapes.checking import Expected
    from dense_shapes.report import Report

MANY = 10
"""From how many files on a terminal shows how far the work is."""


class Format(StrEnum):
    """How reports are written."""

    text = "text"
    json = "json"
    github = "github"
    junit = "junit"
    sarif = "sarif"


def _bound(name: str, what: str) -> Any:
    return typer.Option(f"--{name}", metavar="BOUND", help=what, rich_help_panel="Quick assertions")


def check(
    models: Models,
    expect: Annotated[
        list[str] | None,
        typer.Option("--expect", metavar="FILE", help="Expectations, in YAML or JSON."),
    ] = None,
    format: Annotated[  # noqa: A002 - the name of the option
        Format | None,
        typer.Option("--format", "-f", help="How to write the reports; by default as text."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    output_shape: Annotated[
        list[str] | None,
        typer.Option(
            "--output-shape",
            metavar="[NAME=]SIZES",
            help="The output's shape with the batch, null for any size: null,10.",
            rich_help_panel="Quick assertions",
        ),
    ] = None,
    params: Annotated[
        list[str] | None, _bound("params", "Parameters: 7178, '<= 10M', '1.5M..2M'.")
    ] = None,
    trainable_params: Annotated[
        list[str] | None, _bound("trainable-params", "Those that training changes.")
    ] = None,
    non_trainable_params: Annotated[
        list[str] | None, _bound("non-trainable-params", "Those that it does not.")
    ] = None,
    param_bytes: Annotated[
        list[str] | None,
        _bound("param-bytes", "Bytes of the parameters: '<= 4MiB'; MB is 1,000,000."),
    ] = None,
    trainable_bytes: Annotated[
        list[str] | None, _bound("trainable-bytes", "Bytes of the trainable ones.")
    ] = None,
    non_trainable_bytes: Annotated[
        list[str] | None, _bound("non-trainable-bytes", "Bytes of the others.")
    ] = None,
    macs: Annotated[
        list[str] | None, _bound("macs", "Multiply-accumulates for one example.")
    ] = None,
    baseline: Annotated[
        list[str] | None,
        typer.Option(
            "--baseline",
            metavar="FILE",
            help="Fail if a model is not what this file says that it was.",
        ),
    ] = None,
    update_baseline: Annotated[
        list[str] | None,
        typer.Option(
            "--update-baseline",
            metavar="FILE",
            help="Write into this file what the models are, if all are right and as expected.",
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, metavar="N", help="Use N processes.")
    ] = 1,
    set_: Set = None,
    input_shape: InputShape = None,
    plugin: Plugins = None,
    lambda_: Lambdas = None,
) -> None:
    """Hold models to what is expected of them: in the spec, in a file, or by options.

    Examples: dense-shapes check model.yaml; dense-shapes check "models/**/*.yaml" -j 4;
    dense-shapes check model.json --params "<= 5M" --output-shape null,10
    """
    chosen = chosen_format(format, json=json, default=Format.text)
    sizes, forms = settings(set_), shapes(input_shape)
    options = given.quick(
        output_shape or (),
        {
            "params": params,
            "trainable_params": trainable_params,
            "non_trainable_params": non_trainable_params,
            "param_bytes": param_bytes,
            "trainable_bytes": trainable_bytes,
            "non_trainable_bytes": non_trainable_bytes,
            "macs": macs,
        },
    )

    kept_in = given.single(update_baseline or (), "--update-baseline")
    if baseline and kept_in is not None:
        raise typer.BadParameter(
            "one compares, the other accepts: give one of the two", param_hint="--update-baseline"
        )
    with _annotated(chosen):
        if [*models, *(expect or ())].count("-") > 1:
            given.give_up("standard input can be read once only")
        expected = given.expected(expect or (), options)
        _load(plugin or ())
        kept = given.baseline(baseline or ())
        files, many = given.files(models)
        one = partial(
            _examine,
            expected=expected,
            baseline=kept,
            recorded=kept_in is not None,
            sizes=sizes,
            forms=forms,
            plugins=plugin or (),
            same_shape=lambda_ is not None,
        )
        reports = _run(one, files, jobs)
    if kept is not None:
        from dense_shapes.report import reports_on_gone  # noqa: PLC0415 - few checks have one

        sources = [model for model in files if isinstance(model, str)]
        gone = reports_on_gone(kept, sources)
        reports += gone
        many |= bool(gone)
    code = max(_exit_code(made) for made in reports)
    write(_render(reports, chosen, many=many, code=code))
    _report(reports)
    if kept is not None:
        _remind(kept, sources)
    if kept_in is not None:
        code = max(code, _accept(kept_in, reports))
    raise typer.Exit(code)


@contextmanager
def _annotated(chosen: Format) -> Iterator[None]:
    """Tell GitHub too what keeps all models from being checked."""
    try:
        yield
    except given.GivenUp as error:
        if chosen is Format.github:
            from dense_shapes.render.reports import render_failure  # noqa: PLC0415 - it is rare

            write(render_failure(error.reason))
        raise


def _accept(path: str, reports: list[Report]) -> int:
    """Write what the models are into a baseline, and return the exit code."""
    records = [(made.source, made.name, made.record) for made in reports if made.record is not None]
    if len(records) < len(reports):
        fail(f"{path!r} is not written: not all models are right and as expected")
        return 1
    from dense_shapes.baseline import BaselineError, update_baseline  # noqa: PLC0415

    try:
        written = update_baseline(path, records)
    except BaselineError as error:
        fail(f"{path!r} is not written: {error}; {error.help}")
        return 2
    except OSError as error:
        fail(f"cannot write {path!r}: {error.strerror or error}")
        return 2
    number = len(records)
    models = f"{number} model{'' if number == 1 else 's'}"
    note(f"{path}: {models} written" if written else f"{path}: {models} as before")
    return 0


def _remind(kept: Baseline, sources: Sequence[str]) -> None:
    """Say which models of a baseline nobody has looked at."""
    left = kept.unchecked(sources)
    if left:
        shown = ", ".join(left[:5]) + (", …" if len(left) > 5 else "")
        number = f"{len(left)} of the {len(kept.models)} models that it holds"
        were = "was" if len(left) == 1 else "were"
        note(f"{kept.path}: {number} {were} not checked: {shown}; name them too to have them held")


def _load(plugins: Sequence[str]) -> None:
    from dense_shapes.plugins import PluginError, load_plugins  # noqa: PLC0415 - after parsing

    try:
        load_plugins(plugins)
    except PluginError as error:
        given.give_up(str(error))


def _run(one: Callable[[Any], Report], files: Sequence[Any], jobs: int) -> list[Report]:
    """Return the reports on all files, with a bar for a person who waits for many."""
    from dense_shapes.cli.workers import WorkerLost, results  # noqa: PLC0415 - after parsing

    try:
        with results(one, files, jobs) as found:
            dumb = os.environ.get("TERM") == "dumb"  # it cannot take a line back
            if len(files) < MANY or dumb or not is_terminal(sys.stderr):
                return list(found)
            from dense_shapes.render.progress import shown  # noqa: PLC0415 - rich is slow

            return list(shown(found, len(files), color=has_color(sys.stderr)))
    except WorkerLost as error:
        given.give_up(str(error))


def _examine(
    model: Any,
    *,
    expected: list[Expected],
    baseline: Baseline | None,
    recorded: bool,
    sizes: dict[str, Any],
    forms: dict[str, list[int | str | None]],
    plugins: Sequence[str],
    same_shape: bool,
) -> Report:
    """Return the report on one model; this runs in the worker processes too."""
    from time import perf_counter  # noqa: PLC0415 - after parsing

    from dense_shapes.checking import examine  # noqa: PLC0415 - after parsing
    from dense_shapes.plugins import PluginError  # noqa: PLC0415
    from dense_shapes.report import not_examined  # noqa: PLC0415
    from dense_shapes.spec.problems import MissingExtraError  # noqa: PLC0415
    from dense_shapes.spec.symbols import SettingError  # noqa: PLC0415

    name = model if isinstance(model, str) else "-"
    start = perf_counter()
    try:
        made = examine(
            model,
            expected,
            baseline=baseline,
            set=sizes,
            input_shapes=forms,
            plugins=plugins,
            texts=False,
            lambdas="same-shape" if same_shape else None,
        )
    except OSError as error:
        if isinstance(error, FileNotFoundError) and is_pattern(name):
            return not_examined(name, name, f"no file matches {name!r}")
        return not_examined(name, name, f"cannot read {name!r}: {error.strerror or error}")
    except (SettingError, PluginError, MissingExtraError) as error:
        return not_examined(name, name, f"{name}: {error}")
    if recorded:
        from dense_shapes.comparison.record import record_of  # noqa: PLC0415 - few checks do

        if made.summary is not None and made.ok:
            made.record = record_of(made.summary)
        made.diagnostics = [d for d in made.diagnostics if d.code != "DS410"]
    made.seconds = perf_counter() - start
    made.summary = None  # it is large, has no explanations, and no renderer asks for it
    return made


def _exit_code(made: Report) -> int:
    """Return a report's exit code; expectations on the command line that are wrong are misuse."""
    misused = any(d.where and d.where.startswith("--") and d.code < "DS4" for d in made.diagnostics)
    return 2 if misused else made.exit_code


def _render(reports: list[Report], chosen: Format, *, many: bool, code: int) -> str:
    ascii_only = is_ascii_only(sys.stdout)
    root = os.environ.get("GITHUB_WORKSPACE")
    if chosen is Format.json:
        from dense_shapes.render.data import render_objects  # noqa: PLC0415 - one format a run

        made = [one.to_dict() for one in reports]
        return render_objects(made, many=many, ascii_only=ascii_only)
    if chosen is Format.junit:
        from dense_shapes.render.junit import render_junit  # noqa: PLC0415

        return render_junit(reports, ascii_only=ascii_only)
    if chosen is Format.sarif:
        from dense_shapes.render.sarif import render_sarif  # noqa: PLC0415

        return render_sarif(reports, root=root, exit_code=code, ascii_only=ascii_only)
    from dense_shapes.render.reports import render_github, render_lines  # noqa: PLC0415

    if chosen is Format.github:
        return render_github(reports, root)
    return render_lines(reports, color=has_color(sys.stdout), ascii_only=ascii_only)


def _report(reports: list[Report]) -> None:
    """Write all that is wrong to standard error, each once: expectations are read per model."""
    told = set()
    out = []
    for made in reports:
        for found in made.diagnostics:
            source = found.source.name if found.source else None
            key = (found.code, found.message, found.span, source, found.where)
            # Of many models, a line each says of which nothing is expected.
            if key not in told and (len(reports) == 1 or found.code != "DS410"):
                told.add(key)
                out.append(found)
    report(out)
