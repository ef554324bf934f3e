"""Pieces from which the tables of layers are put together."""

from collections.abc import Callable
from random import Random

from tests.oracle import kinds as k
from tests.oracle.draws import Sizes, any_shape
from tests.oracle.kinds import Kind


def positional(rank: int) -> Callable[[Random], Sizes]:
    """Make what draws the sizes of `rank` positional axes and one of channels."""
    high = {1: 10, 2: 8, 3: 5}[rank]
    return lambda r: [r.randint(1, high) for _ in range(rank)] + [r.choice((1, 2, 3, 4, 6))]


def copies(r: Random, low: int = 1, high: int = 4) -> list[Sizes]:
    """Draw the sizes of some inputs, all the same."""
    sizes = any_shape(r)
    return [list(sizes) for _ in range(r.randint(low, high))]


def mergeable(low: int = 1) -> Callable[[Random], list[Sizes]]:
    """Make what draws inputs that are the same but for sizes of 1 and axes that are left out."""

    def sizes(r: Random) -> list[Sizes]:
        several = copies(r, low, max(low, r.choice((2, 4))))
        for example in several:
            for axis in range(len(example)):
                if r.random() < 0.15:
                    example[axis] = 1
            if r.random() < 0.2:
                del example[: r.randint(1, len(example))]
        return several

    return sizes


def learned(*names: str) -> dict[str, Kind]:
    """Return the initializer and the like of weights."""
    return {
        f"{name}_{what}": kind
        for name in names
        for what, kind in (
            ("initializer", k.INITIALIZER),
            ("regularizer", k.REGULARIZER),
            ("constraint", k.CONSTRAINT),
        )
    }


LORA = {
    "lora_rank": k.of(None, 1, 2, 3, wrong=(-1, "many", [2]), lax=(0,)),
    "lora_alpha": k.maybe(k.NUMBER),
}
NORM = {"epsilon": k.NUMBER, "center": k.BOOL, "scale": k.BOOL, **learned("beta", "gamma")}
AXES = k.either(k.AXIS, k.lists(k.AXIS, 1, 3, wrong=("last", 1.5)))
OPEN_SIZE = k.maybe(k.positive(4))
