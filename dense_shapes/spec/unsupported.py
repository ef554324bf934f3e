"""What the spec language knows but this version does not read: refused by name, never guessed."""

from __future__ import annotations

KERAS_LAYERS = frozenset([])
"""Keras's layers that the registry does not hold."""

_LOWERED = {name.lower(): name for name in KERAS_LAYERS}


def canonical(name: str) -> str | None:
    """Return how Keras spells a layer that the registry does not hold, or None."""
    return _LOWERED.get(name.lower())


def refusal(name: str) -> str | None:
    """Say why a type of entry is not read, or return None if it is simply not known."""
    return f"Keras's {name} is not supported yet" if name.lower() in _LOWERED else None
