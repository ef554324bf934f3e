"""A model as a Keras 3 config, in the form of `to_json()`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.conversion.entries import Entry, Frame, Source, frame_of, is_stepwise, reaching
from dense_shapes.conversion.errors import CannotConvert, Conversion, refusal
from dense_shapes.conversion.fixing import opened
from dense_shapes.conversion.freezing import is_frozen, note_thawed
from dense_shapes.conversion.masks import leave_out
from dense_shapes.conversion.names import legal
from dense_shapes.conversion.values import plain_object, shortest
from dense_shapes.layers import COMMON_FIELDS, Layer, find_layer
from dense_shapes.layers.foreign import Foreign
from dense_shapes.layers.operation import Operands, Operation, array_dtype
from dense_shapes.layers.recorded import AllSteps, EachStep, InnerInput, Recorded, SameShape
from dense_shapes.layers.text import Shape
from dense_shapes.model import Model, Node, Ref
from dense_shapes.propagate import tensors_of

_APPLICATIONS = {
    "CustomScaleLayer": "inception_resnet_v2",
    "LayerScale": "convnext",
    "StochasticDepth": "convnext",
}
"""The modules of layers that `keras.applications` brings along."""

_PASSING = (InnerInput, EachStep, AllSteps)
"""What stands in a model for that which Keras does when it calls a model inside."""

_SEVERAL = ("initial_state", "states")
"""Arguments that are lists of tensors."""

MAX_SHOWN = 3
"""How many layers of a kind a message names."""

_ALWAYS = {("IntegerLookup", "mask_token"), ("TextVectorization", "ngrams")}
"""Options that Keras expects in a config though they are null by default."""


def to_keras(model: Model) -> Conversion[dict[str, Any]]:
    """Return a model as a config that `keras.models.model_from_json` loads, once it is JSON.

    Blocks, repetitions and their turns become Functional models inside the model. Sizes that are
    named become null, and so does a named batch; what feeds no output is left out. Both are noted.

    Args:
        model: A model that shapes can be sent through.

    Raises:
        CannotConvert: A layer needs a size that is only named, or is none of Keras's.
    """
    made: Conversion[dict[str, Any]] = Conversion({})
    _refuse_unknown(model)
    model = opened(model, made)
    made.value = _Writer(model, made).write()
    return made


def _refuse_unknown(model: Model) -> None:
    """Refuse layers that Keras does not have.

    Raises:
        CannotConvert: There are some.
    """
    strange: dict[str, list[Node]] = {}
    for node in model.nodes:
        if not _is_of_keras(node):
            strange.setdefault(node.type, []).append(node)
    refused = []
    for kind, nodes in strange.items():
        # A model may have hundreds of a kind, which are told of at once.
        names = ", ".join(repr(node.path) for node in nodes[:MAX_SHOWN])
        more = f" and {len(nodes) - MAX_SHOWN} more" if len(nodes) > MAX_SHOWN else ""
        if kind == "Lambda" and isinstance(nodes[0].layer, Recorded | SameShape):
            message = f"a Lambda's code is not read, and so it cannot be written: {names}{more}"
            help_ = (
                "if it keeps its input's shape, --lambda same-shape says so: it is then written as "
                "Identity"
                if isinstance(nodes[0].layer, Recorded)
                else "only a Lambda of one input can be written, as Identity: keep the file it "
                "comes from"
            )
        elif isinstance(nodes[0].layer, Foreign):
            message = f"{kind} is foreign code, which is not kept: {names}{more}"
            help_ = "keep the file it comes from"
        elif isinstance(nodes[0].layer, Recorded):
            what = "operation" if nodes[0].layer.weightless else "class"
            message = f"no rule is known for the {what} {kind}, which is not kept: {names}{more}"
            help_ = "keep the file it comes from"
        else:
            message = f"Keras does not have the type {kind}: {names}{more}"
            help_ = "only layers of Keras's own can be in its configs"
        refused.append(refusal(message, nodes[0], help=help_))
    if refused:
        raise CannotConvert(refused)


def _is_of_keras(node: Node) -> bool:
    layer = type(node.layer)
    if node.owner is not None or layer in _PASSING:
        return True
    if isinstance(node.layer, SameShape):
        return len(node.inputs) == 1
    own = layer.__module__.startswith("dense_shapes.layers.") and not issubclass(layer, Foreign)
    return own and find_layer(node.type) is layer


class _List:
    """One list of entries on its way to a Functional model.

    Attributes:
        inputs: The names of the layers that stand for a group's inputs.
        calls: For each entry: which call of its layer it is.
        used: The entries that lead to an output.
    """

    def __init__(self, frame: Frame, model: Model, report: Conversion[Any]) -> None:
        self.frame = frame
        self.model = model
        self.used = _used(frame)
        self.calls: dict[int, int] = {}
        self.taken: set[str] = set()
        counts: dict[int, int] = {}
        for i, entry in enumerate(frame.entries):
            original = entry.original or entry
            if original is entry:
                entry.label = legal(entry.name, "/", self.taken, report)
            if i in self.used or entry.is_input:
                self.calls[i] = counts.get(id(original), 0)
                counts[id(original)] = self.calls[i] + 1
        count = len(frame.group.inputs) if frame.group is not None else 0
        self.inputs = [
            self.free(model.nodes[frame.starts[k]].name)
            if k in frame.starts
            else self.free("input" if count == 1 else f"input_{k}")
            for k in range(count)
        ]

    def free(self, name: str) -> str:
        """Claim a name for a layer of Keras's that is none of ours."""
        quiet: Conversion[None] = Conversion(None)
        return legal(name, "/", self.taken, quiet)

    def history(self, source: Source, *, nested: bool = False) -> list[Any]:
        """Return what Keras calls a tensor: the layer, which call of it, and which output."""
        if source.entry < 0:
            return [self.inputs[-1 - source.entry], 0, 0]
        entry = self.frame.entries[source.entry]
        # A model has one call more than it shows, but only its outputs are counted so.
        group = entry.group
        more = nested and group is not None and not is_stepwise(self.model, group)
        return [(entry.original or entry).label, self.calls[source.entry] + more, source.output]


class _Writer:
    """Writes one model."""

    def __init__(self, model: Model, made: Conversion[dict[str, Any]]) -> None:
        self.model = model
        self.made = made
        self.frozen = is_frozen(model)
        self.tensors = tensors_of(model)

    def write(self) -> dict[str, Any]:
        """Return the whole config."""
        # What is shared between models is written twice in a config, so there is one model for it.
        nodes = enumerate(self.model.nodes)
        passing = {i for i, node in nodes if isinstance(node.layer, _PASSING)}
        leave_out(self.model, self.made)
        frame = frame_of(self.model, reaching(self.model), passing)
        here = _List(frame, self.model, self.made)
        place = {entry.index: i for i, entry in enumerate(frame.entries) if entry.node is not None}
        inputs = [Source(place[i]) for i in self.model.inputs]
        name = legal(self.model.name, "/", set(), self.made)
        made = self._functional(here, name, inputs)
        if self.frozen:
            made["config"]["trainable"] = False
        return made

    def _functional(self, here: _List, name: str, inputs: list[Source]) -> dict[str, Any]:
        """Return a list of entries as a Functional model."""
        layers: list[dict[str, Any]] = []
        if here.frame.group is not None:
            for k, (own, ref) in enumerate(zip(here.inputs, here.frame.group.inputs, strict=True)):
                start = here.frame.starts.get(k)
                shape, dtype = self._tensor(ref if start is None else Ref(start))
                if is_stepwise(self.model, here.frame.group):
                    shape[0] = None
                made = _object("InputLayer", {"batch_shape": shape, "dtype": dtype, "name": own})
                layers.append(made | {"name": own, "inbound_nodes": []})
        for i, entry in enumerate(here.frame.entries):
            calls = [k for k in (i, *here.frame.again(entry)) if k in here.used]
            if entry.original is None and (calls or entry.is_input):
                layers.append(self._layer(here, entry, calls))
            elif entry.original is None:
                path = entry.node.path if entry.node else entry.group.path if entry.group else ""
                self.made.note(f"{path!r} feeds no output, so that Keras has no place for it")
        outputs = [here.history(source, nested=True) for source in here.frame.outputs]
        if here.frame.group is not None:
            for k, source in enumerate(here.frame.outputs):
                if source.entry < 0:
                    # A nested model that only passes its input on makes no call of its own.
                    layers.append(self._identity(here, source))
                    outputs[k] = [layers[-1]["name"], 0, 0]
        config = {
            "name": name,
            "layers": layers,
            "input_layers": _one_or_all([here.history(source) for source in inputs]),
            "output_layers": _one_or_all(outputs),
        }
        home = "keras.src.models.functional"
        return _object("Functional", config, module=home, registered="Functional")

    def _identity(self, here: _List, source: Source) -> dict[str, Any]:
        """Return a layer that passes an input of a group on."""
        group = here.frame.group
        if group is None:
            raise TypeError("only groups have inputs of their own")
        name = here.free("identity")
        tensor = self._keras_tensor(here, source, group.inputs[-1 - source.entry])
        node = {"args": [tensor], "kwargs": {}}
        return _object("Identity", {"name": name}) | {"name": name, "inbound_nodes": [node]}

    def _layer(self, here: _List, entry: Entry, calls: list[int]) -> dict[str, Any]:
        """Return a layer or a nested model with all its calls."""
        layer = entry.node.layer if entry.node is not None else None
        if entry.inside is not None:
            inner = _List(entry.inside, self.model, self.made)
            inputs = [Source(-1 - k) for k in range(len(inner.inputs))]
            made = self._functional(inner, entry.label, inputs)
            if is_stepwise(self.model, entry.group):
                config = {"name": entry.label, "layer": made, "dtype": "float32"}
                made = _object("TimeDistributed", config)
        elif entry.node is not None and isinstance(layer, SameShape):
            made = _object("Identity", {"name": entry.label})
            self.made.note_identity(entry.node)
        elif layer is not None:
            made = _serialized(layer, entry.label)
            if entry.node is not None and not self.frozen:
                note_thawed(entry.node.path, layer, self.made)
        if entry.is_input:
            shape, _ = self._tensor(Ref(entry.index))
            made["config"]["batch_shape"] = shape
            for other in ("shape", "batch_size"):
                made["config"].pop(other, None)
            calls = []
        nodes = [self._call(here, here.frame.entries[k], layer) for k in calls]
        return made | {"name": entry.label, "inbound_nodes": nodes}

    def _call(self, here: _List, entry: Entry, layer: Layer | None) -> dict[str, Any]:
        """Return one call of a layer, or of a nested model."""
        given = [
            self._keras_tensor(here, source, ref)
            for source, ref in zip(entry.inputs, entry.refs, strict=True)
        ]
        args, kwargs = _arguments(layer, given)
        if entry.node is not None:
            kwargs |= entry.node.call
            for name, source in entry.tensors.items():
                base, colon, place = name.partition(":")
                tensor = self._keras_tensor(here, source, entry.node.tensors[name])
                if not colon:
                    kwargs[name] = tensor
                    continue
                several = kwargs.setdefault(base, [])
                several += [None] * (int(place) + 1 - len(several))
                several[int(place)] = tensor
        return {"args": args, "kwargs": kwargs}

    def _tensor(self, ref: Ref) -> tuple[list[int | None], str]:
        shapes, dtypes = self.tensors[ref.node]
        shape = shapes[ref.output] if shapes is not None else None
        return _sizes(shape or ()), dtypes[ref.output]

    def _keras_tensor(self, here: _List, source: Source, ref: Ref) -> dict[str, Any]:
        shape, dtype = self._tensor(ref)
        config = {"shape": shape, "dtype": dtype, "keras_history": here.history(source)}
        return {"class_name": "__keras_tensor__", "config": config}


def _used(frame: Frame) -> set[int]:
    """Return the entries that lead to an output."""
    used: set[int] = set()
    waiting = [source.entry for source in frame.outputs]
    while waiting:
        i = waiting.pop()
        if i >= 0 and i not in used:
            used.add(i)
            entry = frame.entries[i]
            waiting += [source.entry for source in (*entry.inputs, *entry.tensors.values())]
    return used


def _sizes(shape: Shape) -> list[int | None]:
    return [size if type(size) is int else None for size in shape]


def _one_or_all(tensors: list[list[Any]]) -> list[Any]:
    return tensors[0] if len(tensors) == 1 else tensors


def _object(
    name: str,
    config: dict[str, Any],
    *,
    module: str = "keras.layers",
    registered: str | None = None,
) -> dict[str, Any]:
    return {
        "module": module,
        "class_name": name,
        "config": config,
        "registered_name": registered,
    }


def _serialized(layer: Layer, name: str | None, *, frozen: bool = False) -> dict[str, Any]:
    """Return a layer as Keras writes one, options that are null by default left out.

    Args:
        layer: The layer.
        name: Its name; none for one inside another, which Keras names.
        frozen: Whether it is inside a frozen layer: Keras freezes just what says so itself.
    """
    cls = type(layer)
    frozen = frozen or not layer.trainable
    config: dict[str, Any] = {} if name is None else {"name": name}
    if isinstance(layer, Operation):
        own = cls.__name__.removeprefix("ops.")
        called = (*layer.of_call, *getattr(layer, "operands", ()))
        for option in cls.fields:
            if option not in called:
                value = getattr(layer, option)
                if option == "data_format":
                    value = value or "channels_last"
                config[option] = _plain(value)
        return _object(own, config, module=f"keras.src.ops.{layer.home}", registered=own)
    for option, declared in cls.fields.items():
        value = plain_object(getattr(layer, option))
        if option == "trainable":
            value = not frozen
        if option == "dtype":
            value = value or "float32"
        if option == "data_format":
            value = value or "channels_last"
        usual = value is None and declared.default is None
        usual = usual and (cls.__name__, option) not in _ALWAYS
        if not usual and not (option in COMMON_FIELDS and value == declared.default):
            # In one dimension some of Keras's layers take no list.
            written = declared.type.written(value)
            if option == "quantization_config" and written is not None:
                written = {"module": "keras.quantizers", **written}
            short = shortest(declared, value, layer) if cls.rank == 1 else written
            config[option] = _plain(short, frozen=frozen)
    if cls.__name__ in _APPLICATIONS:
        home = f"keras.src.applications.{_APPLICATIONS[cls.__name__]}"
        return _object(cls.__name__, config, module=home, registered=cls.__name__)
    return _object(cls.__name__, config)


def _plain(value: Any, *, frozen: bool = False) -> Any:
    """Return an option's value as JSON has it."""
    if isinstance(value, Layer):
        return _serialized(value, None, frozen=frozen)
    if isinstance(value, list | tuple):
        return [_plain(item, frozen=frozen) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _arguments(layer: Layer | None, given: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the positional and the named arguments of a call on these tensors."""
    kwargs: dict[str, Any] = {}
    if isinstance(layer, Operation):
        for option in layer.of_call:
            written = _constant if option in layer.call_arguments else _key
            kwargs[option] = written(getattr(layer, option))
        if isinstance(layer, Operands):
            return layer.filled(given, _constant), kwargs
        return ([given] if layer.listed else given), kwargs
    if layer is None or layer.inputs == (1, 1):
        return (given if len(given) == 1 else [given]), kwargs
    if layer.listed:
        return [given], kwargs
    first, *rest = given
    names = layer.input_names
    if rest and names[0] in _SEVERAL:
        if hasattr(layer, "cells"):
            rest = _packed(layer, iter(rest))
        return [first], {names[0]: rest}
    return [first], dict(zip(names, rest, strict=False))


def _constant(value: Any) -> Any:
    """Return a constant operand as Keras writes it: an array with its dtype."""
    if not isinstance(value, tuple):
        return value
    config = {"value": _plain(value), "dtype": array_dtype(value)}
    return {"class_name": "__tensor__", "config": config}


def _packed(cell: Any, states: Iterator[Any]) -> Any:
    """Return the states of a cell as Keras has them: those of a stack in a list for each cell."""
    if hasattr(cell, "cells"):
        return [_packed(inner, states) for inner in cell.cells]
    own = [next(states) for _ in range(cell.states)]
    return own if len(own) > 1 else own[0]


def _key(value: Any) -> Any:
    """Return the key of a slice as Keras writes it."""
    if isinstance(value, list | tuple):
        return [_key(part) for part in value]
    if isinstance(value, dict):
        config = {name: value.get(name) for name in ("start", "stop", "step")}
        return {"class_name": "__slice__", "config": config}
    return {"class_name": "__ellipsis__", "config": {}} if value == "..." else value
