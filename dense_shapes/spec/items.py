"""What an entry of a list is: a layer, a block, a repetition, a further call; and its name."""

from __future__ import annotations

from collections.abc import Collection

from dense_shapes.diagnostics import shorten
from dense_shapes.layers import Layer, find_layer, snake_case
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.unknown import TakenAtWord
from dense_shapes.spec.entries import Entry
from dense_shapes.spec.frames import Frame, Item
from dense_shapes.spec.kinds import layer_type
from dense_shapes.spec.nodes import Scalar
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.stepwise import applies_block


def item_of(
    frame: Frame,
    entry: Entry | None,
    own: str | None,
    index: int,
    blocks: Collection[str],
    problems: Problems,
) -> Item:
    """Return what an entry is, and what it is called.

    Args:
        frame: The list it stands in.
        entry: The entry, or None for what is none (which is reported).
        own: The name that it is given, if it is.
        index: Its place.
        blocks: The names of blocks.
        problems: Collects what is wrong.
    """
    if entry is None or entry.broken:
        # What is not an entry at all still keeps its place, so that the next layers do not
        # seem to follow the one before it.
        entry = entry or Entry(Scalar("unknown"), index, problems.source)
        known = find_layer(entry.head.text)
        base = "unknown" if known is None else known.automatic_name()
        item = Item(entry, "layer", None, own or frame.names.free(base, entry))
        item.lost = True
        item.nameless = own is None and known is None
        return item
    text = entry.head.text
    if entry.index < 0:
        # `input_shape` and `inputs` stand for entries of type Input.
        name = "input" if entry.place == "input_shape" else text
        return Item(entry, "layer", InputLayer, frame.names.free(name, entry))
    if text == "reuse":
        target = entry.options.get("layer")
        base = target.text if isinstance(target, Scalar) else "reuse"
        return Item(entry, "reuse", None, own or frame.names.again(base, entry))
    if text == "repeat" or text in blocks:
        kind = "repeat" if text == "repeat" else "block"
        return Item(entry, kind, None, own or frame.names.free(text, entry))
    if applies_block(entry, blocks):
        return Item(entry, "steps", None, own or frame.names.free("time_distributed", entry))
    cls = problems.attempt(
        lambda: layer_type(entry, problems, frame.scope, blocks),
        where=entry.where("type"),
    )
    if cls is InputLayer and frame.group is not None:
        problems.add(
            problems.make(
                "DS105",
                "an input cannot stand inside a block or a repeat",
                entry.head,
                help="what goes into one is `from: input`, or `input:0`, `input:1` of several",
                where=entry.where("type"),
            )
        )
        cls = None
    base = _base_name(cls, text) or "unknown"
    return Item(entry, "layer", cls, own or frame.names.free(base, entry))


def _base_name(cls: type[Layer] | None, text: str) -> str:
    """Return what an unnamed layer is called before any number."""
    if cls is None or cls is TakenAtWord:
        return snake_case(shorten(text))
    return cls.automatic_name()
