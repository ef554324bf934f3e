"""Preprocessing layers."""

from __future__ import annotations

from dense_shapes.dims import dim_max, equal, is_open
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Either
from dense_shapes.layers.sizes import ListOf
from dense_shapes.layers.text import Shape, size
from dense_shapes.layers.text import shape as shape_text

_FACTORS = Either(t.NUMBER, ListOf(t.NUMBER))


class Rescaling(Layer):
    """Multiply the data by a number and add another."""

    scale: float | tuple[float, ...] = field(
        _FACTORS, doc="The factor, or one for each entry of the last axis."
    )
    offset: float | tuple[float, ...] = field(
        _FACTORS, default=0.0, doc="What is added, or one value for each entry of the last axis."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`: lists broadcast against the last axis, as in a real call."""
        last = x[-1]
        for name in ("scale", "offset"):
            values = getattr(self, name)
            if not isinstance(values, tuple) or len(values) == 1:
                continue
            if len(x) < 2:
                raise ShapeError(
                    f"a list of {len(values)} values needs an axis after the batch, "
                    f"found {shape_text(x)}",
                    field=name,
                )
            # One entry broadcasts, as many as there are values fit: the outcome is the same, but
            # what is left open Keras leaves open.
            self.require(
                equal((last - 1) * (last - len(values)), 0),
                f"{len(values)} values do not fit the last axis of {shape_text(x)}, "
                f"of size {size(last)}",
                field=name,
                help="give one number, or one for each entry of the last axis",
            )
            last = dim_max(last, len(values)) if is_open(last) else len(values)
        return (*x[:-1], last)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        factor, added = _number(self.scale), _number(self.offset)
        kept = "shape kept" if x == y else f"{shape_text(x)} → {shape_text(y)}"
        return f"every value v becomes v·{factor} + {added}; {kept}, no params"


def _number(value: float | tuple[float, ...]) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(f'{v:g}' for v in value)}]"
    return f"{value:g}"
