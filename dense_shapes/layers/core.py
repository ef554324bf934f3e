"""Core layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import BATCH, Dim, at_least, equal, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Bool, Choice, Either, Kept, Maybe
from dense_shapes.layers.policies import MODES, Scheme
from dense_shapes.layers.quantized import (
    QUANTIZED,
    float8_scales,
    kept_text,
    packed,
    packed_kernel,
    quantization,
)
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.spatial import activated, then
from dense_shapes.layers.text import Shape, count, plural, positions, size, times
from dense_shapes.layers.text import shape as shape_text

_AXES = ListOf(Maybe(Int(1)))


class InputLayer(Layer, aliases=("Input",)):
    """Say what shape the data has: where the model begins."""

    inputs = (0, 0)
    keeps_dtype = True
    alone = True

    shape: tuple[Dim | None, ...] | None = field(
        Maybe(_AXES), default=None, doc="The sizes of one example, without the batch axis."
    )
    batch_size: Dim | None = field(
        Maybe(Int(1)), default=None, doc="The batch's size, where it is fixed."
    )
    dtype: str | None = field(
        Maybe(Choice(*t.INPUT_DTYPES, kind="dtype")),
        default=None,
        doc="The dtype of the data; by default float32.",
    )
    sparse: bool | None = field(Maybe(Bool()), default=None, doc="Whether the data is sparse.")
    ragged: bool | None = field(Maybe(Bool()), default=None, doc="Whether the data is ragged.")
    batch_shape: tuple[Dim | None, ...] | None = field(
        Maybe(_AXES), default=None, doc="The whole shape, the batch axis included."
    )
    optional: bool = field(t.BOOL, default=False, doc="Whether the input may be left out.")

    def check(self) -> None:
        """See `Layer.check`."""
        if self.batch_shape is None:
            if self.shape is None:
                raise OptionError(
                    "missing option 'shape': a list of sizes",
                    field="shape",
                    help="say what one example looks like, such as `- Input: [32, 32, 3]`",
                    code="DS104",
                )
        elif not self.batch_shape:
            raise OptionError("expected the batch axis first, found []", field="batch_shape")
        else:
            for other in ("shape", "batch_size"):
                if getattr(self, other) is not None:
                    raise OptionError(
                        f"{other!r} and 'batch_shape' exclude each other",
                        field="batch_shape",
                        help=f"keep {other!r} or 'batch_shape', not both",
                        code="DS110",
                    )

    def full_shape(self) -> tuple[Dim | None, ...]:
        """Return the whole shape as it was given, the batch axis in front, open sizes None."""
        if self.batch_shape is not None:
            return self.batch_shape
        return (self.batch_size, *(self.shape or ()))

    def output(self, x: Shape) -> Shape:
        """Return the input's own shape, `x`, in which the reader named the open sizes."""
        for n in x[1:]:
            self.require(at_least(n, 1), f"a size must be at least 1, found {size(n)}")
        return x

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`."""
        return self.dtype or "float32"

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        batch = "any number of examples" if y[0] == BATCH else plural(y[0], "example")
        if len(y) == 1:
            return f"the data: each example is one number; {batch} at once"
        values = "" if len(y) == 2 else f" = {count(prod(y[1:]))}"
        return f"the data: each example holds {times(*y[1:])}{values} values; {batch} at once"


class Dense(Layer):
    """Mix the features on the last axis with one learned matrix, at every position."""

    quantizes = MODES

    units: Dim = field(t.POSITIVE, doc="Size of the output's last axis.")
    activation: str | None = field(
        t.ACTIVATION, default=None, doc="Function applied to every output value."
    )
    use_bias: bool = field(t.BOOL, default=True, doc="Add one learned offset per unit.")
    kernel_initializer: Any = field(
        t.INITIALIZER, default="glorot_uniform", doc="How the kernel starts."
    )
    bias_initializer: Any = field(t.INITIALIZER, default="zeros", doc="How the bias starts.")
    kernel_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on the kernel.")
    bias_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on the bias.")
    kernel_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the kernel after each update."
    )
    bias_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the bias after each update."
    )
    lora_rank: Dim | None = field(
        Maybe(t.POSITIVE),
        default=None,
        doc="Freeze the kernel and train two thin matrices of this rank beside it (LoRA).",
    )
    lora_alpha: float | None = field(
        Maybe(t.NUMBER), default=None, doc="The scale of LoRA's part; by default its rank."
    )
    quantization_config: Scheme | None = field(
        QUANTIZED, default=None, doc="How the kernel is kept where the dtype is a quantized one."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        check_lora(self.lora_rank, self.kernel_constraint, "kernel_constraint")
        check_lora_of(self, "float8", "gptq", "awq")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if len(x) < 2:
            raise ShapeError(
                f"Dense needs a last axis to work on, found only the batch: {shape_text(x)}",
                rank=2,
            )
        self.fixed(x[-1], "the size of the last axis, the number of rows of its kernel")
        return activated(self, self.activation, (*x[:-1], self.units))

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        axes = ("input feature", "unit")
        shape = (x[-1], self.units)
        small = packed(self)
        if small is None:
            scheme = quantization(self)
            if scheme is not None:
                yield from float8_scales(scheme)
            frozen = self.lora_rank is not None
            yield self.weight("kernel", shape, axes, sign="·", summed=(0,), trainable=not frozen)
        if self.use_bias:
            yield self.weight("bias", (self.units,), ("unit",), sign="+")
        if self.lora_rank is not None:
            yield from lora_weights("kernel", shape, axes, self.lora_rank)
        # Keras puts what is trained first.
        if small is not None:
            yield from packed_kernel(small, *shape)

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`."""
        return prod(x[1:]) * self.units

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`: the product with a kernel that is not kept as one array."""
        small = packed(self)
        if small is not None and small.mode != "int8":
            made = f"{times(*x[1:], self.units)} = {count(self.macs(x, y))} multiply-accumulates"
            yield f"kernel, unpacked: {shape_text((x[-1], self.units))}; {made}"

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        n, units = x[-1], self.units
        offset = f" + {size(units)}" if self.use_bias else ""
        kept = kept_text(quantization(self)) + lora_text(self.lora_rank)
        end = f"{self.params_text(x)}{kept}{then(self.activation)}"
        if len(x) == 2:
            return (
                f"matmul over the {plural(n, 'feature')}: {shape_text((n,))}"
                f"·{shape_text((n, units))}{offset}, every output sees every input; "
                f"{end}"
            )
        return (
            f"last-axis matmul over {positions(x[1:-1])}: {shape_text((n,))}"
            f"·{shape_text((n, units))}{offset} at each, the same weights everywhere; "
            f"{end}"
        )


class Identity(Layer):
    """Pass the input on as it is."""

    keeps_dtype = True

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"passes {shape_text(x)} on unchanged; no params"


class Masking(Layer):
    """Let later layers skip the steps whose values all say that there is nothing."""

    mask_value: Any = field(
        Maybe(Either(t.NUMBER, ListOf(t.NUMBER), Kept("a tensor as Keras saves it", dict))),
        default=0.0,
        doc="The value that says so, or one for each entry of the last axis.",
    )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if isinstance(self.mask_value, tuple):
            many, last = len(self.mask_value), x[-1]
            # The values are spread over the last axis, or the last axis over the values.
            self.require(
                many == 1 or equal((last - 1) * (last - many), 0),
                f"{many} values do not fit the last axis of {shape_text(x)}, of size {size(last)}",
                field="mask_value",
                help="give one number, or one for each entry of the last axis",
            )
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        value = self.mask_value
        what = "as given"
        if isinstance(value, int | float):
            what = f"all {value:g}"
        elif isinstance(value, tuple):
            what = f"[{', '.join(f'{v:g}' for v in value)}]"
        where = f"each of the {positions(x[1:-1])}" if len(x) > 2 else "each example"
        return (
            f"{where} whose {plural(x[-1], 'value')} {'is' if x[-1] == 1 else 'are'} {what} is "
            "masked: set to zero, and skipped by later layers that know of masks; shape unchanged, "
            "no params"
        )


def check_lora(rank: Dim | None, constraint: Any, name: str) -> None:
    """Refuse LoRA beside a constraint on the weight that it freezes.

    Raises:
        OptionError: Both are given.
    """
    if rank is not None and constraint is not None:
        raise OptionError(
            f"'lora_rank' and {name!r} exclude each other: LoRA freezes what is constrained",
            field="lora_rank",
            help=f"drop {name!r} or 'lora_rank'",
            code="DS110",
        )


def check_lora_of(layer: Any, *modes: str) -> None:
    """Refuse LoRA beside weights that are quantized by one of these methods.

    Raises:
        OptionError: The layer has both.
    """
    scheme = quantization(layer)
    if layer.lora_rank is not None and scheme is not None and scheme.mode in modes:
        raise OptionError(
            f"Keras cannot train LoRA's matrices beside {scheme.mode} weights in {layer.type_name}",
            field="lora_rank",
            help="drop 'lora_rank', or keep the weights in int8",
            code="DS110",
        )


def lora_weights(name: str, shape: Shape, axes: tuple[str, ...], rank: Dim) -> Iterator[Weight]:
    """Yield LoRA's two matrices, which Keras always keeps in float32."""
    first = (*shape[:-1], rank)
    yield Weight(f"lora_{name}_a", first, (*axes[:-1], "LoRA rank"), dtype="float32")
    yield Weight(f"lora_{name}_b", (rank, shape[-1]), ("LoRA rank", axes[-1]), dtype="float32")


def lora_text(rank: Dim | None) -> str:
    """Write LoRA's part of an explanation."""
    if rank is None:
        return ""
    return f" (LoRA: the large array is frozen, two thin ones of rank {size(rank)} are trained)"
