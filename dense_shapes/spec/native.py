"""Our own spec language: a tree of nodes in, a Model out."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Any

from dense_shapes.diagnostics import Diagnostic, Note, did_you_mean, shorten, suggest
from dense_shapes.layers import find_layer
from dense_shapes.model import Model
from dense_shapes.source import Source
from dense_shapes.spec.blocks import Block
from dense_shapes.spec.entries import RESERVED_OPTIONS, Entry, read_entries
from dense_shapes.spec.frames import Frame
from dense_shapes.spec.graph import Builder
from dense_shapes.spec.header import Header
from dense_shapes.spec.names import MAX_NAME, is_plain_name
from dense_shapes.spec.nodes import Mapping, Scalar, Sequence
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.scalars import found
from dense_shapes.spec.scope import Scope
from dense_shapes.spec.symbols import SettingError
from dense_shapes.spec.unused import warn_of_unused, warn_of_unused_blocks

TOP_KEYS = (
    *("name", "input_shape", "inputs", "batch_size", "vars", "defaults", "blocks"),
    *("layers", "outputs", "expect"),
)


def read_native(
    root: Mapping,
    source: Source | None,
    name: str,
    source_name: str | None,
    settings: Map[str, Any],
    input_shapes: Map[str, Sequence],
) -> tuple[Model, list[Diagnostic], Scope]:
    """Read a spec.

    Args:
        root: The document.
        source: Its text, for places; None for data that was never a text.
        name: What to call the model if the spec does not say.
        source_name: What the summary calls the file.
        settings: Values by `--set`, for vars and open sizes.
        input_shapes: Shapes that replace the spec's own, by the input's name; "" for the only one.

    Returns:
        The model as far as it could be read, what is wrong with it, and the names it has.

    Raises:
        SettingError: A value in `settings` is not of the kind that its name needs.
    """
    reader = _Reader(root, Problems(source), settings, input_shapes)
    model = reader.read(name, source_name)
    return model, reader.problems.unique(), reader.scope


class _Reader:
    """Reads one spec, collecting all that is wrong with it."""

    def __init__(
        self,
        root: Mapping,
        problems: Problems,
        settings: Map[str, Any],
        input_shapes: Map[str, Sequence],
    ) -> None:
        self.root = root
        self.problems = problems
        self.scope = Scope(problems, settings)
        self.input_shapes = dict(input_shapes)
        self.header = Header(root, self.scope)
        self.excused: set[str] = set()
        self.blocks: dict[str, Block] = {}

    def read(self, name: str, source_name: str | None) -> Model:
        """Read the blocks, the inputs and the layers."""
        self._check_keys()
        self.problems.attempt(self._read_blocks, where="blocks")
        model = Model(self.header.name or name, source_name, [], [], [])
        entries = self.problems.attempt(self._read_entries, where="layers") or []
        inputs = self.problems.attempt(lambda: self._inputs(entries), where="input_shape") or []
        frame = Frame(self.scope)
        frame.leading = len(inputs)
        builder = Builder(model, self.header, self.blocks, self.problems)
        outputs = builder.build(frame, [*inputs, *entries], self.root.get("outputs"))
        if model.nodes:
            model.outputs = [source.ref for source in outputs]
            model.output_names = [source.name for source in outputs]
        if model.nodes and not any(d.severity == "error" for d in self.problems.found):
            warn_of_unused(model, builder.extras, builder.copies, self.problems)
            unused = (block for name, block in self.blocks.items() if name not in builder.called)
            warn_of_unused_blocks(unused, self.problems)
        self._read_expectations(model)
        return model

    def _read_expectations(self, model: Model) -> None:
        """Read what the spec expects of itself."""
        node = self.root.get("expect")
        if node is None:
            return
        from dense_shapes.spec.expect import read_expectations  # noqa: PLC0415 - few specs need it

        problems = Problems(self.problems.source)
        broken = any(d.severity == "error" for d in self.problems.found)
        model.expectations = read_expectations(
            node, model, self.scope, problems, place="expect", broken=broken
        )
        model.misread = problems.found

    def _check_keys(self) -> None:
        for key, _ in self.root.entries:
            if key.text in TOP_KEYS:
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

    def _read_blocks(self) -> None:
        pairs = self.header.pairs("blocks", "`name: {layers: …}` pairs")
        heads = {key.text for key, _ in pairs if _taken_by(key.text) is None}
        for key, body in pairs:
            block = self.problems.attempt(
                lambda k=key, b=body: self._block(k, b, heads)  # type: ignore[misc]  # mypy infers no lambda's default
            )
            if block is not None:
                self.blocks[block.name] = block

    def _block(self, key: Scalar, body: Any, heads: set[str]) -> Block:
        name, taken = key.text, _taken_by(key.text)
        if taken is not None:
            raise self.problems.make(
                "DS105",
                f"a block cannot be called {name!r}, which is {taken}",
                key,
                help="choose another name",
                where=f"blocks.{name}",
            )
        wrong = None
        if not is_plain_name(name):
            wrong = f"name as text without '/', ':' and '@', found {shorten(name)!r}"
        elif len(name) > MAX_NAME:
            wrong = f"name of at most {MAX_NAME:,} characters, found {len(name):,}"
        if wrong is not None:
            where = f"blocks.{name}"
            self.problems.add(
                self.problems.make("DS105", f"expected a block's {wrong}", key, where=where)
            )
        block = Block(key, body, heads, self.problems)
        block.broken |= wrong is not None
        return block

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
        key = self.root.key_node("layers")
        return read_entries(node, key, "layers", set(self.blocks), self.problems)

    def _inputs(self, entries: list[Entry | None]) -> list[Entry]:
        """Return the inputs as the layer entries they stand for."""
        key, node = self.root.key_node("input_shape"), self.root.get("input_shape")
        named = self.header.pairs("inputs", "pairs such as `image: [32, 32, 3]`")
        first = entries[0] if entries else None
        own_input = first is not None and _is_input(first)
        if node is not None and named:
            raise self.problems.make(
                "DS110",
                "the input is given twice: by 'input_shape' and by 'inputs'",
                self.root.key_node("inputs"),
                help="keep one of the two",
                notes=(Note("'input_shape' is here", key.span if key else None),),
                where="inputs",
            )
        if named:
            given = [self._given(name.text, alone=len(named) == 1) for name, _ in named]
            self._all_given([name.text for name, _ in named])
            made = []
            for (title, shape), other in zip(named, given, strict=True):
                entry = Entry(title, -1, self.problems.source, f"inputs.{title.text}")
                before = len(self.problems.found)
                self.problems.attempt(
                    lambda e=entry, n=title, s=shape, o=other: self._read_input(e, n, s, o)  # type: ignore[misc]  # mypy infers no lambda's default
                )
                # A wrong one keeps its name, so that references to it are not wrong too.
                entry.partial = len(self.problems.found) > before
                made.append(entry)
            return made
        if own_input and first is not None:
            self._replace_own([entry for entry in entries if entry and _is_input(entry)])
            if key is None:
                return []
            raise self.problems.make(
                "DS110",
                "the input is given twice: by 'input_shape' and by a first layer of type Input",
                first.head,
                help="keep one of the two",
                notes=(Note("'input_shape' is here", key.span),),
                where="layers[0]",
            )
        node = self._given("input", alone=True) or node
        self._all_given(["input"])
        empty = isinstance(node, Scalar) and self.scope.scalar(node) is None
        if node is None or empty:
            if not entries or self.excused & {"input_shape", "inputs"}:
                return []
            raise self.problems.make(
                "DS104",
                "'input_shape' is empty" if empty else "missing key 'input_shape'",
                key or self.root.key_node("layers"),
                help="say what one example looks like, such as `input_shape: [32, 32, 3]`, "
                "or pass --input-shape 32,32,3",
                where="input_shape",
            )
        entry = Entry(key or Scalar("input_shape"), -1, self.problems.source, "input_shape")
        entry.options["shape"] = node
        return [entry]

    def _replace_own(self, entries: list[Entry]) -> None:
        """Give entries of type Input the shapes that were given in place of their own."""
        nodes = [entry.options.get("name") for entry in entries]
        names = [node.text if isinstance(node, Scalar) else "input_layer" for node in nodes]
        given = [self._given(name, alone=len(names) == 1) for name in names]
        self._all_given(names)
        for entry, shape in zip(entries, given, strict=True):
            if shape is not None:
                entry.options.pop("batch_shape", None)
                entry.options["shape"] = shape

    def _given(self, name: str, *, alone: bool) -> Sequence | None:
        """Return the shape that was given for an input in place of its own."""
        shape = self.input_shapes.pop(name, None)
        return self.input_shapes.pop("", None) or shape if alone else shape

    def _all_given(self, names: list[str]) -> None:
        """Refuse shapes for inputs that the model does not have.

        Raises:
            SettingError: There is one.
        """
        for name in self.input_shapes:
            known = ", ".join(names)
            wanted = f"no input is called {name!r}" if name else "it does not say which input"
            raise SettingError(f"--input-shape: {wanted}; the inputs are {known}")

    def _read_input(self, entry: Entry, name: Scalar, node: Any, given: Sequence | None) -> None:
        """Read into an entry what a pair of `inputs` says."""
        if not is_plain_name(name.text):
            raise self.problems.make(
                "DS105",
                f"expected an input's name as text without '/', ':' and '@', found "
                f"{shorten(name.text)!r}",
                name,
                where=entry.place,
            )
        if isinstance(node, Mapping):
            for key, value in node.entries:
                if key.text in RESERVED_OPTIONS and key.text != "ignore":
                    self.problems.add(
                        self.problems.make(
                            "DS102",
                            f"unknown option {key.text!r} for an input",
                            key,
                            help="the key above its options is its name"
                            if key.text == "name"
                            else "an input is fed by the data",
                            where=f"{entry.place}.{key.text}",
                        )
                    )
                    continue
                entry.options[key.text] = value
                entry.keys[key.text] = key
        elif isinstance(node, Sequence):
            entry.options["shape"] = node
        elif given is None:
            raise self.problems.make(
                "DS105",
                f"expected the shape of input {name.text!r} as a list, found {found(node)}",
                node,
                help="write `inputs: {image: [32, 32, 3], words: {shape: [null], dtype: int32}}`",
                where=f"inputs.{name.text}",
            )
        if given is not None:
            entry.options.pop("batch_shape", None)
            entry.options["shape"] = given


def _is_input(entry: Entry) -> bool:
    return entry.head.text.lower() in {"input", "inputlayer"}


def _taken_by(name: str) -> str | None:
    """Say what else is called so, so that no block can be; None if nothing is."""
    if name in {"repeat", "reuse", "type"}:
        return "a word of the language"
    return "a layer" if find_layer(name) is not None else None
