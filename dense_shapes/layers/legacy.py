"""Layers of Keras 1 and 2 that Keras 3 has no equal of: saved models hold them."""

from __future__ import annotations

from collections.abc import Iterator

from dense_shapes.layers.base import Weight
from dense_shapes.layers.recurrent import GRU, LSTM
from dense_shapes.layers.text import Shape


def _in_one_row(weights: Iterator[Weight]) -> Iterator[Weight]:
    """Yield weights with the two biases of cuDNN end to end, as its layers keep them."""
    for weight in weights:
        if weight.name == "bias":
            yield Weight("bias", (2 * weight.shape[-1],), weight.axes[-1:])
        else:
            yield weight


class CuDNNLSTM(LSTM, abstract=True):
    """An LSTM by cuDNN, which has two biases."""

    def biases(self) -> int:
        """See `UnitsRecurrent.biases`."""
        return 2

    def weights(self, x: list[Shape]) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield from _in_one_row(super().weights(x))


class CuDNNGRU(GRU, abstract=True):
    """A GRU by cuDNN, which has two biases."""

    def weights(self, x: list[Shape]) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield from _in_one_row(super().weights(x))


LEGACY = {cls.__name__: cls for cls in (CuDNNLSTM, CuDNNGRU)}
"""These layers by the names that files have for them."""
