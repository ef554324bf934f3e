"""What kind of layer an entry names, or the closest to it."""

from __future__ import annotations

import re
from collections.abc import Collection

from dense_shapes.diagnostics import did_you_mean, shorten
from dense_shapes.layers import Layer, find_layer, operations, registry
from dense_shapes.layers.unknown import TakenAtWord
from dense_shapes.plugins import load_installed
from dense_shapes.spec.entries import FORMS, SPECIAL, Entry
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.scalars import found
from dense_shapes.spec.scope import Scope


def layer_type(
    entry: Entry, problems: Problems, scope: Scope, heads: Collection[str] = ()
) -> type[Layer]:
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
    if layer is None and "output_shape" not in entry.options:
        load_installed()
        layer = find_layer(name)
    if layer is not None:
        return layer
    if "output_shape" in entry.options:
        return TakenAtWord
    help_ = None
    called = re.match(r"(\w+)\s*\((.*?)\)?$", name)
    if called is not None:
        help_ = _uncalled(called[1], called[2].strip())
        guess = did_you_mean(called[1], _type_names()) if find_layer(called[1]) is None else ""
    else:
        guess = did_you_mean(name, [*heads, *SPECIAL]) or _type_guess(name)
        help_ = None if guess else "`dense-shapes layers` lists all types"
        if name.lower() in {"sequential", "functional", "model"}:
            guess, help_ = "", "write a model inside this one as a block, under `blocks:`"
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
    aliases = [alias for layer in registry().values() for alias in layer.aliases]
    return [*registry(), *aliases]


def _type_guess(name: str) -> str:
    """Suggest a type, or all that differ from a word like `MaxPool` in their number of axes."""
    if name[:4].lower() == "ops.":
        return did_you_mean(name, sorted(operations()))
    names = _type_names()
    members = {f"{name}{rank}d".lower() for rank in (1, 2, 3)}
    family = sorted(repr(known) for known in names if known.lower() in members)
    if len(family) > 1:
        return f"did you mean {', '.join(family[:-1])} or {family[-1]}?"
    return did_you_mean(name, sorted(names))
