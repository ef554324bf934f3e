"""Makes `feature_golden.jsonl`: what Keras makes of layers that need TensorFlow.

The tests run without TensorFlow, so that the cases of these layers are run once, in an environment
of their own, and kept. To make them anew, from the folder of the project:

    python -m venv /tmp/golden && /tmp/golden/bin/pip install "keras==3.15.1" tensorflow-cpu
    /tmp/golden/bin/python -m tests.oracle.feature_golden

A layer without a vocabulary is adapted to a few texts or numbers before it is called, as Keras
demands. Such a case is kept twice: with its options as they were drawn, and as its own config
saves them, in which the size of the vocabulary stands.
"""

import json
import os
import warnings
from pathlib import Path
from random import Random

import numpy as np

from tests.oracle.draws import draw
from tests.oracle.feature_rows import GOLDEN

PATH = Path(__file__).with_suffix(".jsonl")
CASES = 100
"""How many are drawn of each class."""

TEXTS = [["a"], ["a"], ["a"], ["b"], ["b c"], ["é e f"]]
NUMBERS = [[1], [1], [1], [2], [5], [30]]
NOT_KEPT = ("name", "dtype", "trainable")
"""What a saved config holds beside a layer's own options."""


def main() -> None:
    """Draw the cases, run them and write the file."""
    os.environ |= {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    lines = []
    for name, row in GOLDEN.items():
        r = Random(f"golden {name}")
        for _ in range(CASES):
            case = draw(name, row, r)
            closed = run(case.closed())
            kept = {"case": case._asdict(), "closed": closed}
            if case != case.closed():
                kept["opened"] = run(case)
            saved = closed.pop("saved", None)
            kept.get("opened", {}).pop("saved", None)
            lines.append(kept)
            if saved is not None:
                again = case.closed()._replace(options=saved)
                lines.append({"case": again._asdict(), "closed": closed})
    with PATH.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def run(case):
    """Build a layer, call it on a real tensor, and return what became of it as plain data."""
    import keras

    keras.utils.clear_session()
    several = isinstance(case.shape, list)
    options = dict(case.options)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layer = getattr(keras.layers, case.name)(**options)
            adapted = adapt(layer, case)
            shapes = case.shape if several else [case.shape]
            inputs = [keras.Input(batch_shape=shape, dtype=case.dtype) for shape in shapes]
            arrays = [filled(case, one) for one in (case.arrays if several else [case.arrays])]
            if case.name == "CategoryEncoding":
                numbers, weights = inputs if len(inputs) == 2 else (*inputs, None)
                target = layer(numbers, count_weights=weights)
            else:
                target = layer(inputs if several else inputs[0])
            real = keras.Model(inputs, target)(arrays)
    except Exception as error:
        text = " ".join(str(error).split())
        return {"refusal": f"{type(error).__name__}: {text[:160]}"}
    if layer.weights:
        raise AssertionError(f"{case.name} has weights")
    called = list(real.shape)
    inferred = None if adapted else list(target.shape)
    found = {"inferred": inferred, "called": called, "dtype": real.dtype.name}
    if adapted:
        config = layer.get_config()
        found["saved"] = {name: config[name] for name in config if name not in NOT_KEPT}
    return found


def adapt(layer, case) -> bool:
    """Adapt a layer that has to be; tell whether it had."""
    if case.name == "Discretization" and case.options.get("num_bins"):
        layer.update_state([float(n) for n in range(1000)])
        layer.finalize_state()
        return False
    if not hasattr(layer, "get_vocabulary") or case.options.get("vocabulary") is not None:
        return False
    texts = TEXTS
    if case.options.get("split", "") is None:
        texts = [["a", "a", "b", "a", "c"]]
    data = NUMBERS if case.name == "IntegerLookup" else texts
    layer.adapt(np.array(data))
    return True


def filled(case, shape):
    """Return a tensor of values that the layer knows."""
    import tensorflow as tf

    terms = case.options.get("vocabulary")
    if case.dtype == "string":
        value = "a b c" if case.name == "TextVectorization" else "a"
        if isinstance(terms, list) and case.name == "StringLookup":
            value = terms[-1]
        return tf.fill(shape, value)
    number = terms[-1] if isinstance(terms, list) and case.name == "IntegerLookup" else 1
    if case.name in ("CategoryEncoding", "Discretization") or case.options.get("invert"):
        number = 0
    return tf.cast(tf.fill(shape, number), case.dtype)


if __name__ == "__main__":
    main()
