"""Random models of Keras: random graphs, some inside other models, frozen, or in mixed precision.

The graphs are those of `tests/graphs`, of which only the Python is used here.
"""

import random

import keras
from keras import layers

from tests.graphs.compare import build
from tests.graphs.draw import draw


def model_of(seed):
    """Return the model of a seed, built with Keras."""
    choose = random.Random(f"saved {seed}")
    keras.config.set_dtype_policy(
        choose.choice(["float32"] * 4 + ["mixed_float16", "mixed_bfloat16"])
    )
    try:
        model, made, _ = build(draw(f"saved {seed}").python)
        for layer in made.values():
            frozen = choose.random() < 0.1
            if not heads_in(layer):
                layer.trainable = not frozen
        for _ in range(choose.choice((0, 0, 1, 1, 2))):
            model = inside_another(model, choose)
        return model
    finally:
        keras.config.set_dtype_policy("float32")


def inside_another(model, choose):
    """Return a model that calls this one, once or twice, beside other layers."""
    frozen = choose.random() < 0.2
    if not heads_in(model):
        model.trainable = not frozen
    inputs = [keras.Input(x.shape[1:], dtype=x.dtype) for x in model.inputs]
    if len(inputs) == len(model.outputs) == 1 and choose.random() < 0.3:
        # A Sequential takes no list of outputs, even of one.
        inner = keras.Model(model.inputs[0], model.outputs[0])
        return keras.Sequential([inputs[0], inner, layers.Flatten(), layers.Dense(2)])
    tensors = called(model, inputs)
    if choose.random() < 0.4:
        # With the same weights on other tensors.
        changed = [layers.Dropout(0.5)(x) for x in inputs]
        tensors += called(model, changed)
    ends = [layers.Dense(choose.choice((2, 3)))(tensor) for tensor in tensors[:2]] + tensors[2:]
    if choose.random() < 0.5:
        ends.append(tensors[0] * 2 + 1)
    return keras.Model(inputs, choose.sample(ends, choose.randint(1, len(ends))))


def heads_in(layer):
    """Tell whether there is attention in several heads in a layer.

    Once it is loaded again, the layers that it makes inside itself can be trained though it is
    frozen.
    """
    inside = layer._flatten_layers() if hasattr(layer, "_flatten_layers") else ()
    return any(isinstance(one, layers.MultiHeadAttention) for one in inside)


def called(model, inputs):
    made = model(inputs if len(inputs) > 1 else inputs[0])
    return list(made) if isinstance(made, list | tuple) else [made]
