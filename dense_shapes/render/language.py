"""Pages on the entries and options of the spec language that are no layers."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

from dense_shapes.render.text import to_ascii


class Page(NamedTuple):
    """What there is to know about one word of the language.

    Attributes:
        does: What it is for, in a sentence.
        syntax: The forms it takes, each with what it means.
        example: A whole spec that uses it.
    """

    does: str
    syntax: tuple[tuple[str, str], ...]
    example: str


_FROM = (
    ("from: conv2d", "the output of the entry of that name"),
    ("from: [a, b]", "several inputs, in this order"),
    ("from: lstm:1", "the second output of an entry that has several; a bare name is the first"),
    ("from: tower@2", "what the second call of `tower` gives, see reuse"),
    ("from: input", "inside a block: what it was given; of several, input:0, input:1"),
)

PAGES = {
    "reuse": Page(
        "Call an earlier layer, block or repeat again, with the same weights, which count once.",
        (
            ("- reuse: tower", "call it on the entry before"),
            ("- reuse: tower\n  from: b", "call it on something else"),
            ("- {reuse: tower, from: b, name: right}", "and give this call a name"),
            ("from: tower@2", "what the second call gives, if it has no name; tower is the first"),
        ),
        """\
inputs: {a: [16], b: [16]}
layers:
  - Dense: {units: 8, from: a, name: tower}
  - {reuse: tower, from: b}
  - Concatenate: {from: [tower, tower@2]}
""",
    ),
    "repeat": Page(
        "Repeat layers, each time with weights of their own, one turn after the other.",
        (
            ("- repeat: {times: 3, layers: [...]}", "groups repeat/0, repeat/1, repeat/2"),
            ("times: depth", "a var, or any expression"),
            ("units: 32 * 2^i", "i is the number of the turn, from 0, in expressions"),
            ("name: conv_${i}", "and in texts"),
            ("from: input", "inside: what the turn before gave, or what went into the repeat"),
            ("trainable: false", "beside times: freeze all that is inside"),
        ),
        """\
input_shape: [64]
layers:
  - repeat:
      times: 3
      layers:
        - Dense: {units: 32 * 2^i, activation: relu, name: "dense_${i}"}
        - Dropout: 0.2
""",
    ),
    "blocks": Page(
        "Give a group of layers a name, to be used like a layer; each use has its own weights.",
        (
            ("blocks: {NAME: {layers: [...]}}", "at the top of the spec"),
            ("args: {filters: null, stride: 1}", "arguments with defaults; null: must be given"),
            ("- NAME: {filters: 64}", "a use of it, under `layers`, or in another block"),
            ("- NAME: {filters: 64, from: [a, b], name: n}", "with inputs and a name"),
            ("ignore: [DS302]", "beside the arguments: no such advice about this use"),
            ("from: input", "inside: what came in; of several, input:0, input:1"),
            ("outputs: [x, y]", "what it gives out, n:0 and n:1; by default its last layer"),
        ),
        """\
input_shape: [32, 32, 3]
blocks:
  residual:
    args: {filters: null}
    layers:
      - Conv2D: {filters: filters, kernel_size: 3, padding: same, name: main}
      - Conv2D: {filters: filters, kernel_size: 1, from: input, name: short}
      - Add: {from: [main, short]}
layers:
  - residual: {filters: 16}
  - residual: {filters: 32, name: last}
""",
    ),
    "from": Page(
        "Say what feeds an entry; by default the entry before it.",
        _FROM,
        """\
inputs: {image: [32, 32, 3], meta: [12]}
layers:
  - Flatten: {from: image}
  - Dense: {units: 8, from: meta, name: known}
  - Concatenate: {from: [flatten, known]}
""",
    ),
    "call": Page(
        "Pass arguments to a layer's call.",
        (
            ("call: {use_causal_mask: true}", "a flag"),
            ("call: {mask: {from: m}}", "a tensor: the output of an entry, as in `from`"),
        ),
        """\
input_shape: [T, 64]
layers:
  - MultiHeadAttention:
      {num_heads: 4, key_dim: 16, from: [input, input], call: {use_causal_mask: true}}
""",
    ),
}
"""The words that are explained."""
PAGES["block"] = PAGES["blocks"]


def render_entry(name: str, *, width: int | None, ascii_only: bool, bold: bool) -> str:
    """Return the page of a word of the spec language."""
    page = PAGES[name]

    def head(text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if bold else text

    lines = [f"{head(name)} (an entry or option of the spec language, not a layer)"]
    lines += textwrap.wrap(page.does, width or 10_000, initial_indent="  ", subsequent_indent="  ")
    lines += ["", head("Syntax")]
    for form, meaning in page.syntax:
        lines += [f"  {line}" for line in form.split("\n")]
        lines += textwrap.wrap(
            meaning, width or 10_000, initial_indent=" " * 6, subsequent_indent=" " * 6
        )
    lines += ["", head("A spec with it"), *(f"  {line}" for line in page.example.splitlines())]
    text = "\n".join(lines) + "\n"
    return to_ascii(text) if ascii_only else text
