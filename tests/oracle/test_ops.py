"""Every bare operation, with random options on random inputs, against Keras itself."""

import inspect
import itertools

import keras
import pytest
from keras.src.backend.common.dtypes import result_type

from dense_shapes.layers import REQUIRED, operations, snake_case
from dense_shapes.layers.operation import Binary, Unary
from dense_shapes.layers.ops import Reducing
from dense_shapes.layers.promotion import promote
from tests.oracle.compare import Verdict
from tests.oracle.draws import Case
from tests.oracle.operations import find
from tests.oracle.ops_rows import OPS
from tests.oracle.shapes import each
from tests.oracle.test_layers import agree

OPERATIONS = operations()
DTYPES = (
    *("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"),
    *("float16", "bfloat16", "float32", "float64"),
)
PLAIN = {"int": 2, "float": 2.0, "bool": True}
"""A constant of each kind."""
BINARY = [name for name, cls in OPERATIONS.items() if issubclass(cls, Binary)]
ALONE = [name for name, cls in OPERATIONS.items() if issubclass(cls, Unary | Reducing)]


@pytest.mark.parametrize("name", OPS)
def test_agrees_with_keras(name, request, record_property):
    agree(name, OPS[name], request.config, record_property)


EDGES = [
    *(("ops.Normalize", {"axis": None, "order": n}, (2, 4)) for n in (1, 2, 3)),
    *(("ops.Normalize", {"axis": None, "order": n}, (2, 4, 3)) for n in (1, 2, 3)),
    *(("ops.Normalize", {"axis": None, "order": n}, (2, 4, 3, 2, 5)) for n in (1, 2, 3)),
    *(("ops.Normalize", {"axis": [1, 2], "order": n}, (2, 4, 3)) for n in (1, 2, 3)),
    *(("ops.Normalize", {"axis": -1, "order": n}, (2, 4)) for n in (3, 0, 2.0, "fro")),
    *((f"ops.{name}", {"axis": None}, (2, 5, 6)) for name in ("Sort", "Argsort")),
    *((f"ops.{name}", {"axis": None}, (None, 5, 6)) for name in ("Sort", "Argsort")),
    *(("ops.Hstack", {}, [(n,), (n,)]) for n in (2, None)),
    ("LayerNormalization", {"axis": [0, 2, -2]}, (3, 2, 5)),
    ("LayerNormalization", {"axis": [0, 2, -2]}, (2, 2, 5)),
    ("LayerNormalization", {"axis": [0, 1, 2]}, (3, 2, 5)),
    ("LayerNormalization", {"axis": [0, 2, -2], "center": False, "scale": False}, (3, 2, 5)),
]
"""What random draws seldom come upon."""


@pytest.mark.parametrize(("name", "options", "shape"), EDGES, ids=str)
def test_agrees_with_keras_at_the_edges(name, options, shape):
    arrays = each(lambda one: tuple(n or 2 for n in one), shape)
    verdict = Verdict(Case(name, options, shape, "float32", arrays))
    assert not verdict.differences, verdict.report()


@pytest.mark.parametrize("name", OPERATIONS)
def test_options_are_those_of_keras(name):
    cls = OPERATIONS[name]
    theirs = dict(inspect.signature(find(name).__init__).parameters)
    operands = inspect.signature(find(name).call).parameters
    for option, declared in cls.fields.items():
        if option not in theirs:
            # A constant in the place of an operand.
            assert option in operands
            continue
        default = theirs[option].default
        assert declared.required == (default is inspect.Parameter.empty)
        if declared.default is not REQUIRED:
            assert declared.default == default
    assert set(theirs) - {"self", "name", "args", "kwargs"} <= set(cls.fields)


@pytest.mark.parametrize("name", OPERATIONS)
def test_modules_are_those_of_keras(name):
    assert find(name).__module__ == f"keras.src.ops.{OPERATIONS[name].home}"


@pytest.mark.parametrize("name", OPERATIONS)
def test_automatic_names_are_those_of_keras(name):
    assert snake_case(name) == keras.src.utils.naming.to_snake_case(find(name).__name__)


def test_dtypes_meet_as_in_keras():
    kinds = {"int": int, "float": float}
    for several in itertools.product((*DTYPES, *kinds), repeat=2):
        assert promote(*several) == result_type(*(kinds.get(dtype, dtype) for dtype in several))


@pytest.mark.parametrize("name", [*BINARY, "ops.Matmul", "ops.Dot"])
def test_dtypes_of_two_operands_are_those_of_keras(name):
    cls, theirs = OPERATIONS[name], find(name)
    for first, second in itertools.product(DTYPES, repeat=2):
        given = [keras.KerasTensor((2, 2), dtype=dtype) for dtype in (first, second)]
        ours = cls().output_dtypes([first, second])
        assert ours == [theirs()(*given).dtype], (first, second)


@pytest.mark.parametrize("name", BINARY)
def test_dtypes_of_constants_are_those_of_keras(name):
    cls, theirs = OPERATIONS[name], find(name)
    for dtype, constant in itertools.product(DTYPES, PLAIN.values()):
        x = keras.KerasTensor((2, 2), dtype=dtype)
        assert cls(x1=constant).output_dtypes([dtype]) == [theirs()(constant, x).dtype]
        assert cls(x2=constant).output_dtypes([dtype]) == [theirs()(x, constant).dtype]


@pytest.mark.parametrize("name", ALONE)
def test_dtypes_of_one_operand_are_those_of_keras(name):
    cls, theirs = OPERATIONS[name], find(name)
    options = {option: VALUES[option] for option, f in cls.fields.items() if f.required}
    for dtype in DTYPES:
        x = keras.KerasTensor((2, 2), dtype=dtype)
        try:
            expected = theirs(**options).symbolic_call(x).dtype
        except Exception:
            # Some take no truth values, or no whole numbers: dtypes are not checked here.
            continue
        assert cls(**options).output_dtypes([dtype]) == [expected], dtype


VALUES = {
    "dtype": "int32",
    "x_min": 0,
    "x_max": 1,
    "threshold": 0.5,
    "default_value": 1,
    "fill_value": 1,
}
"""Options that must be given."""
