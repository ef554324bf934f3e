"""Names of layers in one list: those given, and those made as Keras makes them."""

from __future__ import annotations

from dense_shapes.diagnostics import Note, shorten
from dense_shapes.spec.entries import Entry
from dense_shapes.spec.header import quotes_help
from dense_shapes.spec.nodes import Node, Scalar
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.scalars import found
from dense_shapes.spec.scope import Scope

MAX_NAME = 1000


def is_plain_name(text: str) -> bool:
    """Tell whether a text can name a layer, an input or a block, as paths and calls are written."""
    return bool(text) and not any(c in text for c in "/:@")


class Names:
    """The names that are taken in one list of entries."""

    def __init__(self) -> None:
        self.taken: dict[str, Entry] = {}
        self.counters: dict[str, int] = {}

    def own(self, entry: Entry | None, scope: Scope, problems: Problems) -> str | None:
        """Return the name that an entry gives itself, after claiming it; report a wrong one."""
        node = entry.options.get("name") if entry is not None else None
        if entry is None or node is None:
            return None
        return problems.attempt(
            lambda: self._claim(entry, node, scope, problems), where=entry.where("name")
        )

    def _claim(self, entry: Entry, node: Node, scope: Scope, problems: Problems) -> str | None:
        value = scope.scalar(node, text=True) if isinstance(node, Scalar) else ""
        where = entry.where("name")
        if value is None:
            return None
        if not isinstance(value, str) or not is_plain_name(value):
            shown = repr(shorten(value)) if isinstance(value, str) and value else found(node)
            raise problems.make(
                "DS105",
                f"expected a layer's name as text without '/', ':' and '@', found {shown}",
                node,
                help=quotes_help(node),
                where=where,
            )
        if len(value) > MAX_NAME:
            raise problems.make(
                "DS105",
                f"a layer's name has at most {MAX_NAME:,} characters, found {len(value):,}",
                node,
                where=where,
            )
        other = self.taken.setdefault(value, entry)
        if other is not entry:
            first = other.options.get("name")
            place = first.span if first is not None else other.span()
            told = f"the first {shorten(value)!r} is here"
            if other.index < 0 and other.place != "input_shape":
                told = f"the input {shorten(value)!r} is here"
            elif other.index < 0:
                told = "the row that 'input_shape' makes is called 'input'"
            raise problems.make(
                "DS108",
                f"two layers are named {shorten(value)!r}",
                node,
                notes=(Note(told, place),),
                help="give one of them another name",
                where=where,
            )
        return value

    def free(self, base: str, entry: Entry) -> str:
        """Return the name that Keras would give a layer, the next one that is not taken."""
        while True:
            n = self.counters.get(base, 0)
            self.counters[base] = n + 1
            name = f"{base}_{n}" if n else base
            if self.taken.setdefault(name, entry) is entry:
                return name

    def again(self, base: str, entry: Entry) -> str:
        """Return the name of a further call: `tower@2`, `tower@3`."""
        key = f"{base}@"
        while True:
            n = self.counters.get(key, 2)
            self.counters[key] = n + 1
            if self.taken.setdefault(f"{key}{n}", entry) is entry:
                return f"{key}{n}"
