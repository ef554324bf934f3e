"""Core layers: a product along any axes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dense_shapes.dims import BATCH, Dim, equal, is_open, prod
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer, Weight
from dense_shapes.layers.core import check_lora, check_lora_of, lora_text, lora_weights
from dense_shapes.layers.equations import Equation, Letters
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import field, show
from dense_shapes.layers.kinds import Either, Maybe
from dense_shapes.layers.policies import MODES, Scheme
from dense_shapes.layers.quantized import (
    QUANTIZED,
    einsum_scale,
    float8_scales,
    frozen,
    kept_text,
    packed,
    packed_kernel,
    quantization,
)
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.spatial import activated, then
from dense_shapes.layers.text import Shape, count, size, times
from dense_shapes.layers.text import shape as shape_text


class EinsumDense(Layer):
    """Multiply the input by one learned array along the axes that an equation names."""

    keeps_rank = True
    quantizes = MODES

    equation: str = field(
        Equation(),
        doc="Letters for the axes: those in the input and the kernel but not in the output are "
        "summed over. `...` stands for any other axes.",
    )
    output_shape: Dim | tuple[Dim | None, ...] | None = field(
        Either(Int(1), ListOf(Maybe(Int(1)))),
        doc="The size of each letter of the output, without the batch; null where the input has "
        "it.",
    )
    activation: str | None = field(
        t.ACTIVATION, default=None, doc="Function applied to every output value."
    )
    bias_axes: str | None = field(
        Maybe(Letters()), default=None, doc="The letters of the output that a bias goes along."
    )
    kernel_initializer: Any = field(
        t.INITIALIZER, default="glorot_uniform", doc="How the kernel starts."
    )
    bias_initializer: Any = field(t.INITIALIZER, default="zeros", doc="How the bias starts.")
    kernel_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on the kernel.")
    bias_regularizer: Any = field(t.REGULARIZER, default=None, doc="A penalty on the bias.")
    kernel_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the kernel after each update."
    )
    bias_constraint: Any = field(
        t.CONSTRAINT, default=None, doc="A projection of the bias after each update."
    )
    lora_rank: Dim | None = field(
        Maybe(t.POSITIVE),
        default=None,
        doc="Freeze the kernel and train two thin arrays of this rank beside it (LoRA).",
    )
    lora_alpha: float | None = field(
        Maybe(t.NUMBER), default=None, doc="The scale of LoRA's part; by default its rank."
    )
    gptq_unpacked_column_size: Dim | None = field(
        Maybe(Int()), default=None, doc="What Keras keeps of weights quantized by GPTQ."
    )
    quantization_config: Scheme | None = field(
        QUANTIZED, default=None, doc="How the kernel is kept where the dtype is a quantized one."
    )

    def letters(self) -> tuple[str, str, str]:
        """Return the letters of the input, of the kernel and of the output."""
        given, kernel, made = (part.replace(".", "") for part in self.parts())
        return given, kernel, made

    def parts(self) -> list[str]:
        """Return the equation's parts, dots included."""
        return re.split(",|->", self.equation)

    def check(self) -> None:
        """See `Layer.check`."""
        check_lora(self.lora_rank, self.kernel_constraint, "kernel_constraint")
        check_lora_of(self, "float8", "gptq", "awq")
        given, kernel, made = self.letters()
        scheme = packed(self)
        if scheme is not None and "." in self.equation:
            raise OptionError(
                f"Keras cannot keep {scheme.mode} weights of an equation with dots, found "
                f"{self.equation!r}",
                field="equation",
                help="name each axis by a letter: abc,cd->abd",
            )
        last = kernel[-1]
        lora = scheme is not None and self.lora_rank is not None
        if lora and (last in given or last != made[-1]):
            raise OptionError(
                "beside quantized weights Keras multiplies by LoRA's matrices along the output's "
                f"last letter, which is to be the kernel's own, found {self.equation!r}",
                field="lora_rank",
                help="drop 'lora_rank', or end kernel and output in the same new letter",
            )
        twice = next((a for a in made if made.count(a) > 1), None)
        if twice is not None:
            raise self._wrong(f"{twice!r} stands twice in the output {made!r}")
        for a in made:
            if a not in given + kernel:
                raise self._wrong(f"{a!r} of the output is in neither the input nor the kernel")
        for a in kernel:
            if a not in given + made:
                raise self._wrong(f"{a!r} of the kernel is in neither the input nor the output")
        for a in self.bias_axes or "":
            if a not in made:
                raise OptionError(
                    f"{a!r} is not among the output's letters {made!r}", field="bias_axes"
                )
        names = made if self._front else made[1:]
        if len(self._told()) != len(names):
            batch = "" if self._front else f"; {made[0]!r} is the batch"
            raise OptionError(
                f"expected one size for each of the letters {names!r} of the output{batch}, "
                f"found {show(self.output_shape)}",
                field="output_shape",
            )

    @property
    def _front(self) -> bool:
        """Whether dots stand in front, for the batch and what follows it."""
        return self.equation.startswith(".")

    def _wrong(self, what: str) -> OptionError:
        return OptionError(f"{what}: {self.equation!r}", field="equation")

    def _told(self) -> tuple[Dim | None, ...]:
        return self.output_shape if isinstance(self.output_shape, tuple) else (self.output_shape,)

    def apart(self, x: Shape) -> tuple[dict[str, Dim], Shape]:
        """Return the size of each of the input's letters, and what the dots stand for.

        Raises:
            ShapeError: The input has not as many axes as letters, or one letter several sizes.
        """
        given, _, _ = self.letters()
        dots = len(x) - len(given)
        front = self._front
        if dots < int(front) or (dots and "." not in self.equation):
            least = len(given) + front
            more = " or more" if "." in self.equation else ""
            raise ShapeError(
                f"{self.parts()[0]!r} is for an input of {least} axes{more}, "
                f"found {shape_text(x)} with {len(x)}",
                field="equation",
                help="name each axis by a letter; the batch is the first",
            )
        named = x[dots:] if front else x[: len(given)]
        sizes: dict[str, Dim] = {}
        for a, n in zip(given, named, strict=True):
            known = sizes.setdefault(a, n)
            self.require(
                equal(known, n),
                f"{a!r} stands twice in {given!r}, for {size(known)} and {size(n)}",
                field="equation",
            )
        return sizes, x[:dots] if front else x[len(given) :]

    def declared(self, x: Shape) -> dict[str, Dim | None]:
        """Return the size of each of the output's letters as it is told, None where it is not."""
        _, _, made = self.letters()
        told = self._told() if self._front else (x[0], *self._told())
        return dict(zip(made, told, strict=True))

    def sizes(self, x: Shape) -> dict[str, Dim]:
        """Return the size of each letter: the input's own, or what is told of the output."""
        given, _ = self.apart(x)
        return {a: n for a, n in self.declared(x).items() if n is not None} | given

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        given, dots = self.apart(x)
        declared = self.declared(x)
        for a, told in declared.items():
            n = given.get(a)
            if n is None or told is None or told == BATCH or is_open(told):
                continue
            if n == BATCH or is_open(n):
                self.fixed(n, f"the size of {a!r}, which is to be {size(told)}")
            self.require(
                equal(n, told),
                f"{a!r} is {size(n)} in the input {shape_text(x)}, and {size(told)} in the output",
                field="output_shape",
                help="give it the size of the input, or null",
            )
        _, kernel, made = self.letters()
        for a in kernel:
            self._known(a, declared.get(a, given.get(a)), "kernel")
        for a in self.bias_axes or "":
            self._known(a, declared[a], "bias")
        sizes = self.sizes(x)
        small = packed(self)
        if small is not None:
            list(self._packed(small, x))  # refuses what cannot be packed
        letters = tuple(sizes[a] for a in made)
        y = (*dots, *letters) if self._front else (*letters, *dots)
        return activated(self, self.activation, y)

    def _known(self, letter: str, n: Dim | None, what: str) -> None:
        if n is None:
            raise ShapeError(
                f"the {what} has an axis {letter!r}, whose size is null in output_shape",
                field="output_shape",
                help="give it a size",
            )
        self.fixed(n, f"the size of {letter!r}, an axis of its {what}")

    def weights(self, x: Shape) -> Iterator[Weight]:
        """See `Layer.weights`."""
        _, kernel, made = self.letters()
        sizes = self.sizes(x)
        shape = self.kernel_shape(x)
        axes = tuple(f"index {a}" for a in kernel)
        small = packed(self)
        if small is None:
            scheme = quantization(self)
            if scheme is not None:
                yield from float8_scales(scheme)
            yield self.weight(
                "kernel",
                shape,
                axes,
                sign="·",
                summed=tuple(i for i, a in enumerate(kernel) if a not in made),
                trainable=self.lora_rank is None,
            )
        if self.bias_axes is not None:
            # A bias goes along the axes from its first one on: 1 where it is the same for all.
            along = made[min(made.index(a) for a in self.bias_axes) :]
            ones = () if self._front else (1,) * len(self.apart(x)[1])
            yield self.weight(
                "bias",
                (*(sizes[a] if a in self.bias_axes else 1 for a in along), *ones),
                (*(f"index {a}" for a in along), *("..." for _ in ones)),
                sign="+",
            )
        if self.lora_rank is not None:
            yield from lora_weights("kernel", shape, axes, self.lora_rank)
        if small is not None:
            yield from self._packed(small, x)

    def kernel_shape(self, x: Shape) -> Shape:
        """Return the sizes of the kernel as the equation has it."""
        sizes = self.sizes(x)
        return tuple(sizes[a] for a in self.letters()[1])

    def _packed(self, scheme: Scheme, x: Shape) -> Iterator[Weight]:
        """Yield what is kept in place of the kernel.

        Raises:
            ShapeError: Keras cannot pack it.
        """
        given, kernel, made = self.letters()
        shape = self.kernel_shape(x)
        if scheme.mode == "int8":
            scale = einsum_scale(given, kernel, made, shape)
            if scale is None:
                raise ShapeError(
                    f"Keras finds no place for the scales of int8 weights in {self.equation!r}",
                    field="dtype",
                    help="keep the weights as they are, or in float8",
                )
            axes = tuple(f"index {a}" for a in kernel)
            yield Weight(
                "kernel",
                shape,
                axes,
                trainable=False,
                dtype="int8",
                sign="·",
                summed=tuple(i for i, a in enumerate(kernel) if a not in made),
            )
            yield frozen("kernel_scale", scale, ("index of the output",) * len(scale), None)
            return
        if scheme.mode == "int4":
            rows = prod(n for a, n in zip(kernel, shape, strict=True) if a not in made)
            columns = prod(n for a, n in zip(kernel, shape, strict=True) if a in made)
        else:
            rows, columns = self._flat(scheme, shape)
        yield from packed_kernel(scheme, rows, columns, zero="zero_point")

    def _flat(self, scheme: Scheme, shape: Shape) -> tuple[Dim, Dim]:
        """Return the rows and columns that Keras takes a kernel for: its longest axis tells.

        Raises:
            ShapeError: It has neither two nor three axes, or which one is longest is not known.
        """
        if len(shape) == 2:
            return shape[0], shape[1]
        if len(shape) != 3:
            raise ShapeError(
                f"{scheme.mode} weights need a kernel of 2 or 3 axes, found {shape_text(shape)}",
                field="equation",
            )
        numbers = [n for n in shape if isinstance(n, int)]
        if len(numbers) < 3:
            raise ShapeError(
                f"how {scheme.mode} lays out a kernel depends on its longest axis, which is not "
                f"known: {shape_text(shape)}",
                field="dtype",
                help="give its sizes as numbers",
            )
        if numbers.index(max(numbers)) == 0:
            return shape[0], shape[1] * shape[2]
        return shape[0] * shape[1], shape[2]

    def macs(self, x: Shape, y: Shape) -> Dim:
        """See `Layer.macs`: one for each choice of an index for every letter, one example."""
        return prod(self.factors(x))

    def factors(self, x: Shape) -> Shape:
        """Return the sizes of all indices of one example, letters first."""
        given, kernel, _ = self.letters()
        _, dots = self.apart(x)
        sizes = self.sizes(x)
        batch = () if self._front else given[:1]
        letters = tuple(sizes[a] for a in dict.fromkeys(given + kernel) if a not in batch)
        return letters + (dots[1:] if self._front else dots)

    def summed(self, x: Shape) -> str:
        """Write what is summed over."""
        given, _ = self.apart(x)
        made = self.letters()[2]
        return ", ".join(f"{a} = {size(n)}" for a, n in given.items() if a not in made)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        summed = self.summed(x)
        over = f"summed over {summed}" if summed else "nothing is summed over"
        return (
            f"einsum {self.equation}: {shape_text(x)}·{shape_text(self.kernel_shape(x))} → "
            f"{shape_text(y)}, {over}; "
            f"{self.params_text(x)}{kept_text(quantization(self))}{lora_text(self.lora_rank)}"
            f"{then(self.activation)}"
        )

    def steps(self, x: Shape, y: Shape) -> Iterator[str]:
        """See `Layer.steps`."""
        given, kernel, made = self.letters()
        places = {"input": given, "kernel": kernel, "output": made}
        sizes = self.sizes(x)
        for a in dict.fromkeys(given + kernel):
            *others, last = (name for name, letters in places.items() if a in letters)
            where = f"{', '.join(others)} and {last}" if others else last
            yield f"{a} = {size(sizes[a])}: in {where}{'' if a in made else ', so summed over'}"
        _, dots = self.apart(x)
        if dots:
            yield f"... = {shape_text(dots)}: each of them alike"
        factors = self.factors(x)
        made = f"{times(*factors)} = " if len(factors) > 1 else ""
        total = f"{made}{count(prod(factors))} multiply-accumulates"
        yield f"one product for each choice of all: {total}"
