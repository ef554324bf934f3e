"""Hold a summary to expectations: Summary and Expectations in, outcomes and diagnostics out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from dense_shapes.diagnostics import Diagnostic, Note, did_you_mean, shorten
from dense_shapes.dims import BATCH, Dim, Requirement
from dense_shapes.dims.decide import always
from dense_shapes.evidence import (
    MAX_SHOWN,
    Evidence,
    Subject,
    at_sizes,
    bound_text,
    expected_text,
    miss,
    set_help,
    unit_help,
)
from dense_shapes.expectations import (
    Advice,
    Bound,
    Expectation,
    Kind,
    Presence,
    Sizes,
    in_bytes,
)
from dense_shapes.layers.text import Shape, count, plural, size
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.layers.text import shapes as shapes_text
from dense_shapes.outcomes import Found, Outcome
from dense_shapes.summary import Row, Summary, count_json, shape_json, totals_of


class _Failure(Exception):  # noqa: N818 - an expectation's, not the program's
    """Ends the evaluation of an expectation that does not hold."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        row: Row | None = None,
        notes: Iterable[str] = (),
        help: str | None = None,  # noqa: A002 - the name the diagnostics use
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.row = row
        self.notes = list(notes)
        self.help = help


def evaluate(expectations: Iterable[Expectation], summary: Summary) -> list[Outcome]:
    """Return the outcome of each expectation; of a model with errors, all are unknown."""
    return _Check(summary).run(expectations)


class _Check:
    """Holds one summary to expectations."""

    def __init__(self, summary: Summary) -> None:
        self.summary = summary
        self.evidence = Evidence(summary)
        self.place = self.evidence.place
        self.given = [demand.requirement for demand in summary.requirements]

    def run(self, expectations: Iterable[Expectation]) -> list[Outcome]:
        """Return the outcomes in order."""
        ok = self.summary.ok
        out = []
        for expectation in expectations:
            outcome = Outcome(expectation)
            out.append(outcome)
            if not ok:
                outcome.status = "unknown"
                continue
            try:
                self._one(expectation, outcome)
            except _Failure as failure:
                self._fail(outcome, failure)
        return out

    def _one(self, expectation: Expectation, outcome: Outcome) -> None:
        wanted = expectation.wanted
        if isinstance(wanted, Advice):
            self._advice(expectation, outcome, wanted)
        elif expectation.subject in {"forbid", "require"}:
            self._types(expectation, outcome)
        elif expectation.layer is not None:
            self._layer(expectation, outcome, expectation.layer)
        elif isinstance(wanted, Sizes):
            self._output(expectation, outcome, wanted)
        elif isinstance(wanted, Bound):
            value = getattr(self.summary.totals, expectation.subject)
            outcome.found = count_json(value)
            self._count(expectation, outcome, wanted, value, self.evidence.rows)

    def _fail(self, outcome: Outcome, failure: _Failure) -> None:
        expectation, row = outcome.expectation, failure.row
        outcome.status = "failed"
        # Whoever reads a line of another file needs to know of which model it is said.
        foreign = expectation.source is None or expectation.source.name != self.summary.source
        about = f"{self.summary.source}: " if foreign and self.summary.source else ""
        outcome.message = failure.message
        if row is not None:
            outcome.layer, outcome.line = row.path, row.line
        outcome.diagnostics.append(
            Diagnostic(
                code=failure.code,
                message=about + failure.message,
                span=expectation.span,
                source=expectation.source,
                where=expectation.where,
                notes=[Note(text) for text in failure.notes],
                help=failure.help,
                layer=outcome.layer,
            )
        )

    def _advice(self, expectation: Expectation, outcome: Outcome, wanted: Advice) -> None:
        """Note that an advice was given which is an error here; `Report` raises it to one."""
        given = [d for d in self.summary.diagnostics if d.code == expectation.subject]
        outcome.found = len(given)
        if given and wanted.level == "error":
            first = given[0]
            outcome.status = "failed"
            outcome.message = first.message
            outcome.layer = first.layer
            outcome.line = first.span.line if first.span else None

    def _types(self, expectation: Expectation, outcome: Outcome) -> None:
        """Look for a layer type, inside wrappers too."""
        pattern = expectation.text
        rows = [
            row
            for row in self.evidence.rows
            if any(fnmatchcase(type_, pattern) for type_ in (row.type, *row.wraps))
        ]
        outcome.found = [row.path for row in rows]
        if expectation.subject == "forbid" and rows:
            more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
            inside = "" if fnmatchcase(rows[0].type, pattern) else "it inside "
            raise _Failure(
                "DS406",
                f"{pattern} is forbidden, found {inside}{self.place(rows[0])}{more}",
                row=rows[0],
                notes=[f"another is {self.place(row)}" for row in rows[1:MAX_SHOWN]],
                help="take it out, or take it off the list of `forbid`",
            )
        if expectation.subject == "require" and not rows:
            types = list(dict.fromkeys(row.type for row in self.evidence.rows))
            shown = ", ".join(types[:20]) + (", …" if len(types) > 20 else "")
            raise _Failure("DS407", f"{pattern} is required, found none", help=f"found {shown}")

    def _layer(self, expectation: Expectation, outcome: Outcome, pattern: str) -> None:
        wanted = expectation.wanted
        subjects = self.evidence.subjects(pattern)
        if isinstance(wanted, Presence):
            outcome.found = [subject.name for subject in subjects]
            if not wanted.wanted and subjects:
                more = f" and {len(subjects) - 1} more" if len(subjects) > 1 else ""
                found = self.place(subjects[0].row)
                raise _Failure(
                    "DS404",
                    f"no layer {shorten(pattern)!r} was expected, found {found}{more}",
                    row=subjects[0].row,
                    notes=[f"another is {self.place(s.row)}" for s in subjects[1:MAX_SHOWN]],
                )
            if not wanted.wanted or subjects:
                return
        if not subjects:
            names = [row.path for row in self.evidence.rows]
            shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
            raise _Failure(
                "DS403",
                f"{expectation.name}: expected a layer {shorten(pattern)!r}, found none",
                help=did_you_mean(pattern, names) or f"the layers are {shown}",
            )
        failures: list[_Failure] = []
        founds: dict[str, Found] = {}
        for subject in subjects:
            part = Outcome(expectation)
            try:
                self._condition(expectation, part, subject)
            except _Failure as failure:
                failures.append(failure)
                # The first that is wrong stands for all of them.
                if len(failures) == 1:
                    outcome.difference = part.difference
            founds[subject.name] = part.found
        outcome.found = founds if len(founds) > 1 else next(iter(founds.values()))
        if failures:
            first, others = failures[0], len(failures) - 1
            if others:
                first.message += f"; so it is with {others} more of {len(subjects)} layers"
                first.notes += [failure.message for failure in failures[1:MAX_SHOWN]]
            raise first

    def _condition(self, expectation: Expectation, outcome: Outcome, subject: Subject) -> None:
        """Hold one layer to one condition."""
        wanted, row = expectation.wanted, subject.row
        what = f"{expectation.name.rpartition('.')[2]} of {self.place(row, subject.name)}"
        if isinstance(wanted, Kind):
            outcome.found = row.type
            if not fnmatchcase(row.type, wanted.name):
                message = f"{what}: expected {wanted.name}, found {row.type}"
                raise _Failure("DS405", message, row=row)
        elif isinstance(wanted, Sizes):
            shapes = subject.shapes
            if shapes is not None and _is_miscounted(expectation, len(shapes)):
                outcome.found = len(shapes)
                number = plural(expectation.count or 1, "output")
                found = f"{len(shapes)}: {shapes_text(shapes)}"
                message = f"{what}: expected {number}, found {found}"
                raise _Failure("DS401", message, row=row)
            index = expectation.output if isinstance(expectation.output, int) else 0
            if expectation.count is not None:
                what = f"output_shapes[{index}] of {self.place(row, subject.name)}"
            self._shape(what, outcome, wanted, shapes[index] if shapes else None, row)
        elif isinstance(wanted, Bound):
            value = getattr(totals_of([row]), expectation.subject)
            outcome.found = count_json(value)
            rows = [inner for _, inner in row.flat()]
            self._count(expectation, outcome, wanted, value, rows, what=what, row=row)

    def _output(self, expectation: Expectation, outcome: Outcome, wanted: Sizes) -> None:
        outputs = self.summary.outputs
        names = [tensor.name for tensor in outputs]
        index = expectation.output
        listed = f"it has {len(names)}: {', '.join(names)}"
        if _is_miscounted(expectation, len(outputs)):
            outcome.found = len(outputs)
            number = plural(expectation.count or 1, "output")
            message = f"output_shapes: expected {number}, found {len(outputs)}"
            raise _Failure("DS401", message, help=listed)
        if index is None:
            if len(outputs) != 1:
                outcome.found = len(outputs)
                raise _Failure(
                    "DS401",
                    f"output_shape: expected 1 output, found {len(outputs)}",
                    help=f"{listed}; write `output_shapes: {{{names[0]}: …}}`",
                )
            index = 0
        if isinstance(index, str):
            if index not in names:
                message = f"{expectation.name}: expected an output {shorten(index)!r}, found none"
                raise _Failure("DS401", message, help=did_you_mean(index, names) or listed)
            index = names.index(index)
        tensor = outputs[index]
        owner = self.evidence.owner(tensor.name)
        what = expectation.name
        self._shape(what, outcome, wanted, tensor.shape, owner)

    def _shape(
        self, what: str, outcome: Outcome, wanted: Sizes, shape: Shape | None, row: Row | None
    ) -> None:
        """Hold a shape to the expected one."""
        outcome.found = shape_json(shape)
        expected = expected_text(wanted)
        notes = []
        if row is not None and outcome.expectation.layer is None:
            notes.append(f"it is the output of {self.place(row)}")
        if shape is None:
            raise _Failure("DS409", f"{what}: expected {expected}, and it is not known", row=row)
        found = f"{what}: expected {expected}, found {shape_text(shape)}"
        if len(shape) != len(wanted.sizes):
            axes = f"{len(shape)} {'axis' if len(shape) == 1 else 'axes'}"
            help_ = None
            if len(shape) == len(wanted.sizes) + 1 and shape[0] == BATCH:
                help_ = "an expected shape begins with the batch: write null for it"
            message = f"{found}: {axes} instead of {len(wanted.sizes)}"
            raise _Failure("DS401", message, row=row, notes=notes, help=help_)
        undecided = None
        for axis, (expected_size, dim) in enumerate(zip(wanted.sizes, shape, strict=True)):
            if expected_size is None or expected_size == dim:
                continue
            verdict = always(Requirement("==", dim, expected_size), self.given)
            if verdict.holds is None:
                undecided = dim, expected_size
            elif not verdict.holds:
                told = f"axis {axis} is {size(dim)} instead of {size(expected_size)}"
                at = "" if dim == BATCH else at_sizes(verdict.witness, dim, expected_size)
                help_ = "write null for the batch" if dim == BATCH else set_help(dim)
                raise _Failure("DS401", f"{found}: {told}{at}", row=row, notes=notes, help=help_)
        if undecided is not None:
            raise self._undecided(found, *undecided, row=row, notes=notes)

    def _count(
        self,
        expectation: Expectation,
        outcome: Outcome,
        bound: Bound,
        value: Dim | None,
        rows: list[Row],
        *,
        what: str = "",
        row: Row | None = None,
    ) -> None:
        """Hold a count to its bound, for all sizes that are allowed."""
        what = what or expectation.name
        unit = " bytes" if in_bytes(expectation.subject) else ""
        expected = f"{what}: expected {bound_text(bound, expectation.text)}"
        if value is None:
            raise _Failure(
                "DS409",
                f"{expected}, and it is not known",
                row=row,
                notes=self.evidence.unknown(rows, expectation.subject),
                help="a warning says which layer's are not known",
            )
        found = f"{expected}, found {count(value)}{unit}"
        demands = (
            [("==", value, bound.low)]
            if bound.low is not None and bound.low == bound.high
            else [
                *([(">=", value, bound.low)] if bound.low is not None else []),
                *([(">=", bound.high, value)] if bound.high is not None else []),
            ]
        )
        undecided = None
        for kind, left, right in demands:
            verdict = always(Requirement(kind, left, right), self.given)
            if verdict.holds is None:
                undecided = left, right
            elif not verdict.holds:
                limit = left if left is not value else right
                message, beyond = miss(value, limit, verdict.witness)
                outcome.difference = beyond
                owner, notes = self._origin(rows, expectation.subject, value, verdict.witness, row)
                message = f"{found}: {message}"
                help_ = set_help(value, limit)
                if unit:
                    help_ = help_ or unit_help(expectation.text, value, limit)
                raise _Failure("DS402", message, row=owner, notes=notes, help=help_)
        if undecided is not None:
            owner, notes = self._origin(rows, expectation.subject, value, None, row)
            raise self._undecided(found, *undecided, row=owner, notes=notes)

    def _origin(
        self,
        rows: list[Row],
        subject: str,
        value: Dim,
        env: Mapping[str, int] | None,
        row: Row | None,
    ) -> tuple[Row | None, list[str]]:
        """Return the layer that a count comes from, and notes that say so."""
        if row is not None and not row.layers:
            return row, []
        largest = self.evidence.largest(rows, subject, env)
        return row or (largest[0][0] if largest else None), self.evidence.shares(largest, value)

    def _undecided(self, found: str, *dims: Dim, row: Row | None, notes: Iterable[str]) -> _Failure:
        return _Failure(
            "DS408",
            f"{found}: whether that holds for every size cannot be told",
            row=row,
            notes=notes,
            help=set_help(*dims),
        )


def _is_miscounted(expectation: Expectation, outputs: int) -> bool:
    """Tell whether there are more or fewer outputs than were expected.

    Of a list, those that have none are wrong; if there are more outputs, the last is.
    """
    if expectation.count is None:
        return expectation.layer is not None and outputs != 1
    index = expectation.output
    last = index == expectation.count - 1
    return isinstance(index, int) and (index >= outputs or (last and outputs > index + 1))
