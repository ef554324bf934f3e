"""Layers that feed nothing, and blocks that nothing calls."""

from __future__ import annotations

from collections.abc import Iterable

from dense_shapes.model import NOWHERE, Model, Origin, Ref
from dense_shapes.spec.blocks import Block
from dense_shapes.spec.problems import Problems


def warn_of_unused(model: Model, extras: set[int], copies: set[int], problems: Problems) -> None:
    """Warn of layers that feed nothing; of one in a block that is called twice, once.

    Args:
        model: The graph.
        extras: Nodes that feed call arguments, or groups that take nothing of them, as is said.
        copies: Nodes that stand in further calls of groups.
        problems: Collects the warnings.
    """
    if NOWHERE in model.outputs:
        return
    used = {ref.node for node in model.nodes for ref in node.inputs}
    used |= {ref.node for ref in model.outputs} | extras
    given: dict[int, tuple[str, str, Origin, frozenset[str]]] = {}

    def give(
        outputs: tuple[Ref, ...], path: str, kind: str, origin: Origin, ignore: frozenset[str]
    ) -> None:
        """Take a group's outputs for used if one is; else it is the group that is not used."""
        nodes = {ref.node for ref in outputs}
        if nodes & used:
            used.update(nodes)
        for node in nodes - used:
            given.setdefault(node, (path, kind, origin, ignore))

    # Outer groups come before inner ones.
    for group in model.groups:
        give(group.outputs, group.path, group.type, group.origin, group.ignore)
    for call in model.calls:
        origins = (model.nodes[r.node].origin for r in call.outputs if r.node >= 0)
        give(
            call.outputs, call.name, call.group.type, next(origins, call.group.origin), frozenset()
        )
    told = set()
    for i, node in enumerate(model.nodes):
        # Inside a further call of a group, what feeds nothing did so in the first one too.
        if i in used or (i in copies and i not in given):
            continue
        path, kind, origin, ignore = given.get(i, (node.path, node.type, node.origin, node.ignore))
        key = (origin.span(), str(origin.where()))
        if key in told or "DS302" in ignore | node.ignore:
            continue
        told.add(key)
        problems.add(
            problems.make(
                "DS302",
                f"{path!r} ({kind}) feeds nothing: no layer and no output takes it",
                span=origin.span(),
                help="name it in a `from`, list it under `outputs`, or take it out",
                where=origin.where(),
                layer=path,
            )
        )


def warn_of_unused_blocks(blocks: Iterable[Block], problems: Problems) -> None:
    """Warn of blocks that no entry calls: what is in them has not been looked at."""
    for block in blocks:
        problems.add(
            problems.make(
                "DS304",
                f"block {block.name!r} is defined but never used, so its layers are not checked",
                block.key,
                help=f"call it, as in `- {block.name}`, or take it out",
                where=f"blocks.{block.name}",
            )
        )
