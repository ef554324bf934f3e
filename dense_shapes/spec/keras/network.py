"""One model of a config taken apart: its layers, their calls, and their order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.layers.recorded import RecordedShape
from dense_shapes.spec.keras.classes import MODELS, class_name, is_own, kind_of
from dense_shapes.spec.keras.inbound import Call, Tensor
from dense_shapes.spec.keras.places import Path


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
        is_input: Whether it is an input of its model.
        broken: Whether it cannot be told what it is, or what it is called on; this is reported.
    """

    __slots__ = (
        *("broken", "calls", "config", "data", "first", "is_input", "kind", "name", "net"),
        *("path", "stepwise"),
    )

    def __init__(self, name: str, kind: str, data: dict[str, Any], path: Path) -> None:
        self.name = name
        self.kind = kind_of(kind, data)
        self.data = data
        config = data.get("config")
        self.config: dict[str, Any] = config if isinstance(config, dict) else {}
        self.path = path
        self.calls: list[Call] = []
        self.net: Net | None = None
        self.stepwise = False
        self.first = 0
        self.broken = False
        self.is_input = self.kind == "InputLayer"


Event = tuple[int, int]
"""One call of one part: which part of its model, and which of its calls, both from 0."""


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
        places: Each call by the name of its layer and the file's number.
        taken: The calls, by the same, whose outputs go into others or out of the model.
        order: The calls, each after those that feed it.
        recorded: Shapes of outputs that the file records, by layer, call (from 0) and output.
        uses: How many outputs are used of each layer of which it is not just the first.
        lost: Calls that are referred to, by layer and the file's number, and are not there.
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
        self.places: dict[tuple[str, int], Event] = {}
        self.taken: set[tuple[str, int]] = set()
        self.order: list[Event] = []
        self.recorded: dict[tuple[str, int, int], RecordedShape] = {}
        self.uses: dict[str, int] = {}
        self.lost: set[tuple[str, int]] = set()

    def part(self, name: str) -> Part:
        """Return the layer of that name."""
        return self.parts[self.index[name]]

    def follow(self) -> None:
        """Fill in `places`, `taken`, `recorded` and `uses`: it is known how calls are counted."""
        places = self.places = {
            (part.name, part.first + k): (i, k)
            for i, part in enumerate(self.parts)
            for k in range(len(part.calls))
        }
        for tensor in [*self.tensors(), *self.outputs]:
            at = (tensor.layer, tensor.call)
            self.taken.add(at)
            if tensor.shape is not None and at in places:
                self.recorded[tensor.layer, places[at][1], tensor.output] = tensor.shape
            if tensor.output:
                most = self.uses.get(tensor.layer, 1)
                self.uses[tensor.layer] = max(most, tensor.output + 1)

    def tensors(self) -> Iterator[Tensor]:
        """Yield what the calls take in."""
        for part in self.parts:
            for call in part.calls:
                yield from call.tensors

    def recorded_of(self, tensor: Tensor) -> RecordedShape | None:
        """Return the shape that the file records for a tensor, if it does."""
        if not tensor.layer or (tensor.layer, tensor.call) in self.lost:
            return tensor.shape
        call = tensor.call - self.part(tensor.layer).first
        return self.recorded.get((tensor.layer, call, tensor.output))


class Unreadable(Exception):  # noqa: N818 - it has been reported
    """A model that cannot be taken apart; why has been reported."""


def is_model(data: Any) -> bool:
    """Tell whether data is the mapping of a whole model, of a class of the user's own too."""
    if not isinstance(data, dict):
        return False
    if class_name(data) in MODELS and not is_own(data):
        return True
    config = data.get("config")
    if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
        return False
    return "input_layers" in config or _is_chain(config)


def _is_chain(config: dict[str, Any]) -> bool:
    """Tell whether the options of a class of the user's own are those of a built Sequential.

    A layer that holds others may have a list of them too, but no input among them.
    """
    first = config["layers"][0] if config["layers"] else None
    return "build_input_shape" in config or (
        isinstance(first, dict) and class_name(first) == "InputLayer" and not is_own(first)
    )


def is_sequential(data: dict[str, Any]) -> bool:
    """Tell whether a model is a Sequential, maybe of a class of the user's own."""
    config = data.get("config")
    graph = isinstance(config, dict) and "input_layers" in config
    name = class_name(data)
    return name == "Sequential" or (not graph and (name not in MODELS or is_own(data)))
