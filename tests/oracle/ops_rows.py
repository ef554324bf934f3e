"""The table of bare operations: the options each one takes and the shapes that it is given."""

from dense_shapes.layers import operations
from dense_shapes.layers.operation import Binary, Unary
from dense_shapes.layers.ops import AlongOne, Reducing, Softmaxing
from tests.oracle import kinds as k
from tests.oracle.draws import Row, any_shape
from tests.oracle.ops_fits import (
    CONSTANT,
    FLOATS,
    FREE,
    KNOWN,
    NUMBER,
    NUMBERS,
    SOME,
    alike,
    constant,
    counted,
    cut,
    filled,
    halved,
    joined,
    keyed,
    lettered,
    longer,
    moved,
    on_axes,
    pictures,
    placed,
    reshaped,
    row,
    squeezed,
    stacked,
    taken,
    three,
    together,
    turned,
    widths,
)
from tests.oracle.ops_image_rows import IMAGE_OPS
from tests.oracle.ops_matrix_rows import MATRIX_ROWS
from tests.oracle.ops_network_rows import NETWORK_ROWS
from tests.oracle.ops_place_rows import PLACE_ROWS

OPERATIONS = operations()


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
    **IMAGE_OPS,
    **MATRIX_ROWS,
    **NETWORK_ROWS,
    **PLACE_ROWS,
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
    "ops.Take": row(
        {"axis": k.maybe(FREE), "indices": k.of(None)},
        sizes=lambda r: [any_shape(r), any_shape(r)] if r.random() < 0.7 else [any_shape(r)],
        fit=taken,
        dtypes=("int64",),
        usual="int32",
    ),
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
