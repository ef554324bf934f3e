"""What bare operations of `keras.ops` share: dtypes, broadcasting, axes, constant operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from dense_shapes.dims import BATCH, Dim, equal, is_open
from dense_shapes.layers.base import Layer, is_float
from dense_shapes.layers.broadcasting import broadcast
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import Field, Type, field
from dense_shapes.layers.kinds import Bool, Either, Float, Maybe
from dense_shapes.layers.promotion import promote
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, plural, size
from dense_shapes.layers.text import shape as shape_text

Rule = Callable[..., str]
"""Makes the output's dtype of those of the operands."""

AXIS = Int()
AXES = Either(AXIS, ListOf(AXIS))
ANY_AXES = Maybe(AXES)


class Array(Type):
    """Numbers in rows, columns and so on: nested lists, those side by side of equal lengths."""

    def read(self, value: Any, layer: Layer) -> tuple[Any, ...]:
        """Return the array as tuples."""
        if not isinstance(value, list | tuple) or array_shape(value) is None:
            raise self.refuse(value, layer)
        return tuple(self.read(v, layer) if isinstance(v, list | tuple) else v for v in value)

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return "nested lists of numbers"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"type": "array"}


def array_shape(value: Any) -> tuple[int, ...] | None:
    """Return the shape of a number, (), or of nested lists; None where they are no array."""
    if not isinstance(value, list | tuple):
        return () if isinstance(value, bool | int | float) else None
    shapes = {array_shape(item) for item in value}
    if len(shapes) > 1 or None in shapes:
        return None
    inner = next(iter(shapes), ()) or ()
    return (len(value), *inner)


def array_dtype(value: Any) -> str:
    """Return the dtype that Keras gives an array by itself, and "int" or "float" for a number."""
    if not isinstance(value, list | tuple):
        return type(value).__name__
    kinds = {array_dtype(item) for item in value}
    for kind in ("float", "int", "bool"):
        if kind in kinds or f"{kind}32" in kinds:
            return kind if kind == "bool" else f"{kind}32"
    return "float32"


CONSTANT = Maybe(Either(Bool(), Float(), Array()))


def constant(what: str) -> Any:
    """Declare the option that holds an operand which is a constant."""
    return field(CONSTANT, default=None, doc=f"A constant as {what}.")


def array(what: str) -> Any:
    """Declare the option that holds an operand which is an array, and no plain number."""
    return field(Maybe(Array()), default=None, doc=f"A constant array as {what}.")


def same(dtype: str, *_: str) -> str:
    """Keep the (first) dtype."""
    return dtype


def boolean(*_: str) -> str:
    """Give truth values."""
    return "bool"


def index(*_: str) -> str:
    """Give whole numbers that count or point."""
    return "int32"


def floating(*dtypes: str) -> str:
    """Give floating-point numbers in which all dtypes meet."""
    return promote(*dtypes, "float")


def kept_float(dtype: str) -> str:
    """Keep a floating-point dtype; give float32 otherwise."""
    return dtype if is_float(dtype) else "float32"


def counted(dtype: str) -> str:
    """Count truth values as whole numbers, keep the rest."""
    return "int32" if dtype == "bool" else dtype


class Operation(
    Layer, abstract=True, without=("trainable", "dtype", "autocast", "activity_regularizer")
):
    """A bare operation of `keras.ops`, without weights.

    Attributes:
        home: The module of `keras.src.ops` that holds it.
        does: What it does, for the explanation.
        dtypes: The rule for the output's dtype.
        of_call: The options that in Keras are arguments of the call, in their order after the
            tensors. Those that are `call_arguments` too may be tensors.
    """

    is_operation = True
    home: ClassVar[str] = "numpy"
    of_call: ClassVar[tuple[str, ...]] = ()
    does: ClassVar[str] = ""
    dtypes: ClassVar[Rule] = staticmethod(same)
    call_arguments: ClassVar[tuple[str, ...]] = ()
    listed = False

    @classmethod
    def own_fields(cls) -> dict[str, Field]:
        """See `Layer.own_fields`: no option is one of every layer."""
        return cls.fields

    @classmethod
    def completed(cls, options: dict[str, Any], shape: Sequence[Any] | None) -> dict[str, Any]:
        """Return the options of a saved call, with those that Keras takes from the first input.

        Args:
            options: The options that the file has.
            shape: The shape that the file records of the first input, None where it does not.
        """
        return options

    def output_dtypes(self, dtypes: list[str]) -> list[str]:
        """Return the outputs' dtypes for inputs of these dtypes: that of an option, or the rule."""
        return [self.dtype or type(self).dtypes(*dtypes)] * self.output_count

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`: all inputs are of one dtype."""
        return self.output_dtypes([dtype] * max(self.inputs[0], 1))[0]

    def beside_shape(self, name: str) -> Shape | None:
        """Return the shape of an operand that may be left out: a constant's, or a tensor's.

        Args:
            name: The operand, both an option and an argument of the call.
        """
        value = getattr(self, name)
        return self.beside.get(name) if value is None else array_shape(value)

    def need_same(self, n: Dim, m: Dim, message: str) -> None:
        """Demand one size of two axes as Keras compares them: an open one is like another alone.

        Raises:
            ShapeError: They differ.
        """
        first, second = (one == BATCH or is_open(one) for one in (n, m))
        self.require(n == m or (first == second and equal(n, m)), message)

    def axes_of(self, axis: Any, rank: int, *, name: str = "axis", new: int = 0) -> list[int]:
        """Return the axes that an option names, counted from the front, in its order.

        Args:
            axis: One axis, or several.
            rank: How many axes there are.
            name: The option.
            new: How many axes the output has more than `rank`, which may be named too.

        Raises:
            ShapeError: An axis that is not there, is named twice, or is not yet a number.
        """
        out = []
        most = rank + new
        for i, a in enumerate(axis if isinstance(axis, tuple) else (axis,)):
            if type(a) is not int or not -most <= a < most:
                raise ShapeError(
                    f"{type(self).__name__} finds no axis {size(a)} among {most}",
                    field=name,
                    path=(i,) if isinstance(axis, tuple) else (),
                    help=f"an axis is from {-most} to {most - 1}; 0 is the batch" if most else None,
                )
            out.append(a % most)
        if len(set(out)) < len(out):
            raise ShapeError(f"{type(self).__name__} is given an axis twice", field=name)
        return out

    def broadcast(self, *shapes: Shape) -> Shape:
        """Return the shape in which all meet: see `dense_shapes.layers.broadcasting`."""
        return broadcast(self, *shapes)


class Unary(Operation, abstract=True):
    """An operation on every value alone, or one that keeps the shape."""

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"{self.does}, on every value alone; {shape_text(y)} unchanged, no params"


class Operands(Operation, abstract=True):
    """An operation on several operands, some of which may be constants in the call.

    Attributes:
        operands: What Keras's call names them. Those that are options too may be constants.
        spare: How many of the last ones may be missing.
    """

    operands: ClassVar[tuple[str, ...]] = ("x1", "x2")
    spare: ClassVar[int] = 0

    @property
    def free(self) -> list[str]:
        """The operands that are no constants, so that each needs an input."""
        return [name for name in self.operands if self._constant(name) is None]

    def _constant(self, name: str) -> Any:
        return getattr(self, name) if name in type(self).fields else None

    def filled(self, given: list[Any], constant: Callable[[Any], Any]) -> list[Any]:
        """Return what stands for each operand: an input, or what is made of its constant.

        Raises:
            ShapeError: There are too few inputs, or too many.
        """
        constants = [self._constant(name) for name in self.operands]
        missing = len(self.free)
        if not missing - self.spare <= len(given) <= missing:
            names = ", ".join(self.operands)
            raise ShapeError(
                f"{type(self).__name__} works on {names}, found {plural(len(given), 'input')} "
                f"and {plural(len(constants) - missing, 'constant')}",
                help="name as many inputs in `from` as there are no constants for",
            )
        rest = iter([*given, *[None] * (missing - len(given))])
        both = [next(rest) if value is None else constant(value) for value in constants]
        return [operand for operand in both if operand is not None]

    def output_dtypes(self, dtypes: list[str]) -> list[str]:
        """See `Operation.output_dtypes`: constants are plain numbers, of `int` or `float`."""
        needed = len(self.free) - self.spare
        known = (dtypes + dtypes[-1:] * (needed - len(dtypes)))[: len(self.free)]
        return super().output_dtypes(self.filled(known, array_dtype))

    def met(self, x: list[Shape]) -> list[Shape]:
        """Return the operands' shapes; that of a constant number is ()."""
        return self.filled(x, array_shape)

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        return self.broadcast(*self.met(x))

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        parts = self.filled(list(map(shape_text, x)), _constant_text)
        meet = " and ".join(parts)
        fit = "" if all(shape == y for shape in x) else ", sizes of 1 repeated"
        return f"{self.does}, value by value, of {meet}{fit}: {shape_text(y)}; no params"


def _constant_text(value: Any) -> str:
    found = array_shape(value)
    return f"a constant {shape_text(found)}" if found else str(value)


class Binary(Operands, abstract=True):
    """An operation on two operands."""

    inputs = (1, 2)
    dtypes: ClassVar[Rule] = staticmethod(promote)

    x1: float | None = constant("the first operand")
    x2: float | None = constant("the second operand")


class Pair(Operands, abstract=True):
    """An operation on two operands, of which a constant is an array."""

    inputs = (1, 2)

    x1: Any = array("the first operand")
    x2: Any = array("the second operand")
