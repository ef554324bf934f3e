"""What the tests of conversions share: models to convert, and rows to compare."""

import json
from contextlib import nullcontext
from math import prod
from pathlib import Path

import keras
import pytest
from keras.src.backend.common.stateless_scope import StatelessScope

from dense_shapes.api import analyse
from dense_shapes.rewriting import rewrite

ROOT = Path(__file__).parent.parent.parent
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
CASES = sorted(p for p in (ROOT / "tests/cases").glob("[ow]*/*") if p.suffix != ".out")


def params(paths):
    return [pytest.param(path, id=path.name) for path in paths]


def rows(summary, *, macs=True):
    """Return what must stay as it is of each row, by its path."""
    return {
        row.path: (
            row.output_shapes,
            row.count(),
            row.count(trainable=True),
            row.macs if macs else None,
            row.inputs,
            [(call.inputs, call.output_shapes) for call in row.calls],
        )
        for _, row in summary.rows()
    }


def ends(summary):
    return [(t.name, t.shape, t.dtype) for t in (*summary.inputs, *summary.outputs)]


def in_keras(source, *, empty=False, **more):
    """Convert a model and load it with Keras; return that, our summary, and what was noted.

    Weights are counted only: `empty` models make none, which takes less time. Where weights depend
    on values, as those of stateful layers do, that does not work.
    """
    value, summary = rewrite(source, "keras", **more)
    assert value is not None, [d.message for d in summary.diagnostics]
    notes = [d.message for d in summary.diagnostics if d.code == "DS502"]
    with StatelessScope(initialize_variables=False) if empty else nullcontext():
        model = keras.models.model_from_json(json.dumps(value))
    return model, summary, notes


def layers_of(model, prefix=""):
    """Yield each layer and operation of a Keras model with its path, those of nested models too."""
    for layer in model.operations:
        yield prefix + layer.name, layer
        inner = layer.layer if isinstance(layer, keras.layers.TimeDistributed) else layer
        if isinstance(inner, keras.Model):
            yield from layers_of(inner, f"{prefix}{layer.name}/")


def unseen(rows):
    """Return the rows that Keras may have no layer for: groups, and what stands for its doing."""
    return {
        row.path
        for row in rows.values()
        if row.explanation.endswith(("rows inside", "row inside"))
        or row.name in {"each_step", "all_steps"}
    }


def counted(layer):
    if not isinstance(layer, keras.Layer):
        return 0, 0
    trained = sum(prod(w.shape) for w in layer.weights if w.trainable)
    return layer.count_params(), trained


def compare(source, *, shapes=True, **more):
    """Demand that Keras makes of a converted model what we make of the original."""
    model, summary, notes = in_keras(source, **more)
    # Groups that call what stands outside are laid out in the model around them.
    ours = {row.path.replace("/", "_"): row for _, row in summary.rows()}
    dropped = {note.split("'")[1].replace("/", "_") for note in notes if "feeds no output" in note}
    thawed = {note.split("'")[1].replace("/", "_") for note in notes if "as trainable" in note}
    found = set()
    for path, layer in layers_of(model):
        row = ours.get(path.replace("/", "_"))
        if row is None:
            # What stands for a group's inputs, or passes one of them on; and the masks' own.
            plain_ = keras.layers.InputLayer | keras.layers.Identity
            assert isinstance(layer, plain_) or not isinstance(layer, keras.Layer), path
            continue
        found.add(row.path)
        if not any(d.startswith(path.replace("/", "_")) for d in dropped):
            theirs, ours_ = counted(layer), (row.count(), row.count(trainable=True))
            assert theirs[0] == ours_[0] if path.replace("/", "_") in thawed else theirs == ours_, (
                path
            )
            if shapes and len(layer._inbound_nodes) == 1 and not row.calls:
                outputs = [tuple(t.shape) for t in layer._inbound_nodes[0].output_tensors]
                assert outputs == plain(row.output_shapes), path
    left = {row.path for path, row in ours.items()}
    left = {path for path in left if not any(path.replace("/", "_").startswith(d) for d in dropped)}
    assert left - unseen(ours) <= found
    if shapes:
        assert [tuple(t.shape) for t in model.outputs] == plain([t.shape for t in summary.outputs])
    assert [tuple(t.shape) for t in model.inputs] == plain([t.shape for t in summary.inputs])
    if not dropped:
        assert model.count_params() == summary.totals.params
    return model, summary


def plain(shapes):
    return [tuple(n if type(n) is int else None for n in shape) for shape in shapes]


def summary_of(source, **more):
    summary = analyse(source, **more)
    assert summary.ok, [d.message for d in summary.diagnostics]
    return summary
