"""Bounds of expressions, from lower bounds of their symbols.

Sound but not complete: None means that no bound was found. Several arguments are tried, because
plain interval arithmetic forgets that two terms share a symbol: `H^2 - H` is seen to be at least 0
for H >= 1 only when H is written as 1 + t, and `H - 2*floor(H/2)` only when the floor is replaced
by the quotient it cannot exceed.
"""

from __future__ import annotations

from math import lcm

from dense_shapes.dims import expr as ex
from dense_shapes.dims import poly
from dense_shapes.dims.errors import DimError
from dense_shapes.dims.poly import ONE, Poly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dense_shapes.dims.expr import Atom, Dim, Expr

    FloorOf = Callable[[str], int | None]
    Range = tuple[int | None, int | None]
    Known = dict[str, Range]


# Larger polynomials are bounded term by term only: the closer look multiplies them out.
MAX_CLOSE_TERMS = 30
MAX_CLOSE_DEGREE = 8


def unknown(_name: str) -> int | None:
    """The `floor_of` that knows no more than the symbols themselves do."""
    return None


def lower_bound(dim: Dim, floor_of: FloorOf) -> int | None:
    """A number that `dim` never falls below where it is a whole number.

    Args:
        dim: The size.
        floor_of: The least value of a symbol, or None if it has none.
    """
    if isinstance(dim, int):
        return dim
    return _Bounds(floor_of).quotient(dim, exact=True)[0]


def upper_bound(dim: Dim, floor_of: FloorOf) -> int | None:
    """A number that `dim` never exceeds where it is a whole number; see `lower_bound`."""
    if isinstance(dim, int):
        return dim
    return _Bounds(floor_of).quotient(dim, exact=True)[1]


class _Bounds:
    """Ranges of expressions, remembered by atom during one question."""

    def __init__(self, floor_of: FloorOf) -> None:
        self.floor_of = floor_of
        self.known: Known = {}

    def quotient(self, e: Expr, *, exact: bool) -> Range:
        """The range of a quotient that is whole if `exact`, otherwise of its floor."""
        low, high = self.polynomial(e.num, e.atoms)
        if e.den == ONE:
            return low, high
        least, most = self.polynomial(e.den, e.atoms)
        if most is not None and most < 0:
            low, high = _minus((low, high))
            least, most = _minus((least, most))
        if least is None or least <= 0:
            return None, None
        return _divided(low, least, most, up=exact), _upper(high, least, most)

    def atom(self, atom: Atom) -> Range:
        """The range of an atom."""
        if atom.key not in self.known:
            self.known[atom.key] = self._atom(atom)
        return self.known[atom.key]

    def _atom(self, atom: Atom) -> Range:
        if atom.kind == "symbol":
            known = self.floor_of(atom.key[1:])
            return (atom.minimum if known is None else known), None
        if atom.kind == "floor":
            return self.quotient(atom.args[0], exact=False)
        ranges = [self.quotient(a, exact=True) for a in atom.args]
        lows = [low for low, _ in ranges if low is not None]
        highs = [high for _, high in ranges if high is not None]
        all_low, all_high = len(lows) == len(ranges), len(highs) == len(ranges)
        if atom.kind == "max":
            return max(lows, default=None), max(highs) if all_high else None
        return min(lows) if all_low else None, min(highs, default=None)

    def polynomial(self, p: Poly, atoms: dict[str, Atom]) -> Range:
        """The range of a polynomial."""
        negative = {m: -c for m, c in p.items()}
        high = self._least(negative, atoms)
        return self._least(p, atoms), None if high is None else -high

    def _least(self, p: Poly, atoms: dict[str, Atom]) -> int | None:
        found = [self._termwise(p, atoms)]
        if 1 < len(p) <= MAX_CLOSE_TERMS and max(map(poly.degree, p)) <= MAX_CLOSE_DEGREE:
            try:
                found.append(self._shifted(p, atoms))
                relaxed = _relax(p, atoms)
                if relaxed is not None:
                    # As p is whole, it is at least its bound rounded up.
                    num, below, inner = relaxed
                    bound = self._least(num, inner)
                    found.append(None if bound is None else -(-bound // below))
            except DimError:
                pass  # too large to look at this closely
        return max([f for f in found if f is not None], default=None)

    def _termwise(self, p: Poly, atoms: dict[str, Atom]) -> int | None:
        total = 0
        for m, c in p.items():
            part: Range = (c, c)
            for key, e in m:
                part = _times(part, _power(self.atom(atoms[key]), e))
            if part[0] is None:
                return None
            total += part[0]
        return total

    def _shifted(self, p: Poly, atoms: dict[str, Atom]) -> int | None:
        """The constant of `p` rewritten in non-negative unknowns, if all else is positive."""
        total = ex.raw(0)
        for m, c in p.items():
            part = ex.raw(c)
            for key, e in m:
                base = ex.Expr({((key, 1),): 1}, ONE, {key: atoms[key]})
                low = self.atom(atoms[key])[0]
                if low is None:
                    return None
                shifted = ex.add_raw(base, ex.raw(low))
                part = ex.mul_raw(part, ex.power_raw(shifted, e))
            total = ex.add_raw(total, part)
        if any(c < 0 for m, c in total.num.items() if m):
            return None
        return total.num.get((), 0)


def _relax(p: Poly, atoms: dict[str, Atom]) -> tuple[Poly, int, dict[str, Atom]] | None:
    """A lower bound of `p` without its linear floors, as a polynomial over a number."""
    floors = {}
    below = 1
    for m in p:
        if len(m) == 1 and m[0][1] == 1:
            atom = atoms[m[0][0]]
            if atom.kind == "floor" and atom.args[0].den.keys() == {()}:
                floors[m] = atom.args[0]
                below = lcm(below, atom.args[0].den[()])
    if not floors:
        return None
    total: Poly = {}
    inner = dict(atoms)
    for m, c in p.items():
        if m not in floors:
            total = poly.add(total, {m: c * below})
            continue
        r = floors[m]
        k = r.den[()]
        inner.update(r.atoms)
        total = poly.add(total, r.num, c * below // k)
        if c > 0 and k > 1:
            total = poly.add(total, {(): 1}, -c * below // k * (k - 1))
    return total, below, inner


def _minus(r: Range) -> Range:
    low, high = r
    return None if high is None else -high, None if low is None else -low


def _times(a: Range, b: Range) -> Range:
    """The range of a product."""
    if (0, 0) in (a, b):
        return 0, 0
    low: int | None = None
    high: int | None = None
    low_open = high_open = False
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            sign = _sign(x, i) * _sign(y, j)
            if x is not None and y is not None:
                low = x * y if low is None else min(low, x * y)
                high = x * y if high is None else max(high, x * y)
            elif sign > 0:
                high_open = True
            elif sign < 0:
                low_open = True
            else:  # zero times something unbounded
                low = 0 if low is None else min(low, 0)
                high = 0 if high is None else max(high, 0)
    return None if low_open else low, None if high_open else high


def _sign(x: int | None, side: int) -> int:
    if x is None:
        return 1 if side else -1
    return (x > 0) - (x < 0)


def _power(r: Range, e: int) -> Range:
    low, high = r
    if e == 1:
        return r
    if e % 2:
        return None if low is None else low**e, None if high is None else high**e
    if low is not None and low >= 0:
        return low**e, None if high is None else high**e
    if high is not None and high <= 0:
        return high**e, None if low is None else low**e
    return 0, None if low is None or high is None else max(-low, high) ** e


def _divided(low: int | None, least: int, most: int | None, *, up: bool) -> int | None:
    """The least quotient by a divisor in least..most, both positive, rounded `up` or down."""
    if low is None:
        return None
    if low <= 0:
        return -(-low // least) if up else low // least
    if most is None:
        return 1 if up else 0
    return -(-low // most) if up else low // most


def _upper(high: int | None, least: int, most: int | None) -> int | None:
    """The greatest quotient by a divisor in least..most, both positive, rounded down."""
    if high is None:
        return None
    if high >= 0:
        return high // least
    return -1 if most is None else high // most
