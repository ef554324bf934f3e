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

    def equal(self, old: Sequence[str], new: Sequence[str]) -> bool:
        """Tell whether names stand for the same outputs; what was renamed is the same."""
        return len(old) == len(new) and all(
            self._find(a, self.old)[1] == self._find(b, self.new)[1]
            for a, b in zip(old, new, strict=True)
        )

    def same(self, old: Sequence[str], new: Sequence[str]) -> bool:
        """Tell whether layers that have these inputs are fed by the same ones.

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
            place, meant = self._find(name, places)
            if place is None:
                return meant
            if id(place.row) in self.shared and id(place.row) not in passing:
                return meant
            if len(place.inputs) != 1 or name in passed:
                return meant
            passed.add(name)
            name = place.inputs[0]

    def _find(self, name: str, places: dict[str, _Place]) -> tuple[_Place | None, object]:
        """Return the call that gives an output, and what stands for that output in both models."""
        base, output = name, ""
        if base not in places:
            base, _, output = name.rpartition(":")
        place = places.get(base)
        if place is None:
            return None, name
        return place, (self.shared.get(id(place.row), -id(place.row)), place.call, output)


def _places(summary: Summary) -> dict[str, _Place]:
    out: dict[str, _Place] = {}
    for _, row in summary.rows():
        out[row.path] = _Place(row, 0, row.calls[0].inputs if row.calls else row.inputs)
        for number, call in enumerate(row.calls[1:], start=1):
            out[call.name] = _Place(row, number, call.inputs)
    return out
