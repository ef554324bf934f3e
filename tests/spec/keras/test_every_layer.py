"""Every layer and operation with random options, saved by the real Keras and read back."""

import io
import math
import warnings
from random import Random

import keras
import numpy as np
import pytest
from keras.src.backend.common import global_state

from dense_shapes.api import analyse
from dense_shapes.render.snippets import render_text
from tests.oracle.compare import Verdict
from tests.oracle.draws import draw
from tests.oracle.keras_side import forget, prepared
from tests.oracle.ops_rows import OPS
from tests.oracle.rows import ROWS
from tests.oracle.shapes import each, listed
from tests.spec.keras.compare import plain

SHARE = 30
"""One in so many of the cases that compare the layers themselves."""


def saved(case):
    """Return a model of one layer, or None if Keras refuses it, or fails on real arrays."""
    global_state.set_global_attribute("object_name_uids", None)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            layer, make = prepared(case.name, case.options)
            source = each(lambda one: keras.Input(batch_shape=one, dtype=case.dtype), case.shape)
            target = make(layer, source, **case.call)
            model = keras.Model(source, list(target) if isinstance(target, tuple) else target)
            real = model(each(lambda one: np.zeros(one, case.dtype), case.arrays))
            return model, model.to_json(), [tuple(y.shape) for y in listed(real)]
        except Exception:
            return None


def differences(model, text, real):
    """Return what differs between Keras's model and what we read out of its JSON.

    Args:
        model: The model.
        text: Its JSON.
        real: The shapes of its outputs for real arrays, which it may have inferred otherwise.
    """
    summary = analyse(io.StringIO(text))
    if summary.diagnostics:
        return render_text(summary.diagnostics)
    theirs = sum(math.prod(w.shape) for w in model.weights)
    # A frozen layer's own list of what it trains is empty, whatever its weights say.
    trained = sum(math.prod(w.shape) for w in model.weights if w.trainable)
    totals = summary.totals
    shapes = [plain(tensor.shape or ()) for tensor in summary.outputs]
    ours = totals.params, totals.trainable_params, shapes
    fits = len(shapes) == len(real) and all(
        len(s) == len(y) and all(n in {None, m} for n, m in zip(s, y, strict=True))
        for s, y in zip(shapes, real, strict=True)
    )
    if fits and ours[:2] == (theirs, trained):
        return ""
    return f"Keras: {theirs, trained, real}\nhere:  {ours}"


@pytest.mark.parametrize("name", [name for name in (*ROWS, *OPS) if name != "InputLayer"])
def test_what_keras_saves_is_read(name, request):
    row = ROWS.get(name) or OPS[name]
    r = Random(f"{name} {request.config.getoption('--oracle-seed')}")
    wrong = []
    for _ in range(max(request.config.getoption("--oracle-cases") // SHARE, 1)):
        case = draw(name, row, r)
        verdict = Verdict(case)
        if verdict.differences or not (verdict.accepted and verdict.taken):
            continue
        made = saved(case)
        told = differences(*made) if made is not None else ""
        if told:
            wrong.append(f"{case}\n{told}")
    forget()
    assert not wrong, f"{len(wrong)} differ:\n\n" + "\n\n".join(wrong[:3])
