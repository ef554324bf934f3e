"""The options of an entry made into a layer, with all that is wrong with them."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from dense_shapes.diagnostics import did_you_mean, shorten, suggest
from dense_shapes.layers import InvalidOptions, Layer, OptionError, find_layer
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.fields import Field, Type
from dense_shapes.layers.kinds import Maybe
from dense_shapes.layers.types import ACTIVATION
from dense_shapes.layers.unknown import TakenAtWord
from dense_shapes.spec.alike import Key, key_of
from dense_shapes.spec.entries import RESERVED_OPTIONS, SPECIAL, Entry, read_entry
from dense_shapes.spec.habits import NEEDLESS, option_for
from dense_shapes.spec.kinds import layer_type
from dense_shapes.spec.nodes import Mapping, Node, Scalar, Sequence
from dense_shapes.spec.problems import Problems, SpecError
from dense_shapes.spec.reserved import means_nothing
from dense_shapes.spec.scalars import found
from dense_shapes.spec.scope import Scope


def build_layer(
    entry: Entry,
    cls: type[Layer],
    defaults: dict[str, Node],
    scope: Scope,
    problems: Problems,
    blocks: Collection[str] = (),
    *,
    known: dict[Key, Layer] | None = None,
    frozen: bool = False,
) -> Layer | None:
    """Return the layer an entry describes, or None when its options are wrong.

    Everything that is wrong with the options is reported at once.

    Args:
        entry: The entry.
        cls: What its type names.
        defaults: Option values that layers take where they can.
        scope: Names for expressions.
        problems: Collects what is wrong.
        blocks: The names of blocks, none of which can stand inside a layer.
        known: Layers of the same spec, one of which may serve for this entry too.
        frozen: Whether it stands in something that is frozen.
    """
    scope.demands = {}
    values, excused, broken = _read(entry, cls, defaults, scope, problems, blocks)
    values |= _by_default(entry, cls, defaults, scope)
    demands = scope.demands
    key = None if demands or broken or known is None else key_of(cls, values, frozen=frozen)
    if known is not None and key is not None and key in known:
        return known[key]
    try:
        layer = cls(**values)
    except InvalidOptions as error:
        for problem in error.problems:
            if problem.code != "DS104" or problem.field not in excused:
                problems.add(_option_problem(entry, cls, problem, values, problems))
        return None
    layer.demands += demands
    if isinstance(layer, TakenAtWord):
        _take_at_its_word(layer, entry, scope)
    if frozen:
        layer.trainable = False
    if known is not None and key is not None:
        known[key] = layer
    return None if broken else layer


def _read(
    entry: Entry,
    cls: type[Layer],
    defaults: dict[str, Node],
    scope: Scope,
    problems: Problems,
    blocks: Collection[str],
) -> tuple[dict[str, Any], set[str], bool]:
    """Return the values of an entry's options; see `build_layer`.

    With them come the options of which it is no problem of its own if they are missing, and
    whether something is wrong.
    """
    broken = False
    # What is missing only because it is misspelt or could not be read is reported as that.
    excused = set(entry.options)
    if entry.partial:
        excused |= set(cls.fields)
        broken = True
    values: dict[str, Any] = {}
    for name, node in entry.options.items():
        if name in RESERVED_OPTIONS:
            continue
        declared = cls.fields.get(name)
        if declared is None and cls is TakenAtWord:
            continue  # what an unknown layer's own options are, nobody here can tell
        if declared is None and (name.endswith(")") or name.isdecimal()) and _is_torn(entry):
            continue
        if declared is None:
            problems.add(_unknown_option(entry, cls, name, problems))
            likely = option_for(name, cls.fields) or suggest(name, cls.fields) or ""
            excused |= {likely, "layer" if _holds(cls, name) else ""}
            broken = True
            continue
        if isinstance(node, Mapping) and node.partial:
            broken = True
            continue
        before = len(problems.found)
        try:
            if declared.type.nested:
                values[name] = _nested(node, entry, declared, defaults, scope, problems, blocks)
            else:
                values[name] = option_value(node, declared.type, cls, scope)
        except SpecError as error:
            problems.add(error)
            broken = True
        if declared.type.nested and values.get(name) is None:
            if len(problems.found) > before:
                broken = True
            else:
                excused.discard(name)
            values.pop(name, None)
        for told in problems.found[before:]:
            told.where = told.where or entry.where(name)
    return values, excused, broken


def _take_at_its_word(layer: TakenAtWord, entry: Entry, scope: Scope) -> None:
    """Note what an unknown layer calls itself, and the options that only its own code knows."""
    layer.type_name = shorten(entry.head.text)
    layer.others = {
        name: _as_written(node, scope)
        for name, node in entry.options.items()
        if name not in layer.fields and name not in RESERVED_OPTIONS
    }


def _as_written(node: Node, scope: Scope) -> Any:
    """Return the value of an option of which nobody here can tell what it takes."""
    if isinstance(node, Mapping):
        return {key.text: _as_written(item, scope) for key, item in node.entries}
    if isinstance(node, Sequence):
        return [_as_written(item, scope) for item in node.items]
    try:
        return scope.scalar(node, boolean=True, number=True)
    except SpecError:
        return node.text


def _is_torn(entry: Entry) -> bool:
    """Tell whether an option was cut at a comma inside brackets.

    `{pool_size: (2, 2)}` has options `pool_size: (2` and `2)` to YAML, so has `max(4, 8)`.
    """
    return any(
        isinstance(node, Scalar) and node.text.count("(") > node.text.count(")")
        for node in entry.options.values()
    )


def _by_default(
    entry: Entry, cls: type[Layer], defaults: dict[str, Node], scope: Scope
) -> dict[str, Any]:
    """Return the spec's defaults for the options that an entry does not give."""
    values: dict[str, Any] = {}
    for name, node in defaults.items():
        if name in cls.fields and name not in entry.options:
            try:
                value = option_value(node, cls.fields[name].type, cls, scope)
            except SpecError:
                # `padding: same` is meant for other layers than one that takes numbers.
                continue
            if cls.accepts(name, value):
                values[name] = value
    return values


def _nested(
    node: Node,
    outer: Entry,
    option: Field,
    defaults: dict[str, Node],
    scope: Scope,
    problems: Problems,
    blocks: Collection[str],
) -> Layer | list[Layer] | None:
    """Return the layer that an option holds, written as an entry, or a list of them.

    For null there is None, and for a list in which something is wrong.

    Raises:
        SpecError: It is no entry, or its type is unknown; or no list where there has to be one.
    """
    if isinstance(node, Scalar) and scope.scalar(node) is None:
        return None
    place = outer.where(option.name) or "layers"

    def inner(item: Node, index: int) -> Layer | None:
        entry = read_entry(item, index, place, blocks, problems)
        if entry.head.text in SPECIAL or entry.head.text in blocks:
            raise _no_layer(entry, outer, option.name, problems)
        demands = scope.demands
        cls = layer_type(entry, problems, scope)
        layer = build_layer(entry, cls, defaults, scope, problems, blocks)
        scope.demands = demands
        return layer

    many = option.type.several and isinstance(node, Sequence)
    if not option.type.only_lists and not many:
        if isinstance(node, Sequence):
            raise problems.make(
                "DS105",
                f"option {option.name!r} of {shorten(outer.head.text)}: expected a single layer, "
                f"found a list of {len(node.items)}",
                node,
                help=f"put each of them into a {shorten(outer.head.text)} by itself",
            )
        return inner(node, outer.index)
    if not isinstance(node, Sequence):
        expected = option.type.describe(0)
        raise problems.make("DS105", f"expected {expected}, found {found(node)}", node)
    layers = []
    for i, item in enumerate(node.items):
        layer = problems.attempt(partial(inner, item, i), where=f"{place}[{i}]")
        if layer is not None:
            layers.append(layer)
    return layers if len(layers) == len(node.items) else None


def _no_layer(entry: Entry, outer: Entry, option: str, problems: Problems) -> SpecError:
    """Return the error for a block, a `repeat` or a `reuse` where a single layer goes."""
    text = entry.head.text
    help_ = f"a block is no layer: put each layer of it into {shorten(outer.head.text)!r} by itself"
    if text == "reuse":
        help_ = (
            f"a layer in there has weights of its own: call the whole {outer.head.text} again, by "
            "`- reuse:` and its name"
        )
    elif text == "repeat":
        help_ = f"write the `repeat` outside, and a {shorten(outer.head.text)} inside it"
    return problems.make(
        "DS105",
        f"option {option!r} of {shorten(outer.head.text)}: expected a single layer, found "
        + (f"a {text!r}" if text in SPECIAL else f"the block {text!r}"),
        entry.head,
        help=help_,
        where=entry.where(),
    )


def option_value(
    node: Node, expected: Type, cls: type[Layer], scope: Scope, *, inside: bool = False
) -> Any:
    """Return an option's node as plain values, with expressions worked out where integers go.

    Of several broken items of a list, all but the last are reported here.

    Raises:
        SpecError: A scalar that cannot be read, or a broken expression.
    """
    if isinstance(node, Mapping):
        # Where numbers go, a mapping is an object that Keras saved: its texts are none.
        plain = Type() if expected.integers else expected
        return {
            key.text: option_value(item, plain, cls, scope, inside=True)
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
    if isinstance(expected, Maybe) and cls is not InputLayer and means_nothing(value):
        return value  # refused by the layer, which knows what to write
    if inside or not expected.only_lists:
        return scope.integer(node, value, new_symbols=cls is InputLayer)
    if isinstance(scope.vars.get(value), list):
        message = f"expected a list, found {value!r}, the name of one"
        help_ = f"write ${{{value}}} to put the list in its place"
        raise scope.problems.make("DS105", message, node, help=help_)
    return value


def _holds(cls: type[Layer], name: str) -> bool:
    """Tell whether what stands as an option is the layer that goes into another one."""
    return "layer" in cls.fields and name[:1].isupper() and find_layer(name) is not None


def _unknown_option(entry: Entry, cls: type[Layer], name: str, problems: Problems) -> SpecError:
    known = [*cls.fields, "name", "ignore"]
    elsewhere = option_for(name, known)
    guess = did_you_mean(name, known) if elsewhere is None else f"did you mean '{elsewhere}'?"
    own = list(cls.own_fields())
    help_ = f"its options are {', '.join(own)}"
    if _holds(cls, name):
        guess, help_ = "", f"put it under 'layer': `- {cls.__name__}: {{layer: {{{name}: …}}}}`"
    elif name in ("input", "inputs"):
        guess, help_ = "", f"what feeds a layer is named by `from`: `- {cls.__name__}: {{from: …}}`"
    elif name in ("input_shape", "input_dim", "batch_input_shape"):
        guess, help_ = "", "the shape of the data stands once, at the top: `input_shape: [...]`"
    elif name in cls.call_arguments:
        guess, help_ = "", f"it belongs to the call: `call: {{{name}: …}}`"
    elif len(own) < 2:
        help_ = f"its only option is {own[0]}" if own else "it has no options of its own"
    if name in NEEDLESS:
        guess, help_ = "", "leave it out: what comes in is known from the layer before"
    return problems.make(
        "DS102",
        f"unknown option {shorten(name)!r} for {cls.__name__}",
        entry.keys.get(name),
        label=guess,
        help=None if guess else help_,
        where=entry.where(),
    )


def _option_problem(
    entry: Entry, cls: type[Layer], problem: OptionError, values: dict[str, Any], problems: Problems
) -> SpecError:
    text = problem.message
    if entry.index < 0:
        text = f"{entry.place}: {text}"
    elif problem.code == "DS105":
        name = entry.head.text if cls is TakenAtWord else cls.__name__
        text = f"option {problem.field!r} of {name}: {text}"
    elif problem.code == "DS104":
        text = text.replace(": ", f" of {cls.__name__}: ", 1)
    else:
        text = f"{cls.__name__}: {text}"
    at = entry.at(problem.field, problem.path)
    help_ = _for_nothing(values, cls, problem.field) or problem.help
    guess = help_ if (help_ or "").startswith("did you mean") else None
    return problems.make(
        problem.code,
        text,
        span=at.get("span"),
        label=guess or "",
        help=None if guess else help_,
        where=at.get("where"),
    )


def _for_nothing(values: dict[str, Any], cls: type[Layer], name: str | None) -> str | None:
    """Say what to write where a word for nothing, such as Python's `None`, is refused."""
    value = values.get(name or "")
    if not isinstance(value, str) or not means_nothing(value):
        return None
    declared = cls.fields.get(name or "")
    if declared is None or not cls.accepts(declared.name, None):
        return None
    null = "null without quotes" if value == "null" else "null"
    return f"write linear or {null}" if declared.type is ACTIVATION else f"write {null}"
