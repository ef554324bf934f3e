"""Whole models, dumped by the real Keras, row by row."""

import io

import keras
import pytest

from dense_shapes.api import analyse
from tests.spec.keras.compare import build, report
from tests.spec.keras.models import MODELS


@pytest.mark.parametrize("name", MODELS)
def test_every_row_agrees(name):
    assert report(build(MODELS[name])) == ""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MODELS)
def test_every_row_agrees_in_hdf5(name, tmp_path):
    model = build(MODELS[name])
    model.save(tmp_path / "model.h5")
    assert report(model, tmp_path / "model.h5") == ""


def test_further_calls_of_one_layer_do_not_count_for_another_with_the_same_options():
    x = keras.Input((4,))
    shared = keras.layers.Dense(4)
    model = keras.Model(x, keras.layers.Dense(4)(shared(shared(x))))
    summary = analyse(io.StringIO(model.to_json()))
    assert [row.macs for row in summary.layers] == [0, 32, 16]
