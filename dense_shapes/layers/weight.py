"""The arrays of numbers that layers own."""

from __future__ import annotations

from dense_shapes.dims import prod
from dense_shapes.layers.text import Shape


class Weight:
    """One array of numbers that a layer owns.

    Attributes:
        name: Keras's name for it.
        shape: Its sizes.
        axes: What each axis stands for, in a reader's words; by default its number.
        size: How many numbers it holds.
        trainable: Whether training changes it; a frozen layer overrides this.
        dtype: Its dtype, or None for the layer's own.
        sign: How it enters the layer's equation: "·" is a matrix product, "*" a convolution, "×"
            multiplies entry by entry, "+" adds, "" takes no part.
        summed: The axes that are summed over, so that they are gone from the output.
    """

    __slots__ = ("axes", "dtype", "name", "shape", "sign", "size", "summed", "trainable")

    def __init__(
        self,
        name: str,
        shape: Shape,
        axes: tuple[str, ...] = (),
        *,
        trainable: bool = True,
        dtype: str | None = None,
        sign: str = "",
        summed: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.shape = shape
        self.axes = axes or tuple(f"axis {i}" for i in range(len(shape)))
        self.trainable = trainable
        self.dtype = dtype
        self.sign = sign
        self.summed = summed
        self.size = prod(shape)
