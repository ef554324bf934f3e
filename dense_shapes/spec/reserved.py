"""Words that cannot name a size, a var or an argument of a block."""

from __future__ import annotations

_RESERVED = {"batch", "floor", "ceil", "min", "max"}
_NOTHING = {"none", "null"}
"""Words for nothing in any letter case: in Python, `None` is what null is in YAML."""


def means_nothing(name: str) -> bool:
    """Tell whether a name is a word for nothing, such as Python's `None`."""
    return name.lower() in _NOTHING


def is_reserved(name: str) -> bool:
    """Tell whether a word has a meaning of its own in expressions."""
    return name in _RESERVED or means_nothing(name)
