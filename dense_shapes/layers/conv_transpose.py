"""Transposed convolution layers."""

from __future__ import annotations

from collections.abc import Iterator

from dense_shapes.dims import Dim, at_least, dim_max, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.base import AXIS_NAMES, Weight
from dense_shapes.layers.conv import Filtered
from dense_shapes.layers.errors import OptionError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Choice, Maybe
from dense_shapes.layers.sizes import Sizes
from dense_shapes.layers.spatial import then
from dense_shapes.layers.text import Shape, by, each, plural, size, window
from dense_shapes.layers.text import shape as shape_text

_FIRST = (
    *("filters", "kernel_size", "strides", "padding", "output_padding"),
    *("data_format", "dilation_rate", "activation", "use_bias"),
    *("kernel_initializer", "kernel_regularizer", "kernel_constraint"),
)


class ConvTranspose(Filtered, abstract=True, first=_FIRST):
    """A convolution the other way round: every position writes a whole window."""

    strides: tuple[Dim, ...] = field(
        t.SIZES, default=1, doc="How many positions apart the windows are written."
    )
    padding: str = field(
        Choice("valid", "same", any_case=True),
        default="valid",
        doc="valid: all that the windows reach is kept; same: stride times as many positions.",
    )
    output_padding: tuple[Dim, ...] | None = field(
        Maybe(Sizes(0)),
        default=None,
        doc="Positions added at the end of each axis; by default as many as padding asks for.",
    )

    def check(self) -> None:
        """See `Layer.check`."""
        super().check()
        for pad, s in zip(self.output_padding or (), self.strides, strict=False):
            verdict = at_least(s - pad, 1)
            if verdict is False:
                raise OptionError(
                    f"output_padding {by(self.output_padding or ())} must be less than the "
                    f"strides {by(self.strides)}",
                    field="output_padding",
                    help="leave it out, or use larger strides",
                    code="DS110",
                )
            if verdict is not True and verdict not in self.demands:
                self.demands.append(verdict)

    def _axes(self) -> Iterator[tuple[Dim, Dim, Dim | None]]:
        """Yield the reach of the window, the stride and the output padding of each axis."""
        pads = self.output_padding or (None,) * self.rank
        sizes, strides, dilation = self.window()
        for k, s, d, pad in zip(sizes, strides, dilation, pads, strict=True):
            yield (k - 1) * d + 1, s, pad

    def _tail(self, reach: Dim, stride: Dim, pad: Dim | None) -> Dim:
        """Return how many positions the last window adds to those before it."""
        if self.padding == "valid":
            return dim_max(reach, stride) if pad is None else reach + pad
        return stride if pad is None else reach % 2 + pad

    def slide(self, x: Shape, positions: Shape) -> Shape:
        """Return the positions of the output.

        The formulas are those of
        `keras.src.backend.common.backend_utils.compute_conv_transpose_output_shape`.

        Raises:
            ShapeError: Nothing is left of an axis, with an even window and no output padding.
        """
        out = []
        for n, (reach, s, pad) in zip(positions, self._axes(), strict=True):
            made = (n - 1) * s + self._tail(reach, s, pad)
            self.require(
                at_least(made, 1),
                f"no positions are left of {shape_text(x)}: {self._formula(n, reach, s, pad)} = "
                f"{size(made)}",
                field="output_padding",
                help="use a larger output_padding, or leave it out",
            )
            out.append(made)
        return tuple(out)

    def _formula(self, n: Dim, reach: Dim, stride: Dim, pad: Dim | None) -> str:
        """Write how the positions of an axis are counted."""
        tail = self._tail(reach, stride, pad)
        if tail == stride:
            return f"{by((n,))}·{by((stride,))}"
        return f"({size(n)} - 1)·{by((stride,))} + {size(tail)}"

    def kernel(self, x: Shape) -> Weight:
        """See `BaseConv.kernel`."""
        taps = tuple(f"window {name}" for name in AXIS_NAMES[self.rank])
        return self.weight(
            "kernel",
            (*self.kernel_size, self.filters, self.split(x)[1]),
            (*taps, "filter", "input channel"),
            sign="*",
            summed=(self.rank + 1,),
        )

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`: every weight of the kernel works once for every input position."""
        return prod(self.split(x)[0]) * self.owned(x)[0].size

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        before, _ = self.split(x)
        after = self.slide(x, before)
        names = AXIS_NAMES[self.rank]
        for name, n, axis, m in zip(names, before, self._axes(), after, strict=True):
            yield f"{name}: windows every {size(axis[1])}: {self._formula(n, *axis)} = {size(m)}"

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        padded = ""
        if self.output_padding is not None:
            padded = f"output padding {each(self.output_padding)}, "
        return (
            f"every position writes a {window(self.kernel_size)} from its "
            f"{plural(self.split(x)[1], 'channel')}, {plural(self.filters, 'filter')}, "
            f"{padded}{self.slide_text(x)}; {self.params_text(x)}{then(self.activation)}"
        )


class Conv1DTranspose(ConvTranspose, rank=1, aliases=("Convolution1DTranspose",)):
    """Lengthen a sequence: learned windows written one after another and added up."""


class Conv2DTranspose(ConvTranspose, rank=2, aliases=("Convolution2DTranspose",)):
    """Enlarge an image: learned windows written side by side and added up."""


class Conv3DTranspose(ConvTranspose, rank=3, aliases=("Convolution3DTranspose",)):
    """Enlarge a volume: learned windows written side by side and added up."""
