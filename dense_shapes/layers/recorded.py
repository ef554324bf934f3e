"""Layers of saved models that no rule describes: what the file, or the user, says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dense_shapes.dims import Dim, equal
from dense_shapes.layers.base import Layer, is_float
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.masks import TAKES_MASK
from dense_shapes.layers.text import Shape, plural, size
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.layers.text import shapes as shapes_text

RecordedShape = tuple[int | None, ...]
"""A shape as a file has it: sizes that it leaves open are None."""


_LONGEST = 100
"""A longer text, such as compiled code, is kept as a digest: nobody reads it."""


class Recorded(Layer, abstract=True):
    """A layer that is not known, with the output shapes that its file records."""

    inputs = (0, None)
    call_arguments = TAKES_MASK
    measured = False
    teach = "--plugin MODULE can teach the class, with its weights"
    """What to do, since its parameters are not known."""

    def __init__(
        self,
        kind: str,
        shapes: Sequence[RecordedShape | None],
        takes: list[RecordedShape | None],
        name_open: Callable[[RecordedShape], Shape],
        *,
        why: str,
        help_: str | None,
        weightless: bool = False,
        config: Mapping[str, Any],
    ) -> None:
        """Make the layer of what its file records.

        Args:
            kind: What it is called.
            shapes: The shape of each output; None where it is not recorded.
            takes: The shape of each input, for which the others were recorded; None if not known.
            name_open: Names the sizes of an output that are left open.
            why: Why it is not known, as the beginning of a sentence.
            help_: What to do where the output is not recorded.
            weightless: Whether it is sure to own no weights.
            config: The options that the file has, as plain data.
        """
        super().__init__()
        self.kind = kind
        self.shapes = shapes
        self.takes = takes
        self.weightless = weightless
        self.others = {
            key: _short(value) for key, value in config.items() if not _is_default(key, value)
        }
        self.teach = help_ or self.teach
        self._why = why
        self._help = help_
        self._name_open = name_open
        self._named: list[Shape | None] | None = None

    @property
    def counted(self) -> bool:
        """See `Layer.counted`."""
        return self.weightless

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return len(self.shapes)

    def output(self, x: list[Shape]) -> Any:
        """Return what is recorded; of several outputs, None for one that is not.

        Raises:
            ShapeError: Nothing is recorded, or only for another input.
        """
        if not any(shape is not None for shape in self.shapes):
            raise self.not_recorded([])
        for given, recorded in zip(x, self.takes, strict=False):
            if recorded is not None and not agrees(given, recorded, sure=True):
                raise ShapeError(
                    f"what {self.kind} makes of {shape_text(given)} is not known: the file records "
                    f"its output for {recorded_text(recorded)} only",
                    help="teach it with --plugin, or keep the recorded input shape",
                    code="DS204",
                )
        if self._named is None:
            self._named = [s if s is None else self._name_open(s) for s in self.shapes]
        batch = x[0][0] if x and x[0] else None
        y = [
            (batch, *named[1:])
            if named and recorded and recorded[0] is None and batch is not None
            else named
            for recorded, named in zip(self.shapes, self._named, strict=True)
        ]
        return y if len(y) != 1 else y[0]

    def not_recorded(self, outputs: Sequence[int]) -> ShapeError:
        """Return the error about outputs that are used and not recorded; of none, about all."""
        what = " and ".join(f"output {k}" for k in outputs)
        return ShapeError(
            f"{self._why}, and the file does not record its {what or 'output'}",
            help=self._help,
            code="DS204",
        )

    def explain(self, x: list[Shape], y: Any) -> str:
        """See `Layer.explain`."""
        given = shapes_text(x) or "nothing"
        owns = "no params" if self.weightless else "how many params it owns is not known"
        return (
            f"{self.kind} is not known here; the file records its output: "
            f"{given} → {shapes_text(y if isinstance(y, list) else [y])}; {owns}"
        )


class SameShape(Layer, abstract=True):
    """What keeps its input's shape: a Lambda of which the user says so, or a known function.

    Attributes:
        what: What it is, as the beginning of a sentence.
    """

    inputs = (1, None)
    call_arguments = TAKES_MASK
    keeps_dtype = True

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`; of several inputs, the first."""
        return x[0]

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        return f"{self.what} keeps the shape {shape_text(y)}; no params"


class InnerInput(Layer, abstract=True):
    """Where a nested model begins: what it is called on takes the place of its own input.

    Attributes:
        declared: The shape that the nested model was made for.
        strict: Whether what comes in must agree with it.
    """

    keeps_dtype = True

    def __init__(self, declared: RecordedShape | None, dtype: str | None, *, strict: bool) -> None:
        super().__init__()
        self.declared = declared
        self.dtype = dtype
        self.strict = strict

    def output(self, x: Shape) -> Shape:
        """Return what comes in, with a last axis of 1 added or taken away as Keras does.

        Raises:
            ShapeError: It is not what the model was made for.
        """
        declared = self.declared
        if declared is None:
            return x
        if len(x) == len(declared) + 1 and x[-1] == 1:
            return x[:-1]
        if len(x) == len(declared) - 1 and declared[-1] == 1:
            return (*x, 1)
        text = f"this nested model was made for {recorded_text(declared)}, found {shape_text(x)}"
        if len(x) != len(declared):
            raise ShapeError(text)
        if self.strict:
            for axis, (n, m) in enumerate(zip(x, declared, strict=True)):
                if axis and m is not None:
                    self.require(equal(n, m), text)
        return x

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`: what comes in is cast to the dtype of the model's input."""
        return self.dtype or (dtype if is_float(dtype) else "float32")

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        fitted = f", a last axis of 1 {'added' if len(y) > len(x) else 'taken away'}"
        return f"what the nested model is called on: {shape_text(y)}" + (
            "" if len(x) == len(y) else fitted
        )


class EachStep(Layer, abstract=True):
    """Lay the steps of a sequence into the batch, so that a model is applied at each of them."""

    keeps_dtype = True

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        if len(x) < 3:
            raise ShapeError(
                "TimeDistributed needs an input of 3 axes or more (batch, steps, …), "
                f"found {shape_text(x)} with {len(x)}",
                rank=3,
            )
        return (x[0] * x[1], *x[2:])

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return f"each of the {plural(x[1], 'step')} is an example of its own: {shape_text(y)}"


class AllSteps(Layer, abstract=True):
    """Put the steps of a sequence together again; the second input has them."""

    inputs = (2, 2)
    keeps_dtype = True

    def output(self, x: list[Shape]) -> Shape:
        """See `Layer.output`."""
        made, whole = x
        return (*whole[:2], *made[1:])

    def explain(self, x: list[Shape], y: Shape) -> str:
        """See `Layer.explain`."""
        return f"the {plural(x[1][1], 'step')} together again: {shape_text(y)}; no params"


def agrees(given: Shape, recorded: RecordedShape, *, sure: bool = False) -> bool:
    """Tell whether a shape may be the one that a file records, the batch aside.

    Args:
        given: The shape.
        recorded: The one of the file, whose open sizes agree with any.
        sure: Whether sizes that are not yet numbers agree with open ones only.
    """
    if len(given) != len(recorded):
        return False
    if given[1:] == recorded[1:]:
        return True
    return all(
        m is None or axis == 0 or n == m or not (sure or type(n) is int)
        for axis, (n, m) in enumerate(zip(given, recorded, strict=True))
    )


def recorded_text(shape: RecordedShape) -> str:
    """Write a recorded shape as Keras does: `(None, 32, 32, 3)`."""
    sizes: list[Dim | str] = ["None" if n is None else size(n) for n in shape]
    return f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"


def _is_default(key: str, value: Any) -> bool:
    """Tell whether an option says nothing: the name stands elsewhere, the others are usual."""
    if key == "dtype" and isinstance(value, dict) and isinstance(value.get("config"), dict):
        value = value["config"].get("name")
    usual = {"trainable": True, "dtype": "float32"}.get(key)
    return key == "name" or value is None or value == usual


def _short(value: Any) -> Any:
    """Return an option with digests in the place of long texts."""
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    if not isinstance(value, str) or len(value) <= _LONGEST:
        return value
    from hashlib import sha256  # noqa: PLC0415 - few layers have such texts

    digest = sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{len(value):,} characters, sha256 {digest[:16]}"
