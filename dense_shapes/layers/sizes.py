"""The kinds of whole numbers that options take: one, a list, one for each positional axis."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dense_shapes.dims import Dim, Expr, at_least
from dense_shapes.layers.errors import OptionError
from dense_shapes.layers.fields import Type

if TYPE_CHECKING:
    from dense_shapes.layers.base import Layer

EXPRESSION = {"type": "string", "description": "An expression over names, such as 2*width."}


def as_list(value: Any) -> str | None:
    """Return the advice to write a value such as `32x32x3` or `(32, 32, 3)` as a list, or None."""
    if value is None or isinstance(value, dict | bool):
        return None
    sizes = re.split(r"\s*[x×*,;\s]\s*", str(value).strip("()[] ,"))
    one = r"-?[0-9]{1,18}|[A-Za-z_]\w{0,30}"
    if len(sizes) > 8 or not all(re.fullmatch(one, size) for size in sizes):
        return None
    return f"write a list: [{', '.join(sizes)}]"


class Int(Type):
    """A whole number, a name or an expression that stands for one."""

    integers = True

    def __init__(self, minimum: int | None = None) -> None:
        self.minimum = minimum

    def read(self, value: Any, layer: Layer) -> Dim:
        """Return an int, or the expression with `value >= minimum` demanded of its symbols."""
        if isinstance(value, Expr):
            if self.minimum is not None:
                verdict = at_least(value, self.minimum)
                if verdict is False:
                    raise self.refuse(value, layer)
                if verdict is not True:
                    layer.demands.append(verdict)
            return value
        if type(value) is not int or (self.minimum is not None and value < self.minimum):
            raise self.refuse(value, layer)
        return value

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return "an integer" if self.minimum is None else f"an integer ≥ {self.minimum}"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        number: dict[str, Any] = {"type": "integer"}
        if self.minimum is not None:
            number["minimum"] = self.minimum
        return {"anyOf": [number, EXPRESSION]}


class ListOf(Type):
    """A list whose items are all of one type."""

    only_lists = True

    def __init__(self, item: Type, length: Callable[[int], int] | None = None) -> None:
        self.item = item
        self.length = length
        self.integers = item.integers
        self.numbers = item.numbers

    def read(self, value: Any, layer: Layer) -> tuple[Any, ...]:
        """Return the items as a tuple."""
        if not isinstance(value, list | tuple):
            error = self.refuse(value, layer)
            error.help = as_list(value)
            raise error
        if self.length is not None and len(value) != self.length(layer.rank):
            raise self.refuse(value, layer)
        return tuple(read_item(self.item, item, i, layer) for i, item in enumerate(value))

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        many = "" if self.length is None else f"{self.length(rank)} "
        item = self.item.describe(rank).removeprefix("an ").removeprefix("a ")
        items = re.sub(r"^\w+", r"\g<0>s", item).replace(", or null", " or null")
        return f"a list of {many}{items}"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        out: dict[str, Any] = {"type": "array", "items": self.item.schema(rank)}
        if self.length is not None:
            out |= {"minItems": self.length(rank), "maxItems": self.length(rank)}
        return out


def read_item(item_type: Type, item: Any, index: int, layer: Layer) -> Any:
    """Read one item of a list, so that an error points at that item."""
    try:
        return item_type.read(item, layer)
    except OptionError as error:
        error.path = (index, *error.path)
        raise


class Sizes(Type):
    """One integer for every positional axis, or a list with one for each.

    `UpSampling1D` is alone in Keras in taking no list: `lists=False`.
    """

    integers = True

    def __init__(self, minimum: int, *, lists: bool = True) -> None:
        self.one = Int(minimum)
        self.lists = lists

    def read(self, value: Any, layer: Layer) -> tuple[Dim, ...]:
        """Return one dim for each positional axis."""
        rank = layer.rank
        if not isinstance(value, list | tuple):
            try:
                return (self.one.read(value, layer),) * rank
            except OptionError:
                raise self.refuse(value, layer) from None
        if len(value) != rank or not self.lists:
            raise self.refuse(value, layer)
        return tuple(read_item(self.one, item, i, layer) for i, item in enumerate(value))

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        one = self.one.describe(rank)
        return one if rank == 1 else f"{one}, or a list of {rank} of them"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        one = self.one.schema(rank)
        if not self.lists:
            return one
        return {"anyOf": [*one["anyOf"], ListOf(self.one, lambda n: n).schema(rank)]}


class Pads(Type):
    """What to add before and after each positional axis, in any of Keras's three forms."""

    integers = True
    one = Int(0)

    def read(self, value: Any, layer: Layer) -> tuple[tuple[Dim, Dim], ...]:
        """Return a (before, after) pair for each positional axis."""
        rank = layer.rank
        if not isinstance(value, list | tuple):
            try:
                both = self.one.read(value, layer)
            except OptionError:
                raise self.refuse(value, layer) from None
            return ((both, both),) * rank
        if rank == 1:
            return (self._pair(value, layer, ()),)
        if len(value) != rank:
            raise self.refuse(value, layer)
        return tuple(self._pair(item, layer, (i,)) for i, item in enumerate(value))

    def _pair(self, value: Any, layer: Layer, path: tuple[int, ...]) -> tuple[Dim, Dim]:
        items = value if isinstance(value, list | tuple) else (value, value)
        if len(items) != 2:
            raise self.refuse(value, layer, path)
        try:
            return (
                read_item(self.one, items[0], 0, layer),
                read_item(self.one, items[1], 1, layer),
            )
        except OptionError as error:
            error.path = (*path, *error.path) if items is value else path
            raise

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        if rank == 1:
            return "an integer ≥ 0, or [before, after]"
        return f"an integer ≥ 0, a list of {rank} of them, or a list of {rank} × [before, after]"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        one = self.one.schema(rank)
        pair = {"type": "array", "items": one, "minItems": 2, "maxItems": 2}
        if rank == 1:
            return {"anyOf": [*one["anyOf"], pair]}
        pairs = {"anyOf": [*one["anyOf"], pair]}
        each = {"type": "array", "items": pairs, "minItems": rank, "maxItems": rank}
        return {"anyOf": [*one["anyOf"], each]}
