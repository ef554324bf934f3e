"""What sizes are called that an input leaves open: by their place."""

from __future__ import annotations


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
