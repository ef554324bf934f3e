"""Puts Keras's own figures for a model beside those that we read out of its JSON."""

import io
import math

import keras
from keras.src.backend.common import global_state
from keras.src.models.functional import Functional
from keras.src.ops.operation import Operation

from dense_shapes.api import analyse
from dense_shapes.render.snippets import render_text


def build(function):
    """Return a fresh model with names that start anew."""
    global_state.set_global_attribute("object_name_uids", None)
    return function()


def parts(model):
    """Return what a model's config holds: operations, and the input of a Sequential."""
    if isinstance(model, keras.Sequential):
        return model._layers
    return model.operations if isinstance(model, Functional) else model.layers


def outputs(operation):
    """Return the shapes of the outputs of a layer's last call in its model."""
    shapes = [tensor.shape for tensor in operation._inbound_nodes[-1].output_tensors]
    return [tuple(shape) for shape in shapes]


def counts(operation):
    """Return how many parameters there are: all, trained and not.

    A frozen layer's own list of what it trains is empty, whatever `summary()` counts of it.
    """
    weights = getattr(operation, "weights", [])
    trained = [w for w in weights if w.trainable]
    total, some = _size(weights), _size(trained)
    return total, some, total - some


def _size(weights):
    return sum(math.prod(w.shape) for w in weights)


def differences(model, rows, path=""):
    """Yield what differs between Keras's layers and our rows, each as a text."""
    theirs = {operation.name: operation for operation in parts(model)}
    ours = {row.name: row for row in rows}
    if list(theirs) != [name for name in ours if name in theirs] or len(theirs) != len(ours):
        yield f"{path}: Keras has {list(theirs)}, here {list(ours)}"
    for name, operation in theirs.items():
        row = ours.get(name)
        if row is None or not isinstance(operation, Operation):
            continue
        if row.count() is not None:
            found = row.count(), row.count(trainable=True), row.count(trainable=False)
            if found != counts(operation):
                yield f"{path}{name}: Keras counts {counts(operation)}, here {found}"
        if isinstance(operation, keras.Model):
            yield from differences(operation, row.layers, f"{path}{name}/")
        elif row.output_shapes is None:
            yield f"{path}{name}: no shape"
        else:
            shapes = [plain(shape) for shape in row.output_shapes]
            used = outputs(operation)
            if not path and shapes[: len(used)] != used:
                yield f"{path}{name}: Keras gives {used}, here {shapes}"


def plain(shape):
    """Return a shape with None for sizes that are no numbers."""
    return tuple(n if type(n) is int else None for n in shape)


def report(model, text=None):
    """Return all that differs, and the diagnostics, as one text; empty where both agree.

    Args:
        model: The model.
        text: Its JSON, or the path of a file that holds it.
    """
    text = model.to_json() if text is None else text
    summary = analyse(io.StringIO(text) if isinstance(text, str) else text)
    found = list(differences(model, summary.layers))
    totals = summary.totals
    ours = totals.params, totals.trainable_params, totals.non_trainable_params
    theirs = (
        *counts(model)[:1],
        *map(_size, (model.trainable_weights, model.non_trainable_weights)),
    )
    if totals.params is not None and ours != theirs:
        found.append(f"totals: Keras {theirs}, here {ours}")
    theirs = [tuple(tensor.shape) for tensor in model.outputs]
    shapes = [plain(tensor.shape or ()) for tensor in summary.outputs]
    if theirs != shapes:
        found.append(f"outputs: Keras {theirs}, here {shapes}")
    return "\n".join([*found, render_text(summary.diagnostics)]).strip()
