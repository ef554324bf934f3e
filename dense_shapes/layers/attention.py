"""Attention layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, equal, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field, show
from dense_shapes.layers.kinds import Bool, Choice, Either, Maybe
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, by, plural, size
from dense_shapes.layers.text import shape as shape_text

_AXES = Maybe(Either(Int(), ListOf(Int())))


class Attending(Layer, abstract=True):
    """A layer of a query, a value and perhaps a key, which is the value where it is not given."""

    inputs = (2, 3)
    input_names = ("value", "key")
    call_arguments = (*Layer.call_arguments, "return_attention_scores", "use_causal_mask")

    dropout: float = field(t.RATE, default=0.0, doc="The share of scores dropped in training.")
    seed: Dim | None = field(t.SEED, default=None, doc="Where the random numbers of dropout start.")

    @property
    def returns_scores(self) -> bool:
        """Whether the call gives out the scores too."""
        return bool(self.call.get("return_attention_scores", False))

    @property
    def causal(self) -> bool:
        """Whether the call hides later positions from earlier ones."""
        return bool(self.call.get("use_causal_mask", False))

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return 2 if self.returns_scores else 1

    def feeds(self, x: list[Shape]) -> tuple[Shape, Shape, Shape]:
        """Return the shapes of query, value and key.

        Raises:
            ShapeError: They have not all the same number of axes.
        """
        query, value, *rest = x
        key = rest[0] if rest else value
        for name, other in (("value", value), ("key", key)):
            if len(other) != len(query):
                raise ShapeError(
                    f"{type(self).__name__} needs inputs of as many axes each, found the query "
                    f"{shape_text(query)} and the {name} {shape_text(other)}"
                )
        return query, value, key

    def same(self, a: Dim, b: Dim, axis: int, names: str) -> None:
        """Demand that an axis of two inputs has one size.

        Raises:
            ShapeError: The sizes differ.
        """
        self.require(
            equal(a, b),
            f"{type(self).__name__} needs {names} of the same size along axis {axis}, "
            f"found {size(a)} and {size(b)}",
        )

    def seen(self) -> str:
        """Say what a mask leaves of the positions that are looked at."""
        return ", earlier ones only" if self.causal else ""


class MultiHeadAttention(
    Attending, first=("num_heads", "key_dim", "value_dim", "dropout", "use_bias", "output_shape")
):
    """Let every position gather what it needs from all others, in several heads at once."""

    call_arguments = (
        *Attending.call_arguments,
        *("query_mask", "value_mask", "key_mask", "attention_mask"),
    )

    num_heads: Dim = field(t.POSITIVE, doc="How many heads look at the sequence side by side.")
    key_dim: Dim = field(t.POSITIVE, doc="Length of each head's query and key vectors.")
    value_dim: Dim | None = field(
        Maybe(t.POSITIVE), default=None, doc="Length of each head's value vectors: key_dim."
    )
    use_bias: bool = field(t.BOOL, default=True, doc="Add learned offsets in each projection.")
    output_shape: Dim | tuple[Dim, ...] | None = field(
        Maybe(Either(t.POSITIVE, ListOf(t.POSITIVE))),
        default=None,
        doc="Size, or sizes, that each position has after the layer: as many as the query's.",
    )
    attention_axes: Dim | tuple[Dim, ...] | None = field(
        _AXES, default=None, doc="The axes whose positions see each other: all but batch and last."
    )
    sliding_window: Dim | None = field(
        Maybe(t.POSITIVE), default=None, doc="See only positions nearer than this."
    )
    flash_attention: bool | None = field(
        Maybe(Bool()), default=None, doc="Use a fused kernel, which gives the same result."
    )
    kernel_initializer: Any = field(
        t.INITIALIZER, default="glorot_uniform", doc="How the kernels start."
    )
    bias_initializer: Any = field(t.INITIALIZER, default="zeros", doc="How the biases start.")
    kernel_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on the kernels.")
    bias_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on the biases.")
    kernel_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the kernels after each update."
    )
    bias_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the biases after each update."
    )
    use_gate: bool = field(
        t.BOOL, default=False, doc="Scale each head's result by a sigmoid of the query."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        for name in ("kernel_initializer", "bias_initializer"):
            if getattr(self, name) is None:
                raise OptionError("expected an initializer's name, found null", field=name)
        if self.flash_attention and self.dropout > 0:
            raise OptionError(
                "'dropout' and 'flash_attention' exclude each other",
                field="flash_attention",
                help="drop one of them",
                code="DS110",
            )
        axes = self.attention_axes
        if isinstance(axes, tuple) and not (axes and len(set(axes)) == len(axes)):
            raise OptionError(
                f"expected different axes, one at least, found {show([*axes])}",
                field="attention_axes",
            )

    @property
    def values(self) -> Dim:
        """The length of each head's value vectors."""
        return self.key_dim if self.value_dim is None else self.value_dim

    @property
    def fused(self) -> bool:
        """Whether a call on three axes attends over axis 1, whatever axes are named.

        It is then `keras.ops.dot_product_attention`, as `_compute_attention` in
        `keras.src.layers.attention.multi_head_attention` chooses.
        """
        return self.dropout == 0 and not self.returns_scores

    def named_axes(self, rank: int) -> tuple[int, ...]:
        """Return the axes that `attention_axes` names; the last one stands for the heads.

        Raises:
            ShapeError: An axis that inputs of `rank` axes do not have.
        """
        axes = self.attention_axes
        if axes is None:
            return tuple(range(1, rank - 1))
        out = []
        for i, axis in enumerate(axes if isinstance(axes, tuple) else (axes,)):
            if type(axis) is not int or not -rank <= axis < rank:
                raise ShapeError(
                    f"attention has no axis {size(axis)} in its inputs, which have {rank}",
                    field="attention_axes",
                    path=(i,) if isinstance(axes, tuple) else (),
                    help=f"positions are on the axes 1 to {rank - 2}",
                )
            out.append(axis % rank)
        if len(set(out)) < len(out):
            raise ShapeError(
                f"attention needs different axes, found {show([*out])}", field="attention_axes"
            )
        return tuple(out)

    def axes(self, rank: int) -> tuple[int, ...]:
        """Return the axes along which positions see each other."""
        return (1,) if rank == 3 and self.fused else self.named_axes(rank)

    def scores(self, x: list[Shape]) -> Shape:
        """Return the shape of the scores: the axes apart, then those attended, twice."""
        query, value, _ = self.feeds(x)
        axes = self.axes(len(query))
        seeing, seen = (*query[:-1], self.num_heads), (*value[:-1], self.num_heads)
        apart = (n for i, n in enumerate(seeing) if i not in axes)
        return (*apart, *(seeing[i] for i in axes), *(seen[i] for i in axes))

    def output(self, x: list[Shape]) -> Shape | list[Shape]:
        """See `Layer.output`; the equations are those of `_build_attention_equation` in Keras."""
        query, value, key = self.feeds(x)
        if len(query) < 3:
            raise ShapeError(
                f"MultiHeadAttention needs positions between the batch and the features, "
                f"found {shape_text(query)}",
                rank=3,
            )
        for name, shape in (("query", query), ("value", value), ("key", key)):
            self.fixed(shape[-1], f"the number of features of its {name}")
        axes = self.axes(len(query))
        for i in range(len(query) - 1):
            self.same(value[i], key[i], i, "a value and a key")
            if i not in axes:
                self.same(query[i], value[i], i, "a query and a value")
        self._check_mask(query, value)
        if self.returns_scores and self.flash_attention:
            raise ShapeError(
                "flash attention keeps no scores, which the call asks for", field="flash_attention"
            )
        y = (*query[:-1], *self._projected(query))
        return [y, self.scores(x)] if self.returns_scores else y

    def _check_mask(self, query: Shape, value: Shape) -> None:
        """Demand that a mask fits, which is as long as axis 1 whatever axis is attended."""
        rank = len(query)
        named = self.named_axes(rank)
        if self.sliding_window is None and (not self.causal or (rank == 3 and self.fused)):
            return
        if len(named) != 1:
            raise ShapeError(
                f"a causal mask or a window works along one axis, found {len(named)} axes to "
                f"attend in {shape_text(query)}",
                field="attention_axes",
                help="name one axis in attention_axes",
            )
        (axis,) = self.axes(rank)
        if axis == 1:
            return
        for shape in (query, value):
            long, attended = shape[1], (*shape[:-1], self.num_heads)[axis]
            self.require(
                equal((long - 1) * (long - attended), 0),
                f"Keras makes the mask as long as axis 1, {size(long)}, which does not fit the "
                f"{size(attended)} of axis {axis}",
                field="attention_axes",
                help="attend over axis 1",
            )

    def _projected(self, query: Shape) -> Shape:
        out = self.output_shape
        if not out:
            return (query[-1],)
        return out if isinstance(out, tuple) else (out,)

    def _projections(self, x: list[Shape]) -> Iterator[tuple[str, Shape, int, tuple[str, ...]]]:
        """Yield each projection: its name, kernel, how many axes cancel, what the axes are."""
        query, value, key = self.feeds(x)
        heads = self.num_heads
        axes = ("input feature", "head", "entry")
        yield "query", (query[-1], heads, self.key_dim), 1, axes
        yield "key", (key[-1], heads, self.key_dim), 1, axes
        if self.use_gate:
            yield "gate", (query[-1], heads, self.values), 1, axes
        yield "value", (value[-1], heads, self.values), 1, axes
        out = self._projected(query)
        mixed = ("head", "entry", *("output feature" for _ in out))
        yield "attention_output", (heads, self.values, *out), 2, mixed

    def weights(self, x: list[Shape]) -> Iterator[Weight]:
        """See `Layer.weights`."""
        for name, shape, cancelled, axes in self._projections(x):
            kernel, bias = f"{name}/kernel", f"{name}/bias"
            yield self.weight(kernel, shape, axes, initializer="kernel_initializer")
            if self.use_bias:
                yield self.weight(
                    bias,
                    shape[cancelled:],
                    axes[cancelled:],
                    initializer="bias_initializer",
                )

    def macs(self, x: list[Shape], y: Any) -> Dim:
        """See `Layer.macs`: the projections, query·key and scores·value."""
        query, value, key = self.feeds(x)
        places = {"key": prod(key[1:-1]), "value": prod(value[1:-1])}
        projected: Dim = 0
        for name, shape, _, _ in self._projections(x):
            projected = projected + places.get(name, prod(query[1:-1])) * prod(shape)
        axes = self.axes(len(query))
        seen = prod((*value[:-1], self.num_heads)[i] for i in axes)
        pairs = prod(query[1:-1]) * self.num_heads * seen
        return projected + pairs * (self.key_dim + self.values)

    def _axis_name(self, axis: int, rank: int) -> str:
        return {0: "the batch", rank - 1: "the heads"}.get(axis, f"axis {axis}")

    def explain(self, x: list[Shape], y: Any) -> str:
        """See `Layer.explain`."""
        query, value, _ = self.feeds(x)
        rank = len(query)
        axes = self.axes(rank)
        seeing = by((*query[:-1], self.num_heads)[i] for i in axes)
        seen = by((*value[:-1], self.num_heads)[i] for i in axes)
        where = " and ".join(self._axis_name(axis, rank) for axis in axes)
        return (
            f"attention over {where} in {plural(self.num_heads, 'head')}: each of the query's "
            f"{seeing} positions compares its {size(self.key_dim)} values with the keys of "
            f"{seen}{self.seen()}, and mixes their {size(self.values)} values by the scores; "
            f"{self.params_text(x)}"
        )

    def seen(self) -> str:
        """See `Attending.seen`."""
        near = f", nearer than {size(self.sliding_window)} only" if self.sliding_window else ""
        return super().seen() + near

    def steps(self, x: list[Shape], y: Any) -> Iterator[str]:
        """See `Layer.steps`."""
        query, value, key = self.feeds(x)
        sources = {"key": key, "value": value}
        for name, shape, cancelled, _ in self._projections(x):
            source = sources.get(name, query)
            if name == "attention_output":
                source = (*query[:-1], *shape[:2])
            result = (*query[:-1], *shape[2:]) if cancelled == 2 else (*source[:-1], *shape[1:])
            yield f"{name}: {shape_text(source)}·{shape_text(shape)} → {shape_text(result)}"
        yield (
            f"scores: query·key over the {size(self.key_dim)} values of each head = "
            f"{shape_text(self.scores(x))}"
        )


class Attention(Attending, first=("use_scale", "score_mode", "dropout", "seed")):
    """Mix the entries of a sequence, each weighed by how well it fits the query (Luong's way)."""

    use_scale: bool = field(t.BOOL, default=False, doc="Learn one factor for all scores.")
    score_mode: str = field(
        Choice("dot", "concat"),
        default="dot",
        doc="How a query and a key are compared: their product, or tanh of their sum.",
    )

    def output(self, x: list[Shape]) -> Shape | list[Shape]:
        """See `Layer.output`: a real call needs what Keras does not check, equal widths."""
        query, value, key = self.feeds(x)
        least = 3 if self.causal else 2
        if len(query) < least:
            raise ShapeError(
                f"{type(self).__name__} needs at least {least} axes, found {shape_text(query)}",
                rank=3,
            )
        self._check_widths(query[-1], key[-1])
        self.same(value[-2], key[-2], len(value) - 2, "a value and a key")
        for i in range(len(query) - 2):
            self.same(query[i], value[i], i, "a query and a value")
            self.same(value[i], key[i], i, "a value and a key")
        y = (*query[:-1], value[-1])
        return [y, (*query[:-1], key[-2])] if self.returns_scores else y

    def _check_widths(self, query: Dim, key: Dim) -> None:
        help_text = "bring both to one width, with a Dense before one of them"
        message = (
            f"{type(self).__name__} compares the query's {size(query)} features with the key's "
            f"{size(key)}: they must be equally many"
        )
        if self.score_mode == "dot":
            self.require(equal(query, key), message, help=help_text)
        else:
            fits = equal((query - key) * (query - 1) * (key - 1), 0)
            self.require(fits, message, help=help_text)

    def weights(self, x: list[Shape]) -> Iterator[Weight]:
        """See `Layer.weights`."""
        if self.use_scale:
            yield Weight("scale", (), ())
        if self.score_mode == "concat":
            yield Weight("concat_score_weight", (), ())

    def macs(self, x: list[Shape], y: Any) -> Dim:
        """See `Layer.macs`: query·key, where there is such a product, and scores·value."""
        query, value, _ = self.feeds(x)
        compared = query[-1] if self.score_mode == "dot" else 0
        return prod(query[1:-1]) * value[-2] * (compared + value[-1])

    def explain(self, x: list[Shape], y: Any) -> str:
        """See `Layer.explain`."""
        query, value, _ = self.feeds(x)
        how = "a product" if self.score_mode == "dot" else "tanh of a sum"
        return (
            f"attention: each of the query's {size(query[-2])} entries compares its "
            f"{size(query[-1])} features, by {how}, with the {size(value[-2])} keys{self.seen()}, "
            f"and mixes the values, {size(value[-1])} features each, by the scores; "
            f"{self.params_text(x)}"
        )
