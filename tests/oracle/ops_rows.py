"""The table of bare operations: the options each one takes and the shapes that it is given."""

from collections.abc import Callable
from random import Random
from typing import Any

from dense_shapes.layers import operations
from dense_shapes.layers.operation import Binary, Unary
from dense_shapes.layers.ops import AlongOne, Reducing, Softmaxing
from tests.oracle import kinds as k
from tests.oracle.draws import Options, Row, Sizes, any_shape
from tests.oracle.kinds import Kind

OPERATIONS = operations()
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


def by_family(name: str) -> Row:
    """Make the row of an operation that stands in a table."""
    cls = OPERATIONS[name]
    if issubclass(cls, Binary):
        return row({"x1": CONSTANT, "x2": CONSTANT}, (), together, constant(2, "x1", "x2"))
    if issubclass(cls, Reducing):
        one = issubclass(cls, AlongOne)
        axis = k.maybe(k.integer(-5, 5, "last") if one else k.either(FREE, SOME))
        more = {
            option: KNOWN[option] for option in cls.fields if option not in {"axis", "keepdims"}
        }
        return row({"axis": axis, "keepdims": k.BOOL, **more}, fit=on_axes("axis"))
    if issubclass(cls, Softmaxing):
        return row({"axis": k.integer(-5, 5, "last")}, fit=on_axes("axis"), dtypes=FLOATS)
    assert issubclass(cls, Unary)
    options = {option: KNOWN[option] for option in cls.fields}
    required = tuple(option for option, f in cls.fields.items() if f.required)
    return row(options, required, dtypes=FLOATS)


OWN: dict[str, Row] = {
    "ops.Where": row(
        {"condition": k.of(None), "x1": CONSTANT, "x2": CONSTANT},
        (),
        three,
        constant(3, "x1", "x2"),
    ),
    "ops.Glu": row({"axis": k.integer(-4, 4, "last")}, fit=halved, dtypes=FLOATS),
    "ops.OneHot": row(
        {
            "num_classes": k.integer(1, 4, -1, "x"),
            "axis": k.integer(-2, 4),
            "dtype": k.of(None, "int32", "float16", wrong=("float17",)),
        },
        ("num_classes",),
        dtypes=("int64", "uint8"),
        usual="int32",
    ),
    "ops.Reshape": row(
        {"newshape": k.lists(k.integer(-1, 6), 1, 4, wrong=([-2, 3], [-1, -1], 1.5))},
        ("newshape",),
        fit=reshaped,
    ),
    "ops.Ravel": row(),
    "ops.ExpandDims": row(
        {"axis": k.either(FREE, SOME)}, ("axis",), fit=on_axes("axis")
    ),
    "ops.Squeeze": row({"axis": k.maybe(k.either(FREE, SOME))}, fit=squeezed),
    "ops.Transpose": row({"axes": k.maybe(k.lists(k.integer(-3, 3), 1, 4))}, fit=turned),
    "ops.Swapaxes": row(
        {"axis1": FREE, "axis2": FREE}, ("axis1", "axis2"), fit=on_axes("axis1", "axis2")
    ),
    "ops.Moveaxis": row(
        {"source": k.either(FREE, SOME), "destination": k.either(FREE, SOME)},
        ("source", "destination"),
        fit=moved,
    ),
    "ops.Flip": row({"axis": k.maybe(k.either(FREE, SOME))}, fit=on_axes("axis")),
    "ops.Roll": row(
        {"shift": FREE, "axis": k.maybe(FREE)}, ("shift",), fit=on_axes("axis")
    ),
    "ops.Repeat": row(
        {"repeats": k.Kind(k.positive(3).draw, (-1, "x"), (0,)), "axis": k.maybe(FREE)},
        ("repeats",),
        fit=on_axes("axis"),
    ),
    "ops.Tile": row(
        {"repeats": k.either(k.integer(1, 3), k.lists(k.integer(1, 3), 1, 5, wrong=([-1], "x")))},
        ("repeats",),
    ),
    "ops.BroadcastTo": row(
        {"shape": k.lists(k.integer(1, 4), 1, 4, wrong=("x", 1.5))}, ("shape",), fit=filled
    ),
    "ops.Pad": row(
        {
            "pad_width": k.either(
                k.integer(0, 2, -1, "x"), k.lists(k.of([1, 0], [0, 2]), 1, 4, wrong=(-1, "x"))
            ),
            "mode": k.of("constant", "reflect", "symmetric", wrong=("mirror", "")),
            "constant_values": k.maybe(k.NUMBER),
        },
        ("pad_width",),
        fit=widths,
    ),
    "ops.GetItem": row({"key": k.of([0], [1, 2, 3, 4, 5, 6])}, ("key",), fit=keyed),
    "ops.Take": row({"axis": k.maybe(FREE)}, sizes=lambda r: [any_shape(r), any_shape(r)],
                    dtypes=("int64",), usual="int32"),
    "ops.Split": row(
        {
            "indices_or_sections": k.either(
                k.integer(1, 3, 0, -1, 1.5), k.lists(k.integer(0, 4), 1, 3, wrong=(1.5, 0))
            ),
            "axis": FREE,
        },
        ("indices_or_sections",),
        fit=cut,
    ),
    "ops.Unstack": row(
        {"num": k.integer(1, 4, 0, 1.5), "axis": FREE}, ("num",), fit=counted
    ),
    "ops.Stack": row({"axis": FREE}, sizes=alike),
    "ops.Concatenate": row({"axis": FREE}, sizes=alike, fit=joined),
    "ops.Hstack": row(sizes=alike, fit=stacked(1)),
    "ops.Vstack": row(sizes=alike, fit=stacked(0)),
    "ops.Dstack": row(sizes=alike, fit=stacked(2)),
    "ops.Normalize": row(
        {
            "axis": k.maybe(k.either(FREE, SOME)),
            "order": k.of(1, 2, 3, wrong=(0, 2.0, "fro"), lax=(True,)),
            "epsilon": k.maybe(NUMBER),
        },
        fit=on_axes("axis"),
        dtypes=FLOATS,
    ),
    **{
        f"ops.{name}": row(
            {"axis": k.maybe(FREE), "dtype": KNOWN["dtype"]}, fit=on_axes("axis"), dtypes=FLOATS
        )
        for name in ("Cumsum", "Cumprod", "Nancumsum", "Nancumprod")
    },
    **{
        name: row({"axis": k.maybe(FREE)}, fit=on_axes("axis"), dtypes=FLOATS)
        for name in ("ops.Sort", "ops.Argsort")
    },
    "ops.CountNonzero": row({"axis": k.maybe(k.either(FREE, SOME))}, fit=on_axes("axis")),
    "ops.Norm": row(
        {
            "ord": k.of(None, None, 1, 2, 3, "fro", wrong=("max",)),
            "axis": k.maybe(k.either(FREE, SOME)),
            "keepdims": k.BOOL,
        },
        fit=on_axes("axis"),
        dtypes=FLOATS,
    ),
    "ops.Moments": row(
        {"axes": k.either(FREE, SOME), "keepdims": k.BOOL, "synchronized": k.of(False)},
        ("axes",),
        fit=on_axes("axes"),
    ),
    "ops.TopK": row({"k": k.integer(1, 4, "x"), "sorted": k.BOOL}, ("k",), fit=longer),
    "ops.Tril": row({"k": FREE}),
    "ops.Triu": row({"k": FREE}),
    "ops.Isclose": row(
        {"x1": CONSTANT, "x2": CONSTANT, "rtol": NUMBER, "equal_nan": k.BOOL},
        (),
        together,
        constant(2, "x1", "x2"),
    ),
    "ops.TakeAlongAxis": row(
        {"axis": k.maybe(FREE)}, sizes=placed, dtypes=("int64",), usual="int32"
    ),
    "ops.Resize": row(
        {
            "size": k.lists(k.integer(1, 5, 0), 2, 2, wrong=(3, [2])),
            "interpolation": k.of("bilinear", "nearest", "bicubic", wrong=("cubic",)),
            "antialias": k.BOOL,
            "fill_value": k.NUMBER,
            "data_format": k.of(None, "channels_last", "channels_first", wrong=("last",)),
        },
        ("size",),
        sizes=pictures,
        dtypes=FLOATS,
    ),
    "ops.DepthToSpace": row(
        {
            "block_size": k.integer(1, 3, 0, "x"),
            "data_format": k.of("channels_last", "channels_first", wrong=("last",)),
        },
        ("block_size",),
        sizes=pictures,
    ),
    "ops.SpaceToDepth": row(
        {
            "block_size": k.integer(1, 3, 0, "x"),
            "data_format": k.of("channels_last", "channels_first", wrong=("last",)),
        },
        ("block_size",),
        sizes=pictures,
    ),
    "ops.Matmul": row(sizes=matrices, dtypes=(*NUMBERS, "int8")),
    "ops.Dot": row(sizes=matrices),
    "ops.Einsum": row(
        {
            "subscripts": k.of(
                "bij,bjk->bik", wrong=("bij,->bik->b", "bij->bx", "b ij->b", "bIj,bjk->bIk")
            )
        },
        ("subscripts",),
        alike,
        lettered,
        (*NUMBERS, "int8"),
    ),
}  # fmt: skip

OPS = {name: OWN[name] if name in OWN else by_family(name) for name in OPERATIONS}
"""Every operation by its name."""
