"""YAML syntax errors in our own words, with what to do about the common ones."""

import re
from typing import Any

from dense_shapes.diagnostics import Diagnostic, Note
from dense_shapes.source import Source, Span

# The complement of what YAML allows, as PyYAML's reader has it, and lone surrogates.
_NOT_ALLOWED = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_GLUED_COLON = r"^\s*(?:- +)?[A-Za-z_][\w.]*(:)[^\s:/]"

_QUOTES = "put the value in quotes"

# Wordings of libyaml and of PyYAML's own parser: a piece of the problem, the context, the message
# and the help. Those that need a look at the text come in `_explain`.
_SIMPLE: tuple[tuple[str, str, str, str | None], ...] = (
    (
        "mapping keys are not allowed",
        "",
        "'?' cannot start a value",
        _QUOTES,
    ),
    (
        "sequence entries are not allowed",
        "",
        "a list of '-' lines cannot start here",
        "start the list on the next line, or write it as [a, b]",
    ),
    (
        "escape",
        "quoted scalar",
        "unknown escape after a backslash in double quotes",
        "use single quotes, or write two backslashes",
    ),
    (
        "",
        "scanning a block scalar",
        "unexpected text after '|' or '>'",
        "start the text on the next line",
    ),
    (
        "alphabetic or numeric character",
        "scanning an alias",
        "'*' refers to an anchor, and no name follows it",
        _QUOTES,
    ),
    (
        "alphabetic or numeric character",
        "scanning an anchor",
        "'&' names an anchor, and no name follows it",
        _QUOTES,
    ),
    (
        "",
        "directive",
        "a line that starts with '%' is a YAML directive, and this one is unknown",
        "put the text in quotes",
    ),
    (
        "incompatible YAML document",
        "",
        "only YAML 1.x can be read",
        "remove the %YAML line",
    ),
    (
        "document start",
        "",
        "unexpected text after the end of the document",
        "look for a bracket or brace too many",
    ),
    (
        "undefined tag handle",
        "",
        "the tag has an undeclared prefix",
        "remove the tag, or put the text in quotes",
    ),
)

_Place = tuple[int, int]


def syntax_error(source: Source, error: Exception, place: _Place) -> Diagnostic:
    """Describe why a text is not YAML.

    Args:
        source: The text.
        error: What PyYAML raised.
        place: How far it had read, line and column from 0.

    Returns:
        An error DS002.
    """
    problem_mark = getattr(error, "problem_mark", None)
    if problem_mark is None:
        return _reader_error(source, error, place)
    return _Explainer(source, error, problem_mark).explain()


def _reader_error(source: Source, error: Exception, place: _Place) -> Diagnostic:
    """Describe an error that PyYAML gives no line for: most often a character."""
    found = re.search(_NOT_ALLOWED, source.text)
    if found is None:
        reason = getattr(error, "reason", None) or error
        return _error(f"this is not YAML: {reason}", _clamp(source, place))
    number = ord(found[0])
    escape = f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
    return _error(
        f"character U+{number:04X} is not allowed in YAML",
        source.span_at(found.start()),
        help_=f"remove it, or write {escape} inside double quotes",
    )


class _Explainer:
    """One syntax error: what PyYAML says, and the text around it."""

    def __init__(self, source: Source, error: Any, mark: Any) -> None:
        self.source = source
        self.problem: str = error.problem or ""
        self.context: str = error.context or ""
        self.span = _clamp(source, (mark.line, mark.column))
        opened = error.context_mark
        self.opened = _clamp(source, (opened.line, opened.column)) if opened else self.span
        line = source.line(self.span.line)
        self.before = line[: self.span.column - 1]
        self.char = line[self.span.column - 1 : self.span.column]
        self.at_end = mark.line >= len(source.lines) or not self._rest(mark)

    def _rest(self, mark: Any) -> str:
        rest = self.source.line(mark.line + 1)[mark.column :]
        # Only the end of the text is looked for, so that few lines suffice.
        return rest.strip() or "".join(self.source.lines[mark.line + 1 : mark.line + 3]).strip()

    def explain(self) -> Diagnostic:
        """Return the error."""
        problem, context = self.problem, self.context
        if "tab character" in problem or (
            "cannot start any token" in problem and (self.char == "\t" or "'\\t'" in problem)
        ):
            return self._tab()
        if "cannot start any token" in problem:
            return self._error(f"a value cannot start with '{self.char}'", help_=_QUOTES)
        if "end of stream" in problem or "document separator" in problem:
            return self._open_quote()
        if "parsing a flow" in context and ("',' or" in problem):
            return self._open_bracket()
        if "node content" in problem:
            return self._missing_value()
        if "mapping values are not allowed" in problem:
            return self._unexpected_colon()
        if "could not find expected ':'" in problem:
            return self._no_colon()
        if "block mapping" in context or "block collection" in context:
            return self._misplaced()
        for needle, where, message, help_ in _SIMPLE:
            if needle in problem and where in context:
                return self._error(message, help_=help_)
        return self._error(f"this is not YAML: {problem}" + (f", {context}" if context else ""))

    def _error(
        self,
        message: str,
        span: Span | None = None,
        *,
        help_: str | None = None,
        note: Note | None = None,
    ) -> Diagnostic:
        return _error(message, span or self.span, help_=help_, note=note)

    def _tab(self) -> Diagnostic:
        if self.before.strip():
            return self._error("a tab stands where YAML wants spaces", help_="use spaces")
        return self._error("a tab is used for indentation", help_="indent with spaces")

    def _open_quote(self) -> Diagnostic:
        line = self.source.line(self.opened.line)
        quote = line[self.opened.column - 1 : self.opened.column]
        return self._error(
            "this quote is never closed", self.opened, help_=f"close the text with {quote}"
        )

    def _open_bracket(self) -> Diagnostic:
        opening, closing, kind = "[", "]", "list"
        if "mapping" in self.context:
            opening, closing, kind = "{", "}", "mapping"
        if self.at_end or self._is_outdented():
            # It is the bracket that is wrong, however far the text can be read on from it.
            told = "never closed" if self.at_end else "not closed before the next key"
            return self._error(
                f"this '{opening}' is {told}",
                self.opened,
                help_=f"close the {kind} with '{closing}'",
            )
        if self.char == "{" and self.before.endswith("$"):
            return self._error(
                f"'${{' cannot stand between '{opening}' and '{closing}' without quotes",
                help_='put the whole value in quotes, such as "${name}"',
            )
        return self._error(
            f"'{opening}' is not closed: expected ',' or '{closing}', and found '{self.char}'",
            help_=f"separate the entries with ',' and close the {kind} with '{closing}'",
            note=Note(f"the '{opening}' stands here", self.opened),
        )

    def _is_outdented(self) -> bool:
        """Tell whether a key stands no deeper than the line of the open bracket."""
        if self.char != ":" or self.span.line == self.opened.line:
            return False
        opening = self.source.line(self.opened.line)
        depth = len(self.before) - len(self.before.lstrip())
        return depth <= len(opening) - len(opening.lstrip())

    def _missing_value(self) -> Diagnostic:
        if self.at_end:
            return self._error("the file ends where a value is expected")
        help_ = _QUOTES
        if self.char in "]}":
            help_ = "look for a bracket or brace too many, or the wrong one"
        elif self.char == "," and "flow" in self.context:
            help_ = "remove the comma, or write null for an open size"
        return self._error(f"expected a value, and found '{self.char}'", help_=help_)

    def _unexpected_colon(self) -> Diagnostic:
        if re.search(r":\s", self.before):
            return self._error(
                "a second ':' in one line",
                help_="put the value in quotes, start a new line for the key, "
                "or write {key: value} in braces",
            )
        number = self.span.line - 1
        while number > 1 and not self.source.line(number).strip():
            number -= 1
        line, column = self.span.line, len(self.before) - len(self.before.lstrip(" -")) + 1
        return (
            self._glued_colon(number)
            or self._glued_dash(number)
            or self._error(
                "a key cannot stand here",
                Span(line, column, line, max(self.span.column, column + 1)),
                help_="check the indentation of this line, and the ':' of the one before it",
            )
        )

    def _no_colon(self) -> Diagnostic:
        glued = self._glued_colon(self.opened.line)
        if glued:
            return glued
        rest = self.source.line(self.opened.line)[self.opened.column - 1 :]
        if re.match(r"-[^\s-]", rest):
            return self._error("'-' has no space after it", self.opened, help_="write '- ' first")
        return self._error(
            "this line is neither 'key: value' nor a '- ' item", self.opened, help_="add the ':'"
        )

    def _glued_dash(self, number: int) -> Diagnostic | None:
        """Return the error for `-Flatten`, if a line reads like that."""
        found = re.match(r"\s*(-)[^\s-]", self.source.line(number))
        if not found:
            return None
        column = found.start(1) + 1
        return self._error(
            "'-' has no space after it",
            Span(number, column, number, column + 1),
            help_="write '- ' first",
        )

    def _glued_colon(self, number: int) -> Diagnostic | None:
        """Return the error for `units:10`, if a line reads like that."""
        found = re.match(_GLUED_COLON, self.source.line(number))
        if not found:
            return None
        column = found.start(1) + 1
        return self._error(
            "':' has no space after it",
            Span(number, column, number, column + 1),
            help_="write a space after ':'",
        )

    def _misplaced(self) -> Diagnostic:
        in_list = "collection" in self.context
        note = Note(f"the {'list' if in_list else 'mapping'} starts here", self.opened)
        if self.char and self.char in "]}":
            return self._error(
                f"unexpected '{self.char}' after a value",
                help_="look for a bracket or brace too many",
            )
        if self.before.strip(" -"):
            return self._error(
                "unexpected text after a value",
                help_="put the whole value in one pair of quotes; inside '…' a ' is written ''",
            )
        if in_list and self.char == "-":
            return self._error(
                "this '-' is not in line with the list above it",
                help_="align the items of a list with each other",
                note=note,
            )
        if in_list:
            return self._error(
                "this line is neither a '-' item of the list above it nor part of one",
                help_="align it with the list's '-', or indent it under its item",
                note=note,
            )
        if self.char == "-":
            return self._error(
                "a '-' item stands where a key of the mapping is expected",
                help_="align the items of a list with each other",
                note=note,
            )
        return self._error(
            "the indentation of this line fits none of the lines above it",
            help_="align the keys of a mapping with each other",
            note=note,
        )


def _error(
    message: str, span: Span, *, help_: str | None = None, note: Note | None = None
) -> Diagnostic:
    notes = (note,) if note else ()
    return Diagnostic(code="DS002", message=message, span=span, help=help_, notes=notes)


def _clamp(source: Source, place: _Place) -> Span:
    """Return a place counted from 0 as a span; the end of the text is after its last character."""
    line, column = place[0] + 1, place[1] + 1
    lines = source.lines
    if line > len(lines) or (line == len(lines) and not lines[-1].strip()):
        line = min(line, len(lines))
        while line > 1 and not lines[line - 1].strip():
            line -= 1
        column = len(lines[line - 1].rstrip()) + 1
    return Span(line, column, line, column + 1)
