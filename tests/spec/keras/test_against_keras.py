"""Whole models, dumped by the real Keras, row by row."""

import pytest

from tests.spec.keras.compare import build, report
from tests.spec.keras.models import MODELS


@pytest.mark.parametrize("name", MODELS)
def test_every_row_agrees(name):
    assert report(build(MODELS[name])) == ""
