"""`dense-shapes schema`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from dense_shapes.cli.output import write


class Which(StrEnum):
    """The JSON Schemas there are."""

    spec = "spec"
    summary = "summary"


def schema(
    which: Annotated[Which, typer.Argument(help="spec: what you write; summary: the JSON output.")],
) -> None:
    """Print the JSON Schema of a spec, for editors, or of the JSON output.

    Example: dense-shapes schema spec > spec.schema.json
    """
    import json  # noqa: PLC0415 - help needs none of it

    from dense_shapes.schema import spec_schema, summary_schema  # noqa: PLC0415

    made = spec_schema() if which is Which.spec else summary_schema()
    write(json.dumps(made, indent=2) + "\n")
