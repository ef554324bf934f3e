"""Classes of the user's own, whatever they are called: never counted as Keras's."""

import io
import json

import keras
import pytest

from dense_shapes.api import analyse
from dense_shapes.layers import operations, registry
from dense_shapes.spec.keras import tables
from tests.spec.keras.compare import report

NAMES = sorted({*registry(), *tables.CLASSES, "Model", "Sequential"} - tables.OF_APPLICATIONS)

MARKS = {
    "module and package": {"module": "mylib", "registered_name": "mylib>{}"},
    "module": {"module": "mylib.layers", "registered_name": None},
    "no module": {"module": None, "registered_name": "{}"},
    "a module that begins like Keras's": {"module": "keras_cv.layers", "registered_name": None},
    "Keras's module": {"module": "keras.layers", "registered_name": "mylib>{}"},
    "package in the name": {"class_name": "Addons>{}"},
}


def model(name, marks):
    """Return a Sequential of one layer of that class, with what the class says of itself."""
    said = {key: value and value.format(name) for key, value in marks.items()}
    own = {"class_name": name, "config": {"name": "own", "units": 4}, **said}
    entry = {"class_name": "InputLayer", "config": {"batch_shape": [None, 5], "name": "i"}}
    return {"class_name": "Sequential", "config": {"name": "s", "layers": [entry, own]}}


@pytest.mark.parametrize("marks", MARKS.values(), ids=MARKS)
def test_a_class_of_ones_own_is_not_keras_s(marks):
    wrong = []
    for name in NAMES:
        summary = analyse(model(name, marks))
        row = summary.layers[1]
        found = [(d.code, d.layer) for d in summary.diagnostics]
        if (row.status, row.count(), found) != ("unknown", None, [("DS204", "own")]):
            wrong.append((name, row.status, row.count(), found))
    assert wrong == []


@pytest.mark.parametrize("name", ["Dense", "LSTM", "ReLU"])
def test_the_message_says_so(name):
    summary = analyse(model(name, MARKS["module"]))
    assert "which is not Keras's layer of that name" in summary.diagnostics[0].message


@pytest.mark.parametrize("marks", MARKS.values(), ids=MARKS)
def test_an_operation_of_ones_own_is_not_keras_s(marks):
    for name in operations():
        short = name.removeprefix("ops.")
        data = model(short, marks)
        own = data["config"]["layers"][1]
        if (own.get("module") or "").startswith("mylib"):
            own["module"] = "mylib.ops"
        row = analyse(data).layers[1]
        assert (row.status, row.count()) != ("ok", 0), short


@pytest.mark.parametrize("outer", ["Bidirectional", "TimeDistributed"])
def test_inside_a_wrapper(outer):
    inner = {**model("LSTM", MARKS["module"])["config"]["layers"][1]}
    data = model(outer, {})
    data["config"]["layers"][1]["config"] = {"name": "own", "layer": inner}
    data["config"]["layers"][0]["config"]["batch_shape"] = [None, 7, 5]
    summary = analyse(data)
    assert summary.totals.params is None
    assert [d.code for d in summary.diagnostics] == ["DS204"]


@keras.saving.register_keras_serializable(package="own")
class Dense(keras.layers.Layer):
    """A layer with two matrices, called like Keras's."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = units

    def build(self, shape):
        self.a = self.add_weight(shape=(shape[-1], self.units), initializer="zeros")
        self.b = self.add_weight(shape=(shape[-1], self.units), initializer="zeros")

    def call(self, x):
        return keras.ops.matmul(x, self.a) * keras.ops.matmul(x, self.b)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable(package="own")
class Chain(keras.Sequential):
    """A Sequential by another name."""


@keras.saving.register_keras_serializable(package="own")
class Graph(keras.Model):
    """A Functional model by another name."""


def of_one_s_own(make):
    """Return a model of one of the classes above."""
    x = keras.Input((5,))
    if make is Chain:
        return Chain([x, keras.layers.Dense(4), keras.layers.Dense(3)])
    return Graph(x, keras.layers.Dense(3)(x))


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("make", [Chain, Graph])
@pytest.mark.parametrize("form", ["json", "keras", "h5"])
def test_models_of_one_s_own(form, make, nested, tmp_path):
    made = of_one_s_own(make)
    if nested:
        x = keras.Input((5,))
        made = keras.Model(x, keras.layers.Dense(2)(made(x)))
    path = tmp_path / f"model.{form}"
    if form == "json":
        path.write_text(made.to_json(), "utf-8")
    else:
        made.save(path)
    assert report(made, path) == ""


def test_a_layer_that_holds_others_is_no_model():
    data = model("Block", MARKS["module"])
    inner = {"class_name": "Dense", "module": "keras.layers", "config": {"units": 3}}
    data["config"]["layers"][1]["config"]["layers"] = [inner]
    assert [d.code for d in analyse(data).diagnostics] == ["DS204"]


@pytest.mark.parametrize("form", ["json", "keras", "h5"])
def test_as_keras_saves_it(form, tmp_path):
    x = keras.Input((5,))
    made = keras.Model(x, keras.layers.Dense(3)(Dense(4, name="own")(x)))
    path = tmp_path / f"model.{form}"
    if form == "json":
        path.write_text(made.to_json(), "utf-8")
    else:
        made.save(path)
    summary = analyse(path)
    row = summary.layers[1]
    assert row.count() is None
    assert summary.totals.params is None
    assert any(d.layer == "own" for d in summary.diagnostics)


def test_read_from_a_text_too():
    text = json.dumps(model("Conv2D", MARKS["package in the name"]))
    assert analyse(io.StringIO(text)).layers[1].status == "unknown"
