"""Layers of Keras 1 and 2 that Keras 3 has no equal of: saved models hold them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from dense_shapes.dims import Dim, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.activations import PReLU
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.conv import Filtered
from dense_shapes.layers.errors import ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.operation import kept_float
from dense_shapes.layers.ops import Reducing
from dense_shapes.layers.recurrent import GRU, LSTM
from dense_shapes.layers.spatial import then
from dense_shapes.layers.text import Shape, plural, window
from dense_shapes.layers.text import shape as shape_text


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


class LocallyConnected(Filtered, abstract=True):
    """A window that slides over the positions, with filters of its own at each of them."""

    implementation: int = field(
        t.POSITIVE, default=1, doc="How the kernel is kept: 1 by place, 2 whole, 3 without zeros."
    )

    def places(self, x: Shape) -> tuple[Dim, ...]:
        """Return the sizes of the output's positions, which must be known."""
        places = self.slide(x, self.split(x)[0])
        for size_ in places:
            self.fixed(size_, "the number of positions")
        return places

    def kernel(self, x: Shape) -> Weight:
        """See `BaseConv.kernel`."""
        positions, channels = self.split(x)
        places = self.places(x)
        if self.implementation == 2:
            inside, outside = (*positions, channels), (*places, self.filters)
            if self.data_format == "channels_first":
                inside, outside = (channels, *positions), (self.filters, *places)
            return Weight("kernel", (*inside, *outside))
        if self.implementation == 3 and self.padding == "same":
            return Weight("kernel", (self._connections(x, places) * channels * self.filters,))
        taps = prod(self.kernel_size) * channels
        if self.implementation == 3:
            return Weight("kernel", (prod(places) * taps * self.filters,))
        return Weight("kernel", (prod(places), taps, self.filters))

    def _connections(self, x: Shape, places: tuple[Dim, ...]) -> Dim:
        """Return how many pairs of places of the input and the output lie in one window."""
        total: Dim = 1
        for n, out, k, s in zip(
            self.split(x)[0], places, self.kernel_size, self.strides, strict=True
        ):
            if not (isinstance(n, int) and isinstance(out, int)):
                raise ShapeError(f"{type(self).__name__} needs to know the number of positions")
            if not (isinstance(k, int) and isinstance(s, int)):
                raise ShapeError(f"{type(self).__name__} needs to know its window")
            # `conv_connected_inputs` of tf_keras: a window around each place, cut at the edges.
            pairs = 0
            for place in range(out):
                middle, left = place * s, k // 2
                begin, end = max(0, middle - left), min(n, middle + k - left)
                pairs += end - begin
            total = total * pairs
        return total

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield self.kernel(x)
        if self.use_bias:
            yield Weight("bias", self.join(x, self.places(x), self.filters)[1:])

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`."""
        channels = self.split(x)[1]
        return prod(self.places(x)) * prod(self.kernel_size) * channels * self.filters

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"{window(self.kernel_size)} over {plural(self.split(x)[1], 'channel')}, "
            f"{plural(self.filters, 'filter')} of its own at each position, {self.slide_text(x)}; "
            f"{self.params_text(x)}{then(self.activation)}"
        )


class LocallyConnected1D(LocallyConnected, rank=1, abstract=True):
    """Filters along a sequence, others at each step."""


class LocallyConnected2D(LocallyConnected, rank=2, abstract=True):
    """Filters over an image, others at each position."""


class MaxoutDense(Layer, abstract=True):
    """Several matrices side by side, of whose products the greatest counts."""

    units: Dim = field(t.POSITIVE, doc="Size of the output's last axis.")
    nb_feature: Dim = field(t.POSITIVE, default=4, doc="How many matrices.")
    use_bias: bool = field(t.BOOL, default=True, doc="Add one learned offset per output.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        self.fixed(x[-1], "the size of the last axis")
        return (*x[:-1], self.units)

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield Weight("W", (self.nb_feature, x[-1], self.units))
        if self.use_bias:
            yield Weight("b", (self.nb_feature, self.units))

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`."""
        return prod(y[1:]) * x[-1] * self.nb_feature

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"the greatest of {plural(self.nb_feature, 'product')} with matrices: "
            f"{shape_text(x)} → {shape_text(y)}; {self.params_text(x)}"
        )


class Highway(Layer, abstract=True):
    """A dense layer, and a gate that chooses between its output and its input."""

    activation: str | None = field(t.ACTIVATION, default=None, doc="The dense layer's function.")
    use_bias: bool = field(t.BOOL, default=True, doc="Add learned offsets.")

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        self.fixed(x[-1], "the size of the last axis")
        return x

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        for name in ("W", "W_carry"):
            yield Weight(name, (x[-1], x[-1]))
        if self.use_bias:
            for name in ("b", "b_carry"):
                yield Weight(name, (x[-1],))

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`."""
        return prod(x[1:]) * x[-1] * 2

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"a matrix and a gate by another one, shape {shape_text(x)} unchanged; "
            f"{self.params_text(x)}"
        )


class _Curves(PReLU, abstract=True):
    """An activation whose curve is learned, for each value or for those that share it."""

    numbers: ClassVar[tuple[str, ...]]

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        (one,) = super().weights(x)
        for name in self.numbers:
            yield Weight(name, one.shape)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        return (
            f"every value by a learned curve of {len(self.numbers)} numbers; shape unchanged, "
            f"{self.params_text(x)}"
        )


class SReLU(_Curves, abstract=True):
    """An S of three learned straight lines."""

    numbers = ("t_left", "a_left", "t_right", "a_right")


class ParametricSoftplus(_Curves, abstract=True):
    """A softplus of learned height and slope."""

    numbers = ("alpha", "beta")


class Norm(Reducing, abstract=True):
    """The length of vectors along some axes, which TensorFlow's `norm` gives."""

    does = "the length"
    dtypes = staticmethod(kept_float)


LEGACY = {
    cls.__name__: cls
    for cls in (
        *(CuDNNGRU, CuDNNLSTM, Highway, LocallyConnected1D, LocallyConnected2D, MaxoutDense),
        *(Norm, ParametricSoftplus, SReLU),
    )
}
"""These layers by the names that files have for them."""
