"""JSON texts: a key that is given twice in one object is found, whatever else is in the text."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from dense_shapes.source import Source
from dense_shapes.spec.keras.json_text import load_json

KEYS = st.sampled_from(["a", "b", ":", '"', 'a": ', "\\", "é"])
LEAVES = st.one_of(KEYS, st.none(), st.integers(0, 9), st.floats(allow_nan=False))
SPACES = st.sampled_from(["", " ", "\n"])


@st.composite
def objects(draw, values):
    """Draw an object as a text, of which keys may repeat, and whether one does in it."""
    made, repeated, seen = [], False, set()
    for _ in range(draw(st.integers(0, 4))):
        key, (text, inner) = draw(KEYS), draw(values)
        repeated = repeated or inner or key in seen
        seen.add(key)
        made.append(f"{json.dumps(key)}{draw(SPACES)}:{draw(SPACES)}{text}")
    return "{" + ",".join(made) + "}", repeated


@st.composite
def lists(draw, values):
    items = draw(st.lists(values, max_size=3))
    return "[" + ", ".join(text for text, _ in items) + "]", any(found for _, found in items)


TEXTS = st.recursive(
    LEAVES.map(lambda value: (json.dumps(value), False)),
    lambda values: st.one_of(objects(values), lists(values)),
    max_leaves=12,
)


@settings(max_examples=500)
@given(TEXTS)
def test_repeated_keys(drawn):
    text, repeated = drawn
    value, found = load_json(Source("m.json", text))
    if repeated:
        assert [d.code for d in found] == ["DS007"]
    else:
        assert (value, found) == (json.loads(text), [])
