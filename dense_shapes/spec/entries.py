"""One entry of `layers:` in any of its four forms: a type, its options, and their places."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dense_shapes.diagnostics import shorten
from dense_shapes.layers import find_layer, registry
from dense_shapes.model import Origin
from dense_shapes.plugins import load_installed
from dense_shapes.source import Source, Span
from dense_shapes.spec.nodes import Mapping, Node, Scalar, Sequence
from dense_shapes.spec.problems import Problems, SpecError
from dense_shapes.spec.scalars import found

RESERVED_OPTIONS = ("name", "from", "call", "ignore")
FORMS = (
    "a layer is `- Flatten`, `- Dense: 512`, `- Dense: {units: 512}` or "
    "`- {type: Dense, units: 512}`"
)
SPECIAL = {"reuse": "layer", "repeat": "times"}
"""Entries that are no layers, with the option that one value stands for."""
FIRST = "(first)"
"""Stands for a block's first argument until the block is known."""
_NULLS = {"", "~", "null"}


class Entry(Origin):
    """A layer as it is written.

    Attributes:
        head: The scalar that holds the type.
        options: The option nodes by name, aliases of the language resolved.
        keys: The scalars that hold the options' names.
        partial: Whether options were left out because something was wrong, and reported.
        broken: Whether it has none of the forms, which was reported, so that only the type and the
            name of it count.
    """

    __slots__ = ("broken", "head", "index", "keys", "options", "partial", "place", "source")

    def __init__(
        self, head: Scalar, index: int, source: Source | None, place: str = "layers"
    ) -> None:
        self.head = head
        self.index = index
        self.place = place
        self.source = source
        self.partial = False
        self.broken = False
        self.options: dict[str, Node] = {}
        self.keys: dict[str, Scalar] = {}

    def span(self, field: str | None = None, path: tuple[int, ...] = ()) -> Span | None:
        """See `Origin.span`."""
        node: Node | None = self.options.get(field) if field else None
        if node is None:
            return self.head.span
        for i in path:
            if not isinstance(node, Sequence) or i >= len(node.items):
                break
            node = node.items[i]
        return node.span

    @property
    def line(self) -> int | None:
        """See `Origin.line`."""
        return self.head.line + 1 if self.head.line >= 0 else None

    def at(self, field: str | None = None, path: tuple[int, ...] = ()) -> dict[str, Any]:
        """See `Origin.at`."""
        if self.source is not None:
            return {"span": self.span(field, path), "source": self.source}
        return {"where": f"{self.where(field)}{''.join(f'[{i}]' for i in path)}"}

    def where(self, field: str | None = None) -> str | None:
        """Return the place as a path, such as `layers[3].strides`, in data without lines."""
        if self.source is not None:
            return None
        if self.index < 0:
            return self.place
        return f"{self.place}[{self.index}]" + (f".{field}" if field else "")


def read_entries(
    node: Node, key: Node | None, place: str, heads: Collection[str], problems: Problems
) -> list[Entry | None]:
    """Return a list of entries taken apart; None for each of which nothing can be told.

    Args:
        node: The list.
        key: Where its name stands.
        place: Where it is, in data without lines.
        heads: What an entry may be beside a layer: blocks.
        problems: Collects what is wrong.

    Raises:
        SpecError: It is no list.
    """
    if not isinstance(node, Sequence) or not node.items:
        raise problems.make(
            "DS105",
            f"expected a list of layers, found {found(node)}",
            key,
            help="start each layer with a dash: `- Dense: 10`",
            where=place,
        )
    return [
        problems.attempt(lambda i=i, item=item: read_entry(item, i, place, heads, problems))  # type: ignore[misc]  # mypy infers no lambda's default
        or _remains(item, i, place, heads, problems)
        for i, item in enumerate(node.items)
    ]


def _remains(
    node: Node, index: int, place: str, heads: Collection[str], problems: Problems
) -> Entry | None:
    """Return what can be told of a wrong entry, so that what refers to it is not wrong too."""
    if not isinstance(node, Mapping):
        return None
    layers = [key for key in _heads(node, heads) if key.text not in heads]
    inner = [value for _, value in node.entries if isinstance(value, Mapping)]
    names = [part.get("name") for part in (node, *inner)]
    name = next((found for found in names if found is not None), None)
    if not layers and name is None:
        return None
    entry = Entry(layers[0] if layers else Scalar("unknown"), index, problems.source, place)
    entry.broken = True
    if name is not None:
        entry.options["name"] = name
    return entry


def _heads(node: Mapping, blocks: Collection[str]) -> list[Scalar]:
    """Return the keys of an entry that name a layer or a block."""
    every = {name for layer in registry().values() for name in layer.fields} | {*RESERVED_OPTIONS}
    # `activation` is an option here, though it names a layer too.
    return [
        key
        for key, _ in node.entries
        if key.text in blocks or (find_layer(key.text) is not None and key.text not in every)
    ]


def read_entry(
    node: Node, index: int, place: str, heads: Collection[str], problems: Problems
) -> Entry:
    """Return an entry taken apart, in whichever form it is written; see `read_entries`.

    Raises:
        SpecError: It has none of the four forms.
    """
    where = f"{place}[{index}]"
    if isinstance(node, Scalar) and node.text and not (node.plain and node.text in _NULLS):
        return Entry(node, index, problems.source, place)
    if not isinstance(node, Mapping) or not node.entries:
        raise problems.make(
            "DS105", f"expected a layer, found {found(node)}", node, help=FORMS, where=where
        )
    head = node.get("type")
    if head is not None:
        if not isinstance(head, Scalar):
            message = f"expected a layer's type as text, found {found(head)}"
            raise problems.make("DS105", message, head, help=FORMS, where=f"{where}.type")
        entry = Entry(head, index, problems.source, place)
        entry.partial = node.partial
        for key, value in node.entries:
            if key.text != "type":
                entry.options[key.text] = value
                entry.keys[key.text] = key
        return entry
    key, value = node.entries[0]
    special = next((k for k, _ in node.entries if k.text in SPECIAL), None)
    if special is not None and len(node.entries) > 1:
        # `- reuse: tower` has its `from` and `name` beside it.
        entry = _entry_of(special, node.get(special.text), index, place, heads, problems)
        for option, item in node.entries:
            if option is not special:
                entry.options[option.text] = item
                entry.keys[option.text] = option
        return entry
    if len(node.entries) > 1:
        raise _several_keys(node, heads, problems, where)
    return _entry_of(key, value, index, place, heads, problems)


def _entry_of(
    key: Scalar,
    value: Node | None,
    index: int,
    place: str,
    heads: Collection[str],
    problems: Problems,
) -> Entry:
    """Return the entry of what stands after its type: options, one value or nothing."""
    entry = Entry(key, index, problems.source, place)
    if isinstance(value, Mapping):
        entry.partial = value.partial
        for option, item in value.entries:
            entry.options[option.text] = item
            entry.keys[option.text] = option
    elif value is not None and not (
        isinstance(value, Scalar) and value.plain and value.text in _NULLS
    ):
        if key.text in SPECIAL or key.text in heads:
            entry.options[SPECIAL.get(key.text, FIRST)] = value
            return entry
        layer = find_layer(key.text)
        if layer is None:
            load_installed()
            layer = find_layer(key.text)
        first = next(iter(layer.own_fields()), None) if layer is not None else None
        if layer is not None and first is None:
            raise problems.make(
                "DS105",
                f"{layer.__name__} has no options of its own, so it takes no value",
                value,
                help=f"write `- {layer.__name__}: {{from: [a, b]}}` to say what feeds it"
                if isinstance(value, Sequence) and layer.inputs[1] != 1
                else f"write `- {layer.__name__}`",
                where=f"{place}[{index}]",
            )
        if first is not None:
            entry.options[first] = value
    return entry


def _several_keys(
    node: Mapping, blocks: Collection[str], problems: Problems, where: str
) -> SpecError:
    keys = [key for key, _ in node.entries]
    heads = _heads(node, blocks)
    if not heads:
        shown = ", ".join(repr(shorten(key.text)) for key in keys[:4])
        return problems.make(
            "DS104",
            f"missing key 'type' beside {shown}{', …' if len(keys) > 4 else ''}",
            keys[0],
            help="say what layer it is: `type: Dense` beside its options, or `Dense:` above them",
            where=where,
        )
    head = heads[0]
    options = getattr(find_layer(head.text), "fields", {})
    others = [key for key in keys if key is not head]
    stray = next((k for k in others if k.text in options or find_layer(k.text) is None), None)
    if stray is None:
        return problems.make(
            "DS105",
            f"two layers in one entry: {head.text} and {others[0].text}",
            others[0],
            help="start each layer with a dash of its own",
            where=where,
        )
    return problems.make(
        "DS105",
        f"{shorten(stray.text)!r} stands beside {head.text!r}, not among its options",
        stray,
        help=_joined(head, node.get(head.text), stray)
        or f"indent the options further than {head.text!r}, or write `type: {head.text}` instead",
        where=where,
    )


def _joined(head: Scalar, value: Node | None, stray: Scalar) -> str | None:
    """Show how to write one value, or options in braces, together with further options."""
    layer = find_layer(head.text)
    first = next(iter(layer.own_fields()), None) if layer is not None else None
    more = f"{shorten(stray.text)}: …"
    if isinstance(value, Scalar) and value.text and first is not None and len(value.text) <= 30:
        return f"write `- {head.text}: {{{first}: {value.text}, {more}}}`"
    if stray.line == head.line and head.line >= 0:
        inner = "…, " if isinstance(value, Mapping) and value.entries else ""
        return f"put it into the braces of {head.text!r}: `- {head.text}: {{{inner}{more}}}`"
    return None
