"""What the rules of layers ask of symbolic sizes, solved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from dense_shapes.dims import Requirement
from dense_shapes.dims.solve import solve


class Solved(NamedTuple):
    """What sizes must satisfy, worked out from all that is asked of them.

    Attributes:
        symbols: The names of the symbols in it, sorted.
        text: A sentence such as `H >= 75`, or an equation.
        facts: The same as data, where it is about one symbol: see `dims.solve.Statement`.
        layers: The layers that impose it, in order.
    """

    symbols: tuple[str, ...]
    text: str
    facts: dict[str, int | list[int]]
    layers: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return it as it stands in the JSON."""
        symbols = list(self.symbols)
        alone = {"symbol": symbols[0]} if len(symbols) == 1 else {}
        told = {"symbols": symbols, "text": self.text}
        return alone | told | self.facts | {"layers": self.layers}


def solved(
    requirements: Sequence[Requirement], layers: Sequence[list[str]], order: Sequence[str]
) -> list[Solved]:
    """Return what requirements say together, solved symbol by symbol.

    Args:
        requirements: What rules ask.
        layers: For each, the paths of the layers that ask it, in the order of the model.
        order: The paths of all layers, in that order.
    """
    places = {path: place for place, path in enumerate(order)}
    return [
        Solved(symbols, text, facts, _merged([layers[i] for i in sources], places))
        for symbols, text, facts, sources in solve(requirements)
    ]


def _merged(layers: Sequence[list[str]], places: dict[str, int]) -> list[str]:
    """Return the paths of one or more lists once each, in the order of the model."""
    if len(layers) == 1:
        return layers[0]
    found: dict[str, int] = {}
    for some in layers:
        place = 0
        for path in some:
            # A further call has no place of its own: it comes after what stands before it here.
            place = found.setdefault(path, places.get(path, place))
    return sorted(found, key=found.__getitem__)
