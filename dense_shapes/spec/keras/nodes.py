"""One call of one layer made into a node of the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dense_shapes.diagnostics import shorten
from dense_shapes.layers import InvalidOptions, Layer
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.fields import show
from dense_shapes.layers.recorded import (
    AllSteps,
    EachStep,
    InnerInput,
    Recorded,
    SameShape,
)
from dense_shapes.model import Group, Model, Node, Ref
from dense_shapes.spec.keras import tables
from dense_shapes.spec.keras.arguments import Bound, WrongArgument, bind
from dense_shapes.spec.keras.classes import NotKnown, find_class
from dense_shapes.spec.keras.inbound import Call, Tensor, read_shape
from dense_shapes.spec.keras.inputs import Inputs, input_dtype, recorded_shape, unread_shape
from dense_shapes.spec.keras.network import Net, Part
from dense_shapes.spec.keras.options import Factory
from dense_shapes.spec.keras.places import LayerOrigin, Path
from dense_shapes.spec.sources import LOST, Source, give_beside

_TENSORFLOW = frozenset({"SlicingOpLambda", "TFOpLambda", "TensorFlowOpLayer"})
_BESIDE_MERGE = {"Concatenate": "concat_axis", "Dot": "dot_axes"}


class Made:
    """A part of a model that has become a node or a group.

    Attributes:
        part: The part.
        origin: Where it is described.
        cls: Its class, None where it is not known.
        layer: The layer, None if its options were wrong (and reported).
        data: Its config, that of today's layer where it is one of Keras 1's Merge.
        call: What its options say of its calls.
        why: Why it is not known.
        node: The node of its first call.
        group: The group of its first call.
        inside: For a model: what its own parts have become.
    """

    cls: type[Layer] | None = None
    layer: Layer | None = None
    why: NotKnown | None = None
    node: int | None = None
    group: Group | None = None

    def __init__(self, part: Part, factory: Factory) -> None:
        self.part = part
        self.origin = LayerOrigin(factory.places, part.path)
        self.data = part.data
        self.call: dict[str, Any] = {}
        self.inside: dict[str, Made] = {}


class Place:
    """Where a call stands: its model, which of its part's calls it is, and its name.

    Attributes:
        net: The model.
        part: The layer.
        call: Which of its calls.
        group: The group it stands in.
        name: Its name among those beside it.
        path: Its name from outside.
    """

    __slots__ = ("call", "group", "name", "net", "part", "path")

    def __init__(
        self, net: Net, part: Part, call: int, group: Group | None, name: str, prefix: str
    ) -> None:
        self.net = net
        self.part = part
        self.call = call
        self.group = group
        self.path = prefix + name
        self.name = name if group is not None else self.path

    @property
    def where(self) -> Path:
        """Where the call is described."""
        if self.net.kind == "Sequential":
            return self.part.path
        return (*self.part.path, "inbound_nodes", self.call)

    @property
    def arguments(self) -> Call:
        """What the layer is called on."""
        return self.part.calls[self.call]


class Nodes:
    """Makes the nodes of one file's model."""

    def __init__(self, model: Model, factory: Factory, inputs: Inputs, *, same_shape: bool) -> None:
        self.model = model
        self.factory = factory
        self.inputs = inputs
        self.same_shape = same_shape

    def make(self, part: Part) -> Made:
        """Make a part's layer, as far as it does not depend on a call."""
        made = Made(part, self.factory)
        if part.is_input or part.net is not None or part.kind in _TENSORFLOW:
            return made
        try:
            if part.kind == "Lambda":
                raise NotKnown(
                    "what a Lambda does is code, which is never run",
                    "--lambda same-shape says that Lambdas keep their input's shape",
                )
            if part.kind == "Merge":
                made.data = _merge(part)
            made.cls = find_class(made.data)
            if not made.cls.is_operation:
                made.layer, made.call = self.factory.layer(made.data, made.cls, made.origin)
        except NotKnown as error:
            made.cls = None
            made.why = error
        return made

    def add(self, place: Place, made: Made, source: Callable[[Tensor], Source]) -> list[Source]:
        """Add the node of a call and return what it gives out."""
        part = place.part
        cls, layer, bound = self._called(place, made)
        given = [source(tensor) for tensor in bound.inputs]
        kind = part.kind if cls is None or part.kind in tables.OF_APPLICATIONS else cls.__name__
        node = self._node(place, made, kind, layer, given)
        node.call = {**made.call, **bound.call}
        if bound.tensors:
            give_beside(node, {name: source(tensor) for name, tensor in bound.tensors.items()})
        uses = place.net.uses.get(part.name, 1)
        if not self.inputs.replaced:
            shapes = [place.net.recorded.get((part.name, place.call, k)) for k in range(uses)]
            node.recorded = {k: shape for k, shape in enumerate(shapes) if shape is not None}
        if cls is not None and "output_shape" in part.config and part.kind.startswith("Deconv"):
            # Keras 1 took the output's size from the user.
            shape = read_shape(part.config["output_shape"])
            node.recorded = {**node.recorded, 0: shape} if shape else node.recorded
        count = uses
        if layer is not None:
            layer.call = node.call
            layer.masks_recorded |= bool(bound.tensors)
            count = layer.output_count
        return self._outputs(place, count)

    def add_input(self, place: Place, made: Made, given: Source | None) -> list[Source]:
        """Add the node of an input: of the model, or of one inside that is called on `given`."""
        part = place.part
        recorded = recorded_shape(part.config)
        dtype = input_dtype(part)
        if given is not None:
            inner = InnerInput(recorded, dtype, strict=not self.inputs.replaced)
            self._node(place, made, "InputLayer", inner, [given])
            return self._outputs(place, 1)
        shape = self.inputs.shape(part.name, recorded)
        layer: Layer | None = None
        try:
            layer = InputLayer(batch_shape=recorded or (None,), dtype=dtype)
        except InvalidOptions as error:
            for problem in error.problems:
                self.factory.report(
                    problem.code, f"the input {part.name!r}: {problem.message}", part.path
                )
        node = self._node(place, made, "InputLayer", layer, [])
        node.shape = shape
        unread = unread_shape(part.config) if shape is None else None
        if unread is not None:
            self.factory.report(
                "DS105",
                f"the input {part.name!r}: expected {unread} to be a list of sizes, "
                f"found {show(part.config[unread])}",
                part.path,
            )
        elif shape is None:
            self.factory.report(
                "DS104",
                "the file records no input shape: the model was saved before it was built",
                part.path,
                help="pass --input-shape with the sizes of one example, such as "
                "--input-shape 224,224,3",
            )
        self.model.inputs.append(len(self.model.nodes) - 1)
        return self._outputs(place, 1)

    def each_step(self, thing: Made, given: Source, group: Group | None, prefix: str) -> Source:
        """Lay the steps of what a TimeDistributed is given into the batch."""
        return self._step("each_step", EachStep(), thing, [given], group, prefix)

    def all_steps(
        self,
        thing: Made,
        made: list[Source],
        whole: Ref,
        feed: str,
        group: Group | None,
        prefix: str,
    ) -> Source:
        """Put the steps together again that a model was applied at."""
        if len(made) != 1:
            message = f"TimeDistributed needs a model of one output, this one has {len(made)}"
            help_ = "let the model put out one tensor, or apply it without TimeDistributed"
            self.factory.report("DS113", message, thing.origin.path, help=help_)
            return LOST
        given = [made[0], Source(whole, feed)]
        return self._step("all_steps", AllSteps(), thing, given, group, prefix)

    def _step(
        self,
        name: str,
        layer: Layer,
        thing: Made,
        given: list[Source],
        group: Group | None,
        prefix: str,
    ) -> Source:
        """Add a node that belongs to a TimeDistributed itself."""
        # No layer of a file has a slash in front of its name.
        known = thing.inside.get(f"/{name}")
        node = Node(
            name if group is not None else prefix + name,
            "TimeDistributed",
            layer,
            tuple(source.ref for source in given),
            thing.origin,
            group=group,
            owner=None if known is None else known.node,
        )
        node.feeds = tuple(source.name for source in given)
        if known is None:
            known = thing.inside[f"/{name}"] = Made(thing.part, self.factory)
            known.node = len(self.model.nodes)
        self.model.nodes.append(node)
        return Source(Ref(len(self.model.nodes) - 1), prefix + name)

    def _node(
        self, place: Place, made: Made, kind: str, layer: Layer | None, given: list[Source]
    ) -> Node:
        model = self.model
        refs = tuple([source.ref for source in given])
        node = Node(place.name, kind, layer, refs, made.origin, group=place.group, owner=made.node)
        node.feeds = tuple([source.name for source in given])
        if made.node is None:
            made.node = len(model.nodes)
        model.nodes.append(node)
        return node

    def _outputs(self, place: Place, count: int) -> list[Source]:
        index = len(self.model.nodes) - 1
        if count == 1:
            return [Source(Ref(index), place.path)]
        return [Source(Ref(index, k), place.path + (f":{k}" if k else "")) for k in range(count)]

    def _called(self, place: Place, made: Made) -> tuple[type[Layer] | None, Layer | None, Bound]:
        """Return the layer of a call, with its arguments; the class is None if not known."""
        call, part = place.arguments, place.part
        if part.broken:
            return made.cls, None, Bound(call.tensors, {}, {})
        if not call.tensors:
            self.factory.report(
                "DS113",
                f"no tensor goes into {part.name!r}: it is called on {_called_on(call)}",
                place.where,
                help="a layer of a model works on what another one gives out",
                layer=place.path,
            )
            return made.cls, None, Bound([], {}, {})
        try:
            if made.why is not None:
                raise made.why
            if part.kind in _TENSORFLOW:
                from dense_shapes.spec.keras.tensorflow_calls import (  # noqa: PLC0415 - few files need it
                    tensorflow_call,
                )

                cls, bound = tensorflow_call(part.config, call)
                if cls is SameShape:
                    what = part.config.get("function", part.name)
                    return None, SameShape(f"TensorFlow's {what}"), bound
                config = {}
            elif made.cls is not None:
                cls, bound = made.cls, bind(made.cls, call)
                config = part.config
            else:
                return None, None, Bound(call.tensors, {}, {})
            layer = made.layer
            if cls.is_operation or part.kind in _TENSORFLOW:
                from dense_shapes.spec.keras.operations import (  # noqa: PLC0415 - few models
                    completed,
                )

                data = {"config": completed(cls, config, bound, place.net)}
                layer, _ = self.factory.layer(data, cls, made.origin)
        except NotKnown as error:
            return None, self._unknown(place, error), Bound(call.tensors, {}, {})
        except WrongArgument as error:
            self.factory.report("DS105", str(error), place.where)
            return made.cls, None, Bound(call.tensors, {}, {})
        least, most = cls.inputs
        if not (least <= len(bound.inputs) and (most is None or len(bound.inputs) <= most)):
            takes = str(least) if most == least else f"{least} or more"
            if most is not None and most != least:
                takes = f"{least} to {most}"
            self.factory.report(
                "DS113",
                f"{cls.__name__} takes {takes} input{'' if most == 1 else 's'}, "
                f"found {len(bound.inputs)}",
                place.where,
                layer=place.path,
            )
            layer = None
        return cls, layer, bound

    def _unknown(self, place: Place, why: NotKnown) -> Layer:
        """Return what stands for a layer that is not known."""
        part, net = place.part, place.net
        if part.kind == "Lambda" and self.same_shape:
            return SameShape("its code is not read; by --lambda same-shape it")
        uses = net.uses.get(part.name, 1)
        found = [net.recorded.get((part.name, place.call, k)) for k in range(uses)]
        if part.kind in {"Lambda", "Merge"} and found == [None]:
            given = read_shape(part.config.get("output_shape"))
            found = [None if given is None else (None, *given)]
        takes = [tensor.shape or net.recorded_of(tensor) for tensor in place.arguments.tensors]
        module = part.data.get("module")
        return Recorded(
            part.kind,
            found,
            takes,
            self.inputs.name_open,
            why=why.reason,
            help_=why.help,
            weightless=part.kind in _TENSORFLOW
            or (isinstance(module, str) and ".ops." in f"{module}."),
            config=part.config,
        )


def _called_on(call: Call) -> str:
    """Return the arguments of a call without tensors as a text."""
    given = [show(value) for value in call.args]
    given += [f"{shorten(name)}={show(value)}" for name, value in call.kwargs.items()]
    return ", ".join(given) or "nothing"


def _merge(part: Part) -> dict[str, Any]:
    """Return Keras 1's Merge as the layer that its mode became.

    Raises:
        NotKnown: Its mode is a function, or has no such layer.
    """
    mode = part.config.get("mode")
    if isinstance(mode, list):
        raise NotKnown("how this Merge joins its inputs is code, which is never run")
    kind = tables.MERGE_MODES.get(mode) if isinstance(mode, str) else None
    if kind is None or part.config.get("mode_type", "raw") != "raw":
        raise NotKnown(f"no rule is known for Merge in the mode {mode!r}")
    kept = ("name", "trainable", _BESIDE_MERGE.get(kind, ""))
    config = {key: value for key, value in part.config.items() if key in kept}
    if mode == "cos":
        config["normalize"] = True
    return {"class_name": kind, "config": config}


__all__ = ["LOST", "Made", "Nodes", "Place"]
