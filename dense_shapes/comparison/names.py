"""What a layer's name in one model is in the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dense_shapes.comparison.align import Pair
from dense_shapes.summary import Row, Summary


class _Place(NamedTuple):
    """One call of a layer, and what feeds it."""

    row: Row
    call: int
    inputs: Sequence[str]


class Names:
    """Tells whether layers are fed by the same ones in both models."""

    def __init__(self, old: Summary, new: Summary, pairs: Iterable[Pair]) -> None:
        self.old = _places(old)
        self.new = _places(new)
        self.shared: dict[int, int] = {}
        self.moved: set[int] = set()
        for number, pair in enumerate(pairs):
            if pair.old is not None and pair.new is not None:
                self.shared[id(pair.old)] = self.shared[id(pair.new)] = number
                if pair.moved:
                    self.moved |= {id(pair.old), id(pair.new)}

    def same(self, old: Sequence[str], new: Sequence[str]) -> bool:
        """Tell whether names stand for the same outputs.

        What was renamed is the same. A layer put between two others, or taken from between them,
        is no news about those two: where it has one input, that is taken in its place.
        """
        return len(old) == len(new) and all(
            any(
                self._meant(a, self.old, passing) == self._meant(b, self.new, passing)
                for passing in (set(), self.moved)
            )
            for a, b in zip(old, new, strict=True)
        )

    def _meant(self, name: str, places: dict[str, _Place], passing: set[int]) -> object:
        """Return what an input is in both models, past layers that are in one place only."""
        passed: set[str] = set()
        while True:
            base, colon, output = name, "", ""
            if base not in places:
                base, colon, output = name.rpartition(":")
            place = places.get(base)
            if place is None:
                return name
            if id(place.row) in self.shared and id(place.row) not in passing:
                return self.shared[id(place.row)], place.call, colon and output
            if len(place.inputs) != 1 or name in passed:
                return id(place.row), name
            passed.add(name)
            name = place.inputs[0]


def _places(summary: Summary) -> dict[str, _Place]:
    out: dict[str, _Place] = {}
    for _, row in summary.rows():
        out[row.path] = _Place(row, 0, row.calls[0].inputs if row.calls else row.inputs)
        for number, call in enumerate(row.calls[1:], start=1):
            out[call.name] = _Place(row, number, call.inputs)
    return out
