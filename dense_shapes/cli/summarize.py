"""`dense-shapes summarize`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dense_shapes.cli.models import (
    InputShape,
    Lambdas,
    Models,
    Plugins,
    Set,
    analyse_all,
    chosen_format,
    files_of,
    settings,
    shapes,
)
from dense_shapes.cli.output import has_color, is_ascii_only, report, width_of, write

if TYPE_CHECKING:
    from dense_shapes.summary import Summary


class Format(StrEnum):
    """How a summary is written."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


def summarize(
    models: Models,
    format: Annotated[  # noqa: A002 - the name of the option
        Format | None,
        typer.Option("--format", "-f", help="How to write it; by default a table."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="NAMES",
            help="Which columns, in which order: layer, name, type, inputs, input_shape, "
            "output_shape, params, trainable, non_trainable, weights, macs, flops, memory, line, "
            "status, explanation.",
        ),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth", min=0, metavar="N", help="Show N levels of what is inside blocks; 0: none."
        ),
    ] = None,
    set_: Set = None,
    input_shape: InputShape = None,
    plugin: Plugins = None,
    lambda_: Lambdas = None,
) -> None:
    """Show every layer with its output shape, its parameters, and why.

    Examples: dense-shapes summarize model.yaml; dense-shapes summarize model.yaml --json;
    dense-shapes summarize model.yaml --set H=224 --columns layer,output_shape,macs
    """
    chosen = chosen_format(format, json=json, default=Format.table)
    names = _columns(columns, chosen)
    if depth is not None and chosen is Format.json:
        raise typer.BadParameter("JSON always holds everything", param_hint="--depth")
    files, many = files_of(models)
    given, forms = settings(set_), shapes(input_shape)

    from dense_shapes.api import analyse  # noqa: PLC0415 - help and usage errors need none of it

    vouched: Literal["same-shape"] | None = "same-shape" if lambda_ else None
    summaries, code = analyse_all(
        files,
        lambda m: analyse(m, set=given, input_shapes=forms, plugins=plugin or (), lambdas=vouched),
    )
    if summaries:
        write(_render(summaries, chosen, names, many=many, depth=depth))
    for summary in summaries:
        report(summary.diagnostics)
    raise typer.Exit(code)


def _columns(text: str | None, chosen: Format) -> list[str]:
    if chosen is Format.json:
        if text is not None:
            raise typer.BadParameter("JSON always holds everything", param_hint="--columns")
        return []
    from dense_shapes.render.columns import COLUMNS, DEFAULT, DEFAULT_CSV  # noqa: PLC0415

    if text is None:
        return list(DEFAULT_CSV if chosen is Format.csv else DEFAULT)
    names = [name.strip().lower().replace("-", "_") for name in text.split(",")]
    for name in names:
        if name not in COLUMNS:
            from dense_shapes.diagnostics import did_you_mean  # noqa: PLC0415

            guess = did_you_mean(name, COLUMNS) or f"known are {', '.join(COLUMNS)}"
            raise typer.BadParameter(f"no column {name!r}: {guess}", param_hint="--columns")
    return names


def _render(
    summaries: list[Summary], chosen: Format, names: list[str], *, many: bool, depth: int | None
) -> str:
    ascii_only = is_ascii_only(sys.stdout)
    if chosen is Format.table:
        from dense_shapes.render.table import render_tables  # noqa: PLC0415 - rich is slow

        return render_tables(
            summaries,
            names,
            color=has_color(sys.stdout),
            ascii_only=ascii_only,
            width=width_of(sys.stdout),
            depth=depth,
        )
    from dense_shapes.render.data import render_csv, render_json, render_markdown  # noqa: PLC0415

    if chosen is Format.json:
        return render_json(summaries, many=many, ascii_only=ascii_only)
    if chosen is Format.csv:
        return render_csv(summaries, names, depth)
    return render_markdown(summaries, names, depth)
