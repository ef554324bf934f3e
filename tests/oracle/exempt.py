"""Ways to tell the cases that an exception covers."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tests.oracle.compare import Verdict
from tests.oracle.draws import Case, Options
from tests.oracle.nested import Nested
from tests.oracle.shapes import listed


class Exempt(NamedTuple):
    """A deliberate difference.

    Attributes:
        reason: Why we differ.
        covers: Whether it explains what a verdict shows.
    """

    reason: str
    covers: Callable[[Verdict], bool]


def only_keras(verdict: Verdict) -> bool:
    """Whether Keras accepts what we refuse."""
    return verdict.accepted and not verdict.taken


def only_we(verdict: Verdict) -> bool:
    """Whether we accept what Keras refuses."""
    return verdict.taken and not verdict.accepted


def only_inferred(verdict: Verdict) -> bool:
    """Whether nothing differs but which sizes are known before a call."""
    return all(d.removeprefix("left open: ").startswith("inferred") for d in verdict.differences)


def layers_in(name: str, options: Options) -> list[tuple[str, Options]]:
    """Return a layer and all that are inside it, by name and options."""
    found = [(name, options)]
    for value in options.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Nested):
                found += layers_in(one.name, one.options)
    return found


def within(case: Case, *names: str) -> bool:
    """Whether one of these layers is the case's own, or inside it."""
    return any(name in names for name, _ in layers_in(case.name, case.options))


def is_empty(verdict: Verdict) -> bool:
    return any(0 in shape for shape in listed(verdict.called))


def has_batch(case: Case, *names: str) -> bool:
    """Whether a constant of these names has as many axes as the inputs."""
    rank = len(listed(case.shape)[0])
    return any(len(np.shape(case.options.get(name))) >= rank for name in names)
