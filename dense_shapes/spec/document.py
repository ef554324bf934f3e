"""From YAML text to a tree of nodes.

Trees are built from events and without recursion, and within limits: what a file can cost is
bounded by its size, and no depth of nesting reaches the interpreter's stack. No object is ever
constructed from a tag.
"""

from collections.abc import Callable
from typing import Any

from dense_shapes.diagnostics import Diagnostic, Note, shorten, sort_key
from dense_shapes.source import Source, Span
from dense_shapes.spec.data import plain_data
from dense_shapes.spec.nodes import (
    ABSENT,
    MAX_DEPTH,
    MAX_NODES,
    Mapping,
    Node,
    Scalar,
    Sequence,
    path_text,
)
from dense_shapes.spec.scalars import Ambiguous, Unresolved, Value, resolve

__all__ = [
    "ABSENT",
    "MAX_CHARACTERS",
    "MAX_DEPTH",
    "MAX_NODES",
    "Ambiguous",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "Unresolved",
    "Value",
    "load",
    "path_text",
    "plain_data",
    "resolve",
]

MAX_CHARACTERS = 64 * 1024 * 1024
"""The longest text that is read."""

_CORE = "tag:yaml.org,2002:"
_SCALAR_TAGS = frozenset({f"{_CORE}str"})
_SEQUENCE_TAGS = frozenset({f"{_CORE}seq", f"{_CORE}python/tuple"})
_MAPPING_TAGS = frozenset({f"{_CORE}map"})


class _RefusedError(Exception):
    """A problem that ends the reading."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def load(source: Source) -> tuple[Node | None, list[Diagnostic]]:
    """Read the one YAML document of a text.

    Duplicate keys, merge keys, keys that are no scalars, and unknown tags are reported and left
    out, and the rest is still read.

    Args:
        source: The text. JSON is YAML too.

    Returns:
        The tree, and the problems in source order. There is no tree for a text that is empty,
        that is not YAML, or that exceeds a limit.
    """
    composer = _Composer(source)
    root: Node | None = None
    try:
        root = composer.compose()
    except _RefusedError as refused:
        composer.diagnostics.append(refused.diagnostic)
    for diagnostic in composer.diagnostics:
        diagnostic.source = source
    return root, sorted(composer.diagnostics, key=sort_key)


class _Composer:
    """Builds a tree from YAML events. All positions are PyYAML's, counted from 0."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        # The collection being read: its children so far (keys and values in turn), and how deep
        # collections are nested in the deepest of them.
        self.children: list[Node] = []
        self.height = 0
        # The collections around it: start event, nodes before it, and the two above.
        self.stack: list[tuple[Any, int, list[Node], int]] = []
        self.count = 0
        # By anchor: the node, its size with aliases followed, its height; None while it is open.
        self.anchors: dict[str, tuple[Node, int, int] | None] = {}
        self.documents = 0
        # Large files have few different texts, each of which is kept once.
        self.texts: dict[str, str] = {}

    def compose(self) -> Node:
        """Return the root.

        Raises:
            _RefusedError: There is none.
        """
        if len(self.source.text) > MAX_CHARACTERS:
            message = f"the file is longer than {MAX_CHARACTERS:,} characters"
            raise _RefusedError(Diagnostic(code="DS005", message=message))
        import yaml  # noqa: PLC0415 - JSON and errors of usage do without

        handlers: dict[type, Callable[[Any], object]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.SequenceStartEvent: self._start,
            yaml.SequenceEndEvent: self._end_sequence,
            yaml.MappingStartEvent: self._start,
            yaml.MappingEndEvent: self._end_mapping,
            yaml.AliasEvent: self._alias,
            yaml.StreamStartEvent: _ignore,
            yaml.DocumentStartEvent: self._document,
            yaml.DocumentEndEvent: _ignore,
        }
        event = None
        try:
            next_event = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(self.source.text).get_event
            event = next_event()
            while type(event) is not yaml.StreamEndEvent and self.documents < 2:
                handlers[type(event)](event)
                event = next_event()
        except (yaml.YAMLError, ValueError) as error:
            # ValueErrors come from text that cannot be encoded, and from escapes of characters
            # that do not exist.
            mark = getattr(error, "problem_mark", None)
            if mark is not None and "nesting depth" in str(error):
                # libyaml looks ahead, and newer ones have a limit of their own there.
                line, column = mark.line + 1, mark.column + 1
                raise _too_deep(Span(line, column, line, column + 1)) from None
            from dense_shapes.spec.syntax import syntax_error  # noqa: PLC0415 - rarely needed

            place = (event.end_mark.line, event.end_mark.column) if event else (0, 0)
            raise _RefusedError(syntax_error(self.source, error, place)) from None
        root = self.children[0] if self.children else None
        if root is None or (isinstance(root, Scalar) and root.plain and not root.text):
            only = " but for comments" if "#" in self.source.text else ""
            raise _RefusedError(
                Diagnostic(
                    code="DS003",
                    message=f"the file is empty{only}",
                    help="a model begins with `input_shape:` and lists its layers under `layers:`",
                )
            )
        return root

    def _report(self, code: str, message: str, span: Span | None, **details: Any) -> None:
        self.diagnostics.append(Diagnostic(code=code, message=message, span=span, **details))

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self._report(
                "DS004",
                "a second document starts here, and a model file is one document",
                _event_span(event),
                help="put each model in a file of its own",
            )

    def _scalar(self, event: Any) -> None:
        self._count(event, 1)
        start, end, style = event.start_mark, event.end_mark, event.style
        line, column, end_line, end_column = start.line, start.column, end.line, end.column
        if style == "|" or style == ">":  # noqa: PLR1714 - the quickest test in the hottest place
            # The end mark is in a later line; the indicator is what can be pointed at.
            end_line, end_column = line, column + 1
        elif not event.value and line >= len(self.source.lines):
            # libyaml takes the end of a text without a final break for a line of its own.
            line = end_line = len(self.source.lines) - 1
            column = end_column = len(self.source.lines[-1])
        plain = not style
        if event.tag is not None:
            plain = False
            if event.tag not in _SCALAR_TAGS:
                plain = not style
                self._refuse_tag(event)
        if end_line == line:
            end_line = line  # not the same number again: integers take room
        text = self.texts.setdefault(event.value, event.value)
        node = Scalar(text, plain, line, column, end_line, end_column)
        self.children.append(node)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, 1, 0)

    def _start(self, event: Any) -> None:
        self._count(event, 1)
        if len(self.stack) >= MAX_DEPTH:
            raise _too_deep(_event_span(event))
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.stack.append((event, self.count - 1, self.children, self.height))
        self.children = []
        self.height = 0

    def _end_sequence(self, event: Any) -> None:
        start = self.stack[-1][0]
        if start.tag is not None and start.tag not in _SEQUENCE_TAGS:
            self._refuse_tag(start)
        self._close(Sequence(self.children, *_place(start, event)))

    def _end_mapping(self, event: Any) -> None:
        start = self.stack[-1][0]
        if start.tag is not None and start.tag not in _MAPPING_TAGS:
            self._refuse_tag(start)
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        partial = False
        children = iter(self.children)
        for key, value in zip(children, children, strict=True):
            if not isinstance(key, Scalar):
                self._refuse_key(key)
                partial = True
            elif key.text in seen:
                self._refuse_duplicate(key, seen[key.text])
            elif key.text == "<<" and key.plain:
                self._report(
                    "DS004",
                    "merge keys '<<' are not part of YAML 1.2 and are not supported",
                    key.span,
                    help="write the options out, or put what repeats under 'vars' or 'defaults'",
                )
                partial = True
            else:
                seen[key.text] = key
                entries.append((key, value))
        node = Mapping(entries, *_place(start, event))
        node.partial = partial
        self._close(node)

    def _close(self, node: Node) -> None:
        start, before, children, height = self.stack.pop()
        if start.anchor is not None:
            self.anchors[start.anchor] = (node, self.count - before, self.height + 1)
        self.height = max(height, self.height + 1)
        self.children = children
        children.append(node)

    def _alias(self, event: Any) -> None:
        span = _event_span(event)
        name = event.anchor
        if name not in self.anchors:
            message = f"alias '*{shorten(name)}' has no anchor of that name above it"
            help_ = "if a text is meant, put it in quotes"
            raise _RefusedError(Diagnostic(code="DS002", message=message, span=span, help=help_))
        anchored = self.anchors[name]
        if anchored is None:
            message = (
                f"alias '*{shorten(name)}' stands inside the node that it repeats, which has no end"
            )
            raise _RefusedError(Diagnostic(code="DS005", message=message, span=span))
        node, size, height = anchored
        if len(self.stack) + height > MAX_DEPTH:
            raise _too_deep(span)
        self._count(event, size)
        self.height = max(self.height, height)
        self.children.append(node)

    def _count(self, event: Any, size: int) -> None:
        self.count += size
        if self.count > MAX_NODES:
            message = f"the file has more than {MAX_NODES:,} nodes, those of aliases included"
            raise _RefusedError(Diagnostic(code="DS005", message=message, span=_event_span(event)))

    def _refuse_duplicate(self, key: Scalar, first: Scalar) -> None:
        place = f" on line {first.line + 1}" if first.line != key.line else ""
        self._report(
            "DS007",
            f"duplicate key '{shorten(key.text)}'",
            key.span,
            label=f"already given{place}",
            notes=(Note("it is first given here", first.span),),
        )

    def _refuse_key(self, key: Node) -> None:
        kind = "list" if isinstance(key, Sequence) else "mapping"
        braces = isinstance(key, Mapping) and key.end_line >= 0
        self._report(
            "DS004",
            f"a key must be a word, not a {kind}",
            key.span,
            help="a variable is written ${name}, with one pair of braces" if braces else None,
        )

    def _refuse_tag(self, event: Any) -> None:
        span = _event_span(event)
        line = self.source.line(span.line)
        start = max(line.find("!", span.column - 1), 0)
        end = start
        while end < len(line) and not line[end].isspace() and line[end] not in ",[]{}":
            end += 1
        shown = event.tag.replace(_CORE, "!!", 1) if event.tag.startswith(_CORE) else event.tag
        self._report(
            "DS004",
            f"tag '{shorten(shown)}' is not supported: "
            "nothing is executed or constructed from a model file",
            Span(span.line, start + 1, span.line, max(end, start + 1) + 1),
            help="remove the tag",
        )


def _ignore(_event: object) -> None:
    pass


def _place(start: Any, end: Any) -> tuple[int, int, int, int]:
    """Return a collection's place; only the end of a flow collection is marked by a bracket."""
    opened, closed = start.start_mark, end.end_mark
    end_line = closed.line if start.flow_style else -1
    return opened.line, opened.column, end_line, closed.column


def _event_span(event: Any) -> Span:
    """Return where an event starts, and ends if that is on the same line."""
    start, end = event.start_mark, event.end_mark
    column = end.column if end.line == start.line else start.column + 1
    return Span(start.line + 1, start.column + 1, start.line + 1, column + 1)


def _too_deep(span: Span) -> _RefusedError:
    message = f"nested more than {MAX_DEPTH} levels deep"
    return _RefusedError(Diagnostic(code="DS005", message=message, span=span))
