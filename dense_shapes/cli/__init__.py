"""The command line: parse arguments, call the api, choose a renderer, set the exit code."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

# A short run makes little garbage; looking for it while importing costs a tenth of the time.
gc.disable()

import typer  # noqa: E402 - see above

from dense_shapes.cli.check import check  # noqa: E402
from dense_shapes.cli.convert import convert  # noqa: E402
from dense_shapes.cli.diff import diff  # noqa: E402
from dense_shapes.cli.explain import explain  # noqa: E402
from dense_shapes.cli.layers import layers  # noqa: E402
from dense_shapes.cli.output import CannotWrite, fail, write  # noqa: E402
from dense_shapes.cli.schema import schema  # noqa: E402
from dense_shapes.cli.summarize import summarize  # noqa: E402

app = typer.Typer(
    name="dense-shapes",
    help="Tells what every layer of a neural network does to the shape of the data, how many "
    "parameters it owns, and why. It reads a text file and needs no deep-learning framework.",
    epilog="Start with: dense-shapes summarize MODEL.yaml",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(summarize)
app.command()(explain)
app.command()(check)
app.command()(diff)
app.command()(convert)
app.command()(layers)
app.command()(schema)


def _version(value: bool) -> None:
    if value:
        from dense_shapes import __version__  # noqa: PLC0415 - only this option needs it

        write(f"dense-shapes {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", help="Show the version and exit.", callback=_version, is_eager=True
    ),
) -> None:
    pass


def _give_up(reason: str) -> NoReturn:
    """Exit because standard output cannot be written; quietly where its reader has gone."""
    if reason:
        fail(f"cannot write the output: {reason}")
    if sys.stdout is not None:
        # The interpreter would try to flush once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(2)


def main() -> None:
    """Run the command and exit with its code; no traceback reaches the user."""
    try:
        app()
    except CannotWrite as error:
        _give_up(error.reason)
    except OSError as error:
        # Help texts are written by Typer itself.
        _give_up("" if isinstance(error, BrokenPipeError) else error.strerror or str(error))
    except Exception as error:
        if os.environ.get("DENSE_SHAPES_DEBUG"):
            raise
        fail(
            f"internal error: {type(error).__name__}: {error}\n"
            "This is a bug of dense-shapes, not of your model. Please report it with the file; "
            "DENSE_SHAPES_DEBUG=1 shows the traceback."
        )
        sys.exit(2)
    finally:
        # Spares the interpreter a last search through everything on its way out.
        gc.freeze()
