"""Diagnostics as text, each with the line it is about."""

from collections.abc import Iterable

from dense_shapes.diagnostics import Diagnostic, Severity
from dense_shapes.render.text import display_width, to_ascii, visible
from dense_shapes.source import Source, Span

_MOST_CHARACTERS = 120
_BEFORE_CARET = 40

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def render_text(
    diagnostics: Iterable[Diagnostic], color: bool = False, ascii_only: bool = False
) -> str:
    """Return diagnostics as text, with a blank line between them and none at the end.

    Args:
        diagnostics: What to show, in this order.
        color: Whether to add ANSI colours; the text is the same.
        ascii_only: Whether the output can hold nothing but ASCII.

    Returns:
        The text; empty if there is nothing to show.
    """
    writer = _Writer(color, ascii_only)
    return "\n\n".join(writer.diagnostic(diagnostic) for diagnostic in diagnostics)


class _Writer:
    def __init__(self, color: bool, ascii_only: bool) -> None:
        self.color = color
        self.ascii_only = ascii_only

    def diagnostic(self, diagnostic: Diagnostic) -> str:
        """Return one diagnostic."""
        span, source = diagnostic.span, diagnostic.source
        shown = span if span and source and 0 < span.line <= len(source.lines) else None
        gutter = " " * (len(str(shown.line)) if shown else 1)
        color = _COLORS.get(diagnostic.severity, "red")
        head = self._style(f"{diagnostic.severity}[{diagnostic.code}]", color)
        lines = [head + self._style(f": {self._text(diagnostic.message)}")]
        place = _place(source, span, diagnostic.where)
        if place:
            lines.append(f" {gutter}{self._style('-->', 'blue')} {self._text(place)}")
        label = diagnostic.label
        if shown and source:
            lines.append(f"  {gutter}{self._style('|', 'blue')}")
            lines += self._snippet(source.line(shown.line), shown, label, color)
        help_ = diagnostic.help
        if not shown and label:
            # Without a caret to stand beside, the label says what to do.
            help_ = f"{label} {help_}" if help_ else label
        if help_:
            lines.append(self._remark(gutter, "help", help_))
        for note in diagnostic.notes:
            cited = f" ({_place(source, note.span, None)})" if note.span and source else ""
            lines.append(self._remark(gutter, "note", note.message + cited))
        return "\n".join(lines)

    def _remark(self, gutter: str, kind: str, text: str) -> str:
        mark = self._style("=", "blue")
        return f"  {gutter}{mark} {self._style(kind, 'cyan')}: {self._text(text)}"

    def _snippet(self, line: str, span: Span, label: str, color: str) -> list[str]:
        """Return the line and the carets under it."""
        first = min(span.column - 1, len(line))
        last = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
        last = max(min(last, len(line)), first)
        start, stop = _window(len(line), first, last)
        before = "…" if start else ""
        after = "…" if stop < len(line) else ""
        indent = self._text(before) + self._line(line[start:first])
        marked = self._line(line[first : min(last, stop)])
        rest = self._line(line[max(first, min(last, stop)) : stop]) + self._text(after)
        number = self._style(f"{span.line} |", "blue")
        carets = "^" * max(display_width(marked), 1)
        if label:
            carets += f" {self._text(label)}"
        bar = self._style("|", "blue")
        return [
            f" {number} {indent}{marked}{rest}".rstrip(),
            f"  {' ' * len(str(span.line))}{bar} {' ' * display_width(indent)}"
            + self._style(carets, color),
        ]

    def _line(self, text: str) -> str:
        return self._text(text.replace("\t", " "))

    def _text(self, text: str) -> str:
        text = visible(text)
        return to_ascii(text) if self.ascii_only else text

    def _style(self, text: str, color: str | None = None) -> str:
        if not self.color:
            return text
        from typer import style  # noqa: PLC0415 - plain text does without

        return style(text, fg=color, bold=True if color != "cyan" else None)


def _place(source: Source | None, span: Span | None, where: str | None) -> str:
    """Return `model.yaml:3:5`, or `model.json: layers[3].config` for a file without lines."""
    name = source.name if source else ""
    if span and name:
        return f"{name}:{span.line}:{span.column}"
    return ": ".join(part for part in (name, where) if part)


def _window(length: int, first: int, last: int) -> tuple[int, int]:
    """Return the part of a line to show so that characters `first` to `last` are in sight."""
    if length <= _MOST_CHARACTERS:
        return 0, length
    if last < _MOST_CHARACTERS:
        return 0, _MOST_CHARACTERS
    start = max(min(first - _BEFORE_CARET, length - _MOST_CHARACTERS), 0)
    return start, start + _MOST_CHARACTERS
