"""Our own spec language: a tree of nodes in, a Model out."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Any

from dense_shapes.diagnostics import CODES, Diagnostic, Note, did_you_mean, shorten, suggest
from dense_shapes.layers import Layer, snake_case
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.text import Shape
from dense_shapes.layers.text import size as size_text
from dense_shapes.model import Model, Ref
from dense_shapes.model import Node as ModelNode
from dense_shapes.source import Source
from dense_shapes.spec import unsupported
from dense_shapes.spec.entries import Entry, build_layer, layer_type, read_entry
from dense_shapes.spec.header import Header, quotes_help
from dense_shapes.spec.nodes import Mapping, Node, Scalar, Sequence
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.scalars import found
from dense_shapes.spec.scope import Scope, is_batch

TOP_KEYS = ("name", "input_shape", "batch_size", "vars", "defaults", "layers")
MAX_NAME = 1000
ADVICE_CODES = tuple(code for code in CODES if code.startswith("DS3"))


def read_native(
    root: Mapping,
    source: Source | None,
    name: str,
    source_name: str | None,
    settings: Map[str, Any],
    input_shape: Sequence | None = None,
) -> tuple[Model, list[Diagnostic], Scope]:
    """Read a spec.

    Args:
        root: The document.
        source: Its text, for places; None for data that was never a text.
        name: What to call the model if the spec does not say.
        source_name: What the summary calls the file.
        settings: Values by `--set`, for vars and open sizes.
        input_shape: A shape that replaces the spec's own.

    Returns:
        The model as far as it could be read, what is wrong with it, and the names it has.

    Raises:
        SettingError: A value in `settings` is not of the kind that its name needs.
    """
    reader = _Reader(root, Problems(source), settings, input_shape)
    model = reader.read(name, source_name)
    return model, reader.problems.found, reader.scope


class _Reader:
    """Reads one spec, collecting all that is wrong with it."""

    def __init__(
        self,
        root: Mapping,
        problems: Problems,
        settings: Map[str, Any],
        input_shape: Sequence | None,
    ) -> None:
        self.root = root
        self.problems = problems
        self.scope = Scope(problems, settings)
        self.input_shape = input_shape
        self.header = Header(root, self.scope)
        self.taken: dict[str, Entry] = {}
        self.counters: dict[str, int] = {}
        self.excused = {"input_shape"} if root.get("inputs") is not None else set()

    def read(self, name: str, source_name: str | None) -> Model:
        """Read the layers."""
        self._check_keys()
        model = Model(self.header.name or name, source_name, [], [], [])
        entries = self.problems.attempt(self._read_entries, where="layers") or []
        shape_entry = self.problems.attempt(lambda: self._shape_entry(entries), where="input_shape")
        if shape_entry is not None:
            self.taken["input"] = shape_entry
            # Before the names, which may have the symbols of the shape in them.
            self._add(model, shape_entry, InputLayer, "input")
        names = [self._name_of(entry) for entry in entries]
        for i, (entry, own) in enumerate(zip(entries, names, strict=True)):
            self._read_layer(model, entry, own, i)
        if model.nodes:
            model.outputs.append(Ref(len(model.nodes) - 1))
        return model

    def _check_keys(self) -> None:
        for key, _ in self.root.entries:
            if key.text in TOP_KEYS:
                continue
            what = unsupported.TOP_KEYS.get(key.text)
            if what is not None:
                message = f"{key.text!r}: {what} are not supported yet"
                self.problems.add(self.problems.make("DS109", message, key, where=key.text))
                continue
            guess = did_you_mean(key.text, TOP_KEYS)
            self.excused.add(suggest(key.text, TOP_KEYS) or "")
            self.problems.add(
                self.problems.make(
                    "DS101",
                    f"unknown key {shorten(key.text)!r} in a spec",
                    key,
                    label=guess,
                    help=None if guess else f"known are {', '.join(TOP_KEYS)}",
                    where=key.text,
                )
            )

    def _read_entries(self) -> list[Entry | None]:
        node = self.root.get("layers")
        if node is None and "layers" in self.excused:
            return []
        if node is None:
            raise self.problems.make(
                "DS104",
                "missing key 'layers'",
                self.root,
                help="list the layers under it, such as `layers: [Flatten, {Dense: 10}]`",
                where="layers",
            )
        if not isinstance(node, Sequence) or not node.items:
            raise self.problems.make(
                "DS105",
                f"expected a list of layers, found {found(node)}",
                self.root.key_node("layers"),
                help="start each layer with a dash: `- Dense: 10`",
                where="layers",
            )
        return [
            self.problems.attempt(lambda i=i, item=item: read_entry(item, i, self.problems))  # type: ignore[misc]
            for i, item in enumerate(node.items)
        ]

    def _shape_entry(self, entries: list[Entry | None]) -> Entry | None:
        """Return `input_shape` as the layer entry it stands for, if it is to make a row."""
        key, node = self.root.key_node("input_shape"), self.root.get("input_shape")
        first = entries[0] if entries else None
        own_input = first is not None and first.head.text.lower() in {"input", "inputlayer"}
        if own_input and first is not None:
            if self.input_shape is not None:
                first.options.pop("batch_shape", None)
                first.options["shape"] = self.input_shape
            if key is None:
                return None
            raise self.problems.make(
                "DS110",
                "the input is given twice: by 'input_shape' and by a first layer of type Input",
                first.head,
                help="keep one of the two",
                notes=(Note("'input_shape' is here", key.span),),
                where="layers[0]",
            )
        node = self.input_shape or node
        empty = isinstance(node, Scalar) and self.scope.scalar(node) is None
        if node is None or empty:
            if not entries or "input_shape" in self.excused:
                return None
            raise self.problems.make(
                "DS104",
                "'input_shape' is empty" if empty else "missing key 'input_shape'",
                key or self.root.key_node("layers"),
                help="say what one example looks like, such as `input_shape: [32, 32, 3]`, "
                "or pass --input-shape 32,32,3",
                where="input_shape",
            )
        entry = Entry(key or Scalar("input_shape"), -1, self.problems.source)
        entry.options["shape"] = node
        return entry

    def _name_of(self, entry: Entry | None) -> str | None:
        """Return the name that an entry gives itself, after claiming it; report a wrong one."""
        node = entry.options.get("name") if entry is not None else None
        if entry is None or node is None:
            return None
        return self.problems.attempt(
            lambda: self._own_name(entry, node), where=entry.at("name").get("where")
        )

    def _own_name(self, entry: Entry, node: Node) -> str | None:
        value = self.scope.scalar(node, text=True) if isinstance(node, Scalar) else ""
        where = entry.at("name").get("where")
        if value is None:
            return None
        if not isinstance(value, str) or not value or any(c in value for c in "/:@"):
            shown = repr(shorten(value)) if isinstance(value, str) and value else found(node)
            raise self.problems.make(
                "DS105",
                f"expected a layer's name as text without '/', ':' and '@', found {shown}",
                node,
                help=quotes_help(node),
                where=where,
            )
        if len(value) > MAX_NAME:
            raise self.problems.make(
                "DS105",
                f"a layer's name has at most {MAX_NAME:,} characters, found {len(value):,}",
                node,
                where=where,
            )
        other = self.taken.setdefault(value, entry)
        if other is not entry:
            first = other.options.get("name")
            place = first.span if first is not None else other.span()
            told = f"the first {shorten(value)!r} is here"
            if other.index < 0:
                told = "the row that 'input_shape' makes is called 'input'"
            raise self.problems.make(
                "DS108",
                f"two layers are named {shorten(value)!r}",
                node,
                notes=(Note(told, place),),
                help="give one of them another name",
                where=where,
            )
        return value

    def _free_name(self, base: str, entry: Entry) -> str:
        """Return the name that Keras would give a layer, the next one that is not taken."""
        while True:
            n = self.counters.get(base, 0)
            self.counters[base] = n + 1
            name = f"{base}_{n}" if n else base
            if self.taken.setdefault(name, entry) is entry:
                return name

    def _read_layer(self, model: Model, entry: Entry | None, own: str | None, index: int) -> None:
        if entry is None:
            # What is not an entry at all still keeps its place, so that the next layers do not
            # seem to follow the one before it.
            entry = Entry(Scalar("unknown"), index, self.problems.source)
            self._add(model, entry, None, own)
            return
        at = entry.at("type").get("where")
        cls = self.problems.attempt(lambda: layer_type(entry, self.problems, self.scope), where=at)
        if cls is InputLayer and index > 0:
            error = self.problems.make(
                "DS109",
                "several named inputs are not supported yet: Input stands first",
                entry.head,
                where=entry.at().get("where"),
            )
            self.problems.add(error)
            cls = None
        refused = cls is None and self.problems.found[-1].code == "DS109"
        for option, what in unsupported.COMMON_OPTIONS.items():
            if refused or option not in entry.options:
                continue
            if cls is not None or option in {"from", "call"}:
                error = self.problems.make(
                    "DS109",
                    f"option {option!r}: {what} are not supported yet",
                    entry.keys.get(option),
                    where=entry.at(option).get("where"),
                )
                self.problems.add(error)
        self._add(model, entry, cls, own)

    def _add(self, model: Model, entry: Entry, cls: type[Layer] | None, own: str | None) -> None:
        kind = cls.__name__ if cls is not None else shorten(entry.head.text) or "unknown"
        name = own or self._free_name(snake_case(kind) or "unknown", entry)
        layer = None
        if cls is not None:
            before = len(self.problems.found)
            layer = build_layer(entry, cls, self.header.defaults, self.scope, self.problems)
            for problem in self.problems.found[before:]:
                problem.layer = name
        inputs = (Ref(len(model.nodes) - 1),) if model.nodes else ()
        at = entry.at("ignore").get("where")
        ignored = self.problems.attempt(lambda: self._ignored(entry), where=at) or NONE
        node = ModelNode(name, kind, layer, inputs, entry, ignore=ignored)
        if isinstance(layer, InputLayer):
            at = entry.at().get("where")
            node.shape = self.problems.attempt(lambda: self._input_shape(entry, layer), where=at)
            model.inputs.append(len(model.nodes))
        model.nodes.append(node)

    def _ignored(self, entry: Entry) -> frozenset[str]:
        node = entry.options.get("ignore")
        if node is None:
            return NONE
        codes = set()
        for item in node.items if isinstance(node, Sequence) else [node]:
            code = self.scope.scalar(item) if isinstance(item, Scalar) else ""
            if code not in ADVICE_CODES:
                raise self.problems.make(
                    "DS105",
                    f"expected the code of an advice in 'ignore', found {found(item)}",
                    item,
                    help=f"write a code that may be silent: {' or '.join(ADVICE_CODES)}",
                    where=entry.at("ignore").get("where"),
                )
            codes.add(code)
        return frozenset(codes)

    def _input_shape(self, entry: Entry, layer: InputLayer) -> Shape:
        """Return an input's whole shape, with names for the sizes that are left open."""
        batch, *sizes = layer.full_shape()
        if batch is None:
            batch = self.header.batch
        elif not is_batch(self.header.batch) and batch != self.header.batch:
            raise self.problems.make(
                "DS110",
                f"the batch size is {size_text(self.header.batch)} in the spec and "
                f"{size_text(batch)} in its input: there is one batch size a model",
                entry.head,
                where=entry.at().get("where"),
            )
        names = open_names(len(sizes), channels_first=self._channels_first())
        named = (
            self.scope.name_open(name) if size is None else size
            for size, name in zip(sizes, names, strict=True)
        )
        return (batch, *named)

    def _channels_first(self) -> bool:
        node = self.header.defaults.get("data_format")
        return isinstance(node, Scalar) and self.scope.scalar(node) == "channels_first"


NONE: frozenset[str] = frozenset()


def open_names(count: int, *, channels_first: bool) -> list[str]:
    """Return what the axes after the batch are called where their size is left open.

    >>> open_names(3, channels_first=False), open_names(1, channels_first=False)
    (['H', 'W', 'C'], ['T'])
    """
    if count == 1:
        return ["T"]
    places = {0: [], 1: ["T"], 2: ["H", "W"]}.get(count - 1, ["D", "H", "W"])
    places = ["T"] * (count - 1 - len(places)) + places
    if not count:
        return []
    return ["C", *places] if channels_first else [*places, "C"]
