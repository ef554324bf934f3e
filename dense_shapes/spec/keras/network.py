"""One model of a config taken apart: its layers, their calls, and the order that follows."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any, NamedTuple

from dense_shapes.diagnostics import shorten
from dense_shapes.layers.fields import show
from dense_shapes.layers.recorded import RecordedShape
from dense_shapes.spec.keras.inbound import (
    Call,
    Malformed,
    Tensor,
    read_call,
    read_shape,
    read_tensors,
)
from dense_shapes.spec.keras.options import MODELS, Factory, class_name
from dense_shapes.spec.keras.places import Path

MAX_NAME = 1000


class Part:
    """A layer of a model, or a model inside it.

    Attributes:
        name: Its name.
        kind: Its class, as the file calls it.
        data: Its config, with what is beside it.
        config: Its own options.
        path: Where that stands.
        calls: What it is called on.
        net: The model it is, or applies at each step, if it does.
        stepwise: Whether it is a TimeDistributed that applies a model.
        first: The number by which the file refers to its first call.
    """

    __slots__ = ("calls", "config", "data", "first", "kind", "name", "net", "path", "stepwise")

    def __init__(self, name: str, kind: str, data: dict[str, Any], path: Path) -> None:
        self.name = name
        self.kind = kind
        self.data = data
        config = data.get("config")
        self.config: dict[str, Any] = config if isinstance(config, dict) else {}
        self.path = path
        self.calls: list[Call] = []
        self.net: Net | None = None
        self.stepwise = False
        self.first = 0

    @property
    def is_input(self) -> bool:
        """Whether it is an input of its model."""
        return self.kind == "InputLayer"


class Event(NamedTuple):
    """One call of one part."""

    part: int
    call: int


class Net:
    """A Sequential or Functional model of a config.

    Attributes:
        name: Its name, empty if it has none.
        kind: "Sequential" or "Functional".
        path: Where its mapping stands.
        config: Its own options.
        parts: Its layers in the order of the file.
        index: The place of each by its name.
        inputs: The names of its inputs, in order; empty where it is called on what comes.
        outputs: What it gives out.
        keys: What each of them is called.
        order: The calls, each after those that feed it.
        recorded: Shapes of outputs that the file records, by layer, call (from 0) and output.
        uses: How many outputs are used of each layer of which it is not just the first.
    """

    def __init__(self, name: str, kind: str, path: Path) -> None:
        self.name = name
        self.kind = kind
        self.path = path
        self.config: dict[str, Any] = {}
        self.parts: list[Part] = []
        self.index: dict[str, int] = {}
        self.inputs: list[str] = []
        self.outputs: list[Tensor] = []
        self.keys: list[str | None] = []
        self.order: list[Event] = []
        self.recorded: dict[tuple[str, int, int], RecordedShape] = {}
        self.uses: dict[str, int] = {}

    def part(self, name: str) -> Part:
        """Return the layer of that name."""
        return self.parts[self.index[name]]

    def recorded_of(self, tensor: Tensor) -> RecordedShape | None:
        """Return the shape that the file records for a tensor, if it does."""
        if not tensor.layer:
            return tensor.shape
        call = tensor.call - self.part(tensor.layer).first
        return self.recorded.get((tensor.layer, call, tensor.output))


class Unreadable(Exception):  # noqa: N818 - it has been reported
    """A model that cannot be taken apart; why has been reported."""


def is_model(data: Any) -> bool:
    """Tell whether data is the mapping of a whole model, of a class of the user's own too."""
    if not isinstance(data, dict):
        return False
    if class_name(data) in MODELS:
        return True
    config = data.get("config")
    return isinstance(config, dict) and "layers" in config and "input_layers" in config


def read_net(data: dict[str, Any], path: Path, factory: Factory) -> Net:
    """Take a model apart, and the models inside it.

    Raises:
        Unreadable: It cannot be; why is reported.
    """
    config = data.get("config")
    kind = "Sequential" if data.get("class_name") == "Sequential" else "Functional"
    inner = (*path, "config")
    if isinstance(config, list) and kind == "Sequential":
        # Keras 1 and early Keras 2.
        net = Net("", kind, path)
        _read_parts(net, config, inner, factory)
    elif isinstance(config, dict) and isinstance(config.get("layers"), list):
        name = config.get("name")
        net = Net(name if isinstance(name, str) else "", kind, path)
        net.config = config
        _read_parts(net, config["layers"], (*inner, "layers"), factory)
    else:
        found = "nothing" if config is None else show(config)
        if isinstance(config, dict):
            found = f"a mapping of {', '.join(map(shorten, list(config)[:5])) or 'nothing'}"
        factory.report(
            "DS008",
            f"a {kind} model's config has a list of layers, found {found}",
            inner,
            help="a subclassed model does not say in its file which layers it has",
        )
        raise Unreadable
    if kind == "Sequential":
        _chain(net, factory)
    else:
        _read_graph(net, net.config, inner, factory)
    for tensor in [*(t for p in net.parts for c in p.calls for t in c.tensors), *net.outputs]:
        if tensor.output:
            net.uses[tensor.layer] = max(net.uses.get(tensor.layer, 1), tensor.output + 1)
    net.order = _order(net, factory)
    factory.calls += len(net.order)
    return net


def _read_parts(net: Net, layers: list[Any], path: Path, factory: Factory) -> None:
    broken = False
    for i, data in enumerate(layers):
        place = (*path, i)
        kind = data.get("class_name") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(kind, str) or not kind:
            factory.report(
                "DS105",
                f"expected a layer with `class_name` and `config`, found {show(data)}",
                place,
            )
            broken = True
            continue
        config = data.get("config")
        name = config.get("name") if isinstance(config, dict) else None
        name = data.get("name", name)
        if name is None:
            name = f"{kind.lower()}_{i + 1}"
        if not isinstance(name, str) or not name or len(name) > MAX_NAME:
            shown = show(name) if not isinstance(name, str) else f"{len(name):,} characters"
            factory.report("DS105", f"expected a layer's name, found {shown}", place)
            broken = True
            continue
        if name in net.index:
            first = net.part(name)
            factory.report(
                "DS108",
                f"two layers are named {shorten(name)!r}: the other is "
                f"{factory.places.where(first.path)}",
                place,
            )
            broken = True
            continue
        part = Part(name, kind, data, place)
        if is_model(data):
            part.net = read_net(data, place, factory)
        elif kind == "TimeDistributed" and is_model(part.config.get("layer")):
            part.net = read_net(part.config["layer"], (*place, "config", "layer"), factory)
            part.stepwise = True
        net.index[name] = len(net.parts)
        net.parts.append(part)
    if broken:
        raise Unreadable


def _chain(net: Net, factory: Factory) -> None:
    """Link the layers of a Sequential, each to the one before.

    In Keras 1, it may begin with a Merge of other models.

    Raises:
        Unreadable: Something among these is no model; it is reported.
    """
    before = Tensor("", 0, 0)
    branches = _branches(net, factory)
    for part in net.parts:
        if branches and part.kind == "Merge":
            part.calls = [Call([branches], {})]
            before = Tensor(part.name, 0, 0)
            branches = []
            continue
        if part.net is not None and branches:
            continue
        if part.is_input and not before.layer:
            part.calls = [Call([], {})]
            net.inputs = [part.name]
        else:
            built = part.data.get("build_config")
            shape = read_shape(built.get("input_shape")) if isinstance(built, dict) else None
            if shape is not None and before.layer:
                net.recorded[before.layer, 0, 0] = shape
            part.calls = [Call([before._replace(shape=shape)], {})]
        before = Tensor(part.name, 0, 0)
    net.outputs = [before]
    net.keys = [None]


def _branches(net: Net, factory: Factory) -> list[Tensor]:
    """Put the models that a first Merge joins before it, and return what they give out."""
    merge = net.parts[0] if net.parts else None
    layers = merge.config.get("layers") if merge is not None and merge.kind == "Merge" else None
    if merge is None or not isinstance(layers, list) or not layers:
        return []
    parts, tensors = [], []
    for i, data in enumerate(layers):
        place = (*merge.path, "config", "layers", i)
        if not isinstance(data, dict) or not is_model(data):
            factory.report(
                "DS105", f"expected a model for Merge to join, found {show(data)}", place
            )
            raise Unreadable
        part = Part(f"{merge.name}_branch_{i + 1}", str(data.get("class_name")), data, place)
        part.net = read_net(data, place, factory)
        part.name = part.net.name if part.net.name not in net.index and part.net.name else part.name
        part.calls = [Call([Tensor("", 0, i)], {})]
        parts.append(part)
        tensors.append(Tensor(part.name, 0, 0))
        net.index[part.name] = 0
    net.parts[:0] = parts
    net.index = {part.name: i for i, part in enumerate(net.parts)}
    return tensors


def _read_graph(net: Net, config: dict[str, Any], path: Path, factory: Factory) -> None:
    names = net.index
    broken = False
    for part in net.parts:
        nodes = part.data.get("inbound_nodes")
        place = (*part.path, "inbound_nodes")
        if not isinstance(nodes, list):
            factory.report(
                "DS104", f"{part.name!r} has no list of inbound nodes: {show(nodes)}", place
            )
            broken = True
            continue
        if part.is_input:
            part.calls = [Call([], {})]
            continue
        for k, node in enumerate(nodes):
            try:
                part.calls.append(read_call(node, names))
            except Malformed as error:
                factory.report("DS105", f"what {part.name!r} is called on: {error}", (*place, k))
                broken = True
    for key in ("input_layers", "output_layers"):
        try:
            found = read_tensors(config.get(key))
        except Malformed as error:
            factory.report("DS105", f"{key}: {error}", (*path, key))
            broken = True
            continue
        if key == "input_layers":
            net.inputs = [tensor.layer for _, tensor in found]
        else:
            net.outputs = [tensor for _, tensor in found]
            net.keys = [name for name, _ in found]
    if broken:
        raise Unreadable
    for name in net.inputs:
        if name not in names or not net.part(name).is_input:
            message = f"the input {shorten(name)!r} is none of its layers"
            factory.report("DS111", message, (*path, "input_layers"))
            raise Unreadable
    _number_calls(net, old=factory.old)
    _check_references(net, path, factory)


def _number_calls(net: Net, *, old: bool) -> None:
    """Find out how the file counts the calls of models inside: many begin with 1.

    A model that is made of its own inputs has a call of its own from the start, and files count
    it though they do not hold it. Keras 3 does so for Functional models, and in the model's
    outputs only.
    """
    tensors = [t for part in net.parts for call in part.calls for t in call.tensors]
    between, out = ({}, {})  # type: tuple[dict[str, set[int]], dict[str, set[int]]]
    for used, found in ((between, tensors), (out, net.outputs)):
        for tensor in found:
            used.setdefault(tensor.layer, set()).add(tensor.call)

    def first(part: Part, numbers: set[int], counted: bool) -> int:
        counted = counted or max(numbers, default=0) >= len(part.calls)
        return 1 if counted and 0 not in numbers else 0

    last: dict[str, int] = {}
    for part in net.parts:
        if part.net is not None and not part.stepwise:
            inner, outer = between.get(part.name, set()), out.get(part.name, set())
            if old:
                inner = outer = inner | outer
            part.first = first(part, inner, old)
            last[part.name] = first(part, outer, old or part.net.kind == "Functional")
    net.outputs = [
        t._replace(call=t.call - last[t.layer] + net.part(t.layer).first) if t.layer in last else t
        for t in net.outputs
    ]
    for tensor in tensors:
        if tensor.shape is not None and tensor.layer in net.index:
            call = tensor.call - net.part(tensor.layer).first
            net.recorded[tensor.layer, call, tensor.output] = tensor.shape


def _check_references(net: Net, path: Path, factory: Factory) -> None:
    """Demand that every tensor is one of a call that is there.

    Raises:
        Unreadable: One is not; it is reported.
    """
    broken = False

    def check(tensor: Tensor, place: Path, who: str) -> None:
        nonlocal broken
        if tensor.layer not in net.index:
            factory.report("DS111", f"{who}: no layer is called {shorten(tensor.layer)!r}", place)
            broken = True
            return
        part = net.part(tensor.layer)
        if not 0 <= tensor.call - part.first < len(part.calls):
            factory.report(
                "DS111",
                f"{who}: {part.name!r} has no call {tensor.call}, it is called "
                f"{len(part.calls)} times",
                place,
            )
            broken = True

    for part in net.parts:
        for k, call in enumerate(part.calls):
            for tensor in call.tensors:
                check(tensor, (*part.path, "inbound_nodes", k), f"{part.name!r}")
    for tensor in net.outputs:
        check(tensor, (*path, "output_layers"), "an output")
    if broken:
        raise Unreadable


def _order(net: Net, factory: Factory) -> list[Event]:
    """Return the calls in the order of the file, but each after what feeds it.

    Raises:
        Unreadable: Some feed each other in a circle; they are reported.
    """
    index, parts = net.index, net.parts
    needs: dict[Event, set[tuple[int, int]]] = {}
    ordered = True
    for i, part in enumerate(parts):
        for k, call in enumerate(part.calls):
            event = Event(i, k)
            needs[event] = before = set()
            for tensor in call.tensors:
                if tensor.layer:
                    place = index[tensor.layer]
                    need = (place, tensor.call - parts[place].first)
                    before.add(need)
                    ordered = ordered and need < event
    if ordered:
        return list(needs)
    waiting: dict[Event, int] = {}
    users: dict[tuple[int, int], list[Event]] = {}
    ready: list[Event] = []
    for event, before in needs.items():
        for need in before:
            users.setdefault(need, []).append(event)
        if before:
            waiting[event] = len(before)
        else:
            heappush(ready, event)
    order = []
    while ready:
        event = heappop(ready)
        order.append(event)
        for user in users.get(event, ()):
            waiting[user] -= 1
            if not waiting[user]:
                del waiting[user]
                heappush(ready, user)
    if waiting:
        names = list(dict.fromkeys(net.parts[event.part].name for event in sorted(waiting)))
        shown = ", ".join(shorten(name) for name in names[:5]) + (", …" if len(names) > 5 else "")
        factory.report(
            "DS112",
            f"these layers feed each other in a circle, or wait for such: {shown}",
            (*net.parts[min(waiting).part].path, "inbound_nodes"),
        )
        raise Unreadable
    return order
