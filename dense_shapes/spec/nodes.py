"""The tree that a document is read into: scalars, sequences and mappings that know their place."""

from collections.abc import Iterable
from typing import Final

from dense_shapes.source import Span


class _Absent:
    """The type of `ABSENT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"

    def __reduce__(self) -> str:
        return "ABSENT"  # there is one, in another process too


ABSENT: Final = _Absent()
"""Stands for the value of a scalar that is still a text, since None is a value."""

MAX_DEPTH = 100
"""How deep collections may be nested, aliases followed."""
MAX_NODES = 4_000_000
"""How many nodes a tree may have, those that stand in it several times counted each time."""

_NO_LINE = -1


class _Placed:
    """A node's place in its file, as plain integers counted from 0: spans are rarely asked for.

    `line` is -1 for data that came without a text. `end_line` is -1 where the end is not known,
    as for block collections: YAML ends them at the next thing that follows.
    """

    __slots__ = ("column", "end_column", "end_line", "line")
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def span(self) -> Span | None:
        """Where the node stands; None for data that came without a text."""
        if self.line < 0:
            return None
        return Span(self.line + 1, self.column + 1, self.end_line + 1, self.end_column + 1)


class Scalar(_Placed):
    """A leaf: text of which only its use tells whether it is a number, a name or a flag.

    Attributes:
        text: What is written, without quotes and escapes.
        plain: Whether it stands without quotes, so that it may be more than a text.
        value: The value itself in data that was never a text, else `ABSENT`.
    """

    __slots__ = ("plain", "text", "value")

    def __init__(
        self,
        text: str,
        plain: bool = True,
        line: int = _NO_LINE,
        column: int = 0,
        end_line: int = _NO_LINE,
        end_column: int = 0,
        value: object = ABSENT,
    ) -> None:
        self.text = text
        self.plain = plain
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column
        self.value = value

    def __repr__(self) -> str:
        return f"Scalar({self.text!r}, plain={self.plain})"


class _Collection(_Placed):
    """What sequences and mappings share."""

    __slots__ = ()

    def _children(self) -> "Iterable[Node]":
        raise NotImplementedError

    @property
    def span(self) -> Span | None:
        """The first line of the node, up to the last thing in it that ends there."""
        if self.line < 0:
            return None
        line, end = self.line, self.column + 1
        if self.end_line == line:
            end = self.end_column
        else:
            # Content is followed rather than the text, which may hold a comment.
            nodes: list[Node] = [*self._on_first_line()]
            while nodes:
                node = nodes.pop()
                end = max(end, node.end_column if node.end_line == line else node.column + 1)
                if isinstance(node, _Collection) and node.end_line != line:
                    nodes += node._on_first_line()
        return Span(line + 1, self.column + 1, line + 1, end + 1)

    def _on_first_line(self) -> "Iterable[Node]":
        last = self.column - 1
        for child in self._children():
            # An alias brings a node from elsewhere, or once more.
            if child.line != self.line or child.column <= last:
                return
            last = child.column
            yield child


class Sequence(_Collection):
    """A list. Treat it as read-only: aliases share nodes."""

    __slots__ = ("items",)

    def __init__(
        self,
        items: "list[Node]",
        line: int = _NO_LINE,
        column: int = 0,
        end_line: int = _NO_LINE,
        end_column: int = 0,
    ) -> None:
        self.items = items
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column

    def _children(self) -> "Iterable[Node]":
        return self.items

    def __repr__(self) -> str:
        return f"Sequence({len(self.items)} items)"


class Mapping(_Collection):
    """Keys and values in the order of the file; keys are unique.

    Treat it as read-only: aliases share nodes.

    Attributes:
        entries: The keys and values.
        partial: Whether entries were left out because something about them was wrong, and
            reported.
    """

    __slots__ = ("_index", "entries", "partial")

    def __init__(
        self,
        entries: "list[tuple[Scalar, Node]]",
        line: int = _NO_LINE,
        column: int = 0,
        end_line: int = _NO_LINE,
        end_column: int = 0,
    ) -> None:
        self.entries = entries
        self.partial = False
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column
        self._index: dict[str, tuple[Scalar, Node]] | None = None

    def _entry(self, key: str) -> "tuple[Scalar, Node] | None":
        if self._index is None:
            self._index = {entry[0].text: entry for entry in self.entries}
        return self._index.get(key)

    def get(self, key: str) -> "Node | None":
        """Return the value of a key, or None."""
        entry = self._entry(key)
        return entry[1] if entry else None

    def key_node(self, key: str) -> Scalar | None:
        """Return the node of a key, for its span, or None."""
        entry = self._entry(key)
        return entry[0] if entry else None

    def _children(self) -> "Iterable[Node]":
        for entry in self.entries:
            yield from entry

    def __repr__(self) -> str:
        return f"Mapping({', '.join(repr(key.text) for key, _ in self.entries[:8])})"


Node = Scalar | Sequence | Mapping


def path_text(parts: Iterable[str | int]) -> str:
    """Return a place in nested data as `layers[3].config.strides`.

    >>> path_text(["layers", 3, "config", "two words"])
    "layers[3].config['two words']"
    """
    path = ""
    for part in parts:
        if isinstance(part, str) and part.isidentifier():
            path += f".{part}" if path else part
        else:
            path += f"[{part!r}]"
    return path
