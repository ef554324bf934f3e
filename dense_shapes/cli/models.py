"""The options of every command that reads a model, and the reading itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from dense_shapes.cli.output import fail

if TYPE_CHECKING:
    from dense_shapes.summary import Summary


_F = TypeVar("_F", bound=StrEnum)


class LambdaShape(StrEnum):
    """What Lambdas do to a shape."""

    same_shape = "same-shape"


Models = Annotated[
    list[str],
    typer.Argument(metavar="MODEL...", help="Files to read; - is standard input."),
]
OneModel = Annotated[
    str, typer.Argument(metavar="MODEL", help="The file to read; - is standard input.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Bind an open size or a var, as in --set H=224. May be given several times.",
    ),
]
InputShape = Annotated[
    list[str] | None,
    typer.Option(
        "--input-shape",
        metavar="[NAME=]SIZES",
        help="Replace an input's shape, without the batch: 224,224,3 or image=H,W,3.",
    ),
]
Lambdas = Annotated[
    LambdaShape | None,
    typer.Option(
        "--lambda",
        help="Take the Lambda layers of a saved model, whose code is never run, to keep the shape "
        "of their input.",
    ),
]
Plugins = Annotated[
    list[str] | None,
    typer.Option("--plugin", metavar="MODULE", help="Import a module that defines further layers."),
]


def settings(pairs: Sequence[str] | None) -> dict[str, Any]:
    """Return what `--set` was given.

    Raises:
        typer.BadParameter: A text is not NAME=VALUE.
    """
    out: dict[str, Any] = {}
    for pair in pairs or ():
        name, equals, text = pair.partition("=")
        if not equals or not name.strip() or not text.strip():
            raise typer.BadParameter(f"expected NAME=VALUE, found {pair!r}", param_hint="--set")
        if name.strip() in out:
            raise typer.BadParameter(f"{name.strip()!r} is given twice", param_hint="--set")
        out[name.strip()] = _value(text.strip())
    return out


def chosen_format(format: _F | None, *, json: bool, default: _F) -> _F:  # noqa: A002 - see there
    """Return the format that is asked for by `--format` or by `--json`.

    Raises:
        typer.BadParameter: By both, and they are not the same.
    """
    if not json:
        return default if format is None else format
    if format not in {None, "json"}:
        raise typer.BadParameter(
            f"it is short for --format json, and --format is {format}", param_hint="--json"
        )
    return type(default)("json")


def files_of(models: Sequence[str]) -> tuple[list[str], bool]:
    """Return the files that are meant, patterns resolved, and whether several may be.

    A pattern that nothing matches stands for itself: it is told as what cannot be read.

    Raises:
        typer.BadParameter: Standard input is named twice.
    """
    if [*models].count("-") > 1:
        raise typer.BadParameter("standard input can be read once only", param_hint="MODEL")
    made: list[str] = []
    known: set[str] = set()
    many = len(models) > 1
    for model in models:
        if is_pattern(model) and not os.path.lexists(model):
            from glob import glob  # noqa: PLC0415 - the shell has usually done it

            many = True
            found = [path for path in sorted(glob(model, recursive=True)) if os.path.isfile(path)]  # noqa: PTH207, PTH113 - paths stay as they are written
            made += [path for path in found or [model] if path not in known]
            known.update(found)
        else:
            made.append(model)
            known.add(model)
    return made, many


def is_pattern(model: str) -> bool:
    """Tell whether a name can stand for several files."""
    return any(sign in model for sign in "*?[")


def shapes(texts: Sequence[str] | None) -> dict[str, list[int | str | None]]:
    """Return what `--input-shape` was given, by the input's name ("" for the only one).

    Raises:
        typer.BadParameter: A text is not [NAME=]SIZES.
    """
    if not texts:
        return {}
    from dense_shapes.dims import DimError  # noqa: PLC0415 - few runs need it
    from dense_shapes.dims.parse import parse_dim  # noqa: PLC0415

    out: dict[str, list[int | str | None]] = {}
    for text in texts:
        name, equals, sizes = text.rpartition("=")
        if (name := name.strip()) in out:
            shown = f"that of {name!r}" if name else "the shape"
            raise typer.BadParameter(f"{shown} is given twice", param_hint="--input-shape")
        parts = _split(sizes)
        try:
            for part in parts:
                value = None if part == "null" else parse_dim(part)
                if type(value) is int and value < 1:
                    raise DimError(f"a size is at least 1, found {value}")
        except DimError as error:
            raise typer.BadParameter(
                f"expected sizes such as 224,224,3, found {text!r}: {error}",
                param_hint="--input-shape",
            ) from None
        out[name if equals else ""] = [_value(part) for part in parts]
    return out


def sizes(text: str) -> list[Any]:
    """Return the sizes of a shape as `null,10`, `[null, 10]` or `(None, 10)` has them."""
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    return [_value(part) for part in _split(text)]


def _split(text: str) -> list[str]:
    """Split sizes at their commas, but not at those of `max(H, 7)`."""
    parts, depth = [""], 0
    for sign in text.strip().removeprefix("[").removesuffix("]"):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()
    return [part.strip() for part in parts]


def _value(text: str) -> Any:
    if text.lstrip("+-").isdecimal() and text.isascii() and len(text) < 20:
        return int(text)
    if text in {"null", "None"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text


def analyse_all(
    models: Sequence[str],
    analyse_one: Callable[[Any], Summary],
    *,
    stdin: bool = True,
) -> tuple[list[Summary], int]:
    """Analyse each model and return the summaries with the highest exit code.

    What cannot be read at all is reported here, and the others go on.

    Args:
        models: What the user calls them.
        analyse_one: Analyses one; it gets standard input in place of `-`.
        stdin: Whether it does; else it gets the `-`.
    """
    from dense_shapes.plugins import PluginError  # noqa: PLC0415 - after parsing
    from dense_shapes.spec.problems import MissingExtraError  # noqa: PLC0415
    from dense_shapes.spec.symbols import SettingError  # noqa: PLC0415

    summaries: list[Summary] = []
    code = 0
    for model in models:
        if stdin and model == "-" and sys.stdin is None:
            fail("cannot read '-': standard input is closed")
            code = 2
            continue
        try:
            summary = analyse_one(sys.stdin.buffer if stdin and model == "-" else model)
        except OSError as error:
            fail(f"cannot read {model!r}: {error.strerror or error}{_folder(model)}")
            code = 2
            continue
        except (SettingError, PluginError, MissingExtraError) as error:
            fail(f"{model}: {error}" if len(models) > 1 else str(error))
            code = 2
            continue
        summaries.append(summary)
        code = max(code, 0 if summary.ok else 1)
    return summaries, code


def _folder(path: str) -> str:
    """Return what a folder is, and what to do instead of reading it; nothing for other things."""
    from dense_shapes.spec.other_files import what_is_folder  # noqa: PLC0415 - rarely needed

    try:
        names = os.listdir(path)  # noqa: PTH208 - pathlib is not needed to start
    except OSError:
        return ""
    other = what_is_folder(names)
    return f", {other.what}; {other.help}" if other is not None else ""
