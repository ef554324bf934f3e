"""Core layers: tables of learned vectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, equal, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.core import check_lora, check_lora_of, lora_text, lora_weights
from dense_shapes.layers.errors import OptionError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Choice, Maybe
from dense_shapes.layers.policies import Scheme
from dense_shapes.layers.quantized import (
    QUANTIZED,
    kept_text,
    packed,
    packed_reverse,
    packed_table,
    quantization,
)
from dense_shapes.layers.text import Shape, count, positions, size, times
from dense_shapes.layers.text import shape as shape_text


class Embedding(Layer):
    """Look up one learned vector for each whole number of the input."""

    quantizes = ("int8", "int4")

    input_dim: Dim = field(t.POSITIVE, doc="How many different numbers there are (0 to n - 1).")
    output_dim: Dim = field(t.POSITIVE, doc="Length of each learned vector.")
    embeddings_initializer: Any = field(
        t.INITIALIZER, default="uniform", doc="How the vectors start."
    )
    embeddings_regularizer: Any = field(
        t.REGULARIZER, default=None, doc="A penalty on the vectors."
    )
    embeddings_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the vectors after each update."
    )
    mask_zero: bool = field(t.BOOL, default=False, doc="Treat 0 as padding that later layers skip.")
    lora_rank: Dim | None = field(
        Maybe(t.POSITIVE),
        default=None,
        doc="Freeze the vectors and train two thin matrices of this rank beside them (LoRA).",
    )
    lora_alpha: float | None = field(
        Maybe(t.NUMBER), default=None, doc="The scale of LoRA's part; by default its rank."
    )
    quantization_config: Scheme | None = field(
        QUANTIZED, default=None, doc="How the vectors are kept where the dtype is a quantized one."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        check_lora(self.lora_rank, self.embeddings_constraint, "embeddings_constraint")
        check_lora_of(self, "int4")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return (*x, self.output_dim)

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        axes = ("known number", "vector entry")
        shape = (self.input_dim, self.output_dim)
        small = packed(self)
        if small is None:
            yield self.weight("embeddings", shape, axes, trainable=self.lora_rank is None)
        if self.lora_rank is not None:
            yield from lora_weights("embeddings", shape, axes, self.lora_rank)
        if small is not None:
            yield from packed_table(small, *shape)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        n, length = self.input_dim, self.output_dim
        where = f"each of the {positions(x[1:])}" if len(x) > 1 else "each example"
        return (
            f"table lookup, no arithmetic: the number at {where} picks its row of "
            f"{size(length)} values from the {shape_text((n, length))} table; "
            f"{self.params_text(x)}{self.kept_text()}"
        )

    def kept_text(self) -> str:
        """Write how the vectors are kept, at the end of an explanation."""
        return kept_text(quantization(self)) + lora_text(self.lora_rank)


class ReversibleEmbedding(Embedding, first=("input_dim", "output_dim", "tie_weights")):
    """Look up learned vectors, or called in reverse, score every known number for a vector."""

    call_arguments = (*Embedding.call_arguments, "reverse")

    tie_weights: bool = field(
        t.BOOL, default=True, doc="Use the vectors in reverse too, instead of a second matrix."
    )
    reverse_dtype: str | None = field(
        Maybe(Choice(*t.INPUT_DTYPES, kind="dtype")),
        default=None,
        doc="The dtype that the reverse product is calculated in.",
    )
    logit_soft_cap: float | None = field(
        Maybe(t.NUMBER), default=None, doc="Keep scores between minus and plus this, by tanh."
    )

    @property
    def reversed(self) -> bool:
        """Whether the call goes from vectors back to scores."""
        return bool(self.call.get("reverse", False))

    def check(self) -> None:
        """See `Layer.check`."""
        super().check()
        if self.lora_rank is not None and not self.tie_weights and packed(self) is None:
            raise OptionError(
                "'lora_rank' needs tied weights: Keras adds no second matrix beside LoRA's",
                field="lora_rank",
                help="drop 'lora_rank' or 'tie_weights: false'",
                code="DS110",
            )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if not self.reversed:
            return super().output(x)
        self.require(
            equal(x[-1], self.output_dim),
            f"in reverse, vectors of {size(self.output_dim)} entries (output_dim) are expected "
            f"on the last axis, found {shape_text(x)}",
            field="output_dim",
        )
        return (*x[:-1], self.input_dim)

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield from super().weights(x)
        small = packed(self)
        if small is not None and not self.tie_weights:
            yield from packed_reverse(small, self.input_dim, self.output_dim)
        elif not self.tie_weights:
            yield self.weight(
                "reverse_embeddings",
                (self.output_dim, self.input_dim),
                ("vector entry", "known number"),
                initializer="embeddings_initializer",
            )

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`: a product in reverse, a lookup otherwise."""
        return prod(x[1:-1]) * self.output_dim * self.input_dim if self.reversed else 0

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        if self.reversed:
            factors = times(*x[1:-1], self.output_dim, self.input_dim)
            yield f"scores: {factors} = {count(self.macs(x, y))} multiply-accumulates"

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        if not self.reversed:
            return super().explain(x, y)
        n, length = self.input_dim, self.output_dim
        matrix = "the table, transposed" if self.tie_weights else "a matrix of its own"
        where = positions(x[1:-1]) if len(x) > 2 else "each example"
        return (
            f"the lookup in reverse over {where}: {shape_text((length,))}·"
            f"{shape_text((length, n))}, {matrix}, gives one score for each of the {size(n)} known "
            f"numbers; {self.params_text(x)}{self.kept_text()}"
        )
