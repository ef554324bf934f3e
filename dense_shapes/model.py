"""The graph of a model as the readers make it: layers, what feeds them, and where they stand."""

from __future__ import annotations

from typing import Any, NamedTuple

from dense_shapes.layers import Layer
from dense_shapes.layers.text import Shape
from dense_shapes.source import Span


class Origin:
    """Where a layer was described; readers subclass it to find the places in their files."""

    def span(self, field: str | None = None, path: tuple[int, ...] = ()) -> Span | None:
        """Return the place of an option's value, of an item in it, or of the layer itself."""
        return None

    def at(self, field: str | None = None, path: tuple[int, ...] = ()) -> dict[str, Any]:
        """Return the place as a Diagnostic takes it: `span`, `source` and `where`."""
        return {}

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


class Node:
    """A layer in its place.

    Attributes:
        name: Its name, unique in the model.
        type: The layer's canonical type.
        layer: The layer, or None if its options were wrong (and reported).
        inputs: What feeds it.
        origin: Where it was described.
        shape: For an input: its whole shape, open sizes named; None if that was wrong.
        ignore: Advice codes that the user does not want to hear about it.
    """

    __slots__ = ("ignore", "inputs", "layer", "name", "origin", "shape", "type")

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
    ) -> None:
        self.name = name
        self.type = type
        self.layer = layer
        self.inputs = inputs
        self.origin = origin
        self.shape = shape
        self.ignore = ignore


class Model:
    """A network: nodes in an order in which each comes after what feeds it.

    Attributes:
        name: The model's name.
        source: The file's name, `-` for standard input, None for a mapping.
        nodes: The layers.
        inputs: Indices of the nodes that take the data in.
        outputs: What the model gives out; empty if it could not be told.
    """

    __slots__ = ("inputs", "name", "nodes", "outputs", "source")

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

    def insert(self, index: int, node: Node) -> Model:
        """Return a model in which `node` stands between the node at `index` and what fed it."""

        def moved(ref: Ref) -> Ref:
            return Ref(ref.node + (ref.node >= index), ref.output)

        nodes = list(self.nodes[:index])
        nodes.append(node)
        for i, old in enumerate(self.nodes[index:], start=index):
            inputs = (Ref(index),) if i == index else tuple(map(moved, old.inputs))
            nodes.append(
                Node(
                    old.name,
                    old.type,
                    old.layer,
                    inputs,
                    old.origin,
                    shape=old.shape,
                    ignore=old.ignore,
                )
            )
        entries = [i + (i >= index) for i in self.inputs]
        return Model(self.name, self.source, nodes, entries, [moved(ref) for ref in self.outputs])
