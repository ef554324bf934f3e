"""What differs between two summaries, layer by layer, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dense_shapes.comparison.align import Pair, align
from dense_shapes.comparison.names import Names
from dense_shapes.dims import Dim, DimError
from dense_shapes.layers.chosen import option_of
from dense_shapes.summary import Row, Summary, Tensor, value_json

COUNTS = ("params", "trainable_params", "non_trainable_params", "macs")
"""What is counted of each layer."""


class Number(NamedTuple):
    """A count in both models, None where it is unknown; 0 where there is no such layer."""

    old: Dim | None
    new: Dim | None

    @property
    def change(self) -> Dim | None:
        """By how much it grew; None where that is unknown."""
        if self.old is None or self.new is None:
            return None
        try:
            return self.new - self.old
        except DimError:
            return None

    @property
    def percent(self) -> float | None:
        """By how many percent it grew; None where that is no number.

        >>> Number(7178, 7185).percent, Number(0, 5).percent
        (0.0975, None)
        """
        if type(self.old) is not int or type(self.new) is not int or self.old == 0:
            return None
        try:
            return round(100 * (self.new - self.old) / self.old, 4)
        except OverflowError:
            return None


class Field(NamedTuple):
    """Something other than a count that differs: its name and both values.

    An option is called `options.units`, an argument of the call `call.training`.
    """

    name: str
    old: Any
    new: Any


class Change(NamedTuple):
    """What became of one layer.

    Attributes:
        kinds: Which apply of "added", "removed", "moved", "renamed", "changed".
        old: The layer in the old model, None if it was not there.
        new: The layer in the new model, None if it is not there.
        fields: What differs beside the counts.
        counts: Each of `COUNTS`, equal ones too.
    """

    kinds: tuple[str, ...]
    old: Row | None
    new: Row | None
    fields: tuple[Field, ...]
    counts: Mapping[str, Number]


class Diff(NamedTuple):
    """What differs between two models.

    Attributes:
        old: The old model.
        new: The new model.
        layers: What became of each layer that is not the same, in the order of the new model.
        unchanged: How many layers are the same.
        fields: What differs in the models' inputs, outputs and requirements.
        totals: Each total of the summary, equal ones too.
    """

    old: Summary
    new: Summary
    layers: list[Change]
    unchanged: int
    fields: list[Field]
    totals: Mapping[str, Number]

    @property
    def different(self) -> bool:
        """Whether anything differs."""
        return bool(self.layers or self.fields or any(n.old != n.new for n in self.totals.values()))

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as plain data, ready for `json.dumps` (version 1)."""
        from dense_shapes.comparison.data import diff_json  # noqa: PLC0415 - imports this module

        return diff_json(self)

    def tally(self) -> dict[str, int]:
        """Return how many layers there are of each kind of change."""
        kinds = ("added", "removed", "moved", "renamed", "changed")
        counted = {k: sum(k in change.kinds for change in self.layers) for k in kinds}
        return {kind: count for kind, count in counted.items() if count}


def compare(old: Summary, new: Summary, *, required: Sequence[str] | None = None) -> Diff:
    """Return what differs between two summaries; sizes are compared as values.

    Args:
        old: The model before.
        new: The model after.
        required: The texts of the old model's requirements, where its summary has none.
    """
    pairs = align(old.layers, new.layers)
    names = Names(old, new, pairs)
    changes = [_change(pair, names) for pair in pairs]
    found = [change for change in changes if change.kinds]
    totals = {
        name: Number(value, getattr(new.totals, name)) for name, value in old.totals.shown().items()
    }
    before = [one.text for one in old.solved()] if required is None else required
    fields = [*_model(old, new, names), *_requirements(before, new)]
    return Diff(old, new, found, len(changes) - len(found), fields, totals)


def _change(pair: Pair, names: Names) -> Change:
    old, new = pair.old, pair.new
    counts = {name: Number(_count(old, name), _count(new, name)) for name in COUNTS}
    if old is None or new is None:
        return Change(("removed" if new is None else "added",), old, new, (), counts)
    fields = tuple(_fields(pair.moved, old, new, names))
    kinds = ["moved"] if pair.moved else []
    if old.name != new.name:
        kinds.append("renamed")
    if fields or any(number.old != number.new for number in counts.values()):
        kinds.append("changed")
    return Change(tuple(kinds), old, new, fields, counts)


def _count(row: Row | None, name: str) -> Dim | None:
    if row is None:
        return 0
    if name == "macs":
        return row.macs
    return row.count(trainable=None if name == "params" else name == "trainable_params")


def _fields(moved: bool, old: Row, new: Row, names: Names) -> Iterator[Field]:
    if old.type != new.type:
        yield Field("type", old.type, new.type)
    yield from _options(old, new)
    for key in dict.fromkeys([*old.arguments, *new.arguments]):
        before, after = old.arguments.get(key), new.arguments.get(key)
        if _differ(*_renamed(before, after, names)):
            yield Field(f"call.{key}", before, after)
    if len(old.calls) != len(new.calls) or any(
        a.output_shapes != b.output_shapes
        or a.arguments.keys() != b.arguments.keys()
        or any(_differ(*_renamed(a.arguments[k], b.arguments[k], names)) for k in a.arguments)
        or not names.same(a.inputs, b.inputs)
        for a, b in zip(old.calls, new.calls, strict=True)
    ):
        yield Field("calls", old.calls, new.calls)
    told = moved and len(old.inputs) == len(new.inputs) == 1
    if not told and not names.same(old.inputs, new.inputs):
        yield Field("inputs", old.inputs, new.inputs)
    if old.output_shapes != new.output_shapes:
        yield Field("output_shapes", old.output_shapes, new.output_shapes)
    if old.status != new.status:
        yield Field("status", old.status, new.status)


def _options(old: Row, new: Row) -> Iterator[Field]:
    """Yield the options that differ; one that is not given has its default."""
    for key in dict.fromkeys([*old.options, *new.options]):
        before = option_of(old.type, old.options, key)
        after = option_of(new.type, new.options, key)
        if _differ(before, after):
            yield Field(f"options.{key}", before, after)


def _renamed(old: Any, new: Any, names: Names) -> tuple[Any, Any]:
    """Return two arguments of calls, equal ones if they are tensors from the same layer."""
    a, b = (value.get("from") if isinstance(value, dict) else None for value in (old, new))
    if isinstance(a, str) and isinstance(b, str) and names.same([a], [b]):
        return old, old
    return old, new


def _differ(a: Any, b: Any) -> bool:
    """Tell whether two values of options differ; sizes have one text for one value."""
    return bool(value_json(a) != value_json(b))


def _model(old: Summary, new: Summary, names: Names) -> Iterator[Field]:
    if not names.equal(*([t.name for t in summary.inputs] for summary in (old, new))):
        yield Field("inputs", old.inputs, new.inputs)
    if not _same_tensors(old.outputs, new.outputs, names):
        yield Field("outputs", old.outputs, new.outputs)


def _requirements(before: Iterable[str], new: Summary) -> Iterator[Field]:
    old, now = {*before}, {one.text for one in new.solved()}
    if old != now:
        yield Field("requirements", sorted(old - now), sorted(now - old))


def _same_tensors(old: Sequence[Tensor], new: Sequence[Tensor], names: Names) -> bool:
    return names.equal([t.name for t in old], [t.name for t in new]) and [t[1:] for t in old] == [
        t[1:] for t in new
    ]
