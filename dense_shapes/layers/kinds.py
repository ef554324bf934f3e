"""The kinds of values that options take: numbers, names, lists, sizes for each axis."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from dense_shapes.diagnostics import did_you_mean
from dense_shapes.dims import Dim, Expr, at_least
from dense_shapes.layers.errors import OptionError
from dense_shapes.layers.fields import Type, show

if TYPE_CHECKING:
    from dense_shapes.layers.base import Layer

EXPRESSION = {"type": "string", "description": "An expression over names, such as 2*width."}


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


def as_list(value: Any) -> str | None:
    """Return the advice to write a value such as `32x32x3` or `(32, 32, 3)` as a list, or None."""
    sizes = re.split(r"\s*[x×*,;\s]\s*", str(value).strip("()[] ,")) if value is not None else []
    if isinstance(value, dict | bool) or not 0 < len(sizes) <= 8 or not all(map(_SIZE, sizes)):
        return None
    return f"write a list: [{', '.join(sizes)}]"


_SIZE = re.compile(r"-?[0-9]{1,18}|[A-Za-z_]\w{0,30}|null").fullmatch


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


class Bool(Type):
    """True or false."""

    booleans = True

    def read(self, value: Any, layer: Layer) -> bool:
        """Return the bool."""
        if not isinstance(value, bool):
            raise self.refuse(value, layer)
        return value

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return "true or false"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"type": "boolean"}


class Float(Type):
    """A number, possibly bounded."""

    numbers = True

    def __init__(self, minimum: float | None = None, maximum: float | None = None) -> None:
        self.minimum = minimum
        self.maximum = maximum

    def read(self, value: Any, layer: Layer) -> float:
        """Return the number as it was given."""
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or (self.minimum is not None and not value >= self.minimum)
            or (self.maximum is not None and not value <= self.maximum)
        ):
            raise self.refuse(value, layer)
        return value

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        if self.minimum is not None and self.maximum is not None:
            return f"a number from {self.minimum:g} to {self.maximum:g}"
        return "a number" if self.minimum is None else f"a number ≥ {self.minimum:g}"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        out: dict[str, Any] = {"type": "number"}
        if self.minimum is not None:
            out["minimum"] = self.minimum
        if self.maximum is not None:
            out["maximum"] = self.maximum
        return out


class Choice(Type):
    """One of a few names, or of many of one kind; in any letter case where Keras takes any."""

    def __init__(self, *names: str, any_case: bool = False, kind: str = "") -> None:
        self.names = names
        self.any_case = any_case
        self.kind = kind

    def read(self, value: Any, layer: Layer) -> str:
        """Return the name."""
        if not isinstance(value, str):
            raise self.refuse(value, layer)
        name = value.lower() if self.any_case else value
        if name not in self.names:
            if self.kind:
                raise unknown(self.kind, value, self.names)
            error = self.refuse(value, layer)
            error.help = did_you_mean(value, self.names) or None
            raise error
        return name

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        if self.kind:
            return f"{_article(self.kind)} {self.kind}: {', '.join(self.names)}"
        *others, last = map(repr, self.names)
        return f"{', '.join(others)} or {last}" if others else last

    def refuse(self, value: Any, layer: Layer, path: tuple[int, ...] = ()) -> OptionError:
        """See `Type.refuse`: a long list of names becomes the help."""
        if not self.kind:
            return super().refuse(value, layer, path)
        return OptionError(
            f"expected {_article(self.kind)} {self.kind}'s name, found {show(value)}",
            path=path,
            help=f"known are {', '.join(self.names)}",
        )

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"enum": list(self.names)}


class Object(Type):
    """One of Keras's named objects (an initializer, a regularizer, a constraint).

    It changes how weights start and are trained, never their shape: its name is checked, its
    own options are kept as they are.

    Attributes:
        kind: What the objects are, for the texts.
        names: Their names.
        configured: Those of which the name alone does not do.
    """

    def __init__(
        self, kind: str, names: Iterable[str], *, configured: tuple[str, ...] = ()
    ) -> None:
        self.kind = kind
        self.names = tuple(names)
        self.configured = configured

    def read(self, value: Any, layer: Layer) -> Any:
        """Return the name, or the `{class_name: ..., config: {...}}` mapping."""
        name = value.get("class_name") if isinstance(value, dict) else value
        if not isinstance(name, str):
            raise self.refuse(value, layer)
        if name not in self.names:
            raise unknown(self.kind, name, self.names)
        if name in self.configured and not (isinstance(value, dict) and value.get("config")):
            raise OptionError(
                f"the {self.kind} {name!r} needs its own options",
                help=f"write {{class_name: {name}, config: {{…}}}}",
            )
        return value

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return f"{_article(self.kind)} {self.kind}'s name, or {{class_name: …, config: {{…}}}}"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {
            "anyOf": [
                {"enum": [name for name in self.names if name not in self.configured]},
                {"type": "object", "required": ["class_name"]},
            ]
        }


class Either(Type):
    """A value of one of several types, the first that fits."""

    def __init__(self, *types: Type) -> None:
        self.types = types
        self.integers = any(t.integers for t in types)
        self.booleans = any(t.booleans for t in types)
        self.numbers = any(t.numbers for t in types)

    def read(self, value: Any, layer: Layer) -> Any:
        """Return what the first fitting type makes of it."""
        for t in self.types:
            try:
                return t.read(value, layer)
            except OptionError as error:
                if error.path:
                    raise
        raise self.refuse(value, layer)

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return ", or ".join(t.describe(rank) for t in self.types)

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"anyOf": [t.schema(rank) for t in self.types]}


class Maybe(Type):
    """A value of a type, or null where Keras takes None."""

    def __init__(self, inner: Type) -> None:
        self.inner = inner
        self.only_lists = inner.only_lists
        self.integers = inner.integers
        self.booleans = inner.booleans
        self.numbers = inner.numbers

    def read(self, value: Any, layer: Layer) -> Any:
        """Return None, or what the type makes of the value."""
        return None if value is None else self.inner.read(value, layer)

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return f"{self.inner.describe(rank)}, or null"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        inner = self.inner.schema(rank)
        return {"anyOf": [*inner.get("anyOf", [inner]), {"type": "null"}]}


class Record(Type):
    """A mapping with known keys."""

    def __init__(self, **types: Type) -> None:
        self.types = types
        self.numbers = any(t.numbers for t in types.values())

    def read(self, value: Any, layer: Layer) -> dict[str, Any]:
        """Return the mapping with each value read."""
        if not isinstance(value, dict):
            raise self.refuse(value, layer)
        for key in value:
            if key not in self.types:
                raise unknown("key", key, self.types)
        return {key: self.types[key].read(item, layer) for key, item in value.items()}

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return f"a mapping of {', '.join(self.types)}"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        keys = {name: t.schema(rank) for name, t in self.types.items()}
        return {"type": "object", "properties": keys, "additionalProperties": False}


class Unsupported(Type):
    """An option of Keras that is known but not read; null is taken, as Keras's default."""

    def __init__(self, why: str) -> None:
        self.why = why

    def read(self, value: Any, layer: Layer) -> None:
        """Return None; refuse any other value by name."""
        if value is not None:
            raise OptionError(self.why, help="leave the option out", code="DS109")

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return f"null ({self.why})"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"type": "null"}


def unknown(kind: str, name: str, names: Iterable[str]) -> OptionError:
    """Make the error for a name that is none of those known."""
    names = tuple(names)
    return OptionError(
        f"unknown {kind} {show(name)}",
        help=did_you_mean(name, names) or f"known are {', '.join(names)}",
    )


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
