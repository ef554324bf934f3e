"""Values for options: those that a kind of option takes, and those that it must refuse."""

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from dense_shapes.layers import types as t


class Kind(NamedTuple):
    """A kind of option.

    Attributes:
        draw: Draws a value that is right by itself; it may not fit other options or the input.
        wrong: Values that no layer may take there.
        lax: Wrong values, most of a wrong type, that Keras may store without looking at them, or
            make nothing of: ours are to be refused, whatever Keras does.
    """

    draw: Callable[[Random], Any]
    wrong: tuple[Any, ...] = ()
    lax: tuple[Any, ...] = ()


def of(*values: Any, wrong: tuple[Any, ...] = (), lax: tuple[Any, ...] = ()) -> Kind:
    """Make the kind with these values."""
    return Kind(lambda r: r.choice(values), wrong, lax)


def maybe(kind: Kind) -> Kind:
    """Make the kind that takes None too."""
    wrong, lax = (tuple(v for v in values if v is not None) for values in kind[1:])
    return Kind(lambda r: None if r.random() < 0.3 else kind.draw(r), wrong, lax)


def lists(
    item: Kind, low: int, high: int, wrong: tuple[Any, ...] = (), lax: tuple[Any, ...] = ()
) -> Kind:
    """Make the kind of lists with `low` to `high` items."""
    return Kind(lambda r: [item.draw(r) for _ in range(r.randint(low, high))], wrong, lax)


def either(*kinds: Kind) -> Kind:
    """Make the kind with the values of all of these; all of them must refuse what is wrong."""
    first, *others = (kind.wrong for kind in kinds)
    wrong = tuple(v for v in first if all(v in other for other in others))
    return Kind(lambda r: r.choice(kinds).draw(r), wrong)


def integer(low: int, high: int, *wrong: Any) -> Kind:
    """Make the kind of integers from `low` to `high`."""
    return Kind(lambda r: r.randint(low, high), wrong, (True, 2.0))


def positive(high: int) -> Kind:
    """Make the kind of integers from 1 to `high`."""
    return integer(1, high, 0, -1, -3, "many", [2])


def sizes(rank: int, high: int) -> Kind:
    """Make the kind of windows and strides: one integer, or one for each of `rank` axes."""

    def draw(r: Random) -> Any:
        # Small ones more often, so that they fit.
        pick = [min(r.randint(1, high), r.randint(1, high)) for _ in range(rank)]
        return pick[0] if r.random() < 0.5 else r.choice((list, tuple))(pick)

    ones = [1] * rank
    wrong = (0, -1, None, "two", [*ones, 1], [], [0, *ones[1:]], [*ones[1:], -2], [*ones[1:], "a"])
    return Kind(draw, wrong)


def unread(kind: Kind, *values: Any) -> Kind:
    """Return the kind with these wrong values, by default all of them, taken for lax ones."""
    # 1 == True, but they are not the same.
    lax = [v for v in kind.wrong if not values or any(repr(v) == repr(one) for one in values)]
    wrong = tuple(v for v in kind.wrong if v not in lax)
    return kind._replace(wrong=wrong, lax=(*kind.lax, *lax))


def pads(rank: int) -> Kind:
    """Make the kind of paddings: one integer, one for each axis, or pairs of (before, after)."""

    def draw(r: Random) -> Any:
        pair = [(r.randint(0, 3), r.randint(0, 3)) for _ in range(rank)]
        if rank == 1:
            return r.choice((pair[0][0], pair[0], list(pair[0])))
        return r.choice((pair[0][0], [a for a, _ in pair], pair, list(map(list, pair))))

    wrong = [None, "one", [1] * (rank + 2), [], [(1, 1, 1)] * rank, [(0, -1)] * rank, -1]
    return Kind(draw, tuple(wrong))


BOOL = of(True, False, lax=("yes", 1, None))
NUMBER = of(0.3, 1.0, 2, 0.001, lax=("x", [1.0], None, True))
RATE = of(0, 0.0, 0.25, 0.5, 1, 1.0, wrong=(-0.1, 1.5, -1, 2, "x", None, [0.5]))
SEED = of(None, 0, 7, lax=("x", 1.5))
AXIS = integer(-4, 4, "last", 1.5)
DATA_FORMAT = of(
    "channels_last",
    "channels_last",
    "channels_first",
    None,
    "Channels_Last",
    "CHANNELS_FIRST",
    wrong=("channels_middle", "", "first", 1),
)
PADDING = of("valid", "same", "valid", "SAME", "Valid", wrong=("causal", "full", "", None, 1))
CAUSAL = of("valid", "same", "causal", "CAUSAL", "Same", wrong=("full", "", None, 1))
POOL_PADDING = of("valid", "same", wrong=("SAME", "Valid", "causal", "full", None, 1))
ACTIVATION = of(None, *t.ACTIVATIONS, "glu", wrong=("rleu", "ReLU", "", 3, ["relu"]))
_START = (
    *t.INITIALIZER.inner.names,
    {"class_name": "Constant", "config": {"value": 0.5}},
    {"class_name": "Orthogonal", "config": {}},
)
_START_ANY = (None, "zeros", "ones", "HeNormal", "glorot_uniform", "TruncatedNormal")
INITIALIZER = Kind(
    # Some names fit few weights, or none without a config; those that always fit are enough
    # most of the time.
    lambda r: r.choice(_START_ANY if r.random() < 0.7 else _START),
    ("glorot", "ZEROS", "l2", 3, ["zeros"], {"class_name": "Constant"}),
)
REGULARIZER = of(None, *t.REGULARIZER.inner.names, wrong=("l3", "zeros", 3, ["l2"]))
CONSTRAINT = of(None, *t.CONSTRAINT.inner.names, wrong=("maxnorm", "l2", 3, ["non_neg"]))

COMMON = {
    "trainable": of(False, True, wrong=(0, "yes", None)),
    "dtype": of(
        *("float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16"),
        wrong=("float17", "mixed", "mixed_float32", "", 32),
    ),
    "autocast": BOOL,
    # An orthogonal one fails in the call unless the output is a matrix; shapes are ours to check.
    "activity_regularizer": of(None, "l1", "L2", wrong=("l3", 3)),
}
"""The options of every layer."""

NEVER_FROZEN = {name: kind for name, kind in COMMON.items() if name != "trainable"}
"""Those of layers that in Keras have no `trainable`; every entry of a spec can be frozen."""
