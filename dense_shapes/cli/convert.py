"""`dense-shapes convert`."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import Annotated, Any

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
from dense_shapes.cli.output import fail, is_ascii_only, report, write


class Form(StrEnum):
    """What a model can be written as."""

    native = "native"
    keras = "keras"


def convert(
    model: OneModel,
    to: Annotated[
        Form,
        typer.Option("--to", help="native: a spec in YAML; keras: a Keras 3 config in JSON."),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to write it; standard output by default."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there already.")
    ] = False,
    set_: Set = None,
    input_shape: InputShape = None,
    plugin: Plugins = None,
    lambda_: Lambdas = None,
) -> None:
    """Write a model anew: as a spec, or as a config that Keras 3 loads.

    Examples: dense-shapes convert model.json --to native -o model.yaml;
    dense-shapes convert model.yaml --to keras --set H=224 > model.json
    """
    given, forms = settings(set_), shapes(input_shape)
    path = None if output in {None, "-"} else output
    if path is not None and not force and os.path.isfile(path):  # noqa: PTH113 - as elsewhere
        fail(f"{path!r} is there already: --force writes over it")
        raise typer.Exit(2)

    from dense_shapes.rewriting import rewrite  # noqa: PLC0415 - help and usage errors need none of it

    made: list[Any] = []

    def one(source: Any) -> Any:
        value, summary = rewrite(
            source,
            to.value,
            set=given,
            plugins=plugin or (),
            input_shapes=forms,
            lambdas="same-shape" if lambda_ else None,
            ascii_only=path is None and is_ascii_only(sys.stdout),
        )
        made.append(value)
        return summary

    summaries, code = analyse_all([model], one)
    for summary in summaries:
        report(summary.diagnostics)
    if not made or made[0] is None:
        raise typer.Exit(code)
    text = made[0]
    if not isinstance(text, str):
        import json  # noqa: PLC0415 - a spec needs none

        text = json.dumps(text) + "\n"
    if path is None:
        write(text)
        return
    try:
        _save(path, text)
    except OSError as error:
        fail(f"cannot write {path!r}: {error.strerror or error}")
        raise typer.Exit(2) from None


def _save(path: str, text: str) -> None:
    """Write a file, all of it or nothing: a new one takes the place of the old in one step.

    Raises:
        OSError: It cannot be written.
    """
    data = text.encode("utf-8", "surrogatepass")
    if os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113 - pathlib is not needed to start
        with open(path, "wb") as file:  # noqa: PTH123 - a device or a pipe
            file.write(data)
        return
    from dense_shapes.replacing import replace_file  # noqa: PLC0415 - few write a file

    replace_file(path, data)
