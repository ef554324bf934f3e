"""Every layer, with random options on random inputs, against Keras itself."""

from random import Random

import pytest

from dense_shapes.layers import REGISTRY
from tests.conftest import TALLY
from tests.oracle import keras_side
from tests.oracle.compare import Verdict
from tests.oracle.draws import draw
from tests.oracle.exceptions import exception
from tests.oracle.rows import ROWS
from tests.oracle.structural_rows import OTHER_BACKENDS

SHOWN = 3
"""How many of a layer's disagreements are printed in full."""


def test_every_layer_has_a_row():
    assert set(ROWS) | OTHER_BACKENDS == set(REGISTRY)


@pytest.mark.parametrize("name", ROWS)
def test_agrees_with_keras(name, request, record_property):
    agree(name, ROWS[name], request.config, record_property)


def agree(name, row, config, record_property):
    """Draw cases of a layer and demand that ours does what Keras's does."""
    cases = config.getoption("--oracle-cases")
    r = Random(f"{name} {config.getoption('--oracle-seed')}")
    agreed = accepted = refused = excepted = 0
    wrong = []
    for _ in range(cases):
        verdict = Verdict(draw(name, row, r))
        accepted += verdict.accepted and verdict.taken
        refused += not verdict.accepted and not verdict.taken
        if not verdict.differences:
            agreed += 1
        elif exception(verdict):
            excepted += 1
        else:
            wrong.append(verdict)
    keras_side.forget()
    record_property(TALLY, (cases, agreed, accepted, refused, excepted))
    assert not wrong, f"{len(wrong)} of {cases} cases differ:\n\n" + "\n\n".join(
        verdict.report() for verdict in wrong[:SHOWN]
    )
    # Neither side may be compared on refusals alone, nor on good cases alone.
    assert accepted >= cases // 5
    assert refused >= cases // 20
