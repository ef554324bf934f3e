"""Blocks and repetitions as they are written: arguments, layers, outputs."""

from __future__ import annotations

from typing import Any, NamedTuple

from dense_shapes.diagnostics import did_you_mean, shorten, suggest
from dense_shapes.dims import Requirement
from dense_shapes.dims.expr import Expr, is_name
from dense_shapes.layers import find_layer
from dense_shapes.spec.entries import FIRST, Entry, read_entries
from dense_shapes.spec.nodes import Mapping, Node, Scalar
from dense_shapes.spec.problems import Problems, SpecError
from dense_shapes.spec.reserved import is_reserved
from dense_shapes.spec.scalars import found
from dense_shapes.spec.scope import Scope

COMMON = ("name", "from", "call", "trainable", "ignore")
"""Options of every layer, so that no argument can be called so."""
BESIDE = ("name", "from", "trainable", "ignore")
"""What the entry of a block or a `repeat` may have beside what is its own."""
_KEYS = ("args", "layers", "outputs")


class Repetition(NamedTuple):
    """A `repeat`: how often, and what."""

    times: int
    entries: list[Entry | None]


class Block:
    """A block as it is defined: arguments, layers, outputs.

    Attributes:
        name: What it is called.
        key: Where its name stands.
        entries: Its layers.
        outputs: What it gives out, if that is not its last layer.
        broken: Whether something is wrong with it (and reported), so that calls say nothing.
    """

    def __init__(self, key: Scalar, body: Node, heads: set[str], problems: Problems) -> None:
        self.name = key.text
        self.key = key
        self.defaults: dict[str, Node] = {}
        self.entries: list[Entry | None] = []
        self.outputs: Node | None = None
        before = len(problems.found)
        problems.attempt(lambda: self._read(body, heads, problems), where=f"blocks.{key.text}")
        self.broken = len(problems.found) > before

    def _read(self, body: Node, heads: set[str], problems: Problems) -> None:
        place = f"blocks.{self.name}"
        if not isinstance(body, Mapping):
            raise problems.make(
                "DS105",
                f"expected a block's `layers:`, found {found(body)}",
                self.key if isinstance(body, Scalar) and not body.text else body,
                help="write `name: {args: {…}, layers: [...]}`",
            )
        excused = set()
        for name, node in body.entries:
            if name.text == "args":
                problems.attempt(
                    lambda n=node: self._read_arguments(n, place, problems),  # type: ignore[misc]  # mypy infers no lambda's default
                    where=f"{place}.args",
                )
            elif name.text == "layers":
                self.entries = (
                    problems.attempt(
                        lambda k=name, n=node: read_entries(  # type: ignore[misc]
                            n, k, f"{place}.layers", heads, problems
                        )
                    )
                    or []
                )
            elif name.text == "outputs":
                self.outputs = node
            else:
                guess = did_you_mean(name.text, _KEYS)
                excused.add(suggest(name.text, _KEYS))
                problems.add(
                    problems.make(
                        "DS101",
                        f"unknown key {shorten(name.text)!r} in a block",
                        name,
                        label=guess,
                        help=None if guess else f"known are {', '.join(_KEYS)}",
                        where=f"{place}.{name.text}",
                    )
                )
        if body.get("layers") is None and "layers" not in excused:
            raise problems.make(
                "DS104",
                f"missing key 'layers' in block {self.name!r}",
                self.key,
                help="list its layers under it: `layers: [...]`",
            )

    def _read_arguments(self, node: Node, place: str, problems: Problems) -> None:
        if not isinstance(node, Mapping):
            raise problems.make(
                "DS105",
                f"expected `name: default` pairs, found {found(node)}",
                node,
                help="a default of null makes an argument required",
                where=f"{place}.args",
            )
        for key, value in node.entries:
            why = None
            if key.text in COMMON:
                why = "is an option of every layer"
            elif is_reserved(key.text):
                why = "is reserved"
            elif not is_name(key.text):
                why = "is not a name"
            if why is not None:
                problems.add(
                    problems.make(
                        "DS105",
                        f"{shorten(key.text)!r} {why}, so no argument can be called so",
                        key,
                        help="a name is made of letters, digits and '_', and no digit is first"
                        if why == "is not a name"
                        else "choose another name",
                        where=f"{place}.args.{key.text}",
                    )
                )
            self.defaults[key.text] = value

    def arguments(self, entry: Entry, outer: Scope, problems: Problems) -> Scope | None:
        """Return the names that a call of the block sees, or None if its arguments are wrong.

        A default may be an expression over the arguments before it.
        """
        good = True
        excused = set()
        values: dict[str, Any] = {}
        demands: dict[str, dict[Requirement, None]] = {}
        first = next(iter(self.defaults), None)
        for option, node in entry.options.items():
            name = first if option == FIRST and first is not None else option
            if name in BESIDE:
                continue
            if name == FIRST:
                problems.add(
                    problems.make(
                        "DS105",
                        f"block {self.name!r} has no arguments, so it takes no value",
                        node,
                        help=f"write `- {self.name}`",
                        where=entry.where(),
                    )
                )
                good = False
                continue
            if name not in self.defaults:
                known = ", ".join(self.defaults)
                guess = did_you_mean(name, self.defaults)
                problems.add(
                    problems.make(
                        "DS102",
                        f"unknown argument {shorten(name)!r} of block {self.name!r}",
                        entry.keys.get(name) or node,
                        label=guess,
                        help=None
                        if guess
                        else f"its arguments are {known}"
                        if known
                        else "it has no arguments",
                        where=entry.where(name),
                    )
                )
                excused.add(suggest(name, self.defaults) or "")
                good = False
                continue
            outer.demands = {}
            where = entry.where(name)
            value = problems.attempt(lambda n=node: (outer.value(n),), where=where)  # type: ignore[misc]  # mypy infers no lambda's default
            good = good and value is not None
            values[name] = value[0] if value else None
            demands[name] = outer.demands
        top = outer.top
        for name, node in self.defaults.items():
            if name in values:
                continue
            scope = top.child(values, demands)
            value = problems.attempt(lambda n=node, s=scope: (s.value(n),))  # type: ignore[misc]
            if value is None or (value[0] is None and name in excused):
                good = False
            elif value[0] is None:
                problems.add(
                    problems.make(
                        "DS104",
                        f"missing argument {name!r} of block {self.name!r}",
                        entry.head,
                        help=f"write `- {self.name}: {{{name}: …}}`",
                        where=entry.where(),
                    )
                )
                good = False
            else:
                values[name] = value[0]
                demands[name] = scope.demands
        return top.child(values, demands) if good else None


def unknown_option(
    entry: Entry,
    name: str,
    known: tuple[str, ...],
    problems: Problems,
    *,
    repeated: bool = False,
) -> SpecError:
    """Return the error for what cannot stand in an entry that is no layer."""
    guess = did_you_mean(name, known)
    inside = repeated and name[:1].isupper() and find_layer(name) is not None
    return problems.make(
        "DS102",
        f"unknown option {shorten(name)!r} for {entry.head.text}",
        entry.keys.get(name),
        label=guess,
        help=f"list what is repeated under 'layers': `layers: [{name}: …]`"
        if inside
        else None
        if guess
        else f"it takes {', '.join(known)}",
        where=entry.where(name),
    )


def read_repetition(
    entry: Entry, scope: Scope, heads: set[str], problems: Problems
) -> Repetition | None:
    """Return what a `repeat` entry says, or None if it is wrong (and reported)."""
    where = entry.where()
    times, layers = entry.options.get("times"), entry.options.get("layers")
    for name in entry.options:
        known = ("times", "layers", *BESIDE)
        if name not in known:
            problems.add(unknown_option(entry, name, known, problems, repeated=True))
            return None
    if times is None or layers is None:
        missing = "times" if times is None else "layers"
        problems.add(
            problems.make(
                "DS104",
                f"missing option {missing!r} of repeat",
                entry.head,
                help="write `- repeat: {times: 3, layers: [...]}`",
                where=where,
            )
        )
        return None

    def read() -> Repetition:
        count = scope.plain(times)
        if isinstance(count, str) and isinstance(times, Scalar):
            count = scope.integer(times, count)
        if type(count) is not int or count < 0:
            raise problems.make(
                "DS105",
                f"expected how many times, an integer ≥ 0, found {found(times)}"
                if type(count) is not int
                else f"expected how many times, an integer ≥ 0, found {count}",
                times,
                help="a graph has a fixed number of layers: give the name a value under `vars:`, "
                "or by --set"
                if isinstance(count, Expr)
                else None,
                where=where,
            )
        key = entry.keys.get("layers") or entry.head
        place = entry.where("layers") or "layers"
        return Repetition(count, read_entries(layers, key, place, heads, problems))

    return problems.attempt(read, where=where)
