"""What is wrong with a file, as plain data; `render` turns it into text."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from dense_shapes.source import Source, Span


class Severity:
    """The names of the severities, as they are printed."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


CODES: dict[str, tuple[str, str]] = {
    "DS001": (Severity.ERROR, "file cannot be read"),
    "DS002": (Severity.ERROR, "YAML or JSON syntax"),
    "DS003": (Severity.ERROR, "empty file"),
    "DS004": (Severity.ERROR, "unsafe or unsupported YAML feature"),
    "DS005": (Severity.ERROR, "over a limit"),
    "DS006": (Severity.ERROR, "ambiguous scalar"),
    "DS007": (Severity.ERROR, "duplicate key"),
    "DS008": (Severity.ERROR, "not a model of a known kind"),
    "DS009": (Severity.ERROR, "kind not supported yet"),
    "DS010": (Severity.ERROR, "model that could not be examined"),
    "DS101": (Severity.ERROR, "unknown key of the spec"),
    "DS102": (Severity.ERROR, "unknown option"),
    "DS103": (Severity.ERROR, "unknown layer type"),
    "DS104": (Severity.ERROR, "missing option or key"),
    "DS105": (Severity.ERROR, "wrong type or value"),
    "DS106": (Severity.ERROR, "expression"),
    "DS107": (Severity.ERROR, "unknown name"),
    "DS108": (Severity.ERROR, "duplicate layer name"),
    "DS110": (Severity.ERROR, "options that exclude each other"),
    "DS111": (Severity.ERROR, "reference to a layer or output that is not there"),
    "DS112": (Severity.ERROR, "layers that feed each other in a circle"),
    "DS113": (Severity.ERROR, "wrong number of inputs"),
    "DS114": (Severity.ERROR, "block that calls itself"),
    "DS201": (Severity.ERROR, "shape error: a layer cannot accept its input"),
    "DS202": (Severity.ERROR, "size must be known"),
    "DS203": (Severity.ERROR, "size out of range"),
    "DS204": (Severity.ERROR, "output shape cannot be known"),
    "DS301": (Severity.WARNING, "advice: Dense applied at every position"),
    "DS302": (Severity.WARNING, "advice: layer that feeds nothing"),
    "DS303": (Severity.WARNING, "advice: parameters are not known"),
    "DS304": (Severity.WARNING, "advice: block that is never used"),
    "DS310": (Severity.WARNING, "the file records another shape"),
    "DS311": (Severity.WARNING, "the file lists other weights"),
    "DS312": (Severity.WARNING, "function of the user's own, taken to keep the shape"),
    "DS401": (Severity.ERROR, "expectation: another output shape"),
    "DS402": (Severity.ERROR, "expectation: a count out of bounds"),
    "DS403": (Severity.ERROR, "expectation: no such layer"),
    "DS404": (Severity.ERROR, "expectation: a layer that was to be absent"),
    "DS405": (Severity.ERROR, "expectation: another layer type"),
    "DS406": (Severity.ERROR, "expectation: a forbidden layer type"),
    "DS407": (Severity.ERROR, "expectation: a required layer type is missing"),
    "DS408": (Severity.ERROR, "expectation: not decided for every size"),
    "DS409": (Severity.ERROR, "expectation: what it is about is not known"),
    "DS410": (Severity.NOTE, "nothing is expected"),
    "DS420": (Severity.ERROR, "baseline that cannot be read"),
    "DS421": (Severity.ERROR, "baseline: model that it does not hold"),
    "DS422": (Severity.ERROR, "baseline: layer added"),
    "DS423": (Severity.ERROR, "baseline: layer removed"),
    "DS424": (Severity.ERROR, "baseline: layer changed"),
    "DS425": (Severity.ERROR, "baseline: layer renamed"),
    "DS426": (Severity.ERROR, "baseline: layer moved"),
    "DS427": (Severity.ERROR, "baseline: other inputs or outputs"),
    "DS428": (Severity.ERROR, "baseline: other totals"),
    "DS429": (Severity.ERROR, "baseline: other requirements"),
    "DS430": (Severity.ERROR, "baseline: model whose file is gone"),
    "DS501": (Severity.ERROR, "cannot be written in the form asked for"),
    "DS502": (Severity.NOTE, "not quite as it was, after it was written anew"),
}
"""Every code that is emitted: its usual severity and a title of one line."""

# A word longer than this is no slip of the pen, and comparing it would take long.
_LONGEST_WORD = 100
_LONGEST_SHOWN = 60
_NOWHERE = 1 << 60
_NUMBERS = re.compile(r"\[(\d{1,9})\]")


class Note(NamedTuple):
    """A further remark, and the place in the same file that it cites."""

    message: str
    span: Span | None = None


class Diagnostic:
    """One problem of one file.

    Attributes:
        code: Its kind, a key of `CODES`.
        severity: One of `Severity`; by default the usual one of the code.
        message: What was found and what was expected, in one line.
        span: Where, in files that have lines.
        label: A few words to stand beside the caret.
        notes: Further places that play a part.
        help: What to do about it.
        layer: The name of the layer concerned.
        source: The file.
        where: Where, as a path such as `layers[3].config.strides`, in files without lines.
    """

    __slots__ = (  # noqa: RUF023 - the order in which they are shown
        "code",
        "severity",
        "message",
        "span",
        "label",
        "notes",
        "help",
        "layer",
        "source",
        "where",
    )

    def __init__(
        self,
        *,
        code: str,
        message: str,
        severity: str | None = None,
        span: Span | None = None,
        label: str = "",
        notes: Iterable[Note] = (),
        help: str | None = None,  # noqa: A002 - it is called so in the published JSON
        layer: str | None = None,
        source: Source | None = None,
        where: str | None = None,
    ) -> None:
        self.code = code
        self.severity = severity or CODES.get(code, (Severity.ERROR,))[0]
        self.message = message
        self.span = span
        self.label = label
        self.notes = tuple(notes)
        self.help = help
        self.layer = layer
        self.source = source
        self.where = where

    # Readers fill in the layer and the source late, so that there is no hash.
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Diagnostic):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __repr__(self) -> str:
        given = ((name, getattr(self, name)) for name in self.__slots__)
        return f"Diagnostic({', '.join(f'{n}={v!r}' for n, v in given if v not in (None, '', ()))})"

    def to_dict(self) -> dict[str, str | int | None]:
        """Return the published JSON form; what is absent is null."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "layer": self.layer,
            "line": self.span.line if self.span else None,
            "column": self.span.column if self.span else None,
            "help": self.help if self.help is not None else self.label or None,
        }


def sort_key(diagnostic: Diagnostic) -> tuple[int, int, tuple[int, ...]]:
    """Order the diagnostics of a file by place; those without one come last, as they came.

    In a file without lines, what is before the layers comes first, and what ends the model last.
    """
    span, where = diagnostic.span, diagnostic.where
    if span:
        return span.line, span.column, ()
    if where is None:
        return _NOWHERE, 3, ()
    if where.startswith("layers["):
        return _NOWHERE, 1, tuple(map(int, _NUMBERS.findall(where)))
    return _NOWHERE, 2 if where.startswith(("output", "expect")) else 0, ()


def shorten(text: str) -> str:
    """Return a text from a file in a length that is fit for a message.

    >>> len(shorten("x" * 1000))
    61
    """
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def suggest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `word` was probably meant to be, if there is one.

    >>> suggest("kernal_size", ["filters", "kernel_size"])
    'kernel_size'
    """
    return None if len(word) > _LONGEST_WORD else _suggest(word, tuple(candidates))


@lru_cache(maxsize=1000)
def _suggest(word: str, candidates: tuple[str, ...]) -> str | None:
    lowered: dict[str, str] = {}
    for candidate in candidates:
        if candidate != word:
            lowered.setdefault(candidate.lower(), candidate)
    found = lowered.get(word.lower())
    if found is None and lowered:
        from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt file pays for it

        close = get_close_matches(word.lower(), lowered, n=1, cutoff=0.65)
        found = lowered[close[0]] if close else None
    return found


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return the suggestion as a question, or an empty string."""
    found = suggest(word, candidates)
    return f"did you mean '{found}'?" if found is not None else ""
