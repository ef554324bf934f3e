"""How shapes meet where values are combined one by one."""

from __future__ import annotations

from dense_shapes.dims import Dim, dim_max, equal, prod
from dense_shapes.layers.base import Layer
from dense_shapes.layers.text import Shape, size
from dense_shapes.layers.text import shape as shape_text


def broadcast(
    layer: Layer,
    *shapes: Shape,
    field: str | None = None,
    help: str = "bring them to the same shape before",  # noqa: A002 - the name the diagnostics use
) -> Shape:
    """Return the shape in which all meet: sizes of 1 are repeated, missing axes are 1.

    The rule is that of `keras.src.ops.operation_utils.broadcast_shapes`.

    Args:
        layer: What demands it of sizes that are not yet numbers.
        shapes: The shapes.
        field: The option at fault where they do not fit together.
        help: What to do about that.

    Raises:
        ShapeError: Two sizes differ and neither is 1.
    """

    def meet(a: Dim, b: Dim, y: Shape, shape: Shape) -> Dim:
        if b in (a, 1):
            return a
        if a == 1:
            return b
        stretched = [n for n in (a, b) if equal(n, 1) is not False]
        layer.require(
            equal(prod([a - b, *(n - 1 for n in stretched)]), 0),
            f"{shape_text(y)} and {shape_text(shape)} do not fit together: {size(a)} and {size(b)} "
            "are neither equal nor 1",
            field=field,
            help=help,
        )
        # What cannot be 1 is the outcome: a number first, as in Keras.
        sure = sorted((n for n in (a, b) if n not in stretched), key=lambda n: type(n) is not int)
        return sure[0] if sure else dim_max(a, b)

    rank = max(map(len, shapes))
    rows = [(*[1] * (rank - len(shape)), *shape) for shape in shapes]
    y: Shape = rows[0]
    for row, shape in zip(rows[1:], shapes[1:], strict=True):
        y = tuple(meet(a, b, y, shape) for a, b in zip(y, row, strict=True))
    return y
