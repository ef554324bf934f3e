"""The kinds of values that options take: flags, numbers, names, and what is put of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dense_shapes.diagnostics import did_you_mean
from dense_shapes.layers.errors import OptionError
from dense_shapes.layers.fields import Type, show

if TYPE_CHECKING:
    from dense_shapes.layers.base import Layer


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
        # Tools that follow YAML 1.1 take 1e-3 for a text.
        return {"anyOf": [out, {"type": "string", "pattern": r"^[+-]?[0-9.]+[eE][+-]?[0-9]+$"}]}


class Text(Type):
    """Any text."""

    def read(self, value: Any, layer: Layer) -> str:
        """Return the text."""
        if not isinstance(value, str):
            raise self.refuse(value, layer)
        return value

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return "a text"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"type": "string"}


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
        names: dict[str, Any] = {"enum": list(self.names)}
        if not self.any_case:
            return names
        spelled = ("".join(f"[{c}{c.upper()}]" for c in name) for name in self.names)
        return {"anyOf": [names, {"type": "string", "pattern": f"^({'|'.join(spelled)})$"}]}


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
        self.names = dict.fromkeys(names)
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
        self.nested = inner.nested
        self.only_lists = inner.only_lists
        self.integers = inner.integers
        self.booleans = inner.booleans
        self.numbers = inner.numbers

    def read(self, value: Any, layer: Layer) -> Any:
        """Return None, or what the type makes of the value."""
        return None if value is None else self.inner.read(value, layer)

    def written(self, value: Any) -> Any:
        """See `Type.written`."""
        return None if value is None else self.inner.written(value)

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


class Kept(Type):
    """A value that is kept as it is, and never looked into."""

    def __init__(self, what: str, *types: type) -> None:
        self.what = what
        self.types = types or (object,)

    def read(self, value: Any, layer: Layer) -> Any:
        """Return the value."""
        if value is None or not isinstance(value, self.types):
            raise self.refuse(value, layer)
        return value

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return self.what

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        if self.types == (dict,):
            return {"type": "object"}
        return {"type": "string"} if self.types == (str,) else {"not": {"type": "null"}}


def unknown(kind: str, name: str, names: Iterable[str]) -> OptionError:
    """Make the error for a name that is none of those known."""
    names = tuple(names)
    return OptionError(
        f"unknown {kind} {show(name)}",
        help=did_you_mean(name, names) or f"known are {', '.join(names)}",
    )


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
