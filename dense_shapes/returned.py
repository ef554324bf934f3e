"""Holds what the rules of a plugin's layer return to what was agreed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dense_shapes.diagnostics import shorten
from dense_shapes.dims import Expr, at_least
from dense_shapes.layers import Layer, Weight
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.plugins import PluginError

_SHAPE = "a tuple of sizes, each a whole number or an expression"


class WrongReturnError(TypeError):
    """A rule returned what it may not."""


def foreign_in(layer: Layer) -> Layer | None:
    """Return the layer itself, or the first one inside it, that is not of this package."""
    if layer.foreign:
        return layer
    if layer.nesting:
        for name in type(layer).fields:
            value = getattr(layer, name)
            for inner in value if isinstance(value, list | tuple) else [value]:
                found = foreign_in(inner) if isinstance(inner, Layer) else None
                if found is not None:
                    return found
    return None


def checks_of(layer: Layer) -> Checks | None:
    """Return what checks a layer's rules, or None where all of them are of this package."""
    return None if foreign_in(layer) is None else Checks(layer)


def blame(layer: Layer, path: str, error: Exception) -> None:
    """Blame what failed on the plugin's layer, if there is one.

    Args:
        layer: The layer whose rules failed.
        path: What it is called in the model.
        error: How they failed.

    Raises:
        PluginError: The layer, or one inside it, is a plugin's.
    """
    culprit = foreign_in(layer)
    if culprit is None:
        return
    how = str(error) if isinstance(error, WrongReturnError) else f"{type(error).__name__}: {error}"
    cls = type(culprit)
    raise PluginError(
        f"the layer {cls.__name__} of {cls.__module__} fails at {path!r}: {how}"
    ) from error


class Checks:
    """Checks what the rules of one layer return."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    def output(self, y: Any) -> None:
        """Check the shape of the output, or a list of several; the layer records what it demands.

        Raises:
            WrongReturnError: It is none.
            ShapeError: A size in it is below 1.
        """
        shapes = y if isinstance(y, list) else [y]
        if not shapes or not all(map(_is_shape, shapes)):
            raise _wrong("output", y, f"{_SHAPE}; of several outputs, a list of them")
        for shape in shapes:
            for n in shape:
                self.layer.require(
                    at_least(n, 1),
                    f"{type(self.layer).__name__} makes an output of {shape_text(shape)}, where a "
                    "size would be below 1",
                    help="give it a larger input, or options that take less away",
                )

    def dtypes(self, dtypes: Any) -> None:
        """Check the dtypes of the outputs.

        Raises:
            WrongReturnError: They are no list of texts.
        """
        if not isinstance(dtypes, list) or not all(isinstance(one, str) for one in dtypes):
            raise _wrong("output_dtypes", dtypes, "a list of texts such as 'float32'")

    def weights(self, weights: Iterable[Any]) -> None:
        """Check the weights.

        Raises:
            WrongReturnError: There is something else among them, or one has no shape.
        """
        for weight in weights:
            if not isinstance(weight, Weight):
                raise _wrong("weights", weight, "a Weight each time")
            sizes = weight.shape
            if not _is_shape(sizes) or any(at_least(n, 0) is False for n in sizes):
                raise _wrong("weights", sizes, f"for the shape of {weight.name!r} {_SHAPE}")

    def macs(self, macs: Any) -> None:
        """Check the multiply-accumulates.

        Raises:
            WrongReturnError: They are no whole number from 0 on, nor an expression.
        """
        if not _is_size(macs) or at_least(macs, 0) is False:
            raise _wrong("macs", macs, "a whole number from 0 on, or an expression")

    def texts(self, explanation: Any, operand: Any, steps: Iterable[Any]) -> None:
        """Check what `explain`, `operand` and `steps` say.

        Raises:
            WrongReturnError: Something is no text.
        """
        said = [
            ("explain", explanation),
            ("operand", operand),
            *(("steps", step) for step in steps),
        ]
        for rule, text in said:
            if not isinstance(text, str):
                raise _wrong(rule, text, "a text")


def _wrong(rule: str, found: Any, expected: str) -> WrongReturnError:
    return WrongReturnError(f"{rule} returned {shorten(repr(found))}, expected {expected}")


def _is_size(n: Any) -> bool:
    return type(n) is int or isinstance(n, Expr)


def _is_shape(shape: Any) -> bool:
    return isinstance(shape, tuple) and all(map(_is_size, shape))
