"""Operations on values alone: the bare functions of `keras.ops` on angles, integers and bits."""

from __future__ import annotations

from typing import Any, ClassVar

from dense_shapes.dims import BATCH, divides, equal, exact_div, is_open
from dense_shapes.layers import types as t
from dense_shapes.layers.base import is_float
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Bool, Choice, Either, Maybe
from dense_shapes.layers.operation import (
    Array,
    Binary,
    Operands,
    Operation,
    Pair,
    Rule,
    Unary,
    array,
    array_dtype,
    boolean,
    constant,
    floating,
    index,
    same,
)
from dense_shapes.layers.ops import make
from dense_shapes.layers.promotion import promote
from dense_shapes.layers.sizes import Int
from dense_shapes.layers.text import Shape
from dense_shapes.layers.text import shape as _text

_DTYPE = Choice(*t.INPUT_DTYPES, kind="dtype")
_BITS = {"float16": 16, "bfloat16": 16, "bool": 8, "complex64": 64, "complex128": 128}
"""How many bits the values of a dtype have whose name does not end in their number."""


def _single(dtype: str) -> str:
    """Give whole numbers as float32; keep truth values, as Keras does."""
    return dtype if is_float(dtype) or dtype == "bool" else "float32"


class Settled(Binary, abstract=True):
    """An operation on two operands, to which plain numbers are of 32 bits."""

    constants: ClassVar[dict[str, str]] = {"int": "int32", "float": "float32"}

    def output_dtypes(self, dtypes: list[str]) -> list[str]:
        """See `Operation.output_dtypes`."""

        def settled(value: Any) -> str:
            found = array_dtype(value)
            return found if isinstance(value, tuple) else self.constants.get(found, found)

        given = dtypes + dtypes[-1:] * (len(self.free) - len(dtypes))
        return [type(self).dtypes(*self.filled(given, settled))]


class Angular(Settled, abstract=True):
    """An operation on two operands, to which every plain number is a float32."""

    constants: ClassVar[dict[str, str]] = dict.fromkeys(("int", "float", "bool"), "float32")


class Bits(Operands, abstract=True):
    """An operation on the bits of two whole numbers."""

    inputs = (1, 2)
    operands = ("x", "y")
    dtypes = staticmethod(promote)

    x: Any = array("the first operand")
    y: Any = array("the second operand")


class Shifting(Bits, abstract=True):
    """An operation that moves the bits of whole numbers."""

    y: Any = field(
        Maybe(Either(Bool(), Int(), Array())), default=None, doc="A constant: by how many places."
    )


def _moved(*dtypes: str) -> str:
    """A plain number of places takes no part."""
    return dtypes[0] if dtypes[1] in {"int", "bool"} else promote(*dtypes)


_TABLE: list[tuple[type[Operation], str, Rule, str]] = [
    (Angular, "Arctan2", floating, "the angle of the point that two values are"),
    (Settled, "Gcd", promote, "the greatest common divisor"),
    (Settled, "Lcm", promote, "the least common multiple"),
    (Settled, "Ldexp", floating, "the first times 2 to the power of the second"),
    (Settled, "Nextafter", floating, "the next number towards the second"),
    (Pair, "Heaviside", lambda *d: _single(promote(*d)), "0, 1 or the second, by the sign"),
    (Pair, "Hypot", lambda *d: _single(promote(*d)), "the root of the sum of squares"),
    (Bits, "BitwiseAnd", promote, "the bits that both have"),
    (Bits, "BitwiseOr", promote, "the bits that one has"),
    (Bits, "BitwiseXor", promote, "the bits that just one has"),
    (Unary, "BitwiseInvert", same, "every bit turned over"),
    (Unary, "BitwiseNot", same, "every bit turned over"),
    (Shifting, "LeftShift", _moved, "the bits moved up"),
    (Shifting, "RightShift", _moved, "the bits moved down"),
    (Shifting, "BitwiseLeftShift", _moved, "the bits moved up"),
    (Shifting, "BitwiseRightShift", _moved, "the bits moved down"),
]

for _base, _name, _rule, _does in _TABLE:
    make(_base, _name, _rule, _does, __name__)


class Polar(Operands, registered="ops.Polar"):
    """Make complex numbers of lengths and angles."""

    home = "nn"
    inputs = (2, 2)
    operands = ("abs_", "angle")
    does = "complex numbers of lengths and angles"
    dtypes = staticmethod(lambda *_: "float32")


class SaturateCast(Unary, registered="ops.SaturateCast"):
    """Turn the values into another dtype; those that it cannot hold become the nearest."""

    home = "core"

    dtype: str = field(_DTYPE, doc="The dtype of the output.")

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"every value as {self.dtype}, or the nearest there; {_text(x)} unchanged, no params"


def bits_of(dtype: str) -> int:
    """Return how many bits a value of a dtype has.

    >>> bits_of("int8"), bits_of("bfloat16"), bits_of("float8_e5m2")
    (8, 16, 8)
    """
    return _BITS.get(dtype) or int("".join(c for c in dtype.partition("_")[0] if c.isdigit()))


class View(Operation, registered="ops.View"):
    """Take the same bytes for values of another dtype."""

    dtype: str | None = field(Maybe(_DTYPE), default=None, doc="The dtype: by default the same.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`: smaller values are more along the last axis, larger ones fewer."""
        old = bits_of(next(iter(self.input_dtypes), "float32"))
        new = old if self.dtype is None else bits_of(self.dtype)
        if old == new:
            return x
        if not x:
            raise ShapeError("one value cannot be taken for one of another size", field="dtype")
        if old > new:
            return (*x[:-1], x[-1] * (old // new))
        self.require(
            divides(new // old, x[-1]),
            f"the last axis of {_text(x)} does not fall into groups of {new // old} values, of "
            f"which {self.dtype} would make one",
            field="dtype",
        )
        return (*x[:-1], exact_div(x[-1], new // old))

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"the same bytes as {self.dtype or 'they are'}: {_text(x)} → {_text(y)}; no params"


class ViewAsComplex(Operation, registered="ops.ViewAsComplex"):
    """Take pairs of numbers along the last axis for complex ones."""

    home = "math"
    dtypes = staticmethod(lambda *_: "complex64")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        message = f"the last axis holds a real and an imaginary part, found {_text(x)}"
        if not x:
            raise ShapeError(message)
        self.require(equal(x[-1], 2), message, help="bring it to a size of 2")
        return x[:-1]

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"pairs along the last axis as complex numbers: {_text(x)} → {_text(y)}; no params"


class ViewAsReal(Operation, registered="ops.ViewAsReal"):
    """Lay the two parts of complex numbers along a new last axis."""

    home = "math"
    dtypes = staticmethod(lambda *_: "float32")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return (*x, 2)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"real and imaginary parts along a new axis: {_text(x)} → {_text(y)}; no params"


class AllClose(Binary, registered="ops.AllClose"):
    """Tell whether all values of two operands are nearly equal."""

    dtypes: ClassVar[Rule] = staticmethod(boolean)

    rtol: float = field(t.NUMBER, default=1e-5, doc="How far apart, as a share of the second.")
    atol: float = field(t.NUMBER, default=1e-8, doc="How far apart beside that.")
    equal_nan: bool = field(
        Bool(), default=False, doc="Whether what is no number is equal to the like."
    )

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        super().output(x)
        return ()

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        return f"whether all values of {' and '.join(map(_text, x))} are nearly equal; no params"


class Looking(Operands, abstract=True):
    """An operation that looks each value of one operand up among those of another."""

    inputs = (1, 2)
    place: ClassVar[int] = 0

    def looked_up(self, x: list[Shape]) -> tuple[Shape, Shape]:
        """Return the shapes of the values and of those among which they are looked up."""
        both = self.met(x)
        return both[self.place], both[1 - self.place]

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        return self.looked_up(x)[0]

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        _, among = self.looked_up(x)
        return f"{self.does} of {_text(among)}, for every value alone: {_text(y)}; no params"


class IsIn(Looking, registered="ops.IsIn"):
    """Tell of each value whether it is among others."""

    does = "whether it is among those"
    dtypes = staticmethod(boolean)

    assume_unique: bool = field(Bool(), default=False, doc="Whether no value stands twice.")
    invert: bool = field(Bool(), default=False, doc="Tell whether it is not among them.")
    x1: Any = array("the values")
    x2: Any = constant("those among which they are looked for")


class Sorted(Looking, abstract=True):
    """An operation that finds the place of values in a row."""

    does = "the place among those"
    dtypes = staticmethod(index)

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        values, row = self.looked_up(x)
        if len(row) != 1:
            raise ShapeError(f"values are put in their places in one row, found {_text(row)}")
        return values


class Digitize(Sorted, registered="ops.Digitize"):
    """Tell of each value in which bin it falls."""

    operands = ("x", "bins")

    x: Any = array("the values")
    bins: Any = array("the limits of the bins")


class SearchSorted(Sorted, registered="ops.SearchSorted"):
    """Tell of each value where it would stand in a sorted row."""

    operands = ("sorted_sequence", "values")
    place = 1
    open_row = False

    side: str = field(
        Choice("left", "right"), default="left", doc="Before or behind those that are equal."
    )
    sorted_sequence: Any = array("the sorted row")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        _, row = self.looked_up(x)
        # Keras gives larger numbers where it does not know how large they become.
        self.open_row = any(n == BATCH or is_open(n) for n in row)
        return super().output(x)

    def output_dtypes(self, dtypes: list[str]) -> list[str]:
        """See `Operation.output_dtypes`."""
        return ["int64" if self.open_row else "int32"]
