"""How many layers and groups entries stand for, told before any of them is made."""

from __future__ import annotations

from typing import Any

from dense_shapes.dims import symbol
from dense_shapes.spec.blocks import Block, read_repetition
from dense_shapes.spec.entries import Entry
from dense_shapes.spec.nodes import Scalar
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.scope import Scope

MAX_DEPTH = 50
"""How deep groups may be nested."""
MAX_STEPS = 100_000
"""How many entries are looked at before the counts are taken as they are."""


class Extent:
    """Counts the rows that entries become, or some of them where that takes long: never too many.

    Args:
        blocks: The blocks by name.
        most: How many there may be.
    """

    def __init__(self, blocks: dict[str, Block], most: int) -> None:
        self.blocks = blocks
        self.most = most
        self.steps = 0
        self.known: dict[tuple[Any, ...], int] = {}
        self.quiet = Problems(None)

    def beyond(self, entries: list[Entry | None], scope: Scope) -> list[Entry]:
        """Return those of the spec's own entries with which there would be too many rows."""
        found = len(scope.problems.found)
        demands = scope.demands
        total = 0
        names: dict[str, int] = {}
        out = []
        for entry in entries:
            if entry is None:
                continue
            count = self._named(entry, scope, 0, names) or 1
            if total + count > self.most:
                out.append(entry)
            else:
                total += count
        del scope.problems.found[found:]
        scope.demands = demands
        return out

    def _named(self, entry: Entry, scope: Scope, depth: int, names: dict[str, int]) -> int | None:
        """Count an entry, and note the count under its name, by which it may be called again."""
        count = self._entry(entry, scope, depth, names)
        own = entry.options.get("name")
        if count is not None and isinstance(own, Scalar):
            names[own.text] = count
        elif count is not None and (entry.head.text == "repeat" or entry.head.text in self.blocks):
            names.setdefault(entry.head.text, count)
        return count

    def _list(
        self, entries: list[Entry | None], scope: Scope, depth: int, around: dict[str, int]
    ) -> int | None:
        """Return how many rows a list becomes, None where that cannot be told yet."""
        total = 0
        names = dict(around)
        for entry in entries:
            if entry is None:
                continue
            count = self._named(entry, scope, depth, names)
            if count is None:
                return None
            total += count
            if total > self.most:
                break
        return total

    def _entry(self, entry: Entry, scope: Scope, depth: int, names: dict[str, int]) -> int | None:
        self.steps += 1
        text = entry.head.text
        if depth > MAX_DEPTH or self.steps > MAX_STEPS:
            return 1
        if text == "reuse":
            node = entry.options.get("layer")
            return names.get(node.text, 1) if isinstance(node, Scalar) else 1
        if text == "repeat":
            return self._repeat(entry, scope, depth + 1, names)
        block = self.blocks.get(text)
        if block is None:
            return 1
        return self._block(block, entry, scope, depth + 1)

    def _block(self, block: Block, entry: Entry, scope: Scope, depth: int) -> int | None:
        inner = block.arguments(entry, scope, self.quiet)
        if inner is None or block.broken:
            return 1
        key = (block.name, *(str(inner.vars[name]) for name in block.defaults))
        if key not in self.known:
            self.known[key] = 1  # should it call itself
            count = self._list(block.entries, inner, depth, {})
            if count is None:
                del self.known[key]
                return None
            self.known[key] = 1 + count
        return self.known[key]

    def _repeat(self, entry: Entry, scope: Scope, depth: int, names: dict[str, int]) -> int | None:
        plan = read_repetition(entry, scope, set(self.blocks), self.quiet)
        if plan is None:
            return None
        if plan.times > self.most:
            return self.most + 1
        # Each turn is as large as the others unless what stands in it asks for its number.
        turn = self._list(plan.entries, scope.child({"i": symbol("i")}), depth, names)
        if turn is not None:
            return 1 + plan.times * (1 + turn)
        total = 1
        for i in range(plan.times):
            turn = self._list(plan.entries, scope.child({"i": i}), depth, names)
            total += 1 + (turn or 0)
            if total > self.most or self.steps > MAX_STEPS:
                break
        return total
