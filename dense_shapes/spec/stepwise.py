"""A block applied at each step of a sequence: `TimeDistributed: {layer: tower}`."""

from __future__ import annotations

from collections.abc import Collection

from dense_shapes.layers import find_layer
from dense_shapes.layers.recorded import AllSteps, EachStep
from dense_shapes.model import Group, Model, Ref
from dense_shapes.model import Node as ModelNode
from dense_shapes.spec.blocks import BESIDE, unknown_option
from dense_shapes.spec.entries import Entry, read_entry
from dense_shapes.spec.nodes import Mapping, Node, Scalar
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.sources import LOST, Source

TYPE = "TimeDistributed"


def applies_block(entry: Entry, blocks: Collection[str]) -> bool:
    """Tell whether an entry is a TimeDistributed of a block, and not of a layer."""
    node: Node | None = entry.options.get("layer")
    if node is None or not blocks:
        return False
    if isinstance(node, Mapping) and node.entries:
        node = node.get("type") or node.entries[0][0]
    if not isinstance(node, Scalar) or node.text not in blocks:
        return False
    cls = find_layer(entry.head.text)
    return cls is not None and cls.__name__ == TYPE


def block_entry(entry: Entry, blocks: Collection[str], problems: Problems) -> Entry | None:
    """Return the entry of the block that is applied, or None if it is wrong (and reported)."""
    known = ("layer", *BESIDE)
    for name in entry.options:
        if name not in known:
            problems.add(unknown_option(entry, name, known, problems))
    place = entry.where("layer") or "layers"
    node = entry.options["layer"]
    return problems.attempt(
        lambda: read_entry(node, entry.index, place, blocks, problems), where=place
    )


def each_step(model: Model, group: Group, given: list[Source], problems: Problems) -> list[Source]:
    """Lay the steps of what a group is given into the batch."""
    entry = group.origin
    if len(given) != 1 or given == [LOST]:
        if LOST not in given and isinstance(entry, Entry):
            problems.add(
                problems.make(
                    "DS113",
                    f"{TYPE} takes 1 input, found {len(given)}",
                    entry.options.get("from") or entry.head,
                    help="join them first, as with Concatenate",
                    where=entry.where("from"),
                    layer=group.path,
                )
            )
        return [LOST]
    return [_step(model, group, "each_step", given)]


def all_steps(
    model: Model, group: Group, made: list[Source], given: list[Source], problems: Problems
) -> list[Source]:
    """Put the steps together again of what a block gave out at each of them."""
    entry = group.origin
    if len(made) != 1 or LOST in (*made, *given):
        if LOST not in made and isinstance(entry, Entry):
            problems.add(
                problems.make(
                    "DS113",
                    f"{TYPE} needs a block of one output, this one has {len(made)}",
                    entry.head,
                    help="name one under the block's `outputs`",
                    where=entry.where(),
                    layer=group.path,
                )
            )
        return [LOST]
    return [_step(model, group, "all_steps", [made[0], given[0]])]


def _step(model: Model, group: Group, name: str, given: list[Source]) -> Source:
    layer = EachStep() if name == "each_step" else AllSteps()
    refs = tuple(source.ref for source in given)
    node = ModelNode(name, TYPE, layer, refs, group.origin, group=group)
    node.feeds = tuple(source.name for source in given)
    model.nodes.append(node)
    return Source(Ref(len(model.nodes) - 1), node.path)
