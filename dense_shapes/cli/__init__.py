"""The command line: parse arguments, call the api, choose a renderer, set the exit code."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from io import BytesIO, TextIOWrapper
from typing import NoReturn

# A short run makes little garbage; looking for it while importing costs a tenth of the time.
gc.disable()

import typer  # noqa: E402 - see above

from dense_shapes.cli.output import CannotWrite, fail, is_terminal, write  # noqa: E402

COMMANDS = ("summarize", "explain", "check", "diff", "convert", "layers", "schema")
"""The commands in the order of the help; each is a function in the module of its name."""

app = typer.Typer(
    name="dense-shapes",
    help="Tells what every layer of a neural network does to the shape of the data, how many "
    "parameters it owns, and why. It reads a text file and needs no deep-learning framework.",
    epilog="Exit codes: 0 all is well; 1 a model or an expectation is wrong; 2 the command could "
    "not do its job. Start with: dense-shapes summarize MODEL.yaml",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


def _add_commands(asked: str) -> None:
    """Add the command that is asked for, or all where help, completion or a guess needs them.

    Typer evaluates every parameter of what it is given, which would cost a tenth of a short run.
    """
    for name in (asked,) if asked in COMMANDS else COMMANDS:
        app.command()(getattr(import_module(f"dense_shapes.cli.{name}"), name))


def _give_up(reason: str) -> NoReturn:
    """Exit because standard output cannot be written; quietly where its reader has gone."""
    if reason:
        fail(f"cannot write the output: {reason}")
    if sys.stdout is not None:
        # The interpreter would try to flush once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(2)


def _at_once() -> None:
    """Run what shows help, which Typer writes line by line, and write all of it together.

    A reader that has seen enough, such as `head`, would make it fail between two lines.
    """
    stream, held = sys.stdout, BytesIO()
    encoding = getattr(stream, "encoding", None) or "utf-8"
    kept = TextIOWrapper(held, encoding, getattr(stream, "errors", None), newline="")
    sys.stdout = kept
    try:
        app()
    finally:
        kept.flush()
        sys.stdout = stream
        write(held.getvalue().decode(encoding))


def main() -> None:
    """Run the command and exit with its code; no traceback reaches the user."""
    try:
        _add_commands(sys.argv[1] if len(sys.argv) > 1 else "")
        if is_terminal(sys.stdout) or not {"-h", "--help"} & {*sys.argv}:
            app()
        else:
            _at_once()
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
