"""Recurrent layers: cells, which do one step of a sequence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from dense_shapes.dims import Dim, Requirement, equal
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
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
ORDER = tuple(_ORDER.split())
"""The options of recurrent layers, in their order."""


class Stepwise(Layer, abstract=True):
    """A layer that does a step of a sequence, or each step of it, with what it kept of the last.

    Its inputs are the step or the sequence, and the states that it starts from.

    Attributes:
        kept: How many states it carries along.
    """

    kept: ClassVar[int] = 1

    @property
    def states(self) -> int:
        """How many states it carries along."""
        return self.kept

    @property
    def groups(self) -> int:
        """How many entries Keras's list of its states has; those of a stack are lists again."""
        return self.states

    def once(self, step: Shape) -> tuple[Shape, list[Shape]]:
        """Return the shapes of the output and of the states, given that of one step's input.

        Raises:
            ShapeError: It cannot accept this input.
        """
        raise NotImplementedError

    def once_macs(self, step: Shape) -> Dim:
        """Return the multiply-accumulates of one step, for one example."""
        raise NotImplementedError

    def once_text(self, step: Shape) -> str:
        """Say what happens at one step."""
        raise NotImplementedError

    def once_steps(self, step: Shape) -> Iterator[str]:
        """Yield what a step consists of, a line each, for the long explanation."""
        raise NotImplementedError

    def terms(self, step: Shape) -> str:
        """Write how the number of its parameters comes about: `4·((3 + 8)·8 + 8)`."""
        raise NotImplementedError

    def states_help(self, states: int) -> str:
        """Say what to do about a wrong number of states, where it needs this many."""
        return f"give it the sequence alone, or with {plural(states, 'state')}"

    def need_states(self, given: list[Shape], expected: list[Shape]) -> None:
        """Demand that states are given for all that it carries or none, each of its shape.

        Raises:
            ShapeError: Another number of states, or one of another shape.
        """
        kind = type(self).__name__
        if given and len(given) != len(expected):
            raise ShapeError(
                f"{kind} starts from {plural(len(expected), 'state')}, found {len(given)}",
                help=self.states_help(len(expected)),
            )
        for state, needed in zip(given, expected, strict=False):
            message = (
                f"a state that {kind} starts from must be {shape_text(needed)}, "
                f"found {shape_text(state)}"
            )
            self.require(len(state) == len(needed), message)
            for n, m in zip(state, needed, strict=True):
                self.require(equal(n, m), message)


class LearnedStep(Stepwise, abstract=True, first=ORDER):
    """A step with one kernel for the input and one for the state.

    A cell and the layer that does all steps have their options and rules in common.

    Attributes:
        gates: How many such products stand side by side, the candidate's included.
        halvings: How many of its activations may halve the state (glu).
    """

    gates: ClassVar[int] = 1
    halvings: ClassVar[int] = 0

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

    def halved(self) -> list[str]:
        """Return the names of the options that are glu, which halves the last axis."""
        names = ("activation", "recurrent_activation")
        return [name for name in names if getattr(self, name, None) == "glu"]

    def whole(self, last: Dim) -> bool | Requirement:
        """Return whether the state fits after glu: of two values, one spreads over both again.

        Args:
            last: The size of the state's last axis.
        """
        halved = self.halved()
        return not halved or (len(halved) <= self.halvings and equal(last, 2))


class UnitsStep(LearnedStep, abstract=True):
    """A step that is a matrix product with the input and one with the state."""

    units: Dim = field(t.POSITIVE, doc="Size of the output and of the state.")

    def check(self) -> None:
        """See `Layer.check`."""
        verdict = self.whole(self.units)
        if verdict is False:
            raise OptionError(
                f"glu halves the {plural(self.units, 'unit')}, so that the state no longer fits",
                field=self.halved()[-1],
                help="choose another activation, such as tanh",
            )
        if verdict is not True:
            self.demands.append(verdict)

    def once(self, step: Shape) -> tuple[Shape, list[Shape]]:
        """See `Stepwise.once`."""
        self.fixed(step[-1], "the number of features, the rows of its kernel")
        state = (*step[:-1], self.units)
        return state, [state] * self.states

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

    def once_macs(self, step: Shape) -> Dim:
        """See `Stepwise.once_macs`: every entry of both kernels works once."""
        return self.gates * self.units * (step[-1] + self.units)

    def terms(self, step: Shape) -> str:
        """See `Stepwise.terms`: the number for one gate, times the gates."""
        inputs = f"({size(step[-1])} + {size(self.units)})"
        terms = f"{inputs}·{times(self.units)}"
        if self.use_bias:
            terms += f" + {times(self.units) if self.biases() == 1 else times(2, self.units)}"
        if self.gates > 1:
            terms = f"{self.gates}·({terms})" if self.use_bias else f"{self.gates}·{terms}"
        return terms

    def once_text(self, step: Shape) -> str:
        """See `Stepwise.once_text`."""
        gates = f"{self.gates} gates, each " if self.gates > 1 else ""
        offset = ("", " plus a bias", " plus two biases")[self.biases()]
        return (
            f"{gates}({size(step[-1])} + {size(self.units)}) inputs to "
            f"{plural(self.units, 'output')}{offset}"
        )

    def once_steps(self, step: Shape) -> Iterator[str]:
        """See `Stepwise.once_steps`."""
        kernel, recurrent = (shape_text(w.shape) for w in list(self.weights([step]))[:2])
        yield f"each step: its input {shape_text(step[-1:])} times the kernel {kernel}"
        yield f"plus the state {shape_text((self.units,))} times the recurrent_kernel {recurrent}"
        made = f"{times(self.units * self.gates)}·({size(step[-1])} + {size(self.units)})"
        yield f"{made} = {count(self.once_macs(step))} multiply-accumulates"


class GatedStep(LearnedStep, abstract=True):
    """A step whose gates decide what the state keeps and what it takes in."""

    recurrent_activation: str | None = field(
        t.ACTIVATION, default="sigmoid", doc="Function applied to the values of the gates."
    )


class ForgettingStep(GatedStep, abstract=True):
    """A step with a long-term and a short-term memory."""

    gates = 4
    kept = 2
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


class LSTMStep(ForgettingStep, UnitsStep, abstract=True):
    """A step of matrix products with a long-term and a short-term memory."""


class GRUStep(GatedStep, UnitsStep, abstract=True):
    """A step with one memory that gates update and reset."""

    gates = 3
    halvings = 2

    reset_after: bool = field(
        t.BOOL,
        default=True,
        doc="Reset the state after its product rather than before, which takes a second bias.",
    )

    def biases(self) -> int:
        """See `UnitsStep.biases`."""
        return (2 if self.reset_after else 1) if self.use_bias else 0


class Cell(Stepwise, abstract=True):
    """What does one step: alone, of the states that are its further inputs."""

    input_names = ("states",)
    listed = False
    inputs_help = (
        "list the step and the states that it starts from, or let an RNN do all steps: "
        "`- RNN: {cell: {LSTMCell: 64}}`"
    )
    call_arguments = (*Layer.call_arguments, "states")

    @property
    def depth(self) -> int:
        """How deep the lists are in which Keras keeps the sizes of its states."""
        return 0 if self.states == 1 else 1

    def states_help(self, states: int) -> str:
        """See `Stepwise.states_help`."""
        return f"list the step and {plural(states, 'state')}: `from: [step, state, …]`"

    def loses_states(self) -> bool:
        """Whether Keras's RNN cannot go on with the states that a step of it leaves."""
        return False

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        return 1 + self.states

    def output(self, x: list[Shape]) -> list[Shape]:
        """See `Layer.output`: the output, then the states after the step."""
        step, *given = x
        self.need_rank(step, 2, "(batch, features), one step of a sequence")
        y, states = self.once(step)
        if not given:
            raise ShapeError(
                f"{type(self).__name__} does one step, for which it needs its "
                f"{plural(len(states), 'state')}",
                help="give it the states as further inputs, or put it into an RNN",
            )
        self.need_states(given, states)
        for state in given:
            self.fixed(state[-1], "the number of units of each state")
        return [y, *states]

    def macs(self, x: list[Shape], y: Any) -> Dim:
        """See `Layer.macs`."""
        return self.once_macs(x[0])

    def params_text(self, x: list[Shape]) -> str:
        """See `Layer.params_text`."""
        return made_of(self, self.terms(x[0]), x)

    def explain(self, x: list[Shape], y: Any) -> str:
        """See `Layer.explain`."""
        states = "the new state" if self.states == 1 else f"the {self.states} new states"
        return (
            f"one step: {self.once_text(x[0])}; returns the output and {states}; "
            f"{self.params_text(x)}"
        )

    def steps(self, x: list[Shape], y: Any) -> Iterator[str]:
        """See `Layer.steps`."""
        yield from self.once_steps(x[0])


class SimpleRNNCell(UnitsStep, Cell):
    """Do one step of a SimpleRNN: mix the input with the state into the next state."""

    inputs = (2, 2)


class LSTMCell(LSTMStep, Cell):
    """Do one step of an LSTM: keep, forget and take in by learned gates."""

    inputs = (3, 3)


class GRUCell(GRUStep, Cell):
    """Do one step of a GRU: update and reset its memory by learned gates."""

    inputs = (2, 2)


def made_of(layer: Layer, terms: str, x: list[Shape]) -> str:
    """Write a layer's number of parameters and how it comes about."""
    weights = layer.owned(x)
    total = f"{count(sum(w.size for w in weights))} params"
    made = total if f"{terms} params" == total else f"{terms} = {total}"
    return made + layer.trained_text(weights)
