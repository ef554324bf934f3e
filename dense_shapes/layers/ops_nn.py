"""Operations of networks: the bare functions of `keras.ops` that normalize, attend or compare."""

from __future__ import annotations

from typing import Any

from dense_shapes.dims import Dim, divides, equal, exact_div, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Bool, Choice, Maybe
from dense_shapes.layers.masks import need_fit
from dense_shapes.layers.operation import (
    AXES,
    AXIS,
    Operands,
    Operation,
    constant,
)
from dense_shapes.layers.promotion import promote
from dense_shapes.layers.text import Shape, plural, size, times
from dense_shapes.layers.text import shape as _text

_DTYPE = Maybe(Choice(*t.INPUT_DTYPES, kind="dtype"))
_BESIDE = "; a tensor is an argument of the call"


class BatchNorm(Operands, registered="ops.BatchNorm"):
    """Shift and scale each channel by a mean and a variance that are given."""

    home = "nn"
    inputs = (1, 3)
    operands = ("x", "mean", "variance")
    of_call = call_arguments = ("offset", "scale")

    axis: Dim = field(AXIS, doc="The channel axis, whose entries stay apart.")
    epsilon: float = field(
        t.NUMBER, default=0.001, doc="Added to the variance, against division by zero."
    )
    mean: Any = constant("the mean of each channel")
    variance: Any = constant("the variance of each channel")
    offset: Any = constant(f"the offset of each channel{_BESIDE}")
    scale: Any = constant(f"the factor of each channel{_BESIDE}")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        image, *given = self.met(x)
        (axis,) = self.axes_of(self.axis, len(image))
        named = dict(zip(self.operands[1:], given, strict=True))
        beside = [(name, self.beside_shape(name)) for name in self.of_call]
        named |= {name: shape for name, shape in beside if shape is not None}
        if "offset" in named and "scale" not in named:
            raise ShapeError("Keras takes an offset only together with a scale", field="offset")
        for name, shape in named.items():
            message = (
                f"the {name} of {plural(image[axis], 'channel')} needs the shape "
                f"{_text((image[axis],))}, found {_text(shape)}"
            )
            if len(shape) != 1:
                raise ShapeError(message, field=name)
            self.need_same(image[axis], shape[0], message)
        return image

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        (axis,) = self.axes_of(self.axis, len(y))
        return (
            f"each of {plural(y[axis], 'channel')} less its mean, over the root of its variance; "
            f"{_text(y)} unchanged, no params"
        )


class Norming(Operation, abstract=True):
    """An operation that normalizes the values along some axes together."""

    home = "nn"

    axis: Dim | tuple[Dim, ...] = field(
        AXES, default=-1, doc="The axis, or axes, that are normalized together."
    )
    epsilon: float | None = field(
        Maybe(t.NUMBER), default=None, doc="Added against division by zero; 1e-7 by default."
    )

    def fit(self, name: str, x: Shape) -> None:
        """Demand that a factor or an offset, if there is one, can be spread over the input.

        Raises:
            ShapeError: It has too many axes, or other sizes.
        """
        shape = self.beside_shape(name)
        if shape is not None:
            need_fit(self, name, shape, x, "input", kind=name)

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        self.axes_of(self.axis, len(x))
        for name in self.of_call:
            self.fit(name, x)
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        axes = self.axes_of(self.axis, len(x))
        return (
            f"{self.does} of the {times(*(x[a] for a in axes))} values along "
            f"ax{'is' if len(axes) == 1 else 'es'} {', '.join(map(str, axes))}; "
            f"{_text(x)} unchanged, no params"
        )


class RMSNorm(Norming, registered="ops.RMSNorm"):
    """Divide values by the root of the mean of their squares."""

    does = "divided by the root mean square"
    of_call = call_arguments = ("scale",)

    scale: Any = constant(f"the factor of the values{_BESIDE}")


class LayerNorm(Norming, registered="ops.LayerNorm"):
    """Shift and scale values by their own mean and variance."""

    does = "shifted and scaled by the mean and the variance"
    of_call = call_arguments = ("gamma", "beta")

    rms_scaling: bool = field(Bool(), default=False, doc="Only divide by the deviation.")
    gamma: Any = constant(f"the factor of the values{_BESIDE}")
    beta: Any = constant(f"the offset of the values{_BESIDE}")

    def fit(self, name: str, x: Shape) -> None:
        """See `Norming.fit`: most often Keras lays its values along the axes, whatever its shape.

        Raises:
            ShapeError: There are more or less of them.
        """
        shape = self.beside_shape(name)
        if shape is None or (self.rms_scaling and name == "beta"):
            return
        if len(shape) == len(x) or self.axis in (len(x) - 1, (len(x) - 1,)):
            super().fit(name, x)
            return
        sizes = [x[a] for a in self.axes_of(self.axis, len(x))]
        self.require(
            equal(prod(shape), prod(sizes)),
            f"{name} {_text(shape)} holds {size(prod(shape))} values, but there are "
            f"{times(*sizes)} along the axes that are normalized",
            field=name,
        )


class DotProductAttention(Operands, registered="ops.DotProductAttention"):
    """Mix values, each weighed by how well its key fits the query, in every head alone."""

    home = "nn"
    inputs = (3, 3)
    operands = ("query", "key", "value")
    of_call = ("bias", "mask", "scale")
    call_arguments = ("bias", "mask")
    dtypes = staticmethod(promote)

    is_causal: bool = field(Bool(), default=False, doc="Hide later positions from earlier ones.")
    flash_attention: bool | None = field(
        Maybe(Bool()), default=None, doc="Whether to use a fused kernel, where there is one."
    )
    attn_logits_soft_cap: float | None = field(
        Maybe(t.NUMBER), default=None, doc="What scores are kept below, on a TPU."
    )
    bias: Any = constant(f"the offset of the scores{_BESIDE}")
    mask: Any = constant(f"the mask of the scores, true where they count{_BESIDE}")
    scale: float | None = field(
        Maybe(t.NUMBER),
        default=None,
        doc="What scores are multiplied by; by default 1 over the root of the query's width.",
    )

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`: a call gives the value's width, whatever Keras infers."""
        query, key, value = x
        for shape in x:
            self.need_rank(shape, 4, "(batch, positions, heads, width)")
        pairs = [
            *((f"axis {i} of the query and the key", query[i], key[i]) for i in (0, 2, 3)),
            *((f"axis {i} of the key and the value", key[i], value[i]) for i in (0, 1, 2)),
        ]
        for names, n, m in pairs:
            self.require(equal(n, m), f"{names} must be of one size, found {size(n)} and {size(m)}")
        scores = (query[0], query[2], query[1], key[1])
        for name in self.call_arguments:
            laid = self.beside_shape(name)
            if laid is not None:
                need_fit(self, name, laid, scores, "scores", kind=name)
        return (*query[:-1], value[-1])

    def macs(self, x: list[Shape], y: Shape) -> Dim:
        """See `Layer.macs`: query·key and scores·value."""
        query, key, value = x
        return prod(query[1:3]) * key[1] * (query[-1] + value[-1])

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        query, key, _ = x
        seen = ", earlier ones only" if self.is_causal else ""
        return (
            f"{plural(query[2], 'head')}: each of {plural(query[1], 'position')} looks at "
            f"{plural(key[1], 'position')}{seen}; {_text(y)}, no params"
        )


class Glu(Operation, registered="ops.Glu"):
    """Let one half of an axis gate the other."""

    home = "nn"

    axis: Dim = field(AXIS, default=-1, doc="The axis that is halved.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        (axis,) = self.axes_of(self.axis, len(x))
        self.require(
            divides(2, x[axis]),
            f"glu splits axis {axis} into two halves, but {size(x[axis])} is odd",
            field="axis",
        )
        return (*x[:axis], exact_div(x[axis], 2), *x[axis + 1 :])

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"one half of axis {self.axis} gates the other: {_text(x)} → {_text(y)}; no params"


class OneHot(Operation, registered="ops.OneHot"):
    """Write each whole number as a row of zeros with a one in its place."""

    home = "nn"
    dtypes = staticmethod(lambda *_: "float32")

    num_classes: Dim = field(t.POSITIVE, doc="How many different numbers there are.")
    axis: Dim = field(AXIS, default=-1, doc="Where the new axis goes; -1 is behind all.")
    dtype: str | None = field(_DTYPE, default=None, doc="The dtype of the output: float32.")
    sparse: bool = field(Bool(), default=False, doc="Make a sparse tensor.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if type(self.axis) is not int or not -1 <= self.axis < len(x):
            raise ShapeError(
                f"the new axis goes behind all (-1) or from 0 to {len(x) - 1}, "
                f"found {size(self.axis)}",
                field="axis",
            )
        at = len(x) if self.axis == -1 else self.axis
        return (*x[:at], self.num_classes, *x[at:])

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"each number becomes {size(self.num_classes)} zeros with a one in its place: "
            f"{_text(x)} → {_text(y)}; no params"
        )


class MultiHot(Operation, registered="ops.MultiHot"):
    """Write several whole numbers as one row of zeros with a one in the place of each."""

    home = "nn"

    num_classes: Dim | None = field(
        Maybe(t.POSITIVE), default=None, doc="How many different numbers there are."
    )
    axis: Dim = field(AXIS, default=-1, doc="Where the classes go; -1 is behind all.")
    dtype: str | None = field(
        _DTYPE,
        default=None,
        doc="The dtype of the output; Keras infers that of the input.",
    )
    sparse: bool = field(Bool(), default=False, doc="Make a sparse tensor.")

    def check(self) -> None:
        """See `Layer.check`."""
        if self.num_classes is None:
            raise OptionError("it must be said how many there are", field="num_classes")

    def output_dtypes(self, dtypes: list[str]) -> list[str]:
        """See `Operation.output_dtypes`: what Keras infers, whatever a call gives."""
        return dtypes[:1] or ["int32"]

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if type(self.axis) is not int or not -1 <= self.axis < len(x) or self.num_classes is None:
            raise ShapeError(
                f"the classes go behind all (-1) or from 0 to {len(x) - 1}, "
                f"found {size(self.axis)}",
                field="axis",
            )
        at = len(x) if self.axis == -1 else self.axis
        hot = (*x[:at], self.num_classes, *x[at:])
        return hot[1:] if len(hot) <= 2 else (hot[0], *hot[2:])

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"numbers below {size(self.num_classes or 0)} become ones in a row of zeros: "
            f"{_text(x)} → {_text(y)}; no params"
        )


class Crossentropy(Operands, abstract=True):
    """A loss between targets and outputs."""

    home = "nn"
    inputs = (2, 2)
    operands = ("target", "output")
    dtypes = staticmethod(lambda *dtypes: dtypes[-1])

    from_logits: bool = field(
        Bool(), default=False, doc="Whether the outputs are no probabilities yet."
    )

    def need_alike(self, target: Shape, output: Shape) -> None:
        """Demand two shapes that are the same.

        Raises:
            ShapeError: They differ.
        """
        message = f"targets of the shape {_text(output)} are needed, found {_text(target)}"
        if len(target) != len(output):
            raise ShapeError(message)
        for n, m in zip(target, output, strict=True):
            self.need_same(n, m, message)

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        return f"the crossentropy of {_text(x[1])} and its targets: {_text(y)}; no params"


class BinaryCrossentropy(Crossentropy, registered="ops.BinaryCrossentropy"):
    """Compare each output with a target between 0 and 1."""

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        self.need_alike(*x)
        return x[1]


class CategoricalCrossentropy(Crossentropy, registered="ops.CategoricalCrossentropy"):
    """Compare the outputs along an axis with a target for each of them."""

    axis: Dim = field(AXIS, default=-1, doc="The axis of the classes.")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`: a call drops the axis, whatever Keras infers."""
        self.need_alike(*x)
        (axis,) = self.axes_of(self.axis, len(x[1]))
        return (*x[1][:axis], *x[1][axis + 1 :])


class SparseCategoricalCrossentropy(
    CategoricalCrossentropy, registered="ops.SparseCategoricalCrossentropy"
):
    """Compare the outputs along an axis with the number of the one that is the target."""

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`: Keras infers from one axis, and a call looks at the last."""
        target, output = x
        (axis,) = self.axes_of(self.axis, len(output))
        if len(target) == len(output):
            self.fixed(target[-1], "whether the last axis of the targets is one of size 1")
            self.require(
                equal(target[-1], 1),
                f"targets of {_text(output)} have one axis less, or a last one of 1, "
                f"found {_text(target)}",
            )
            target = target[:-1]
        self.need_alike(target, output[:-1])
        y = (*output[:axis], *output[axis + 1 :])
        self.need_alike(target, y)
        return y
