"""Recurrent layers: those whose steps are convolutions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.base import AXIS_NAMES, Weight
from dense_shapes.layers.conv import WINDOW_OPTIONS, Sliding
from dense_shapes.layers.fields import field
from dense_shapes.layers.recurrent import Recurrent
from dense_shapes.layers.recurrent_cells import ORDER, ForgettingStep
from dense_shapes.layers.text import Shape, count, plural, size, times, window
from dense_shapes.layers.text import shape as shape_text


class ConvLSTM(
    ForgettingStep, Recurrent, Sliding, abstract=True, first=("filters", *WINDOW_OPTIONS, *ORDER)
):
    """An LSTM whose products are convolutions, so that its state has positions too."""

    inputs = (1, 3)
    # Keras makes its cell without telling it that it is frozen.
    freezes_inside = False

    filters: Dim = field(t.POSITIVE, doc="Number of filters: the channels of the output and state.")

    def check(self) -> None:
        """See `Layer.check`."""
        super().check()
        self.not_both()

    def cell_name(self) -> str:
        """See `Recurrent.cell_name`."""
        return "conv_lstm_cell"

    def need_sequence(self, x: Shape) -> None:
        """See `Recurrent.need_sequence`."""
        names = AXIS_NAMES[self.rank]
        order = ("channels", *names) if self.channels_first else (*names, "channels")
        self.need_rank(x, self.rank + 3, f"(batch, steps, {', '.join(order)})")

    def once(self, step: Shape) -> tuple[Shape, list[Shape]]:
        """See `Stepwise.once`: the first state has positions too, so that they must be known."""
        positions, channels = self.split(step)
        self.fixed(channels, "the number of channels")
        for n, name in zip(positions, AXIS_NAMES[self.rank], strict=True):
            self.fixed(n, f"the {name} of its input, to make its first state")
        state = self.join(step, self.slide(step, positions), self.filters)
        self.require(
            self.whole(state[-1]),
            f"glu halves the last axis of {shape_text(state)}, so that the state no longer fits",
            field=(self.halved() or ["activation"])[-1],
            help="choose another activation, such as tanh",
        )
        return state, [state, state]

    def weights(self, x: list[Shape]) -> Iterator[Weight]:
        """See `Layer.weights`."""
        channels = self.split((x[0][0], *x[0][2:]))[1]
        taps = tuple(f"window {name}" for name in AXIS_NAMES[self.rank])
        columns, column = self.filters * 4, "filter, 4 gates side by side"
        yield self.weight(
            "kernel", (*self.kernel_size, channels, columns), (*taps, "input channel", column)
        )
        yield self.weight(
            "recurrent_kernel",
            (*self.kernel_size, self.filters, columns),
            (*taps, "channel of the state", column),
            initializer="recurrent_initializer",
        )
        if self.use_bias:
            yield self.weight("bias", (columns,), (column,))

    def once_macs(self, step: Shape) -> Dim:
        """See `Stepwise.once_macs`: both kernels work at every place of the state."""
        positions, channels = self.split(step)
        places = prod(self.slide(step, positions))
        return places * prod(self.kernel_size) * (channels + self.filters) * self.filters * 4

    def terms(self, step: Shape) -> str:
        """See `Stepwise.terms`: the number for one gate, times four."""
        inputs = f"({size(self.split(step)[1])} + {size(self.filters)})"
        terms = f"{times(*self.kernel_size)}·{inputs}·{times(self.filters)}"
        return f"4·({terms} + {times(self.filters)})" if self.use_bias else f"4·{terms}"

    def once_text(self, step: Shape) -> str:
        """See `Stepwise.once_text`."""
        _, channels = self.split(step)
        offset = " plus a bias" if self.use_bias else ""
        return (
            f"4 gates, each a {window(self.kernel_size)} over {plural(channels, 'channel')} of "
            f"the input, {self.slide_text(step)}, and one over the {size(self.filters)} of the "
            f"state, padded, to {plural(self.filters, 'filter')}{offset}"
        )

    def once_steps(self, step: Shape) -> Iterator[str]:
        """See `Stepwise.once_steps`."""
        state, _ = self.once(step)
        yield from Sliding.steps(self, step, state)
        kernel, recurrent, *_ = (shape_text(w.shape) for w in self.weights([_unrolled(step)]))
        yield f"each step: its input {shape_text(step[1:])} under the kernel {kernel}"
        yield f"plus the state {shape_text(state[1:])} under the recurrent_kernel {recurrent}"
        places, taps = self.slide(step, self.split(step)[0]), prod(self.kernel_size)
        both = f"({size(self.split(step)[1])} + {size(self.filters)})"
        yield (
            f"{times(*places)} places · {size(taps)} of the window · {both} channels · "
            f"{size(self.filters * 4)} filters of 4 gates = {count(self.once_macs(step))} "
            "multiply-accumulates"
        )

    def steps(self, x: Any, y: Any) -> Iterator[str]:
        """See `Layer.steps`."""
        yield from Recurrent.steps(self, x, y)


class ConvLSTM1D(ConvLSTM, rank=1):
    """Read a sequence of sequences with an LSTM that slides filters along each."""


class ConvLSTM2D(ConvLSTM, rank=2):
    """Read a sequence of images with an LSTM that slides filters over each."""


class ConvLSTM3D(ConvLSTM, rank=3):
    """Read a sequence of volumes with an LSTM that slides filters through each."""


def _unrolled(step: Shape) -> Shape:
    """Return the shape of a sequence of one such step."""
    return (step[0], 1, *step[1:])
