"""Baselines: files that keep what models are, so that nothing changes unseen."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dense_shapes.comparison.diff import Diff, compare
from dense_shapes.comparison.record import (
    BASELINE_SCHEMA,
    Record,
    RecordError,
    record_of,
    summary_of,
)
from dense_shapes.comparison.words import (
    field_text,
    kinds_text,
    layer_text,
    lines_of,
    number_text,
    tally_text,
    total_label,
)
from dense_shapes.diagnostics import Diagnostic, shorten
from dense_shapes.expectations import Expectation, Unchanged
from dense_shapes.model import Model
from dense_shapes.outcomes import Outcome
from dense_shapes.replacing import replace_file
from dense_shapes.summary import Summary

MAX_BYTES = 256 * 2**20
_NOTE = "Written by `dense-shapes check --update-baseline`: read the changes, but do not edit it."

_NAMELESS = "-:"
"""Stands before the name of a model that is in no file."""

_FAMILY = "dense-shapes/baseline/"
_CONFLICT = (b"<<<<<<< ", b"||||||| ", b">>>>>>> ")

_CODES = {"added": "DS422", "removed": "DS423", "moved": "DS426", "renamed": "DS425"}


class BaselineError(ValueError):
    """A file that is no baseline, or one that is broken.

    Attributes:
        help: What to do about it.
    """

    def __init__(self, message: str, help: str) -> None:  # noqa: A002 - as in diagnostics
        super().__init__(message, help)  # both, so that it can be sent to another process
        self.help = help

    def __str__(self) -> str:
        return str(self.args[0])


class Baseline:
    """What models were when they were last accepted.

    Attributes:
        path: The file.
        models: What is kept of each, by its file's path from the baseline's folder.
        broken: Why it cannot be used; None where it can.
    """

    def __init__(
        self, path: str, models: Mapping[str, Record], broken: BaselineError | None = None
    ) -> None:
        self.path = path
        self.models = dict(models)
        self.broken = broken

    def key(self, source: str | None, name: str) -> str:
        """Return what a model is called in the baseline: its file's path from there.

        So it does not matter from which folder the command is run. A model that is in no file
        goes by its own name.
        """
        if source is None or source == "-":
            return f"{_NAMELESS}{name}"
        try:
            inside = os.path.relpath(source, self._folder)
        except ValueError:
            inside = str(Path(source).absolute())  # on another drive
        return inside.replace(os.sep, "/")

    def hold(self, summary: Summary, model: Model) -> Outcome:
        """Return whether a model is what it was, and if not, a diagnostic for each layer.

        Args:
            summary: The model as it is.
            model: The graph, which knows where its layers stand.
        """
        outcome = Outcome(Expectation("baseline", "baseline", Unchanged(self.path), self.path))
        if not summary.ok:
            outcome.status = "unknown"
            return outcome
        outcome.diagnostics = self._drift(summary, model, outcome)
        if outcome.diagnostics:
            outcome.status = "failed"
            first = outcome.diagnostics[0]
            outcome.message, outcome.layer = first.message, first.layer
            outcome.line = first.span.line if first.span else None
        return outcome

    def gone(self, sources: Iterable[str]) -> Iterator[tuple[str, Outcome]]:
        """Yield each model that it holds and whose file is no longer there, as failed.

        Args:
            sources: The files that are checked, of which more is known.

        Yields:
            The path of the file from the present folder, and what is wrong.
        """
        known = {self.key(source, "") for source in sources}
        for key in self.gone_keys():
            if key in known:
                continue
            outcome = Outcome(Expectation("baseline", "baseline", Unchanged(self.path), self.path))
            outcome.status = "failed"
            outcome.message = f"{key} is in the baseline {self.path}, but there is no such file"
            help_ = (
                "if it is meant to be gone, `--update-baseline` in the place of `--baseline` "
                "takes it out"
            )
            found = Diagnostic(code="DS430", message=outcome.message, where=self.path, help=help_)
            outcome.diagnostics.append(found)
            yield self._from_here(key), outcome

    def gone_keys(self) -> list[str]:
        """Return the models that it holds and whose file is no longer there."""
        return [key for key in self._in_files() if not (self._folder / key).exists()]

    def unchecked(self, sources: Iterable[str]) -> list[str]:
        """Return the files of the models that it holds and that are there, but not checked."""
        known = {*self.gone_keys(), *(self.key(source, "") for source in sources)}
        return [self._from_here(key) for key in self._in_files() if key not in known]

    @property
    def _folder(self) -> Path:
        return Path(self.path).absolute().parent

    def _in_files(self) -> list[str]:
        return [key for key in self.models if not key.startswith(_NAMELESS)]

    def _from_here(self, key: str) -> str:
        """Return the path of a model's file from the present folder."""
        path = self._folder / key
        try:
            return os.path.relpath(path)
        except ValueError:
            return str(path)  # on another drive

    def _drift(self, summary: Summary, model: Model, outcome: Outcome) -> list[Diagnostic]:
        if self.broken is not None:
            message, help_ = str(self.broken), self.broken.help
            return [Diagnostic(code="DS420", message=message, where=self.path, help=help_)]
        key = self.key(summary.source, summary.name)
        if key not in self.models:
            known = ", ".join(map(_called, list(self.models)[:10])) or "no model"
            return [
                Diagnostic(
                    code="DS421",
                    message=f"{_called(key)} is not in the baseline {self.path}",
                    where=summary.source,
                    help=f"it holds {known}; {self._how(summary)}",
                )
            ]
        try:
            before, required = summary_of(self.models[key], summary.name)
            # In the same form, so that nothing differs that is only written otherwise.
            after, _ = summary_of(record_of(summary), summary.name)
        except RecordError as error:
            message = f"the baseline {self.path} is broken: {error} of {key}"
            return [Diagnostic(code="DS420", message=message, where=self.path, help=_REMAKE)]
        before.source = self.path
        after.source, after.requirements = summary.source, summary.requirements
        diff = compare(before, after, required=required)
        outcome.found = tally_text(diff)
        found = list(_told(diff, model))
        if found:
            found[-1].help = f"if this is meant, {self._how(summary)}"
        return found

    def _how(self, summary: Summary) -> str:
        source = summary.source or "-"
        model, path = _argument(source), _argument(self.path)
        told = f"accept it with `dense-shapes check {model} --update-baseline {path}`"
        return told if summary.source else f"{told}, the model on standard input"


_REMAKE = "take it from the repository again, or remove it and write it anew by --update-baseline"
_OTHER = "--baseline takes a file that --update-baseline wrote, which writes over no other"
_RESOLVE = (
    "take one side whole, as by `git checkout --ours` or `--theirs`, and then accept the models "
    "by --update-baseline"
)
_RENEW = "install a newer dense-shapes, or remove the file and write it anew by --update-baseline"


def _told(diff: Diff, model: Model) -> Iterable[Diagnostic]:
    """Yield what differs; what has no line stands in the model as a whole."""
    whole = diff.new.source
    origins = model.origins() if diff.layers else {}
    for change in diff.layers:
        code = next((_CODES[kind] for kind in change.kinds if kind in _CODES), "DS424")
        told = "; ".join(lines_of(change))
        path = change.new.path if change.new is not None else ""
        place = origins[path].at() if path in origins else {"where": whole}
        yield Diagnostic(
            code=code,
            message=f"{layer_text(change)} {kinds_text(change)}{f': {told}' if told else ''}",
            layer=path or None,
            **place,
        )
    for field in diff.fields:
        code = "DS429" if field.name == "requirements" else "DS427"
        yield Diagnostic(code=code, message=field_text(field), where=whole)
    totals = [
        f"{total_label(name)}: {number_text(name, number)}"
        for name, number in diff.totals.items()
        if number.old != number.new
    ]
    if totals:
        yield Diagnostic(code="DS428", message="; ".join(totals), where=whole)


def _called(key: str) -> str:
    """Return what to call a model of a baseline, which may be in no file."""
    name = key.removeprefix(_NAMELESS)
    return f"the model {name!r} that is in no file" if key.startswith(_NAMELESS) else key


def _argument(path: str) -> str:
    """Return a path as a shell takes it, one that begins with a dash too."""
    from shlex import quote  # noqa: PLC0415 - only where something differs

    return quote(f"./{path}" if path.startswith("-") and path != "-" else path)


def load_baseline(path: str) -> Baseline:
    """Read a baseline.

    Raises:
        OSError: The file cannot be read.
        BaselineError: It is no baseline, or a broken one.
    """
    if Path(path).is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if Path(path).exists() and not Path(path).is_file():
        raise BaselineError(f"{path} is not a baseline: it is not a regular file", _OTHER)
    with Path(path).open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BaselineError(f"{path} is larger than {MAX_BYTES:,} bytes", _REMAKE)
    made = _parsed(path, data)
    schema = made.get("schema") if isinstance(made, dict) else None
    if not isinstance(schema, str) or not schema.startswith(_FAMILY):
        expected = f"expected one with the schema {BASELINE_SCHEMA}"
        raise BaselineError(f"{path} is not a baseline: {expected}", _OTHER)
    if schema != BASELINE_SCHEMA:
        raise BaselineError(
            f"{path} is a baseline of version {shorten(schema.removeprefix(_FAMILY))}, which this "
            "version of dense-shapes does not read; it reads version 1",
            _RENEW,
        )
    models = made.get("models")
    if not isinstance(models, dict):
        raise BaselineError(f"{path} is broken: expected a mapping in models", _REMAKE)
    return Baseline(path, models)


def _parsed(path: str, data: bytes) -> Any:
    """Return what a text in JSON says."""
    try:
        # Deep nesting ends in a RecursionError, numbers without end in a ValueError.
        return json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise BaselineError(
            f"{path} is not a baseline: it is not a text in UTF-8", _OTHER
        ) from None
    except RecursionError:
        raise BaselineError(f"{path} is not a baseline: it is nested too deeply", _OTHER) from None
    except _TwiceError as error:
        message = f"{path} is broken: {shorten(str(error))!r} is written twice in it"
        raise BaselineError(message, _REMAKE) from None
    except ValueError as error:
        for number, line in enumerate(data.splitlines(), 1):
            if line.startswith(_CONFLICT):
                message = f"{path} has the marks of a conflict of merging, from line {number} on"
                raise BaselineError(message, _RESOLVE) from None
        if _FAMILY.encode() in data[:100]:
            raise BaselineError(f"{path} is broken or cut short: {error}", _REMAKE) from None
        raise BaselineError(f"{path} is not a baseline: {error}", _OTHER) from None


class _TwiceError(ValueError):
    """A key that a mapping has twice, of which one would be forgotten."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for key in keys if keys.count(key) > 1))
    return made


def open_baseline(path: str) -> Baseline:
    """Read a baseline to hold models to; one that is broken is none that they can be held to.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        return load_baseline(path)
    except BaselineError as error:
        return Baseline(path, {}, broken=error)


def update_baseline(path: str, records: Sequence[tuple[str | None, str, Record]]) -> bool:
    """Write what models are into a baseline, beside the others that it holds.

    Models whose file is gone are taken out. A file that is not a baseline is never overwritten,
    and one that is stays whole if the new one cannot be written.

    Args:
        path: The file.
        records: Each model's source and name, and what is to be kept of it.

    Returns:
        Whether anything changed, so that the file was written.

    Raises:
        OSError: The file cannot be written.
        BaselineError: There is a file of another kind.
    """
    exists = os.path.lexists(path) and Path(path).exists()
    baseline = load_baseline(path) if exists else Baseline(path, {})
    gone = {*baseline.gone_keys()}
    kept = {key: record for key, record in baseline.models.items() if key not in gone}
    kept |= {baseline.key(source, name): record for source, name, record in records}
    data = _written(dict(sorted(kept.items()))).encode()
    if exists and Path(path).read_bytes() == data:
        return False
    replace_file(path, data)
    return True


def _written(models: Mapping[str, Record]) -> str:
    """Return the text of a baseline: a line for each layer, so that changes are lines too."""
    head = f'{{\n"schema": {_dump(BASELINE_SCHEMA)},\n"note": {_dump(_NOTE)},\n"models": {{'
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
