"""One entry of `layers:` in any of its four forms: a type, its options, and their places."""

from __future__ import annotations

import re
from typing import Any

from dense_shapes.diagnostics import did_you_mean, shorten, suggest
from dense_shapes.layers import REGISTRY, InvalidOptions, Layer, OptionError, find_layer
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.fields import Type
from dense_shapes.model import Origin
from dense_shapes.source import Source, Span
from dense_shapes.spec import unsupported
from dense_shapes.spec.nodes import Mapping, Node, Scalar, Sequence
from dense_shapes.spec.problems import Problems, SpecError
from dense_shapes.spec.scalars import found
from dense_shapes.spec.scope import Scope

RESERVED_OPTIONS = ("name", "ignore", *unsupported.COMMON_OPTIONS)
FORMS = (
    "a layer is `- Flatten`, `- Dense: 512`, `- Dense: {units: 512}` or "
    "`- {type: Dense, units: 512}`"
)
_NULLS = {"", "~", "null"}


class Entry(Origin):
    """A layer as it is written.

    Attributes:
        head: The scalar that holds the type.
        options: The option nodes by name, aliases of the language resolved.
        keys: The scalars that hold the options' names.
        partial: Whether options were left out because something was wrong, and reported.
    """

    __slots__ = ("head", "index", "keys", "options", "partial", "source")

    def __init__(self, head: Scalar, index: int, source: Source | None) -> None:
        self.head = head
        self.index = index
        self.source = source
        self.partial = False
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

    @property
    def line(self) -> int | None:
        """See `Origin.line`."""
        return self.head.line + 1 if self.head.line >= 0 else None

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
    if isinstance(node, Scalar) and node.text and not (node.plain and node.text in _NULLS):
        return Entry(node, index, problems.source)
    if not isinstance(node, Mapping) or not node.entries:
        raise problems.make(
            "DS105", f"expected a layer, found {found(node)}", node, help=FORMS, where=where
        )
    head = node.get("type")
    if head is not None:
        if not isinstance(head, Scalar):
            message = f"expected a layer's type as text, found {found(head)}"
            raise problems.make("DS105", message, head, help=FORMS, where=f"{where}.type")
        entry = Entry(head, index, problems.source)
        entry.partial = node.partial
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
        entry.partial = value.partial
        for option, item in value.entries:
            entry.options[option.text] = item
            entry.keys[option.text] = option
    elif not (isinstance(value, Scalar) and value.plain and value.text in _NULLS):
        layer = find_layer(key.text)
        first = next(iter(layer.own_fields()), None) if layer is not None else None
        if layer is not None and first is None:
            raise problems.make(
                "DS105",
                f"{layer.__name__} has no options of its own, so it takes no value",
                value,
                help=f"write `- {layer.__name__}`",
                where=where,
            )
        if first is not None:
            entry.options[first] = value
    return entry


def _several_keys(node: Mapping, problems: Problems, where: str) -> SpecError:
    keys = [key for key, _ in node.entries]
    every = {name for layer in REGISTRY.values() for name in layer.fields} | {*RESERVED_OPTIONS}
    # `activation` is an option here, though it names a layer too.
    heads = [key for key in keys if find_layer(key.text) is not None and key.text not in every]
    if not heads:
        shown = ", ".join(repr(shorten(key.text)) for key in keys[:4])
        return problems.make(
            "DS104",
            f"missing key 'type' beside {shown}{', …' if len(keys) > 4 else ''}",
            keys[0],
            help="say what layer it is: `type: Dense` beside its options, or `Dense:` above them",
            where=where,
        )
    head = heads[0]
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
        f"{shorten(stray.text)!r} stands beside {head.text!r}, not among its options",
        stray,
        help=_joined(head.text, node.get(head.text), stray.text)
        or f"indent the options further than {head.text!r}, or write `type: {head.text}` instead",
        where=where,
    )


def _joined(head: str, value: Node | None, stray: str) -> str | None:
    """Show how to write one value together with further options."""
    layer = find_layer(head)
    first = next(iter(layer.own_fields()), None) if layer is not None else None
    if first is None or not isinstance(value, Scalar) or not value.text or len(value.text) > 30:
        return None
    return f"write `- {head}: {{{first}: {value.text}, {shorten(stray)}: …}}`"


def layer_type(entry: Entry, problems: Problems, scope: Scope) -> type[Layer]:
    """Return the class that an entry's type names.

    Raises:
        SpecError: The type is unknown, or one that is not supported yet.
    """
    name = scope.scalar(entry.head)
    at = entry.at()
    where = at.get("where")
    if not isinstance(name, str) or not name:
        raise problems.make(
            "DS105",
            f"expected a layer's type as text, found {found(entry.head)}",
            entry.head,
            help=FORMS,
            where=where,
        )
    layer = find_layer(name)
    if layer is not None:
        return layer
    refused = unsupported.refusal(name, taken_at_word="output_shape" in entry.options)
    if refused is not None:
        raise problems.make(
            "DS109",
            refused,
            entry.head,
            help="`dense-shapes layers` lists what is supported",
            where=where,
        )
    help_ = None
    called = re.match(r"(\w+)\s*\((.*?)\)?$", name)
    if called is not None:
        help_ = _uncalled(called[1], called[2].strip())
        guess = did_you_mean(called[1], _type_names()) if find_layer(called[1]) is None else ""
    else:
        guess = _type_guess(name)
        help_ = None if guess else "`dense-shapes layers` lists all types"
    raise problems.make(
        "DS103",
        f"unknown layer type {shorten(name)!r}",
        entry.head,
        label=guess,
        help=help_,
        where=where,
    )


def _uncalled(name: str, arguments: str) -> str:
    """Show how to write `Flatten()` and `Dense(10)`."""
    if not arguments:
        return f"a layer is not called: write `- {name}`"
    if arguments.isalnum():
        return f"a layer is not called: write `- {name}: {shorten(arguments)}`"
    return "a layer is not called: its options follow a colon, as in `- Dense: {units: 512}`"


def _type_names() -> list[str]:
    aliases = [alias for layer in REGISTRY.values() for alias in layer.aliases]
    return [*REGISTRY, *aliases, *unsupported.KERAS_LAYERS]


def _type_guess(name: str) -> str:
    """Suggest a type, or all that differ from a word like `MaxPool` in their number of axes."""
    names = _type_names()
    members = {f"{name}{rank}d".lower() for rank in (1, 2, 3)}
    family = sorted(repr(known) for known in names if known.lower() in members)
    if len(family) > 1:
        return f"did you mean {', '.join(family[:-1])} or {family[-1]}?"
    return did_you_mean(name, sorted(names))


def build_layer(
    entry: Entry, cls: type[Layer], defaults: dict[str, Node], scope: Scope, problems: Problems
) -> Layer | None:
    """Return the layer an entry describes, or None when its options are wrong.

    Everything that is wrong with the options is reported at once.
    """
    broken = False
    # What is missing only because it is misspelt or could not be read is reported as that.
    excused = set(entry.options)
    if entry.partial:
        excused |= set(cls.fields)
        broken = True
    values: dict[str, Any] = {}
    # `{pool_size: (2, 2)}` has options `pool_size: (2` and `2)` to YAML.
    torn = any(
        isinstance(node, Scalar) and node.text.startswith("(") and ")" not in node.text
        for node in entry.options.values()
    )
    scope.demands = {}
    for name, node in entry.options.items():
        if name in RESERVED_OPTIONS:
            continue
        declared = cls.fields.get(name)
        if declared is None and torn and (name.endswith(")") or name.isdecimal()):
            continue
        if declared is None:
            problems.add(_unknown_option(entry, cls, name, problems))
            excused.add(suggest(name, cls.fields) or "")
            broken = True
            continue
        if isinstance(node, Mapping) and node.partial:
            broken = True
            continue
        before = len(problems.found)
        try:
            values[name] = option_value(node, declared.type, cls, scope)
        except SpecError as error:
            problems.add(error)
            broken = True
        for told in problems.found[before:]:
            told.where = told.where or entry.at(name).get("where")
    for name, node in defaults.items():
        if name in cls.fields and name not in entry.options:
            try:
                value = option_value(node, cls.fields[name].type, cls, scope)
            except SpecError:
                # `padding: same` is meant for other layers than one that takes numbers.
                continue
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


def option_value(
    node: Node, expected: Type, cls: type[Layer], scope: Scope, *, inside: bool = False
) -> Any:
    """Return an option's node as plain values, with expressions worked out where integers go.

    Of several broken items of a list, all but the last are reported here.

    Raises:
        SpecError: A scalar that cannot be read, or a broken expression.
    """
    if isinstance(node, Mapping):
        return {
            key.text: option_value(item, expected, cls, scope, inside=True)
            for key, item in node.entries
        }
    if isinstance(node, Sequence):
        values = []
        broken: SpecError | None = None
        for item in node.items:
            try:
                values.append(option_value(item, expected, cls, scope, inside=True))
            except SpecError as error:
                if broken is not None:
                    scope.problems.add(broken)
                broken = error
        if broken is not None:
            raise broken
        return values
    value = scope.scalar(
        node, boolean=expected.booleans, number=expected.numbers, integer=expected.integers
    )
    if not expected.integers or not isinstance(value, str):
        return value
    if inside or not expected.only_lists:
        return scope.integer(node, value, new_symbols=cls is InputLayer)
    if isinstance(scope.vars.get(value), list):
        message = f"expected a list, found {value!r}, the name of one"
        help_ = f"write ${{{value}}} to put the list in its place"
        raise scope.problems.make("DS105", message, node, help=help_)
    return value


def _unknown_option(entry: Entry, cls: type[Layer], name: str, problems: Problems) -> SpecError:
    known = [*cls.fields, "name", "ignore"]
    guess = did_you_mean(name, known)
    own = list(cls.own_fields())
    help_ = f"its options are {', '.join(own)}"
    if len(own) < 2:
        help_ = f"its only option is {own[0]}" if own else "it has no options of its own"
    return problems.make(
        "DS102",
        f"unknown option {shorten(name)!r} for {cls.__name__}",
        entry.keys.get(name),
        label=guess,
        help=None if guess else help_,
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
