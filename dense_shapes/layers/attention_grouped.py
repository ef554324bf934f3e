"""Attention layers: those whose heads share keys and values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, divides, equal
from dense_shapes.layers import types as t
from dense_shapes.layers.attention_heads import Headed
from dense_shapes.layers.errors import OptionError
from dense_shapes.layers.fields import field
from dense_shapes.layers.text import Shape, plural, size


class GroupQueryAttention(
    Headed,
    aliases=("GroupedQueryAttention",),
    first=("head_dim", "num_query_heads", "num_key_value_heads", "dropout", "use_bias"),
):
    """Let positions see each other in several heads, groups of which share keys and values."""

    head_dim: Dim = field(t.POSITIVE, doc="Length of each head's query, key and value vectors.")
    num_query_heads: Dim = field(t.POSITIVE, doc="How many heads ask.")
    num_key_value_heads: Dim = field(
        t.POSITIVE, doc="How many heads of keys and values there are, a divisor of those that ask."
    )

    @classmethod
    def automatic_name(cls) -> str:
        """See `Layer.automatic_name`: the class's own name in Keras, which saved files have."""
        return "grouped_query_attention"

    @property
    def length(self) -> Dim:
        """See `Headed.length`."""
        return self.head_dim

    def check(self) -> None:
        """See `Layer.check`."""
        super().check()
        verdict = divides(self.num_key_value_heads, self.num_query_heads)
        if verdict is False:
            raise OptionError(
                f"{plural(self.num_query_heads, 'query head')} cannot share "
                f"{size(self.num_key_value_heads)} heads of keys and values in equal groups",
                field="num_key_value_heads",
                help="choose a number that divides num_query_heads",
            )
        if verdict is not True:
            self.demands.append(verdict)

    def output(self, x: list[Shape]) -> Shape | list[Shape]:
        """See `Layer.output`."""
        query, value, key = self.feeds(x)
        self.need_rank(query, 3, "(batch, positions, features)")
        self.need_features(query, value, key)
        self.require(
            equal(query[-1], value[-1]),
            f"GroupQueryAttention needs a query and a value of as many features, found "
            f"{size(query[-1])} and {size(value[-1])}",
            help="bring both to one width, with a Dense before one of them",
        )
        self.need_lengths(value, key)
        self.same(value[1], key[1], 1, "a value and a key")
        for other, names in ((value, "a query and a value"), (key, "a query and a key")):
            self.same(query[0], other[0], 0, names)
        self.check_masks(query, value, self.num_query_heads)
        return [query, self.scores(x)] if self.returns_scores else query

    def scores(self, x: list[Shape]) -> Shape:
        """See `Headed.scores`."""
        query, value, _ = self.feeds(x)
        return (query[0], self.num_query_heads, query[1], value[1])

    def projections(self, x: list[Shape]) -> Iterator[tuple[str, Shape, int, tuple[str, ...]]]:
        """See `Headed.projections`."""
        query, value, key = self.feeds(x)
        asking, shared, length = self.num_query_heads, self.num_key_value_heads, self.head_dim
        axes = ("input feature", "head", "entry")
        yield "query", (query[-1], asking, length), 1, axes
        yield "key", (key[-1], shared, length), 1, axes
        if self.use_gate:
            yield "gate", (query[-1], asking, length), 1, axes
        yield "value", (value[-1], shared, length), 1, axes
        mixed = ("head", "entry", "output feature")
        yield "attention_output", (asking, length, query[-1]), 2, mixed

    def pairs(self, x: list[Shape]) -> Shape:
        """See `Headed.pairs`."""
        query, value, _ = self.feeds(x)
        return query[1], self.num_query_heads, value[1]

    def explain(self, x: list[Shape], y: Any) -> str:
        """See `Layer.explain`."""
        query, value, _ = self.feeds(x)
        asking, shared, length = self.num_query_heads, self.num_key_value_heads, self.head_dim
        return (
            f"attention over axis 1 in {plural(asking, 'head')} that share "
            f"{plural(shared, 'head')} of keys and values: each of the query's {size(query[1])} "
            f"positions compares its {size(length)} values (head_dim) with the keys of "
            f"{size(value[1])}{self.seen()}, and mixes their {size(length)} values by the scores; "
            f"{self.params_text(x)}"
        )
