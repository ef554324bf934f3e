import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dense_shapes.diagnostics import CODES
from dense_shapes.render.snippets import render_text
from dense_shapes.source import Source, Span
from dense_shapes.spec import document
from dense_shapes.spec.document import (
    Mapping,
    Scalar,
    Sequence,
    load,
    resolve,
)

LOADERS = [yaml.SafeLoader] + ([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])


@pytest.fixture(params=LOADERS, ids=lambda loader: loader.__name__)
def loader(request, monkeypatch):
    """Runs a test with libyaml, where it is there, and without."""
    monkeypatch.setattr(yaml, "CSafeLoader", request.param, raising=False)
    return request.param


def read(text):
    root, diagnostics = load(Source("m.yaml", text))
    assert diagnostics == []
    return root


def tree(node):
    """A node as Python data, with the texts of its scalars."""
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [tree(item) for item in node.items]
        case Mapping():
            return {key.text: tree(value) for key, value in node.entries}


def nodes(root):
    todo, seen = [root], []
    while todo:
        node = todo.pop()
        seen.append(node)
        if isinstance(node, Sequence):
            todo += node.items
        elif isinstance(node, Mapping):
            todo += [part for entry in node.entries for part in entry]
    return seen


# Trees


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: [x, 'y', \"z\"]\n", {"a": "1", "b": ["x", "y", "z"]}),
        ("- Dense: {units: 10}\n- Flatten\n", [{"Dense": {"units": "10"}}, "Flatten"]),
        ("a:\n  - |\n    x\n    y\n  - >-\n    x\n    y\n", {"a": ["x\ny\n", "x y"]}),
        ("a:\nb: ''\n", {"a": "", "b": ""}),
        ("word", "word"),
        ("'~'", "~"),
        ("[]", []),
        ("{}", {}),
        ('{"a": [1, null], "b": "\\u00e9"}', {"a": ["1", "null"], "b": "é"}),
        ("a: &x [1]\nb: *x\nc: &x 2\nd: *x\n", {"a": ["1"], "b": ["1"], "c": "2", "d": "2"}),
        ("&k a: 1\nb: *k\n", {"a": "1", "b": "a"}),
        ("a: !!python/tuple [1, !!str 2]\nb: !!map {c: !!seq []}\n", None),
        ("%YAML 1.1\n---\na: 1\n...\n", {"a": "1"}),
        ("a: [1,\n  2]\r\nb: {c: 3,\r\n d: 4}\r\n", {"a": ["1", "2"], "b": {"c": "3", "d": "4"}}),
    ],
)
def test_trees(text, expected, loader):
    if expected is None:
        expected = {"a": ["1", "2"], "b": {"c": []}}
    assert tree(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a", True),
        ("'a'", False),
        ('"a"', False),
        ("|\n a", False),
        (">\n a", False),
        ("!!str a", False),
        ("&x a", True),
    ],
)
def test_only_scalars_without_quotes_are_plain(text, plain, loader):
    assert read(text).plain is plain


def test_mapping_lookup():
    root = read("a: 1\nb: 2\n")
    assert root.get("b").text == "2"
    assert root.key_node("b").span == Span(2, 1, 2, 2)
    assert root.get("c") is None
    assert root.key_node("c") is None


def test_aliases_share_nodes():
    root = read("a: &x {b: 1}\nc: *x\n")
    assert root.get("a") is root.get("c")


# Places


@pytest.mark.parametrize(
    ("text", "path", "span"),
    [
        ("a: 1\n", ["a"], Span(1, 4, 1, 5)),
        ("é: ü\n", ["é"], Span(1, 4, 1, 5)),
        ("日本: [ü, 😀, b]\n", ["日本", 2], Span(1, 12, 1, 13)),
        ("# 😀\r\na: 'x y' # z\r\n", ["a"], Span(2, 4, 2, 9)),
        ("\ufeffa: b\n", ["a"], Span(1, 4, 1, 5)),
        ("\ufeff\nb: c\n", ["b"], Span(2, 4, 2, 5)),
        ("a: 1\rb: 2\u2028c: 3\n", ["c"], Span(3, 4, 3, 5)),
        ("a:\nb: 1\n", ["a"], Span(1, 3, 1, 3)),
        ("a:\n?", [""], Span(2, 2, 2, 2)),
        ("a: 'x\n  y'\n", ["a"], Span(1, 4, 2, 5)),
        ("a: |\n  x\n\n\nb: 1\n", ["a"], Span(1, 4, 1, 5)),
        # Flow collections end at their bracket, or with their first line's content.
        ("a: [1, 2] # c\n", ["a"], Span(1, 4, 1, 10)),
        ("a: [1, 2,  # c\n  3]\n", ["a"], Span(1, 4, 1, 9)),
        ("a: [ # c\n  3]\n", ["a"], Span(1, 4, 1, 5)),
        ("a: [b, {c: d,\n  e: f}]\n", ["a"], Span(1, 4, 1, 13)),
        # So do block collections.
        ("a: 1\nb: 2\n", [], Span(1, 1, 1, 5)),
        ("- Dense: {units: 3}  # c\n- Flatten\n", [0], Span(1, 3, 1, 20)),
        ("a:\n  - b\n  - c\n\n\nd: 1\n", ["a"], Span(2, 3, 2, 6)),
        ("a:\n  b:\n    c: 1\n", ["a"], Span(2, 3, 2, 4)),
        ("- - - a\n    - b\n", [], Span(1, 1, 1, 8)),
        ("- &x {a:\n 1}\n- [*x, *x,\n *x]\n", [1], Span(3, 3, 3, 4)),
        ("{a: &x [&y [1\n], *y], b: *x}\n", [], Span(1, 1, 1, 14)),
    ],
)
def test_spans(text, path, span, loader):
    node = read(text)
    for step in path:
        node = node.items[step] if isinstance(step, int) else node.get(step)
    assert node.span == span


@pytest.mark.skipif(len(LOADERS) < 2, reason="only libyaml takes tabs between words")
def test_spans_after_tabs():
    root = read("a:\t'x y'\t# z\r\nb: \t[c,\td]\r\n")
    assert root.get("a").span == Span(1, 4, 1, 9)
    assert root.get("b").items[1].span == Span(2, 9, 2, 10)


words = st.text(st.sampled_from("ab_é日😀"), min_size=1, max_size=5)
plain_trees = st.recursive(
    words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("loader_class", LOADERS)
@given(value=plain_trees, flow=st.sampled_from([None, True, False]), line_break=st.just("\r\n"))
def test_marks_point_at_what_is_written(loader_class, value, flow, line_break):
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow)
    for written in (text, text.replace("\n", line_break), "\ufeff" + text):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(yaml, "CSafeLoader", loader_class, raising=False)
            source = Source("m", written)
            root, diagnostics = load(source)
        assert diagnostics == []
        assert tree(root) == value
        for node in nodes(root):
            span = node.span
            shown = source.line(span.line)[span.column - 1 : span.end_column - 1]
            if isinstance(node, Scalar) and node.plain and span.line == span.end_line:
                assert shown == node.text
            if not isinstance(node, Scalar):
                assert shown == shown.strip()
                assert shown


# Problems


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# only\n# comments", "---\n", "---\n...\n", "\ufeff"]
)
def test_empty(text, loader):
    root, [found] = load(Source("m.yaml", text))
    message = "the file is empty but for comments" if "#" in text else "the file is empty"
    assert (root, found.code, found.message) == (None, "DS003", message)


def test_duplicate_keys(loader):
    root, found = load(Source("m.yaml", "a: 1\nb: {c: 1, 'c': 2}\na: {d: 3}\n"))
    assert tree(root) == {"a": "1", "b": {"c": "1"}}
    assert render_text(found).split("\n") == [
        "error[DS007]: duplicate key 'c'",
        "  --> m.yaml:2:11",
        "   |",
        " 2 | b: {c: 1, 'c': 2}",
        "   |           ^^^ already given",
        "   = note: it is first given here (m.yaml:2:5)",
        "",
        "error[DS007]: duplicate key 'a'",
        "  --> m.yaml:3:1",
        "   |",
        " 3 | a: {d: 3}",
        "   | ^ already given on line 1",
        "   = note: it is first given here (m.yaml:1:1)",
    ]


@pytest.mark.parametrize(
    ("text", "expected", "kept"),
    [
        ("a: !!int 3", (1, 4, 9, "tag '!!int' is not supported"), {"a": "3"}),
        ("a: &x !y [1]", (1, 7, 9, "tag '!y' is not supported"), {"a": ["1"]}),
        ("a: !!python/tuple {}", (1, 4, 18, "tag '!!python/tuple' is not supported"), {"a": {}}),
        ("a: [!!map x]", (1, 5, 10, "tag '!!map' is not supported"), {"a": ["x"]}),
        ("! a", (1, 1, 2, "tag '!' is not supported"), "a"),
        (
            "a: !!python/object/apply:os.system ['x']",
            (1, 4, 35, "tag '!!python/object/apply:os.system' is not supported"),
            {"a": ["x"]},
        ),
    ],
)
def test_tags(text, expected, kept, loader):
    root, [found] = load(Source("m.yaml", text))
    line, column, end_column, message = expected
    assert found.span == Span(line, column, line, end_column)
    assert found.code == "DS004"
    assert found.message == (f"{message}: nothing is executed or constructed from a model file")
    assert tree(root) == kept


def test_a_second_document(loader):
    root, [found] = load(Source("m.yaml", "a: 1\n---\nb: 2\n---\nc: 3\n"))
    assert tree(root) == {"a": "1"}
    assert (found.code, found.span) == ("DS004", Span(2, 1, 2, 4))


def test_a_merge_key(loader):
    root, [found] = load(Source("m.yaml", "a: {<<: {b: 1}, c: 2}\nd: {'<<': 3}\n"))
    assert tree(root) == {"a": {"c": "2"}, "d": {"<<": "3"}}
    assert (found.code, found.span) == ("DS004", Span(1, 5, 1, 7))


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("[1, 2]: 3\nb: 1", "a key must be a word, not a list", None),
        (
            "a: {{x}}\nb: 1",
            "a key must be a word, not a mapping",
            "a variable is written ${name}, with one pair of braces",
        ),
        ("? c: 1\n: 2\nb: 1", "a key must be a word, not a mapping", None),
    ],
)
def test_keys_that_are_no_words(text, message, help_, loader):
    root, [found] = load(Source("m.yaml", text))
    assert (found.code, found.message, found.help) == ("DS004", message, help_)
    assert root.get("b").text == "1"


# Limits

LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("[" * 100_000, "DS005", "nested more than 100 levels deep"),
        ("{a: " * 100_000, "DS005", "nested more than 100 levels deep"),
        ("- " * 100_000, "DS005", "nested more than 100 levels deep"),
        ("? " * 100_000, "DS005", "nested more than 100 levels deep"),
        (
            f"a: &a {'[' * 90}{']' * 90}\nb: {'[' * 20}*a{']' * 20}",
            "DS005",
            "nested more than 100 levels deep",
        ),
        (LAUGHS, "DS005", "the file has more than 4,000,000 nodes, those of aliases included"),
        (
            "a: &a [*a]",
            "DS005",
            "alias '*a' stands inside the node that it repeats, which has no end",
        ),
        ("\0" * 1_000_000, "DS002", "character U+0000 is not allowed in YAML"),
        ("'" + "x" * 1_000_000, "DS002", "this quote is never closed"),
        (
            "a: *" + "x" * 100_000,
            "DS002",
            f"alias '*{'x' * 60}…' has no anchor of that name above it",
        ),
    ],
    ids=lambda value: str(value)[:12],
)
def test_limits(text, code, message, loader):
    start = time.process_time()
    root, [found] = load(Source("m.yaml", text))
    render_text([found])
    assert time.process_time() - start < 3
    assert (root, found.code, found.message) == (None, code, message)


def test_a_hundred_levels_are_allowed(loader):
    assert read("[" * 100 + "]" * 100)


def test_a_long_line_is_read(loader):
    assert len(read("a: " + "x" * 1_000_000).get("a").text) == 1_000_000


def test_too_many_nodes(monkeypatch):
    monkeypatch.setattr(document, "MAX_NODES", 5)
    assert read("[1, 2, 3, 4]")
    root, [found] = load(Source("m", "[1, 2, 3, 4, 5]"))
    assert (root, found.code, found.span) == (None, "DS005", Span(1, 14, 1, 15))


def test_too_many_characters(monkeypatch):
    monkeypatch.setattr(document, "MAX_CHARACTERS", 5)
    root, [found] = load(Source("m", "123456"))
    assert (root, found.message) == (None, "the file is longer than 5 characters")


# Anything at all

SPEC = """\
name: net  # é
input_shape: [32, 32, 3]
vars: &v {width: 64, 'q': "\\u00e9"}
layers:
  - Conv2D: {filters: width, kernel_size: 3}
  - Flatten
  - Dense:
      units: !!str 512
      other: *v
  - {type: Dense, units: 10}
text: |
  a
  b
"""
characters = st.characters(categories=["Cs", "Cc", "L", "N", "P", "Zs", "Zl"])
pieces = st.lists(
    st.sampled_from(
        [
            *list("[]{}:,-?&*!|>'\"%@`#~=\n\t\r "),
            "- ",
            ": ",
            "\n  ",
            "<<: ",
            "---\n",
            "&a ",
            "*a ",
            "!!str ",
            "a",
            "1",
            "\x00",
            "\ufeff",
            "\u2028",
            "é",
            "\ud800",
            "...",
            "\\x",
            '"\\U',
        ]
    )
).map("".join)


@st.composite
def mutated(draw):
    text = SPEC
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        stop = min(len(text), start + draw(st.integers(0, 8)))
        text = text[:start] + draw(pieces | st.text(characters, max_size=3)) + text[stop:]
    return text


@pytest.mark.parametrize("loader_class", LOADERS)
@given(text=st.text(characters) | pieces | mutated())
def test_no_text_raises(loader_class, text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "CSafeLoader", loader_class, raising=False)
        source = Source("m.yaml", text)
        root, found = load(source)
    assert root is not None or found
    for diagnostic in found:
        assert diagnostic.code in CODES
        for span in (diagnostic.span, *(note.span for note in diagnostic.notes)):
            if span:
                assert 1 <= span.line <= len(source.lines)
                assert 1 <= span.column <= len(source.line(span.line)) + 1
                assert (span.end_line, span.end_column) >= (span.line, span.column)
    for node in nodes(root) if root else ():
        assert node.span.line <= len(source.lines)
        if isinstance(node, Scalar):
            resolve(node)
    render_text(found, color=True)
    render_text(found, ascii_only=True).encode("ascii")
