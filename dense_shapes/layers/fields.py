"""Options: what values one takes, how they are checked, described and put in a JSON Schema.

A layer declares its options as class attributes, ``units: int = field(POSITIVE, doc="...")``.
Reading a value, its default, the error texts, the documentation and the JSON Schema all come
from that one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dense_shapes.layers.errors import OptionError

if TYPE_CHECKING:
    from dense_shapes.layers.base import Layer

REQUIRED: Any = object()


class Field:
    """One option of a layer: its type, its default and its documentation.

    Attributes:
        name: The option's name.
        type: What values it takes.
        default: The value when the option is not given; REQUIRED where it must be.
        doc: One sentence for a reader.
    """

    __slots__ = ("default", "doc", "name", "type")

    def __init__(self, type: Type, default: Any, doc: str) -> None:  # noqa: A002 - as in the docs
        self.name = ""
        self.type = type
        self.default = default
        self.doc = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def required(self) -> bool:
        """Whether the option must be given."""
        return self.default is REQUIRED


def field(type: Type, *, default: Any = REQUIRED, doc: str) -> Any:  # noqa: A002 - as in the docs
    """Declare an option of a layer.

    Args:
        type: What values it takes, such as `POSITIVE` or `Choice("valid", "same")`.
        default: Keras's default, as a user would write it; left out, the option is required.
        doc: One sentence for a reader.
    """
    return Field(type, default, doc)


class Type:
    """What values an option takes.

    Attributes:
        integers: Whether a string in it is an expression over names (`2*width`).
        booleans: Whether it is a truth value, so that `yes` can only be one.
        numbers: Whether it may be a float, so that `1e-3` can only be one.
        nested: Whether it is a layer of its own, written as an entry, or a list of them.
        several: Whether it may be a list of such layers as well as one.
        only_lists: Whether nothing but a list will do, so that a text is no expression.
    """

    integers = False
    booleans = False
    numbers = False
    nested = False
    several = False
    only_lists = False

    def read(self, value: Any, layer: Layer) -> Any:
        """Return `value` checked and in its normal form.

        Raises:
            OptionError: The value is not of this type.
        """
        raise NotImplementedError

    def written(self, value: Any) -> Any:
        """Return a value that was read in a form in which it can be written."""
        return value

    def describe(self, rank: int) -> str:
        """Name the values it takes, for a layer over `rank` positional axes."""
        raise NotImplementedError

    def schema(self, rank: int) -> dict[str, Any]:
        """Describe the values it takes in the JSON Schema of a spec."""
        raise NotImplementedError

    def refuse(self, value: Any, layer: Layer, path: tuple[int, ...] = ()) -> OptionError:
        """Make the error for a value of another type."""
        return OptionError(f"expected {self.describe(layer.rank)}, found {show(value)}", path=path)


def show(value: Any) -> str:
    """Write a value as a spec would, for an error text; long ones are summed up."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return repr(value) if len(value) <= 60 else f"a text of {len(value)} characters"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        text = "[" + ", ".join(show(item) for item in value[:8])
        return text + (f", …] ({len(value)} values)" if len(value) > 8 else "]")
    return str(value)
