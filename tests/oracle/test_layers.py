"""Every layer, with random options on random inputs, against Keras itself."""

from collections import Counter
from random import Random

import pytest

from dense_shapes.layers import REGISTRY
from tests.conftest import EXCEPTED, TALLY
from tests.oracle import keras_side
from tests.oracle.compare import Verdict
from tests.oracle.draws import draw
from tests.oracle.exceptions import exception
from tests.oracle.feature_rows import NEED_TENSORFLOW
from tests.oracle.rows import ROWS
from tests.oracle.structural_rows import OTHER_BACKENDS

SHOWN = 3
"""How many of a layer's disagreements are printed in full."""


def test_every_layer_has_a_row():
    assert set(ROWS) | set(NEED_TENSORFLOW) | OTHER_BACKENDS == set(REGISTRY)


@pytest.mark.parametrize("name", ROWS)
def test_agrees_with_keras(name, request, record_property):
    agree(name, ROWS[name], request.config, record_property)


def agree(name, row, config, record_property):
    """Draw cases of a layer and demand that ours does what Keras's does."""
    r = Random(f"{name} {config.getoption('--oracle-seed')}")
    cases = range(config.getoption("--oracle-cases"))
    tally((Verdict(draw(name, row, r)) for _ in cases), record_property)
    keras_side.forget()


def tally(verdicts, record_property):
    """Count what verdicts of a layer show, and demand that no difference is unexplained."""
    cases = agreed = accepted = refused = 0
    excepted: Counter[str] = Counter()
    wrong = []
    for verdict in verdicts:
        cases += 1
        accepted += verdict.accepted and verdict.taken
        refused += not verdict.accepted and not verdict.taken
        if not verdict.differences:
            agreed += 1
        elif name := exception(verdict):
            excepted[name] += 1
        else:
            wrong.append(verdict)
    record_property(TALLY, (cases, agreed, accepted, refused, excepted.total()))
    record_property(EXCEPTED, dict(excepted))
    assert not wrong, f"{len(wrong)} of {cases} cases differ:\n\n" + "\n\n".join(
        verdict.report() for verdict in wrong[:SHOWN]
    )
    # Neither side may be compared on refusals alone, nor on good cases alone.
    assert accepted >= cases // 5
    assert refused >= cases // 20
