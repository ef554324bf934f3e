"""Further calls of layers and groups: the same weights on other inputs."""

from __future__ import annotations

from dense_shapes.diagnostics import Note
from dense_shapes.model import NOWHERE, Group, GroupCall, Model, Ref
from dense_shapes.model import Node as ModelNode
from dense_shapes.spec.frames import Item
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.sources import LOST, Source, give_beside


def call_again(
    model: Model,
    item: Item,
    original: Item,
    path: str,
    inputs: list[Source],
    tensors: dict[str, Source],
    alias: dict[int, Ref],
    problems: Problems,
) -> None:
    """Call an earlier layer or group once more, with the weights it has.

    Args:
        model: The graph, which gets copies of the nodes.
        item: The further call.
        original: What is called again.
        path: The call's name from outside.
        inputs: What goes in.
        tensors: Tensors among the call's arguments that no rule asks for.
        alias: What a group's own references to its inputs stand for, by their identity.
        problems: Collects what is wrong.
    """
    start = len(model.nodes)
    group = original.group
    if group is None:
        node = _copy(model, original.span[0], path, item)
        node.call = item.call
        give_beside(node, tensors)
        node.inputs = tuple(source.ref for source in inputs)
        node.feeds = tuple(source.name for source in inputs)
        model.nodes.append(node)
        item.outputs = [Ref(start, k) for k in range(_outputs(node, original))]
    else:
        inputs = _counted(item, original, group, inputs, problems)
        _copy_group(model, item, original, path, inputs, alias)
    item.span = (start, len(model.nodes))


def _outputs(node: ModelNode, original: Item) -> int:
    """Return how many outputs a call gives, which its arguments may decide."""
    if node.layer is None:
        return len(original.outputs or ())
    node.layer.call = node.call
    return node.layer.output_count


def _copy(model: Model, index: int, path: str, item: Item) -> ModelNode:
    old = model.nodes[index]
    owner = index if old.owner is None else old.owner
    return ModelNode(path, old.type, old.layer, (), item.entry, ignore=old.ignore, owner=owner)


def _counted(
    item: Item, original: Item, group: Group, inputs: list[Source], problems: Problems
) -> list[Source]:
    """Report another number of inputs than a group was first called with."""
    count = len(group.inputs)
    if len(inputs) == count:
        return inputs
    if LOST not in inputs:
        problems.add(
            problems.make(
                "DS113",
                f"{original.name!r} was called with {count} input{'s' * (count != 1)}, now with "
                f"{len(inputs)}",
                item.entry.options.get("from") or item.entry.head,
                notes=(Note("the first call is here", original.entry.head.span),),
                where=item.entry.where("from"),
            )
        )
    return [LOST] * count


def _copy_group(
    model: Model,
    item: Item,
    original: Item,
    path: str,
    inputs: list[Source],
    alias: dict[int, Ref],
) -> None:
    group = original.group
    if group is None:
        return
    first, end = original.span
    shift = len(model.nodes) - first
    new = {id(ref): source for ref, source in zip(group.inputs, inputs, strict=True)}

    def moved(ref: Ref, name: str = "") -> Source:
        """Return what a reference of the first call is in this one, and what it is called."""
        while id(ref) not in new:
            if first <= ref.node < end:
                return Source(Ref(ref.node + shift, ref.output), renamed(name))
            if id(ref) not in alias:
                return Source(NOWHERE, name)
            ref = alias[id(ref)]
        return new[id(ref)]

    def renamed(name: str) -> str:
        return path + name[len(group.path) :]

    def called(inner: Group, old: Group | GroupCall, name: str) -> GroupCall:
        """Return a call of a group, or of one inside it, with the tensors of this call."""
        given = [moved(ref, feed) for ref, feed in zip(old.inputs, old.feeds, strict=True)]
        refs, feeds = tuple(s.ref for s in given), tuple(s.name for s in given)
        outputs = tuple(moved(ref).ref for ref in old.outputs)
        return GroupCall(inner, name, refs, feeds, outputs, old.first + shift, old.end + shift)

    for index in range(first, end):
        old = model.nodes[index]
        node = _copy(model, index, renamed(old.path), item)
        node.call = old.call
        beside = zip(old.tensors.items(), old.beside, strict=True)
        give_beside(node, {name: moved(ref, feed) for (name, ref), feed in beside})
        given = [moved(ref, name) for ref, name in zip(old.inputs, old.feeds, strict=True)]
        node.inputs = tuple(source.ref for source in given)
        node.feeds = tuple(source.name for source in given)
        model.nodes.append(node)
    whole = called(group, group, path)
    groups, calls = original.inside
    inner = [called(g, g, renamed(g.path)) for g in model.groups[groups]]
    again = [called(c.group, c, renamed(c.name)) for c in model.calls[calls]]
    model.calls += [whole, *inner, *again]
    item.outputs = list(whole.outputs)
