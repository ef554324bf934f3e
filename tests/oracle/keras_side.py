"""What Keras makes of a case: it builds a model of one layer and calls it on real arrays."""

import warnings
from dataclasses import dataclass, field

import jax
import keras
import numpy as np


@dataclass
class Outcome:
    """What became of a layer; Keras's side and ours fill in the same form.

    Attributes:
        refusal: Why the layer was refused, or None.
        inferred: The output's shape before any call, None where a size is open.
        called: The shape of a real output.
        dtype: The output's dtype.
        weights: Name, shape, trainable and dtype of each, in order.
        params: How many parameters there are: all, trained and not.
    """

    refusal: str | None = None
    inferred: tuple | None = None
    called: tuple | None = None
    dtype: str | None = None
    weights: list = field(default_factory=list)
    params: tuple = (0, 0, 0)


def run(name, options, shape, dtype, arrays):
    """Build the layer on an input of `shape`, and call it on an array.

    Args:
        name: The layer's class.
        options: Its options.
        shape: The input's shape, batch included, None where a size is open.
        dtype: The input's dtype.
        arrays: The shape of the array to call it on.
    """
    outcome = Outcome()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            layer = getattr(keras.layers, name)(**options)
            if name == "InputLayer":
                source = target = layer.output
            else:
                source = keras.Input(batch_shape=shape, dtype=dtype)
                target = layer(source)
            model = keras.Model(source, target)
            # Zeros are an index into any Embedding.
            real = model(np.zeros(arrays, keras.backend.standardize_dtype(source.dtype)))
        except Exception as error:
            outcome.refusal = f"{type(error).__name__}: {error}"
            return outcome
    outcome.called = tuple(real.shape)
    outcome.inferred = _settled(tuple(target.shape), outcome.called)
    outcome.dtype = keras.backend.standardize_dtype(target.dtype)
    outcome.weights = [(w.name, tuple(w.shape), w.trainable, w.dtype) for w in layer.weights]
    trained = sum(w.value.size for w in layer.trainable_weights)
    outcome.params = (layer.count_params(), trained, layer.count_params() - trained)
    return outcome


def forget():
    """Drop what is kept of all the layers so far: each call on a new shape was compiled."""
    keras.backend.clear_session()
    jax.clear_caches()


def _settled(inferred, called):
    """Return the inferred shape, made right where the real call contradicts it."""
    if len(inferred) != len(called):
        return called
    return tuple(None if n is None else m for n, m in zip(inferred, called, strict=True))


def snippet(name, options, shape, dtype, arrays):
    """Return Python that shows what `run` saw."""
    if name == "InputLayer":
        build = ["x = layer.output"]
    else:
        build = [f"x = keras.Input(batch_shape={shape}, dtype={dtype!r})"]
    return "\n".join(
        [
            "import os; os.environ['KERAS_BACKEND'] = 'numpy'",
            "import keras, numpy as np",
            f"layer = keras.layers.{name}({arguments(options)})",
            *build,
            f"y = {'x' if name == 'InputLayer' else 'layer(x)'}",
            "print(y.shape, y.dtype, [(w.name, w.shape, w.trainable) for w in layer.weights])",
            f"print(keras.Model(x, y)(np.zeros({arrays}, x.dtype)).shape)",
        ]
    )


def arguments(options):
    """Write options as keyword arguments."""
    return ", ".join(f"{name}={value!r}" for name, value in options.items())
