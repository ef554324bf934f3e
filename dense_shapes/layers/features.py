"""Feature layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import BATCH, Dim, equal, is_open
from dense_shapes.layers import types as t
from dense_shapes.layers.activations import axes_of
from dense_shapes.layers.base import Layer, Weight, is_float
from dense_shapes.layers.encoding import Encoding, Numbers, sizes_of
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field, show
from dense_shapes.layers.kinds import Choice, Either, Maybe, Text
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, by, count, plural, size, times
from dense_shapes.layers.text import shape as shape_text

SALT = Maybe(Either(Int(), ListOf(Int(), lambda rank: 2)))
"""What is mixed into a hash: one whole number, or two."""


class Normalization(Layer):
    """Shift and scale features by means and variances of the data, measured before training."""

    axis: Dim | tuple[Dim, ...] | None = field(
        Maybe(Either(Int(), ListOf(Int()))),
        default=-1,
        doc="The axes whose entries have a mean each; null for one mean of all values.",
    )
    mean: Any = field(
        Maybe(Numbers()), default=None, doc="The mean, or one for each entry; null to measure it."
    )
    variance: Any = field(
        Maybe(Numbers()), default=None, doc="The variance, in the same form as the mean."
    )
    invert: bool = field(t.BOOL, default=False, doc="Turn normalized values back.")

    def check(self) -> None:
        """See `Layer.check`."""
        given = (self.mean, self.variance)
        if None in given:
            if given != (None, None):
                missing = "variance" if self.variance is None else "mean"
                raise OptionError(
                    f"'mean' and 'variance' are given together or not at all; there is no "
                    f"{missing!r}",
                    field="mean" if missing == "variance" else "variance",
                    help=f"add {missing!r}, or leave both to be measured by adapt()",
                    code="DS110",
                )
            return
        sizes = sizes_of(self.mean)
        if sizes_of(self.variance) != sizes:
            raise OptionError(
                f"expected as many values as the mean has, {shape_text(sizes) or 'one'}, found "
                f"{shape_text(sizes_of(self.variance)) or 'one'}",
                field="variance",
            )
        axes = len(self.axis) if isinstance(self.axis, tuple) else int(self.axis is not None)
        if len(sizes) > axes:
            raise OptionError(
                f"its values have the shape {shape_text(sizes)}, and 'axis' names {axes} axes",
                field="mean",
                help="give one number, or name an axis for each size",
            )

    def _axes(self, x: Shape) -> list[int]:
        return [] if self.axis is None else axes_of(self, self.axis, x)

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        axes = self._axes(x)
        for a in axes:
            self.fixed(x[a], f"the size of axis {a}, whose entries have a mean each")
        sizes = sizes_of(self.mean)
        for n, a in zip(sizes[::-1], axes[::-1], strict=False):
            if n != 1:
                self.require(
                    equal(x[a], n),
                    f"{plural(n, 'mean')} do not fit axis {a} of {shape_text(x)}, "
                    f"of size {size(x[a])}",
                    field="mean",
                    help="give one number, or one for each entry of the axis",
                )
        return x

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`: what is given is no weight."""
        if self.mean is not None:
            return
        shape = tuple(x[a] for a in self._axes(x))
        axes = tuple(f"entry along axis {a}" for a in self._axes(x))
        yield Weight("mean", shape, axes, trainable=False)
        yield Weight("variance", shape, axes, trainable=False)
        yield Weight("count", (), (), trainable=False, dtype="int32")

    def params_text(self, x: Shape) -> str:
        """See `Layer.params_text`."""
        weights = self.owned(x)
        if not weights:
            return "no params"
        total = count(sum(w.size for w in weights))
        return f"{times(2, *weights[0].shape)} + 1 = {total} params (mean, variance, count)"

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        axes = self._axes(x)
        what = f"each of the {by([x[a] for a in axes])} entries along" if axes else ""
        along = f" {'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}"
        entries = f"{what}{along} has" if axes else "all values together have"
        how = "turned back by them" if self.invert else "shifted and scaled by them"
        source = "as given" if self.mean is not None else "measured by adapt(), never trained"
        return (
            f"{entries} a mean and a variance, {source}; values are {how}; "
            f"shape unchanged, {self.params_text(x)}"
        )


class Discretization(
    Encoding,
    first=("bin_boundaries", "num_bins", "epsilon"),
    without=("autocast", "activity_regularizer"),
):
    """Replace each value by the number of the range that it falls in."""

    bin_boundaries: tuple[float, ...] | None = field(
        Maybe(ListOf(t.NUMBER)), default=None, doc="Where one range ends and the next begins."
    )
    num_bins: Dim | None = field(
        Maybe(t.POSITIVE), default=None, doc="How many ranges adapt() is to make of the data."
    )
    epsilon: float = field(t.NUMBER, default=0.01, doc="How roughly adapt() may measure the data.")

    def check(self) -> None:
        """See `Layer.check`: a layer that was adapted has both options in its saved config."""
        super().check()
        if self.bin_boundaries is None:
            if self.num_bins is None:
                raise OptionError(
                    "missing option 'bin_boundaries' or 'num_bins': which ranges there are",
                    field="bin_boundaries",
                    help="list where ranges end, such as `bin_boundaries: [0, 10, 20]`",
                    code="DS104",
                )
            return
        for i, (low, high) in enumerate(
            zip(self.bin_boundaries, self.bin_boundaries[1:], strict=False), start=1
        ):
            if not low <= high:
                raise OptionError(
                    f"boundaries must rise, found {high:g} after {low:g}",
                    field="bin_boundaries",
                    path=(i,),
                )

    @property
    def bins(self) -> Dim:
        """How many ranges there are; those of an adapted layer are in its boundaries."""
        if self.bin_boundaries is not None:
            return len(self.bin_boundaries) + 1
        return 0 if self.num_bins is None else self.num_bins

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return self.encoded(x, self.bins)

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`."""
        return "int32" if self.mode == "int" else self.compute_dtype

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        bins = self.bins
        if self.bin_boundaries is not None:
            made = f"{plural(len(self.bin_boundaries), 'cut')} make {plural(bins, 'range')}"
        else:
            made = (
                f"{plural(bins, 'range')} as asked for: adapt() measures where they end, and may "
                "make another number of little data"
            )
        return f"{made}; {self.encoding_text(x, bins, 'range')}; no params"


class CategoryEncoding(Encoding, first=("num_tokens", "output_mode")):
    """Write whole numbers as rows with a 1, or a count, for each that occurs."""

    inputs = (1, 2)
    input_names = ("count_weights",)
    listed = False

    num_tokens: Dim | None = field(
        Maybe(t.POSITIVE), default=None, doc="How many different numbers there are (0 to n - 1)."
    )
    output_mode: str = field(
        Choice("multi_hot", "one_hot", "count", "binary"),
        default="multi_hot",
        doc="A row for each number, or one for all of an example; 'binary' is 'multi_hot'.",
    )

    def check(self) -> None:
        """See `Layer.check`."""
        if self.num_tokens is None:
            raise OptionError(
                "missing option 'num_tokens': how many different numbers there are",
                field="num_tokens",
                help="where that is not known beforehand, IntegerLookup finds it out",
                code="DS104",
            )

    @property
    def depth(self) -> Dim:
        """How long each row is."""
        return 0 if self.num_tokens is None else self.num_tokens

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        values, *weights = x
        for given in weights:
            if self.mode != "count":
                raise ShapeError(
                    f"count_weights are for output_mode 'count', found {self.output_mode!r}",
                    field="output_mode",
                )
            if len(given) != len(values):
                raise ShapeError(self._unweighed(values, given))
            for n, m in zip(values, given, strict=True):
                self.require(equal(n, m), self._unweighed(values, given))
        return self.encoded(values, self.depth)

    def _unweighed(self, values: Shape, weights: Shape) -> str:
        return (
            f"each value needs a weight: found values {shape_text(values)} and "
            f"count_weights {shape_text(weights)}"
        )

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`: a call gives that of variables, not the one it infers."""
        return self.variable_dtype

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        weighed = ", each value counted with its weight" if len(x) > 1 else ""
        return f"{self.encoding_text(x[0], self.depth, 'number')}{weighed}; no params"


class Hashed(Encoding, abstract=True):
    """A layer that puts values into bins by a hash, of which it keeps no record."""

    num_bins: Dim = field(t.POSITIVE, doc="How many bins there are.")

    @property
    def compute_dtype(self) -> str:
        """See `Layer.compute_dtype`: bins are numbered in int64, where no dtype is given."""
        if self.dtype is None and self.mode == "int":
            return "int64"
        return super().compute_dtype


class Hashing(Hashed, first=("num_bins", "mask_value", "salt", "output_mode", "sparse")):
    """Put each value into one of a fixed number of bins, by a hash."""

    mask_value: Any = field(
        Maybe(Either(t.NUMBER, Text())),
        default=None,
        doc="The value that stands for nothing, and alone goes to bin 0.",
    )
    salt: Any = field(SALT, default=None, doc="One or two numbers that change the hash.")

    def check(self) -> None:
        """See `Layer.check`."""
        super().check()
        if self.mode == "int" and self.dtype not in {None, "int32", "int64"}:
            raise OptionError(
                f"output_mode 'int' gives whole numbers: expected int32 or int64, "
                f"found {self.dtype!r}",
                field="dtype",
            )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if self.mask_value is not None and self.num_bins != 1:
            for dtype in self.input_dtypes:
                if (dtype == "string") != isinstance(self.mask_value, str):
                    raise ShapeError(
                        f"mask_value must be a value of the input, which is of {dtype}, "
                        f"found {show(self.mask_value)}",
                        field="mask_value",
                    )
        if self.mode == "one_hot" and len(x) > 2:
            x = self.rows(x)
        return self.encoded(x, self.num_bins)

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`."""
        return self.compute_dtype if self.mode == "int" else self.variable_dtype

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        bins = f"the hash of a value picks one of {plural(self.num_bins, 'bin')}"
        return f"{bins}; {self.encoding_text(x, self.num_bins, 'bin')}; no params"


def _unknown(n: Dim) -> bool:
    return n == BATCH or is_open(n)


class HashedCrossing(
    Hashed,
    first=("num_bins", "output_mode", "sparse"),
    without=("autocast", "activity_regularizer"),
):
    """Put each pair of two features into one of a fixed number of bins, by a hash."""

    inputs = (2, 2)

    output_mode: str = field(
        Choice("int", "one_hot"),
        default="int",
        doc="Give out the bin's number itself, or a row with a 1 at its place.",
    )

    def check(self) -> None:
        """See `Layer.check`: Keras lets 'sparse' stand beside output_mode 'int'."""

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        a, b = x
        if len(a) > 2 or len(a) != len(b):
            raise ShapeError(
                "HashedCrossing takes one value of each feature for an example, shapes such as "
                f"(None, 1) or (None,), the same for both; found {shape_text(a)} and "
                f"{shape_text(b)}"
            )
        for shape in x:
            if len(shape) == 2:
                self.require(
                    equal(shape[1], 1),
                    "HashedCrossing takes one value of each feature for an example, found "
                    f"{size(shape[1])} in {shape_text(shape)}",
                )
        if _unknown(a[-1]) != _unknown(b[-1]):
            raise ShapeError(
                "Keras compares the last axis of the two features before it is known: found "
                f"{shape_text(a)} and {shape_text(b)}",
                help="give both features the same shape",
                code="DS202",
            )
        self.require(
            equal(a[0], b[0]),
            f"HashedCrossing needs batches of one size, found {shape_text(a)} and {shape_text(b)}",
        )
        for dtype in self.input_dtypes:
            if is_float(dtype) or dtype == "bool":
                raise ShapeError(
                    f"HashedCrossing takes whole numbers or texts, found {dtype}",
                    help="give the input a dtype, such as `dtype: string` or `dtype: int64`",
                )
        if self.output_mode == "int":
            return a
        return self.encoded((a[0], 1) if len(a) == 2 else a, self.num_bins)

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        bins = f"the hash of a pair of values picks one of {plural(self.num_bins, 'bin')}"
        return f"{bins}; {self.encoding_text(x[0], self.num_bins, 'bin')}; no params"
