"""Random models, saved by Keras: what is read out of the file is what Keras says of them.

`--saved N` draws more of them, `--graph-seed S` others.
"""

import io

import keras
import pytest

from dense_shapes import convert
from tests.conversion.models import compare
from tests.saved.draw import model_of
from tests.spec.keras.compare import report

CHUNK = 50
CONVERTED = 5
"""Of how many models one is converted too."""


def pytest_generate_tests(metafunc):
    if "start" in metafunc.fixturenames:
        metafunc.parametrize("start", range(0, metafunc.config.getoption("--saved"), CHUNK))


def test_every_row_agrees(start, request):
    count, seed = request.config.getoption("--saved"), request.config.getoption("--graph-seed")
    for number in range(start, min(start + CHUNK, count)):
        model = model_of(f"{seed} {number}")
        text = model.to_json()
        found = report(model, text)
        if found:
            pytest.fail(f"model {seed} {number}:\n{found}\n{text}", pytrace=False)
        if number % CONVERTED == 0:
            spec = convert(io.StringIO(text), "native")
            converted, _ = compare(io.StringIO(spec))
            assert converted.count_params() == model.count_params(), spec
    keras.backend.clear_session()
