"""Expectations: a tree of nodes in, with what each is about and where it was written."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import NoReturn

from dense_shapes.diagnostics import CODES, Note, did_you_mean, shorten
from dense_shapes.dims import BATCH, Dim, symbol, symbols_of
from dense_shapes.expectations import (
    TOTALS,
    Advice,
    Expectation,
    Kind,
    Presence,
    Sizes,
    Wanted,
    in_bytes,
)
from dense_shapes.layers import find_layer, operations, registry
from dense_shapes.model import Model
from dense_shapes.plugins import blame_installed, load_installed
from dense_shapes.spec.nodes import Mapping, Node, Scalar, Sequence, path_text
from dense_shapes.spec.problems import Problems, SpecError
from dense_shapes.spec.quantities import read_bound
from dense_shapes.spec.scalars import Ambiguous, found, resolve
from dense_shapes.spec.scope import Scope
from dense_shapes.spec.symbols import Symbols

OPTIONS = "--"
"""Stands for the place of expectations that are options of the command."""

KEYS = ("output_shape", "output_shapes", *TOTALS, "layers", "forbid", "require", "advice")
LAYER_KEYS = ("output_shape", "output_shapes", "type", *TOTALS, "present", "absent")
LEVELS = ("error", "warning", "off")
ADVICE_CODES = tuple(code for code in CODES if code.startswith("DS3"))

_ANY = {"_", None}
_SHAPE_FORM = "write the batch too, and null or _ where any size will do: [null, 10]"
_NOT_SIZES = {"*", "?", "None", "none", "any", "..."}


def read_expectations(
    root: Node,
    model: Model,
    names: Symbols | None,
    problems: Problems,
    *,
    place: str,
    broken: bool,
) -> list[Expectation]:
    """Return the expectations in a mapping; what is wrong with it is reported.

    Args:
        root: The mapping.
        model: What is expected to be so.
        names: The names that the model's description has, if its kind has any.
        problems: Those of the file that the mapping stands in.
        place: Where the mapping stands, for data without lines; `OPTIONS` for the command line.
        broken: Whether the model could not be read as a whole, so that a name or a type may be
            unknown only because what declares it is wrong.
    """
    before = len(problems.found)
    made = _Reader(model, names, problems, place).read(root)
    if broken:
        told = [d for d in problems.found[before:] if d.code not in {"DS103", "DS107"}]
        problems.found[before:] = told
    return made


class _Reader:
    """Reads one mapping of expectations."""

    def __init__(self, model: Model, names: Symbols | None, problems: Problems, place: str) -> None:
        self.problems = problems
        self.place = place
        self.made: list[Expectation] = []
        names = names or _names_of(model)
        outer = names if isinstance(names, Scope) else Scope.over(names, problems)
        self.scope = outer.child({"batch": _batch_of(model)})
        self.scope.problems = problems
        self.types = {node.type for node in model.nodes} | {g.type for g in model.groups}

    def read(self, root: Node) -> list[Expectation]:
        """Return what can be read."""
        if isinstance(root, Scalar) and resolve(root) is None:
            return []
        if not isinstance(root, Mapping):
            what = f"expected `name: value` pairs as expectations, found {found(root)}"
            self._report(root, what, [], help=f"known are {', '.join(KEYS)}")
            return []
        for key, node in root.entries:
            self.problems.attempt(
                lambda k=key, n=node: self._entry(k, n),  # type: ignore[misc]  # mypy infers no lambda's default
                where=self._where([key.text]),
            )
        return self.made

    def _where(self, parts: list[str | int]) -> str:
        if self.place == OPTIONS:
            option = {"output_shapes": "output_shape"}.get(str(parts[0]), str(parts[0]))
            return f"--{option.replace('_', '-')}"
        return path_text([self.place, *parts] if self.place else parts)

    def _add(
        self,
        key: Node,
        parts: list[str | int],
        subject: str,
        wanted: Wanted,
        text: str,
        *,
        layer: str | None = None,
        output: str | int | None = None,
        count: int | None = None,
    ) -> None:
        where = self._where(parts)
        self.made.append(
            Expectation(
                path_text(parts),
                subject,
                wanted,
                text,
                layer=layer,
                output=output,
                count=count,
                span=key.span,
                source=self.problems.source,
                where=where if self.problems.source is None else None,
            )
        )

    def _entry(self, key: Scalar, node: Node) -> None:
        name = key.text
        if name == "output_shape":
            self._add(key, [name], "shape", self._shape(node, name), _written(node))
        elif name == "output_shapes":
            self._outputs(node, [name])
        elif name in TOTALS:
            bound = read_bound(node, self.scope, name, in_bytes=in_bytes(name))
            self._add(key, [name], name, bound, _written(node))
        elif name == "layers":
            self._layers(node)
        elif name in {"forbid", "require"}:
            items = node.items if isinstance(node, Sequence) else [node]
            for i, item in enumerate(items):
                where = self._where([name, i] if len(items) > 1 else [name])
                self.problems.attempt(lambda n=item: self._layer_type(name, n), where=where)  # type: ignore[misc]  # mypy infers no lambda's default
        elif name == "advice":
            self._advice(node)
        else:
            self._unknown(key, KEYS, "among expectations", [name])

    def _outputs(self, node: Node, parts: list[str | int], layer: str | None = None) -> None:
        """Read `output_shapes`, a list, or by name where they are the model's."""
        pairs: list[tuple[str | int, Node, Node]] = []
        if isinstance(node, Sequence):
            pairs = [(i, item, item) for i, item in enumerate(node.items)]
        elif isinstance(node, Mapping) and layer is None:
            pairs = [(key.text, key, item) for key, item in node.entries]
        if not pairs:
            by_name = ", or one by each output's name" if layer is None else ""
            self._wrong(
                node,
                f"{path_text(parts)}: expected a list of shapes{by_name}, found {found(node)}",
                help="write `output_shapes: {head: [null, 10], aux: [null, 2]}`"
                if layer is None
                else "write `output_shapes: [[null, 10], [null, 2]]`",
            )
        count = len(pairs) if isinstance(node, Sequence) else None
        for name, key, item in pairs:

            def read(name: str | int = name, key: Node = key, item: Node = item) -> None:
                place = [*parts, name]
                shape = self._shape(item, path_text(place))
                text = _written(item)
                self._add(key, place, "shape", shape, text, layer=layer, output=name, count=count)

            self.problems.attempt(read, where=self._where([*parts, name]))

    def _shape(self, node: Node, what: str) -> Sizes:
        if not isinstance(node, Sequence):
            help_ = _SHAPE_FORM
            if isinstance(node, Scalar) and node.text.strip().startswith("("):
                inner = node.text.strip("() ,").replace("None", "null")
                help_ = f"a list is written in brackets: [{inner}]"
            self._wrong(node, f"{what}: expected a list of sizes, found {found(node)}", help=help_)
        sizes: list[Dim | None] = []
        broken: SpecError | None = None
        for item in node.items:
            try:
                sizes.append(self._size(item, what))
            except SpecError as error:
                # All are told: the others here, the last by whoever asked for the shape.
                if broken is not None:
                    self.problems.add(broken)
                broken = error
        if broken is not None:
            raise broken
        return Sizes(tuple(sizes))

    def _size(self, node: Node, what: str) -> Dim | None:
        if not isinstance(node, Scalar):
            self._wrong(node, f"{what}: expected a size, found {found(node)}", help=_SHAPE_FORM)
        value = self.scope.scalar(node, integer=True)
        if value is None or (isinstance(value, str) and value in _ANY):
            return None
        if isinstance(value, str) and value not in _NOT_SIZES:
            value = self.scope.integer(node, value)
        if isinstance(value, bool | str) or not isinstance(value, Dim):
            help_ = "null or _ stands for any size" if value in _NOT_SIZES else _SHAPE_FORM
            self._wrong(node, f"{what}: expected a size, found {found(node)}", help=help_)
        if isinstance(value, int) and value < 0:
            message = f"{what}: expected a size of at least 0, found {value}"
            self._wrong(node, message, help="null or _ stands for any size")
        return value

    def _layers(self, node: Node) -> None:
        """Read `layers`, conditions by the path or glob of a layer."""
        if not isinstance(node, Mapping) or not node.entries:
            self._wrong(
                node,
                f"layers: expected conditions by the layer's path, found {found(node)}",
                help="write `layers: {head: {type: Dense, params: 650}, 'dropout*': absent}`",
            )
        for key, conditions in node.entries:

            def read(key: Scalar = key, conditions: Node = conditions) -> None:
                self._layer(key, conditions)

            self.problems.attempt(read, where=self._where(["layers", key.text]))

    def _layer(self, pattern: Scalar, node: Node) -> None:
        parts: list[str | int] = ["layers", pattern.text]
        if isinstance(node, Scalar):
            word = self.scope.scalar(node)
            if word not in {"present", "absent"}:
                guess = did_you_mean(word, ("present", "absent")) if isinstance(word, str) else ""
                self._wrong(
                    node,
                    f"{path_text(parts)}: expected conditions, present or absent, found "
                    f"{found(node)}",
                    help=guess
                    or "write `{output_shape: …, type: …, params: …}`, `present` or `absent`",
                )
            self._presence(pattern, parts, pattern.text, wanted=word == "present")
            return
        if not isinstance(node, Mapping) or not node.entries:
            self._wrong(
                node,
                f"{path_text(parts)}: expected conditions, present or absent, found {found(node)}",
                help=f"known are {', '.join(LAYER_KEYS)}",
            )
        for key, value in node.entries:
            self.problems.attempt(
                lambda k=key, v=value: self._condition(pattern.text, k, v),  # type: ignore[misc]  # mypy infers no lambda's default
                where=self._where([*parts, key.text]),
            )

    def _condition(self, pattern: str, key: Scalar, node: Node) -> None:
        name = key.text
        parts: list[str | int] = ["layers", pattern, name]
        what = path_text(parts)
        if name == "output_shape":
            self._add(key, parts, "shape", self._shape(node, what), _written(node), layer=pattern)
        elif name == "output_shapes":
            self._outputs(node, parts, pattern)
        elif name in TOTALS:
            bound = read_bound(node, self.scope, what, in_bytes=in_bytes(name))
            self._add(key, parts, name, bound, _written(node), layer=pattern)
        elif name == "type":
            kind = self._type(node, what)
            self._add(key, parts, "type", kind, _written(node), layer=pattern)
        elif name in {"present", "absent"}:
            value = self.scope.scalar(node, boolean=True) if isinstance(node, Scalar) else None
            if not isinstance(value, bool):
                self._wrong(node, f"{what}: expected true or false, found {found(node)}")
            self._presence(key, parts, pattern, wanted=value == (name == "present"))
        else:
            self._unknown(key, LAYER_KEYS, f"for the layer {shorten(pattern)!r}", parts)

    def _presence(self, key: Node, parts: list[str | int], pattern: str, *, wanted: bool) -> None:
        text = "present" if wanted else "absent"
        self._add(key, parts, "presence", Presence(wanted), text, layer=pattern)

    def _layer_type(self, name: str, node: Node) -> None:
        kind = self._type(node, name)
        self._add(node, [name, kind.name], name, kind, kind.name)

    def _type(self, node: Node, what: str) -> Kind:
        """Return a layer type by its canonical name; globs stay as they are."""
        name = self.scope.scalar(node, text=True) if isinstance(node, Scalar) else None
        if not isinstance(name, str) or not name:
            self._wrong(node, f"{what}: expected a layer's type, found {found(node)}")
        if name in self.types:
            return Kind(name)
        layer = find_layer(name)
        if layer is None:
            load_installed()
            layer = find_layer(name)
        if layer is not None:
            return Kind(layer.__name__)
        known = [*self.types, *registry(), *operations()]
        if any(sign in name for sign in "*?[") and any(fnmatchcase(k, name) for k in known):
            return Kind(name)
        guess = did_you_mean(name, known)
        if not guess:
            blame_installed()
        raise self.problems.make(
            "DS103",
            f"{what}: unknown layer type {shorten(name)!r}",
            node,
            label=guess,
            help=None if guess else "`dense-shapes layers` lists all; --plugin loads further ones",
            notes=tuple(map(Note, load_installed())),
        )

    def _advice(self, node: Node) -> None:
        """Read `advice`, levels by code."""
        if not isinstance(node, Mapping):
            self._wrong(
                node,
                f"advice: expected `code: level` pairs, found {found(node)}",
                help="write `advice: {DS301: error, DS302: off}`",
            )
        for key, value in node.entries:

            def read(key: Scalar = key, value: Node = value) -> None:
                if key.text not in ADVICE_CODES:
                    message = f"advice: no advice has the code {shorten(key.text)!r}"
                    codes = f"the codes are {', '.join(ADVICE_CODES)}"
                    self._wrong(key, message, help=codes)
                level = _level(value)
                if level not in LEVELS:
                    message = f"advice.{key.text}: expected error, warning or off, found "
                    guess = did_you_mean(level, LEVELS) if level else ""
                    self._wrong(value, message + found(value), help=guess or None)
                self._add(key, ["advice", key.text], key.text, Advice(level), level)

            self.problems.attempt(read, where=self._where(["advice", key.text]))

    def _unknown(
        self, key: Scalar, known: Collection[str], whom: str, parts: list[str | int]
    ) -> NoReturn:
        guess = did_you_mean(key.text, known)
        raise self.problems.make(
            "DS101",
            f"unknown key {shorten(key.text)!r} {whom}",
            key,
            label=guess,
            help=None if guess else f"known are {', '.join(known)}",
            where=self._where(parts),
        )

    def _wrong(self, node: Node, message: str, help: str | None = None) -> NoReturn:  # noqa: A002
        raise self.problems.make("DS105", message, node, help=help)

    def _report(
        self,
        node: Node,
        message: str,
        parts: list[str | int],
        help: str | None = None,  # noqa: A002 - the name the diagnostics use
    ) -> None:
        where = self._where(parts) if parts else self.place or "the top"
        self.problems.add(self.problems.make("DS105", message, node, help=help, where=where))


def _level(node: Node) -> str:
    """Return a level as text; `off` is a boolean to YAML 1.1."""
    if not isinstance(node, Scalar):
        return ""
    value = resolve(node)
    if isinstance(value, Ambiguous):
        value = value.boolean
    if value is False:
        return "off"
    return value if isinstance(value, str) else ""


def _names_of(model: Model) -> Symbols:
    """Return the names that a model has whose description says none: those in its inputs."""
    names = Symbols({})
    for index in model.inputs:
        for dim in model.nodes[index].shape or ():
            for name in symbols_of(dim) - {"batch"}:
                names.symbols[name] = symbol(name, minimum=1)
    return names


def _batch_of(model: Model) -> Dim:
    """Return the size of the batch."""
    shape = model.nodes[model.inputs[0]].shape if model.inputs else None
    return shape[0] if shape else BATCH


def _written(node: Node) -> str:
    """Return a value as it was written, in one line."""
    if isinstance(node, Sequence):
        return f"[{', '.join(map(_written, node.items))}]"
    if isinstance(node, Scalar):
        return " ".join(node.text.split()) or "null"
    return found(node)
