"""Activation layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Either, Float, Maybe
from dense_shapes.layers.masks import TAKES_MASK, mask_of, need_fit
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.spatial import activated
from dense_shapes.layers.text import Shape, by, plural, size
from dense_shapes.layers.text import shape as shape_text

_NOT_NEGATIVE = Float(0)


class Elementwise(Layer, abstract=True):
    """A layer that changes each value on its own and keeps the shape."""

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return x

    def formula(self) -> str:
        """Say what becomes of one value."""
        raise NotImplementedError

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"{self.formula()}, on every value alone; shape unchanged, no params"


class Activation(Layer):
    """Apply an activation function."""

    activation: str | None = field(
        t.ACTIVATION, doc="The function's name, such as relu or softmax."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return activated(self, self.activation, x)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        name = self.activation or "linear"
        if name == "glu":
            return (
                f"glu: one half of the last axis gates the other, {size(x[-1])} → {size(y[-1])}; "
                "no params"
            )
        if name in {"softmax", "log_softmax", "sparsemax"}:
            return f"{name} over the {plural(x[-1], 'value')} of the last axis; no params"
        return f"{name}, on every value alone; shape unchanged, no params"


class ReLU(Elementwise):
    """Set negative values to zero."""

    max_value: float | None = field(
        Maybe(_NOT_NEGATIVE), default=None, doc="The largest output; null for no limit."
    )
    negative_slope: float = field(_NOT_NEGATIVE, default=0.0, doc="The slope below the threshold.")
    threshold: float = field(_NOT_NEGATIVE, default=0.0, doc="Where the output starts to rise.")

    def formula(self) -> str:
        """See `Elementwise.formula`."""
        most = self.max_value
        limit = "" if most is None else f", values above {most:g} become {most:g}"
        slope, start = self.negative_slope, self.threshold
        if slope == 0:
            return f"values below {start:g} become zero{limit}"
        if start == 0:
            return f"values below zero are multiplied by {slope:g}{limit}"
        return f"a value v below {start:g} becomes {slope:g}·(v - {start:g}){limit}"


class LeakyReLU(Elementwise):
    """Shrink negative values instead of dropping them."""

    negative_slope: float = field(_NOT_NEGATIVE, default=0.3, doc="The slope below zero.")

    def formula(self) -> str:
        """See `Elementwise.formula`."""
        return f"negative values are multiplied by {self.negative_slope:g}"


class ELU(Elementwise):
    """Bend negative values smoothly towards a floor."""

    alpha: float = field(t.NUMBER, default=1.0, doc="The floor is -alpha.")

    def formula(self) -> str:
        """See `Elementwise.formula`."""
        return f"negative values become {self.alpha:g}·(exp(x) - 1)"


class PReLU(Layer):
    """Shrink negative values by learned slopes."""

    keeps_rank = True

    alpha_initializer: Any = field(t.INITIALIZER, default="Zeros", doc="How the slopes start.")
    alpha_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on the slopes.")
    alpha_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the slopes after each update."
    )
    shared_axes: int | tuple[int, ...] | None = field(
        Maybe(Either(Int(), ListOf(Int()))),
        default=None,
        doc="Axes (1 is the first after the batch) along which one slope serves all.",
    )

    def _slopes(self, x: Shape) -> Shape:
        slopes = list(x[1:])
        shared = self.shared_axes if isinstance(self.shared_axes, tuple) else (self.shared_axes,)
        for i, axis in enumerate(shared):
            if axis is None:
                continue
            # Keras indexes the sizes without the batch by axis - 1, negative ones included.
            if type(axis) is not int or not -len(slopes) <= axis - 1 < len(slopes):
                raise ShapeError(
                    f"PReLU has no axis {axis} to share in its input {shape_text(x)}",
                    field="shared_axes",
                    path=(i,),
                    help=f"an axis is from 1 to {len(slopes)}; 1 is the first after the batch",
                )
            slopes[axis - 1] = 1
        return tuple(slopes)

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        for axis, dim in enumerate(self._slopes(x), start=1):
            self.fixed(dim, f"the size of axis {axis}, along which it has slopes")
        return x

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        slopes = self._slopes(x)
        axes = tuple(f"slope along axis {i}" for i in range(1, len(x)))
        yield self.weight("alpha", slopes, axes, sign="×")

    def operand(self) -> str:
        """See `Layer.operand`."""
        return "max(input, 0) + min(input, 0)"

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        slopes = self._slopes(x)
        return (
            f"negative values are multiplied by learned slopes, {by(slopes) or 'one'} of them; "
            f"shape unchanged, {self.params_text(x)}"
        )


class Softmax(Layer):
    """Turn values into shares that sum to one."""

    call_arguments = TAKES_MASK

    axis: Dim | tuple[Dim, ...] = field(
        Either(Int(), ListOf(Int())), default=-1, doc="The axis, or axes, that sum to one."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        axes_of(self, self.axis, x)
        mask = mask_of(self)
        if mask is not None:
            need_fit(self, "mask", mask, x, "input")
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        over = [x[i] for i in axes_of(self, self.axis, x)]
        along = "the last axis" if self.axis == -1 else f"axis {self.axis}"
        if isinstance(self.axis, tuple) and len(self.axis) > 1:
            along = f"axes {', '.join(map(size, self.axis))}"
        return f"softmax over the {by(over)} values along {along}: they sum to 1; no params"


def axes_of(layer: Layer, axis: Dim | tuple[Dim, ...], x: Shape) -> list[int]:
    """Return the axes that an `axis` option names, counted from the front and sorted.

    Raises:
        ShapeError: An axis that the input does not have, or one that is not yet a number.
    """
    out = []
    for i, a in enumerate(axis if isinstance(axis, tuple) else (axis,)):
        path = (i,) if isinstance(axis, tuple) else ()
        if type(a) is not int:
            raise ShapeError(
                f"an axis must be a number, found {a}",
                field="axis",
                path=path,
                help=f"pass --set {a}=…",
                code="DS202",
            )
        if not -len(x) <= a < len(x):
            raise ShapeError(
                f"{type(layer).__name__} has no axis {a} in its input {shape_text(x)}, "
                f"which has {len(x)}",
                field="axis",
                path=path,
                help=f"an axis is from {-len(x)} to {len(x) - 1}; 0 is the batch",
            )
        out.append(a % len(x))
    if len(set(out)) < len(out):
        raise ShapeError(
            f"{type(layer).__name__} is given an axis of {shape_text(x)} twice", field="axis"
        )
    return sorted(out)
