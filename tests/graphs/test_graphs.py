"""Random graphs, in our language and in Keras's functional API: both must tell the same.

`--graphs N` draws more of them, `--graph-seed S` others; a failure prints both sides to paste.
"""

import keras
import pytest

from tests.graphs.compare import check

CHUNK = 50
"""How many graphs one test draws: few enough that tests run beside each other."""


def pytest_generate_tests(metafunc):
    count = metafunc.config.getoption("--graphs")
    metafunc.parametrize("start", range(0, count, CHUNK))


def test_graphs_agree_with_keras(start, request):
    count, seed = request.config.getoption("--graphs"), request.config.getoption("--graph-seed")
    for number in range(start, min(start + CHUNK, count)):
        report = check(f"{seed} {number}")
        if report is not None:
            pytest.fail(report, pytrace=False)
    keras.backend.clear_session()
