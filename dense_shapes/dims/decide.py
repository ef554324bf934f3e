"""Whether a demand holds for every size that other requirements allow."""

from __future__ import annotations

from itertools import islice, product
from math import prod
from typing import NamedTuple

from dense_shapes.dims import expr as ex
from dense_shapes.dims.errors import DimError
from dense_shapes.dims.poly import ONE
from dense_shapes.dims.requirements import (
    MAX_WEIGHT,
    Requirement,
    at_least,
    bare,
    equal,
    minima,
    periods_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dense_shapes.dims.expr import Dim

MAX_CASES = 4096
"""How many sizes are tried one by one, where there are no more that are allowed."""
MAX_REMAINDERS = 256
"""How many remainders are told apart to show that a demand holds."""
MAX_TRIES, MIN_TRIES = 3000, 60
"""How many sizes are tried in search of one for which a demand fails."""
MAX_WORK = 300_000
"""How many terms are worked out in that search, roughly."""
_MOST = 2**62


class Verdict(NamedTuple):
    """What is known of a demand.

    Attributes:
        holds: True if it holds for every allowed size, False if it fails for some, None if
            neither could be shown.
        witness: Sizes for which it fails, by the symbols' names, where there are some to name.
    """

    holds: bool | None
    witness: Mapping[str, int] | None = None


def always(demand: Requirement, given: Iterable[Requirement]) -> Verdict:
    """Tell whether a demand holds for every size that the given requirements allow.

    Args:
        demand: A demand of kind ">=" or "==".
        given: What the sizes satisfy, beside the least values of their symbols.
    """
    if isinstance(demand.left, int) and isinstance(demand.right, int):
        return Verdict(demand.holds({}))
    try:
        question = _Question(demand, given)
        verdict = question.by_algebra()
        if verdict is True:
            return Verdict(True)
        decided, witness = question.by_trying()
    except DimError:
        return Verdict(None)  # too large to tell
    if witness is not None or verdict is False:
        return Verdict(False, witness)
    return Verdict(True if decided else None)


class _Question:
    """A demand, with what is known of its symbols."""

    def __init__(self, demand: Requirement, given: Iterable[Requirement]) -> None:
        self.demand = demand
        self.given = _connected(demand, given)
        self.known: dict[str, Dim] = {}
        self.floors: dict[str, int] = {}
        self.ceilings: dict[str, int] = {}
        self.steps: dict[str, tuple[int, int]] = {}
        for requirement in self._all():
            for side in (requirement.left, requirement.right):
                for name, least in minima(side):
                    self._raise(name, least)
        for requirement in self.given:
            self._learn_equal(requirement)
        for requirement in self.given:
            self._learn(requirement.subs(self.known))
        self.names = sorted({name for r in self._all() for name in r.symbols} - set(self.known))

    def _raise(self, name: str, least: int) -> None:
        self.floors[name] = max(self.floors.get(name, least), least)

    def _learn_equal(self, requirement: Requirement) -> None:
        """Note what a symbol is, in terms of others."""
        if requirement.kind != "==":
            return
        sides = requirement.left, requirement.right
        for side, other in (sides, sides[::-1]):
            name = bare(side)
            if name is not None and name not in self.known:
                value = ex.subs(other, self.known)
                if name not in ex.symbols_of(value):
                    self.known = {k: ex.subs(v, {name: value}) for k, v in self.known.items()}
                    self.known[name] = value
                    return

    def _learn(self, requirement: Requirement) -> None:
        """Note what a requirement says of one symbol."""
        left, right = requirement.left, requirement.right
        if requirement.kind == ">=" and isinstance(right, int):
            name = bare(left)
            if name is not None:
                self._raise(name, right)
        elif requirement.kind == ">=" and isinstance(left, int):
            name = bare(right)
            if name is not None:
                self.ceilings[name] = min(self.ceilings.get(name, left), left)
        elif requirement.kind == "%" and isinstance(right, int) and isinstance(left, ex.Expr):
            offset = left.num.get((), 0) if left.den == ONE else 0
            name = bare(left - offset)
            if name is not None and right > self.steps.get(name, (1, 0))[0]:
                self.steps[name] = right, -offset % right

    def by_algebra(self) -> bool | None:
        """Return True if it always holds, False if it never does, None if that does not show."""
        plain: dict[str, Dim] = {}
        stepped: dict[str, Dim] = {}
        least = dict(self.floors)
        for name, (modulus, rest) in self.steps.items():
            # Allowed are modulus*t + rest, t from the first that is not below the floor.
            stepped[name] = modulus * ex.symbol(name) + rest
            if name in least:
                least[name] = -(-(least[name] - rest) // modulus)
        below: dict[str, Dim] = {
            name: most - ex.symbol(name) for name, most in self.ceilings.items()
        }
        from_top = {**self.floors, **dict.fromkeys(below, 0)}
        for env, floors in ((plain, self.floors), (stepped, least), (below, from_top)):
            verdict = self._ask(env, floors)
            if verdict is not None:
                return verdict
        for requirement in self.given:
            # What is known to be a number as a whole, such as H*W.
            if requirement.kind == "==" and requirement.left == self.demand.left:
                return _decided(self.demand.kind, requirement.right, self.demand.right)
            if requirement.kind == "==" and requirement.left == self.demand.right:
                return _decided(self.demand.kind, self.demand.left, requirement.right)
        return True if self._in_all_cases() else None

    def _in_all_cases(self) -> bool:
        """Tell whether it shows once each size is written as period*t + remainder.

        Floors of a fraction of it are polynomials then.
        """
        difference = ex.raw(self.demand.left - self.demand.right)
        periods = periods_of(difference) if ex.weight(difference) <= MAX_WEIGHT else {}
        if not periods or prod(periods.values()) > MAX_REMAINDERS:
            return False
        for rests in product(*(range(period) for period in periods.values())):
            env: dict[str, Dim] = {}
            least = dict(self.floors)
            for (name, period), rest in zip(periods.items(), rests, strict=True):
                env[name] = period * ex.symbol(name) + rest
                if name in least:
                    least[name] = -(-(least[name] - rest) // period)
            if self._ask(env, least) is not True:
                return False
        return True

    def _ask(self, env: Mapping[str, Dim], floors: Mapping[str, int]) -> bool | None:
        left, right = (
            ex.subs(ex.subs(side, self.known), env)
            for side in (self.demand.left, self.demand.right)
        )
        if self.demand.kind == ">=":
            found = at_least(left - right, 0, floor_of=floors.get)
        else:
            found = equal(left, right, floor_of=floors.get)
        return found if isinstance(found, bool) else None

    def by_trying(self) -> tuple[bool, dict[str, int] | None]:
        """Return whether all allowed sizes were tried, and the first for which it fails."""
        ranges = [self._range(name) for name in self.names]
        whole = [r for r in ranges if r is not None]
        if len(whole) == len(ranges) and prod(map(len, whole)) <= MAX_CASES:
            return True, self._failing(product(*whole))
        weight = sum(ex.weight(ex.raw(s)) for r in self._all() for s in (r.left, r.right))
        tries = min(MAX_TRIES, max(MIN_TRIES, MAX_WORK // weight))
        return False, self._failing(islice(self._guesses(), tries))

    def _all(self) -> list[Requirement]:
        return [self.demand, *self.given]

    def _range(self, name: str) -> range | None:
        low, high = self.floors.get(name), self.ceilings.get(name)
        return None if low is None or high is None else range(low, high + 1)

    def _guesses(self) -> Iterator[tuple[int, ...]]:
        """Yield sizes worth trying, all alike at first, the small before the large."""
        lists = [self._candidates(name) for name in self.names]
        yield from zip(*lists, strict=False)
        yield from product(*[values[:3] + values[3::6] for values in lists])

    def _candidates(self, name: str) -> list[int]:
        low, high = self.floors.get(name, 0), self.ceilings.get(name, _MOST)
        modulus, rest = self.steps.get(name, (1, 0))
        first = low + (rest - low) % modulus
        near = [first + i * modulus for i in range(17)]
        far = [first + (1 << k) * modulus for k in range(5, 48)]
        return [value for value in near + far if value <= high] or [first]

    def _failing(self, cases: Iterable[tuple[int, ...]]) -> dict[str, int] | None:
        for case in cases:
            env = dict(zip(self.names, case, strict=True))
            try:
                for name, value in self.known.items():
                    number = ex.subs(value, env)
                    if isinstance(number, int):
                        env[name] = number
                if any(env.get(name, least) < least for name, least in self.floors.items()):
                    continue
                if all(r.holds(env) for r in self.given) and not self.demand.holds(env):
                    shown = self.demand.symbols
                    return {name: value for name, value in env.items() if name in shown}
            except DimError:
                continue  # these sizes are not allowed: something has no whole value for them
        return None


def _decided(kind: str, left: Dim, right: Dim) -> bool | None:
    """Return whether a demand on numbers holds; None where a side is no number."""
    numbers = isinstance(left, int) and isinstance(right, int)
    return Requirement(kind, left, right).holds({}) if numbers else None


def _connected(demand: Requirement, given: Iterable[Requirement]) -> list[Requirement]:
    """Return the requirements on the demand's symbols, on symbols of those, and so on."""
    left = list(given)
    found: list[Requirement] = []
    names = set(demand.symbols)
    while True:
        fresh = [r for r in left if names.intersection(r.symbols)]
        if not fresh:
            return found
        found += fresh
        left = [r for r in left if r not in fresh]
        names.update(name for r in fresh for name in r.symbols)
