"""What encodings make of a shape: the rule that layers of categories share.

The shapes are those of real calls: `keras.utils.numerical_utils.encode_categorical_inputs`.
"""

from __future__ import annotations

from typing import Any

from dense_shapes.dims import BATCH, Dim, at_least, is_open
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer
from dense_shapes.layers.errors import OptionError
from dense_shapes.layers.fields import Type, field
from dense_shapes.layers.kinds import Choice
from dense_shapes.layers.text import Shape, plural, positions, size
from dense_shapes.layers.text import shape as shape_text

OLD_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}
"""What Keras once called two modes, and still takes."""


class Encoding(Layer, abstract=True):
    """A layer that gives out the numbers of categories, or encodes them as rows of 0 and 1."""

    dtype: str | None = field(
        t.ANY_POLICY, default=None, doc="The dtype of its output, or a mixed policy."
    )
    output_mode: str = field(
        Choice("int", "one_hot", "multi_hot", "count"),
        default="int",
        doc="Give out each number itself, a row for each, or one row for all of an example.",
    )
    sparse: bool = field(
        t.BOOL, default=False, doc="Give out a sparse tensor, which TensorFlow has; same shape."
    )

    @property
    def mode(self) -> str:
        """The output mode by its present name."""
        return OLD_MODES.get(self.output_mode, self.output_mode)

    def check(self) -> None:
        """See `Layer.check`."""
        if self.sparse and self.mode == "int":
            raise OptionError(
                "'sparse: true' is for rows of 0 and 1, and output_mode 'int' makes none",
                field="sparse",
                help="drop 'sparse', or choose another output_mode",
                code="DS110",
            )

    def encoded(self, x: Shape, depth: Dim) -> Shape:
        """Return the shape of numbers of shape `x` encoded in rows of `depth`.

        Raises:
            ShapeError: Whether a named size is 1 decides how many axes there are.
        """
        if self.mode == "int":
            return x
        if self.mode != "one_hot":
            return (x[0], *x[2:], depth) if len(x) > 1 else (depth,)
        return (*self.rows(x), depth)

    def rows(self, x: Shape) -> Shape:
        """Return the axes along which one-hot rows stand: a last one of size 1 is theirs."""
        last = x[-1]
        if len(x) > 1 and last == 1:
            return x[:-1]
        if len(x) > 1 and type(last) is not int and at_least(last, 2) is not True:
            # Like Keras, take a size left open for more than 1.
            self.require(
                (last == BATCH or is_open(last)) and at_least(last, 2),
                f"whether {size(last)} is 1 decides how many axes one-hot rows have",
                field="output_mode",
                help=f"give the last axis of {shape_text(x)} a number",
            )
        return x

    def encoding_text(self, x: Shape, depth: Dim, what: str) -> str:
        """Say what becomes of numbers of shape `x`, each of which stands for `what`."""
        if self.mode == "int":
            return "one number for each value, shape unchanged"
        one = f"one row of {size(depth)}"
        if self.mode == "one_hot":
            return f"{one} for each value, with a 1 at its {what}"
        marks = f"how often each {what} occurs"
        if self.mode == "multi_hot":
            marks = f"a 1 at each {what} that occurs"
        elif self.mode == "tf_idf":
            marks += ", times its weight"
        if len(x) == 1:
            return f"{one} for the batch as a whole, whose axis is gone: {marks}"
        made = "becomes" if x[1] == 1 else "are put together in"
        over = f"the {plural(x[1], 'value')} along axis 1 {made} {one}"
        where = "for each example" if len(x) == 2 else f"at each of the {positions(x[2:])}"
        return f"{over} {where}: {marks}"


class Numbers(Type):
    """A number, or a list of as many numbers or lists of them at each place."""

    numbers = True

    def read(self, value: Any, layer: Layer) -> Any:
        """Return the number, or tuples of numbers."""
        if isinstance(value, list | tuple):
            items = tuple(self.read(item, layer) for item in value)
            if len({sizes_of(item) for item in items}) > 1:
                raise OptionError("the lists in it are not all of the same size")
            return items
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(value, layer)
        return value

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return "a number, or a list of numbers"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"anyOf": [t.NUMBER.schema(rank), {"type": "array"}]}


def sizes_of(value: Any) -> tuple[int, ...]:
    """Return the sizes of nested tuples of numbers: `()` of a number itself.

    >>> sizes_of(((1, 2, 3), (4, 5, 6)))
    (2, 3)
    """
    sizes = []
    while isinstance(value, tuple):
        sizes.append(len(value))
        value = value[0] if value else 0
    return tuple(sizes)
