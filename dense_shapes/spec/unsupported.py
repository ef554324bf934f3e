"""What the spec language knows but this version does not read: refused by name, never guessed."""

from __future__ import annotations

TOP_KEYS = {"expect": "expectations"}
"""Keys of a spec, with what they are for."""

KERAS_LAYERS = frozenset(
    [
        "AdditiveAttention",
        "CategoryEncoding",
        "ConvLSTM1D",
        "ConvLSTM2D",
        "ConvLSTM3D",
        "Discretization",
        "GRUCell",
        "GroupQueryAttention",
        "HashedCrossing",
        "Hashing",
        "IntegerLookup",
        "LSTMCell",
        "Normalization",
        "RNN",
        "SimpleRNNCell",
        "StackedRNNCells",
        "StringLookup",
        "TextVectorization",
    ]
)
"""Keras's layers that the registry does not hold."""

_LOWERED = {name.lower(): name for name in KERAS_LAYERS}


def refusal(name: str) -> str | None:
    """Say why a type of entry is not read, or return None if it is simply not known."""
    return f"Keras's {name} is not supported yet" if name.lower() in _LOWERED else None
