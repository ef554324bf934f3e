"""From a saved model, as plain data, to a Model."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Any

from dense_shapes.diagnostics import Diagnostic, shorten
from dense_shapes.layers.fields import show
from dense_shapes.model import Model
from dense_shapes.spec.keras.graph import Expansion
from dense_shapes.spec.keras.inputs import Inputs
from dense_shapes.spec.keras.network import Net, Unreadable, is_model
from dense_shapes.spec.keras.nodes import Nodes
from dense_shapes.spec.keras.options import Factory
from dense_shapes.spec.keras.places import Path, Places
from dense_shapes.spec.keras.structure import read_net
from dense_shapes.spec.nodes import Sequence
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.symbols import Symbols

KEYS = ("class_name", "modelTopology", "model_config")
"""Keys at the top of a file by which it is one of Keras's."""


def is_keras(data: object) -> bool:
    """Tell whether data is a model that Keras or TensorFlow.js saved."""
    return isinstance(data, Map) and any(data.get(key) is not None for key in KEYS)


def read_keras(
    data: Map[str, Any],
    places: Places,
    name: str,
    source_name: str | None,
    settings: Map[str, Any],
    input_shapes: Map[str, Sequence],
    *,
    same_shape: bool = False,
) -> tuple[Model, list[Diagnostic], Symbols]:
    """Read a saved model.

    Args:
        data: The config, or TensorFlow.js's `model.json`.
        places: Where things stand in the file.
        name: What to call the model if it does not say.
        source_name: What the summary calls the file.
        settings: Values by `--set`, for open sizes.
        input_shapes: Shapes that replace those recorded, by the input's name.
        same_shape: Whether Lambdas keep their input's shape, as the user says.

    Returns:
        The model as far as it could be read, what is wrong with it, and the names it has.

    Raises:
        SettingError: A value in `settings` or an input shape that the model cannot take.
    """
    problems = Problems(places.source)
    symbols = Symbols(settings)
    model = Model(name, source_name, [], [], [])
    factory = Factory(places, problems, old=False)
    try:
        config, path, version = _unwrap(data, factory)
        factory.old = version < 3
        if not is_model(config):
            _refuse_class(config, path, factory)
        factory.channels_first = _is_channels_first(config.get("config"))
        net = read_net(config, path, factory)
        # Of a whole model that is frozen Keras trains nothing, whatever its layers say; models
        # inside others, and Sequentials, it makes without looking at their own `trainable`.
        frozen = net.config.get("trainable") is False
        factory.frozen = frozen and net.kind == "Functional" and not factory.old
    except Unreadable:
        return model, problems.found, symbols
    model.name = net.name or name
    inputs = Inputs(factory, symbols, input_shapes)
    nodes = Nodes(model, factory, inputs, same_shape=same_shape)
    if not net.parts:
        factory.report("DS104", "the model has no layers", (*path, "config"))
        return model, problems.found, symbols
    Expansion(model, factory, inputs, nodes).build(net)
    if data.get("weightsManifest") is not None:
        from dense_shapes.spec.keras.manifest import (  # noqa: PLC0415 - of TensorFlow.js alone
            read_manifest,
        )

        model.manifest = read_manifest(data["weightsManifest"], factory)
    return model, problems.unique(), symbols


def _unwrap(data: Map[str, Any], factory: Factory) -> tuple[dict[str, Any], Path, int]:
    """Return the model's own mapping, where it stands, and which Keras wrote it.

    Raises:
        Unreadable: There is none; why is reported.
    """
    path: Path = ()
    version = data.get("keras_version")
    for key in ("modelTopology", "model_config"):
        inner = data.get(key)
        if inner is None:
            continue
        path = (*path, key)
        if isinstance(inner, dict) and "node" in inner and "class_name" not in inner:
            factory.report(
                "DS009",
                "this is a graph model of TensorFlow.js: it holds single operations and no layers",
                path,
                help="convert the Keras model with --output_format=tfjs_layers_model, or read the "
                "Keras file itself",
            )
            raise Unreadable
        if not isinstance(inner, dict):
            factory.report("DS008", f"expected a model in `{key}`, found {show(inner)}", path)
            raise Unreadable
        data = inner
        version = data.get("keras_version", version)
    config = dict(data)
    if not isinstance(config.get("class_name"), str):
        factory.report(
            "DS008",
            f"expected the model's class_name, found {show(config.get('class_name'))}",
            path,
        )
        raise Unreadable
    major = 3 if "module" in config else 2
    if isinstance(version, str) and version[:1].isdecimal():
        major = int(version[0])
    return config, path, major


def _refuse_class(config: dict[str, Any], path: Path, factory: Factory) -> None:
    """Report what is no Sequential and no Functional model.

    Raises:
        Unreadable: Always.
    """
    name = shorten(config["class_name"])
    inner = config.get("config")
    layer = isinstance(inner, dict) and "units" in inner
    factory.report(
        "DS008",
        f"this is {'a layer' if layer else 'a subclassed model'} of the class {name}: its file "
        "does not say which layers it has",
        path,
        help="only Sequential and Functional models can be read from their files; build the model "
        "from inputs to outputs, or describe it in a spec",
    )
    raise Unreadable


def _is_channels_first(config: Any) -> bool:
    """Tell whether the layers of a model that say so keep channels first.

    Keras 1 did not write it for every layer that it matters to.
    """
    layers = config.get("layers") if isinstance(config, dict) else config
    for layer in layers if isinstance(layers, list) else ():
        inner = layer.get("config") if isinstance(layer, dict) else None
        if isinstance(inner, dict):
            said = inner.get("data_format", inner.get("dim_ordering"))
            if said in ("channels_first", "th"):
                return True
            if said in ("channels_last", "tf"):
                return False
            if isinstance(inner.get("layers"), list) and _is_channels_first(inner):
                return True
    return False


__all__ = ["KEYS", "Net", "is_keras", "read_keras"]
