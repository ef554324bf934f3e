"""What Keras does not look at, or NumPy has not: it cannot be compared, and is told here."""

import keras
import pytest

from dense_shapes.layers import REGISTRY, operations
from tests.oracle.compare import Verdict
from tests.oracle.draws import Case
from tests.oracle.exceptions import exception
from tests.oracle.feature_rows import GOLDEN
from tests.oracle.keras_side import CLASSES as CLASSES_OF_KERAS
from tests.oracle.nested import Nested, made
from tests.oracle.ops_rows import OPS
from tests.oracle.rows import ROWS

TABLE = ROWS | OPS | GOLDEN
CLASSES = {**REGISTRY, **operations()}


@pytest.mark.parametrize("name", TABLE)
def test_wrong_values_are_refused_even_where_keras_stores_them(name):
    cls, row = CLASSES[name], TABLE[name]
    kinds = {option: kind for option, kind in (row.options | row.common).items() if kind.lax}
    assert [
        (option, value)
        for option, kind in kinds.items()
        for value in kind.lax
        if option in cls.fields and cls.accepts(option, value)
    ] == []


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if not row.named])
def test_unknown_options_are_refused_even_where_keras_drops_them(name):
    assert "unknown_option" not in CLASSES[name].fields


IDLE = [
    ("AugMix", {"num_chains": 0, "chain_depth": "x"}, {}),
    ("AugMix", {"num_chains": "x"}, {"training": False}),
    ("RandomPosterization", {"factor": [5.0, 5.0]}, {"training": None}),
]


@pytest.mark.parametrize(("name", "options", "call"), IDLE)
def test_options_that_no_call_reads_are_refused_all_the_same(name, options, call):
    verdict = Verdict(Case(name, options, (2, 5, 4, 3), "float32", (2, 5, 4, 3), call))
    assert (verdict.accepted, verdict.taken) == (True, False)
    assert exception(verdict) == "options of idle layers"


X = (2, 4, 3)
ELSEWHERE = [
    ("BatchNormalization", {}, {"synchronized": True}, X),
    ("LSTM", {"units": 2}, {"use_cudnn": True}, [X]),
    ("GRU", {"units": 2}, {"use_cudnn": True}, [X]),
]


@pytest.mark.parametrize(("name", "options", "more", "x"), ELSEWHERE)
def test_options_for_other_backends_change_no_shape(name, options, more, x):
    plain, given = REGISTRY[name](**options), REGISTRY[name](**options, **more)
    assert given.output(x) == plain.output(x)
    kept = [[(w.name, w.shape, w.trainable) for w in layer.weights(x)] for layer in (plain, given)]
    assert kept[0] == kept[1]


FROZEN = [
    ("TimeDistributed", {"layer": Nested("Dense", {"units": 4})}),
    ("Bidirectional", {"layer": Nested("LSTM", {"units": 4})}),
    ("RNN", {"cell": Nested("LSTMCell", {"units": 4})}),
    ("SpectralNormalization", {"layer": Nested("Dense", {"units": 4})}),
]


@pytest.mark.parametrize(("name", "options"), FROZEN)
def test_a_frozen_wrapper_freezes_what_is_inside_as_its_own_list_says(name, options):
    """Keras's model counts it as trained, until the layer is told anew that it is not."""
    theirs = CLASSES_OF_KERAS[name](**made(options, CLASSES_OF_KERAS), trainable=False)
    model = keras.Sequential([keras.Input((5, 3)), theirs])
    assert theirs.trainable_weights == []
    assert model.trainable_weights != []
    theirs.trainable = False
    assert model.trainable_weights == []
    ours = REGISTRY[name](**made(options, REGISTRY), trainable=False)
    x = [(2, 5, 3)] if ours.inputs != (1, 1) else (2, 5, 3)
    assert [w.trainable for w in ours.owned(x)] == [False] * len(theirs.weights)
