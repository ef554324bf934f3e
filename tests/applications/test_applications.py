"""All models of `keras.applications`, row by row as Keras dumps them, and their published MACs."""

import io

import pytest

from dense_shapes import convert
from dense_shapes.api import analyse
from tests.applications.golden import NAMES, load
from tests.conversion.models import compare
from tests.conversion.test_saved import counts

MACS = {
    "VGG16": 15_470_264_320,
    "ResNet50": 3_857_973_248,
    "MobileNet": 568_740_352,
    "NASNetMobile": 563_638_816,
    "EfficientNetB0": 385_814_752,
    "DenseNet121": 2_834_161_664,
    "InceptionV3": 5_713_216_096,
    "Xception": 8_357_403_496,
    "InceptionResNetV2": 13_155_794_016,
    "MobileNetV2": 300_774_272,
    "ResNet50V2": 3_482_255_360,
    "NASNetLarge": 23_783_414_658,
}
"""Multiply-accumulates of convolutions and matrix products for one image, as published."""
PARAMS = {
    "VGG16": (138_357_544, 0),
    "ResNet50": (25_636_712, 53_120),
    "MobileNet": (4_253_864, 21_888),
    "NASNetMobile": (5_326_716, 36_738),
    "EfficientNetB0": (5_330_571, 42_023),
    "DenseNet121": (8_062_504, 83_648),
    "InceptionV3": (23_851_784, 34_432),
    "Xception": (22_910_480, 54_528),
    "InceptionResNetV2": (55_873_736, 60_544),
    "MobileNetV2": (3_538_984, 34_112),
    "ResNet50V2": (25_613_800, 45_440),
    "NASNetLarge": (88_949_818, 196_668),
}
"""All parameters, and those that are not trained, as keras.io lists them."""
SOME = ("ResNet50V2", "MobileNetV3Small", "EfficientNetV2B0", "ConvNeXtTiny")
"""Models of several kinds, for what takes longer."""


@pytest.fixture(scope="module")
def golden():
    return load()


def plain(shapes):
    return [[n if type(n) is int else None for n in shape] for shape in shapes]


def rows_of(summary):
    """Yield the rows of the model itself: what is in models inside it counts in theirs."""
    for row in summary.layers:
        shapes = plain(row.output_shapes)
        yield [row.name, shapes, row.count(), row.count(trainable=True)]


@pytest.mark.parametrize("name", [*NAMES, *(f"{name} open" for name in NAMES)])
def test_every_row_is_that_of_keras(golden, name):
    theirs = golden[name]
    summary = analyse(theirs["config"])
    assert [d.message for d in summary.diagnostics] == []
    assert list(rows_of(summary)) == theirs["rows"]
    totals = summary.totals
    assert [totals.params, totals.trainable_params] == theirs["totals"]
    assert totals.non_trainable_params == totals.params - totals.trainable_params
    assert plain([tensor.shape for tensor in summary.outputs]) == theirs["outputs"]


@pytest.mark.parametrize("name", MACS)
def test_figures_are_those_published(golden, name):
    totals = analyse(golden[name]["config"]).totals
    assert totals.macs == MACS[name]
    assert (totals.params, totals.non_trainable_params) == PARAMS[name]


@pytest.mark.parametrize("name", [*SOME, *(f"{name} open" for name in SOME)])
def test_as_a_spec_it_has_the_same_rows(golden, name):
    config = golden[name]["config"]
    text = convert(config, "native")
    assert counts(analyse(io.StringIO(text))) == counts(analyse(config))


@pytest.mark.parametrize("name", SOME[:3])
def test_as_a_config_of_ours_keras_loads_it_with_equal_counts(golden, name):
    text = convert(golden[name]["config"], "native")
    model, _ = compare(io.StringIO(text), empty=True)
    assert model.count_params() == golden[name]["totals"][0]
