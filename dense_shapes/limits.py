"""How large the arrays may be that a shape stands for."""

from __future__ import annotations

from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.text import Shape

MAX_SIZE = 2**63 - 1
MAX_RANK = 64


def check_sizes(y: Shape) -> None:
    """Refuse shapes that no array can have, before their numbers grow without bound.

    Raises:
        ShapeError: There is an axis too many, or one too large.
    """
    if len(y) > MAX_RANK:
        raise ShapeError(
            f"the output would have {len(y)} axes; {MAX_RANK} is the most", code="DS203"
        )
    for dim in y:
        if type(dim) is int and dim > MAX_SIZE:
            text = f"{dim:,}" if dim < 10**30 else f"about 2^{dim.bit_length() - 1}"
            raise ShapeError(
                f"an axis of the output would have {text} entries; 2^63 - 1 is the most",
                code="DS203",
            )
