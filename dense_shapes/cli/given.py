"""What `dense-shapes check` is given: files and patterns, and expectations outside the models."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import typer

from dense_shapes.cli.models import files_of, sizes
from dense_shapes.cli.output import fail

if TYPE_CHECKING:
    from dense_shapes.baseline import Baseline
    from dense_shapes.checking import Expected


def quick(forms: Sequence[str], bounds: Mapping[str, Sequence[str] | None]) -> list[dict[str, Any]]:
    """Return what the options expect; what is said several times of one thing holds each time."""
    given: list[tuple[str, str | None, Any]] = [
        (name, None, text) for name, texts in bounds.items() for text in texts or ()
    ]
    for text in forms:
        output, equals, rest = text.rpartition("=")
        if equals:
            given.append(("output_shapes", output.strip(), sizes(rest)))
        elif any(name == "output_shape" for name, _, _ in given):
            raise typer.BadParameter(
                "of several outputs, each needs its name: head=null,10", param_hint="--output-shape"
            )
        else:
            given.append(("output_shape", None, sizes(rest)))
    out: list[dict[str, Any]] = []
    times: dict[tuple[str, str | None], int] = {}
    for name, named, value in given:
        time = times[name, named] = times.get((name, named), -1) + 1
        if time == len(out):
            out.append({})
        if named is None:
            out[time][name] = value
        else:
            out[time].setdefault(name, {})[named] = value
    return out


def expected(paths: Sequence[str], options: Sequence[dict[str, Any]]) -> list[Expected]:
    """Return the expectations outside the models' files."""
    from dense_shapes.checking import read_expected  # noqa: PLC0415 - after parsing
    from dense_shapes.spec.expect import OPTIONS  # noqa: PLC0415

    out = []
    for path in paths:
        if path == "-" and sys.stdin is None:
            give_up("cannot read '-': standard input is closed")
        try:
            out.append(read_expected(sys.stdin.buffer if path == "-" else path))
        except OSError as error:
            give_up(f"cannot read {path!r}: {error.strerror or error}")
    return [*out, *(read_expected(one, OPTIONS) for one in options)]


def baseline(paths: Sequence[str]) -> Baseline | None:
    """Return the baseline that models are held to, None if there is none."""
    path = single(paths, "--baseline")
    if path is None:
        return None
    from dense_shapes.baseline import open_baseline  # noqa: PLC0415 - few checks have one

    try:
        return open_baseline(path)
    except OSError as error:
        give_up(f"cannot read {path!r}: {error.strerror or error}")


def single(paths: Sequence[str], option: str) -> str | None:
    """Return the one file that an option names, None if it names none.

    Raises:
        typer.BadParameter: It names several, of which all but one would be forgotten.
    """
    if len(paths) > 1:
        raise typer.BadParameter(
            "give one file only: a baseline holds any number of models", param_hint=option
        )
    return paths[0] if paths else None


def files(models: Sequence[str]) -> tuple[list[Any], bool]:
    """Return the files that are meant, patterns resolved, and whether several may be.

    Standard input is read here, as processes of their own could not.

    Raises:
        typer.BadParameter: Standard input is named twice.
    """
    names, many = files_of(models)
    return [_standard_input() if name == "-" else name for name in names], many


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        give_up("cannot read '-': standard input is closed")
    import io  # noqa: PLC0415 - few read it

    from dense_shapes.api import MAX_BYTES  # noqa: PLC0415 - after parsing

    return io.BytesIO(sys.stdin.buffer.read(MAX_BYTES + 1))


class GivenUp(typer.Exit):
    """The command ends because of something that concerns all models.

    Attributes:
        reason: What it is.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(2)
        self.reason = reason


def give_up(reason: str) -> NoReturn:
    """Exit because of something that concerns all models."""
    fail(reason)
    raise GivenUp(reason)
