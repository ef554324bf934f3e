"""Draws random cases of a layer: options and inputs, most of them right, some with one fault."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from tests.oracle import kinds as k
from tests.oracle.kinds import Kind
from tests.oracle.nested import Nested
from tests.oracle.shapes import Shapes, each

Options = dict[str, Any]
Sizes = list[int]


class Case(NamedTuple):
    """One layer and its input, or a list of them where it takes several.

    Attributes:
        name: The layer's class.
        options: Its options.
        shape: The input's shape, batch included, None where a size is open; or a list of shapes.
        dtype: The dtype of the input, or of all.
        arrays: The same with a number in place of each None.
        call: The call's arguments beside the inputs.
    """

    name: str
    options: Options
    shape: Shapes
    dtype: str
    arrays: Shapes
    call: Options = {}  # noqa: RUF012 - nothing changes it

    def closed(self) -> "Case":
        """Return the case with all sizes but the batch's given; an InputLayer's are options."""
        if self.name == "InputLayer":
            return self
        shape = each(lambda shape, array: (shape[0], *array[1:]), self.shape, self.arrays)
        return self._replace(shape=shape)


FLOATS = ("float16", "bfloat16", "float64")
NUMBERS = (*FLOATS, "int32", "uint8", "int64")
ANY = (*NUMBERS, "bool")


def any_shape(r: Random) -> Sizes:
    """Draw the sizes of one example, of any rank."""
    return [r.randint(1, 6) for _ in range(r.randint(1, 4))]


def leave(r: Random, options: Options, sizes: Sizes) -> None:
    """Leave the options as they were drawn."""


@dataclass
class Row:
    """How to draw cases of a layer.

    Attributes:
        options: The kind of each of its own options.
        required: Those that must be given.
        sizes: Draws the sizes of one example; a list of them for a layer of several inputs.
        fit: Changes options so that they go with each other and the sizes more often.
        dtypes: Dtypes of the input, where it is not the usual one.
        usual: The dtype of most inputs.
        call: The kind of each argument of the call, beside the inputs.
        common: The kind of each option that all layers have.
        named: Whether Keras refuses options that it does not know.
        counted: Whether Keras looks at how many inputs there are, and of how many axes.
        within: The layer that applies this one in a list of its own, where no model can hold it
            by itself.
    """

    options: dict[str, Kind] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    sizes: Callable[[Random], Sizes] | Callable[[Random], list[Sizes]] = any_shape
    fit: Callable[[Random, Options, Any], None] = leave
    dtypes: tuple[str, ...] = NUMBERS
    call: dict[str, Kind] = field(default_factory=dict)
    usual: str = "float32"
    common: dict[str, Kind] = field(default_factory=lambda: k.COMMON)
    named: bool = True
    counted: bool = True
    within: str | None = None


def draw(name: str, row: Row, r: Random) -> Case:
    """Draw a case: more than half are meant to be right, the others have one thing wrong."""
    sizes: Any = row.sizes(r)
    several = bool(sizes) and isinstance(sizes[0], list)
    options = {
        option: kind.draw(r)
        for option, kind in row.options.items()
        if option in row.required or r.random() < 0.5
    }
    row.fit(r, options, sizes)
    for option, kind in row.common.items():
        if r.random() < 0.15:
            options[option] = kind.draw(r)
    mood = r.random()
    if mood < 0.2:
        spoil(row, r, options)
    elif mood < 0.35 and row.counted:
        change_rank(r, r.choice(sizes) if several else sizes)
    elif mood < 0.4 and row.counted and several:
        change_number(r, sizes)
    dtype = r.choice(row.dtypes) if r.random() < 0.3 else row.usual
    call = {name: kind.draw(r) for name, kind in row.call.items() if r.random() < 0.4}
    if name == "InputLayer":
        return source(options)
    if row.within is not None:
        name, options = row.within, {"layers": [Nested(name, options)]}
    batch = r.choice((None, None, None, 1, 2, 3))
    opened = r.choice((0, 0, 0, 0.2, 0.5))
    actual = batch or r.choice((2, 3))

    def make(example: Sizes, batch: int | None = batch) -> tuple[int | None, ...]:
        return (batch, *(None if r.random() < opened else n for n in example))

    if not several:
        return Case(name, options, make(sizes), dtype, (actual, *sizes), call)
    # Most often all inputs say the same of the batch; some of them another size of it, not 1
    # beside an unnamed one, over which NumPy spreads it.
    others = (None, 2) if batch is None else (None, 1, 2)
    batches = [batch if r.random() < 0.95 else r.choice(others) for _ in sizes]
    shapes = [make(example, b) for example, b in zip(sizes, batches, strict=True)]
    arrays = [(b or actual, *example) for example, b in zip(sizes, batches, strict=True)]
    return Case(name, options, shapes, dtype, arrays, call)


def spoil(row: Row, r: Random, options: Options) -> None:
    """Make one option wrong, leave out one that is required, or add one that is not known."""
    kinds = (row.options | row.common).items()
    wrong = {name: kind.wrong for name, kind in kinds if kind.wrong}
    fault = r.random()
    if row.named and (fault < 0.1 or not wrong):
        options["unknown_option"] = 1
    elif fault < 0.2 and row.required:
        del options[r.choice(row.required)]
    else:
        # The layer's own options more often than those of all layers.
        own = [name for name in row.options if name in wrong]
        name = r.choice(own if own and r.random() < 0.8 else list(wrong))
        options[name] = r.choice(wrong[name])


def change_rank(r: Random, sizes: Sizes) -> None:
    """Add an axis, or take one or more away."""
    change = r.choice((-2, -1, 1))
    if change > 0:
        sizes.insert(0, r.randint(1, 3))
    else:
        del sizes[change:]


def change_number(r: Random, several: list[Sizes]) -> None:
    """Leave out an input, or give one twice."""
    if r.random() < 0.5 and len(several) > 1:
        del several[r.randrange(len(several))]
    else:
        several.append(list(r.choice(several)))


def source(options: Options) -> Case:
    """Make the case of an InputLayer, whose shape is an option."""
    shape, batch = options.get("shape"), options.get("batch_size")
    whole = options.get("batch_shape") or [batch, *(shape if isinstance(shape, list) else [])]
    whole = tuple(n if isinstance(n, int) and n >= 0 else None for n in whole)
    arrays = tuple(2 if n is None else n for n in whole)
    return Case("InputLayer", options, whole, options.get("dtype") or "float32", arrays)
