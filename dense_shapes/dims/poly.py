"""Polynomials with integer coefficients, as plain dictionaries.

A monomial is a tuple of `(key, exponent)` pairs sorted by key; the key of an atom is its text
behind one character of rank, so that symbols (`0H`) sort before compound atoms (`1floor(H/2)`).
A polynomial maps monomials to non-zero coefficients; the empty monomial holds the constant.
"""

from __future__ import annotations

from math import gcd

from dense_shapes.dims.errors import DimError

Mono = tuple[tuple[str, int], ...]
Poly = dict[Mono, int]

MAX_TERMS = 2_000
MAX_BITS = 4_096
MAX_DEGREE = 1_000
MAX_PRODUCTS = 100_000  # of terms, in one multiplication or one greatest common divisor

ONE: Poly = {(): 1}


def too_big(what: str) -> DimError:
    """The error for an expression that outgrows a bound, `what` naming the bound."""
    return DimError(f"the expression is too large: {what}")


def check_int(value: int) -> int:
    """Return `value`, a plain number.

    Raises:
        DimError: If it has more than 4,096 bits.
    """
    if value.bit_length() > MAX_BITS:
        raise too_big(f"a number of more than {MAX_BITS:,} bits")
    return value


def check(p: Poly) -> Poly:
    """Return `p`.

    Raises:
        DimError: If it has too many terms or too long a coefficient.
    """
    if len(p) > MAX_TERMS:
        raise too_big(f"more than {MAX_TERMS:,} terms")
    for c in p.values():
        if c.bit_length() > MAX_BITS:
            check_int(c)
    return p


def power_int(base: int, exponent: int) -> int:
    """`base ** exponent` for a non-negative exponent, refused before it is computed if too long.

    Raises:
        DimError: If the result would have more than 4,096 bits.
    """
    if abs(base) > 1 and (base.bit_length() - 1) * exponent > MAX_BITS:
        raise too_big(f"a number of more than {MAX_BITS:,} bits")
    if exponent > MAX_BITS and abs(base) <= 1:
        exponent = 2 + exponent % 2
    return check_int(base**exponent)


def degree(m: Mono) -> int:
    """The total degree of a monomial."""
    return sum([e for _, e in m])


def order(m: Mono) -> tuple[int, Mono]:
    """The sort key of a monomial: highest total degree first, then alphabetically."""
    return -degree(m), tuple([(k, -e) for k, e in m])


def lead(p: Poly) -> Mono:
    """The leading monomial of a non-zero polynomial."""
    return min(p, key=order)


def mono_mul(a: Mono, b: Mono) -> Mono:
    """The product of two monomials.

    Raises:
        DimError: If its degree passes the bound.
    """
    if not a:
        return b
    if not b:
        return a
    exponents = dict(a)
    for k, e in b:
        exponents[k] = exponents.get(k, 0) + e
    if sum(exponents.values()) > MAX_DEGREE:
        raise too_big(f"a degree of more than {MAX_DEGREE:,}")
    return tuple(sorted(exponents.items()))


def mono_div(a: Mono, b: Mono) -> Mono | None:
    """The quotient of two monomials, or None if `b` does not divide `a`."""
    if not b:
        return a
    exponents = dict(a)
    for k, e in b:
        left = exponents.get(k, 0) - e
        if left < 0:
            return None
        if left:
            exponents[k] = left
        else:
            del exponents[k]
    return tuple(exponents.items())


def mono_gcd(a: Mono, b: Mono) -> Mono:
    """The greatest monomial that divides both."""
    if not a or not b:
        return ()
    other = dict(b)
    return tuple([(k, min(e, other[k])) for k, e in a if k in other])


def add(a: Poly, b: Poly, factor: int = 1) -> Poly:
    """`a + factor*b`."""
    out = dict(a)
    for m, c in b.items():
        total = out.get(m, 0) + factor * c
        if total:
            out[m] = total
        else:
            del out[m]
    return check(out)


def scale(a: Poly, factor: int) -> Poly:
    """`factor*a`, for a factor other than zero."""
    return check({m: c * factor for m, c in a.items()}) if factor != 1 else a


def spend(fuel: list[int], amount: int) -> None:
    """Take `amount` term products out of what a long computation may still use.

    Raises:
        DimError: If nothing is left.
    """
    fuel[0] -= amount
    if fuel[0] < 0:
        raise too_big("its products and quotients take too long")


def mul(a: Poly, b: Poly, fuel: list[int] | None = None) -> Poly:
    """The product of two polynomials.

    Raises:
        DimError: If it outgrows the bounds.
    """
    spend([MAX_PRODUCTS] if fuel is None else fuel, len(a) * len(b))
    if len(b) == 1 and () in b:
        return scale(a, b[()])
    out: Poly = {}
    for ma, ca in a.items():
        for mb, cb in b.items():
            m = mono_mul(ma, mb)
            out[m] = out.get(m, 0) + ca * cb
        if len(out) > MAX_TERMS:
            # Terms may still cancel, but such an expression is no size of any layer.
            raise too_big(f"more than {MAX_TERMS:,} terms")
    return check({m: c for m, c in out.items() if c})


def divide(
    a: Poly, b: Poly, fuel: list[int] | None = None, *, exact: bool = True
) -> tuple[Poly, Poly]:
    """Quotient and remainder by the leading term of `b`, in whole coefficients.

    Args:
        a: The dividend.
        b: The divisor, not zero.
        fuel: How many term products are left to a longer computation.
        exact: Divide only terms whose coefficient is divisible; otherwise the coefficient keeps
            its remainder, which makes that of the polynomial unique.

    Raises:
        DimError: If an intermediate result outgrows the bounds.
    """
    quotient: Poly = {}
    rest: Poly = {}
    lm = lead(b)
    lc = b[lm]
    if len(b) == 1:
        for m, c in a.items():
            times, left = divmod(c, lc)
            q = None if not times or (exact and left) else mono_div(m, lm)
            if q is None:
                rest[m] = c
                continue
            quotient[q] = times
            if left:
                rest[m] = left
        return quotient, rest
    from heapq import heapify, heappop, heappush  # noqa: PLC0415 - rarely needed, slow to start

    fuel = [MAX_PRODUCTS] if fuel is None else fuel
    todo = dict(a)
    heap = [(order(m), m) for m in a]
    heapify(heap)
    while heap:
        m = heappop(heap)[1]
        c = todo.pop(m, 0)
        if not c:
            continue
        factor, left = divmod(c, lc)
        q = None if not factor or (exact and left) else mono_div(m, lm)
        if q is None:
            rest[m] = c
            continue
        if left:
            rest[m] = left
        spend(fuel, len(b))
        quotient[q] = check_int(factor)
        for mb, cb in b.items():
            if mb != lm:
                target = mono_mul(mb, q)
                if target not in todo:
                    heappush(heap, (order(target), target))
                todo[target] = todo.get(target, 0) - factor * cb
    return quotient, rest


def content(p: Poly) -> int:
    """The greatest common divisor of the coefficients."""
    return gcd(*p.values())


def strip(p: Poly) -> tuple[int, Mono, Poly]:
    """Split `p` into its greatest integer factor, its greatest monomial factor and the rest."""
    c = content(p)
    common: Mono | None = None
    for m in p:
        common = m if common is None else mono_gcd(common, m)
        if not common:
            break
    if not common:
        return c, (), {m: k // c for m, k in p.items()} if c != 1 else p
    return c, common, {mono_div(m, common) or (): k // c for m, k in p.items()}


def keys_of(p: Poly) -> set[str]:
    """The keys of all atoms in `p`."""
    return {k for m in p for k, _ in m}


def _by_power(p: Poly, key: str) -> dict[int, Poly]:
    """`p` as a polynomial in one atom, with polynomials for coefficients."""
    out: dict[int, Poly] = {}
    for m, c in p.items():
        e = 0
        rest = m
        for pair in m:
            if pair[0] == key:
                e = pair[1]
                rest = tuple([other for other in m if other is not pair])
        out.setdefault(e, {})[rest] = c
    return out


def _content_in(p: Poly, key: str, fuel: list[int]) -> Poly:
    """The common divisor of the coefficients of `p` seen as a polynomial in one atom."""
    found: Poly = {}
    for part in _by_power(p, key).values():
        found = common_divisor(found, part, fuel)
        if found == ONE:
            break
    return found


def _primitive(p: Poly, key: str, fuel: list[int]) -> tuple[Poly, Poly]:
    """The content of `p` in one atom, and `p` divided by it."""
    found = _content_in(p, key, fuel)
    return found, p if found == ONE else divide(p, found, fuel)[0]


def _pseudo_remainder(a: Poly, b: Poly, key: str, fuel: list[int]) -> Poly:
    """The remainder of `a` by `b` in one atom, up to a factor without that atom."""
    parts = _by_power(b, key)
    top = max(parts)
    while a:
        mine = _by_power(a, key)
        high = max(mine)
        if high < top:
            break
        shift: Mono = ((key, high - top),) if high > top else ()
        lower = mul(mul(b, mine[high], fuel), {shift: 1}, fuel)
        a = add(mul(a, parts[top], fuel), lower, -1)
    return a


def common_divisor(a: Poly, b: Poly, fuel: list[int] | None = None) -> Poly:
    """The greatest common divisor of two polynomials, with a positive leading coefficient.

    Raises:
        DimError: If finding it takes more than the bounds allow.
    """
    fuel = [MAX_PRODUCTS] if fuel is None else fuel
    if not a or not b:
        p = a or b
        return p if not p or p[lead(p)] > 0 else {m: -c for m, c in p.items()}
    spend(fuel, len(a) + len(b))
    ca, ma, a = strip(a)
    cb, mb, b = strip(b)
    simple: Poly = {mono_gcd(ma, mb): gcd(ca, cb)}
    if len(a) > len(b):
        a, b = b, a
    if len(a) == 1:
        return simple
    if not divide(b, a, fuel)[1]:
        return _positive(mul(a, simple, fuel))
    shared = keys_of(a) & keys_of(b)
    for key in sorted(keys_of(a) ^ shared):
        a = _content_in(a, key, fuel)
    for key in sorted(keys_of(b) - shared):
        b = _content_in(b, key, fuel)
    shared = keys_of(a) & keys_of(b)
    if not shared:
        return simple
    key = min(shared)
    content_a, a = _primitive(a, key, fuel)
    content_b, b = _primitive(b, key, fuel)
    if max(_by_power(a, key)) < max(_by_power(b, key)):
        a, b = b, a
    while True:
        rest = _pseudo_remainder(a, b, key, fuel)
        if not rest:
            break
        if key not in keys_of(rest):
            b = ONE
            break
        a, b = b, _primitive(rest, key, fuel)[1]
    found = mul(common_divisor(content_a, content_b, fuel), b, fuel)
    return _positive(mul(found, simple, fuel))


def _positive(p: Poly) -> Poly:
    return p if p[lead(p)] > 0 else {m: -c for m, c in p.items()}
