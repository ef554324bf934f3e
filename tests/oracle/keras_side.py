"""What Keras makes of a case: it builds a model of one layer and calls it on real arrays."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

import jax
import keras
import numpy as np
from keras.src import utils
from keras.src.applications.convnext import LayerScale, StochasticDepth
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer
from keras.src.backend.common import global_state
from keras.src.backend.numpy import core, linalg, nn

from tests.oracle import operations
from tests.oracle.nested import Nested, made
from tests.oracle.shapes import each, listed


def attending(layer, inputs, **call):
    """Call an attention layer on a query, a value and perhaps a key."""
    query, value, key = inputs if len(inputs) == 3 else (*inputs, None)
    return layer(query, value, key=key, **call)


def from_states(layer, inputs):
    """Call a recurrent layer on a sequence, and on the states that it starts from."""
    directions = [layer]
    if isinstance(layer, keras.layers.Bidirectional):
        directions = [layer.forward_layer, layer.backward_layer]
    rest = inputs[1:]
    states = []
    for one in directions:
        own, rest = packed(one.state_size, rest)
        states += own
    return layer(inputs[0], initial_state=[*states, *rest] or None)


def one_step(layer, inputs):
    """Call a cell on one step and the states, as many of them as there are."""
    size = layer.state_size
    own, rest = packed(size if isinstance(size, list) else [size], inputs[1:])
    return keras.tree.flatten(layer(inputs[0], [*own, *rest]))


def packed(sizes, states):
    """Return the states in lists as a stack's sizes are, and those that are left over."""
    own = []
    for size in sizes:
        if isinstance(size, list):
            inner, states = packed(size, states)
            own += [inner] if inner else []
        else:
            own += states[:1]
            states = states[1:]
    return own, states


def weighed(layer, inputs):
    """Call a layer on numbers, and perhaps on a weight for each."""
    numbers, weights = inputs if len(inputs) == 2 else (*inputs, None)
    return layer(numbers, count_weights=weights)


CLASSES = {
    **vars(keras.layers),
    **{cls.__name__: cls for cls in (LayerScale, StochasticDepth, CustomScaleLayer)},
}
"""Keras's layers by name, with those of its applications, which are not in `keras.layers`."""

CELLS = ("SimpleRNNCell", "LSTMCell", "GRUCell", "StackedRNNCells")
WINDOWED = ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
RECURRENT = ("SimpleRNN", "LSTM", "GRU", "RNN", "Bidirectional", *WINDOWED)
CALLS = {
    "CategoryEncoding": weighed,
    **dict.fromkeys(RECURRENT, from_states),
    **dict.fromkeys(CELLS, one_step),
    **dict.fromkeys(("MultiHeadAttention", "GroupQueryAttention"), attending),
}
"""How a layer of several inputs is called on them, where that is not with a list."""


@dataclass
class Outcome:
    """What became of a layer; Keras's side and ours fill in the same form.

    Attributes:
        refusal: Why the layer was refused, or None.
        inferred: The output's shape before any call, None where a size is open, `...` where the
            call contradicts it; a list of several outputs' shapes. None where it tells nothing.
        called: The shape of a real output, or a list.
        dtype: The output's dtype, or a list; None where a backend's own operators decide it.
        traced: Whether Keras has no rule for the layer's output, but tries its call out.
        weights: Path, shape, trainable and dtype of each, in order.
        params: How many parameters there are: all, trained and not.
    """

    refusal: str | None = None
    inferred: tuple | list | None = None
    called: tuple | list | None = None
    dtype: str | list | None = None
    weights: list = field(default_factory=list)
    params: tuple = (0, 0, 0)
    traced: bool = False


@contextmanager
def as_elsewhere() -> Iterator[None]:
    """Let NumPy do what it refuses, or does by chance, and other backends do.

    It has no fused attention, whose outcome is the same; no decomposition in half precision, for
    weights that start orthogonal, and for norms of matrices; no pooling without strides, slice up
    to an end, or mean of no weight; and layers without a rule it tries out on whatever its memory
    holds. Zeros make matrices that cannot be inverted, which others do not look at.
    """
    attention, qr, norm = nn.dot_product_attention, linalg.qr, linalg.norm

    def fused(*args, flash_attention=None, **more):
        return attention(*args, **more)

    def in_full(x, mode="reduced"):
        halved = x.dtype.itemsize < 4
        return tuple(
            part.astype(x.dtype) for part in qr(x.astype("float32") if halved else x, mode)
        )

    def norm_in_full(x, **more):
        halved = x.dtype.itemsize < 4 and x.dtype.kind == "f"
        return norm(x.astype("float32"), **more).astype(x.dtype) if halved else norm(x, **more)

    def with_strides(pool):
        def pooled(inputs, pool_size, strides=None, *more):
            return pool(inputs, pool_size, pool_size if strides is None else strides, *more)

        return pooled

    average, block = np.average, core.slice

    def sliced(inputs, start_indices, shape):
        pairs = zip(inputs.shape, start_indices, shape, strict=True)
        return block(inputs, start_indices, [n - at if m == -1 else m for n, at, m in pairs])

    def averaged(x, axis=None, weights=None):
        return average(x, axis=axis, weights=None if weights is None else weights + 1)

    def regular(solve):
        def solved(a, *more, **options):
            return solve(a + np.eye(a.shape[-1], dtype=a.dtype), *more, **options)

        return solved

    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        patch.object(nn, "dot_product_attention", fused),
        patch.object(nn, "max_pool", with_strides(nn.max_pool)),
        patch.object(nn, "average_pool", with_strides(nn.average_pool)),
        patch.object(linalg, "qr", in_full),
        patch.object(linalg, "norm", norm_in_full),
        patch.object(linalg, "inv", regular(linalg.inv)),
        patch.object(linalg, "solve", regular(linalg.solve)),
        patch.object(linalg, "cholesky", regular(linalg.cholesky)),
        patch.object(linalg, "solve_triangular", regular(linalg.solve_triangular)),
        patch.object(np, "average", averaged),
        patch.object(core, "slice", sliced),
        patch.object(np, "empty", np.zeros),
    ):
        warnings.simplefilter("ignore")
        yield


def run(name, options, shape, dtype, arrays, call=None):
    """Build the layer on an input of `shape`, and call it on an array.

    Args:
        name: The layer's class.
        options: Its options.
        shape: The input's shape, batch included, None where a size is open; or a list of shapes.
        dtype: The dtype of the input, or of all.
        arrays: The shape of the array to call it on, or a list of shapes.
        call: The call's arguments beside the inputs.
    """
    outcome = Outcome()
    # Automatic names start anew, without numbers.
    global_state.set_global_attribute("object_name_uids", None)
    with as_elsewhere():
        try:
            layer, make = prepared(name, options)
            outcome.traced = _traced(name, layer)
            # What is tried out on sizes that NumPy makes up for the open ones may not fit them.
            shape = arrays if outcome.traced else shape
            if name == "InputLayer":
                source = target = layer.output
            else:
                source = each(lambda one: keras.Input(batch_shape=one, dtype=dtype), shape)
                target = make(layer, source, **(call or {}))
            # A stack's states come in lists of lists.
            target = (
                target if keras.tree.flatten(target)[0] is target else keras.tree.flatten(target)
            )
            model = keras.Model(source, target)
            # Zeros are an index into any Embedding.
            kind = keras.backend.standardize_dtype(listed(source)[0].dtype)
            real = model(each(lambda one: np.zeros(one, kind), arrays))
            real = [real] if isinstance(target, list) and not isinstance(real, list) else real
        except Exception as error:
            outcome.refusal = f"{type(error).__name__}: {error}"
            return outcome
    # Of what is one number, NumPy makes no array.
    outcome.called = each(lambda y: tuple(np.shape(y)), real)
    if not outcome.traced:
        outcome.inferred = each(lambda y, m: settled(tuple(y.shape), m), target, outcome.called)
        outcome.dtype = each(lambda y: keras.backend.standardize_dtype(y.dtype), target)
    if name.startswith("ops."):
        return outcome
    # A frozen layer's own list of what it trains is empty, whatever its weights say.
    trainable = {id(w) for w in layer.trainable_weights}
    outcome.weights = [(w.path, tuple(w.shape), id(w) in trainable, w.dtype) for w in layer.weights]
    trained = sum(w.value.size for w in layer.trainable_weights)
    outcome.params = (layer.count_params(), trained, layer.count_params() - trained)
    return outcome


def prepared(name, options):
    """Return the layer or operation, and what calls it."""
    if name.startswith("ops."):
        return operations.prepared(name, options)
    options = made(options, CLASSES)
    if isinstance(options.get("quantization_config"), dict):
        options["quantization_config"] = quantizer(**options["quantization_config"])
    layer = CLASSES[name](**options)
    if name == "Discretization" and options.get("num_bins"):
        # It must measure some data before it can be called; `adapt` asks for TensorFlow.
        layer.update_state(np.arange(1000.0))
        layer.finalize_state()
    return layer, CALLS.get(name, type(layer).__call__)


def quantizer(class_name, config):
    """Return how weights are quantized, as Keras reads it from a layer's saved config."""
    return getattr(keras.quantizers, class_name).from_config(config)


def forget():
    """Drop what is kept of all the layers so far: each call on a new shape was compiled."""
    keras.backend.clear_session()
    jax.clear_caches()


def _traced(name, layer):
    """Whether Keras has no rule for a layer's output; the layers of a Pipeline have their own."""
    return (
        isinstance(layer, keras.Layer)
        and name not in ("InputLayer", "Pipeline")
        and utils.is_default(layer.compute_output_shape)
        and type(layer).compute_output_spec is keras.Layer.compute_output_spec
    )


def _traced_so(name, options):
    """Whether the layer of these options is traced, where there is one."""
    try:
        return _traced(name, prepared(name, options)[0])
    except Exception:
        return False


def settled(inferred, called):
    """Return the inferred shape, without the sizes that the real call contradicts."""
    if len(inferred) != len(called):
        return None
    return tuple(n if n in (None, m) else ... for n, m in zip(inferred, called, strict=True))


def snippet(name, options, shape, dtype, arrays, call=None):
    """Return Python that shows what `run` saw."""
    make, called = _written(name, options)
    shape = arrays if _traced_so(name, options) else shape
    if name == "InputLayer":
        build = ["x = y = layer.output"]
    else:
        inputs = each(lambda one: f"keras.Input(batch_shape={one}, dtype={dtype!r})", shape)
        more = f", **{call}" if call else ""
        build = [f"x = {_joined(inputs)}", f"y = {called}x{more})"]
    values = each(lambda one: f"np.zeros({one}, {dtype!r})", arrays)
    weights = "print([(w.path, w.shape, w.trainable) for w in layer.weights])"
    return "\n".join(
        [
            "import os; os.environ['KERAS_BACKEND'] = 'numpy'",
            "import keras, numpy as np",
            "from keras import layers",
            *imports(options),
            *make,
            *build,
            "print(y)",
            *([] if name.startswith("ops.") else [weights]),
            f"y = keras.Model(x, y)({_joined(values)})",
            "print([tuple(np.shape(one)) for one in keras.tree.flatten(y)])",
        ]
    )


def _written(name, options):
    """Return the lines that make a layer, and how its call begins.

    What takes more than the layer's own call is done by the function that `run` does it by.
    """
    special = name in CALLS or name == "Discretization" or "quantization_config" in options
    if name.startswith("ops.") or special:
        return [
            "from tests.oracle.keras_side import prepared",
            f"layer, call = prepared({name!r}, {options!r})",
        ], "call(layer, "
    if hasattr(keras.layers, name):
        return [f"layer = layers.{name}({arguments(options)})"], "layer("
    # The applications have layers of their own.
    return [
        f"from {CLASSES[name].__module__} import {name}",
        f"layer = {name}({arguments(options)})",
    ], "layer("


def _joined(parts):
    return f"[{', '.join(parts)}]" if isinstance(parts, list) else parts


def imports(options):
    """Return the lines that import what options are made with here."""
    types = {type(value) for value in options.values()} - {Nested}
    return [
        f"from {cls.__module__} import {cls.__name__}"
        for cls in types
        if cls.__module__.startswith("tests.")
    ]


def arguments(options):
    """Write options as keyword arguments."""
    return ", ".join(f"{name}={value!r}" for name, value in options.items())
