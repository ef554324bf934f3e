import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dense_shapes.diagnostics import Diagnostic, Note
from dense_shapes.render.snippets import render_text
from dense_shapes.render.text import display_width, to_ascii, visible
from dense_shapes.source import Source, Span

SOURCE = Source("model.yaml", "layers:\n  - Conv2D:\n    kernal_size: [3, 3]\n")


def at(line, column, end_line, end_column, text, **details):
    return Diagnostic(
        code="DS102",
        message="m",
        span=Span(line, column, end_line, end_column),
        source=Source("m.yaml", text),
        **details,
    )


CASES = {
    "the form of the design": (
        Diagnostic(
            code="DS102",
            message="unknown option 'kernal_size' for Conv2D",
            span=Span(3, 5, 3, 16),
            label="did you mean 'kernel_size'?",
            source=SOURCE,
        ),
        """\
error[DS102]: unknown option 'kernal_size' for Conv2D
  --> model.yaml:3:5
   |
 3 |     kernal_size: [3, 3]
   |     ^^^^^^^^^^^ did you mean 'kernel_size'?""",
    ),
    "help and notes": (
        at(
            2,
            1,
            2,
            2,
            "a: 1\na: 2\n",
            severity="warning",
            help="remove one",
            notes=[Note("first here", Span(1, 1, 1, 2)), Note("by the way")],
        ),
        """\
warning[DS102]: m
  --> m.yaml:2:1
   |
 2 | a: 2
   | ^
   = help: remove one
   = note: first here (m.yaml:1:1)
   = note: by the way""",
    ),
    "a wide gutter": (
        at(100, 1, 100, 2, "\n" * 99 + "x", help="h"),
        """\
error[DS102]: m
    --> m.yaml:100:1
     |
 100 | x
     | ^
     = help: h""",
    ),
    "no place": (Diagnostic(code="DS003", message="m"), "error[DS003]: m"),
    "no span": (
        Diagnostic(code="DS003", message="m", source=SOURCE),
        "error[DS003]: m\n  --> model.yaml",
    ),
    "a path": (
        Diagnostic(
            code="DS105",
            message="m",
            source=Source("model.json", ""),
            where="layers[3].config.strides",
            label="did you mean 'x'?",
        ),
        """\
error[DS105]: m
  --> model.json: layers[3].config.strides
   = help: did you mean 'x'?""",
    ),
    "a path without a file": (
        Diagnostic(code="DS105", message="m", where="layers[3]", label="l.", help="h", notes=[]),
        "error[DS105]: m\n  --> layers[3]\n   = help: l. h",
    ),
    "several lines": (
        at(1, 4, 3, 2, "a: [1,  \n 2,\n]\n"),
        "error[DS102]: m\n  --> m.yaml:1:4\n   |\n 1 | a: [1,\n   |    ^^^",
    ),
    "no width": (
        at(1, 3, 1, 3, "a:\nb: 1\n"),
        "error[DS102]: m\n  --> m.yaml:1:3\n   |\n 1 | a:\n   |   ^",
    ),
    "past the end of the line": (
        at(1, 9, 1, 20, "a:\n"),
        "error[DS102]: m\n  --> m.yaml:1:9\n   |\n 1 | a:\n   |   ^",
    ),
    "past the end of the file": (
        at(9, 1, 9, 2, "a:\n"),
        "error[DS102]: m\n  --> m.yaml:9:1",
    ),
    "an empty line": (
        at(1, 1, 1, 2, "\n"),
        "error[DS102]: m\n  --> m.yaml:1:1\n   |\n 1 |\n   | ^",
    ),
    "tabs and control characters": (
        at(1, 4, 1, 7, "a\tb\x1bc\td\n"),
        "error[DS102]: m\n  --> m.yaml:1:4\n   |\n 1 | a b\\x1bc d\n   |    ^^^^^^",
    ),
    "wide and combining characters": (
        at(1, 5, 1, 8, "日本: 語e\u0301x\n"),
        "error[DS102]: m\n  --> m.yaml:1:5\n   |\n 1 | 日本: 語e\u0301x\n   |       ^^^",
    ),
    "a message that would move the cursor": (
        Diagnostic(code="DS102", message="a\nb\x1b[31m\ud800", where="x\ry"),
        "error[DS102]: a\\nb\\x1b[31m\\ud800\n  --> x\\ry",
    ),
}


@pytest.mark.parametrize(("diagnostic", "expected"), CASES.values(), ids=CASES)
def test_text(diagnostic, expected):
    assert render_text([diagnostic]) == expected


@pytest.mark.parametrize(
    ("column", "end_column", "shown", "carets"),
    [
        (1, 3, "a" * 50 + "b" * 70 + "…", "^^"),
        (45, 60, "a" * 50 + "b" * 70 + "…", " " * 44 + "^" * 15),
        (151, 153, "…" + "b" * 40 + "c" * 80 + "…", " " * 41 + "^^"),
        (290, 301, "…" + "c" * 120, " " * 110 + "^" * 11),
        (151, 301, "…" + "b" * 40 + "c" * 80 + "…", " " * 41 + "^" * 80),
    ],
)
def test_long_lines_are_windowed(column, end_column, shown, carets):
    text = "a" * 50 + "b" * 100 + "c" * 150
    lines = render_text([at(1, column, 1, end_column, text)]).split("\n")
    assert lines[3:] == [f" 1 | {shown}", f"   | {carets}"]


def test_an_endless_line_is_quick_and_its_message_is_whole():
    message = "x" * 500
    source = Source("m", "y" * 1_000_000)
    text = render_text(
        [
            Diagnostic(
                code="DS002", message=message, span=Span(1, 500_000, 1, 900_000), source=source
            )
        ]
    )
    assert message in text
    assert len(text) < 900


def test_diagnostics_are_separated_by_a_blank_line():
    one = Diagnostic(code="DS003", message="m")
    assert render_text([]) == ""
    assert render_text([one, one]) == "error[DS003]: m\n\nerror[DS003]: m"


def test_ascii_keeps_the_carets_in_place():
    diagnostic = at(1, 3, 1, 5, "é ×é" + "x" * 200, label="→ 3×3", help="a … b")
    text = render_text([diagnostic], ascii_only=True)
    assert text.split("\n")[3:] == [
        " 1 | \\xe9 x\\xe9" + "x" * 116 + "...",
        "   |      ^^^^^ -> 3x3",
        "   = help: a ... b",
    ]


def test_colors():
    text = render_text([CASES["help and notes"][0]], color=True)
    assert text.split("\n")[0] == "\x1b[33m\x1b[1mwarning[DS102]\x1b[0m\x1b[1m: m\x1b[0m"
    assert "\x1b[36mhelp\x1b[0m" in text
    assert "\x1b[34m\x1b[1m-->\x1b[0m m.yaml:2:1" in text
    assert "\x1b[31m\x1b[1merror" in render_text([CASES["no place"][0]], color=True)


text_with_anything = st.text(
    st.characters() | st.sampled_from("\t\x1b\u202e日é\u0301×…\ud800\x85\x9b")
)


@given(
    text=text_with_anything,
    message=text_with_anything,
    place=st.tuples(*[st.integers(1, 200)] * 4),
    times=st.sampled_from([1, 50]),
    ascii_only=st.booleans(),
)
def test_laws(text, message, place, times, ascii_only):
    span = Span(place[0], place[1], max(place[0], place[2]), place[3])
    source = Source("m.yaml", text * times)
    diagnostic = Diagnostic(
        code="DS102", message=message, span=span, source=source, label="l", notes=[Note("n", span)]
    )
    plain = render_text([diagnostic], ascii_only=ascii_only)
    colored = render_text([diagnostic], color=True, ascii_only=ascii_only)
    assert re.sub("\x1b\\[[0-9]+m", "", colored) == plain
    plain.encode("ascii" if ascii_only else "utf-8")
    assert "\x1b" not in plain
    lines = plain.splitlines()
    assert len(lines) in (4, 6)
    # 120 characters of a line are shown, each of which may take an escape of 10 signs.
    assert max(map(display_width, lines[2:])) < 1300


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("32×32 · 3 → 4 … – — ≥ ≤", "32x32 * 3 -> 4 ... - - >= <="),
        ("é日😀", "\\xe9\\u65e5\\U0001f600"),
        ("\ud800", "\\ud800"),
    ],
)
def test_to_ascii(text, expected):
    assert to_ascii(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("é 日 😀 e\u0301", "é 日 😀 e\u0301"),
        ("a\tb\nc\\d", "a\\tb\\nc\\d"),
        ("\x1b[0m\x9b\x7f\0", "\\x1b[0m\\x9b\\x7f\\x00"),
        ("\u202e\u2028\ufeff\udc80", "\\u202e\\u2028\\ufeff\\udc80"),
    ],
)
def test_visible(text, expected):
    assert visible(text) == expected


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("é", 1), ("日本", 4), ("e\u0301", 1), ("ａ", 2)]
)
def test_display_width(text, width):
    assert display_width(text) == width
