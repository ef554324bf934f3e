"""One entry of `layers:` in any of its four forms: a type, its options, and their places."""

from __future__ import annotations

from typing import Any

from dense_shapes.diagnostics import did_you_mean, suggest
from dense_shapes.layers import REGISTRY, InvalidOptions, Layer, OptionError, find_layer
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.fields import Type
from dense_shapes.model import Origin
from dense_shapes.source import Source, Span
from dense_shapes.spec import unsupported
from dense_shapes.spec.nodes import Mapping, Node, Scalar, Sequence
from dense_shapes.spec.problems import Problems, SpecError
from dense_shapes.spec.scope import Scope

RESERVED_OPTIONS = ("name", "ignore", *unsupported.COMMON_OPTIONS)


class Entry(Origin):
    """A layer as it is written.

    Attributes:
        head: The scalar that holds the type.
        options: The option nodes by name, aliases of the language resolved.
        keys: The scalars that hold the options' names.
    """

    __slots__ = ("head", "index", "keys", "options", "source")

    def __init__(self, head: Scalar, index: int, source: Source | None) -> None:
        self.head = head
        self.index = index
        self.source = source
        self.options: dict[str, Node] = {}
        self.keys: dict[str, Scalar] = {}

    def span(self, field: str | None = None, path: tuple[int, ...] = ()) -> Span | None:
        """See `Origin.span`."""
        node: Node | None = self.options.get(field) if field else None
        if node is None:
            return self.head.span
        for i in path:
            if not isinstance(node, Sequence) or i >= len(node.items):
                break
            node = node.items[i]
        return node.span

    def at(self, field: str | None = None, path: tuple[int, ...] = ()) -> dict[str, Any]:
        """See `Origin.at`."""
        if self.source is not None:
            return {"span": self.span(field, path), "source": self.source}
        if self.index < 0:
            where = "input_shape"
        else:
            where = f"layers[{self.index}]" + (f".{field}" if field else "")
        return {"where": where + "".join(f"[{i}]" for i in path)}


def read_entry(node: Node, index: int, problems: Problems) -> Entry:
    """Return an entry taken apart, in whichever form it is written.

    Raises:
        SpecError: It has none of the four forms.
    """
    where = f"layers[{index}]"
    if isinstance(node, Scalar):
        return Entry(node, index, problems.source)
    if isinstance(node, Sequence) or not node.entries:
        raise problems.make(
            "DS105",
            "expected a layer, found " + ("a list" if isinstance(node, Sequence) else "{}"),
            node,
            help="a layer is `- Flatten`, `- Dense: 512`, `- Dense: {units: 512}` or "
            "`- {type: Dense, units: 512}`",
            where=where,
        )
    head = node.get("type")
    if head is not None:
        if not isinstance(head, Scalar):
            raise problems.make("DS105", "expected a layer type as text", head, where=where)
        entry = Entry(head, index, problems.source)
        for key, value in node.entries:
            if key.text != "type":
                entry.options[key.text] = value
                entry.keys[key.text] = key
        return entry
    key, value = node.entries[0]
    if len(node.entries) > 1:
        raise _several_keys(node, problems, where)
    entry = Entry(key, index, problems.source)
    if isinstance(value, Mapping):
        for option, item in value.entries:
            entry.options[option.text] = item
            entry.keys[option.text] = option
    elif not (isinstance(value, Scalar) and value.plain and value.text in {"", "~", "null"}):
        layer = find_layer(key.text)
        first = next(iter(layer.own_fields()), None) if layer is not None else None
        if layer is not None and first is None:
            raise problems.make(
                "DS105",
                f"{layer.__name__} has no options, so it takes no value",
                value,
                where=where,
            )
        if first is not None:
            entry.options[first] = value
    return entry


def _several_keys(node: Mapping, problems: Problems, where: str) -> SpecError:
    keys = [key for key, _ in node.entries]
    head = next((key for key in keys if find_layer(key.text) is not None), None)
    if head is None:
        return problems.make(
            "DS104",
            f"missing key 'type' beside {', '.join(repr(k.text) for k in keys[:4])}",
            keys[0],
            help="write `type: Dense` among the options, or the options below `Dense:`",
            where=where,
        )
    options = getattr(find_layer(head.text), "fields", {})
    others = [key for key in keys if key is not head]
    stray = next((k for k in others if k.text in options or find_layer(k.text) is None), None)
    if stray is None:
        return problems.make(
            "DS105",
            f"two layers in one entry: {head.text} and {others[0].text}",
            others[0],
            help="start each layer with a dash of its own",
            where=where,
        )
    return problems.make(
        "DS105",
        f"{stray.text!r} stands beside {head.text!r}, not among its options",
        stray,
        help=f"indent it below {head.text!r}, or write `type: {head.text}` in its place",
        where=where,
    )


def layer_type(entry: Entry, problems: Problems, scope: Scope) -> type[Layer]:
    """Return the class that an entry's type names.

    Raises:
        SpecError: The type is unknown, or one that is not supported yet.
    """
    name = scope.scalar(entry.head)
    at = entry.at()
    where = at.get("where")
    if not isinstance(name, str) or not name:
        raise problems.make("DS105", "expected a layer type as text", entry.head, where=where)
    found = find_layer(name)
    if found is not None:
        return found
    refused = unsupported.refusal(name, taken_at_word="output_shape" in entry.options)
    if refused is not None:
        raise problems.make(
            "DS109",
            refused,
            entry.head,
            help="`dense-shapes layers` lists what is supported",
            where=where,
        )
    names = [*REGISTRY, *(alias for layer in REGISTRY.values() for alias in layer.aliases)]
    guess = did_you_mean(name, names)
    raise problems.make(
        "DS103",
        f"unknown layer type {name!r}",
        entry.head,
        label=guess,
        help=None if guess else "`dense-shapes layers` lists all types",
        where=where,
    )


def build_layer(
    entry: Entry, cls: type[Layer], defaults: dict[str, Node], scope: Scope, problems: Problems
) -> Layer | None:
    """Return the layer an entry describes, or None when its options are wrong.

    Everything that is wrong with the options is reported at once.
    """
    broken = False
    # What is missing only because it is misspelt or could not be read is reported as that.
    excused = set(entry.options)
    values: dict[str, Any] = {}
    scope.demands = []
    for name, node in entry.options.items():
        if name in RESERVED_OPTIONS:
            continue
        declared = cls.fields.get(name)
        if declared is None:
            problems.add(_unknown_option(entry, cls, name, problems))
            excused.add(suggest(name, cls.fields) or "")
            broken = True
            continue
        try:
            values[name] = option_value(node, declared.type, cls, scope)
        except SpecError as error:
            error.diagnostic.where = error.diagnostic.where or entry.at(name).get("where")
            problems.add(error)
            broken = True
    for name, node in defaults.items():
        if name in cls.fields and name not in entry.options:
            value = option_value(node, cls.fields[name].type, cls, scope)
            if cls.accepts(name, value):
                values[name] = value
    demands = scope.demands
    try:
        layer = cls(**values)
    except InvalidOptions as error:
        for problem in error.problems:
            if problem.code != "DS104" or problem.field not in excused:
                problems.add(_option_problem(entry, cls, problem, problems))
        return None
    layer.demands += demands
    return None if broken else layer


def option_value(node: Node, expected: Type, cls: type[Layer], scope: Scope) -> Any:
    """Return an option's node as plain values, with expressions worked out where integers go.

    Raises:
        SpecError: A scalar that cannot be read, or a broken expression.
    """
    if isinstance(node, Sequence):
        return [option_value(item, expected, cls, scope) for item in node.items]
    if isinstance(node, Mapping):
        return {key.text: option_value(item, expected, cls, scope) for key, item in node.entries}
    value = scope.scalar(node, boolean=expected.booleans, number=expected.numbers)
    if expected.integers and isinstance(value, str):
        return scope.integer(node, value, new_symbols=cls is InputLayer)
    return value


def _unknown_option(entry: Entry, cls: type[Layer], name: str, problems: Problems) -> SpecError:
    known = [*cls.fields, "name", "ignore"]
    guess = did_you_mean(name, known)
    own = ", ".join(cls.own_fields())
    return problems.make(
        "DS102",
        f"unknown option {name!r} for {cls.__name__}",
        entry.keys.get(name),
        label=guess,
        help=None if guess else f"its options are {own}" if own else "it has no options of its own",
        where=entry.at().get("where"),
    )


def _option_problem(
    entry: Entry, cls: type[Layer], problem: OptionError, problems: Problems
) -> SpecError:
    text = problem.message
    if entry.index < 0:
        text = f"input_shape: {text}"
    elif problem.code == "DS105":
        text = f"option {problem.field!r} of {cls.__name__}: {text}"
    elif problem.code == "DS104":
        text = text.replace(": ", f" of {cls.__name__}: ", 1)
    else:
        text = f"{cls.__name__}: {text}"
    at = entry.at(problem.field, problem.path)
    guess = problem.help if (problem.help or "").startswith("did you mean") else None
    return problems.make(
        problem.code,
        text,
        span=at.get("span"),
        label=guess or "",
        help=None if guess else problem.help,
        where=at.get("where"),
    )
