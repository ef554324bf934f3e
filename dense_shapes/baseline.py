"""Baselines: files that keep what models are, so that nothing changes unseen."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dense_shapes.comparison.diff import Diff, compare
from dense_shapes.comparison.record import Record, RecordError, summary_of
from dense_shapes.comparison.words import (
    field_text,
    kinds_text,
    layer_text,
    lines_of,
    number_text,
    total_label,
)
from dense_shapes.diagnostics import Diagnostic
from dense_shapes.replacing import replace_file
from dense_shapes.summary import Summary

SCHEMA = "dense-shapes/baseline/1"
MAX_BYTES = 256 * 2**20
_NOTE = "Written by `dense-shapes check --update-baseline`: read the changes, but do not edit it."

_NAMELESS = "-:"
"""Stands before the name of a model that is in no file."""

_CODES = {"added": "DS422", "removed": "DS423", "moved": "DS426", "renamed": "DS425"}


class BaselineError(ValueError):
    """A file that is no baseline, or one that is broken."""


class Baseline:
    """What models were when they were last accepted.

    Attributes:
        path: The file.
        models: What is kept of each, by its file's path from the baseline's folder.
    """

    def __init__(self, path: str, models: Mapping[str, Record]) -> None:
        self.path = path
        self.models = dict(models)

    def key(self, source: str | None, name: str) -> str:
        """Return what a model is called in the baseline: its file's path from there.

        So it does not matter from which folder the command is run. A model that is in no file
        goes by its own name.
        """
        if source is None or source == "-":
            return f"{_NAMELESS}{name}"
        try:
            inside = os.path.relpath(source, Path(self.path).absolute().parent)
        except ValueError:
            inside = str(Path(source).absolute())  # on another drive
        return inside.replace(os.sep, "/")

    def drift(self, summary: Summary, places: Mapping[str, Mapping[str, Any]]) -> list[Diagnostic]:
        """Return what a model is otherwise than it was, a diagnostic for each layer.

        Args:
            summary: The model as it is.
            places: For a layer's path, where it stands, as a `Diagnostic` takes it.
        """
        key = self.key(summary.source, summary.name)
        if key not in self.models:
            known = ", ".join(list(self.models)[:10]) or "no model"
            return [
                Diagnostic(
                    code="DS421",
                    message=f"{key} is not in the baseline {self.path}",
                    where=summary.source,
                    help=f"it holds {known}; {self._how(summary)}",
                )
            ]
        try:
            before, required = summary_of(self.models[key], summary.name)
        except RecordError as error:
            message = f"the baseline {self.path} is broken: {error} of {key}"
            return [Diagnostic(code="DS420", message=message, where=self.path, help=_REMAKE)]
        before.source = self.path
        found = list(_drift(compare(before, summary, required=required), places))
        if found:
            found[-1].help = f"if this is meant, {self._how(summary)}"
        return found

    def _how(self, summary: Summary) -> str:
        return f"accept it with `dense-shapes check {summary.source} --update-baseline {self.path}`"


_REMAKE = "take it from the repository again, or remove it and write it anew by --update-baseline"


def _drift(diff: Diff, places: Mapping[str, Mapping[str, Any]]) -> Iterable[Diagnostic]:
    for change in diff.layers:
        code = next((_CODES[kind] for kind in change.kinds if kind in _CODES), "DS424")
        told = "; ".join(lines_of(change))
        path = change.new.path if change.new is not None else None
        yield Diagnostic(
            code=code,
            message=f"{layer_text(change)} {kinds_text(change)}{f': {told}' if told else ''}",
            layer=path,
            **places.get(path or "", {}),
        )
    for field in diff.fields:
        code = "DS429" if field.name == "requirements" else "DS427"
        yield Diagnostic(code=code, message=field_text(field), where=diff.new.source)
    totals = [
        f"{total_label(name)}: {number_text(name, number)}"
        for name, number in diff.totals.items()
        if number.old != number.new
    ]
    if totals:
        yield Diagnostic(code="DS428", message="; ".join(totals), where=diff.new.source)


def load_baseline(path: str) -> Baseline:
    """Read a baseline.

    Raises:
        OSError: The file cannot be read.
        BaselineError: It is no baseline, or a broken one.
    """
    if Path(path).exists() and not Path(path).is_file():
        raise BaselineError(f"{path} is not a baseline: it is not a regular file")
    with Path(path).open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BaselineError(f"{path} is larger than {MAX_BYTES:,} bytes")
    try:
        # Deep nesting ends in a RecursionError, numbers without end in a ValueError.
        made = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise BaselineError(f"{path} is not a baseline: it is not a text in UTF-8") from None
    except RecursionError:
        raise BaselineError(f"{path} is not a baseline: it is nested too deeply") from None
    except ValueError as error:
        raise BaselineError(f"{path} is not a baseline, or it is cut short: {error}") from None
    schema = made.get("schema") if isinstance(made, dict) else None
    if not isinstance(schema, str) or not schema.startswith("dense-shapes/baseline/"):
        raise BaselineError(f"{path} is not a baseline: expected one with the schema {SCHEMA}")
    if schema != SCHEMA:
        version = schema.rpartition("/")[2]
        raise BaselineError(
            f"{path} is a baseline of version {version}, which this version of dense-shapes does "
            "not read; it reads version 1"
        )
    models = made.get("models")
    if not isinstance(models, dict):
        raise BaselineError(f"{path} is broken: expected a mapping in models")
    return Baseline(path, models)


def update_baseline(path: str, records: Sequence[tuple[str | None, str, Record]]) -> list[str]:
    """Write what models are into a baseline, beside the others that it holds.

    Models whose file is gone are taken out. A file that is not a baseline is never overwritten,
    and one that is stays whole if the new one cannot be written.

    Args:
        path: The file.
        records: Each model's source and name, and what is to be kept of it.

    Returns:
        What the models that were written are called in it.

    Raises:
        OSError: The file cannot be written.
        BaselineError: There is a file of another kind.
    """
    exists = os.path.lexists(path) and Path(path).exists()
    baseline = load_baseline(path) if exists else Baseline(path, {})
    folder = Path(path).absolute().parent
    kept = {
        key: record
        for key, record in baseline.models.items()
        if key.startswith(_NAMELESS) or (folder / key).exists()
    }
    keys = []
    for source, name, record in records:
        keys.append(baseline.key(source, name))
        kept[keys[-1]] = record
    text = _written(dict(sorted(kept.items())))
    if not exists or Path(path).read_text("utf-8") != text:
        replace_file(path, text.encode())
    return keys


def _written(models: Mapping[str, Record]) -> str:
    """Return the text of a baseline: a line for each layer, so that changes are lines too."""
    head = f'{{\n"schema": {_dump(SCHEMA)},\n"note": {_dump(_NOTE)},\n"models": {{'
    made = ",".join(f"\n{_dump(key)}: {_model(record)}" for key, record in models.items())
    return f"{head}{made}\n}}\n}}\n"


def _model(record: Record) -> str:
    parts = [
        f'  "layers": [{_rows(value, "    ")}]'
        if key == "layers" and value
        else f"  {_dump(key)}: {_dump(value)}"
        for key, value in record.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}"


def _rows(rows: Sequence[Record], indent: str) -> str:
    lines = []
    for row in rows:
        own = _dump({key: value for key, value in row.items() if key != "layers"})
        if "layers" in row:
            own = f'{own[:-1]}, "layers": [{_rows(row["layers"], indent + "  ")}]}}'
        lines.append(f"\n{indent}{own}")
    return f"{','.join(lines)}\n{indent[:-2]}"


def _dump(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    # Half a surrogate pair, which JSON can hold and UTF-8 cannot.
    return text if text.isprintable() else json.dumps(value, allow_nan=False)
