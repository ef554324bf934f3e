"""Slices of a named size, held against Python's own for every size it may stand for."""

from itertools import product

import pytest

from dense_shapes.dims import symbol
from dense_shapes.layers.ops_pieces import sliced

T = symbol("T", minimum=1)
PLACES = (None, *range(-6, 7))
STEPS = (None, 1, 2, 3, -1, -2, -3)


@pytest.mark.parametrize("step", STEPS)
def test_slices_take_as_many_as_in_python(step):
    for start, stop in product(PLACES, PLACES):
        symbolic = sliced(T, start, stop, step)
        for n in range(1, 21):
            expected = len(range(n)[start:stop:step])
            assert sliced(n, start, stop, step) == expected
            ours = symbolic if isinstance(symbolic, int) else symbolic.subs({"T": n})
            assert ours == expected, (start, stop, step, n, str(symbolic))


@pytest.mark.parametrize(
    ("start", "stop", "step", "text"),
    [
        (None, -1, None, "T - 1"),
        (1, None, None, "T - 1"),
        (1, -1, None, "max(T - 2, 0)"),
        (2, None, None, "max(T - 2, 0)"),
        (None, 1, None, "1"),
        (None, 3, None, "min(T, 3)"),
        (1, 3, None, "min(T, 3) - 1"),
        (-3, None, None, "min(T, 3)"),
        (-1, None, None, "1"),
        (None, None, -1, "T"),
        (None, None, 2, "ceil(T/2)"),
        (None, 0, -1, "T - 1"),
        (3, 1, None, "0"),
    ],
)
def test_slices_are_written_plainly(start, stop, step, text):
    assert str(sliced(T, start, stop, step)) == text
