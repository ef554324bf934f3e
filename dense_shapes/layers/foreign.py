"""Layers of foreign code: a function, or a model of another framework, which is never run."""

from __future__ import annotations

from typing import Any, ClassVar

from dense_shapes.dims import Dim
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import Type, field
from dense_shapes.layers.kinds import Kept, Maybe
from dense_shapes.layers.masks import TAKES_MASK
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape
from dense_shapes.layers.text import shape as shape_text

CODE = Maybe(Kept("code, which is kept as it is and not run"))
VALUES = Maybe(Kept("values, which are kept as they are"))
_SHAPE = ListOf(Maybe(Int(1)))
_SHAPES = ListOf(_SHAPE)


class _Told(Type):
    """The shape of the output, those of several outputs, or code that tells it."""

    integers = True

    def read(self, value: Any, layer: Layer) -> Any:
        """Return a tuple of sizes, a tuple of such tuples, or the code."""
        if isinstance(value, dict):
            return value
        several = isinstance(value, list | tuple) and isinstance((*value, None)[0], list | tuple)
        return _SHAPES.read(value, layer) if several else _SHAPE.read(value, layer)

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return f"{_SHAPE.describe(rank)}, or a list of such lists"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"anyOf": [_SHAPE.schema(rank), _SHAPES.schema(rank), {"type": "object"}]}


TOLD = Maybe(_Told())


class Foreign(Layer, abstract=True):
    """A layer whose output only its code knows, unless the shape is given.

    Attributes:
        owns: What is said of its parameters.
        shown: The options in the example on its page, `output_shape` among them.
    """

    shown: ClassVar[dict[str, Any]] = {}
    inputs = (1, None)
    measured = False
    owns: ClassVar[str] = "how many params it owns is not known"

    output_shape: Any = field(
        TOLD,
        default=None,
        doc="The shape of the output without the batch, or a list of several outputs' shapes.",
    )

    @property
    def counted(self) -> bool:
        """See `Layer.counted`: its code may make any weights."""
        return False

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return len(self.output_shape) if self._several else 1

    @property
    def _several(self) -> bool:
        told = self.output_shape
        return isinstance(told, tuple) and isinstance((*told, None)[0], tuple)

    def shapes(self) -> list[tuple[Dim | None, ...]]:
        """Return the outputs' shapes as they are given.

        Raises:
            ShapeError: They are not: the output's shape cannot be known.
        """
        told = self.output_shape
        if not isinstance(told, tuple):
            why = "is code" if told is None else "is told by code, too"
            raise ShapeError(
                f"the output shape of {type(self).__name__} cannot be known: it {why}, "
                "which is not run",
                field=None if told is None else "output_shape",
                help="give it `output_shape`: the sizes without the batch",
                code="DS204",
            )
        return list(told) if self._several else [told]

    def filled(self, batch: Dim, sizes: tuple[Dim | None, ...]) -> Shape:
        """Return a given shape with the batch in front.

        Raises:
            ShapeError: A size is null, so that it cannot be known.
        """
        return (batch, *self.numbers(sizes))

    def numbers(self, sizes: tuple[Dim | None, ...]) -> Shape:
        """Return the sizes, none of which may be null.

        Raises:
            ShapeError: One of them is.
        """
        out = tuple(n for n in sizes if n is not None)
        if len(out) < len(sizes):
            raise ShapeError(
                f"the output shape of {type(self).__name__} cannot be known: "
                f"size {sizes.index(None) + 1} of output_shape is null",
                field="output_shape",
                help="write a number, a name of the input shape, or an expression",
                code="DS204",
            )
        return out

    def output(self, x: list[Shape]) -> Shape | list[Shape]:
        """See `Layer.output`: the batch is that of the first input."""
        outputs = [self.filled(x[0][0], sizes) for sizes in self.shapes()]
        return outputs if len(outputs) > 1 else outputs[0]

    def explain(self, x: list[Shape], y: Shape | list[Shape]) -> str:
        """See `Layer.explain`."""
        given = ", ".join(map(shape_text, x))
        made = ", ".join(map(shape_text, y if isinstance(y, list) else [y]))
        return f"foreign code, not run; its output_shape says {given} → {made}; {self.owns}"


class Lambda(Foreign, first=("function", "output_shape")):
    """Apply a function of the user's own, of which only the output's shape is known, if given."""

    call_arguments = TAKES_MASK

    shown: ClassVar[dict[str, Any]] = {"output_shape": [64]}

    owns = "no params"

    # Keras requires it; a spec has no code to give.
    function: Any = field(CODE, default=None, doc="The function; it is not run.")
    mask: Any = field(CODE, default=None, doc="The mask, or a function that makes it.")
    arguments: Any = field(VALUES, default=None, doc="Further arguments of the function.")

    @property
    def counted(self) -> bool:
        """See `Layer.counted`: a Lambda owns no weights."""
        return True


class JaxLayer(Foreign, first=("call_fn", "init_fn")):
    """Apply a function written for JAX."""

    shown: ClassVar[dict[str, Any]] = {"call_fn": "my_function", "output_shape": [64]}

    call_fn: Any = field(Kept("code, which is kept as it is and not run"), doc="The function.")
    init_fn: Any = field(CODE, default=None, doc="The function that makes its weights.")
    params: Any = field(VALUES, default=None, doc="The trained weights.")
    state: Any = field(VALUES, default=None, doc="The weights that are not trained.")
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")
    native_serialization_platforms: Any = field(
        VALUES, default=None, doc="What it is compiled for, in TensorFlow."
    )


class FlaxLayer(Foreign, first=("module", "method")):
    """Apply a module written for Flax."""

    shown: ClassVar[dict[str, Any]] = {"module": "my_module", "output_shape": [64]}

    module: Any = field(Kept("a module, which is kept as it is and not run"), doc="The module.")
    method: Any = field(
        CODE, default=None, doc="The method that is called; by default its `__call__`."
    )
    variables: Any = field(VALUES, default=None, doc="The weights.")
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed.")
    native_serialization_platforms: Any = field(
        VALUES, default=None, doc="What it is compiled for, in TensorFlow."
    )


class TorchModuleWrapper(Foreign, first=("module", "output_shape")):
    """Apply a module written for PyTorch."""

    call_arguments = TAKES_MASK

    shown: ClassVar[dict[str, Any]] = {"module": "my_module", "output_shape": [None, 64]}

    module: Any = field(Kept("a module, which is kept as it is and not run"), doc="The module.")
    output_shape: Any = field(
        TOLD,
        default=None,
        doc="The shape of the output, the batch in front (null), or a list of several.",
    )

    def check(self) -> None:
        """See `Layer.check`."""
        if self.output_shape == ():
            raise OptionError("expected the batch axis first, found []", field="output_shape")

    def filled(self, batch: Dim, sizes: tuple[Dim | None, ...]) -> Shape:
        """See `Foreign.filled`: Keras has the batch in the shape."""
        first, *rest = sizes
        return (batch if first is None else first, *self.numbers(tuple(rest)))


class TFSMLayer(
    Foreign, first=("filepath", "call_endpoint"), without=("autocast", "activity_regularizer")
):
    """Apply a model that TensorFlow saved."""

    call_arguments = TAKES_MASK

    shown: ClassVar[dict[str, Any]] = {"filepath": "saved_model", "output_shape": [64]}

    filepath: Any = field(
        Kept("a path, of which nothing is read", str), doc="The folder of the saved model."
    )
    call_endpoint: Any = field(
        Kept("a name", str), default="serve", doc="Which of its functions is called."
    )
    call_training_endpoint: Any = field(
        Maybe(Kept("a name", str)), default=None, doc="Which one is called in training."
    )
