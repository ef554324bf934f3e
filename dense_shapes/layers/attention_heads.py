"""Attention layers: those of several heads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, equal, is_open, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.attention import Attending
from dense_shapes.layers.base import Weight
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field, show
from dense_shapes.layers.kinds import Bool, Either, Maybe
from dense_shapes.layers.masks import need_fit
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, by, count, plural, size, times
from dense_shapes.layers.text import shape as shape_text

_AXES = Maybe(Either(Int(), ListOf(Int())))


class Headed(Attending, abstract=True):
    """Attention in several heads side by side, between learned projections."""

    # Keras makes the projections without telling them that it is frozen.
    freezes_inside = False
    listed = False
    masks_query = True
    """Whether Keras makes use of a mask of the query."""
    call_arguments = (
        *Attending.call_arguments,
        *("query_mask", "value_mask", "key_mask", "attention_mask"),
    )

    use_bias: bool = field(t.BOOL, default=True, doc="Add learned offsets in each projection.")
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

    @property
    def length(self) -> Dim:
        """The length of each head's query and key vectors."""
        raise NotImplementedError

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

    @property
    def fused(self) -> bool:
        """Whether a call on three axes is `keras.ops.dot_product_attention`.

        The choice is that of `_compute_attention` in
        `keras.src.layers.attention.multi_head_attention`.
        """
        return self.dropout == 0 and not self.returns_scores

    def need_features(self, query: Shape, value: Shape, key: Shape) -> None:
        """Demand known numbers of features, and no scores of flash attention.

        Raises:
            ShapeError: A number is left open, or the call asks for scores that are not kept.
        """
        for name, shape in (("query", query), ("value", value), ("key", key)):
            self.fixed(shape[-1], f"the number of features of its {name}")
        if self.returns_scores and self.flash_attention:
            raise ShapeError(
                "flash attention keeps no scores, which the call asks for", field="flash_attention"
            )

    def need_lengths(self, value: Shape, key: Shape) -> None:
        """Demand that a value and a key leave the same lengths open, which Keras compares so.

        Raises:
            ShapeError: Only one of them leaves a length open.
        """
        if any(is_open(n) != is_open(m) for n, m in zip(value[1:-1], key[1:-1], strict=True)):
            raise ShapeError(
                "Keras compares the lengths of value and key before they are known: found the "
                f"value {shape_text(value)} and the key {shape_text(key)}",
                help="write both as null, or both as one size or name",
                code="DS202",
            )

    def check_masks(self, query: Shape, value: Shape, heads: Dim) -> None:
        """Demand that the masks fit the scores of a sequence, one by one and together."""
        if len(query) != 3:
            return
        scores = (query[0], heads, query[1], value[1])
        for name, mask in self.beside.items():
            if name in ("value_mask", "key_mask"):
                laid = (*mask[:-1], 1, *mask[-1:])
            elif name == "query_mask" and self.masks_query:
                laid = (*mask, 1)
            elif name == "attention_mask":
                laid = mask
            else:
                continue
            # One of up to three axes has none for the heads.
            whole = scores if len(laid) > 3 else (scores[0], *scores[2:])
            need_fit(self, name, laid, whole, "scores")

    def projections(self, x: list[Shape]) -> Iterator[tuple[str, Shape, int, tuple[str, ...]]]:
        """Yield each projection: its name, kernel, how many axes cancel, what the axes are."""
        raise NotImplementedError

    def weights(self, x: list[Shape]) -> Iterator[Weight]:
        """See `Layer.weights`."""
        for name, shape, cancelled, axes in self.projections(x):
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
        return sum(prod(factors) for _, factors in self.products(x))

    def products(self, x: list[Shape]) -> Iterator[tuple[str, Shape]]:
        """Yield each matrix product by its name, with the factors of its multiply-accumulates.

        They are the projections, at each position of their input, and the two of attention.
        """
        query, value, key = self.feeds(x)
        places = {"key": key[1:-1], "value": value[1:-1]}
        values: Dim = 0
        for name, shape, _, _ in self.projections(x):
            yield name, (*places.get(name, query[1:-1]), *shape)
            if name == "value":
                values = shape[-1]
        yield "scores", (*self.pairs(x), self.length)
        yield "result", (*self.pairs(x), values)

    def pairs(self, x: list[Shape]) -> Shape:
        """Return how many scores an example has, as factors."""
        raise NotImplementedError

    def scores(self, x: list[Shape]) -> Shape:
        """Return the shape of the scores."""
        raise NotImplementedError

    def seen(self) -> str:
        """See `Attending.seen`."""
        near = f", nearer than {size(self.sliding_window)} only" if self.sliding_window else ""
        return super().seen() + near

    def steps(self, x: list[Shape], y: Any) -> Iterator[str]:
        """See `Layer.steps`."""
        query, value, key = self.feeds(x)
        sources = {"key": key, "value": value}
        macs = {
            name: f"; {times(*factors)} = {count(prod(factors))} multiply-accumulates"
            for name, factors in self.products(x)
        }
        values: Dim = 0
        for name, shape, cancelled, _ in self.projections(x):
            source = sources.get(name, query)
            if name == "attention_output":
                source = (*query[:-1], *shape[:2])
            result = (*query[:-1], *shape[2:]) if cancelled == 2 else (*source[:-1], *shape[1:])
            made = f"{shape_text(source)}·{shape_text(shape)} → {shape_text(result)}"
            yield f"{name}: {made}{macs[name]}"
            if name == "value":
                values = shape[-1]
        yield (
            f"scores: query·key over the {size(self.length)} values of each head = "
            f"{shape_text(self.scores(x))}{macs['scores']}"
        )
        yield (
            f"result: values mixed by the scores, {size(values)} for each position and head"
            f"{macs['result']}"
        )


class MultiHeadAttention(
    Headed, first=("num_heads", "key_dim", "value_dim", "dropout", "use_bias", "output_shape")
):
    """Let every position gather what it needs from all others, in several heads at once."""

    masks_query = False

    num_heads: Dim = field(t.POSITIVE, doc="How many heads look at the sequence side by side.")
    key_dim: Dim = field(t.POSITIVE, doc="Length of each head's query and key vectors.")
    value_dim: Dim | None = field(
        Maybe(t.POSITIVE),
        default=None,
        doc="Length of each head's value vectors; by default key_dim.",
    )
    output_shape: Dim | tuple[Dim, ...] | None = field(
        Maybe(Either(t.POSITIVE, ListOf(t.POSITIVE))),
        default=None,
        doc="Size, or sizes, that each position has after the layer; by default the query's.",
    )
    attention_axes: Dim | tuple[Dim, ...] | None = field(
        _AXES,
        default=None,
        doc="The axes whose positions see each other; by default all but batch and last.",
    )

    def check(self) -> None:
        """See `Layer.check`."""
        super().check()
        axes = self.attention_axes
        if isinstance(axes, tuple) and not (axes and len(set(axes)) == len(axes)):
            raise OptionError(
                f"expected different axes, one at least, found {show([*axes])}",
                field="attention_axes",
            )

    @property
    def length(self) -> Dim:
        """See `Headed.length`."""
        return self.key_dim

    @property
    def values(self) -> Dim:
        """The length of each head's value vectors."""
        return self.key_dim if self.value_dim is None else self.value_dim

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
        """See `Headed.scores`: the axes apart, then those attended, twice."""
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
        self.need_features(query, value, key)
        self.need_lengths(value, key)
        axes = self.axes(len(query))
        for i in range(len(query) - 1):
            self.same(value[i], key[i], i, "a value and a key")
            if i not in axes:
                self.same(query[i], value[i], i, "a query and a value")
        self._check_mask(query, value)
        self.check_masks(query, value, self.num_heads)
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

    def projections(self, x: list[Shape]) -> Iterator[tuple[str, Shape, int, tuple[str, ...]]]:
        """See `Headed.projections`."""
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

    def pairs(self, x: list[Shape]) -> Shape:
        """See `Headed.pairs`."""
        query, value, _ = self.feeds(x)
        seen = ((*value[:-1], self.num_heads)[i] for i in self.axes(len(query)))
        return (*query[1:-1], self.num_heads, *seen)

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
            f"{seeing} positions compares its {size(self.key_dim)} values (key_dim) with the keys "
            f"of {seen}{self.seen()}, and mixes their {size(self.values)} values by the scores; "
            f"{self.params_text(x)}"
        )
