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
    expect = "expect"
    check = "check"
    diff = "diff"
    baseline = "baseline"


def schema(
    which: Annotated[
        Which,
        typer.Argument(
            metavar="WHICH",
            help="What you write: spec, expect; what is written: summary, check, diff, baseline.",
        ),
    ],
) -> None:
    """Print the JSON Schema of a spec or of expectations, for editors, or of the JSON output.

    Example: dense-shapes schema spec > spec.schema.json
    """
    import json  # noqa: PLC0415 - help needs none of it

    from dense_shapes.comparison.schema import baseline_schema, diff_schema  # noqa: PLC0415
    from dense_shapes.schema import spec_schema, summary_schema  # noqa: PLC0415
    from dense_shapes.schema_check import check_schema, expect_schema  # noqa: PLC0415

    made = {
        Which.spec: spec_schema,
        Which.summary: summary_schema,
        Which.expect: expect_schema,
        Which.check: check_schema,
        Which.diff: diff_schema,
        Which.baseline: baseline_schema,
    }[which]()
    write(json.dumps(made, indent=2) + "\n")
