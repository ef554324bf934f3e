"""Shapes and options for operations that go with each other more often than not."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.oracle import kinds as k
from tests.oracle.draws import Options, Row, Sizes, any_shape
from tests.oracle.kinds import Kind

FLOATS = ("float16", "float64")
NUMBERS = (*FLOATS, "int32", "int64")


def row(
    options: dict[str, Kind] | None = None,
    required: tuple[str, ...] = (),
    sizes: Callable[[Random], Any] = any_shape,
    fit: Callable[[Random, Options, Any], None] | None = None,
    dtypes: tuple[str, ...] = NUMBERS,
    usual: str = "float32",
) -> Row:
    """Make the row of an operation, which has no options of all layers."""
    fitted = {} if fit is None else {"fit": fit}
    return Row(options or {}, required, sizes, dtypes=dtypes, usual=usual, common={}, **fitted)


def together(r: Random) -> list[Sizes]:
    """Draw two shapes of which one is broadcast to the other, or just one for a constant."""
    sizes = any_shape(r)
    other = [n if r.random() < 0.8 else r.choice((1, n, 3)) for n in sizes]
    return [sizes, other] if r.random() < 0.8 else [sizes]


def constant(operands: int, *names: str) -> Callable[[Random, Options, list[Sizes]], None]:
    """Make what most often leaves as many operands without a constant as there are inputs."""

    def fit(r: Random, options: Options, sizes: list[Sizes]) -> None:
        if r.random() < 0.85:
            for name in names:
                options.pop(name, None)
            for name in r.sample(names, max(operands - len(sizes), 0)):
                options[name] = r.choice((2, 0.5, True))

    return fit


def three(r: Random) -> list[Sizes]:
    """Draw shapes for a condition and two values."""
    several = together(r)
    return several if r.random() < 0.3 else [*several, list(several[0])]


def alike(r: Random) -> list[Sizes]:
    """Draw some shapes that are the same."""
    sizes = any_shape(r)
    return [list(sizes) for _ in range(r.randint(1, 4))]


def joined(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often choose an axis that is there, and other sizes on it."""
    rank = len(sizes[0]) + 1
    if r.random() < 0.8 and "axis" in options:
        options["axis"] = r.randint(-rank, rank - 1)
    axis = options.get("axis", 0) % rank
    if r.random() < 0.8 and axis:
        for example in sizes:
            example[axis - 1] = r.randint(1, 6)


def on_axes(*names: str) -> Callable[[Random, Options, Sizes], None]:
    """Make what most often chooses axes that are there, each once."""

    def fit(r: Random, options: Options, sizes: Sizes) -> None:
        rank = len(sizes) + 1
        for name in names:
            if options.get(name) is not None and r.random() < 0.85:
                many = options[name]
                if isinstance(many, list):
                    axes = r.sample(range(rank), min(len(many), rank))
                    options[name] = [a - r.choice((0, rank)) for a in axes]
                else:
                    options[name] = r.randint(-rank, rank - 1)

    return fit


def moved(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often name as many places as axes."""
    several = options["source"]
    if r.random() < 0.8:
        options["destination"] = list(several) if isinstance(several, list) else 0
    on_axes("source", "destination")(r, options, sizes)


def halved(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose an axis that is there, of an even size."""
    on_axes("axis")(r, options, sizes)
    if r.random() < 0.5:
        sizes[:] = [2 * n for n in sizes]


def stacked(axis: int) -> Callable[[Random, Options, list[Sizes]], None]:
    """Make what most often chooses other sizes on the axis that is joined along."""

    def fit(r: Random, options: Options, sizes: list[Sizes]) -> None:
        for example in sizes:
            if 0 < axis <= len(example) and r.random() < 0.8:
                example[axis - 1] = r.randint(1, 6)

    return fit


def longer(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often make the last axis long enough."""
    if sizes and r.random() < 0.8:
        sizes[-1] = r.randint(4, 6)


def placed(r: Random) -> list[Sizes]:
    """Draw a shape, and one of places in it, with as many axes."""
    sizes = any_shape(r)
    return [sizes, [r.choice((n, n, 1)) for n in sizes]] if r.random() < 0.8 else [sizes, []]


def taken(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Take entries by constant numbers where there is only one input."""
    options.pop("indices", None)
    if len(sizes) < 2:
        options["indices"] = r.choice((0, [0], [0, 0], [[0, 0]]))


def pictures(r: Random) -> Sizes:
    """Draw the shape of an image, most often one that squares fit into."""
    if r.random() < 0.1:
        return any_shape(r)
    return [r.choice((2, 4, 6, 6)), r.choice((4, 6, 6, 3)), r.choice((4, 9, 36, 36, 2))]


def reshaped(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose sizes that hold as many values, whatever the batch."""
    if r.random() < 0.8:
        target = list(sizes)
        while len(target) > 1 and r.random() < 0.5:
            target.append(target.pop() * target.pop())
        target.insert(0 if r.random() < 0.7 else r.randint(0, len(target)), -1)
        options["newshape"] = target


def turned(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose a true permutation."""
    if "axes" in options and r.random() < 0.8:
        rank = len(sizes) + 1
        order = r.sample(range(rank), rank)
        options["axes"] = [a - r.choice((0, 0, rank)) for a in order]


def squeezed(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often make the axes that go 1."""
    on_axes("axis")(r, options, sizes)
    if r.random() < 0.8:
        rank = len(sizes) + 1
        axes = options.get("axis")
        for a in axes if isinstance(axes, list) else [axes]:
            if isinstance(a, int) and -rank <= a < rank and a % rank:
                sizes[a % rank - 1] = 1


def filled(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose a shape to which the input is broadcast."""
    if r.random() < 0.8:
        shape = [r.choice((n, n, 3)) if n == 1 else n for n in sizes]
        options["shape"] = [r.choice((2, 3, 3)), *shape]


def widths(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often write as many pairs as there are axes."""
    if isinstance(options.get("pad_width"), list) and r.random() < 0.7:
        options["pad_width"] = [[r.randint(0, 2), r.randint(0, 2)] for _ in range(len(sizes) + 1)]
    if r.random() < 0.7 and options.get("mode") != "constant":
        options.pop("constant_values", None)


def cut(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often cut an axis where it can be cut."""
    on_axes("axis")(r, options, sizes)
    rank = len(sizes) + 1
    axis = options.get("axis", 0)
    if isinstance(axis, int) and -rank <= axis < rank and axis % rank and r.random() < 0.8:
        pieces = r.randint(1, 3)
        sizes[axis % rank - 1] = pieces * r.randint(1, 3)
        n = sizes[axis % rank - 1]
        cuts = sorted(r.randint(0, n) for _ in range(r.randint(1, 2)))
        options["indices_or_sections"] = r.choice((pieces, cuts))


def counted(r: Random, options: Options, sizes: Sizes) -> None:
    """Give an axis as many entries as are asked for."""
    on_axes("axis")(r, options, sizes)
    rank = len(sizes) + 1
    axis = options.get("axis", 0)
    if isinstance(axis, int) and -rank <= axis < rank and axis % rank:
        options["num"] = sizes[axis % rank - 1]


def matrices(r: Random) -> list[Sizes]:
    """Draw two stacks of matrices, most often such that they can be multiplied."""
    a, n, b = (r.randint(1, 5) for _ in range(3))
    more = [r.randint(1, 3) for _ in range(r.randint(0, 1))]
    first, second = [*more, a, n], [*more, n, b]
    if r.random() < 0.2:
        del first[:-1]
    elif r.random() < 0.2:
        more[:] = [1] * len(more)
        first = [*more, a, n]
    return [first, second]


EQUATIONS = (
    "bij,bjk->bik", "bij,bjk->bk", "bij,bij->b", "bij,bkj->bki", "...ij,...jk->...ik",
    "b...,b...->b...", "bij->bji", "bij->b", "bii->bi", "bij,bjk", "...j,...j", "ij,ik->jk",
    "bi,bj->bij", "bij,bjk,bkl->bil", "b...i,b...i->b...", "bi...->b...i",
)  # fmt: skip


def lettered(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often choose sizes that go with the letters."""
    equation = r.choice(EQUATIONS)
    options["subscripts"] = equation
    known = {letter: r.randint(1, 4) for letter in "bijkl"}
    more = [r.randint(1, 3) for _ in range(r.randint(0, 2))]
    sizes[:] = [
        [n for part in shape.replace("...", ".") for n in (more if part == "." else [known[part]])]
        for shape in equation.partition("->")[0].split(",")
    ]
    for example in sizes:
        del example[:1]


def keyed(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose parts of a key that the axes have."""
    if r.random() < 0.1:
        return
    if r.random() < 0.1:
        options["key"] = r.choice((0, None, "...", {"start": 1}))
        return
    key: list[Any] = []
    for n in [2, *sizes][: r.randint(0, len(sizes) + 1)]:
        ends = (None, None, r.randint(-n - 2, n + 2))
        step = r.choice((None, None, 1, 2, 3, -1, -2))
        piece = {"start": r.choice(ends), "stop": r.choice(ends), "step": step}
        key.append(r.choice((r.randint(-n, n - 1), piece, piece, {})))
        if r.random() < 0.15:
            key.append(None)
    if r.random() < 0.25:
        key.insert(r.randint(0, len(key)), "...")
    options["key"] = key


NUMBER = k.of(0.3, 1.0, 2, 0.001)
KNOWN = {
    "negative_slope": NUMBER,
    "alpha": NUMBER,
    "threshold": NUMBER,
    "default_value": NUMBER,
    "b": NUMBER,
    "fill_value": NUMBER,
    "sparse": k.of(None, False),
    "ragged": k.of(None, False),
    "x_min": NUMBER,
    "x_max": NUMBER,
    "nan": NUMBER,
    "posinf": k.maybe(NUMBER),
    "neginf": k.maybe(NUMBER),
    "initial": k.maybe(NUMBER),
    "approximate": k.of(True, False),
    "decimals": k.of(0, 1, 2),
    "dtype": k.of("float16", "int32", "bool", "float64", wrong=("float17", 3)),
}
CONSTANT = k.of(None, 2, 0.5, True)
FREE = k.integer(-4, 4, "last")
SOME = k.lists(FREE, 1, 3, wrong=("last",))
