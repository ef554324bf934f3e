"""A model as nested lists of entries, each with what feeds it, the way a file has it."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import NamedTuple

from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.recorded import EachStep
from dense_shapes.model import Group, GroupCall, Model, Node, Ref


class Source(NamedTuple):
    """What feeds an entry.

    Attributes:
        entry: The entry's place in its list, or -1 - k for the k-th input of the group around it.
        output: Which of its outputs.
    """

    entry: int
    output: int = 0


class Entry:
    """A layer, a group, or a further call of one.

    Attributes:
        name: Its name in its list.
        node: The layer, or None for a group.
        group: The group, or None for a layer.
        index: The index in the model of a layer's node.
        inputs: What feeds it.
        refs: The same as the model's own references.
        tensors: Tensors among the call's arguments that are no inputs.
        outputs: How many outputs it has.
        original: For a further call: the entry that is called again.
        label: What a writer calls it.
        inside: The entries of a group, on its first call.
    """

    __slots__ = (
        *("group", "index", "inputs", "inside", "label", "name", "node", "original", "outputs"),
        *("refs", "tensors"),
    )

    def __init__(self, name: str, outputs: int) -> None:
        self.name = name
        self.outputs = outputs
        self.node: Node | None = None
        self.group: Group | None = None
        self.index = -1
        self.inputs: tuple[Source, ...] = ()
        self.refs: tuple[Ref, ...] = ()
        self.tensors: dict[str, Source] = {}
        self.original: Entry | None = None
        self.label = name
        self.inside: Frame | None = None

    @property
    def is_input(self) -> bool:
        """Whether it takes the data in."""
        return self.node is not None and isinstance(self.node.layer, InputLayer)


class Frame:
    """One list of entries.

    Attributes:
        group: The group whose list it is, or None at the top.
        entries: The entries, each after what feeds it.
        outputs: What the list gives out.
        starts: For inputs of the group that have a layer of their own: its node's index.
    """

    __slots__ = ("entries", "group", "outputs", "starts")

    def __init__(self, group: Group | None) -> None:
        self.group = group
        self.entries: list[Entry] = []
        self.outputs: list[Source] = []
        self.starts: dict[int, int] = {}

    def again(self, original: Entry) -> list[int]:
        """Return the places of the further calls of an entry."""
        return [i for i, entry in enumerate(self.entries) if entry.original is original]


_Thing = int | Group | GroupCall


def is_stepwise(model: Model, group: Group | None) -> bool:
    """Tell whether a group is a model or a block that is applied at each step of a sequence."""
    if group is None or group.first >= group.end:
        return False
    first = model.nodes[group.first]
    return first.group is group and isinstance(first.layer, EachStep)


def reaching(model: Model) -> set[int]:
    """Return the identities of the groups in which something from outside is called again."""
    found = set()
    for group in model.groups:
        inside = model.nodes[group.first : group.end]
        calls = [c.group for c in model.calls if group.first <= c.first and c.end <= group.end]
        if any(node.owner is not None and node.owner < group.first for node in inside) or any(
            other.first < group.first for other in calls
        ):
            found.add(id(group))
    return found


def frame_of(model: Model, inlined: Container[int] = (), passing: Container[int] = ()) -> Frame:
    """Return the entries of a model, those of groups inside them.

    Args:
        model: The model.
        inlined: The identities of groups whose entries stand in the place of the group.
        passing: The indices of nodes that pass on what comes in, and need no entry of their own.
    """
    around: list[Group | None] = [None] * (len(model.nodes) + 1)
    paths: dict[str, Group | None] = {}
    children: dict[int, list[tuple[int, int, _Thing]]] = {id(None): []}
    for group in model.groups:
        around[group.first : group.end] = [group] * (group.end - group.first)
        paths[group.path] = group
        children[id(group)] = []
    for group in model.groups:
        children[id(group.parent)].append((group.first, group.end, group))
    again: set[int] = set()
    names = {call.name for call in model.calls}
    for call in model.calls:
        if not names.isdisjoint(_around(call.name)):
            continue  # inside a group that is itself called again
        again.update(range(call.first, call.end))
        home = paths.get(call.name.rpartition("/")[0])
        if call.first < call.end:
            home = around[call.first]
        children[id(home)].append((call.first, call.end, call))
    for i in range(len(model.nodes)):
        if i not in again:
            children[id(around[i])].append((i, i + 1, i))
    for things in children.values():
        things.sort(key=lambda thing: thing[:2])
    return _Builder(model, children, inlined, passing).frame(None, model.outputs)


class _Builder:
    """Builds the lists of entries, outer ones before inner ones."""

    def __init__(
        self,
        model: Model,
        children: dict[int, list[tuple[int, int, _Thing]]],
        inlined: Container[int],
        passing: Container[int],
    ) -> None:
        self.model = model
        self.children = children
        self.inlined = inlined
        self.passing = passing
        self.made: dict[int, Entry] = {}

    def frame(self, group: Group | None, outputs: list[Ref] | tuple[Ref, ...]) -> Frame:
        """Return the list of a group, or of the whole model."""
        frame = Frame(group)
        known = _Known(group)
        self._fill(frame, known, group, "")
        names = self.model.output_names if group is None else [""] * len(outputs)
        frame.outputs = list(map(known.source, outputs, names))
        return frame

    def _fill(self, frame: Frame, known: _Known, group: Group | None, prefix: str) -> None:
        """Add the entries of a group to a list, their names behind a prefix."""
        for first, end, thing in self.children[id(group)]:
            place = len(frame.entries)
            if id(thing) in self.inlined and isinstance(thing, Group):
                self._fill(frame, known, thing, f"{prefix}{thing.name}_")
                continue
            if isinstance(thing, int) and thing in self.passing:
                node = self.model.nodes[thing]
                source = known.source(node.inputs[0], node.feeds[0])
                known.values[thing, 0] = source
                if source.entry < 0:
                    frame.starts[-1 - source.entry] = thing
                continue
            entry = (
                self._layer(thing, group) if isinstance(thing, int) else self._grouped(thing, group)
            )
            entry.name = prefix + entry.name
            # Before its outputs are known: a group may give back what comes in.
            feeds = self.model.nodes[thing].feeds if isinstance(thing, int) else thing.feeds
            entry.inputs = tuple(map(known.source, entry.refs, feeds))
            if entry.node is not None:
                tensors = entry.node.tensors.items()
                entry.tensors = {name: known.source(ref) for name, ref in tensors}
            if isinstance(thing, int):
                known.values.update({(thing, k): Source(place, k) for k in range(entry.outputs)})
            else:
                path = thing.path if isinstance(thing, Group) else thing.name
                known.add_group(place, path, thing.outputs, range(first, end))
            frame.entries.append(entry)

    def _grouped(self, thing: Group | GroupCall, around: Group | None) -> Entry:
        if isinstance(thing, Group):
            entry = self.made[id(thing)] = Entry(thing.name, len(thing.outputs))
            entry.group = thing
            entry.inside = self.frame(thing, thing.outputs)
        else:
            entry = Entry(_local(thing.name, around), len(thing.outputs))
            entry.group = thing.group
            entry.original = self.made[id(thing.group)]
        entry.refs = thing.inputs
        return entry

    def _layer(self, index: int, around: Group | None) -> Entry:
        node = self.model.nodes[index]
        count = 1
        if node.layer is not None:
            node.layer.call = node.call
            count = node.layer.output_count
        entry = Entry(node.name if node.owner is None else _local(node.name, around), count)
        entry.node = node
        entry.index = index
        entry.refs = node.inputs
        if node.owner is None:
            self.made[index] = entry
        else:
            entry.original = self.made[node.owner]
        return entry


class _Known:
    """What references mean in one list.

    A group's own inputs are told by identity, since the same tensor may come in twice, or be an
    output too; where a reader has not kept them apart, any that has the value will do. A group may
    give a tensor out twice, or what came in: which is meant is told by what the reader calls it.
    """

    def __init__(self, group: Group | None) -> None:
        self.same: dict[int, Source] = {}
        self.values: dict[tuple[int, int], Source] = {}
        self.named: dict[tuple[int, int, str], Source] = {}
        for k, ref in enumerate(group.inputs if group is not None else ()):
            self.same[id(ref)] = Source(-1 - k)
            self.values.setdefault((ref.node, ref.output), Source(-1 - k))

    def add_group(self, place: int, path: str, outputs: tuple[Ref, ...], own: range) -> None:
        """Add the outputs of a group, or of a further call of one, with these nodes."""
        for k, ref in enumerate(outputs):
            name = f"{path}:{k}" if k else path
            self.named[ref.node, ref.output, name] = Source(place, k)
            if ref.node in own:
                self.values.setdefault((ref.node, ref.output), Source(place, k))

    def source(self, ref: Ref, name: str = "") -> Source:
        """Return what a reference means that goes by a name."""
        named = self.named.get((ref.node, ref.output, name))
        return named or self.same.get(id(ref)) or self.values[ref.node, ref.output]


def _around(path: str) -> Iterator[str]:
    """Yield the paths of the groups around a path."""
    at = path.rfind("/")
    while at > 0:
        yield path[:at]
        at = path.rfind("/", 0, at)


def _local(path: str, group: Group | None) -> str:
    """Return the name inside a group of what is called by its path."""
    return path.removeprefix(f"{group.path}/") if group is not None else path
