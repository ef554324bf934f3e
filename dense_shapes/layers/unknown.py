"""Layers that the registry does not hold, taken at their word."""

from __future__ import annotations

from collections.abc import Iterator

from dense_shapes.dims import Dim
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Maybe
from dense_shapes.layers.masks import TAKES_MASK
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, count
from dense_shapes.layers.text import shape as shape_text


class TakenAtWord(Layer, abstract=True):
    """A layer of an unknown type whose output shape, and params, the spec gives itself."""

    inputs = (1, None)
    call_arguments = TAKES_MASK
    alone = True

    output_shape: tuple[Dim | None, ...] = field(
        ListOf(Maybe(Int(1))), doc="The output's shape, the batch axis first (null)."
    )
    params: Dim | None = field(
        Maybe(Int(0)), default=None, doc="How many parameters it owns; unknown if not given."
    )

    dtype: str | None = field(t.ANY_POLICY, default=None, doc="The dtype of its output.")

    measured = False
    teach = "add `params:` to it"
    """What to do where its parameters are not known."""

    @property
    def counted(self) -> bool:
        """See `Layer.counted`."""
        return self.params is not None

    def check(self) -> None:
        """See `Layer.check`."""
        for i, n in enumerate(self.output_shape):
            if n is None and i:
                raise OptionError(
                    "only the batch axis, the first, can be null here",
                    field="output_shape",
                    path=(i,),
                    help="write a number, a name of the input shape, or an expression",
                )
        if not self.output_shape:
            raise OptionError("expected the batch axis first, found []", field="output_shape")

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        batch = self.output_shape[0]
        if type(batch) is int and not any(shape and type(shape[0]) is int for shape in x):
            # Where the batch is fixed, a layer may well change it.
            sizes = ", ".join(["null", *map(str, self.output_shape)])
            raise ShapeError(
                f"the first size is the batch, which is open: expected null, found {batch}",
                field="output_shape",
                path=(0,),
                help=f"write [{sizes}] if these are the sizes of one example; a batch of "
                "fixed size is given by `batch_size`",
            )
        return (
            x[0][0] if batch is None else batch,
            *(n for n in self.output_shape[1:] if n is not None),
        )

    def weights(self, x: list[Shape]) -> Iterator[Weight]:
        """See `Layer.weights`."""
        if self.params is not None and self.params != 0:
            yield Weight("params", (self.params,), ("parameter",))

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        given = ", ".join(shape_text(shape) for shape in x)
        owns = "how many params is not said"
        if self.params is not None:
            owns = f"{count(self.params)} params"
        return f"an unknown layer, taken at its word: {given} → {shape_text(y)}; {owns}"
