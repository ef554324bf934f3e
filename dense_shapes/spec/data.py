"""From data already parsed, such as JSON, to the same tree that YAML text gives."""

from collections.abc import Iterator
from typing import Any, NoReturn

from dense_shapes.diagnostics import Diagnostic
from dense_shapes.spec.nodes import (
    MAX_DEPTH,
    MAX_NODES,
    Mapping,
    Node,
    Scalar,
    Sequence,
    path_text,
)

_Collection = dict[Any, Any] | list[Any] | tuple[Any, ...]

_MOST_BITS = 13_300  # Python refuses to print integers that are much longer.


def plain_data(value: object) -> tuple[Node | None, list[Diagnostic]]:
    """Turn a value of dicts, lists, tuples and scalars into a tree without spans.

    Its scalars hold the very values, which `resolve` returns as they are. What is of any other
    type is reported with its path and left out, and the rest is still read.

    Args:
        value: For instance a parsed JSON file.

    Returns:
        The tree, and the problems. There is no tree for a value that contains itself or exceeds
        a limit.
    """
    reader = _Reader()
    try:
        return reader.read(value), reader.diagnostics
    except _RefusedError:
        return None, reader.diagnostics


class _RefusedError(Exception):
    """A problem that ends the reading; it has been reported."""


class _Frame:
    """A dict or list that is being read.

    Attributes:
        data: The dict or list itself.
        left: The keys or indices, and the items, that are still to be read.
        at: The key or index of the item that is being read.
        before: How many nodes were read before it.
        height: How deep collections are nested in it.
    """

    __slots__ = ("at", "before", "data", "entries", "height", "items", "left")

    def __init__(self, data: _Collection, before: int) -> None:
        self.data = data
        self.left: Iterator[tuple[Any, object]] = (
            iter(data.items()) if isinstance(data, dict) else enumerate(data)
        )
        self.at: str | int = 0
        self.before = before
        self.height = 0
        self.items: list[Node] = []
        self.entries: list[tuple[Scalar, Node]] = []

    def add(self, node: Node) -> None:
        """Add the node of the present item."""
        if isinstance(self.at, str):
            self.entries.append((_scalar(self.at), node))
        else:
            self.items.append(node)

    def node(self) -> Node:
        """Return the finished node."""
        return Mapping(self.entries) if isinstance(self.data, dict) else Sequence(self.items)


class _Reader:
    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.stack: list[_Frame] = []
        self.count = 0
        # By identity: the node of a collection, its size and height; None while it is open.
        self.known: dict[int, tuple[Node, int, int] | None] = {}

    def read(self, value: object) -> Node | None:
        """Return the root, or None where it is itself of a wrong type.

        Raises:
            _RefusedError: The value is too deep, too large, or contains itself.
        """
        root = self._enter(value)
        while self.stack:
            frame = self.stack[-1]
            for key, item in frame.left:
                if isinstance(key, str):
                    frame.at = _text(key)
                elif isinstance(frame.data, dict):
                    self._refuse_key(key)
                    continue
                else:
                    frame.at = key
                node = self._enter(item)
                if node is not None:
                    frame.add(node)
                elif self.stack[-1] is not frame:
                    break
            else:
                root = self._leave()
        return root

    def _enter(self, value: object) -> Node | None:
        """Return the node of a value; None for what is wrong, and for a collection just begun."""
        if value is None or isinstance(value, (str, int, float)):
            self._count(1)
            return _scalar(value)
        if not isinstance(value, (dict, list, tuple)):
            name = type(value).__qualname__
            self._report("DS105", f"a value of type {name} cannot stand in a model")
            return None
        if id(value) in self.known:
            return self._again(self.known[id(value)])
        self._check_depth(1)
        self.known[id(value)] = None
        self.stack.append(_Frame(value, self.count))
        self._count(1)
        return None

    def _again(self, known: tuple[Node, int, int] | None) -> Node:
        if known is None:
            self._refuse("the value contains itself")
        node, size, height = known
        self._check_depth(height)
        self._count(size)
        self.stack[-1].height = max(self.stack[-1].height, height)
        return node

    def _leave(self) -> Node:
        frame = self.stack.pop()
        node = frame.node()
        height = frame.height + 1
        self.known[id(frame.data)] = (node, self.count - frame.before, height)
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, height)
            self.stack[-1].add(node)
        return node

    def _check_depth(self, height: int) -> None:
        if len(self.stack) + height > MAX_DEPTH:
            self._refuse(f"nested more than {MAX_DEPTH} levels deep")

    def _count(self, size: int) -> None:
        self.count += size
        if self.count > MAX_NODES:
            self._refuse(f"the data has more than {MAX_NODES:,} values")

    def _report(self, code: str, message: str) -> None:
        self._report_at(self.stack, code, message)

    def _report_at(self, frames: list[_Frame], code: str, message: str) -> None:
        where = path_text(frame.at for frame in frames) or None
        self.diagnostics.append(Diagnostic(code=code, message=message, where=where))

    def _refuse_key(self, key: object) -> None:
        name = type(key).__qualname__
        message = f"a key must be a text, and one here is of type {name}"
        self._report_at(self.stack[:-1], "DS105", message)

    def _refuse(self, message: str) -> NoReturn:
        self._report("DS005", message)
        raise _RefusedError


def _text(value: str) -> str:
    """Return a text as an exact `str`: subclasses may print as something else."""
    return value if type(value) is str else str.__str__(value)


def _scalar(value: str | float | None) -> Scalar:
    """Return a leaf that holds a value, as an exact builtin type."""
    if isinstance(value, str):
        text = _text(value)
        return Scalar(text, plain=False, value=text)
    if value is None:
        return Scalar("null", value=None)
    if isinstance(value, bool):
        return Scalar("true" if value else "false", value=value)
    if isinstance(value, int):
        number = int(value)
        shown = hex(number) if number.bit_length() > _MOST_BITS else repr(number)
        return Scalar(shown, value=number)
    floating = float(value)
    return Scalar(repr(floating), value=floating)
