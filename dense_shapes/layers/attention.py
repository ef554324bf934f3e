"""Attention layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, equal, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Choice
from dense_shapes.layers.masks import need_fit
from dense_shapes.layers.text import Shape, count, size, times
from dense_shapes.layers.text import shape as shape_text


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


class Attention(Attending, first=("use_scale", "score_mode", "dropout", "seed")):
    """Mix the entries of a sequence, each weighed by how well it fits the query (Luong's way)."""

    call_arguments = ("mask", *Attending.call_arguments)

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
        self._check_masks(query, value)
        y = (*query[:-1], value[-1])
        return [y, (*query[:-1], key[-2])] if self.returns_scores else y

    def _check_masks(self, query: Shape, value: Shape) -> None:
        """Demand that the masks fit: that of the query the output, that of the value the scores."""
        if "mask" in self.beside:
            raise ShapeError(
                f"{type(self).__name__} takes a list of masks, the query's and the value's, found "
                f"one alone, {shape_text(self.beside['mask'])}",
                field="call",
                help="write `mask: [{from: a}, {from: b}]`, null for one that there is not",
            )
        mask = self.beside.get("mask:1")
        if mask is not None:
            wide = (*mask[:-1], 1, *mask[-1:]) if self.causal or len(mask) == 2 else mask
            need_fit(self, "mask:1", wide, (*query[:-1], value[-2]), "scores")
        mask = self.beside.get("mask:0")
        if mask is not None:
            need_fit(self, "mask:0", (*mask, 1), (*query[:-1], value[-1]), "output")

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

    def steps(self, x: list[Shape], y: Any) -> Iterator[str]:
        """See `Layer.steps`."""
        query, value, _ = self.feeds(x)
        pairs = (*query[1:-1], value[-2])
        scores = f"scores: {shape_text((*query[:-1], value[-2]))}"
        if self.score_mode == "dot":
            made = f"{times(*pairs, query[-1])} = {count(prod(pairs) * query[-1])}"
            scores += f", query·key; {made} multiply-accumulates"
        yield scores
        made = f"{times(*pairs, value[-1])} = {count(prod(pairs) * value[-1])}"
        yield f"result: values mixed by the scores; {made} multiply-accumulates"

    def explain(self, x: list[Shape], y: Any) -> str:
        """See `Layer.explain`."""
        query, value, _ = self.feeds(x)
        how = "a product" if self.score_mode == "dot" else "tanh of a sum"
        return (
            f"attention over axis {len(query) - 2}: each of the query's {size(query[-2])} entries "
            f"compares its {size(query[-1])} features, by {how}, with the {size(value[-2])} keys"
            f"{self.seen()}, and mixes the values, {size(value[-1])} features each, by the scores; "
            f"{self.params_text(x)}"
        )


class AdditiveAttention(Attention, first=("use_scale", "dropout", "seed"), without=("score_mode",)):
    """Mix the entries of a sequence, each weighed by tanh of its sum with the query (Bahdanau)."""

    use_scale: bool = field(
        t.BOOL, default=True, doc="Learn one factor for each feature of the sums."
    )

    def output(self, x: list[Shape]) -> Shape | list[Shape]:
        """See `Layer.output`."""
        if self.use_scale:
            self.fixed(x[0][-1], "the number of features of its query, as many as its scale")
        return super().output(x)

    def weights(self, x: list[Shape]) -> Iterator[Weight]:
        """See `Layer.weights`."""
        if self.use_scale:
            yield Weight("scale", (x[0][-1],), ("feature of the query",))
