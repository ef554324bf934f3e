"""The names that sizes have in a model, and what `--set` binds them to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dense_shapes.dims import Dim, symbol


class SettingError(ValueError):
    """A value given by `--set` that its name cannot have.

    Attributes:
        unknown: The name, where the model has none like it.
    """

    def __init__(self, message: str, *, unknown: str | None = None) -> None:
        super().__init__(message)
        self.unknown = unknown


class Symbols:
    """The names of one model.

    Attributes:
        settings: What names are bound to by `--set`.
        unused: Those of them that nothing has asked for yet.
        vars: What the names stand for that a spec declares.
        symbols: What the sizes of its inputs are called.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings
        self.unused = set(settings)
        self.vars: dict[str, Any] = {}
        self.symbols: dict[str, Dim] = {}

    def declare_symbol(self, name: str, *, open: bool = False) -> Dim:  # noqa: A002 - users' word
        """Return what a size of the input is called, or the number that `--set` gives it."""
        self.unused.discard(name)
        dim = self.settings.get(name)
        if dim is None:
            dim = symbol(name, open=open, minimum=1)
        elif type(dim) is not int:
            raise SettingError(f"{name} is a size, so it needs an integer, found {dim!r}")
        elif dim < 1:
            raise SettingError(f"{name} is a size, so it is at least 1, found {dim}")
        self.symbols[name] = dim
        return dim

    def name_open(self, name: str) -> Dim:
        """Return the symbol for a size that was left open, under a name that is not taken."""
        taken, n = name, 0
        while taken in self.symbols or taken in self.vars:
            n += 1
            taken = f"{name}_{n}"
        return self.declare_symbol(taken, open=True)


def open_names(count: int, *, channels_first: bool) -> list[str]:
    """Return what the axes after the batch are called where their size is left open.

    >>> open_names(3, channels_first=False), open_names(1, channels_first=False)
    (['H', 'W', 'C'], ['T'])
    """
    if count < 2:
        return ["T"] * count
    places = {1: ["T"], 2: ["H", "W"]}.get(count - 1, ["D", "H", "W"])
    places = ["T"] * (count - 1 - len(places)) + places
    return ["C", *places] if channels_first else [*places, "C"]
