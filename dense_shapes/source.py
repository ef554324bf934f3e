"""A text with a name, and places in it."""

import re
from typing import NamedTuple

# What YAML takes for a line break, in the words of PyYAML's marks. `str.splitlines` knows more.
_BREAK = "\r\n|[\n\r\x85\u2028\u2029]"
_BOM_UTF8 = b"\xef\xbb\xbf"
_BOMS_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_BOMS_UTF32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_CONTROLS = bytes({*range(1, 32), 127} - {*b"\t\n\v\f\r\x1b"})
"""What no text has in it, whatever its encoding; zeros are half of a text in UTF-16."""


class Span(NamedTuple):
    """A stretch of a text: lines and columns count from 1, columns count characters.

    The end is exclusive: `Span(3, 5, 3, 8)` are three characters of line 3.
    """

    line: int
    column: int
    end_line: int
    end_column: int


class DecodeError(ValueError):
    """Bytes that are not text in an encoding that YAML and JSON may be written in.

    Attributes:
        message: What is wrong, in one line.
        offset: Where in the bytes, counted from 0.
        binary: Whether the bytes are most likely no text in any encoding.
    """

    def __init__(self, message: str, offset: int, *, binary: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.binary = binary


class Source:
    """The text of one file, under the name that messages cite.

    Attributes:
        name: What the user calls the file.
        text: All of it, without a byte order mark.
    """

    __slots__ = ("_lines", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        # YAML's marks do not count a leading mark, so that neither may the shown lines.
        self.text = text.removeprefix("\ufeff")
        self._lines: list[str] | None = None

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {len(self.text)} characters)"

    @property
    def lines(self) -> list[str]:
        """The lines without their breaks; a final break is followed by an empty line."""
        if self._lines is None:
            self._lines = re.split(_BREAK, self.text)
        return self._lines

    def line(self, number: int) -> str:
        """Return one line, counted from 1; what lies outside the text is empty."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def span_at(self, offset: int) -> Span:
        """Return the span of the character at an offset into the text."""
        line, start = 1, 0
        for found in re.finditer(_BREAK, self.text):
            if found.end() > offset:
                break
            line, start = line + 1, found.end()
        column = offset - start + 1
        return Span(line, column, line, column + 1)


def decode(name: str, data: bytes) -> Source:
    """Read bytes as UTF-8, with or without a byte order mark, or as UTF-16 with one.

    Args:
        name: What the user calls the file.
        data: Its content.

    Returns:
        The text, without the mark.

    Raises:
        DecodeError: The bytes are something else.
    """
    start, encoding, written = 0, "utf-8", "UTF-8"
    if data.startswith(_BOMS_UTF32):
        raise DecodeError("the text is UTF-32; save it as UTF-8", 0)
    if data.startswith(_BOM_UTF8):
        start = len(_BOM_UTF8)
    elif data[:2] in _BOMS_UTF16:
        start, encoding, written = 2, _BOMS_UTF16[data[:2]], "UTF-16"
    elif (nul := data.find(0)) >= 0:
        if _is_binary(data):
            raise DecodeError(f"it holds binary data (byte {nul} is 0)", nul, binary=True)
        raise DecodeError(f"byte {nul} is 0, which no text contains; save the file as UTF-8", nul)
    try:
        return Source(name, data[start:].decode(encoding))
    except UnicodeDecodeError as error:
        offset = start + error.start
        place = f"byte {offset}"
        if _is_binary(data):
            told = f"it holds binary data ({place} is 0x{data[offset]:02x})"
            raise DecodeError(told, offset, binary=True) from None
        if encoding == "utf-8":
            place += f" (0x{data[offset]:02x}, on line {data.count(10, 0, offset) + 1})"
        message = f"{place} is not valid {written}; save the file as UTF-8"
        raise DecodeError(message, offset) from None


def _is_binary(data: bytes) -> bool:
    """Tell whether bytes that cannot be decoded are no text: one in fifty is a control character.

    Of random bytes one in ten is, of any text hardly one.
    """
    head = data[:4096]
    return (len(head) - len(head.translate(None, _CONTROLS))) * 50 > len(head)
