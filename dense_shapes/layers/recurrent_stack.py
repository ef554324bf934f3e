"""Recurrent layers: cells that stand on top of each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim
from dense_shapes.layers.base import Weight
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.nesting import LayersOption, Nesting
from dense_shapes.layers.recurrent_cells import Cell
from dense_shapes.layers.text import Shape, count

CELLS = "{LSTMCell: 64}, {GRUCell: 32}"


class StackedRNNCells(Nesting, Cell):
    """Do one step of several cells on top of each other, as one cell."""

    inputs = (2, None)

    cells: tuple[Any, ...] = field(
        LayersOption(CELLS), doc="The cells; each reads what the one before gives out."
    )

    def check(self) -> None:
        """See `Layer.check`."""
        for i, cell in enumerate(self.cells):
            need_cell(cell, "cells", (i,))

    @property
    def states(self) -> int:
        """See `Stepwise.states`."""
        return sum(int(cell.states) for cell in self.cells)

    @property
    def groups(self) -> int:
        """See `Stepwise.groups`."""
        return len(self.cells)

    @property
    def depth(self) -> int:
        """See `Cell.depth`."""
        return 1 + max(int(cell.depth) for cell in self.cells)

    def loses_states(self) -> bool:
        """See `Cell.loses_states`."""
        alone = len(self.cells) == 1 and self.cells[0].states > 1
        return alone or any(cell.loses_states() for cell in self.cells)

    def once(self, step: Shape) -> tuple[Shape, list[Shape]]:
        """See `Stepwise.once`."""
        states: list[Shape] = []
        for i, cell in enumerate(self.cells):
            step, kept = step_of(self, "cells", cell, step, (i,))
            states += kept
        return step, states

    def each(self, step: Shape) -> Iterator[tuple[Any, Shape]]:
        """Yield each cell with the shape of what it reads, given what the first one reads."""
        for cell in self.cells:
            yield cell, step
            step, _ = self.inner(cell).once(step)

    def weights(self, x: list[Shape]) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield from self.numbered(x[0], {})

    def numbered(self, step: Shape, seen: dict[str, int]) -> Iterator[Weight]:
        """Yield the weights with the cells that own them in their names; see `numbered`."""
        for cell, read in self.each(step):
            yield from numbered(self, cell, read, seen)

    def once_macs(self, step: Shape) -> Dim:
        """See `Stepwise.once_macs`."""
        macs: Dim = 0
        for cell, read in self.each(step):
            macs = macs + cell.once_macs(read)
        return macs

    def once_text(self, step: Shape) -> str:
        """See `Stepwise.once_text`."""
        texts = (f"{type(cell).__name__}, {cell.once_text(x)}" for cell, x in self.each(step))
        return ", then ".join(texts)

    def once_steps(self, step: Shape) -> Iterator[str]:
        """See `Stepwise.once_steps`."""
        for i, (cell, read) in enumerate(self.each(step), 1):
            for line in cell.once_steps(read):
                yield f"cell {i}, {line}"

    def terms(self, step: Shape) -> str:
        """See `Stepwise.terms`."""
        sums = [count(sum(w.size for w in cell.weights([x]))) for cell, x in self.each(step)]
        return " + ".join(sums)

    def output_dtypes(self, dtypes: list[str]) -> list[str]:
        """See `Layer.output_dtypes`: each cell has its own."""
        kept = [cell.compute_dtype for cell in self.flat() for _ in range(cell.states)]
        return [kept[-1], *kept]

    def flat(self) -> Iterator[Any]:
        """Yield the cells, those of stacks inside too."""
        for cell in self.cells:
            yield from cell.flat() if isinstance(cell, StackedRNNCells) else (cell,)


def need_cell(cell: Any, field: str, path: tuple[int, ...] = ()) -> None:
    """Demand that what an option holds is a cell.

    Raises:
        OptionError: It is a layer of another kind.
    """
    if isinstance(cell, Cell):
        return
    kind = type(cell).__name__
    raise OptionError(
        f"expected a cell, which does one step, found {kind}",
        field=field,
        path=path,
        help=f"write {kind}Cell instead"
        if kind in {"LSTM", "GRU", "SimpleRNN"}
        else "cells are SimpleRNNCell, LSTMCell, GRUCell and StackedRNNCells",
    )


def step_of(
    outer: Nesting, name: str, cell: Any, step: Shape, path: tuple[int, ...] = ()
) -> tuple[Shape, list[Shape]]:
    """Return the output and states of a step of the cell in the option `name`.

    Raises:
        ShapeError: It cannot accept this input; with that option as the one at fault.
    """
    made = outer.inner(cell)
    try:
        y, states = made.once(step)
    except ShapeError as error:
        raise outer.blame(name, error, path) from error
    outer.demands.extend(made.demands)
    return y, states


def numbered(outer: Nesting, cell: Any, step: Shape, seen: dict[str, int]) -> Iterator[Weight]:
    """Yield a cell's weights, its automatic name in front of theirs: `lstm_cell_1/kernel`.

    Args:
        outer: What the cell is inside.
        cell: The cell.
        step: The shape of what it reads.
        seen: How many cells of each name there have been already; is added to.
    """
    stack = isinstance(cell, StackedRNNCells)
    # Those inside a stack are made, and named, before it.
    within = list(outer.inner(cell).numbered(step, seen)) if stack else []
    name = cell.automatic_name()
    before = seen.get(name, 0)
    seen[name] = before + 1
    prefix = f"{name}_{before}/" if before else f"{name}/"
    for weight in within:
        weight.name = prefix + weight.name
        yield weight
    if not stack:
        yield from outer.wrapped(cell, [step], prefix)
