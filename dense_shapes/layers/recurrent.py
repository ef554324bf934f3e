"""Recurrent layers: they read a sequence step by step and carry a state along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from dense_shapes.dims import Dim, equal, is_open, symbols_of
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, Weight, snake_case
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Choice, Either
from dense_shapes.layers.text import Shape, count, plural, size, times
from dense_shapes.layers.text import shape as shape_text

_ORDER = """
units activation recurrent_activation use_bias
kernel_initializer recurrent_initializer bias_initializer unit_forget_bias
kernel_regularizer recurrent_regularizer bias_regularizer
kernel_constraint recurrent_constraint bias_constraint
dropout recurrent_dropout seed
return_sequences return_state go_backwards stateful unroll reset_after use_cudnn
"""


class Recurrent(Layer, abstract=True):
    """A layer that reads a sequence step by step and carries a state along.

    Its inputs are the sequence and, where they are given, the states that it starts from.

    Attributes:
        states: How many states it carries.
    """

    states: ClassVar[int] = 1
    input_names = ("initial_state",)
    call_arguments = (*Layer.call_arguments, "initial_state")

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

    def need_states(self, given: list[Shape], expected: Shape) -> None:
        """Demand that states are given for all that it carries or none, each of that shape.

        Raises:
            ShapeError: Another number of states, or one of another shape.
        """
        kind = type(self).__name__
        if given and len(given) != self.states:
            raise ShapeError(
                f"{kind} starts from {plural(self.states, 'state')}, found {len(given)}",
                help=f"give it the sequence alone, or with {plural(self.states, 'state')}",
            )
        for state in given:
            message = (
                f"a state that {kind} starts from must be {shape_text(expected)}, one value for "
                f"each example and unit, found {shape_text(state)}"
            )
            self.require(len(state) == len(expected), message)
            for found, needed in zip(state, expected, strict=True):
                self.require(equal(found, needed), message)

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

    def returned(self, x: Shape, step: Shape, states: list[Shape]) -> Shape | list[Shape]:
        """Return the outputs, given the shapes of one step's output and of the states."""
        y = (step[0], x[1], *step[1:]) if self.return_sequences else step
        return [y, *states] if self.return_state else y

    def returned_text(self) -> str:
        """Write which outputs it returns."""
        what = "every step's output" if self.return_sequences else "the last step's output"
        states = "state" if self.states == 1 else f"{self.states} states"
        return f"returns {what}" + (f" and the last {states}" if self.return_state else "")


class UnitsRecurrent(Recurrent, abstract=True, first=tuple(_ORDER.split())):
    """A recurrent layer whose step is a matrix product with the input and one with the state.

    Attributes:
        gates: How many such products stand side by side, the candidate's included.
        halvings: How many of its activations may halve the units (glu).
    """

    inputs = (1, 2)
    gates: ClassVar[int] = 1
    halvings: ClassVar[int] = 0

    units: Dim = field(t.POSITIVE, doc="Size of the output and of the state.")
    activation: str | None = field(
        t.ACTIVATION, default="tanh", doc="Function applied to the values of the new state."
    )
    use_bias: bool = field(t.BOOL, default=True, doc="Add learned offsets.")
    kernel_initializer: Any = field(
        t.INITIALIZER, default="glorot_uniform", doc="How the input's weights start."
    )
    recurrent_initializer: Any = field(
        t.INITIALIZER, default="orthogonal", doc="How the state's weights start."
    )
    bias_initializer: Any = field(t.INITIALIZER, default="zeros", doc="How the bias starts.")
    kernel_regularizer: Any = field(
        t.REGULARIZER, default=None, doc="A penalty on the input's weights."
    )
    recurrent_regularizer: Any = field(
        t.REGULARIZER, default=None, doc="A penalty on the state's weights."
    )
    bias_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on the bias.")
    kernel_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the input's weights after each update."
    )
    recurrent_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the state's weights after each update."
    )
    bias_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the bias after each update."
    )
    dropout: float = field(
        t.NUMBER, default=0.0, doc="The share of the input that is dropped in training, 0 to 1."
    )
    recurrent_dropout: float = field(
        t.NUMBER, default=0.0, doc="The share of the state that is dropped in training, 0 to 1."
    )
    seed: Dim | None = field(t.SEED, default=None, doc="The random seed of dropout.")

    def check(self) -> None:
        """See `Layer.check`: what glu makes of two units, one, spreads over both again."""
        names = ("activation", "recurrent_activation")
        halved = [name for name in names if getattr(self, name, None) == "glu"]
        if not halved:
            return
        verdict = len(halved) <= self.halvings and equal(self.units, 2)
        if verdict is False:
            raise OptionError(
                f"glu halves the {plural(self.units, 'unit')}, so that the state no longer fits",
                field=halved[-1],
                help="choose another activation, such as tanh",
            )
        if verdict is not True:
            self.demands.append(verdict)

    def output(self, x: list[Shape]) -> Shape | list[Shape]:
        """See `Layer.output`."""
        sequence, *given = x
        self.need_rank(sequence, 3, "(batch, steps, features)")
        batch, _, features = sequence
        self.fixed(features, "the number of features, the rows of its kernel")
        self.need_batch(batch)
        state = (batch, self.units)
        self.need_states(given, state)
        return self.returned(sequence, state, [state] * self.states)

    def biases(self) -> int:
        """Return how many biases each gate has."""
        return 1 if self.use_bias else 0

    def weights(self, x: list[Shape]) -> Iterator[Weight]:
        """See `Layer.weights`."""
        columns = self.units * self.gates
        column = "unit" if self.gates == 1 else f"unit, {self.gates} gates side by side"
        yield self.weight("kernel", (x[0][-1], columns), ("input feature", column))
        yield self.weight(
            "recurrent_kernel",
            (self.units, columns),
            ("unit of the state", column),
            initializer="recurrent_initializer",
        )
        if self.biases() == 1:
            yield self.weight("bias", (columns,), (column,))
        elif self.biases() == 2:
            yield self.weight("bias", (2, columns), ("input's or state's", column))

    def macs(self, x: list[Shape], y: Any) -> Dim:
        """See `Layer.macs`: at each step, every entry of both kernels works once."""
        _, steps, features = x[0]
        return steps * self.gates * self.units * (features + self.units)

    def params_text(self, x: list[Shape]) -> str:
        """See `Layer.params_text`: the number for one gate, times the gates."""
        inputs = f"({size(x[0][-1])} + {size(self.units)})"
        terms = f"{inputs}·{times(self.units)}"
        if self.use_bias:
            terms += f" + {times(self.units) if self.biases() == 1 else times(2, self.units)}"
        if self.gates > 1:
            terms = f"{self.gates}·({terms})" if self.use_bias else f"{self.gates}·{terms}"
        weights = self.owned(x)
        total = count(sum(w.size for w in weights))
        return f"{terms} = {total} params{self.trained_text(weights)}"

    def explain(self, x: list[Shape], y: Any) -> str:
        """See `Layer.explain`."""
        _, steps, features = x[0]
        back = ", the last one first" if self.go_backwards else ""
        gates = f"{self.gates} gates, each " if self.gates > 1 else ""
        offset = ("", " plus a bias", " plus two biases")[self.biases()]
        return (
            f"{type(self).__name__} over {plural(steps, 'step')}{back}: {gates}"
            f"({size(features)} + {size(self.units)}) inputs to "
            f"{plural(self.units, 'output')}{offset}; {self.returned_text()}; "
            f"{self.params_text(x)}"
        )

    def steps(self, x: list[Shape], y: Any) -> Iterator[str]:
        """See `Layer.steps`."""
        _, steps, features = x[0]
        kernel, recurrent = (shape_text(w.shape) for w in self.owned(x)[:2])
        yield f"each step: its input {shape_text((features,))} times the kernel {kernel}"
        yield f"plus the state {shape_text((self.units,))} times the recurrent_kernel {recurrent}"
        made = f"{times(self.units * self.gates)}·({size(features)} + {size(self.units)})"
        total = f"{count(self.macs(x, y))} multiply-accumulates"
        yield f"{plural(steps, 'step')}, {made} products at each: {total}"


class SimpleRNN(UnitsRecurrent):
    """Read a sequence step by step, feeding each output back with the next step."""


class Gated(UnitsRecurrent, abstract=True):
    """A recurrent layer whose gates decide what the state keeps and what it takes in."""

    recurrent_activation: str | None = field(
        t.ACTIVATION, default="sigmoid", doc="Function applied to the values of the gates."
    )
    use_cudnn: bool | str = field(
        Either(t.BOOL, Choice("auto")),
        default="auto",
        doc="Whether to use cuDNN's kernel; auto: where it can be used.",
    )


class LSTM(Gated):
    """Read a sequence with a long-term and a short-term memory, kept by learned gates."""

    inputs = (1, 3)
    gates = 4
    states = 2
    halvings = 1

    unit_forget_bias: bool = field(
        t.BOOL, default=True, doc="Start the forget gate's bias at one, so that it keeps."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        super().check()
        if self.use_bias and self.unit_forget_bias and self.bias_initializer is None:
            raise OptionError(
                "unit_forget_bias needs an initializer here, found null", field="bias_initializer"
            )


class GRU(Gated):
    """Read a sequence with one memory that learned gates update and reset."""

    gates = 3
    halvings = 2

    reset_after: bool = field(
        t.BOOL,
        default=True,
        doc="Reset the state after its product rather than before, which takes a second bias.",
    )

    def biases(self) -> int:
        """See `UnitsRecurrent.biases`."""
        return (2 if self.reset_after else 1) if self.use_bias else 0
