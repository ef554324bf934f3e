"""What feeds the layers of a Functional model, and the order that follows."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from dense_shapes.diagnostics import did_you_mean, shorten
from dense_shapes.layers.fields import show
from dense_shapes.spec.keras.inbound import Call, Malformed, Tensor, read_call, read_tensors
from dense_shapes.spec.keras.network import Event, Net, Part
from dense_shapes.spec.keras.options import Factory
from dense_shapes.spec.keras.places import Path

_TENSOR = 'a tensor is written ["dense", 0, 0]: the layer, which of its calls, which output'
MAX_SHOWN = 3
"""How many layers a message names."""

_ENDS = {"input_layers": "takes in", "output_layers": "gives out"}


def read_graph(net: Net, config: dict[str, Any], path: Path, factory: Factory) -> None:
    """Read what the layers of a model are called on, its inputs and its outputs.

    All that is wrong is reported; what is referred to and is not there is put into `net.lost`.
    """
    names = net.index
    for part in net.parts:
        nodes = part.data.get("inbound_nodes")
        place = (*part.path, "inbound_nodes")
        if not isinstance(nodes, list):
            if not part.broken:
                what = "nothing" if nodes is None else show(nodes)
                factory.report(
                    "DS104",
                    f"{part.name!r} has no list of inbound nodes, found {what}",
                    place,
                    help='list the calls of the layer, as in [[["dense", 0, 0]]]; [] for an input',
                )
            part.broken = part.broken or not part.is_input
            nodes = [[]]
        if part.is_input:
            part.calls = [Call([], {})]
            continue
        for k, node in enumerate(nodes):
            try:
                part.calls.append(read_call(node, names) if node != [] else Call([], {}))
            except Malformed as error:
                factory.report(
                    "DS105", f"what {part.name!r} is called on: {error}", (*place, k), help=_TENSOR
                )
                part.broken = True
                part.calls.append(Call([], {}))
    net.inputs = [part.name for part in net.parts if part.is_input]
    for key in _ENDS:
        found = _ends(key, config, path, factory)
        if key == "output_layers":
            net.outputs = [tensor for _, tensor in found]
            net.keys = [name for name, _ in found]
        elif found:
            net.inputs = [tensor.layer for _, tensor in found]
    for name in net.inputs:
        if name not in names or not net.part(name).is_input:
            kind = "is none of its layers" if name not in names else "is no InputLayer"
            factory.report(
                "DS111",
                f"the input {shorten(name)!r} {kind}",
                (*path, "input_layers"),
                label=did_you_mean(name, [part.name for part in net.parts if part.is_input]),
                help="name the InputLayers that the model takes in",
            )
    _number_calls(net)
    net.follow()
    _check_references(net, path, factory)


def _ends(
    key: str, config: dict[str, Any], path: Path, factory: Factory
) -> list[tuple[str | None, Tensor]]:
    """Return the model's inputs or outputs, empty where they cannot be read, which is reported."""
    try:
        found = read_tensors(config.get(key))
    except Malformed as error:
        factory.report("DS105", f"{key}: {error}", (*path, key), help=_TENSOR)
        return []
    if not found:
        what = f"the model {_ENDS[key]} nothing: {key} is empty"
        factory.report("DS105", what, (*path, key), help=f"list what it {_ENDS[key]}; {_TENSOR}")
    return found


def _number_calls(net: Net) -> None:
    """Find out how the file counts the calls of models inside: many begin with 1.

    A model that is made of its own inputs has a call of its own from the start, and files count
    it though they do not hold it. Keras 3 does so for Functional models, and in the model's
    outputs only; whether it wrote the file is told by how calls are written, for its `.h5` files
    say so nowhere else in the config.
    """
    inside = [(part, part.net) for part in net.parts if part.net is not None and not part.stepwise]
    if not inside:
        return
    old = not any(call.modern for part in net.parts for call in part.calls)
    between, out = ({}, {})  # type: tuple[dict[str, set[int]], dict[str, set[int]]]
    for used, found in ((between, net.tensors()), (out, net.outputs)):
        for tensor in found:
            used.setdefault(tensor.layer, set()).add(tensor.call)

    def first(part: Part, numbers: set[int], counted: bool) -> int:
        counted = counted or max(numbers, default=0) >= len(part.calls)
        return 1 if counted and 0 not in numbers else 0

    last: dict[str, int] = {}
    for part, model in inside:
        inner, outer = between.get(part.name, set()), out.get(part.name, set())
        if old:
            inner = outer = inner | outer
        part.first = first(part, inner, old)
        last[part.name] = first(part, outer, old or model.kind == "Functional")
    for tensor in net.outputs:
        if tensor.layer in last:
            tensor.call += net.part(tensor.layer).first - last[tensor.layer]


def _check_references(net: Net, path: Path, factory: Factory) -> None:
    """Report each tensor of a call that is not there."""
    strays = {part.name for part in net.parts if part.is_input} - set(net.inputs)
    there = {at for at in net.places if at[0] not in strays}
    if net.taken <= there:
        return
    for part in net.parts:
        for k, call in enumerate(part.calls):
            for tensor in call.tensors:
                if (tensor.layer, tensor.call) not in there:
                    place = (*part.path, "inbound_nodes", k)
                    _lose(net, tensor, place, f"{part.name!r}", factory)
    for tensor in net.outputs:
        if (tensor.layer, tensor.call) not in there:
            _lose(net, tensor, (*path, "output_layers"), "an output", factory)


def _lose(net: Net, tensor: Tensor, place: Path, who: str, factory: Factory) -> None:
    """Report a tensor of a call that is not there, or of an input that is none of the model's."""
    part = net.part(tensor.layer) if tensor.layer in net.index else None
    if part is None:
        factory.report(
            "DS111",
            f"{who}: no layer is called {shorten(tensor.layer)!r}",
            place,
            label=did_you_mean(tensor.layer, net.index),
            help="name a layer that is there, or add the one that is missing",
        )
    elif part.is_input and part.name not in net.inputs:
        factory.report(
            "DS111",
            f"{who}: the input {part.name!r} is none of the model's input_layers",
            place,
            help=f'add ["{part.name}", 0, 0] to input_layers',
        )
    elif not part.broken:
        factory.report("DS111", f"{who}: {_no_call(part, tensor)}", place, help=_TENSOR)
    net.lost.add((tensor.layer, tensor.call))


def _no_call(part: Part, tensor: Tensor) -> str:
    if not part.calls:
        return f"{part.name!r} is never called"
    times = "once" if len(part.calls) == 1 else f"{len(part.calls)} times"
    return f"{part.name!r} has no call {tensor.call}, it is called {times}, from {part.first} on"


def is_straight(net: Net) -> bool:
    """Tell whether each call stands after what feeds it, as in nearly all files."""
    seen: set[tuple[str, int]] = set()
    for at, (i, k) in net.places.items():
        for tensor in net.parts[i].calls[k].tensors:
            need = (tensor.layer, tensor.call)
            if need not in seen and tensor.layer and need not in net.lost:
                return False
        seen.add(at)
    return True


def is_all_used(net: Net) -> bool:
    """Tell whether all calls, none of them in a circle, lead to an output: so no other ends."""
    ends = net.places.keys() - net.taken
    return all(net.part(name).is_input for name, _ in ends) and all(p.calls for p in net.parts)


def order_of(net: Net, factory: Factory) -> list[Event]:
    """Return the calls in the order of the file, but each after what feeds it.

    Those that feed each other in a circle are reported, and come last.
    """
    needs: dict[Event, set[Event]] = {}
    for i, k in net.places.values():
        taken = [(t.layer, t.call) for t in net.parts[i].calls[k].tensors if t.layer]
        needs[i, k] = {net.places[at] for at in taken if at not in net.lost}
    waiting: dict[Event, int] = {}
    users: dict[Event, list[Event]] = {}
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
        names = list(dict.fromkeys(net.parts[i].name for i, _ in sorted(waiting)))
        shown = ", ".join(shorten(name) for name in names[:5]) + (", …" if len(names) > 5 else "")
        factory.report(
            "DS112",
            f"these layers feed each other in a circle, or wait for such: {shown}",
            (*net.parts[min(waiting)[0]].path, "inbound_nodes"),
            help="a layer can only take in what does not depend on what it gives out",
        )
        order += sorted(waiting)
    return order


def drop_unused(net: Net, factory: Factory) -> None:
    """Take out the calls that lead to no output, as Keras does when it loads a file, and say so.

    Where something is wrong with the model, all are kept.
    """
    if net.lost or not net.outputs or any(part.broken for part in net.parts):
        return
    used = {(tensor.layer, tensor.call) for tensor in net.outputs}
    kept = []
    for event in reversed(net.order):
        part = net.parts[event[0]]
        if part.is_input or (part.name, event[1] + part.first) in used:
            used.update([(t.layer, t.call) for t in part.calls[event[1]].tensors])
            kept.append(event)
    if len(kept) < len(net.order):
        net.order = kept[::-1]
    left = {i for i, _ in kept}
    unused = [part for i, part in enumerate(net.parts) if i not in left]
    if unused:
        shown = ", ".join(repr(shorten(part.name)) for part in unused[:MAX_SHOWN])
        more = f" and {len(unused) - MAX_SHOWN} more" if len(unused) > MAX_SHOWN else ""
        they = "it" if len(unused) == 1 else "them"
        factory.report(
            "DS302",
            f"no output depends on {shown}{more}: Keras leaves {they} out when it loads the file, "
            "and so do the totals",
            unused[0].path,
            help=f"list what is wanted in output_layers, or take {they} out",
        )
