"""Models of a config taken apart, and the models inside them."""

from __future__ import annotations

from typing import Any

from dense_shapes.diagnostics import shorten
from dense_shapes.layers.fields import show
from dense_shapes.spec.keras.inbound import Call, Tensor, read_shape
from dense_shapes.spec.keras.network import Net, Part, Unreadable, is_model, is_sequential
from dense_shapes.spec.keras.options import Factory
from dense_shapes.spec.keras.places import Path
from dense_shapes.spec.keras.wiring import (
    drop_unused,
    is_all_used,
    is_straight,
    order_of,
    read_graph,
)

MAX_NAME = 1000
_UNREAD = "?"
"""The class of a layer that does not say it."""


def read_net(data: dict[str, Any], path: Path, factory: Factory) -> Net:
    """Take a model apart, and the models inside it.

    Raises:
        Unreadable: It cannot be; why is reported.
    """
    config = data.get("config")
    kind = "Sequential" if is_sequential(data) else "Functional"
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
        net.follow()
    else:
        read_graph(net, net.config, inner, factory)
    straight = is_straight(net)
    net.order = [*net.places.values()] if straight else order_of(net, factory)
    if kind != "Sequential" and not (straight and is_all_used(net)):
        drop_unused(net, factory)
    factory.calls += len(net.order)
    return net


def _read_parts(net: Net, layers: list[Any], path: Path, factory: Factory) -> None:
    """Add the layers of a model; what is no layer stands there as a broken one."""
    for i, data in enumerate(layers):
        place = (*path, i)
        part = _part(net, data, i, place, factory)
        try:
            if is_model(part.data):
                part.net = read_net(part.data, place, factory)
            elif part.kind == "TimeDistributed" and is_model(part.config.get("layer")):
                part.net = read_net(part.config["layer"], (*place, "config", "layer"), factory)
                part.stepwise = True
        except Unreadable:
            part.broken = True
        net.index[part.name] = len(net.parts)
        net.parts.append(part)


def _part(net: Net, data: Any, number: int, place: Path, factory: Factory) -> Part:
    """Return one layer of a model; where it has no name, or a wrong one, it is given one."""
    kind = data.get("class_name") if isinstance(data, dict) else None
    config = data.get("config") if isinstance(data, dict) else None
    name = config.get("name") if isinstance(config, dict) else None
    if isinstance(data, dict):
        name = data.get("name", name)
    if not isinstance(kind, str) or not kind:
        factory.report(
            "DS105",
            f"expected a layer with `class_name` and `config`, found {show(data)}",
            place,
            help='write what the layer is, as in {"class_name": "Dense", "config": {"units": 10}}',
        )
        part = Part(_free(name, number, net), _UNREAD, {"class_name": _UNREAD}, place)
        part.broken = True
        return part
    if name is None:
        name = f"{kind.lower()}_{number + 1}"
    if not isinstance(name, str) or not name or len(name) > MAX_NAME:
        shown = show(name) if not isinstance(name, str) else f"{len(name):,} characters"
        factory.report(
            "DS105",
            f"expected a layer's name, found {shown}",
            place,
            help=f"a name is a text of 1 to {MAX_NAME:,} characters",
        )
        name = _free(name, number, net)
    elif name in net.index:
        first = net.part(name)
        factory.report(
            "DS108",
            f"two layers are named {shorten(name)!r}: the other is "
            f"{factory.places.where(first.path)}",
            place,
            help="give one of them another name, where it is referred to as well",
        )
        name = _free(name, number, net)
    return Part(name, kind, data, place)


def _free(name: Any, number: int, net: Net) -> str:
    """Return a layer's name if it is one and free, or one made of its place."""
    fits = isinstance(name, str) and 0 < len(name) <= MAX_NAME
    base = str(name) if fits else f"layer_{number + 1}"
    free, n = base, 1
    while free in net.index:
        n += 1
        free = f"{base}#{n}"
    return free


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
            if part.is_input:
                factory.report(
                    "DS105",
                    f"{part.name!r} is an InputLayer, and stands after other layers: a Sequential "
                    "has one, at its beginning",
                    part.path,
                    help="remove it, or describe a model of several inputs as a Functional one",
                )
                part.broken = True
            built = part.data.get("build_config")
            before.shape = read_shape(built.get("input_shape")) if isinstance(built, dict) else None
            part.calls = [Call([before], {})]
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
                "DS105",
                f"expected a model for Merge to join, found {show(data)}",
                place,
                help="a Merge that begins a Sequential has its models under `layers`",
            )
            raise Unreadable
        part = Part(f"{merge.name}_branch_{i + 1}", str(data.get("class_name")), data, place)
        part.net = read_net(data, place, factory)
        own = part.net.name
        part.name = _free(own if own and own not in net.index else part.name, i, net)
        part.calls = [Call([Tensor("", 0, i)], {})]
        parts.append(part)
        tensors.append(Tensor(part.name, 0, 0))
        net.index[part.name] = 0
    net.parts[:0] = parts
    net.index = {part.name: i for i, part in enumerate(net.parts)}
    return tensors
