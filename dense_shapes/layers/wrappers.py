"""Wrapper layers: they apply another layer in a way of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import Dim, dim_max, equal
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field
from dense_shapes.layers.kinds import Choice, Maybe
from dense_shapes.layers.masks import TAKES_MASK, mask_of, need_mask_of_steps, need_steps
from dense_shapes.layers.merging import Merge
from dense_shapes.layers.nesting import LAYER, L, Nesting
from dense_shapes.layers.recurrent import Recurrent, one_step
from dense_shapes.layers.recurrent_cells import made_of
from dense_shapes.layers.text import Shape, plural, size
from dense_shapes.layers.text import shape as shape_text


class Wrapper(Nesting, abstract=True):
    """A layer that applies another one, whose weights it owns."""

    layer: Layer = field(LAYER, doc="The layer that is applied, written as an entry of its own.")

    @property
    def within(self) -> tuple[Layer, ...]:
        """The layers that it applies."""
        return (self.layer,)

    @property
    def counted(self) -> bool:
        """See `Layer.counted`."""
        return all(layer.counted for layer in self.within)

    @property
    def measured(self) -> bool:
        """See `Layer.measured`."""
        return all(layer.measured for layer in self.within)


class TimeDistributed(Wrapper):
    """Apply one layer, with the same weights, at each step of a sequence."""

    folded = 1
    call_arguments = TAKES_MASK

    def check(self) -> None:
        """See `Layer.check`."""
        if self.layer.inputs[0] > 1 or isinstance(self.layer, Merge | InputLayer):
            raise OptionError(
                f"{self.layer.type_name} cannot be applied at each step of one sequence",
                field="layer",
                help="choose a layer that takes one input",
            )
        if not self.layer.inferred:
            raise OptionError(
                f"Keras applies no {self.layer.type_name} at each step: it cannot infer what "
                "comes out",
                field="layer",
                help="put a TimeDistributed around each of its layers",
            )

    def each(self, x: Shape) -> Any:
        """Return what the layer is given at each step: the shape, or a list where it takes one.

        Raises:
            ShapeError: The input has no axes after the steps.
        """
        if len(x) < 3:
            raise ShapeError(
                "TimeDistributed needs an input of 3 axes or more (batch, steps, …), "
                f"found {shape_text(x)} with {len(x)}",
                rank=3,
            )
        step = (x[0], *x[2:])
        return step if self.layer.inputs == (1, 1) else [step]

    def inner(self, layer: L) -> L:
        """See `Nesting.inner`: a layer that takes a mask is given that of the step."""
        made = super().inner(layer)
        mask = mask_of(self)
        if mask is not None and "mask" in layer.call_arguments:
            made.beside = {"mask": (mask[0], *mask[2:])}
        return made

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        mask = mask_of(self)
        if mask is not None:
            need_steps(self, mask, x)
        outputs = self.apply("layer", self.layer, self.each(x))
        if len(outputs) > 1:
            raise ShapeError(
                f"TimeDistributed needs a layer of one output, {self.layer.type_name} "
                f"returns {len(outputs)}",
                field="layer",
                help="leave out return_state",
            )
        batch, *sizes = outputs[0]
        return (batch, x[1], *sizes)

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        yield from self.wrapped(self.layer, self.each(x))

    def numbered(self, x: Shape, cells: dict[str, int]) -> Iterator[Weight]:
        """Yield its weights with the layers that own them in their names; see `wrapped`."""
        name = self.layer.automatic_name()
        yield from self.wrapped(self.layer, self.each(x), f"{name}/", cells)

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`: those of the layer, at every step."""
        return x[1] * self.inner(self.layer).macs(self.each(x), (y[0], *y[2:]))

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        made = self.inner(self.layer)
        return (
            f"the same {made.type_name} at each of {plural(x[1], 'step')}, on "
            f"{shape_text((x[0], *x[2:]))}: {made.explain(self.each(x), (y[0], *y[2:]))}"
        )

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        yield from self.inner(self.layer).steps(self.each(x), (y[0], *y[2:]))


class Bidirectional(Wrapper, first=("layer", "merge_mode", "backward_layer")):
    """Read a sequence forwards and backwards, with a recurrent layer for each direction."""

    inputs = (1, None)
    input_names = ("initial_state",)
    listed = False
    call_arguments = (*TAKES_MASK, "initial_state")
    layer: Recurrent

    merge_mode: str | None = field(
        Maybe(Choice("concat", "sum", "mul", "ave")),
        default="concat",
        doc="How the two outputs become one; null returns both.",
    )
    backward_layer: Recurrent | None = field(
        Maybe(LAYER),
        default=None,
        doc="The layer that reads backwards; by default another one like `layer`.",
    )

    def check(self) -> None:
        """See `Layer.check`."""
        for name in ("layer", "backward_layer"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, Recurrent):
                raise OptionError(
                    f"expected a recurrent layer, found {value.type_name}",
                    field=name,
                    help="write one as an entry, such as {LSTM: 64}",
                )
        forward, backward = self.directions()
        if forward.stateful and forward.return_state:
            raise OptionError(
                "Keras fails on stateful layers that return their states, in a Bidirectional",
                field="layer",
                help="leave out stateful or return_state",
            )
        if self.backward_layer is None and forward.go_backwards:
            raise OptionError(
                "the layer goes backwards already, and so would the other one",
                field="layer",
                help="leave out its go_backwards, or give a backward_layer that goes forwards",
            )
        if self.backward_layer is None:
            return
        if forward.go_backwards == backward.go_backwards:
            raise OptionError(
                f"both layers go {'back' if forward.go_backwards else 'for'}wards",
                field="backward_layer",
                help="set go_backwards: true in exactly one of them",
            )
        for name in ("stateful", "return_sequences", "return_state"):
            if getattr(forward, name) != getattr(backward, name):
                raise OptionError(
                    f"{name!r} must be the same in both layers", field="backward_layer"
                )
        if forward.return_state and forward.states != backward.states:
            raise OptionError(
                f"the layers return {forward.states} and {backward.states} states, where Keras "
                "expects as many of each",
                field="backward_layer",
                help="give it the type of the other layer, or leave out return_state",
            )

    @property
    def output_count(self) -> int:
        """See `Layer.output_count`."""
        states = sum(layer.output_count - 1 for layer in self.directions())
        return states + (2 if self.merge_mode is None else 1)

    def directions(self) -> tuple[Recurrent, Recurrent]:
        """Return the layers of the two directions."""
        return self.layer, self.backward_layer or self.layer

    def given(self, x: list[Shape]) -> tuple[list[Shape], list[Shape]]:
        """Return the inputs of the two directions: each has its own states."""
        sequence, *states = x
        first = self.layer.states
        return [sequence, *states[:first]], [sequence, *states[first:]]

    def output(self, x: list[Shape]) -> Shape | list[Shape]:
        """See `Layer.output`."""
        need_mask_of_steps(self, x[0])
        needed = sum(layer.states for layer in self.directions())
        if len(x) > 1 and len(x) != 1 + needed:
            raise ShapeError(
                f"this Bidirectional starts from {needed} states, found {len(x) - 1}",
                help="give it the sequence alone, or with the states of both layers",
            )
        if len(x) > 1 and self.layer.groups != self.directions()[1].groups:
            raise ShapeError(
                "Keras gives each layer one half of the states that a Bidirectional starts from, "
                f"but they have {self.layer.groups} and {self.directions()[1].groups} of them",
                field="backward_layer",
                help="give both layers the same type",
            )
        forward, backward = self.given(x)
        y, *states = self.apply("layer", self.layer, forward)
        name = "layer" if self.backward_layer is None else "backward_layer"
        z, *more = self.apply(name, self.directions()[1], backward)
        merged = [y, z]
        if self.merge_mode is not None:
            self._need_alike(y, z)
            merged = [(*y[:-1], self._merged(y[-1], z[-1]))]
        outputs = [*merged, *states, *more]
        return outputs if len(outputs) > 1 else outputs[0]

    def _need_alike(self, y: Shape, z: Shape) -> None:
        """Demand that two outputs to be merged are the same but for the last axis.

        Raises:
            ShapeError: They are not.
        """
        for n, m in zip(y[:-1], z[:-1], strict=True):
            self.require(
                equal(n, m),
                f"the outputs {shape_text(y)} and {shape_text(z)} cannot be merged",
                field="backward_layer",
                help="give both layers windows of the same sizes and strides",
            )

    def _merged(self, y: Dim, z: Dim) -> Dim:
        """Return the size of the outputs' last axis: one unit spreads over all of the other's."""
        if self.merge_mode == "concat":
            return y + z
        self.require(
            equal((y - z) * (y - 1) * (z - 1), 0),
            f"the outputs of {plural(y, 'unit')} and of {plural(z, 'unit')} cannot be merged by "
            f"{self.merge_mode}",
            field="backward_layer",
            help="give both layers as many units, or merge them by concat",
        )
        return dim_max(y, z)

    def weights(self, x: list[Shape]) -> Iterator[Weight]:
        """See `Layer.weights`: Keras renames the given layer, but not a given backward one."""
        forward, backward = self.directions()
        first, second = self.given(x)
        names = [layer.automatic_name() for layer in (forward, backward)]
        if self.backward_layer is None:
            names[1] = f"backward_{names[1]}"
        elif names[0] == names[1]:
            names[1] += "_1"
        cells: dict[str, int] = {}
        yield from self.wrapped(forward, first, f"forward_{names[0]}/", cells)
        again = {} if self.backward_layer is None else cells
        yield from self.wrapped(backward, second, f"{names[1]}/", again)

    def macs(self, x: list[Shape], y: Any) -> Dim:
        """See `Layer.macs`."""
        forward, backward = map(self.inner, self.directions())
        first, second = self.given(x)
        return forward.macs(first, y) + backward.macs(second, y)

    def params_text(self, x: list[Shape]) -> str:
        """See `Layer.params_text`: the number for one layer, then that for the other."""
        step = one_step(x[0])
        return made_of(self, " + ".join(layer.terms(step) for layer in self.directions()), x)

    def explain(self, x: list[Shape], y: Any) -> str:
        """See `Layer.explain`."""
        forward, backward = self.directions()
        ways = ["backwards", "forwards"] if forward.go_backwards else ["forwards", "backwards"]
        both = (type(forward).__name__, type(backward).__name__)
        read = " and ".join(f"{name} {way}" for name, way in zip(both, ways, strict=True))
        merged = {
            None: "kept apart",
            "concat": "put side by side",
            "sum": "added",
            "mul": "multiplied",
            "ave": "averaged",
        }[self.merge_mode]
        if self.merge_mode == "concat":
            first, second = self.given(x)
            sizes = [self._width(forward, first), self._width(backward, second)]
            merged += f", {' + '.join(map(size, sizes))} = {size(sizes[0] + sizes[1])} values"
        return (
            f"{read} over {plural(x[0][1], 'step')}, each {forward.returned_text()}; the outputs "
            f"are {merged}; {self.params_text(x)}"
        )

    def _width(self, layer: Layer, x: list[Shape]) -> Dim:
        y = self.inner(layer).output(x)
        return (y[0] if isinstance(y, list) else y)[-1]

    def steps(self, x: list[Shape], y: Any) -> Iterator[str]:
        """See `Layer.steps`."""
        for way, layer, given in zip(
            ("layer", "backward_layer"), self.directions(), self.given(x), strict=True
        ):
            for step in self.inner(layer).steps(given, y):
                yield f"{way}, {step}"
