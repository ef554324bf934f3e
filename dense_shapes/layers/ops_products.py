"""Operations that multiply matrices: the bare functions of `keras.ops` that cost MACs."""

from __future__ import annotations

import re
from typing import Any

from dense_shapes.dims import BATCH, Dim, equal, prod
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import Type, field, show
from dense_shapes.layers.operation import Operation, Pair
from dense_shapes.layers.promotion import promote
from dense_shapes.layers.text import Shape, size
from dense_shapes.layers.text import shape as _text


def _eight(*dtypes: str) -> str:
    """Products of int8 alone are summed in int32."""
    return "int32" if set(dtypes) == {"int8"} else promote(*dtypes)


class Matmul(Pair, registered="ops.Matmul"):
    """Multiply two matrices, or two stacks of them."""

    dtypes = staticmethod(_eight)

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`; the rule of `compute_matmul_output_shape` in Keras."""
        a, b = self.met(x)
        if not a or not b:
            raise ShapeError("a product of matrices needs an axis in both")
        rows = (1, *a) if len(a) == 1 else a
        columns = (*b, 1) if len(b) == 1 else b
        inner(self, a, b, rows[-1], columns[-2])
        return (
            *self.broadcast(rows[:-2], columns[:-2]),
            *rows[-2:-1][: len(a) - 1],
            *columns[-1:][: len(b) - 1],
        )

    def macs(self, x: list[Shape], y: Shape) -> Dim:
        """See `Layer.macs`."""
        return prod(y[1:]) * self.met(x)[0][-1]

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        a, b = self.met(x)
        return (
            f"a product of matrices: {_text(a)}·{_text(b)} → {_text(y)}, "
            f"{size(a[-1])} products summed for each value; no params"
        )


class Dot(Pair, registered="ops.Dot"):
    """Multiply and sum over the last axis of one input and the last but one of the other."""

    dtypes = staticmethod(promote)

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        a, b = self.met(x)
        if not a or not b:
            return a or b
        at = max(len(b) - 2, 0)
        if len(b) == 1 and (a[-1] == BATCH) != (b[0] == BATCH):
            raise ShapeError(
                f"Keras compares {size(a[-1])} with the batch before it is known: "
                f"{_text(a)} and {_text(b)}",
                help="give the batch a size or a name, such as `batch_size: 32`",
                code="DS202",
            )
        inner(self, a, b, a[-1], b[at])
        return (*a[:-1], *b[:at], *b[at + 1 :])

    def macs(self, x: list[Shape], y: Shape) -> Dim:
        """See `Layer.macs`."""
        a, b = self.met(x)
        return prod(y[1:]) * a[-1] if a and b else 0

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        a, b = self.met(x)
        return f"a dot product: {_text(a)}·{_text(b)} → {_text(y)}; no params"


def inner(layer: Operation, a: Shape, b: Shape, n: Dim, m: Dim) -> None:
    """Demand that the sizes that are summed over are the same.

    Raises:
        ShapeError: They differ.
    """
    layer.require(
        equal(n, m),
        f"{_text(a)} and {_text(b)} cannot be multiplied: {size(n)} and {size(m)} must be equal",
        help="swap the axes of one of them before, with ops.Swapaxes or a Permute",
    )


def divided(subscripts: str) -> tuple[list[str], str]:
    """Return the letters of each input, and of the output: by default those that stand once."""
    left, arrow, right = subscripts.partition("->")
    if not arrow:
        once = sorted(letter for letter in left if letter.isalpha() and left.count(letter) == 1)
        right = "..." * ("..." in left) + "".join(once)
    return left.split(","), right


class _Subscripts(Type):
    """Letters for the axes of each input, and of the output: `bij,bjk->bik`."""

    letters = re.compile(r"[A-Za-z]*(\.\.\.)?[A-Za-z]*")

    def read(self, value: Any, layer: Any) -> str:
        """Return the text."""
        if not isinstance(value, str):
            raise self.refuse(value, layer)
        parts, right = divided(value)
        letters = right.replace(".", "")
        if not (
            all(self.letters.fullmatch(part) for part in (*parts, right))
            and len(set(letters)) == len(letters)
            and set(right) <= set("".join(parts))
        ):
            raise self.refuse(value, layer)
        # Keras repeats values along an axis that an input has not only for small letters.
        if any(n.isupper() and not all(n in part for part in parts) for n in letters):
            raise OptionError(
                f"Keras takes capitals only where all inputs have them, found {show(value)}",
                help=f"write small letters: {value.lower()}",
            )
        return value

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return "letters for the axes, such as 'bij,bjk->bik'"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"type": "string"}


class Einsum(Operation, registered="ops.Einsum"):
    """Multiply inputs along axes with the same letter, and sum over those not in the output."""

    inputs = (1, None)
    dtypes = staticmethod(_eight)

    subscripts: str = field(
        _Subscripts(), doc="Letters for the axes of each input, and of the output."
    )

    def _sizes(self, x: list[Shape]) -> tuple[dict[str, Dim], str, Shape]:
        """Return the size of each letter, the output's letters, and what `...` stands for.

        Raises:
            ShapeError: An input has not as many axes as letters, or sizes that differ.
        """
        parts, right = divided(self.subscripts)
        if len(parts) != len(x):
            raise ShapeError(
                f"{show(self.subscripts)} is for {len(parts)} inputs, found {len(x)}",
                field="subscripts",
            )
        sizes: dict[str, Dim] = {}
        between: Shape = ()
        for part, shape in zip(parts, x, strict=True):
            before, dots, after = part.partition("...")
            rest = len(shape) - len(before) - len(after)
            if rest < 0 or (rest and not dots):
                raise ShapeError(
                    f"{part!r} has {len(before + after)} letters for the {len(shape)} axes of "
                    f"{_text(shape)}",
                    field="subscripts",
                )
            between = self.broadcast(between, shape[len(before) : len(before) + rest])
            own: dict[str, Dim] = {}
            ends = (*shape[: len(before)], *shape[len(before) + rest :])
            for letter, n in zip(before + after, ends, strict=True):
                self.require(
                    equal(own.setdefault(letter, n), n),
                    f"{letter!r} stands twice in {part!r}, for {size(own[letter])} and {size(n)}",
                    field="subscripts",
                )
            for letter, n in own.items():
                known = sizes.get(letter, n)
                sizes[letter] = self.broadcast((known,), (n,))[0]
        if between and "..." not in right:
            raise ShapeError(
                f"the axes of '...' are missing from the output of {show(self.subscripts)}",
                field="subscripts",
            )
        return sizes, right, between

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        sizes, right, between = self._sizes(x)
        before, dots, after = right.partition("...")
        middle = between if dots else ()
        return (*(sizes[a] for a in before), *middle, *(sizes[a] for a in after))

    def macs(self, x: list[Shape], y: Shape) -> Dim:
        """See `Layer.macs`: one for each choice of an index for every letter, one example."""
        if len(x) < 2:
            return 0
        sizes, right, _ = self._sizes(x)
        return prod(y[1:]) * prod(n for letter, n in sizes.items() if letter not in right)

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        sizes, right, _ = self._sizes(x)
        summed = ", ".join(f"{a} = {size(n)}" for a, n in sizes.items() if a not in right)
        over = f", summed over {summed}" if summed else ""
        made = " · ".join(map(_text, x))
        return f"einsum {self.subscripts}: {made} → {_text(y)}{over}; no params"
