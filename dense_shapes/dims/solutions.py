"""For which numbers a demand on one symbol holds: exactly, or not at all.

The symbol is written as `step*t + start`. With enough in `step`, a floor of a fraction of it is a
polynomial in t; between two neighbouring roots of their difference, one of two polynomials is the
greater. So the numbers are split into parts, until on each of them the demand is that one
polynomial in t is zero, at least zero, or divisible by another.
"""

from __future__ import annotations

from math import gcd
from typing import NamedTuple

from dense_shapes.dims import expr as ex
from dense_shapes.dims.poly import ONE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dense_shapes.dims.expr import Atom, Expr
    from dense_shapes.dims.poly import Poly
    from dense_shapes.dims.requirements import Requirement

    Line = list[int]
    """A polynomial in t: its coefficients from the constant up, the last one not zero."""
    Piece = tuple[int | None, int | None, int]
    """The ends of a range of t, None where it has none, and the sign of a polynomial there."""

MAX_PARTS = 5_000
"""How many parts a demand may need."""
MAX_DEGREE = 12


class Unsolved(Exception):  # noqa: N818 - an answer, not a fault
    """Telling where a demand holds takes more than the bounds allow."""


class _Nowhere(Exception):  # noqa: N818 - an answer, not a fault
    """A demand has no value on a part: it divides by zero, or by what does not divide."""


class _Split(Exception):  # noqa: N818 - an answer, not a fault
    """A part has to be split into others before its numbers are all alike."""

    def __init__(self, parts: Iterable[Part]) -> None:
        super().__init__()
        self.parts = parts


class Part(NamedTuple):
    """The numbers `step*t + start` for t from `low` to `high`, None where there is no end."""

    step: int
    start: int
    low: int | None
    high: int | None

    @property
    def first(self) -> int | None:
        """The least of the numbers, or None."""
        return None if self.low is None else self.step * self.low + self.start

    @property
    def last(self) -> int | None:
        """The greatest of the numbers, or None."""
        return None if self.high is None else self.step * self.high + self.start

    @property
    def length(self) -> int | None:
        """How many numbers there are, or None without end."""
        return None if self.low is None or self.high is None else self.high - self.low + 1

    def numbers(self) -> range:
        """Return all the numbers, if there is an end to them."""
        if self.low is None or self.high is None:
            raise ValueError("there is no end of them")
        return range(self.step * self.low + self.start, (self.last or 0) + 1, self.step)

    def every(self, k: int, rest: int) -> Iterator[Part]:
        """Yield the part for which t leaves the rest when divided by k, if it has any number."""
        low = None if self.low is None else -((rest - self.low) // k)
        high = None if self.high is None else (self.high - rest) // k
        if low is None or high is None or low <= high:
            yield Part(self.step * k, self.start + self.step * rest, low, high)

    def between(self, low: int | None, high: int | None) -> Iterator[Part]:
        """Yield the part that has the numbers from `low` to `high` only, if there are any."""
        least = self.low if low is None else -((self.start - low) // self.step)
        most = self.high if high is None else (high - self.start) // self.step
        if self.low is not None and least is not None:
            least = max(least, self.low)
        if self.high is not None and most is not None:
            most = min(most, self.high)
        if least is None or most is None or least <= most:
            yield self._replace(low=least, high=most)


def solutions(requirement: Requirement, least: int | None, fuel: list[int]) -> list[Part]:
    """Return the numbers for which a demand on one symbol holds, in parts that do not overlap.

    Args:
        requirement: The demand.
        least: The least number that is asked for, or None.
        fuel: How many terms may still be looked at; what is looked at is taken from it.

    Raises:
        Unsolved: It takes more fuel, or more parts than the bounds allow.
    """
    weight = sum(ex.weight(ex.raw(side)) for side in (requirement.left, requirement.right)) + 4
    todo = [Part(1, 0, least, None)]
    found: list[Part] = []
    seen = 0
    while todo:
        seen += 1
        if fuel[0] < weight or seen + len(todo) > MAX_PARTS:
            raise Unsolved
        fuel[0] -= weight
        try:
            found += _View(todo.pop()).holding(requirement)
        except _Nowhere:
            continue
        except _Split as split:
            todo += split.parts
    return found


class _View:
    """Expressions as polynomials in t, on one part."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.known: dict[str, Line] = {}

    def holding(self, requirement: Requirement) -> Iterable[Part]:
        """Return the parts of the part on which a demand holds."""
        left, below = self.quotient(ex.raw(requirement.left))
        right, under = self.quotient(ex.raw(requirement.right))
        part = self.part
        if requirement.kind != "%":
            difference = _sum(_product(left, under), _product(right, below), -1)
            wanted = {0} if requirement.kind == "==" else {0, 1}
            pieces = _signs(difference, part.low, part.high)
            return [part._replace(low=a, high=b) for a, b, sign in pieces if sign in wanted]
        if below == under == [1] and len(left) == 2 and len(right) == 1:
            # Linear: one remainder of t, however many there are.
            modulus = abs(right[0])
            constant, slope = left
            common = gcd(slope, modulus)
            if constant % common:
                return []
            modulus //= common
            rest = -constant // common * pow(slope // common, -1, modulus) % modulus
            return part.every(modulus, rest)
        sign = self.sign(right)
        if sign == 0 or not self.divide(left, below)[1]:
            return []
        right = [sign * c for c in right]
        exact = self.divide(_product(left, under), _product(below, right))[1]
        return [part] if exact else []

    def quotient(self, e: Expr) -> tuple[Line, Line]:
        """Return numerator and denominator of an expression, the latter positive."""
        for key, atom in e.atoms.items():
            if key not in self.known:
                self.known[key] = self.atom(atom)
        top = self.polynomial(e.num)
        if e.den == ONE:
            return top, [1]
        below = self.polynomial(e.den)
        sign = self.sign(below)
        if sign == 0:
            raise _Nowhere
        return [sign * c for c in top], [sign * c for c in below]

    def polynomial(self, p: Poly) -> Line:
        """Return a polynomial over atoms as one in t."""
        total: Line = []
        for monomial, factor in p.items():
            term = [factor]
            for key, exponent in monomial:
                if exponent > MAX_DEGREE:
                    raise Unsolved
                for _ in range(exponent):
                    term = _product(term, self.known[key])
            total = _sum(total, term)
        return total

    def atom(self, atom: Atom) -> Line:
        """Return an atom as a polynomial in t."""
        if atom.kind == "symbol":
            step, start, low, high = self.part
            return _trim([start, step] if low is None or low != high else [start + step * low])
        if atom.kind == "floor":
            return self.divide(*self.quotient(atom.args[0]))[0]
        best: Line | None = None
        better = 1 if atom.kind == "max" else -1
        for arg in atom.args:
            value, exact = self.divide(*self.quotient(arg))
            if not exact:
                raise _Nowhere
            if best is None or self.sign(_sum(value, best, -1)) == better:
                best = value
        return best or []

    def divide(self, top: Line, below: Line) -> tuple[Line, bool]:
        """Return a quotient rounded down, and whether it is exact; `below` is positive."""
        if len(below) == 1:
            k = below[0]
            common = gcd(k, *top[1:])
            if common != k:
                raise self.split(k // common)
            return _trim([c // k for c in top]), not top or top[0] % k == 0
        # top/below = whole + rest/over, and far out rest/over is from 0 up to 1, or just below 0.
        quotient, rest, factor = _long_division(top, below)
        whole, _ = self.divide(quotient, [factor])
        rest = _sum(rest, _product(_sum(quotient, whole, -factor), below))
        over = [factor * c for c in below]
        sign = self.sign(rest)
        if sign == 0:
            return whole, True
        if sign > 0 and self.sign(_sum(over, rest, -1)) > 0:
            return whole, False
        if sign < 0 and self.sign(_sum(over, rest)) > 0:
            return _sum(whole, [-1]), False
        raise self.split_fully()

    def sign(self, p: Line) -> int:
        """Return the sign of a polynomial, which it has on the whole part."""
        pieces = _signs(p, self.part.low, self.part.high)
        if len(pieces) > 1:
            raise _Split([self.part._replace(low=low, high=high) for low, high, _ in pieces])
        return pieces[0][2]

    def split(self, k: int) -> _Split:
        """Return the split of the part by the remainder of t modulo k."""
        if k > MAX_PARTS:
            raise Unsolved
        return _Split([part for rest in range(k) for part in self.part.every(k, rest)])

    def split_fully(self) -> _Split:
        """Return the split of the part into its numbers."""
        length = self.part.length
        if length is None or length > MAX_PARTS:
            raise Unsolved
        return _Split([Part(1, n, 0, 0) for n in self.part.numbers()])


def _trim(p: Line) -> Line:
    while p and p[-1] == 0:
        p.pop()
    return p


def _sum(a: Line, b: Line, factor: int = 1) -> Line:
    """Return `a + factor*b`."""
    out = a + [0] * (len(b) - len(a))
    for i, c in enumerate(b):
        out[i] += factor * c
    return _trim(out)


def _product(a: Line, b: Line) -> Line:
    if len(b) == 1:
        return [c * b[0] for c in a]
    if len(a) + len(b) - 2 > MAX_DEGREE:
        raise Unsolved
    out = [0] * max(len(a) + len(b) - 1, 0)
    for i, c in enumerate(a):
        for j, d in enumerate(b):
            out[i + j] += c * d
    return _trim(out)


def _long_division(top: Line, below: Line) -> tuple[Line, Line, int]:
    """Return q, r and a positive k for which `k*top = q*below + r`, r of lower degree."""
    lead = below[-1]
    factor = abs(lead) ** max(len(top) - len(below) + 1, 0)
    rest = [factor * c for c in top]
    quotient = [0] * max(len(top) - len(below) + 1, 0)
    while len(rest) >= len(below):
        shift = len(rest) - len(below)
        quotient[shift] = rest[-1] // lead
        rest = _sum(rest, [0] * shift + below, -quotient[shift])
    return _trim(quotient), rest, factor


def _value(p: Line, t: int) -> int:
    total = 0
    for c in reversed(p):
        total = total * t + c
    return total


def _sign(n: int) -> int:
    return (n > 0) - (n < 0)


def _signs(p: Line, low: int | None, high: int | None) -> list[Piece]:
    """Return the ranges, from low to high, on which a polynomial has one sign."""
    if len(p) < 2:
        return [(low, high, _sign(p[0] if p else 0))]
    # No root is further from zero than this (Cauchy).
    bound = 2 + max(map(abs, p[:-1])) // abs(p[-1])
    least = -bound if low is None else max(low, -bound)
    most = bound if high is None else min(high, bound)
    if least > most:
        return [(low, high, _sign(_value(p, low if low is not None else high or 0)))]
    pieces: list[Piece] = []
    if low is None or low < least:
        pieces.append((low, least - 1, _sign(_value(p, least - 1))))
    if least < most:
        # Where its differences have one sign, it only grows or only falls.
        for start, end, _ in _signs(_differences(p), least, most - 1):
            pieces += _monotone(p, least if start is None else start, most if end is None else end)
    pieces.append((most, most, _sign(_value(p, most))))
    if high is None or high > most:
        pieces.append((most + 1, high, _sign(_value(p, most + 1))))
    joined = pieces[:1]
    for piece in pieces[1:]:
        if piece[2] == joined[-1][2]:
            joined[-1] = joined[-1][0], piece[1], piece[2]
        else:
            joined.append(piece)
    return joined


def _differences(p: Line) -> Line:
    """Return the polynomial `p(t + 1) - p(t)`."""
    shifted: Line = []
    for c in reversed(p):
        shifted = _sum([0, *shifted], shifted)
        shifted = _sum(shifted, [c])
    return _sum(shifted, p, -1)


def _monotone(p: Line, low: int, high: int) -> Iterator[Piece]:
    """Yield the pieces of a range on which a polynomial only grows or only falls."""
    last = _sign(_value(p, high))
    while low <= high:
        sign = _sign(_value(p, low))
        # The last t with the sign that it has at `low`.
        a, b = (high, high) if sign == last else (low, high - 1)
        while a < b:
            middle = (a + b + 1) // 2
            a, b = (middle, b) if _sign(_value(p, middle)) == sign else (a, middle - 1)
        yield low, a, sign
        low = a + 1
