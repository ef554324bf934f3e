"""Models of a config made into the nodes of a graph, each after what feeds it."""

from __future__ import annotations

from typing import Any

from dense_shapes.model import Group, GroupCall, Model
from dense_shapes.spec.keras.inbound import Call, Tensor
from dense_shapes.spec.keras.inputs import (
    Inputs,
    input_dtype,
    sequential_shape,
    unread_shape,
)
from dense_shapes.spec.keras.network import Event, Net, Part
from dense_shapes.spec.keras.nodes import Made, Nodes, Place
from dense_shapes.spec.keras.options import Factory
from dense_shapes.spec.sources import LOST, Source

MAX_REPEATED = 50_000
"""How many nodes there may be beyond the calls of the file: models called again make more."""


class _Full(Exception):  # noqa: N818 - it has been reported
    """There are too many nodes."""


class Expansion:
    """Makes the graph of one file's model.

    Attributes:
        model: The graph.
        nodes: Makes its nodes.
    """

    def __init__(self, model: Model, factory: Factory, inputs: Inputs, nodes: Nodes) -> None:
        self.model = model
        self.factory = factory
        self.inputs = inputs
        self.nodes = nodes

    def build(self, net: Net) -> None:
        """Build the model of a file."""
        self._open(net)
        self.inputs.claim(net.inputs)
        try:
            sources = self._calls(net, [], None, "", {}, again=False)
        except _Full:
            return
        indices = {self.model.nodes[i].name: i for i in self.model.inputs}
        self.model.inputs = [indices[name] for name in net.inputs if name in indices]
        self.model.outputs = [source.ref for source in sources]
        self.model.output_names = [
            key or source.name for key, source in zip(net.keys, sources, strict=True)
        ]

    def _open(self, net: Net) -> None:
        """Give a Sequential that begins with some other layer an input of its own."""
        if net.kind != "Sequential" or net.inputs or not net.parts:
            return
        # What stands before a Merge begins for itself.
        branches = [part for part in net.parts if part.calls and not part.calls[0].tensors[0].layer]
        for i, part in enumerate(branches):
            self._open_part(net, part, i, alone=len(branches) == 1)

    def _open_part(self, net: Net, first: Part, place: int, *, alone: bool) -> None:
        config: dict[str, Any] = {"dtype": input_dtype(first)}
        shape = sequential_shape(net if alone or first.net is None else first.net)
        if shape is not None:
            config["batch_shape"] = list(shape)
        elif (unread := unread_shape(first.config)) is not None:
            config[unread] = first.config[unread]
        inner = first
        while inner.net is not None and inner.net.parts and not inner.net.parts[0].is_input:
            inner = inner.net.parts[0]
        name = f"{inner.name}_input" if shape is not None or not alone else "input"
        while name in net.index:
            name += "_1"
        data = {"class_name": "InputLayer", "config": config}
        part = Part(name, "InputLayer", data, first.path if shape is not None else net.path)
        part.calls = [Call([], {})]
        first.calls = [Call([Tensor(name, 0, 0)], {})]
        net.parts.append(part)
        net.index[name] = len(net.parts) - 1
        net.inputs.append(name)
        net.places[name, 0] = (net.index[name], 0)
        net.order.insert(place, net.places[name, 0])

    def _calls(
        self,
        net: Net,
        given: list[Source],
        group: Group | None,
        prefix: str,
        made: dict[str, Made],
        *,
        again: bool,
    ) -> list[Source]:
        """Make the nodes of a model's calls.

        Args:
            net: The model.
            given: What it is called on; nothing for the model of the file.
            group: The group its layers stand in, None at the top and in further calls.
            prefix: What stands before their names in paths.
            made: What its parts have become, which is filled here.
            again: Whether this is a further call of a model that has been made.

        Returns:
            What it gives out.
        """
        built: dict[Event, list[Source]] = {}

        def source(tensor: Tensor) -> Source:
            if not tensor.layer:
                return given[0] if given else LOST
            at = (tensor.layer, tensor.call)
            # Of calls in a circle, one comes before what feeds it.
            outputs = built.get(net.places[at]) if at not in net.lost else None
            if outputs is None:
                return LOST
            if tensor.output < len(outputs):
                return outputs[tensor.output]
            part = net.part(tensor.layer)
            if outputs and outputs != [LOST] and not part.broken:
                self._missing(tensor, part, len(outputs))
            return LOST

        for event in net.order:
            part, call = net.parts[event[0]], event[1]
            self._room(part)
            thing = made.get(part.name)
            fresh = thing is None
            if thing is None:
                thing = made[part.name] = self.nodes.make(part)
            # The calls of a model's further call are told apart by its own name.
            plain = fresh or (again and call == 0)
            name = part.name if plain else f"{part.name}@{call + 1}"
            if part.net is not None:
                sources = [source(tensor) for tensor in part.calls[call].tensors]
                outputs = self._group(part, part.net, thing, sources, group, prefix + name)
                self._record(net, part, call, outputs)
            else:
                place = Place(net, part, call, group, name, prefix)
                if part.is_input and not part.broken:
                    if given and part.name not in net.inputs:
                        continue  # nothing takes it in
                    into = given[net.inputs.index(part.name)] if given else None
                    outputs = self.nodes.add_input(place, thing, into)
                else:
                    outputs = self.nodes.add(place, thing, source)
            built[event] = outputs
        return [source(tensor) for tensor in net.outputs]

    def _missing(self, tensor: Tensor, part: Part, count: int) -> None:
        self.factory.report(
            "DS111",
            f"{part.name!r} has {count} output{'s' * (count != 1)}, there is no "
            f"{part.name}:{tensor.output}",
            part.path,
            help=f"outputs are counted from 0 to {count - 1}",
        )

    def _record(self, net: Net, part: Part, call: int, outputs: list[Source]) -> None:
        """Note the shapes that the file records for what a model inside gives out."""
        for k, source in enumerate(outputs):
            shape = net.recorded.get((part.name, call, k))
            if shape is not None and source.ref.node >= 0 and not self.inputs.replaced:
                node = self.model.nodes[source.ref.node]
                node.recorded = {source.ref.output: shape, **node.recorded}

    def _room(self, part: Part) -> None:
        """Demand that there is room for one more node.

        Raises:
            _Full: There is none, which is reported.
        """
        limit = self.factory.calls + MAX_REPEATED
        if len(self.model.nodes) + len(self.model.groups) >= limit:
            message = f"models that call each other again and again make more than {limit:,} layers"
            self.factory.report("DS005", message, part.path)
            raise _Full

    def _group(
        self,
        part: Part,
        net: Net,
        thing: Made,
        sources: list[Source],
        parent: Group | None,
        path: str,
    ) -> list[Source]:
        """Make a model inside the model, or a further call of it."""
        model = self.model
        refs = tuple(source.ref for source in sources)
        feeds = tuple(source.name for source in sources)
        expected = max(len(net.inputs), 1)
        if len(sources) != expected:
            self.factory.report(
                "DS113",
                f"the model {part.name!r} has {expected} input{'s' * (expected != 1)}, it is "
                f"called on {len(sources)}",
                (*part.path, "inbound_nodes"),
                help="each of its calls lists a tensor for each of its inputs",
            )
            return [LOST]
        first = thing.group is None
        begin = len(model.nodes)
        if first:
            kind = part.kind if part.stepwise else net.kind
            thing.group = Group(part.name, kind, parent, thing.origin, refs, begin)
            thing.group.feeds = feeds
            model.groups.append(thing.group)
        inner = thing.group if first else None
        if part.stepwise:
            sources = [self.nodes.each_step(thing, sources[0], inner, f"{path}/")]
        outputs = self._calls(net, sources, inner, f"{path}/", thing.inside, again=not first)
        if part.stepwise:
            outputs = [self.nodes.all_steps(thing, outputs, refs[0], feeds[0], inner, f"{path}/")]
        out = tuple(source.ref for source in outputs)
        if thing.group is not None and first:
            thing.group.outputs = out
            thing.group.end = len(model.nodes)
        elif thing.group is not None:
            end = len(model.nodes)
            model.calls.append(GroupCall(thing.group, path, refs, feeds, out, begin, end))
        return [
            Source(source.ref, path + (f":{k}" if k else "")) for k, source in enumerate(outputs)
        ]
