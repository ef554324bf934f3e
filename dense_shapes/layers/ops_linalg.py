"""Operations of linear algebra: the bare functions of `keras.ops` that solve or take apart."""

from __future__ import annotations

from typing import Any, ClassVar

from dense_shapes.dims import Dim, equal
from dense_shapes.layers import types as t
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Bool, Choice, Maybe
from dense_shapes.layers.operation import Operands, Operation, array, index
from dense_shapes.layers.ops import make
from dense_shapes.layers.ops_pieces import lesser
from dense_shapes.layers.text import Shape
from dense_shapes.layers.text import shape as _text


class Matrices(Operation, abstract=True):
    """An operation on matrices, which are the last two axes.

    Attributes:
        square: Whether they must have as many rows as columns.
    """

    home = "linalg"
    square: ClassVar[bool] = False

    def parts(self, x: Shape) -> tuple[Shape, Dim, Dim]:
        """Return the axes before the matrices, their rows and their columns.

        Raises:
            ShapeError: There are less than two axes, or the matrices are not square.
        """
        if len(x) < 2:
            raise ShapeError(f"{type(self).__name__} needs matrices, found {_text(x)}")
        if self.square:
            message = f"{type(self).__name__} needs square matrices, found {_text(x)}"
            self.need_same(x[-2], x[-1], message)
        return x[:-2], x[-2], x[-1]

    def explain(self, x: Any, y: Any) -> str:
        """See `Layer.explain`."""
        made = ", ".join(map(_text, y)) if isinstance(y, list) else _text(y)
        return f"{self.does} of every matrix: {_text(x)} → {made}; no params"


class Same(Matrices, abstract=True):
    """An operation that makes a matrix of a square one."""

    square = True

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        self.parts(x)
        return x


class OneNumber(Matrices, abstract=True):
    """An operation that makes one number of a matrix."""

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        return self.parts(x)[0]


class OfSquare(OneNumber, abstract=True):
    """An operation that makes one number of a square matrix."""

    square = True


class Eigen(Matrices, abstract=True):
    """An operation that takes a square matrix apart: two outputs."""

    square = True

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return 2

    def output(self, x: Shape) -> list[Shape]:
        """See `Layer.output`."""
        self.parts(x)
        return [x[:-1], x]


for _base, _name, _does in (
    (Same, "Inv", "the inverse"),
    (OfSquare, "Det", "the determinant"),
    (Eigen, "Eig", "the eigenvalues and eigenvectors"),
    (Eigen, "Eigh", "the eigenvalues and eigenvectors, as of a symmetric one,"),
):
    make(_base, _name, lambda *dtypes: dtypes[0], _does, __name__)


class Cholesky(Same, registered="ops.Cholesky"):
    """Take the root of every matrix: a triangular one."""

    does = "the Cholesky root"

    upper: bool = field(Bool(), default=False, doc="Whether it is an upper triangle.")


class Logdet(OfSquare, registered="ops.Logdet"):
    """Take the logarithm of the determinant of every matrix."""

    home = "math"
    does = "the logarithm of the determinant"

    def need_same(self, n: Dim, m: Dim, message: str) -> None:
        """See `Operation.need_same`: Keras leaves it to the call."""
        self.require(equal(n, m), message)


class Slogdet(Logdet, registered="ops.Slogdet"):
    """Take the sign and the logarithm of the determinant of every matrix: two outputs."""

    home = "numpy"
    does = "the sign and the logarithm of the determinant"

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return 2

    def output(self, x: Shape) -> list[Shape]:  # type: ignore[override]  # two of the same
        """See `Layer.output`; Keras infers one sign for all matrices."""
        return [super().output(x)] * 2


class MatrixRank(OneNumber, registered="ops.MatrixRank"):
    """Tell how many rows of every matrix are independent."""

    does = "the rank"
    dtypes = staticmethod(index)

    tol: float | None = field(Maybe(t.NUMBER), default=None, doc="What counts as zero.")


class Pinv(Matrices, registered="ops.Pinv"):
    """Take the pseudo-inverse of every matrix."""

    does = "the pseudo-inverse"

    rcond: float | None = field(Maybe(t.NUMBER), default=None, doc="What counts as zero.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        before, rows, columns = self.parts(x)
        return (*before, columns, rows)


class Factors(Matrices, abstract=True):
    """An operation that takes a matrix of known size apart."""

    def parts(self, x: Shape) -> tuple[Shape, Dim, Dim]:
        """See `Matrices.parts`."""
        before, rows, columns = super().parts(x)
        for n in (rows, columns):
            self.fixed(n, "the rows and the columns of its matrices")
        return before, rows, columns


class Qr(Factors, registered="ops.Qr"):
    """Take every matrix apart, into one of right angles and a triangle: two outputs."""

    does = "the factors Q and R"

    mode: str = field(
        Choice("reduced", "complete"), default="reduced", doc="Whether Q is square: complete."
    )

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return 2

    def output(self, x: Shape) -> list[Shape]:
        """See `Layer.output`."""
        before, rows, columns = self.parts(x)
        least = lesser(rows, columns) if self.mode == "reduced" else rows
        return [(*before, rows, least), (*before, least, columns)]


class SVD(Factors, registered="ops.SVD"):
    """Take every matrix apart, into turns and singular values: three outputs, or one."""

    does = "the singular values, with turns before and behind,"

    full_matrices: bool = field(Bool(), default=True, doc="Whether the turns are square.")
    compute_uv: bool = field(Bool(), default=True, doc="Whether to give the turns out too.")

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return 3 if self.compute_uv else 1

    def output(self, x: Shape) -> Shape | list[Shape]:
        """See `Layer.output`."""
        before, rows, columns = self.parts(x)
        least = lesser(rows, columns)
        values = (*before, least)
        if not self.compute_uv:
            return values
        left, right = (rows, columns) if self.full_matrices else (least, least)
        return [(*before, rows, left), values, (*before, right, columns)]


class Solving(Operands, abstract=True):
    """An operation that solves systems of equations, a matrix and its right sides."""

    home = "linalg"
    inputs = (1, 2)
    operands = ("a", "b")
    dtypes = staticmethod(lambda *dtypes: dtypes[-1])

    a: Any = array("the matrices")
    b: Any = array("the right sides")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`: right sides are columns, or where they have an axis less, one."""
        a, b = self.met(x)
        message = f"matrices {_text(a)} do not go with right sides {_text(b)}"
        if len(a) < 2 or len(b) not in (len(a), len(a) - 1):
            raise ShapeError(message)
        self.need_same(a[-2], a[-1], f"square matrices are needed, found {_text(a)}")
        if len(a) == len(b):
            self.need_same(a[-2], b[-2], message)
        for n, m in zip(a[:-1], b, strict=False):
            self.require(equal(n, m), message)
        return b

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        a, _ = self.met(x)
        return f"equations solved, {_text(a)} with right sides {_text(y)}; no params"


class Solve(Solving, registered="ops.Solve"):
    """Solve systems of equations."""


class SolveTriangular(Solving, registered="ops.SolveTriangular"):
    """Solve systems of equations whose matrices are triangles."""

    lower: bool = field(Bool(), default=False, doc="Whether they are lower triangles.")
