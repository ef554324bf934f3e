"""What kind of layer an entry names, or the closest to it."""

from __future__ import annotations

import re
from collections.abc import Collection

from dense_shapes.diagnostics import Note, did_you_mean, shorten, suggest
from dense_shapes.layers import Layer, find_layer, operations, registry
from dense_shapes.layers.unknown import TakenAtWord
from dense_shapes.plugins import blame_installed, load_installed
from dense_shapes.spec.entries import FORMS, SPECIAL, Entry
from dense_shapes.spec.habits import GROUPS, activation_for, bare, layer_for
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.scalars import found
from dense_shapes.spec.scope import Scope

_GROUPED = (
    "a model inside this one is a block: `blocks: {NAME: {layers: [...]}}`, then `- NAME`; layers "
    "in a row need nothing around them"
)
_OWN = (
    "`dense-shapes layers` lists all types; one of your own says its `output_shape: [null, …]` "
    "itself, or is taught by --plugin"
)
_ALIKE = 0.8
"""How alike two names are that begin with different letters and are still taken for each other."""


def layer_type(
    entry: Entry, problems: Problems, scope: Scope, heads: Collection[str] = ()
) -> type[Layer]:
    """Return the class that an entry's type names.

    Raises:
        SpecError: The type is unknown, or one that is not supported yet.
        PluginError: It is like none that is known, and an installed package fails.
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
    if layer is None and "output_shape" not in entry.options:
        load_installed()
        layer = find_layer(name)
    if layer is not None:
        return layer
    if "output_shape" in entry.options:
        return TakenAtWord
    help_ = None
    called = re.match(r"([\w.]+)\s*\((.*?)\)?$", name)
    if called is not None:
        known = find_layer(bare(called[1])) or find_layer(layer_for(called[1]) or "")
        help_ = _uncalled(called[1] if known is None else known.__name__, called[2].strip())
        guess = type_guess(called[1]) if find_layer(called[1]) is None else ""
    elif bare(name).lower() in GROUPS:
        guess, help_ = "", _GROUPED
    else:
        guess = did_you_mean(name, [*heads, *SPECIAL]) or type_guess(name)
        help_ = None if guess else _OWN
        if not guess:
            blame_installed()
    raise problems.make(
        "DS103",
        f"unknown layer type {shorten(name)!r}",
        entry.head,
        label=guess,
        help=help_,
        notes=tuple(map(Note, load_installed())),
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
    aliases = [alias for layer in registry().values() for alias in layer.aliases]
    return [*registry(), *aliases]


def type_guess(name: str) -> str:
    """Suggest a type, or all that differ from a word like `MaxPool` in their number of axes."""
    if name[:4].lower() == "ops.":
        return did_you_mean(name, sorted(operations()))
    elsewhere = layer_for(name)
    known = find_layer(bare(name)) if elsewhere is None else None
    if known is not None:
        elsewhere = known.__name__
    if elsewhere is None and (activation := activation_for(name)) is not None:
        elsewhere = f"Activation: {activation}"
    if elsewhere is not None:
        return f"did you mean '{elsewhere}'?"
    names = _type_names()
    members = {f"{name}{rank}d".lower() for rank in (1, 2, 3)}
    family = sorted(repr(other) for other in names if other.lower() in members)
    if len(family) > 1:
        return f"did you mean {', '.join(family[:-1])} or {family[-1]}?"
    close = suggest(name, sorted(names))
    return f"did you mean '{close}'?" if close is not None and _is_like(name, close) else ""


def _is_like(name: str, other: str) -> bool:
    """Tell whether a name is close enough to another to be a slip of it.

    Names that have a word such as `Layer` in common are alike to the eye of a machine only.
    """
    a, b = name.lower(), other.lower()
    if a[:1] == b[:1]:
        return True
    from difflib import SequenceMatcher  # noqa: PLC0415 - only a misspelt file pays for it

    return SequenceMatcher(None, a, b).ratio() >= _ALIKE
