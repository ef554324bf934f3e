"""`dense-shapes diff`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dense_shapes.cli.models import (
    InputShape,
    Lambdas,
    Plugins,
    Set,
    analyse_all,
    chosen_format,
    settings,
    shapes,
)
from dense_shapes.cli.output import fail, has_color, is_ascii_only, report, width_of, write

if TYPE_CHECKING:
    from dense_shapes.comparison.diff import Diff
    from dense_shapes.summary import Summary


class Format(StrEnum):
    """How a difference is written."""

    table = "table"
    json = "json"
    markdown = "markdown"


def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD", help="The model before: a file, - or REV:PATH as in HEAD~1:model.yaml."
        ),
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The model after, likewise.")],
    format: Annotated[  # noqa: A002 - the name of the option
        Format | None,
        typer.Option("--format", "-f", help="How to write it; by default a table."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if there is a difference.")
    ] = False,
    set_: Set = None,
    input_shape: InputShape = None,
    plugin: Plugins = None,
    lambda_: Lambdas = None,
) -> None:
    """Show what changed between two models, layer by layer.

    Examples: dense-shapes diff old.yaml new.yaml; dense-shapes diff HEAD:model.yaml model.yaml
    --format markdown; dense-shapes diff main:model.yaml model.yaml --exit-code
    """
    chosen = chosen_format(format, json=json, default=Format.table)
    given, forms = settings(set_), shapes(input_shape)
    if old == new == "-":
        raise typer.BadParameter("standard input can be only one of the two", param_hint="NEW")

    from dense_shapes.api import analyse  # noqa: PLC0415 - help and usage errors need none of it
    from dense_shapes.cli.revision import Content, content_of  # noqa: PLC0415
    from dense_shapes.spec.symbols import SettingError  # noqa: PLC0415

    unknown: list[SettingError] = []

    def read(model: Any) -> Summary:
        """Analyse one side; a name that only the other side has is no mistake."""
        source = content_of(model)
        name = source.stem if isinstance(source, Content) else None
        mine = dict(given)
        while True:
            try:
                return analyse(
                    source,
                    set=mine,
                    input_shapes=forms,
                    plugins=plugin or (),
                    texts=False,
                    name=name,
                    lambdas="same-shape" if lambda_ else None,
                )
            except SettingError as error:
                if error.unknown is None:
                    raise
                unknown.append(error)
                del mine[error.unknown]
                if isinstance(source, Content):
                    source.seek(0)

    summaries, code = analyse_all([old, new], read, stdin=False)
    names = [error.unknown for error in unknown]
    for error in unknown:
        if names.count(error.unknown) == 2 or len(summaries) < 2:
            fail(str(error))
            raise typer.Exit(2)
    if len(summaries) == 2:
        from dense_shapes.comparison.diff import compare  # noqa: PLC0415 - after reading

        found = compare(*summaries)
        write(_render(found, chosen))
        if exit_code and found.different:
            code = max(code, 1)
    for summary in summaries:
        report(d for d in summary.diagnostics if d.severity == "error")
    raise typer.Exit(code)


def _render(found: Diff, chosen: Format) -> str:
    ascii_only = is_ascii_only(sys.stdout)
    if chosen is Format.table:
        from dense_shapes.render.diff_table import render_diff  # noqa: PLC0415 - rich is slow

        return render_diff(
            found,
            color=has_color(sys.stdout),
            ascii_only=ascii_only,
            width=width_of(sys.stdout),
        )
    from dense_shapes.render.diff import render_json, render_markdown  # noqa: PLC0415

    if chosen is Format.json:
        return render_json(found, ascii_only=ascii_only)
    return render_markdown(found, ascii_only=ascii_only)
