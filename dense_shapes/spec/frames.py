"""One list of entries while it is built: what feeds each, and what it became."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from dense_shapes.layers import Layer
from dense_shapes.model import Group, Ref
from dense_shapes.spec.entries import Entry
from dense_shapes.spec.names import Names
from dense_shapes.spec.nodes import Node
from dense_shapes.spec.scope import Scope
from dense_shapes.spec.sources import Source


class Target(NamedTuple):
    """What a reference names.

    Attributes:
        entry: The entry's index in its list, or -1 - k for the k-th input of the list.
        output: Which of its outputs.
        node: Where it is written; None for the entry before, which need not be.
    """

    entry: int
    output: int
    node: Node | None


UNBUILT = (-1, -1)
"""The span of an entry that has not become nodes yet."""


class Item:
    """One entry on its way into the graph.

    Attributes:
        entry: The entry as it is written.
        kind: "layer", "block", "steps" (a block at each step), "repeat" or "reuse".
        lost: Whether what is written is no entry at all (and reported).
        nameless: Whether its name only stands in the table, so that nothing can refer to it.
        cls: The class of a layer, or of the one that is called again; None where it is not known
            (and reported).
        name: Its name.
        targets: What feeds it; None where that could not be told (and was reported).
        extras: Tensors among its call arguments, by the argument's name.
        call: The other call arguments.
        original: For a further call: what is called again.
        awaits: For a further call of an entry of the same list: its index.
        outputs: What it gives out, once it is built.
        span: The nodes it became: the first, and after the last.
        group: The group it became.
        inside: The groups inside that one, by their places in the model, and the further calls.
    """

    __slots__ = (
        "awaits",
        "call",
        "cls",
        "entry",
        "extras",
        "group",
        "inside",
        "kind",
        "lost",
        "name",
        "nameless",
        "original",
        "outputs",
        "span",
        "targets",
    )

    def __init__(self, entry: Entry, kind: str, cls: type[Layer] | None, name: str) -> None:
        self.entry = entry
        self.kind = kind
        self.cls = cls
        self.name = name
        self.lost = False
        self.nameless = False
        self.targets: list[Target] | None = None
        self.extras: dict[str, Target] = {}
        self.call: dict[str, Any] = {}
        self.original: Item | None = None
        self.awaits: int | None = None
        self.outputs: list[Ref] | None = None
        self.span = UNBUILT
        self.group: Group | None = None
        self.inside = (slice(0), slice(0))

    def needs(self) -> Iterable[int]:
        """Yield the entries that must be built before it."""
        for target in (*(self.targets or ()), *self.extras.values()):
            if target.entry >= 0:
                yield target.entry
        if self.awaits is not None:
            yield self.awaits


class Frame:
    """One list of entries and what they can see.

    Attributes:
        scope: Names for expressions.
        inputs: What `input` names here; None at the top, where inputs are layers.
        group: The group that the entries stand in.
        depth: How many groups are around them.
        blocks: The blocks that are being built, outer ones first.
        names: The names that are taken.
        items: The entries in order.
        index: The items by name.
        leading: How many of the first items are the spec's own inputs.
        misses: How many references named nothing.
        taken: Which of `inputs` something takes, by their numbers.
        loose: References that stand in a list beside one that names nothing, each with its place;
            they are only looked at.
        around: For one turn of a `repeat`: the list that the `repeat` is written in.
        frozen: Whether nothing in it is trained.
    """

    __slots__ = (
        "around",
        "blocks",
        "depth",
        "frozen",
        "group",
        "index",
        "inputs",
        "items",
        "leading",
        "loose",
        "misses",
        "names",
        "scope",
        "taken",
    )

    def __init__(
        self,
        scope: Scope,
        inputs: list[Source] | None = None,
        group: Group | None = None,
        outer: Frame | None = None,
        blocks: tuple[str, ...] = (),
        *,
        frozen: bool = False,
    ) -> None:
        self.scope = scope
        self.inputs = inputs
        self.group = group
        self.depth: int = outer.depth + 1 if outer is not None else 0
        self.blocks = blocks
        self.names = Names()
        self.items: list[Item] = []
        self.index: dict[str, int] = {}
        self.leading = 0
        self.misses = 0
        self.taken: set[int] = set()
        self.loose: list[tuple[Target, str | None]] = []
        self.around: Frame | None = None
        self.frozen: bool = frozen or (outer is not None and outer.frozen)

    def add(self, item: Item) -> None:
        """Add an item to the list."""
        if not item.nameless:
            self.index[item.name] = len(self.items)
        self.items.append(item)

    def path(self, name: str) -> str:
        """Return a name as it is from outside."""
        return f"{self.group.path}/{name}" if self.group else name
