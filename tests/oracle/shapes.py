"""One shape, as a tuple, or the shapes of several inputs or outputs, as a list of tuples."""

from collections.abc import Callable
from typing import Any

Sizes = tuple[int | None, ...]
Shapes = Sizes | list[Sizes]


def listed(shapes: Any) -> list[Any]:
    """Return the shapes as a list, of one where there is only one."""
    return shapes if isinstance(shapes, list) else [shapes]


def each(change: Callable[..., Any], shapes: Any, *others: Any) -> Any:
    """Return what `change` makes of the shape, or of each shape in a list.

    Args:
        change: Is called with a shape, and with that in its place in each of the others.
        shapes: A shape or a list of them.
        others: As many of something else, in the same form.
    """
    if not isinstance(shapes, list):
        return change(shapes, *others)
    return [change(*together) for together in zip(shapes, *others, strict=True)]
