"""A model as a spec in our own language."""

from __future__ import annotations

import re
from typing import Any

from dense_shapes.conversion.entries import Entry, Frame, Source, frame_of, is_stepwise, reaching
from dense_shapes.conversion.errors import CannotConvert, Conversion, refusal
from dense_shapes.conversion.masks import leave_out
from dense_shapes.conversion.names import automatic, legal
from dense_shapes.conversion.shown import named_ends, ranks_of, without_mirror, without_usual_axes
from dense_shapes.conversion.text import Lines, block, escaped
from dense_shapes.conversion.values import default_of, expressions, given, layers_in, settled
from dense_shapes.conversion.words import Words
from dense_shapes.diagnostics import shorten
from dense_shapes.dims import BATCH, is_open, symbols_of
from dense_shapes.layers import Layer, find_layer, snake_case
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.operation import Operation
from dense_shapes.layers.policies import PolicyName
from dense_shapes.layers.text import Shape
from dense_shapes.layers.unknown import TakenAtWord
from dense_shapes.model import Group, Model, Node
from dense_shapes.spec.keras.classes import MODELS
from dense_shapes.spec.stepwise import TYPE
from dense_shapes.spec.symbols import open_names

_SHARED = ("dtype", "data_format", "trainable")
"""Options that are written once where all layers that have them agree."""

_WORDS = ("repeat", "reuse", "type")
_ILLEGAL = r"[/:@]|\$\{"


def to_native(model: Model, *, ascii_only: bool = False) -> Conversion[str]:
    """Return a model as the text of a spec, which reads as the same layers, shapes and counts.

    Blocks are written without arguments, one for each way in which they differ; a `repeat`, the
    turns of which differ, as blocks too.

    Args:
        model: A model that shapes can be sent through.
        ascii_only: Whether other letters are to be escaped.

    Raises:
        CannotConvert: It holds what a spec cannot say.
    """
    try:
        return _Writer(model, set(), ascii_only=ascii_only).write()
    except _ReachesOutError:
        return _Writer(model, reaching(model), ascii_only=ascii_only).write()


class _ReachesOutError(Exception):
    """A `repeat` cannot be written as blocks: something from outside is called again in it."""


class _List:
    """One list of entries on its way into the spec: what they are called, and by which names."""

    def __init__(self, frame: Frame, inputs: int) -> None:
        self.frame = frame
        self.inputs = inputs
        self.heads: dict[int, str] = {}
        self.unwritten: set[int] = set()

    def reference(self, source: Source) -> str:
        """Return how an entry of the list refers to what feeds it."""
        if source.entry < 0:
            return "input" if self.inputs == 1 else f"input:{-1 - source.entry}"
        name = self.frame.entries[source.entry].label
        return f"{name}:{source.output}" if source.output else name


class _Writer:
    """Writes one model."""

    def __init__(self, model: Model, inlined: set[int], *, ascii_only: bool) -> None:
        self.model = model
        self.inlined = inlined
        self.reaching = reaching(model) - inlined
        self.ascii_only = ascii_only
        self.made: Conversion[str] = Conversion("")
        self.defaults = _defaults(model)
        self.words = Words(model, self.made)
        self.ranks = ranks_of(model)
        self.types = {self.words.type_of(node) for node in model.nodes}
        self.blocks: dict[str, dict[str, Any]] = {}
        self.known: dict[str, str] = {}
        self.stepwise: dict[int, str] = {}

    def write(self) -> Conversion[str]:
        """Return the spec.

        Raises:
            CannotConvert: It holds what a spec cannot say.
        """
        leave_out(self.model, self.made)
        frame = frame_of(self.model, self.inlined, self.words.passing)
        order = {index: place for place, index in enumerate(self.model.inputs)}
        # The order of the inputs is that of the model, whatever the order of their layers.
        leading = sorted(
            (i for i, entry in enumerate(frame.entries) if entry.is_input),
            key=lambda i: order.get(frame.entries[i].index, len(order)),
        )
        top = _List(frame, len(leading))
        taken: set[str] = set()
        for i in leading:
            frame.entries[i].label = legal(frame.entries[i].name, _ILLEGAL, taken, self.made)
        spec: dict[str, Any] = {"name": self.model.name}
        inputs = self._inputs({frame.entries[i].label: frame.entries[i] for i in leading})
        body = self._list(top, leading, taken)
        named = self._vars()
        if not body["layers"]:
            body["layers"] = Lines(
                {"Input": {"name": name, **form}} for name, form in inputs.items()
            )
        elif list(inputs) == ["input"] and len(inputs["input"]) == 1:
            spec["input_shape"] = inputs["input"]["shape"]
        else:
            spec["inputs"] = {
                name: form["shape"] if len(form) == 1 else form for name, form in inputs.items()
            }
        names = named_ends(self.model)
        if names:
            shown = ", ".join(map(repr, map(shorten, names[:5]))) + (
                ", …" if len(names) > 5 else ""
            )
            self.made.note(f"the outputs are called by their layers, no longer {shown}")
        batch = next((self.model.nodes[i].shape or (BATCH,) for i in self.model.inputs), (BATCH,))
        if type(batch[0]) is int or batch[0] != BATCH:
            spec["batch_size"] = batch[0]
        if named:
            spec["vars"] = dict.fromkeys(named)
        if self.defaults:
            spec["defaults"] = self.defaults
        if self.blocks:
            spec["blocks"] = self.blocks
        spec |= body
        if self.ascii_only:
            spec = escaped(spec)
        self.made.value = "\n".join(block(spec, "")) + "\n"
        if "${" in self.made.value:
            line = next(line for line in self.made.value.splitlines() if "${" in line)
            raise CannotConvert(
                [refusal(f"a spec puts names in the place of ${{…}}, so it cannot hold: {line}")]
            )
        return self.made

    def _inputs(self, inputs: dict[str, Entry]) -> dict[str, dict[str, Any]]:
        forms = {}
        for name, entry in inputs.items():
            node = entry.node
            if node is None or node.shape is None or node.layer is None:
                continue
            more = given(node.layer, self.defaults)
            for option in ("shape", "batch_shape", "batch_size"):
                more.pop(option, None)
            if node.ignore:
                more["ignore"] = sorted(node.ignore)
            sizes = [None if is_open(size) else size for size in node.shape[1:]]
            forms[name] = {"shape": sizes, **more}
        return forms

    def _vars(self) -> list[str]:
        """Return the symbols that stand in options and in no input."""
        known = {"batch"}
        for i in self.model.inputs:
            for size in self.model.nodes[i].shape or ():
                known |= symbols_of(size)
        found: dict[str, None] = {}
        for node in self.model.nodes:
            if node.layer is not None and not isinstance(node.layer, InputLayer):
                words = self.words.options.get(id(node), {})
                for expression in expressions([node.layer, words]):
                    found.update(dict.fromkeys(sorted(symbols_of(expression) - known)))
        return list(found)

    def _list(self, here: _List, leading: list[int], taken: set[str]) -> dict[str, Any]:
        """Return the entries of a list, and what it gives out where that must be said."""
        entries = here.frame.entries
        places = [i for i in range(len(entries)) if i not in leading]
        before: Source | None = None
        if here.frame.group is None and len(leading) == 1:
            before = Source(leading[0])
        elif here.frame.group is not None and here.inputs == 1:
            before = Source(-1)
        self._name(here, places, leading, taken)
        out: dict[str, Any] = {"layers": Lines()}
        for i in places:
            out["layers"].append(self._entry(here, i, before))
            before = Source(i) if entries[i].outputs == 1 else None
        last = range(entries[places[-1]].outputs) if places else ()
        if here.frame.outputs != [Source(places[-1], k) for k in last]:
            out["outputs"] = [here.reference(source) for source in here.frame.outputs]
        return out

    def _name(self, here: _List, places: list[int], leading: list[int], taken: set[str]) -> None:
        """Give the entries of a list their heads and names."""
        wanted: list[str | None] = []
        bases = []
        if here.frame.group is not None:
            taken.add("input")
        for i in places:
            entry = here.frame.entries[i]
            if entry.original is None:
                here.heads[i] = self._head(entry)
                entry.label = legal(entry.name, _ILLEGAL, taken, self.made)
                wanted.append(entry.label)
                stepwise = here.heads[i] == TYPE
                bases.append(snake_case(here.heads[i]) if entry.node or stepwise else here.heads[i])
            else:
                named = "@" not in entry.name
                wanted.append(legal(entry.name, _ILLEGAL, taken, self.made) if named else None)
                bases.append(f"{entry.original.label}@")
        made = automatic(wanted, bases, [here.frame.entries[i].label for i in leading])
        for i, (name, unwritten) in zip(places, made, strict=True):
            here.frame.entries[i].label = name
            if unwritten:
                here.unwritten.add(i)

    def _head(self, entry: Entry) -> str:
        """Return what an entry is: a type, a block (which is then defined), or `repeat`."""
        if entry.node is not None:
            return self.words.type_of(entry.node)
        inside = entry.inside
        if inside is None or entry.group is None:
            return ""
        if _is_repeat(entry.group) and self._turns(inside) is not None:
            return "repeat"
        block = self._block(inside, entry)
        if is_stepwise(self.model, entry.group):
            self.stepwise[id(entry)] = block
            return TYPE
        return block

    def _turns(self, frame: Frame) -> dict[str, Any] | None:
        """Return what a `repeat` repeats, or None if its turns differ."""
        turns = [self._body(turn.inside) for turn in frame.entries if turn.inside is not None]
        if not turns:
            return {"layers": ["Identity"]}
        alike = all(turn == turns[0] for turn in turns) and "outputs" not in turns[0]
        return turns[0] if alike else None

    def _body(self, frame: Frame) -> dict[str, Any]:
        inputs = len(frame.group.inputs) if frame.group is not None else 0
        body = self._list(_List(frame, inputs), [], set())
        return body if body["layers"] else {"layers": Lines(["Identity"])}

    def _block(self, frame: Frame, entry: Entry) -> str:
        """Return the name of the block that a group is, after defining it if it is a new one.

        Raises:
            _ReachesOutError: It cannot be a block.
        """
        if id(entry.group) in self.reaching:
            raise _ReachesOutError
        body = self._body(frame)
        key = "\n".join(block(body, ""))
        if key not in self.known:
            kind = entry.group.type if entry.group is not None else ""
            base = kind
            if kind in _WORDS or kind in MODELS or find_layer(kind) is not None:
                base = snake_case(entry.name)
            if kind == TYPE:
                base += "_step"
            base = re.sub(r"\W", "_", base) or "block"
            if not re.match(r"[^\W\d]", base):
                base = f"turn_{base}"
            if find_layer(base) is not None or base in _WORDS:
                base += "_block"
            name, n = base, 1
            while name in self.blocks or name in self.types:
                n += 1
                name = f"{base}_{n}"
            self.blocks[name] = body
            self.known[key] = name
        return self.known[key]

    def _entry(self, here: _List, i: int, before: Source | None) -> Any:
        entry = here.frame.entries[i]
        options: dict[str, Any] = {}
        node = entry.node
        if entry.original is None and node is not None and node.layer is not None:
            words = self.words.options.get(id(node))
            options = self._options(node.layer) if words is None else dict(words)
            options = without_usual_axes(node.layer, self.ranks.get(entry.index, set()), options)
        elif entry.original is None and here.heads[i] == "repeat" and entry.inside is not None:
            turn = self._turns(entry.inside) or {"layers": []}
            options = {"times": len(entry.inside.entries), "layers": list(turn["layers"])}
        elif id(entry) in self.stepwise:
            options = {"layer": self.stepwise[id(entry)]}
        short = _is_short(node, options) if entry.original is None else False
        if not (before is not None and entry.inputs == (before,)):
            feeds = [here.reference(source) for source in entry.inputs]
            options["from"] = feeds[0] if len(feeds) == 1 else feeds
        call = _call(entry, here)
        if call:
            options["call"] = call
        if i not in here.unwritten:
            options["name"] = entry.label
        if entry.original is not None:
            return {"reuse": entry.original.label, **options}
        thing = node or entry.group
        if thing is not None and thing.ignore:
            options["ignore"] = sorted(thing.ignore)
        head = here.heads[i]
        if not options:
            return head
        return {head: next(iter(options.values())) if short and len(options) == 1 else options}

    def _options(self, layer: Layer) -> dict[str, Any]:
        """Return the options that must be written; layers among them as entries."""
        options = without_mirror(layer, given(layer, self.defaults))
        if isinstance(layer, TakenAtWord):
            options |= layer.others
        return {name: self._value(value) for name, value in options.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, Layer):
            options = self._options(value)
            if not options:
                return type(value).__name__
            short = _says_enough(value, options)
            return {type(value).__name__: next(iter(options.values())) if short else options}
        if isinstance(value, list | tuple):
            return [self._value(item) for item in value]
        return value


def _is_repeat(group: Group | None) -> bool:
    """Tell whether a group is a `repeat`, and not one of its turns."""
    return group is not None and group.type == "repeat" and not _is_repeat(group.parent)


def _is_short(node: Node | None, options: dict[str, Any]) -> bool:
    """Tell whether one value says enough of a layer: see `_says_enough`."""
    if node is None or node.layer is None or find_layer(node.type) is not type(node.layer):
        return False
    return _says_enough(node.layer, options)


def _says_enough(layer: Layer, options: dict[str, Any]) -> bool:
    """Tell whether an option is the only one and the first, and speaks for itself."""
    first = next(iter(type(layer).own_fields()), None)
    if first is None or type(layer).fields[first].type.nested:
        return False
    value = options.get(first)
    natural = first != "axis" and value is not None and not isinstance(value, bool | dict)
    return natural and len(options) == 1


def _call(entry: Entry, here: _List) -> dict[str, Any]:
    """Return the arguments of an entry's call that are not its inputs."""
    call: dict[str, Any] = dict(entry.node.call) if entry.node is not None else {}
    for name, source in entry.tensors.items():
        tensor = {"from": here.reference(source)}
        base, colon, place = name.partition(":")
        if not colon:
            call[name] = tensor
            continue
        several = call.setdefault(base, [])
        several += [None] * (int(place) + 1 - len(several))
        several[int(place)] = tensor
    return call


def _defaults(model: Model) -> dict[str, Any]:
    """Return options that all layers that have them agree on, other than by their defaults."""
    found: dict[str, list[Any]] = {name: [] for name in _SHARED}
    for node in model.nodes:
        if node.layer is None or isinstance(node.layer, InputLayer | Operation):
            continue
        for layer in layers_in(node.layer):
            for name in _SHARED:
                if name in type(layer).fields:
                    found[name].append((settled(layer, name), default_of(layer, name)))
    shared = {
        name: values[0][0]
        for name, values in found.items()
        if len(values) > 1
        and all(value == values[0][0] for value, _ in values)
        and all(value != default for value, default in values)
        # A default is one name; a policy's mapping stays with its layers.
        and getattr(values[0][0], "history", PolicyName.history) == PolicyName.history
    }
    if any(_is_named_channels_first(model.nodes[i].shape or ()) for i in model.inputs):
        shared["data_format"] = "channels_first"
    return shared


def _is_named_channels_first(shape: Shape) -> bool:
    """Tell whether open sizes of an input have the names they get with channels first."""

    def fits(names: list[str]) -> bool:
        return all(
            str(size).startswith(name)
            for size, name in zip(shape[1:], names, strict=True)
            if is_open(size)
        )

    first, last = (open_names(len(shape) - 1, channels_first=way) for way in (True, False))
    return not fits(last) and fits(first)
