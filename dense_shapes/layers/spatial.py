"""What all layers over positions share: the axes, sliding windows, activations on the output."""

from __future__ import annotations

from collections.abc import Iterator

from dense_shapes.dims import Dim, at_least, ceil_div, divides, exact_div, floor_div
from dense_shapes.layers import types as t
from dense_shapes.layers.base import AXIS_NAMES, Layer
from dense_shapes.layers.fields import field
from dense_shapes.layers.text import Shape, size, times
from dense_shapes.layers.text import shape as shape_text


class Spatial(Layer, abstract=True):
    """A layer over positions (steps, an image, a volume) that each hold channels."""

    data_format: str | None = field(
        t.DATA_FORMAT,
        default=None,
        doc="Where the channels stand: channels_last (the default) or channels_first.",
    )

    @property
    def channels_first(self) -> bool:
        """Whether the channel axis comes before the positional axes."""
        return self.data_format == "channels_first"

    def split(self, x: Shape) -> tuple[Shape, Dim]:
        """Return the positional sizes of an input and its channels.

        Raises:
            ShapeError: The input has not `rank` positional axes.
        """
        names = AXIS_NAMES[self.rank]
        order = ("channels", *names) if self.channels_first else (*names, "channels")
        self.need_rank(x, self.rank + 2, f"(batch, {', '.join(order)})")
        return (x[2:], x[1]) if self.channels_first else (x[1:-1], x[-1])

    def join(self, x: Shape, positions: Shape, channels: Dim) -> Shape:
        """Return the shape with the batch of `x` and these positions and channels."""
        if self.channels_first:
            return (x[0], channels, *positions)
        return (x[0], *positions, channels)


class Windowed(Spatial, abstract=True):
    """A layer that slides a window over the positions."""

    strides: tuple[Dim, ...] | None
    padding: str

    def window(self) -> tuple[tuple[Dim, ...], tuple[Dim, ...], tuple[Dim, ...]]:
        """Return the window's sizes, strides and dilation, one for each positional axis."""
        raise NotImplementedError

    size_field = "kernel_size"

    def slide(self, x: Shape, positions: Shape) -> Shape:
        """Return how many places the window takes on each axis.

        The formulas are those of `keras.src.ops.operation_utils.compute_conv_output_shape`.

        Raises:
            ShapeError: The window does not fit on an axis, without padding.
        """
        sizes, strides, dilation = self.window()
        if self.padding != "valid":
            return tuple(ceil_div(n, s) for n, s in zip(positions, strides, strict=True))
        out = []
        for n, k, s, d in zip(positions, sizes, strides, dilation, strict=True):
            reach = (k - 1) * d + 1
            self.require(
                at_least(n - reach, 0),
                f"{type(self).__name__}'s window reaches over {size(reach)} positions, "
                f"more than the {size(n)} of its input {shape_text(x)}",
                field=self.size_field,
                help=self._window_help(x),
            )
            out.append(floor_div(n - reach, s) + 1)
        return tuple(out)

    def _window_help(self, x: Shape) -> str:
        if self.rank > 1 and not self.channels_first and x[1] in {1, 3} and x[-1] == x[-2] != x[1]:
            return "if the channels come first, as they seem to, say data_format: channels_first"
        return "use a smaller window, padding: same, or fewer downsampling layers before"

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        before, _ = self.split(x)
        after = self.slide(x, before)
        sizes, strides, dilation = self.window()
        names = AXIS_NAMES[self.rank]
        for name, n, k, s, d, m in zip(names, before, sizes, strides, dilation, after, strict=True):
            if self.padding != "valid":
                made = f"ceil({times(n)}/{times(s)}) = {size(m)}"
                yield f"{name}: padded, one place every {size(s)}: {made}"
            else:
                reach = (k - 1) * d + 1
                wide = f"reach ({size(k)} - 1)·{size(d)} + 1 = {size(reach)}; " if d != 1 else ""
                yield f"{name}: {wide}floor(({size(n)} - {size(reach)})/{times(s)}) + 1 = {size(m)}"


def activated(layer: Layer, activation: str | None, y: Shape) -> Shape:
    """Return the shape after an activation: `glu` halves the last axis, all others keep it.

    Keras infers no change for `glu`; a real call halves.

    Raises:
        ShapeError: `glu` on an axis of odd size.
    """
    if activation != "glu":
        return y
    layer.require(
        divides(2, y[-1]),
        f"glu splits the last axis into two halves, but {size(y[-1])} is odd",
        field="activation",
        help="make the last axis even: an even number of units or filters",
    )
    return (*y[:-1], exact_div(y[-1], 2))


def then(activation: str | None) -> str:
    """Write the activation at the end of an explanation."""
    return "" if activation in {None, "linear"} else f"; then {activation}"
