from hypothesis import given
from hypothesis import strategies as st

from dense_shapes.spec import data
from dense_shapes.spec.data import plain_data
from dense_shapes.spec.nodes import Mapping, Scalar, Sequence, path_text
from dense_shapes.spec.scalars import resolve


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


def resolved(node):
    match node:
        case Scalar():
            return resolve(node)
        case Sequence():
            return [resolved(item) for item in node.items]
        case Mapping():
            return {key.text: resolved(value) for key, value in node.entries}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_data_keeps_its_values(value):
    root, found = plain_data(value)
    assert found == []
    assert resolved(root) == value
    assert all(node.span is None for node in nodes(root))


def test_data_that_yaml_would_read_otherwise():
    value = {"a": "010", "b": "yes", "c": "\ud800\0", "d": (1, True), "e": 10**5000, "": ""}
    root, found = plain_data(value)
    assert found == []
    assert resolved(root) == {**value, "d": [1, True]}
    assert root.get("a").text == "010"
    assert [item.text for item in root.get("d").items] == ["1", "true"]


def test_subclasses_become_builtins():
    class Odd(str):
        __slots__ = ()

        def __str__(self):
            return "odd"

    root, _ = plain_data({Odd("a"): [Odd("b")]})
    assert resolved(root) == {"a": ["b"]}
    assert type(resolve(root.get("a").items[0])) is str


def test_wrong_types_are_reported_with_their_path():
    value = {"layers": [1, {"config": {"strides": {2}, "ok": 3, 4: 5}}, b"x"], "two words": object}
    root, found = plain_data(value)
    assert resolved(root) == {"layers": [1, {"config": {"ok": 3}}]}
    assert [(d.code, d.where, d.message) for d in found] == [
        ("DS105", "layers[1].config.strides", "a value of type set cannot stand in a model"),
        ("DS105", "layers[1].config", "a key must be a text, and one here is of type int"),
        ("DS105", "layers[2]", "a value of type bytes cannot stand in a model"),
        ("DS105", "['two words']", "a value of type type cannot stand in a model"),
    ]


def test_a_wrong_root():
    root, [found] = plain_data({1, 2})
    assert (root, found.code, found.where) == (None, "DS105", None)


def test_data_that_contains_itself():
    value = {"a": [1]}
    value["a"].append({"b": value})
    root, [found] = plain_data(value)
    assert (root, found.code, found.where) == (None, "DS005", "a[1].b")
    assert found.message == "the value contains itself"


def test_deep_data():
    value = []
    for _ in range(99):
        value = [value]
    assert plain_data(value)[1] == []
    for _ in range(100_000):
        value = [value]
    root, [found] = plain_data(value)
    assert (root, found.message) == (None, "nested more than 100 levels deep")
    while value:
        value = value.pop()


def test_shared_data():
    shared = [1]
    root, found = plain_data([shared, shared])
    assert found == []
    assert root.items[0] is root.items[1]


def test_shared_data_that_grows():
    laughs = ["x"]
    for _ in range(30):
        laughs = [laughs] * 9
    root, [found] = plain_data(laughs)
    assert (root, found.code) == (None, "DS005")
    assert found.message == "the data has more than 4,000,000 values"


def test_shared_data_that_gets_deep():
    inner = "x"
    for _ in range(60):
        inner = [inner]
    outer = inner
    for _ in range(39):
        outer = [outer]
    assert plain_data([inner, outer])[1] == []
    root, [found] = plain_data([inner, [outer]])
    assert (root, found.message) == (None, "nested more than 100 levels deep")


def test_too_much_data(monkeypatch):
    monkeypatch.setattr(data, "MAX_NODES", 5)
    assert plain_data([1, 2, 3, 4])[1] == []
    assert plain_data([1, 2, 3, 4, 5])[0] is None


def test_path_text():
    assert path_text(["layers", 3, "config", "strides"]) == "layers[3].config.strides"
    assert path_text([0, "a b", "c"]) == "[0]['a b'].c"
    assert path_text([]) == ""
