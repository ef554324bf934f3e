"""Normalization layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, at_least, dim_max, divides, equal, exact_div, is_open, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.activations import axes_of
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Either, Float, Maybe, Record
from dense_shapes.layers.masks import TAKES_MASK, mask_of, need_fit, need_mask_rank
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, by, count, plural, size, times
from dense_shapes.layers.text import shape as shape_text


class Normalization(Layer, abstract=True):
    """A layer that shifts and scales values, then lets training undo as much as it needs."""

    axis: Dim | tuple[Dim, ...]
    epsilon: float = field(
        t.NUMBER, default=0.001, doc="Added to the variance, against division by zero."
    )
    center: bool = field(t.BOOL, default=True, doc="Learn an offset, beta.")
    scale: bool = field(t.BOOL, default=True, doc="Learn a scale, gamma.")
    beta_initializer: Any = field(t.INITIALIZER, default="zeros", doc="How beta starts.")
    gamma_initializer: Any = field(t.INITIALIZER, default="ones", doc="How gamma starts.")
    beta_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on beta.")
    gamma_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on gamma.")
    beta_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of beta after each update."
    )
    gamma_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of gamma after each update."
    )

    def axes(self, x: Shape) -> list[int]:
        """Return the axes that gamma and beta have, in their order."""
        return axes_of(self, self.axis, x)

    def sizes(self, x: Shape) -> Shape:
        """Return the shape of gamma and beta."""
        return tuple(x[a] for a in self.axes(x))

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        axes = self.axes(x)
        for weight in self.owned(x)[:1]:
            for a, n in zip(axes, weight.shape, strict=True):
                self.fixed(n, f"the size of axis {a}, which sizes its weights")
        return x

    def operand(self) -> str:
        """See `Layer.operand`."""
        return "(input - mean)/sqrt(variance + epsilon)"

    def learned(self, x: Shape) -> Iterator[Weight]:
        """Yield gamma and beta, where there are any."""
        shape = self.sizes(x)
        axes = tuple(f"entry along axis {a}" for a in self.axes(x))
        if self.scale:
            yield self.weight("gamma", shape, axes, sign="×")
        if self.center:
            yield self.weight("beta", shape, axes, sign="+")

    def params_text(self, x: Shape) -> str:
        """Write how many parameters there are and which of them are trained."""
        weights = self.owned(x)
        if not weights:
            return "no params"
        total = count(sum(w.size for w in weights))
        names = ", ".join(w.name for w in weights)
        many = (len(weights),) if len(weights) > 1 else ()
        made = times(*many, *weights[0].shape)
        terms = f"{total} params" if made == total else f"{made} = {total} params"
        return f"{terms} ({names}){self.trained_text(weights)}"


def _axes_as_sorted(layer: Layer, axis: Dim | tuple[Dim, ...], x: Shape) -> list[int]:
    """Return the axes of an `axis` option as Keras sorts them: as written, negative ones first."""
    axes = axes_of(layer, axis, x)
    if isinstance(axis, tuple):
        negative = {a % len(x) for a in axis if type(a) is int and a < 0}
        axes.sort(key=lambda a: (a not in negative, a))
    return axes


class BatchNormalization(Normalization, first=("axis", "momentum")):
    """Normalize each channel by its mean and variance over the batch."""

    keeps_rank = True
    call_arguments = TAKES_MASK

    axis: Dim = field(t.INTEGER, default=-1, doc="The channel axis, whose entries stay apart.")
    momentum: float = field(t.NUMBER, default=0.99, doc="How slowly the tracked means move.")
    moving_mean_initializer: Any = field(
        t.INITIALIZER, default="zeros", doc="How the tracked mean starts."
    )
    moving_variance_initializer: Any = field(
        t.INITIALIZER, default="ones", doc="How the tracked variance starts."
    )
    renorm: bool = field(
        t.BOOL, default=False, doc="Correct by the tracked values in training too (renorm)."
    )
    renorm_clipping: dict[str, float] | None = field(
        Maybe(Record(rmax=Maybe(Float()), rmin=Maybe(Float()), dmax=Maybe(Float(0)))),
        default=None,
        doc="Limits of renorm's correction: rmax, rmin, dmax.",
    )
    renorm_momentum: float = field(
        t.NUMBER, default=0.99, doc="How slowly renorm's tracked values move."
    )
    synchronized: bool = field(
        t.BOOL, default=False, doc="Share the batch's statistics between devices."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        if self.renorm and self.moving_variance_initializer is None:
            raise OptionError(
                "renorm needs an initializer here, found null", field="moving_variance_initializer"
            )
        limits = self.renorm_clipping or {}
        low, high = limits.get("rmin"), limits.get("rmax")
        if self.renorm and low is not None and high is not None and high < low:
            raise OptionError(f"rmax {high:g} is below rmin {low:g}", field="renorm_clipping")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`: Keras lays a mask on the input only where it trains."""
        y = super().output(x)
        mask = mask_of(self)
        if mask is not None:
            need_mask_rank(self, mask, len(x) - 1, ", one less than its input")
            if self.call.get("training") and self.trainable:
                need_fit(self, "mask", mask, x[:-1], "input without its last axis")
        return y

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield from self.learned(x)
        shape = self.sizes(x)
        tracked = {"moving_mean": "mean", "moving_variance": "variance"}
        if self.renorm:
            tracked |= {
                "moving_stddev": "variance",
                "renorm_mean": "mean",
                "renorm_stddev": "variance",
            }
        for name, start in tracked.items():
            initializer = f"moving_{start}_initializer"
            yield self.weight(name, shape, ("channel",), initializer=initializer, trainable=False)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"each of the {size(self.sizes(x)[0])} channels is shifted and scaled by its mean and "
            f"variance over the batch; shape unchanged, {self.params_text(x)}"
        )


class LayerNormalization(Normalization, first=("axis",)):
    """Normalize each example alone, by its mean and variance over some axes."""

    axis: Dim | tuple[Dim, ...] = field(
        Either(Int(), ListOf(Int())), default=-1, doc="The axes that are normalized over."
    )
    rms_scaling: bool = field(
        t.BOOL, default=False, doc="Deprecated in Keras: scale only, without shifting."
    )

    def operand(self) -> str:
        """See `Layer.operand`."""
        return "input/sqrt(variance + epsilon)" if self.rms_scaling else super().operand()

    def axes(self, x: Shape) -> list[int]:
        """See `Normalization.axes`."""
        return _axes_as_sorted(self, self.axis, x)

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        super().output(x)
        axes = self.axes(x)
        if len(axes) == len(x) and axes != sorted(axes) and self.owned(x):
            # Keras lays weights of as many axes as the input over it as they are.
            for a, own in zip(x, self.sizes(x), strict=True):
                self.require(
                    equal(a, own),
                    f"the weights {shape_text(self.sizes(x))} do not fit {shape_text(x)}: Keras "
                    f"puts axes that are counted from the end first",
                    field="axis",
                    help="count all axes from the front",
                )
        return x

    def learned(self, x: Shape) -> Iterator[Weight]:
        """See `Normalization.learned`."""
        shape = self.sizes(x)
        axes = tuple(f"entry along axis {a}" for a in self.axes(x))
        if self.scale or self.rms_scaling:
            yield self.weight("gamma", shape, axes, sign="×")
        if self.center and not self.rms_scaling:
            yield self.weight("beta", shape, axes, sign="+")

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield from self.learned(x)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        sizes = self.sizes(x)
        how = "shifted and scaled by its own mean and variance"
        if self.rms_scaling:
            how = "scaled by its own variance, and not shifted"
        over = f"{by(sizes)}" + ("" if len(sizes) == 1 else f" = {count(prod(sizes))}")
        return f"each group of {over} values is {how}; shape unchanged, {self.params_text(x)}"


class GroupNormalization(Normalization, first=("groups", "axis")):
    """Normalize each example alone, by the mean and variance of groups of channels."""

    keeps_rank = True

    groups: Dim = field(
        t.INTEGER, default=32, doc="How many groups; -1 makes each channel a group of its own."
    )
    axis: Dim = field(t.INTEGER, default=-1, doc="The channel axis, which is cut into groups.")

    def check(self) -> None:
        """See `Layer.check`."""
        if self.groups == -1:
            return
        verdict = at_least(self.groups, 1)
        if verdict is False:
            raise OptionError(
                f"expected an integer ≥ 1, or -1, found {size(self.groups)}", field="groups"
            )
        if verdict is not True:
            self.demands.append(verdict)

    def cut(self, x: Shape) -> tuple[Dim, Dim]:
        """Return how many groups there are, and the channels of each."""
        (channels,) = self.sizes(x)
        groups = channels if self.groups == -1 else self.groups
        return groups, exact_div(channels, groups)

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        (axis,) = self.axes(x)
        channels = self.fixed(x[axis], f"the size of axis {axis}, which it cuts into groups")
        if axis == 0 and self.axis != 0:
            raise ShapeError(
                f"GroupNormalization cannot make groups of the batch of {shape_text(x)}",
                field="axis",
                help="name the axis of the channels",
            )
        self.require(
            self.groups == -1 or divides(self.groups, channels),
            f"the {size(channels)} entries of axis {axis} of the input {shape_text(x)} cannot be "
            f"split into {size(self.groups)} groups of equal size",
            field="groups",
            help="choose groups that divide them; there are 32 if not told otherwise",
        )
        return x

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield from self.learned(x)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        groups, each = self.cut(x)
        (axis,) = self.axes(x)
        rest = tuple(n for i, n in enumerate(x) if i not in {0, axis})
        over = f", over all {by(rest)} positions" if rest else ""
        return (
            f"the {size(x[axis])} channels in {plural(groups, 'group')} of {size(each)}; each "
            f"group of an example is shifted and scaled by its own mean and variance{over}; shape "
            f"unchanged, {self.params_text(x)}"
        )


class RMSNormalization(Layer, first=("axis",)):
    """Scale each example by the root of its mean square over some axes, and by learned factors."""

    axis: Dim | tuple[Dim, ...] = field(
        Either(Int(), ListOf(Int())), default=-1, doc="The axes that are normalized over."
    )
    epsilon: float = field(
        t.NUMBER, default=1e-6, doc="Added to the mean square, against division by zero."
    )

    def sizes(self, x: Shape) -> Shape:
        """Return the shape of the learned factors."""
        return tuple(x[a] for a in _axes_as_sorted(self, self.axis, x))

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`: a call spreads the factors over the last axes, whichever they are."""
        from dense_shapes.layers.broadcasting import broadcast  # noqa: PLC0415 - others do without

        sizes = self.sizes(x)
        for n in sizes:
            self.fixed(n, "the sizes of the axes it normalizes over, which size its weight")
        y = broadcast(
            self,
            x,
            sizes,
            field="axis",
            help="Keras multiplies the last axes by the factors, whatever the axis: name the last, "
            "in their order",
        )
        # What is left open stays so, as in Keras, even where it can only be as many as the factors.
        return tuple(dim_max(n, m) if is_open(n) else m for n, m in zip(x, y, strict=True))

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        axes = _axes_as_sorted(self, self.axis, x)
        labels = tuple(f"entry along axis {a}" for a in axes)
        yield Weight("scale", self.sizes(x), labels, sign="×")

    def operand(self) -> str:
        """See `Layer.operand`."""
        return "input/sqrt(mean(input²) + epsilon)"

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        sizes = self.sizes(x)
        over = by(sizes) + ("" if len(sizes) == 1 else f" = {count(prod(sizes))}")
        shape = "shape unchanged" if x == y else f"{shape_text(x)} → {shape_text(y)}"
        return (
            f"each group of {over} values is divided by the root of its mean square, then "
            f"multiplied by learned factors; {shape}, {self.params_text(x)}"
        )


class UnitNormalization(Layer):
    """Scale each example to a length of one."""

    axis: Dim | tuple[Dim, ...] = field(
        Either(Int(), ListOf(Int())), default=-1, doc="The axes that the length is measured over."
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        axes_of(self, self.axis, x)
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        over = tuple(x[a] for a in axes_of(self, self.axis, x))
        return (
            f"each vector of {by(over)} values is divided by its length, the root of the sum of "
            "its squares; shape unchanged, no params"
        )
