"""Our multiply-accumulates, against those that PyTorch counted: see `flops.py`."""

import json

import pytest

from dense_shapes.layers import REGISTRY, Layer
from tests.oracle.flops import CASES, DATA
from tests.oracle.macs import COUNTS

NOT_RUN = {
    "StackedRNNCells": "the sum of its cells, as in an RNN of several",
    "SpectralNormalization": "those of the layer inside",
    "Pipeline": "the sum of its layers",
    "MelSpectrogram": "its transform is no product that PyTorch counts, only its bands are",
    "STFTSpectrogram": "each of its kernels is a convolution like a Conv1D's",
}
"""Layers of products without a case of their own, each with the reason.

`tests/oracle/macs.py` counts them too, in every case of the comparison with Keras.
"""

COUNTED = json.loads(DATA.read_text("utf-8"))["cases"]


def made(value):
    """Return an option with the layers in it made."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [made(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, options),) = value.items()
    return REGISTRY[kind](**options)


def test_every_layer_of_products_is_counted():
    multiplying = {name for name, cls in REGISTRY.items() if cls.macs is not Layer.macs}
    assert multiplying - {case["layer"] for case in COUNTED} == set(NOT_RUN)
    assert multiplying - set(COUNTS) == set()


def test_every_case_is_counted():
    kept = [[case[key] for key in ("layer", "options", "shapes")] for case in COUNTED]
    assert kept == [list(case[:3]) for case in CASES]


@pytest.mark.parametrize("case", COUNTED, ids=lambda case: f"{case['layer']} {case['options']}")
def test_products_are_those_that_pytorch_counts(case):
    layer = REGISTRY[case["layer"]](**{k: made(v) for k, v in case["options"].items()})
    layer.call = case["call"]
    shapes = [tuple(shape) for shape in case["shapes"]]
    x = shapes if layer.inputs != (1, 1) else shapes[0]
    y = layer.output(x)
    macs = layer.macs(x, y)
    if "counted_steps" in case:
        steps = shapes[0][1]
        assert macs % steps == 0
        macs = macs // steps * case["counted_steps"]
    assert 2 * shapes[0][0] * macs == case["flops"]
