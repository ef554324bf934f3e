"""How explanations write numbers, shapes and products, and names are made of classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from dense_shapes.dims import BATCH, Dim

Shape = tuple[Dim, ...]

UNKNOWN = "?"
"""What stands for a shape or a number that is not known."""


def size(dim: Dim) -> str:
    """Write one axis's size: `32`, `H`, `None` for the unnamed batch."""
    if type(dim) is int:
        return str(dim)
    return "None" if dim == BATCH else str(dim)


def shape(dims: Iterable[Dim]) -> str:
    """Write a shape as Python would: `(None, 32, 32, 3)`, `(512,)`."""
    sizes = [size(dim) for dim in dims]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def shapes(several: Sequence[Shape | None] | None) -> str:
    """Write a layer's shapes, several of them beside each other."""
    if several is None:
        return UNKNOWN
    return ", ".join(UNKNOWN if s is None else shape(s) for s in several)


def _factor(dim: Dim) -> str:
    text = size(dim)
    return f"({text})" if " " in text else text


def by(dims: Iterable[Dim]) -> str:
    """Write the sizes of a window or of a grid of positions: `32x32`."""
    factors = [_factor(dim) for dim in dims]
    return ("x" if all(f.isalnum() for f in factors) else " x ").join(factors)


def window(dims: tuple[Dim, ...]) -> str:
    """Write a window by its sizes: `3x3 window`, `5-step window`."""
    return f"{by(dims)} window" if len(dims) > 1 else f"{_factor(dims[0])}-step window"


def moved(before: tuple[Dim, ...], after: tuple[Dim, ...]) -> str:
    """Write what becomes of a grid of positions: `32x32 → 16x16 positions`."""
    if before == after:
        return f"{by(before)} positions stay"
    return f"{by(before)} → {by(after)} positions"


def times(*dims: Dim) -> str:
    """Write a product by its factors: `3·3·64`."""
    return "·".join([_factor(dim) for dim in dims])


def count(dim: Dim) -> str:
    """Write a count with thousands separated: `1,573,376`."""
    return f"{dim:,}" if type(dim) is int else str(dim)


def each(dims: tuple[Dim, ...]) -> str:
    """Write a setting once if it is the same on every axis: `2`, else `2x1`."""
    return size(dims[0]) if all(dim == dims[0] for dim in dims) else by(dims)


def plural(dim: Dim, noun: str) -> str:
    """Write a count with its noun: `1 filter`, `64 filters`."""
    return f"{count(dim)} {noun}" if dim == 1 else f"{count(dim)} {noun}s"


def positions(dims: tuple[Dim, ...]) -> str:
    """Write a grid of positions: `32x32 positions`, `1 position`."""
    return f"{by(dims)} position{'' if dims == (1,) else 's'}"


def memory(size: Dim | None) -> str:
    """Write a number of bytes as Keras's `summary()` does: `28.04 KB`.

    >>> memory(28712), memory(0)
    ('28.04 KB', '0.00 B')
    """
    if size is None:
        return UNKNOWN
    if type(size) is not int:
        return f"{size} bytes"
    scaled = float(size)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if scaled < 1024:
            return f"{scaled:.2f} {unit}"
        scaled /= 1024
    return f"{scaled:,.2f} PB"


@cache
def snake_case(name: str) -> str:
    """Return a class's name as Keras makes layer names of it.

    The rule is that of `keras.src.utils.naming.to_snake_case`.

    >>> snake_case("MaxPooling2D"), snake_case("PReLU")
    ('max_pooling2d', 'p_re_lu')
    """
    text = re.sub(r"\W+", "", name.removeprefix("ops."))
    text = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", text)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", text).lower()
