import pytest
import yaml

from dense_shapes.source import Source
from dense_shapes.spec.document import load

LOADERS = [getattr(yaml, name) for name in ("SafeLoader", "CSafeLoader") if hasattr(yaml, name)]

# The text, the place and the message, the help, the note and its place.
CASES = [
    ("a:\n\tb: 1", "2:1 a tab is used for indentation", "indent with spaces", None),
    ("a: @x", "1:4 a value cannot start with '@'", "put the value in quotes", None),
    ("a: `x", "1:4 a value cannot start with '`'", "put the value in quotes", None),
    (
        "a: b: c",
        "1:5 a second ':' in one line",
        "put the value in quotes, start a new line for the key, or write {key: value} in braces",
        None,
    ),
    ("units:10\nname: x", "1:6 ':' has no space after it", "write a space after ':'", None),
    ("x: 1\nunits:10\nname: x", "2:6 ':' has no space after it", "write a space after ':'", None),
    (
        "a: 1\n  b: 2",
        "2:3 a key cannot stand here",
        "check the indentation of this line, and the ':' of the one before it",
        None,
    ),
    ("a: 1\nb\nc: 2", "2:1 this line is neither 'key: value' nor a '- ' item", "add the ':'", None),
    ("- a\n-b\n- c", "2:1 '-' has no space after it", "write '- ' first", None),
    (
        "a:\n  b: 1\n c: 2",
        "3:2 the indentation of this line fits none of the lines above it",
        "align the keys of a mapping with each other",
        "the mapping starts here 1:1",
    ),
    (
        "b: 1\n- a",
        "2:1 a '-' item stands where a key of the mapping is expected",
        "align the items of a list with each other",
        "the mapping starts here 1:1",
    ),
    (
        "l:\n  - a\n   - b\n - c",
        "4:2 a '-' item stands where a key of the mapping is expected",
        "align the items of a list with each other",
        "the mapping starts here 1:1",
    ),
    (
        "l:\n  - a: 1\n   - b",
        "3:4 this '-' is not in line with the list above it",
        "align the items of a list with each other",
        "the list starts here 2:3",
    ),
    (
        "- a\nb: 1",
        "2:1 this line is neither a '-' item of the list above it nor part of one",
        "align it with the list's '-', or indent it under its item",
        "the list starts here 1:1",
    ),
    (
        "a: [1, 2\nb: 3",
        "1:4 this '[' is not closed before the next key",
        "close the list with ']'",
        None,
    ),
    (
        "a: [\n  {b: 1}\n  {b: 2}\n]",
        "3:3 '[' is not closed: expected ',' or ']', and found '{'",
        "separate the entries with ',' and close the list with ']'",
        "the '[' stands here 1:4",
    ),
    (
        "a: {b: 1\n  c: 2}",
        "2:4 '{' is not closed: expected ',' or '}', and found ':'",
        "separate the entries with ',' and close the mapping with '}'",
        "the '{' stands here 1:4",
    ),
    (
        "a: {b: ${c}}",
        "1:9 '${' cannot stand between '{' and '}' without quotes",
        'put the whole value in quotes, such as "${name}"',
        None,
    ),
    (
        "a: [1]]",
        "1:7 unexpected ']' after a value",
        "look for a bracket or brace too many",
        None,
    ),
    (
        "l:\n  -a\n  - b: 1",
        "2:3 '-' has no space after it",
        "write '- ' first",
        None,
    ),
    (
        "a: {x: 1",
        "1:4 this '{' is never closed",
        "close the mapping with '}'",
        None,
    ),
    (
        "a: [1, [2, 3]\n\n\n",
        "1:4 this '[' is never closed",
        "close the list with ']'",
        None,
    ),
    (
        "a: [1, , 2]",
        "1:8 expected a value, and found ','",
        "remove the comma, or write null for an open size",
        None,
    ),
    (
        "a: ]",
        "1:4 expected a value, and found ']'",
        "look for a bracket or brace too many, or the wrong one",
        None,
    ),
    ("a: [1,", "1:7 the file ends where a value is expected", None, None),
    (
        "{a: 1}}",
        "1:7 unexpected text after the end of the document",
        "look for a bracket or brace too many",
        None,
    ),
    ("a: 'x\nb: 1", "1:4 this quote is never closed", "close the text with '", None),
    ('a: "x', "1:4 this quote is never closed", 'close the text with "', None),
    (
        "a: 'it's'",
        "1:8 unexpected text after a value",
        "put the whole value in one pair of quotes; inside '…' a ' is written ''",
        None,
    ),
    (
        "a: - b",
        "1:4 a list of '-' lines cannot start here",
        "start the list on the next line, or write it as [a, b]",
        None,
    ),
    ("a: ? b", "1:4 '?' cannot start a value", "put the value in quotes", None),
    (
        "a: **b**",
        "1:5 '*' refers to an anchor, and no name follows it",
        "put the value in quotes",
        None,
    ),
    ("a: & b", "1:5 '&' names an anchor, and no name follows it", "put the value in quotes", None),
    ("a: |x\n  y", "1:5 unexpected text after '|' or '>'", "start the text on the next line", None),
    (
        "a: !x!y z",
        "1:4 the tag has an undeclared prefix",
        "remove the tag, or put the text in quotes",
        None,
    ),
    ("%YAML 3.0\n---\na", "1:1 only YAML 1.x can be read", "remove the %YAML line", None),
    (
        "%x: 1",
        "1:3 a line that starts with '%' is a YAML directive, and this one is unknown",
        "put the text in quotes",
        None,
    ),
    (
        "a: é\x07",
        "1:5 character U+0007 is not allowed in YAML",
        "remove it, or write \\x07 inside double quotes",
        None,
    ),
    (
        "a: 1\nb: \x00",
        "2:4 character U+0000 is not allowed in YAML",
        "remove it, or write \\x00 inside double quotes",
        None,
    ),
    (
        "a: \udc80",
        "1:4 character U+DC80 is not allowed in YAML",
        "remove it, or write \\udc80 inside double quotes",
        None,
    ),
    (
        "a: *b",
        "1:4 alias '*b' has no anchor of that name above it",
        "if a text is meant, put it in quotes",
        None,
    ),
]


@pytest.fixture(params=LOADERS, ids=lambda loader: loader.__name__)
def loader(request, monkeypatch):
    """Runs a test with libyaml, where it is there, and without."""
    monkeypatch.setattr(yaml, "CSafeLoader", request.param, raising=False)
    return request.param


@pytest.mark.parametrize(("text", "message", "help_", "note"), CASES)
def test_syntax_errors(text, message, help_, note, loader):
    root, [found] = load(Source("m.yaml", text))
    assert root is None
    assert found.code == "DS002"
    assert f"{found.span.line}:{found.span.column} {found.message}" == message
    assert found.help == help_
    notes = [f"{n.message} {n.span.line}:{n.span.column}" for n in found.notes]
    assert notes == ([note] if note else [])


def test_an_unknown_escape(loader):
    _, [found] = load(Source("m.yaml", 'a: "\\d"'))
    assert found.message == "unknown escape after a backslash in double quotes"
    assert found.help == "use single quotes, or write two backslashes"


@pytest.mark.parametrize("text", ['a: "\\U00110000"', "%YAML 1." + "9" * 5000, "!%e0%80%80 a"])
def test_what_the_parser_itself_stumbles_over(text, loader):
    root, [found] = load(Source("m.yaml", text))
    assert (root, found.code) == (None, "DS002")
