"""The graph of a model as the readers make it: layers, what feeds them, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from dense_shapes.diagnostics import Diagnostic, shorten
from dense_shapes.layers import Layer
from dense_shapes.layers.text import Shape
from dense_shapes.source import Span

if TYPE_CHECKING:
    from dense_shapes.expectations import Expectation


class Origin:
    """Where a layer was described; readers subclass it to find the places in their files."""

    def span(self, field: str | None = None, path: tuple[int, ...] = ()) -> Span | None:
        """Return the place of an option's value, of an item in it, or of the layer itself."""
        return None

    def at(self, field: str | None = None, path: tuple[int, ...] = ()) -> dict[str, Any]:
        """Return the place as a Diagnostic takes it: `span`, `source` and `where`."""
        return {}

    def where(self, field: str | None = None) -> str | None:
        """Return the place as a path, in data without lines."""
        return None

    @property
    def line(self) -> int | None:
        """The line of the layer, or None where there are none."""
        span = self.span()
        return span.line if span else None


class Ref(NamedTuple):
    """One output of one node.

    Attributes:
        node: The node's index in the model.
        output: Which of its outputs, from 0.
    """

    node: int
    output: int = 0


_NONE: Mapping[Any, Any] = MappingProxyType({})
"""What most nodes have of some things, one for all of them."""

NOWHERE = Ref(-1)
"""What feeds a layer whose reference could not be resolved, and was reported."""


class Group:
    """Layers that stand together under one name: a block, a repetition, a nested model.

    Attributes:
        name: Its name among those beside it.
        type: What it was made of, such as the block's name.
        path: Its name from outside, with those of the groups around it.
        parent: The group around it, or None.
        origin: Where it was described.
        inputs: What goes in.
        feeds: For each input, the name of what gives it.
        outputs: What comes out.
        first: The index of its first node; the others follow it.
        end: The index after its last node.
        ignore: Advice codes that the user does not want to hear about it.
    """

    __slots__ = (
        *("end", "feeds", "first", "ignore", "inputs", "name", "origin", "outputs", "parent"),
        *("path", "type"),
    )

    def __init__(
        self,
        name: str,
        type: str,  # noqa: A002 - the field's name in the summary
        parent: Group | None,
        origin: Origin,
        inputs: tuple[Ref, ...],
        first: int,
    ) -> None:
        self.name = name
        self.type = type
        self.parent = parent
        self.path: str = f"{parent.path}/{name}" if parent else name
        self.origin = origin
        self.inputs = inputs
        self.feeds: tuple[str, ...] = ()
        self.outputs: tuple[Ref, ...] = ()
        self.first = first
        self.end = first
        self.ignore: frozenset[str] = frozenset()

    @property
    def is_turn(self) -> bool:
        """Whether it is one turn of a repetition, described in the same place."""
        return self.parent is not None and self.parent.origin is self.origin


class Node:
    """A layer in its place, or a further call of one.

    Attributes:
        name: Its name, unique among those beside it.
        type: The layer's canonical type.
        layer: The layer, or None if its options were wrong (and reported).
        inputs: What feeds it.
        origin: Where it was described.
        shape: For an input: its whole shape, open sizes named; None if that was wrong.
        ignore: Advice codes that the user does not want to hear about it.
        group: The group it stands in, or None.
        owner: For a further call: the index of the node whose weights it uses.
        path: Its name from outside, with those of the groups around it.
        call: The call's arguments beside the inputs.
        tensors: Tensors among the call's arguments that no rule asks for, such as a mask, by the
            argument's name; `name:0`, `name:1` where it takes several.
        feeds: For each input, the name of what gives it, as a reference from here would be.
        beside: The same for each of `tensors`.
        recorded: The shapes of outputs that the file records, by the output; None is an open size.
    """

    __slots__ = (
        "beside",
        "call",
        "feeds",
        "group",
        "ignore",
        "inputs",
        "layer",
        "name",
        "origin",
        "owner",
        "path",
        "recorded",
        "shape",
        "tensors",
        "type",
    )

    def __init__(
        self,
        name: str,
        type: str,  # noqa: A002 - the field's name in the summary
        layer: Layer | None,
        inputs: tuple[Ref, ...],
        origin: Origin,
        *,
        shape: Shape | None = None,
        ignore: frozenset[str] = frozenset(),
        group: Group | None = None,
        owner: int | None = None,
    ) -> None:
        self.name = name
        self.type = type
        self.layer = layer
        self.inputs = inputs
        self.origin = origin
        self.shape = shape
        self.ignore = ignore
        self.group = group
        self.owner = owner
        self.call: dict[str, Any] = {}
        self.tensors: Mapping[str, Ref] = _NONE
        self.beside: tuple[str, ...] = ()
        self.feeds: tuple[str, ...] = ()
        self.path = f"{group.path}/{name}" if group else name
        self.recorded: Mapping[int, tuple[int | None, ...]] = _NONE


def standing_in(group: Group) -> str:
    """Say where something inside a group stands, down to the turns of repetitions around it.

    The place that goes with it is that of the group.
    """
    if group.is_turn:
        return f"it stands in {shorten(group.path)!r}, turn {group.name} of what is repeated here"
    return f"it stands in {shorten(group.path)!r}, made here"


# No NamedTuple: to define one takes 0.2 ms, of every run that comes here.
class GroupCall:
    """A further call of a group.

    Attributes:
        group: The group.
        name: The call's name, as a path.
        inputs: What goes in.
        feeds: For each input, the name of what gives it.
        outputs: What comes out.
        first: The index of the first of the nodes that stand for the call.
        end: The index after the last of them.
    """

    __slots__ = ("end", "feeds", "first", "group", "inputs", "name", "outputs")

    def __init__(
        self,
        group: Group,
        name: str,
        inputs: tuple[Ref, ...],
        feeds: tuple[str, ...],
        outputs: tuple[Ref, ...],
        first: int,
        end: int,
    ) -> None:
        self.group = group
        self.name = name
        self.inputs = inputs
        self.feeds = feeds
        self.outputs = outputs
        self.first = first
        self.end = end


class Model:
    """A network: nodes in an order in which each comes after what feeds it.

    Attributes:
        name: The model's name.
        source: The file's name, `-` for standard input, None for a mapping.
        nodes: The layers and their further calls.
        inputs: Indices of the nodes that take the data in.
        outputs: What the model gives out; empty if it could not be told.
        groups: The groups, outer ones before inner ones.
        calls: Further calls of groups.
        output_names: What each output is called.
        expectations: What its description says that it is to be.
        misread: What is wrong with those.
        manifest: The weights that the file lists, by name, shape and dtype, or None.
    """

    __slots__ = (
        *("calls", "expectations", "groups", "inputs", "manifest", "misread", "name", "nodes"),
        *("output_names", "outputs", "source"),
    )

    def __init__(
        self,
        name: str,
        source: str | None,
        nodes: list[Node],
        inputs: list[int],
        outputs: list[Ref],
    ) -> None:
        self.name = name
        self.source = source
        self.nodes = nodes
        self.inputs = inputs
        self.outputs = outputs
        self.groups: list[Group] = []
        self.calls: list[GroupCall] = []
        self.output_names: list[str] = []
        self.expectations: list[Expectation] = []
        self.misread: list[Diagnostic] = []
        self.manifest: list[tuple[str, tuple[int | None, ...], str | None]] | None = None

    def origins(self) -> dict[str, Origin]:
        """Return where each layer and group was described, by its path."""
        made = {node.path: node.origin for node in self.nodes}
        return made | {group.path: group.origin for group in self.groups}

    def insert(self, index: int, node: Node) -> Model:
        """Return a model in which `node` stands between the node at `index` and what fed it.

        Groups are left out: the copy serves to count, not to show.
        """

        def moved(ref: Ref) -> Ref:
            return Ref(ref.node + (ref.node >= index), ref.output)

        nodes = []
        for i, old in enumerate(self.nodes):
            owner = old.owner
            copy = Node(
                old.path,
                old.type,
                old.layer,
                (Ref(index),) if i == index else tuple(map(moved, old.inputs)),
                old.origin,
                shape=old.shape,
                ignore=old.ignore,
                owner=None if owner is None else owner + (owner >= index),
            )
            copy.call = old.call
            copy.tensors = {name: moved(ref) for name, ref in old.tensors.items()}
            copy.beside = old.beside
            nodes.append(copy)
        nodes.insert(index, node)
        entries = [i + (i >= index) for i in self.inputs]
        made = Model(self.name, self.source, nodes, entries, [moved(ref) for ref in self.outputs])
        made.output_names = self.output_names
        return made
