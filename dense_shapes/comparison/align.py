"""Which layers of two models are the same ones, by difflib: first equal ones, then similar ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from dense_shapes.layers import snake_case
from dense_shapes.summary import Row, value_json

MOST_COMPARISONS = 60_000
"""Where it takes more to look for layers alike, as among thousands of equal ones, names decide."""

Key = Callable[[Row], str]


class Pair(NamedTuple):
    """A layer of the old model and what it is in the new one; None on the side where it is not."""

    old: Row | None
    new: Row | None
    moved: bool = False


def align(old: Sequence[Row], new: Sequence[Row]) -> list[Pair]:
    """Pair the layers of two models, those inside groups too.

    Args:
        old: The rows at the top of the old model.
        new: The rows at the top of the new one.

    Returns:
        Each layer once, in the order of the new model; what was removed stands where it was.
    """
    return _Alignment().run(old, new)


def is_given(row: Row) -> bool:
    """Tell whether a layer's name was given, rather than made of its type as in Keras.

    >>> is_given(Row("dense_1", "Dense", [], [], None, path="dense_1"))
    False
    """
    made = snake_case(row.type)
    return not re.fullmatch(re.escape(made) + r"(_\d+)?", row.name)


class _Alignment:
    """One run; the texts that stand for what layers are like are worked out once a row."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, str], str] = {}
        self.lists: dict[tuple[int, int], list[Pair]] = {}
        self.moves: dict[int, Pair] = {}

    def run(self, old: Sequence[Row], new: Sequence[Row]) -> list[Pair]:
        """See `align`."""
        unpaired = self._inside(None, None, old, new)
        self._find_moves(unpaired)
        return list(self._in_order(self.lists[id(None), id(None)]))

    def _inside(
        self, outer_old: Row | None, outer_new: Row | None, old: Sequence[Row], new: Sequence[Row]
    ) -> list[Pair]:
        """Pair the rows of two groups, and of those in them; return what is left alone."""
        made = list(_pairs(old, new, (self._equal, _name_and_type, _name, self._same, _type)))
        self.lists[id(outer_old), id(outer_new)] = made
        alone = []
        for pair in made:
            if pair.old is None or pair.new is None:
                alone.append(pair)
            elif pair.old.layers or pair.new.layers:
                alone += self._inside(pair.old, pair.new, pair.old.layers, pair.new.layers)
        return alone

    def _find_moves(self, alone: list[Pair]) -> None:
        """Find layers that were removed in one place and added in another."""
        removed = [pair.old for pair in alone if pair.old is not None]
        added = [pair.new for pair in alone if pair.new is not None]
        while removed and added:
            again: list[Pair] = []
            for key in (self._equal, _given_and_type, self._same):
                places: dict[str, list[Row]] = {}
                for row in added:
                    places.setdefault(key(row), []).append(row)
                for rows in places.values():
                    rows.reverse()
                for row in removed:
                    if found := places.get(key(row)):
                        pair = Pair(row, found.pop(), moved=True)
                        self.moves[id(pair.old)] = self.moves[id(pair.new)] = pair
                        if row.layers and pair.new is not None:
                            again += self._inside(row, pair.new, row.layers, pair.new.layers)
                removed = [row for row in removed if id(row) not in self.moves]
                added = [row for row in added if id(row) not in self.moves]
            # Layers may have left a group that is gone, or gone into a new one.
            more_removed = [inner for row in removed for inner in row.layers]
            more_added = [inner for row in added for inner in row.layers]
            more_removed += [pair.old for pair in again if pair.old is not None]
            more_added += [pair.new for pair in again if pair.new is not None]
            if not more_removed and not more_added:
                return
            removed = [row for row in removed if not row.layers] + _by_path(more_removed)
            added = [row for row in added if not row.layers] + _by_path(more_added)

    def _in_order(self, pairs: Sequence[Pair]) -> Iterator[Pair]:
        for made in pairs:
            move = self.moves.get(id(made.old if made.new is None else made.new))
            if move is not None and made.new is None:
                continue
            pair = move or made
            yield pair
            if pair.old is None or pair.new is None:
                row = pair.new or pair.old
                inner = [] if row is None else row.layers
                added = pair.old is None
                alone = [Pair(None, r) if added else Pair(r, None) for r in inner]
                yield from self._in_order(alone)
            elif pair.old.layers or pair.new.layers:
                yield from self._in_order(self.lists[id(pair.old), id(pair.new)])

    def _same(self, row: Row) -> str:
        """Say what a layer is, whatever it is called."""
        return self._text(row, "")

    def _equal(self, row: Row) -> str:
        """Say what a layer is, its name included if that was given."""
        return self._text(row, row.name if is_given(row) else "")

    def _text(self, row: Row, name: str) -> str:
        key = (id(row), name)
        if key not in self.known:
            inner = [self._equal(layer) for layer in row.layers]
            said: list[Any] = [row.type, sorted(row.options.items()), sorted(row.arguments.items())]
            text = repr((name, value_json(said), inner))
            # Texts in texts in texts, with what escapes their quotes, would double each time.
            self.known[key] = text if not inner else _digest(text)
        return self.known[key]


def _digest(text: str) -> str:
    from hashlib import sha256  # noqa: PLC0415 - models without groups need none

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _by_path(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.path)


def _name_and_type(row: Row) -> str:
    return f"{row.name}\0{row.type}"


def _name(row: Row) -> str:
    """Say a name; a layer and a group have none in common."""
    return f"{row.name}\0{bool(row.layers)}"


def _given_and_type(row: Row) -> str:
    """Say a name that was given, with the type; no two layers agree in one that was not."""
    return f"{row.name}\0{row.type}" if is_given(row) else f"\0{id(row)}"


def _type(row: Row) -> str:
    return row.type


def _pairs(old: Sequence[Row], new: Sequence[Row], keys: Sequence[Key]) -> Iterator[Pair]:
    """Pair rows whose key is equal, in order; those between them by the next key."""
    if not keys or not old or not new:
        yield from (Pair(row, None) for row in old)
        yield from (Pair(None, row) for row in new)
        return
    key, *others = keys
    before, after = [key(row) for row in old], [key(row) for row in new]
    i = j = 0
    for start, other, size in _blocks(before, after):
        yield from _pairs(old[i:start], new[j:other], others)
        yield from map(Pair, old[start : start + size], new[other : other + size])
        i, j = start + size, other + size
    yield from _pairs(old[i:], new[j:], others)


def _blocks(before: list[str], after: list[str]) -> Iterator[tuple[int, int, int]]:
    """Yield where runs of equal keys begin in both, and their length, in order.

    The order of the two makes no difference, as it would to difflib.
    """
    first = 0
    for a, b in zip(before, after, strict=False):
        if a != b:
            break
        first += 1
    last = 0
    most = min(len(before), len(after)) - first
    while last < most and before[-1 - last] == after[-1 - last]:
        last += 1
    if first:
        yield 0, 0, first
    middle, other = before[first : len(before) - last], after[first : len(after) - last]
    counts = Counter(other)
    if middle and other and sum(counts[key] for key in middle) <= MOST_COMPARISONS:
        from difflib import SequenceMatcher  # noqa: PLC0415 - models that are equal need none

        swapped = middle > other
        sides = (other, middle) if swapped else (middle, other)
        for i, j, size in SequenceMatcher(None, *sides, autojunk=False).get_matching_blocks():
            if size:
                yield first + (j if swapped else i), first + (i if swapped else j), size
    if last:
        yield len(before) - last, len(after) - last, last
