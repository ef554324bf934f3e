"""`dense-shapes explain`."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from dense_shapes.cli.models import (
    InputShape,
    Lambdas,
    OneModel,
    Plugins,
    Set,
    analyse_all,
    settings,
    shapes,
)
from dense_shapes.cli.output import fail, has_color, is_ascii_only, report, width_of, write


def explain(
    model: OneModel,
    layer: Annotated[
        str | None, typer.Argument(metavar="[LAYER]", help="The layer's name; all by default.")
    ] = None,
    set_: Set = None,
    input_shape: InputShape = None,
    plugin: Plugins = None,
    lambda_: Lambdas = None,
) -> None:
    """Spell out each layer's equation: shapes, what cancels, where the counts come from.

    Examples: dense-shapes explain model.yaml; dense-shapes explain model.yaml conv2d_1
    """
    given, forms = settings(set_), shapes(input_shape)

    from dense_shapes.api import analyse  # noqa: PLC0415 - help and usage errors need none of it

    vouched: Literal["same-shape"] | None = "same-shape" if lambda_ else None
    summaries, code = analyse_all(
        [model],
        lambda m: analyse(
            m, set=given, input_shapes=forms, plugins=plugin or (), steps=True, lambdas=vouched
        ),
    )
    if not summaries:
        raise typer.Exit(code)
    summary = summaries[0]
    rows = [
        row
        for _, row in summary.rows()
        if layer in {None, row.path} or any(call.name == layer for call in row.calls)
    ]
    if layer is not None and not rows and summary.layers:
        names = [row.path for _, row in summary.rows()]
        fail(f"no layer {layer!r} in {model}: {_guess(layer, names)}")
        report(summary.diagnostics)
        raise typer.Exit(2)
    if rows:
        from dense_shapes.render.explain import render_explanations  # noqa: PLC0415

        stream = sys.stdout
        write(
            render_explanations(
                rows,
                width=width_of(stream),
                ascii_only=is_ascii_only(stream),
                bold=has_color(stream),
            )
        )
    report(summary.diagnostics)
    raise typer.Exit(code)


def _guess(layer: str, names: list[str]) -> str:
    """Say which layer may have been meant."""
    from dense_shapes.diagnostics import did_you_mean  # noqa: PLC0415 - a right name needs none

    inside = [name for name in names if name.endswith(f"/{layer}")]
    if inside:
        more = f" (and {len(inside) - 1} more)" if len(inside) > 1 else ""
        return f"did you mean '{inside[0]}'{more}?"
    shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return did_you_mean(layer, names) or f"it has {shown}"
