"""Sizes that a Reshape works out: what is required of the others."""

import pytest

from dense_shapes import ModelError, summarize

BESIDE = {
    "layer": {"Reshape": ["H//2", -1]},
    "operation": {"ops.Reshape": {"newshape": [-1, "H//2"]}},
}


@pytest.mark.parametrize("kind", BESIDE)
def test_a_size_beside_it_is_not_0(kind):
    spec = {"name": "m", "input_shape": ["H", 8], "layers": [BESIDE[kind]]}
    if kind == "operation":
        spec["batch_size"] = 1
    demands = [demand.requirement for demand in summarize(spec).requirements]
    assert "H >= 2" in [demand.text for demand in demands]
    for n in range(1, 20):
        try:
            summarize(spec, set={"H": n})
            works = True
        except ModelError:
            works = False
        assert all(demand.holds({"H": n}) for demand in demands) is works, n
