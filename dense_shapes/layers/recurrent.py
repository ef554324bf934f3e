"""Recurrent layers: they read a sequence step by step and carry a state along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, is_open, symbols_of
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Weight
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Choice, Either
from dense_shapes.layers.masks import TAKES_MASK, need_mask_of_steps
from dense_shapes.layers.nesting import LayersOption, Nesting
from dense_shapes.layers.recurrent_cells import (
    GRUStep,
    LSTMStep,
    Stepwise,
    UnitsStep,
    made_of,
)
from dense_shapes.layers.recurrent_stack import (
    CELLS,
    StackedRNNCells,
    need_cell,
    numbered,
    step_of,
)
from dense_shapes.layers.text import Shape, count, plural, snake_case

_CUDNN = Either(t.BOOL, Choice("auto"))
_CUDNN_DOC = "Whether to use cuDNN's kernel; auto: where it can be used."


class Recurrent(Stepwise, abstract=True):
    """A layer that reads a sequence step by step and carries a state along.

    Its inputs are the sequence and, where they are given, the states that it starts from.
    """

    input_names = ("initial_state",)
    listed = False
    call_arguments = (*TAKES_MASK, "initial_state")

    return_sequences: bool = field(
        t.BOOL, default=False, doc="Return the output of every step, not of the last one only."
    )
    return_state: bool = field(
        t.BOOL, default=False, doc="Return the last state too, as further outputs."
    )
    go_backwards: bool = field(
        t.BOOL, default=False, doc="Read the sequence backwards, and return it reversed."
    )
    stateful: bool = field(
        t.BOOL, default=False, doc="Start each batch from the last states of the batch before."
    )
    unroll: bool = field(
        t.BOOL, default=False, doc="Lay the loop over the steps out: faster, but takes more memory."
    )
    zero_output_for_mask: bool = field(
        t.BOOL, default=False, doc="Return zeros for masked steps, not the output before them."
    )

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return 1 + self.states if self.return_state else 1

    def cell_name(self) -> str:
        """Return the name of the cell that owns the weights in Keras."""
        return f"{snake_case(type(self).__name__)}_cell"

    def numbered(self, x: list[Shape], seen: dict[str, int]) -> Iterator[Weight]:
        """Yield its weights with the cells that own them in their names.

        Args:
            x: The input shapes.
            seen: How many cells of each name there have been already; is added to.
        """
        from copy import copy  # noqa: PLC0415 - few models need it, and it is slow to import

        for weight in self.owned(x):
            own = copy(weight)
            own.name = f"{self.cell_name()}/{weight.name}"
            yield own

    def need_sequence(self, x: Shape) -> None:
        """Demand a sequence whose steps the layer can read.

        Raises:
            ShapeError: It has another number of axes.
        """
        self.need_rank(x, 3, "(batch, steps, features)")

    def need_batch(self, batch: Dim) -> None:
        """Demand a known batch size of a stateful layer.

        Raises:
            ShapeError: It is left open.
        """
        if self.stateful and ("batch" in symbols_of(batch) or is_open(batch)):
            raise ShapeError(
                f"a stateful {type(self).__name__} keeps a state for each example of the batch, "
                "whose size is left open",
                field="stateful",
                help="give the batch a size or a name, such as `batch_size: 32`",
                code="DS202",
            )

    def output(self, x: list[Shape]) -> Shape | list[Shape]:
        """See `Layer.output`."""
        sequence, *given = x
        self.need_sequence(sequence)
        self.need_batch(sequence[0])
        need_mask_of_steps(self, sequence)
        y, states = self.once(one_step(sequence))
        self.need_states(given, states)
        if self.return_sequences:
            y = (y[0], sequence[1], *y[1:])
        return [y, *states] if self.return_state else y

    def returned_text(self) -> str:
        """Write which outputs it returns."""
        what = "every step's output" if self.return_sequences else "the last step's output"
        states = "state" if self.states == 1 else f"{self.states} states"
        return f"returns {what}" + (f" and the last {states}" if self.return_state else "")

    def macs(self, x: list[Shape], y: Any) -> Dim:
        """See `Layer.macs`: those of one step, at every step."""
        return x[0][1] * self.once_macs(one_step(x[0]))

    def params_text(self, x: list[Shape]) -> str:
        """See `Layer.params_text`."""
        return made_of(self, self.terms(one_step(x[0])), x)

    def at_each(self) -> str:
        """Write what goes from step to step, where it is another layer."""
        return ""

    def explain(self, x: list[Shape], y: Any) -> str:
        """See `Layer.explain`."""
        back = ", the last one first" if self.go_backwards else ""
        return (
            f"{type(self).__name__} over {plural(x[0][1], 'step')}{back}{self.at_each()}: "
            f"{self.once_text(one_step(x[0]))}; {self.returned_text()}; {self.params_text(x)}"
        )

    def steps(self, x: list[Shape], y: Any) -> Iterator[str]:
        """See `Layer.steps`."""
        yield from self.once_steps(one_step(x[0]))
        yield (
            f"at each of {plural(x[0][1], 'step')}: {count(self.macs(x, y))} multiply-accumulates"
        )


class SimpleRNN(UnitsStep, Recurrent):
    """Read a sequence step by step, feeding each output back with the next step."""

    inputs = (1, 2)


class LSTM(LSTMStep, Recurrent):
    """Read a sequence with a long-term and a short-term memory, kept by learned gates."""

    inputs = (1, 3)

    use_cudnn: bool | str = field(_CUDNN, default="auto", doc=_CUDNN_DOC)


class GRU(GRUStep, Recurrent):
    """Read a sequence with one memory that learned gates update and reset."""

    inputs = (1, 2)

    use_cudnn: bool | str = field(_CUDNN, default="auto", doc=_CUDNN_DOC)


class RNN(Nesting, Recurrent, first=("cell",)):
    """Read a sequence step by step with a cell, or with several on top of each other."""

    inputs = (1, None)
    folded = 1

    cell: Any = field(
        LayersOption(CELLS, one=True),
        doc="What does each step: a cell such as LSTMCell, or a list of them, each of which "
        "reads what the one before gives out.",
    )
    stepper: Any
    """The cell that does each step: a stack where several are given."""

    def check(self) -> None:
        """See `Layer.check`."""
        cell = self.cell
        if isinstance(cell, tuple):
            for i, one in enumerate(cell):
                need_cell(one, "cell", (i,))
            cell = StackedRNNCells(cells=cell)
        need_cell(cell, "cell")
        self.stepper = cell
        if cell.loses_states():
            raise OptionError(
                "Keras takes the states of a cell that is alone in its stack out of their list, "
                "and cannot go on with more than one state",
                field="cell",
                help="give the cell itself, not in a list",
            )
        if self.return_state and cell.depth > 2:
            raise OptionError(
                "Keras cannot return the states of stacks inside a stack",
                field="return_state",
                help="put all cells in one list, or leave out return_state",
            )

    @property
    def states(self) -> int:
        """See `Stepwise.states`."""
        return int(self.stepper.states)

    @property
    def groups(self) -> int:
        """See `Stepwise.groups`."""
        return int(self.stepper.groups)

    def once(self, step: Shape) -> tuple[Shape, list[Shape]]:
        """See `Stepwise.once`."""
        return step_of(self, "cell", self.stepper, step)

    def weights(self, x: list[Shape]) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield from self.wrapped(self.stepper, [one_step(x[0])])

    def numbered(self, x: list[Shape], seen: dict[str, int]) -> Iterator[Weight]:
        """See `Recurrent.numbered`."""
        yield from numbered(self, self.stepper, one_step(x[0]), seen)

    def once_macs(self, step: Shape) -> Dim:
        """See `Stepwise.once_macs`."""
        macs: Dim = self.stepper.once_macs(step)
        return macs

    def once_text(self, step: Shape) -> str:
        """See `Stepwise.once_text`."""
        return str(self.stepper.once_text(step))

    def at_each(self) -> str:
        """See `Recurrent.at_each`."""
        many = isinstance(self.stepper, StackedRNNCells)
        what = plural(self.groups, "cell") if many else type(self.stepper).__name__
        return f", {what} at each"

    def once_steps(self, step: Shape) -> Iterator[str]:
        """See `Stepwise.once_steps`."""
        yield from self.stepper.once_steps(step)

    def terms(self, step: Shape) -> str:
        """See `Stepwise.terms`."""
        return str(self.stepper.terms(step))


def one_step(sequence: Shape) -> Shape:
    """Return the shape of one step of a sequence."""
    return (sequence[0], *sequence[2:])
