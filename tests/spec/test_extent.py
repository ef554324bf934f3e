"""The limit on layers is met before they are made, however they are multiplied."""

import io
from time import perf_counter

import pytest

from dense_shapes.api import analyse
from dense_shapes.spec import graph


def nested(*times, body="Flatten"):
    for n in times:
        body = f"{{repeat: {{times: {n}, layers: [{body}]}}}}"
    return f"input_shape: [4]\nlayers: [{body}]\n"


DOUBLING = "".join(f"  b{i}: {{layers: [b{i + 1}, b{i + 1}]}}\n" for i in range(40))

HUGE = {
    "one": nested(1_000_001),
    "two": nested(1_000, 1_000),
    "many": nested(*[10] * 30),
    "by the turn": nested("i * 1000 + 1", 2_000),
    "by the turn of another": nested("i * 1000", 1000, 1000),
    "blocks": f"input_shape: [4]\nblocks:\n{DOUBLING}  b40: {{layers: [Flatten]}}\nlayers: [b0]\n",
    "an argument": (
        "input_shape: [4]\nblocks:\n"
        "  b: {args: {n: null}, layers: [{repeat: {times: n, layers: [Flatten]}}]}\n"
        "layers: [{repeat: {times: 2000, layers: [{b: 2000}]}}]\n"
    ),
    "reuse": (
        "input_shape: [4]\nlayers:\n"
        "  - repeat: {times: 3000, name: tower, layers: [Flatten]}\n"
        "  - repeat: {times: 500, layers: [{reuse: tower}]}\n"
    ),
    "several": (
        "input_shape: [4]\nlayers:\n"
        "  - repeat: {times: 30, layers: [Flatten]}\n"
        "  - repeat: {times: 600000, layers: [Flatten]}\n"
    ),
}


@pytest.mark.parametrize("name", HUGE)
def test_too_many_layers_are_refused_at_once(name):
    begun = perf_counter()
    summary = analyse(io.StringIO(HUGE[name]))
    assert perf_counter() - begun < 5
    assert [d.code for d in summary.diagnostics] == ["DS005"]


def test_what_is_too_large_only_with_others_is_refused(monkeypatch):
    monkeypatch.setattr(graph, "MAX_NODES", 100)
    text = (
        "input_shape: [4]\nlayers:\n"
        "  - repeat: {times: 30, layers: [Flatten]}\n"
        "  - repeat: {times: 30, layers: [Flatten], from: input}\n"
        "  - Dense: {units: 3, from: repeat}\n"
        "outputs: [repeat_1, dense]\n"
    )
    summary = analyse(io.StringIO(text))
    assert [(d.code, d.span.line) for d in summary.diagnostics] == [("DS005", 4)]
    assert summary.outputs[1].shape[1:] == (3,)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (nested(5, 7), 1 + 1 + 7 + 7 + 35 + 35),
        (nested("i", 4), 1 + 1 + 4 + 4 + 6 + 6),
        (HUGE["an argument"].replace("2000", "4"), 1 + 1 + 4 + 4 + 4 + 16 + 16),
    ],
)
def test_what_just_fits_is_taken(monkeypatch, text, rows):
    monkeypatch.setattr(graph, "MAX_NODES", rows)
    assert analyse(io.StringIO(text)).ok
    monkeypatch.setattr(graph, "MAX_NODES", rows - 2)
    assert [d.code for d in analyse(io.StringIO(text)).diagnostics] == ["DS005"]
