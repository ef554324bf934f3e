"""Whole models in the shapes that real ones have, row by row; and converted, there and back."""

import io

import pytest

from dense_shapes import convert
from tests.conversion.models import compare, summary_of
from tests.conversion.test_saved import counts
from tests.saved.models import MODELS
from tests.spec.keras.compare import build, report


@pytest.mark.parametrize("name", MODELS)
def test_every_row_agrees(name):
    assert report(build(MODELS[name])) == ""


@pytest.mark.parametrize("name", MODELS)
def test_converted_there_and_back_they_are_the_same(name):
    model = build(MODELS[name])
    text = model.to_json()
    before = summary_of(io.StringIO(text))
    spec = convert(io.StringIO(text), "native")
    assert counts(summary_of(io.StringIO(spec))) == counts(before)
    again, _ = compare(io.StringIO(spec))
    assert again.count_params() == model.count_params()
    back = convert(convert(io.StringIO(spec), "keras"), "native")
    assert counts(summary_of(io.StringIO(back))) == counts(before)
