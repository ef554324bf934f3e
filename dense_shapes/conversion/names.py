"""Names of entries as a file may have them, and which of them it need not write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dense_shapes.conversion.errors import Conversion

_MAX_NAME = 1000


def legal(name: str, illegal: str, taken: set[str], report: Conversion[Any]) -> str:
    """Claim a name, or the closest to it that is allowed and free, and return it.

    Args:
        name: The name.
        illegal: A pattern for what no name may have in it.
        taken: The names that are taken, to which it is added.
        report: Is told of a name that is changed.
    """
    base = re.sub(illegal, "_", name)[:_MAX_NAME] or "unnamed"
    made, n = base, 0
    while made in taken:
        n += 1
        made = f"{base}_{n}"
    taken.add(made)
    if made != name:
        report.note(f"{name!r} is written {made!r}: such a name cannot stand there, or twice")
    return made


def automatic(
    wanted: Sequence[str | None], bases: Sequence[str], leading: Sequence[str]
) -> list[tuple[str, bool]]:
    """Return each entry's name, and whether it is the one it has if none is written.

    The rule is that of the spec's reader: an entry without a name gets the first that is free of
    `dense`, `dense_1`, and a further call, the base of which ends in `@`, of `tower@2`, `tower@3`.

    Args:
        wanted: The name that each is to have; None where the automatic one will do.
        bases: What the automatic name of each is made of.
        leading: The names of the model's inputs.

    >>> automatic(["dense", "dense_2", None], ["dense", "dense", "dense@"], ["input"])
    [('dense', True), ('dense_2', False), ('dense@2', True)]
    """
    counters = dict.fromkeys(leading, 1)
    taken = set(leading)
    out = []
    for name, base in zip(wanted, bases, strict=True):
        n = counters.get(base, 2 if base.endswith("@") else 0)
        while (free := _numbered(base, n)) in taken:
            n += 1
        made = free if name is None else name
        if made == free:
            counters[base] = n + 1
        taken.add(made)
        out.append((made, made == free))
    return out


def _numbered(base: str, n: int) -> str:
    return f"{base}{n}" if base.endswith("@") else f"{base}_{n}" if n else base
