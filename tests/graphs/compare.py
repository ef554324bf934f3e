"""Puts what Keras makes of a graph beside what we make of it."""

import io
import warnings
from math import prod

import keras
from keras.src.backend.common import global_state

from dense_shapes.api import analyse
from dense_shapes.render.snippets import render_text
from tests.graphs.draw import draw


def build(python):
    """Run a graph's Python; return its model, its layers and its tensors by path."""
    global_state.set_global_attribute("object_name_uids", None)
    names = {"keras": keras, "layers": {}, "tensors": {}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(python, names)
    return names["model"], names["layers"], names["tensors"]


def differences(graph):
    """Return what differs, each as a line of text."""
    model, layers, tensors = build(graph.python)
    summary = analyse(io.StringIO(graph.spec))
    if not summary.ok:
        return [render_text(summary.diagnostics)]
    out = []

    def differ(what, theirs, ours):
        if theirs != ours:
            out.append(f"{what}: Keras {theirs}\n  ours  {ours}")

    rows = {row.path: row for _, row in summary.rows()}
    shapes = {}
    for path, row in rows.items():
        shapes[path] = row.output_shapes
        for call in row.calls:
            # The first call of a layer is called as the layer is, all others by their paths.
            name = path if call.name == row.name and call is row.calls[0] else call.name
            shapes[name] = call.output_shapes
    for path, ours in tensors.items():
        differ(f"outputs of {path}", [tuple(t.shape) for t in ours], _plain(shapes.get(path)))
    extra = [path for path, row in rows.items() if path not in tensors and row.type != "repeat"]
    differ("further rows", [], extra)
    # What feeds no output is not part of Keras's model, but has its weights all the same.
    counts = []
    for path, layer in layers.items():
        row = rows.get(path)
        if row is None:
            out.append(f"{path}: no row")
            continue
        trained = sum(prod(w.shape) for w in layer.trainable_weights)
        counts.append((layer.count_params(), trained, layer.count_params() - trained))
        ours = (row.count(), row.count(trainable=True), row.count(trainable=False))
        differ(f"params of {path}", counts[-1], ours)
    totals = summary.totals
    differ(
        "totals",
        tuple(map(sum, zip(*counts, strict=True))) or (0, 0, 0),
        (totals.params, totals.trainable_params, totals.non_trainable_params),
    )
    if {id(layer) for layer in layers.values()} <= {id(layer) for layer in model.layers}:
        differ("params of the model", model.count_params(), totals.params)
    differ(
        "outputs",
        [tuple(t.shape) for t in model.outputs],
        _plain([tensor.shape for tensor in summary.outputs]),
    )
    return out


def _plain(shapes):
    if shapes is None:
        return None
    return [tuple(n if type(n) is int else None for n in shape or ()) for shape in shapes]


def check(seed):
    """Return a report on the graph of a seed, None if both sides agree."""
    graph = draw(seed)
    try:
        found = differences(graph)
    except Exception as error:
        found = [f"{type(error).__name__}: {error}"]
    if not found:
        return None
    return "\n".join(
        [
            f"graph {seed}:",
            *found,
            "--- Keras:",
            "import os; os.environ['KERAS_BACKEND'] = 'numpy'",
            "import keras",
            "layers, tensors = {}, {}",
            f"{graph.python}model.summary()",
            "--- dense-shapes summarize - <<'END'",
            f"{graph.spec}END",
        ]
    )
