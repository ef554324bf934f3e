"""Operations: the bare functions of `keras.ops`, as tables of what differs between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dense_shapes.dims import Dim
from dense_shapes.layers import types as t
from dense_shapes.layers.fields import REQUIRED, Type, field
from dense_shapes.layers.kinds import Bool, Choice, Maybe
from dense_shapes.layers.operation import (
    ANY_AXES,
    AXIS,
    Binary,
    Operands,
    Operation,
    Rule,
    Unary,
    boolean,
    constant,
    counted,
    floating,
    index,
    kept_float,
    same,
)
from dense_shapes.layers.promotion import promote
from dense_shapes.layers.text import Shape, by, plural
from dense_shapes.layers.text import shape as shape_text

_FLOAT32: Rule = lambda *_: "float32"  # noqa: E731 - one of a table's rules
_DTYPE = (Maybe(Choice(*t.INPUT_DTYPES, kind="dtype")), "The dtype of the output.")
_OPTIONS: dict[str, tuple[Type, str]] = {
    "negative_slope": (t.NUMBER, "The slope below zero."),
    "alpha": (t.NUMBER, "How far below zero it goes."),
    "approximate": (Bool(), "Calculate it by tanh."),
    "threshold": (t.NUMBER, "Where it changes."),
    "default_value": (t.NUMBER, "What values below the threshold become."),
    "b": (t.NUMBER, "How smooth the bend is."),
    "x_min": (t.NUMBER, "The smallest output."),
    "x_max": (t.NUMBER, "The largest output."),
    "decimals": (t.INTEGER, "How many digits stay after the point."),
    "nan": (t.NUMBER, "What takes the place of no number."),
    "posinf": (Maybe(t.NUMBER), "What takes the place of infinity."),
    "neginf": (Maybe(t.NUMBER), "What takes the place of minus infinity."),
    "fill_value": (t.NUMBER, "The value that is everywhere."),
    "initial": (Maybe(t.NUMBER), "What the result is never below, or above."),
    "rtol": (t.NUMBER, "How far apart they may be, as a share of the second."),
    "atol": (t.NUMBER, "How far apart they may be beside that."),
    "equal_nan": (Bool(), "Whether what is no number is equal to the like."),
    "sparse": (Maybe(Bool()), "Whether a sparse tensor stays one."),
    "ragged": (Maybe(Bool()), "Whether a ragged tensor stays one."),
    "dtype": _DTYPE,
}
"""The options of operations of a table: what each takes, and what it is for."""


def _angle(dtype: str) -> str:
    """Give floating-point numbers: 64 bits for 64, which are otherwise not needed."""
    return "float64" if dtype == "int64" else kept_float(dtype)


def _cubed(dtype: str) -> str:
    """Give floating-point numbers, but leave the largest whole numbers, as Keras does."""
    return dtype if dtype == "uint64" else _angle(dtype)


_UNARY: list[tuple[str, Rule, str, dict[str, Any]]] = [
    ("Absolute", same, "the distance from zero", {}),
    ("Abs", same, "the distance from zero", {}),
    ("Negative", same, "the sign turned over", {}),
    ("Sign", same, "-1, 0 or 1 by the sign", {}),
    ("ConvertToTensor", same, "as a tensor", {"dtype": None, "sparse": None, "ragged": None}),
    ("FullLike", same, "one value in the same shape", {"fill_value": ..., "dtype": None}),
    ("Square", counted, "x·x", {}),
    ("Sqrt", floating, "the square root", {}),
    ("Rsqrt", same, "1 over the square root", {}),
    ("Reciprocal", _FLOAT32, "1/x", {}),
    ("Exp", kept_float, "e to the power of x", {}),
    ("Exp2", kept_float, "2 to the power of x", {}),
    ("Expm1", kept_float, "e to the power of x, minus 1", {}),
    ("Log", floating, "the logarithm", {}),
    ("Log2", floating, "the logarithm to base 2", {}),
    ("Log10", floating, "the logarithm to base 10", {}),
    ("Log1p", floating, "the logarithm of 1 + x", {}),
    ("Sin", floating, "the sine", {}),
    ("Cos", floating, "the cosine", {}),
    ("Tan", floating, "the tangent", {}),
    ("Arcsin", floating, "the inverse sine", {}),
    ("Arccos", floating, "the inverse cosine", {}),
    ("Arctan", floating, "the inverse tangent", {}),
    ("Sinh", floating, "the hyperbolic sine", {}),
    ("Cosh", floating, "the hyperbolic cosine", {}),
    ("Tanh", floating, "the hyperbolic tangent", {}),
    ("Arcsinh", floating, "the inverse hyperbolic sine", {}),
    ("Arccosh", floating, "the inverse hyperbolic cosine", {}),
    ("Arctanh", floating, "the inverse hyperbolic tangent", {}),
    ("Erf", same, "the error function", {}),
    ("Erfc", floating, "1 minus the error function", {}),
    ("Erfinv", same, "the inverse error function", {}),
    ("Floor", floating, "rounded down", {}),
    ("Ceil", floating, "rounded up", {}),
    ("Trunc", same, "rounded towards zero", {}),
    ("Round", same, "rounded", {"decimals": 0}),
    ("Fabs", kept_float, "the distance from zero", {}),
    ("Cbrt", _cubed, "the cube root", {}),
    ("Deg2rad", _angle, "degrees as radians", {}),
    ("Rad2deg", _angle, "radians as degrees", {}),
    ("Sinc", floating, "the sine of πx over πx", {}),
    ("I0", _angle, "the Bessel function of order 0", {}),
    ("Real", same, "the real part", {}),
    ("Imag", same, "the imaginary part", {}),
    ("Angle", floating, "the angle of a complex number", {}),
    ("Conjugate", same, "the complex conjugate", {}),
    ("Conj", same, "the complex conjugate", {}),
    ("Signbit", boolean, "whether it is negative", {}),
    ("Isneginf", boolean, "whether it is minus infinity", {}),
    ("Isposinf", boolean, "whether it is infinity", {}),
    ("Isreal", boolean, "whether it is a real number", {}),
    ("OnesLike", same, "ones in the same shape", {"dtype": None}),
    ("ZerosLike", same, "zeros in the same shape", {"dtype": None}),
    ("EmptyLike", same, "values not set, in the same shape", {"dtype": None}),
    ("Clip", counted, "kept between two limits", {"x_min": ..., "x_max": ...}),
    ("NanToNum", same, "no number and infinity replaced", {"nan": 0.0, "posinf": None,
                                                           "neginf": None}),
    ("Isfinite", boolean, "whether it is finite", {}),
    ("Isinf", boolean, "whether it is infinite", {}),
    ("Isnan", boolean, "whether it is no number", {}),
    ("LogicalNot", boolean, "true for zero, false for the rest", {}),
    ("Relu", same, "relu: negative values become zero", {}),
    ("Relu6", same, "relu6: kept between 0 and 6", {}),
    ("LeakyRelu", same, "leaky_relu: negative values shrink", {"negative_slope": 0.2}),
    ("Elu", same, "elu", {"alpha": 1.0}),
    ("Celu", same, "celu", {"alpha": 1.0}),
    ("Selu", same, "selu", {}),
    ("Gelu", same, "gelu", {"approximate": True}),
    ("Silu", same, "silu: x times its sigmoid", {}),
    ("Sigmoid", same, "sigmoid: squeezed between 0 and 1", {}),
    ("LogSigmoid", same, "the logarithm of sigmoid", {}),
    ("HardSigmoid", same, "hard_sigmoid: a straight line between 0 and 1", {}),
    ("HardSilu", same, "hard_silu: x times its hard_sigmoid", {}),
    ("HardTanh", same, "hard_tanh: kept between -1 and 1", {}),
    ("HardShrink", same, "hard_shrink: small values become zero", {"threshold": 0.5}),
    ("SoftShrink", same, "soft_shrink: moved towards zero", {"threshold": 0.5}),
    ("TanhShrink", same, "x minus its tanh", {}),
    ("Softplus", same, "softplus: a smooth relu", {}),
    ("Softsign", same, "softsign: x/(1 + |x|)", {}),
    ("SparsePlus", same, "sparse_plus: a smooth relu that reaches zero", {}),
    ("SparseSigmoid", same, "sparse_sigmoid: squeezed between 0 and 1", {}),
    ("Squareplus", same, "squareplus: a smooth relu", {"b": 4}),
    ("Threshold", same, "small values replaced", {"threshold": ..., "default_value": ...}),
    ("Copy", same, "copied", {}),
    ("StopGradient", same, "passed on, but not trained through", {}),
]  # fmt: skip
"""Every operation that keeps the shape: its name, dtype rule, what it does, and its options."""

_BINARY: list[tuple[str, Rule, str]] = [
    ("Add", promote, "the sum"),
    ("Subtract", promote, "the difference"),
    ("Multiply", promote, "the product"),
    ("Divide", floating, "the quotient"),
    ("TrueDivide", floating, "the quotient"),
    ("DivideNoNan", floating, "the quotient, 0 for a divisor of 0"),
    ("FloorDivide", promote, "the quotient, rounded down"),
    ("Mod", lambda *dtypes: counted(promote(*dtypes)), "the remainder"),
    ("Power", promote, "the power"),
    ("Maximum", promote, "the greater"),
    ("Minimum", promote, "the smaller"),
    ("Logaddexp", floating, "the logarithm of the sum of powers of e"),
    ("Logaddexp2", floating, "the logarithm to base 2 of the sum of powers of 2"),
    ("Fmax", promote, "the greater, but no number only of two"),
    ("Fmin", promote, "the smaller, but no number only of two"),
    ("Fmod", lambda *dtypes: counted(promote(*dtypes)), "the remainder, with the first's sign"),
    ("Equal", boolean, "whether equal"),
    ("NotEqual", boolean, "whether different"),
    ("Greater", boolean, "whether greater"),
    ("GreaterEqual", boolean, "whether greater or equal"),
    ("Less", boolean, "whether less"),
    ("LessEqual", boolean, "whether less or equal"),
    ("LogicalAnd", boolean, "whether both are true"),
    ("LogicalOr", boolean, "whether one is true"),
    ("LogicalXor", boolean, "whether just one is true"),
]
"""Every operation on two operands: its name, dtype rule, and what it gives."""

_HOMES = {
    "core": "ConvertToTensor StopGradient",
    "math": "Rsqrt Erf Erfc Erfinv Logsumexp",
    "nn": "Relu Relu6 LeakyRelu Elu Celu Selu Gelu Silu Sigmoid LogSigmoid HardSigmoid HardSilu "
    "HardTanh HardShrink SoftShrink TanhShrink Softplus Softsign SparsePlus SparseSigmoid "
    "Squareplus Threshold Softmax LogSoftmax Sparsemax",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}
"""The modules of Keras that hold operations of the tables, where that is not `numpy`."""

_CLOSE = {"rtol": 1e-5, "atol": 1e-8, "equal_nan": False}
"""The options of the only one that has some."""


def wide(dtype: str) -> str:
    """Return the dtype of a sum: 32 bits at least."""
    settled = promote(dtype)
    small = {"bool": "int32", "int8": "int32", "int16": "int32"}
    return small.get(settled, "uint32" if settled in {"uint8", "uint16"} else settled)


def wide_product(dtype: str) -> str:
    """Return the dtype of a product: as for a sum, but 64 bits stay."""
    return dtype if dtype.endswith("64") else wide(dtype)


_REDUCING: list[tuple[str, Rule, str]] = [
    ("Sum", wide, "the sum"),
    ("Mean", kept_float, "the mean"),
    ("Max", same, "the greatest"),
    ("Min", same, "the smallest"),
    ("Amax", same, "the greatest"),
    ("Amin", same, "the smallest"),
    ("Prod", wide_product, "the product"),
    ("Any", boolean, "whether any is true"),
    ("All", boolean, "whether all are true"),
    ("Var", floating, "the variance"),
    ("Std", kept_float, "the standard deviation"),
    ("Median", floating, "the median"),
    ("Ptp", same, "the greatest less the smallest"),
    ("Nansum", wide, "the sum of what is a number"),
    ("Nanmean", floating, "the mean of what is a number"),
    ("Nanmax", promote, "the greatest of what is a number"),
    ("Nanmin", promote, "the smallest of what is a number"),
    ("Nanprod", wide_product, "the product of what is a number"),
    ("Nanvar", floating, "the variance of what is a number"),
    ("Nanstd", floating, "the standard deviation of what is a number"),
    ("Nanmedian", floating, "the median of what is a number"),
]
"""Every operation that reduces axes to one value: its name, dtype rule, and what it gives."""

_MORE: dict[str, dict[str, Any]] = {
    "Max": {"initial": None},
    "Min": {"initial": None},
    "Prod": {"dtype": None},
}
"""Further options of these."""


def reduced_shape(x: Shape, gone: Sequence[int], *, keepdims: bool) -> Shape:
    """Return a shape without axes; the rule of `keras.src.ops.operation_utils.reduce_shape`."""
    if keepdims:
        return tuple(1 if i in gone else n for i, n in enumerate(x))
    return tuple(n for i, n in enumerate(x) if i not in gone)


def all_along(x: Shape, gone: Sequence[int]) -> str:
    """Say which values of a shape become one."""
    return f"the {by(x[i] for i in gone)} values along {_axes(gone)}" if gone else "one value"


class Reducing(Operation, abstract=True):
    """An operation that makes one value of all along some axes."""

    axis: Dim | tuple[Dim, ...] | None = field(
        ANY_AXES, default=None, doc="The axes that go; all of them by default, the batch too."
    )
    keepdims: bool = field(Bool(), default=False, doc="Keep these axes, with a size of 1.")

    def reduced(self, x: Shape) -> list[int]:
        """Return the axes that go."""
        return list(range(len(x))) if self.axis is None else self.axes_of(self.axis, len(x))

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return reduced_shape(x, self.reduced(x), keepdims=self.keepdims)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"{self.does} of {all_along(x, self.reduced(x))}: {_text(x)} → {_text(y)}; no params"


class AlongOne(Reducing, abstract=True):
    """An operation that makes one value of all along one axis, or of all at once."""

    axis: Dim | None = field(Maybe(AXIS), default=None, doc="The axis; by default, all as one row.")


class Softmaxing(Operation, abstract=True):
    """An operation that compares the values along an axis and keeps the shape."""

    axis: Dim = field(AXIS, default=-1, doc="The axis along which values are compared.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        self.axes_of(self.axis, len(x))
        return x

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        (axis,) = self.axes_of(self.axis, len(x))
        return (
            f"{self.does} over the {plural(x[axis], 'value')} along axis {axis}; "
            f"{shape_text(x)} unchanged, no params"
        )


class Cast(Unary, registered="ops.Cast"):
    """Turn the values into another dtype."""

    home = "core"

    dtype: str = field(Choice(*t.INPUT_DTYPES, kind="dtype"), doc="The dtype of the output.")

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"every value as {self.dtype}; {_text(x)} unchanged, no params"


class Where(Operands, registered="ops.Where"):
    """Choose each value from one of two, as a condition says."""

    inputs = (1, 3)
    operands = ("condition", "x1", "x2")
    does = "the second where the first is true, else the third"

    condition: float | None = constant("the condition")
    x1: float | None = constant("what stands where it is true")
    x2: float | None = constant("what stands where it is false")

    @staticmethod
    def dtypes(*dtypes: str) -> str:
        """The condition's dtype takes no part."""
        return promote(*dtypes[1:])


def _text(x: Shape) -> str:
    return shape_text(x) if x else "one value"


def _axes(axes: Sequence[int]) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else f"the axes {', '.join(map(str, axes))}"


def make(
    base: type[Operation], name: str, rule: Rule, does: str, module: str = __name__, **body: Any
) -> None:
    """Make and register an operation of a table.

    Args:
        base: What it is.
        name: What Keras calls it.
        rule: The rule for the output's dtype.
        does: What it does, for the explanation.
        module: The module whose table it stands in.
        body: What else its class has.
    """
    doc = f"{does[0].upper()}{does[1:]}."
    full = f"ops.{name}"
    body |= {"__doc__": doc, "__module__": module, "does": does, "dtypes": staticmethod(rule)}
    body.setdefault("home", _HOME_OF.get(name, base.home))
    type(full, (base,), body, registered=full)


def _fields(defaults: dict[str, Any]) -> dict[str, Any]:
    """Return options with these defaults, `...` for one that must be given."""
    return {
        name: field(
            _OPTIONS[name][0],
            default=REQUIRED if default is ... else default,
            doc=_OPTIONS[name][1],
        )
        for name, default in defaults.items()
    }


for _name, _rule, _does, _options in _UNARY:
    _of_call = ("fill_value",) if "fill_value" in _options else ()
    make(Unary, _name, _rule, _does, of_call=_of_call, **_fields(_options))
for _name, _rule, _does in _BINARY:
    make(Binary, _name, _rule, _does)
make(
    Binary, "Isclose", boolean, "whether nearly equal", of_call=("rtol", "atol"), **_fields(_CLOSE)
)
for _name, _rule, _does in _REDUCING:
    make(Reducing, _name, _rule, _does, **_fields(_MORE.get(_name, {})))
for _name, _rule, _does in (
    ("Argmax", index, "the place of the greatest"),
    ("Argmin", index, "the place of the smallest"),
    ("Nanargmax", index, "the place of the greatest number"),
    ("Nanargmin", index, "the place of the smallest number"),
    ("Logsumexp", _FLOAT32, "the logarithm of the sum of powers of e"),
):
    make(AlongOne, _name, _rule, _does)
for _name, _does in (
    ("Softmax", "softmax: shares that sum to 1"),
    ("LogSoftmax", "the logarithm of softmax"),
    ("Sparsemax", "sparsemax: shares that sum to 1, many of them 0"),
):
    make(Softmaxing, _name, same, _does)
