"""Text for terminals and files of any encoding: plain ASCII, nothing invisible, known widths."""

import re
from functools import cache

_LOOK_ALIKES = {
    ord(sign): plain
    for sign, plain in (
        ("×", "x"),
        ("·", "*"),
        ("→", "->"),
        ("…", "..."),
        ("–", "-"),
        ("—", "-"),
        ("≥", ">="),
        ("≤", "<="),
    )
}


def to_ascii(text: str) -> str:
    r"""Return a text in ASCII: our own signs by look-alikes, the rest as Python escapes.

    >>> to_ascii("32×32 → é")
    '32x32 -> \\xe9'
    """
    if text.isascii():
        return text
    return text.translate(_LOOK_ALIKES).encode("ascii", "backslashreplace").decode("ascii")


def visible(text: str) -> str:
    r"""Return a text with what a terminal would obey, hide or fail on as Python escapes.

    These are control characters, lone surrogates, and marks that change the writing direction.

    >>> print(visible("a\x1b[31mb"))
    a\x1b[31mb
    """
    if text.isascii() and text.isprintable():
        return text
    return _invisible().sub(lambda found: _escape(found[0]), text)


def display_width(text: str) -> int:
    """Return how many columns a text without control characters takes in a terminal.

    >>> display_width("日本")
    4
    """
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width  # noqa: PLC0415 - few texts need it

    width = 0
    for char in text:
        if category(char) not in ("Mn", "Me", "Cf"):
            width += 2 if east_asian_width(char) in "WF" else 1
    return width


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


@cache
def _invisible() -> re.Pattern[str]:
    return re.compile(
        "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
    )
