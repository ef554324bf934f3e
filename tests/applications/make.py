"""Writes `golden.json.xz`: all models of `keras.applications`, dumped with the real Keras.

    .venv/bin/python -m tests.applications.make

Each is there whole, for images of its own size, and without its top, for images of any size: the
config as `to_json` gives it, and beside it, of every layer, the shapes of its outputs and how many
parameters it has, all and trained. No weights are made, so that it takes minutes, not hours.
"""

import json
import lzma
import math
import os
import sys

# It knows shapes without working out values. The tests, which collect this file too, have chosen.
os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
from keras.src.backend.common import global_state
from keras.src.backend.common.stateless_scope import StatelessScope

from tests.applications.golden import FILE, NAMES


def counts(layer):
    weights = getattr(layer, "weights", []), getattr(layer, "trainable_weights", [])
    return [sum(math.prod(w.shape) for w in group) for group in weights]


def dump(name, **options):
    """Return a model's config and what Keras says of its layers."""
    global_state.set_global_attribute("object_name_uids", None)
    with StatelessScope(initialize_variables=False):
        model = getattr(keras.applications, name)(weights=None, **options)
    rows = []
    for layer in model.operations:
        outputs = [list(tensor.shape) for tensor in layer._inbound_nodes[-1].output_tensors]
        rows.append([layer.name, outputs, *counts(layer)])
    return {
        "config": json.loads(model.to_json()),
        "rows": rows,
        "totals": counts(model),
        "outputs": [list(tensor.shape) for tensor in model.outputs],
    }


def main():
    golden = {}
    for name in NAMES:
        golden[name] = dump(name)
        golden[f"{name} open"] = dump(name, include_top=False, input_shape=(None, None, 3))
        print(name, golden[name]["totals"], len(golden[name]["rows"]), "rows", file=sys.stderr)
    text = json.dumps(golden, separators=(",", ":"))
    FILE.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(text):,} bytes, {FILE.stat().st_size:,} written", file=sys.stderr)


if __name__ == "__main__":
    main()
