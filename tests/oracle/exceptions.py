"""Where we differ from Keras on purpose, each with its reason."""

from collections.abc import Callable
from typing import NamedTuple

from tests.oracle import kinds
from tests.oracle.compare import Verdict
from tests.oracle.draws import Options
from tests.oracle.rows import ROWS


class Exempt(NamedTuple):
    """A deliberate difference.

    Attributes:
        reason: Why we differ.
        covers: Whether it explains what a verdict shows.
    """

    reason: str
    covers: Callable[[Verdict], bool]


def only_keras(verdict: Verdict) -> bool:
    """Whether Keras accepts what we refuse."""
    return verdict.accepted and not verdict.taken


def only_we(verdict: Verdict) -> bool:
    """Whether we accept what Keras refuses."""
    return verdict.taken and not verdict.accepted


def _overlooked(verdict: Verdict) -> bool:
    known = ROWS[verdict.case.name].options | kinds.COMMON
    return any(
        # 1 == True, but their types differ.
        any(value == lax and type(value) is type(lax) for lax in known[name].lax)
        for name, value in verdict.case.options.items()
        if name in known
    )


def _dropped(options: Options) -> bool:
    return any(name in options for name in ("unknown_option", *kinds.COMMON) if name != "dtype")


EXCEPTIONS = {
    "unread values": Exempt(
        "Keras stores values without looking at them; those of a spec are checked",
        lambda v: only_keras(v) and _overlooked(v),
    ),
    "other options of InputLayer": Exempt(
        "Keras drops unread what InputLayer does not know, even the options of every layer",
        lambda v: only_keras(v) and v.case.name == "InputLayer" and _dropped(v.case.options),
    ),
    "empty inputs": Exempt(
        "an input without any entry is a mistake in a model, though Keras takes it",
        lambda v: only_keras(v) and v.case.name == "InputLayer" and 0 in v.case.shape,
    ),
    "factors of Rescaling": Exempt(
        "a list of n values makes a last axis of n; Keras leaves it open, and scales the batch too",
        lambda v: (
            v.case.name == "Rescaling"
            and (v.case.shape[-1] is None or (len(v.case.shape) == 1 and only_keras(v)))
            and all(d.startswith(("left open: inferred", "Keras accepts")) for d in v.differences)
        ),
    ),
    "trainable": Exempt(
        "every entry of a spec can be frozen, Keras's SpatialDropout has no such option",
        lambda v: only_we(v) and "SpatialDropout" in v.case.name and "trainable" in v.case.options,
    ),
    "all axes of LayerNormalization": Exempt(
        "over all axes, not in their order, Keras multiplies by weights of a transposed shape",
        lambda v: (
            v.case.name == "LayerNormalization"
            and isinstance(v.case.options.get("axis"), list)
            and len(v.case.options["axis"]) == len(v.case.shape)
        ),
    ),
    "synchronized": Exempt(
        "BatchNormalization's synchronized=True is for TensorFlow alone, where shapes are the same",
        lambda v: only_we(v) and "synchronized=True" in v.refusals[0],
    ),
    "negative padding": Exempt(
        "ZeroPadding2D(-1) and 3D crop, and save a config that Keras itself refuses to load",
        lambda v: (
            only_keras(v) and "ZeroPadding" in v.case.name and v.case.options.get("padding") == -1
        ),
    ),
    "half precision": Exempt(
        "NumPy cannot start orthogonal weights in float16, which other backends may",
        lambda v: only_we(v) and "unsupported in linalg" in v.refusals[0],
    ),
    "dtypes without autocast": Exempt(
        "a convolution on an input of another dtype fails when it is not cast; we check shapes",
        lambda v: only_we(v) and "same dtypes" in v.refusals[0],
    ),
}
"""Every deliberate difference by its name."""


def exception(verdict: Verdict) -> str | None:
    """Return the name of the deliberate difference that a verdict shows, or None."""
    for name, exempt in EXCEPTIONS.items():
        if exempt.covers(verdict):
            return name
    return None
