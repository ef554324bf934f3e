"""What is declared of layers, against the classes and signatures of the installed Keras."""

import inspect

import keras
import pytest
from keras.src import activations, constraints, initializers, regularizers

from dense_shapes.layers import REGISTRY, REQUIRED
from dense_shapes.layers import types as t
from tests.oracle.keras_side import CLASSES

NOT_OPTIONS = {
    "name": "a layer's name belongs to its entry in a spec",
    "weights": "Embedding's first values are arrays; they change no shape",
    "input_tensor": "InputLayer can wrap a tensor that is there already; a spec has none",
}
"""Keras's parameters that are no options here."""

NOT_HANDED_ON = {
    ("ActivityRegularization", "activity_regularizer"): "it is made of its l1 and l2",
}
"""Options of all layers that a class takes in **kwargs, and then fails on, each with the reason."""

NOT_IN_SIGNATURE = {
    "trainable": "every entry of a spec can be frozen, a SpatialDropout too",
    "lora_rank": "Conv1D to 3D hand it on in **kwargs",
    "lora_alpha": "Conv1D to 3D hand it on in **kwargs",
    "quantization_config": "ReversibleEmbedding hands it on in **kwargs",
    "zero_output_for_mask": "recurrent layers hand it on in **kwargs, and save it in their config",
    "output_shape": "a spec can tell it of foreign code, which is not run",
    "native_serialization_platforms": "FlaxLayer hands it on in **kwargs",
    "seed": "AdditiveAttention and FlaxLayer hand it on in **kwargs",
    "unroll": "ConvLSTM1D to 3D hand it on in **kwargs, and save it in their config",
    "rms_scaling": "LayerNormalization takes it out of **kwargs",
    "vocabulary_size": "lookups take it out of **kwargs, and save it in their config",
    "has_input_vocabulary": "lookups take it out of **kwargs",
    "oov_method": "StringLookup hands it on in **kwargs, and saves it in its config",
    "dtype": "lookups take it out of **kwargs, and save it in their config",
    "data_format": "some layers over images hand it on in **kwargs",
    "bounding_box_format": "layers over images hand it on in **kwargs",
}
"""Options that the signatures in Keras do not show."""

NOT_REQUIRED = {
    ("Lambda", "function"): "a spec has no code to give",
}
"""Options that Keras requires and we do not, each with the reason."""

KEPT = ("StringLookup", "IntegerLookup", "HashedCrossing")
"""Classes whose **kwargs do not take the options of all layers."""

NOT_LAYERS = {
    "Layer": "the base of all",
    "Wrapper": "the base of those around another layer",
}
"""Classes among Keras's layers that stand in no model themselves."""

NOT_BY_NAME = {
    "initializer": {"Initializer", "initializer", "STFT", "STFTInitializer", "stft"},
    "regularizer": {"Regularizer", "regularizer"},
    "constraint": {"Constraint", "constraint"},
    "activation": {"threshold"},
}
"""Base classes, and what needs arguments of its own or fills one layer's weights only."""

KERAS = {
    name: cls
    for name, cls in CLASSES.items()
    if inspect.isclass(cls) and issubclass(cls, keras.Layer)
}


def parameters(cls):
    """Return a class's parameters with defaults, those of all layers where it hands them on."""
    own = dict(inspect.signature(cls.__init__).parameters)
    if own.pop("kwargs", None) is not None and cls.__name__ not in KEPT:
        own = dict(inspect.signature(keras.Layer.__init__).parameters) | own
        del own["kwargs"]
    del own["self"]
    return {
        name: parameter.default
        for name, parameter in own.items()
        if name not in NOT_OPTIONS and (cls.__name__, name) not in NOT_HANDED_ON
    }


@pytest.mark.parametrize("name", REGISTRY)
def test_options_are_those_of_keras(name):
    ours, theirs = set(REGISTRY[name].fields), set(parameters(KERAS[name]))
    assert theirs - ours == set()
    assert ours - theirs <= set(NOT_IN_SIGNATURE)


@pytest.mark.parametrize("name", REGISTRY)
def test_defaults_are_those_of_keras(name):
    layer = REGISTRY[name]
    probe = object.__new__(layer)
    probe.demands = []
    for option, default in parameters(KERAS[name]).items():
        declared = layer.fields[option]
        required = default is inspect.Parameter.empty and (name, option) not in NOT_REQUIRED
        assert declared.required == required, option
        if declared.default is not REQUIRED and (name, option) not in NOT_REQUIRED:
            # Keras writes some as (2, 2) and some as 2.
            assert declared.type.read(default, probe) == declared.type.read(
                declared.default, probe
            ), option


@pytest.mark.parametrize("name", REGISTRY)
def test_first_option_is_that_of_keras(name):
    """One value in a spec stands for it, as the first argument does in Keras."""
    _, first, *_ = inspect.signature(KERAS[name].__init__).parameters
    if first in REGISTRY[name].fields:
        assert next(iter(REGISTRY[name].fields)) == first


@pytest.mark.parametrize("name", REGISTRY)
def test_aliases_are_those_of_keras(name):
    theirs = {alias for alias, cls in KERAS.items() if cls is KERAS[name]} - {name}
    ours = set(REGISTRY[name].aliases)
    # `keras.Input` and `keras.layers.Input` are one function, which makes an InputLayer; saved
    # files have the class's own name.
    own = {KERAS[name].__name__} - {name}
    assert ours - theirs == ({"Input"} if name == "InputLayer" else own)
    assert theirs <= ours


@pytest.mark.parametrize("name", REGISTRY)
def test_automatic_names_are_those_of_keras(name):
    assert (
        keras.src.utils.naming.to_snake_case(KERAS[name].__name__)
        == REGISTRY[name].automatic_name()
    )


def test_every_layer_of_keras_is_registered():
    ours = {name for cls in REGISTRY.values() for name in (cls.__name__, *cls.aliases)}
    own = {cls.__name__ for cls in KERAS.values()} - set(KERAS)
    assert set(KERAS) - set(NOT_LAYERS) == ours - {"Input"} - own


@pytest.mark.parametrize(
    ("kind", "ours", "module"),
    [
        ("activation", t.ACTIVATIONS, activations),
        ("initializer", t.INITIALIZER.inner.names, initializers),
        ("regularizer", t.REGULARIZER.inner.names, regularizers),
        ("constraint", t.CONSTRAINT.inner.names, constraints),
    ],
)
def test_names_of_objects_are_those_of_keras(kind, ours, module):
    assert set(ours) == set(module.ALL_OBJECTS_DICT) - NOT_BY_NAME[kind]


def test_no_file_of_the_tests_changes_the_backend():
    assert keras.backend.backend() == "numpy"
