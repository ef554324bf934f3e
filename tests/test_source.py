from random import Random

import pytest

from dense_shapes.api import analyse
from dense_shapes.source import DecodeError, Source, Span, decode


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\nb\r\nc\rd", ["a", "b", "c", "d"]),
        ("a\x85b\u2028c\u2029d", ["a", "b", "c", "d"]),
        ("\r\n\n\r", ["", "", "", ""]),
        ("a\x0bb\x0cc\x1cd", ["a\x0bb\x0cc\x1cd"]),
        ("\ufeffa", ["a"]),
    ],
)
def test_lines_are_those_of_yaml(text, lines):
    assert Source("m", text).lines == lines


def test_a_line_outside_the_text_is_empty():
    source = Source("m", "a\nb")
    assert [source.line(number) for number in (-1, 0, 1, 2, 3)] == ["", "", "a", "b", ""]


@pytest.mark.parametrize(
    ("offset", "span"),
    [
        (0, Span(1, 1, 1, 2)),
        (1, Span(1, 2, 1, 3)),
        (2, Span(2, 1, 2, 2)),
        (3, Span(2, 2, 2, 3)),
        (5, Span(3, 1, 3, 2)),
        (6, Span(3, 2, 3, 3)),
    ],
)
def test_an_offset_becomes_a_line_and_a_column(offset, span):
    assert Source("m", "a\né\r\nc").span_at(offset) == span


@pytest.mark.parametrize(
    "data",
    [
        "é: 日本 😀".encode(),
        "é: 日本 😀".encode("utf-8-sig"),
        b"\xff\xfe" + "é: 日本 😀".encode("utf-16-le"),
        b"\xfe\xff" + "é: 日本 😀".encode("utf-16-be"),
    ],
)
def test_unicode_is_decoded(data):
    source = decode("m.yaml", data)
    assert (source.name, source.text) == ("m.yaml", "é: 日本 😀")


def test_nothing_is_an_empty_text():
    assert decode("m", b"").text == ""


@pytest.mark.parametrize(
    ("data", "offset", "message"),
    [
        (
            b"a: 1\nb: \xe9\n",
            8,
            "byte 8 (0xe9, on line 2) is not valid UTF-8; save the file as UTF-8",
        ),
        (
            b"\xef\xbb\xbfa\xff",
            4,
            "byte 4 (0xff, on line 1) is not valid UTF-8; save the file as UTF-8",
        ),
        (
            b"\xed\xa0\x80",
            0,
            "byte 0 (0xed, on line 1) is not valid UTF-8; save the file as UTF-8",
        ),
        (b"a\0b\0", 1, "byte 1 is 0, which no text contains; save the file as UTF-8"),
        (b"\xff\xfea", 2, "byte 2 is not valid UTF-16; save the file as UTF-8"),
        (b"\xff\xfe\x00\xd8", 2, "byte 2 is not valid UTF-16; save the file as UTF-8"),
        (b"\xff\xfe\0\0a\0\0\0", 0, "the text is UTF-32; save it as UTF-8"),
        (b"\0\0\xfe\xff", 0, "the text is UTF-32; save it as UTF-8"),
    ],
)
def test_other_bytes_are_refused(data, offset, message):
    with pytest.raises(DecodeError) as caught:
        decode("m", data)
    assert (str(caught.value), caught.value.message, caught.value.offset) == (
        message,
        message,
        offset,
    )


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("size", [200, 5000])
def test_random_bytes_are_told_from_texts_in_another_encoding(seed, size):
    with pytest.raises(DecodeError) as caught:
        decode("m", b"\xff" + Random(seed).randbytes(size))
    assert caught.value.binary
    assert "it holds binary data (byte " in caught.value.message
    for encoding in ("latin-1", "utf-16-le", "cp1252"):
        with pytest.raises(DecodeError) as caught:
            decode("m", "# d\xe9j\xe0 vu, \xfcber\ninput_shape: [3]\n".encode(encoding) * 20)
        assert not caught.value.binary


def test_a_binary_file_is_told_what_is_read(tmp_path):
    (tmp_path / "x.bin").write_bytes(b"\x9c" + Random(3).randbytes(2000))
    (told,) = analyse(tmp_path / "x.bin").diagnostics
    assert told.code == "DS001"
    assert "files of ONNX and PyTorch and SavedModels are not" in told.help
