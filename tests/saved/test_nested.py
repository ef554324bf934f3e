"""Models inside models, in every form that Keras saves: all say what Keras says of the model.

`--saved N` draws more of them, `--graph-seed S` others.
"""

import keras
import pytest
from keras import layers

from tests.saved.nested import model_of
from tests.spec.keras.compare import report

FORMS = ("json", "keras", "h5")
SHARE = 4
"""One in so many as there are of the other random models."""
CHUNK = 25


def differences(model, folder):
    """Return what differs in any of the forms, as one text."""
    found = []
    for form in FORMS:
        path = folder / f"model.{form}"
        if form == "json":
            path.write_text(model.to_json(), "utf-8")
        else:
            model.save(path)
        told = report(model, path)
        if told:
            found.append(f"{form}: {told}")
    return "\n".join(found)


def pytest_generate_tests(metafunc):
    if "start" in metafunc.fixturenames:
        count = metafunc.config.getoption("--saved") // SHARE
        metafunc.parametrize("start", range(0, count, CHUNK))


@pytest.mark.filterwarnings("ignore")
def test_random_ones(start, request, tmp_path):
    seed = request.config.getoption("--graph-seed")
    for number in range(start, start + CHUNK):
        model = model_of(f"{seed} {number}")
        found = differences(model, tmp_path)
        if found:
            pytest.fail(f"model {seed} {number}:\n{found}\n{model.to_json()}", pytrace=False)
    keras.backend.clear_session()


def two_sizes():
    """A model called on images of two sizes, the second result used on."""
    a = keras.Input((None, None, 3))
    f = keras.Model(a, layers.Conv2D(3, 3)(a), name="f")
    i, j = keras.Input((32, 32, 3)), keras.Input((16, 16, 3))
    x, y = f(i), f(j)
    return keras.Model([i, j], [x, layers.Conv2D(2, 3)(y)])


def given_out_and_used_on():
    """What a model gives out is an output and feeds a layer too."""
    a = keras.Input((3,))
    f = keras.Model(a, layers.Dense(2)(a))
    i = keras.Input((3,))
    x = f(i)
    return keras.Model(i, [x, layers.Dense(1)(x)])


def on_itself():
    """A model called on what it gave out before."""
    a = keras.Input((3,))
    f = keras.Model(a, layers.Dense(3)(a))
    i = keras.Input((3,))
    return keras.Model(i, f(layers.Dense(3)(f(i))))


def dict_of_outputs():
    """A model inside that gives out a dict."""
    a = keras.Input((3,))
    f = keras.Model(a, {"z": layers.Dense(2)(a), "y": layers.Dense(4)(a)})
    i = keras.Input((3,))
    x = f(i)
    return keras.Model(i, {"one": x["z"], "two": layers.Dense(1)(x["y"])})


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("make", [two_sizes, given_out_and_used_on, on_itself, dict_of_outputs])
def test_single_ones(make, tmp_path):
    assert differences(make(), tmp_path) == ""
