"""Requirements solved symbol by symbol: what is left to say, as sentences and as data."""

from __future__ import annotations

from itertools import islice
from math import gcd, lcm
from typing import NamedTuple

from dense_shapes.dims.requirements import bare, minima
from dense_shapes.dims.solutions import Unsolved, solutions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from dense_shapes.dims.requirements import Requirement
    from dense_shapes.dims.solutions import Part

    Facts = dict[str, int | list[int]]
    Pattern = tuple[int, frozenset[int]]
    """A modulus, and the remainders that are allowed."""

MAX_WORK, MAX_ALL = 100_000, 400_000
"""How many terms may be looked at to solve one requirement, and to solve all of them."""
MAX_REMAINDERS = 5_000
"""How many remainders of one modulus are told apart."""
MAX_MODULUS = 2**63
"""The greatest modulus that several are joined to."""
MAX_LISTED = 256
"""How many numbers a list of remainders, values or exceptions may have."""
MAX_TOLD = 16
"""How many a sentence lists, if it comes from one requirement, which is shorter then."""

EVERY: Pattern = (1, frozenset({0}))


class Statement(NamedTuple):
    """Something that sizes must satisfy.

    Attributes:
        symbols: The names of the symbols in it, sorted.
        text: A sentence such as `H >= 75`, or an equation.
        facts: For one symbol, the same as data: `min`, `max`, `modulus` with `residues`, `values`
            or `except`. Empty where only the text says it.
        sources: Which requirements impose it: their places in what was solved, ascending.
    """

    symbols: tuple[str, ...]
    text: str
    facts: Facts
    sources: tuple[int, ...]


class _Set(NamedTuple):
    """The numbers from `low` to `high` with such remainders, without `excluded`; or `values`."""

    low: int | None = None
    high: int | None = None
    pattern: Pattern = EVERY
    excluded: tuple[int, ...] = ()
    values: tuple[int, ...] | None = None

    def has(self, n: int) -> bool:
        """Tell whether a number is one of them."""
        if self.values is not None:
            return n in self.values
        return (
            (self.low is None or n >= self.low)
            and (self.high is None or n <= self.high)
            and n % self.pattern[0] in self.pattern[1]
            and n not in self.excluded
        )


def solve(requirements: Sequence[Requirement]) -> list[Statement]:
    """Return what requirements say together: symbol by symbol, then what mixes several.

    For every number from the least value of a symbol on, the statements about this symbol hold
    if and only if all the requirements on it alone do. What cannot be solved within the bounds
    stays as it is.
    """
    alone: dict[str, dict[int, Requirement]] = {}
    mixed = []
    for index, requirement in enumerate(requirements):
        symbols = requirement.symbols
        if len(symbols) == 1:
            alone.setdefault(symbols[0], {})[index] = requirement
        else:
            mixed.append(Statement(symbols, requirement.text, {}, (index,)))
    solved: list[Statement] = []
    work = MAX_ALL
    for name, own in alone.items():
        one = _Symbol(name, own, work)
        solved += one.statements()
        work = one.work
    return solved + mixed


class _Symbol:
    """The requirements on one symbol, by their places, and the numbers that each allows."""

    def __init__(self, name: str, requirements: Mapping[int, Requirement], work: int) -> None:
        self.name = name
        self.work = work
        self.requirements = requirements
        self.sets: dict[int, _Set] = {}
        self.unsolved: set[int] = set()
        sides = {side for r in requirements.values() for side in (r.left, r.right)}
        self.least = max([low for side in sides for _, low in minima(side)], default=None)
        odd: dict[int, list[Part]] = {}
        for index, requirement in requirements.items():
            found = _bound(requirement)
            if found is None:
                parts = self._parts(requirement)
                found = None if parts is None else _described(parts, self.least)
                if parts is not None and found is None:
                    odd[index] = parts
                    continue
            self._add(index, found)
        # What has no form for all numbers may have one between the bounds that others set.
        self.bounding = [
            i for i, s in self.sets.items() if s != _Set(pattern=s.pattern, excluded=s.excluded)
        ]
        self.bounded = set(odd)
        low, high = self._bounds()
        for values in [s.values for s in self.sets.values() if s.values]:
            low = values[0] if low is None else max(low, values[0])
            high = values[-1] if high is None else min(high, values[-1])
        for index, parts in odd.items():
            inner = [part for each in parts for part in each.between(low, high)]
            found = _described(inner, self.least if low is None else low)
            if found is not None and found.high == high:
                found = found._replace(high=None)
            self._add(index, found)

    def _add(self, index: int, found: _Set | None) -> None:
        if found is None:
            self.unsolved.add(index)
            return
        if found.low is not None and self.least is not None and found.low <= self.least:
            found = found._replace(low=None)
        if found != _Set():
            self.sets[index] = found

    def _parts(self, requirement: Requirement) -> list[Part] | None:
        """Return the numbers that a requirement allows; None where finding them takes too long."""
        fuel = [min(MAX_WORK, self.work)]
        self.work -= fuel[0]
        try:
            return solutions(requirement, self.least, fuel)
        except Unsolved:
            return None
        finally:
            self.work += fuel[0]

    def _bounds(self) -> tuple[int | None, int | None]:
        lows = [s.low for s in self.sets.values() if s.low is not None]
        highs = [s.high for s in self.sets.values() if s.high is not None]
        return max(lows, default=None), min(highs, default=None)

    def _at(self, sources: list[int]) -> list[int]:
        """Return which requirements set a bound that is said to come from some of them."""
        return sources if self.bounded.isdisjoint(sources) else [*sources, *self.bounding]

    def statements(self) -> Iterator[Statement]:
        """Yield what the requirements say together."""
        yield from self._listed() or self._told()
        for index in sorted(self.unsolved):
            yield self._say(self.requirements[index].text, {}, [index])

    def _listed(self) -> list[Statement]:
        """Return what says the numbers one by one, where one of the requirements does."""
        lists = {i: s.values for i, s in self.sets.items() if s.values is not None}
        if not lists:
            return []
        values = min(lists.values(), key=len)
        left = [n for n in values if all(s.has(n) for s in self.sets.values())]
        sources = [i for i, s in self.sets.items() if i in lists or not all(map(s.has, values))]
        return [self._one_of(left, self._at(sources))] if left else []

    def _told(self) -> Iterator[Statement]:
        """Yield bounds, remainders and exceptions; of contradictions, both sides."""
        for index, s in self.sets.items():
            if s.values is not None:
                yield self._one_of(s.values, self._at([index]))
        low, high = self._bounds()
        patterns = self._patterns()
        lows = self._at([i for i, s in self.sets.items() if low is not None and s.low == low])
        highs = self._at([i for i, s in self.sets.items() if high is not None and s.high == high])
        excluded = self._excluded()
        excepted = sorted({n for out in excluded.values() for n in out})
        if low is not None:
            # Exceptions next to a bound are a further bound.
            near = {n for i, n in enumerate(excepted) if n == low + i}
            lows += [i for i, out in excluded.items() if not near.isdisjoint(out)]
            low += len(near)
            excepted = excepted[len(near) :]
        begin = self.least if low is None else low
        if begin is not None and high is not None and len(patterns) < 2:
            numbers = _numbers(begin, high, patterns[0][0] if patterns else EVERY)
            only = list(islice((n for n in numbers if n not in excepted), 2))
            if len(only) == 1:
                imposing = [*lows, *highs, *excluded]
                for _, sources in patterns:
                    imposing += sources
                yield self._one_of(only, imposing)
                return
        if low is not None and low == high:
            yield self._one_of([low], [*lows, *highs])
            low = high = None
        if low is not None:
            yield self._say(f"{self.name} >= {low}", {"min": low}, lows)
        if high is not None:
            yield self._say(f"{self.name} <= {high}", {"max": high}, highs)
        for (modulus, residues), sources in patterns:
            rests = sorted(residues)
            if len(rests) > MAX_LISTED:
                self.unsolved.update(sources)
                continue
            told = f"== {rests[0]}" if len(rests) == 1 else f"in {_braces(rests)}"
            text = f"{self.name} % {modulus} {told}"
            facts: Facts = {"modulus": modulus, "residues": rests}
            yield self._say(text, facts, sources, len(rests))
        if excepted:
            told = f"!= {excepted[0]}" if len(excepted) == 1 else f"not in {_braces(excepted)}"
            text = f"{self.name} {told}"
            sources = [i for i, out in excluded.items() if not set(out).isdisjoint(excepted)]
            yield self._say(text, {"except": excepted}, sources, len(excepted))

    def _excluded(self) -> dict[int, list[int]]:
        """Return the exceptions that only exceptions leave out, by the requirements."""
        rest = [s._replace(excluded=()) for s in self.sets.values()]
        found = {
            i: [n for n in s.excluded if all(other.has(n) for other in rest)]
            for i, s in self.sets.items()
            if s.excluded
        }
        return {i: out for i, out in found.items() if out}

    def _one_of(self, values: Sequence[int], sources: Iterable[int]) -> Statement:
        """State that the symbol is one of some numbers."""
        if len(values) == 1:
            (value,) = values
            # Whoever asks for this number alone imposes it, not who allows others too.
            alone = [i for i in sources if self._only(i)]
            facts: Facts = {"min": value, "max": value}
            return self._say(f"{self.name} == {value}", facts, alone or sources)
        text = f"{self.name} in {_braces(values)}"
        return self._say(text, {"values": list(values)}, sources, len(values))

    def _only(self, index: int) -> bool:
        """Tell whether a requirement allows one number only."""
        s = self.sets[index]
        low = self.least if s.low is None else s.low
        return index not in self.bounded and low is not None and low == s.high

    def _say(
        self,
        text: str,
        facts: Facts,
        sources: Iterable[int],
        listed: int | None = None,
    ) -> Statement:
        places = sorted(set(sources))
        if listed is not None and len(places) == 1 and not 0 < listed <= MAX_TOLD:
            text = self.requirements[places[0]].text
        return Statement((self.name,), text, facts, tuple(places))

    def _patterns(self) -> list[tuple[Pattern, list[int]]]:
        """Return the remainders that are allowed, and which requirements say so.

        They are one pattern where that is as simple as those it is made of.
        """
        told: dict[Pattern, list[int]] = {}
        for index, s in self.sets.items():
            if s.pattern != EVERY:
                told.setdefault(s.pattern, []).append(index)
        if len(told) * sum(len(residues) for _, residues in told) > MAX_WORK:
            return list(told.items())
        kept = {p: told[p] for p in told if not any(q != p and _inside(q, p) for q in told)}
        merged: Pattern | None = EVERY
        for pattern in kept:
            merged = None if merged is None else _both(merged, pattern)
        most = max([len(residues) for _, residues in kept], default=0)
        if merged is None or not 0 < len(merged[1]) <= most:
            return list(kept.items())
        return [(merged, [i for sources in kept.values() for i in sources])]


def _bound(requirement: Requirement) -> _Set | None:
    """Return what a requirement allows that is nothing but a bound: most are."""
    left, right = requirement.left, requirement.right
    if requirement.kind == ">=":
        if isinstance(right, int) and bare(left) is not None:
            return _Set(low=right)
        if isinstance(left, int) and bare(right) is not None:
            return _Set(high=left)
    return None


def _described(parts: Sequence[Part], least: int | None) -> _Set | None:
    """Return the numbers of all parts in one of the forms, or None if they have none."""
    firsts, lasts = [part.first for part in parts], [part.last for part in parts]
    low = None if None in firsts else min([n for n in firsts if n is not None], default=None)
    high = None if None in lasts else max([n for n in lasts if n is not None], default=None)
    found = _periodic(parts, low, high, least) if parts else None
    counts = [part.length for part in parts]
    count = sum([n for n in counts if n is not None])
    if None in counts or count > MAX_LISTED:
        return found
    if found is not None and found.pattern == EVERY and not found.excluded:
        return found
    if found is not None and count > MAX_TOLD and len(found.excluded) <= count:
        return found
    return _Set(values=tuple(sorted([n for part in parts for n in part.numbers()])))


def _periodic(
    parts: Sequence[Part], low: int | None, high: int | None, least: int | None
) -> _Set | None:
    """Return the numbers of all parts as bounds, remainders and exceptions, if there are few.

    Args:
        parts: Some parts.
        low: The least number, or None.
        high: The greatest number, or None.
        least: The least number that anyone asks for, or None.
    """
    modulus = lcm(*[part.step for part in parts if part.length != 1])
    if sum([modulus // part.step for part in parts if part.length != 1]) > MAX_REMAINDERS:
        return None
    spans: dict[int, list[tuple[int | None, int | None]]] = {}
    for part in parts:
        step = part.step if part.length != 1 else modulus
        start = part.start if part.first is None else part.first
        for rest in range(start % step, modulus, step):
            spans.setdefault(rest, []).append((part.first, part.last))
    excluded: list[int] = []
    for rest, ends in spans.items():
        # What is missing between the ends of the parts that have this remainder.
        ends.sort(key=lambda span: (span[0] is not None, span[0]))
        if (low is None and ends[0][0] is not None) or (high is None and ends[-1][1] is not None):
            return None
        reached = low
        for first, last in [*ends, (None if high is None else high + 1, None)]:
            if first is not None and reached is not None:
                missing = range(reached + (rest - reached) % modulus, first, modulus)
                if len(missing) + len(excluded) > MAX_LISTED:
                    return None
                excluded += missing
            reached = None if last is None else last + 1
    pattern = _minimal(modulus, frozenset(spans))
    if low is not None and least is not None and next(_numbers(least, low, pattern), None) == low:
        low = None
    return _Set(low, high, pattern, tuple(sorted(excluded)))


def _numbers(low: int, high: int, pattern: Pattern) -> Iterator[int]:
    """Yield the numbers from low to high that have one of the remainders."""
    modulus, residues = pattern
    rests = sorted(residues)
    for block in range(low - low % modulus, high + 1, modulus):
        yield from [n for rest in rests if low <= (n := block + rest) <= high]


def _inside(inner: Pattern, outer: Pattern) -> bool:
    """Tell whether all that one pattern allows is allowed by another."""
    common = gcd(inner[0], outer[0])
    counts: dict[int, int] = {}
    for rest in outer[1]:
        counts[rest % common] = counts.get(rest % common, 0) + 1
    return all(counts.get(rest % common) == outer[0] // common for rest in inner[1])


def _both(a: Pattern, b: Pattern) -> Pattern | None:
    """Return what two patterns allow together, or None if that is too much to list."""
    common, modulus = gcd(a[0], b[0]), lcm(a[0], b[0])
    if modulus > MAX_MODULUS:
        return None
    alike: dict[int, list[int]] = {}
    for rest in b[1]:
        alike.setdefault(rest % common, []).append(rest)
    times = b[0] // common
    inverse = pow(a[0] // common, -1, times)
    found: set[int] = set()
    for rest in a[1]:
        others = alike.get(rest % common, ())
        if len(found) + len(others) > MAX_REMAINDERS:
            return None
        found.update(rest + a[0] * ((n - rest) // common * inverse % times) for n in others)
    return _minimal(modulus, frozenset(found))


def _minimal(modulus: int, residues: frozenset[int]) -> Pattern:
    """Return the same pattern with the least modulus."""
    factor = 2
    while factor <= gcd(modulus, len(residues)):
        fewer = frozenset([rest % (modulus // factor) for rest in residues])
        if modulus % factor == 0 and len(fewer) * factor == len(residues):
            modulus, residues = modulus // factor, fewer
        else:
            factor += 1
    return modulus, residues


def _braces(numbers: Collection[int]) -> str:
    return f"{{{', '.join(map(str, numbers))}}}"
