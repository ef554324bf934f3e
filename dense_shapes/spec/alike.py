"""Layers with the same options, of which one object serves for all.

Real models have few different layers, each many times: those are made once, and asked once for
each shape that goes in. This rests on what comes out of a layer depending on its class, its
options, what goes in, and the arguments of the call alone.
"""

from __future__ import annotations

import marshal
from typing import Any

from dense_shapes.layers import Layer

Key = tuple[type[Layer], bytes, bool]
"""A class, options, and whether the layer stands in something that is frozen."""

_NO_REFERENCES = 2
"""The version of marshal's format that writes equal values alike."""


def key_of(cls: type[Layer], options: dict[str, Any], *, frozen: bool = False) -> Key | None:
    """Return what is the same for layers that may be one, or None for one that is never shared.

    Args:
        cls: The class.
        options: Its options, as plain data.
        frozen: Whether the layer stands in something that is frozen.
    """
    # Foreign code may keep anything; sizes that only the data tells have names of their own.
    if cls.foreign or cls.alone or cls.data_sizes is not Layer.data_sizes:
        return None
    try:
        return cls, marshal.dumps(options, _NO_REFERENCES), frozen
    except ValueError:
        return None  # there are expressions, tensors or other layers among the options
