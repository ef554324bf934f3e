"""The text form of expressions, written so that it parses back to an equal value."""

from __future__ import annotations

from math import gcd

from dense_shapes.dims import poly
from dense_shapes.dims.poly import Mono, Poly

# Ranks that start an atom's key. A ceiling that is no floor of another form is stored as the
# floor of the opposite, and shown with the opposite sign.
SYMBOL, COMPOUND, NEGATED = "0", "1", "2"

Piece = tuple[tuple[object, ...], str]


def term(m: Mono, c: int) -> str:
    """The text of one term, such as `-3*H*floor(W/2)^2`."""
    parts = []
    for key, e in m:
        if key[0] == NEGATED and e % 2:
            c = -c
        parts.append(key[1:] if e == 1 else f"{key[1:]}^{e}")
    if abs(c) != 1 or not parts:
        parts.insert(0, str(abs(c)))
    return ("-" if c < 0 else "") + "*".join(parts)


def join(texts: list[str]) -> str:
    """The text of a sum."""
    out = texts[0]
    for text in texts[1:]:
        out += f" - {text[1:]}" if text[0] == "-" else f" + {text}"
    return out


def polynomial(p: Poly) -> str:
    """The text of a polynomial, its leading term first and the constant last."""
    if not p:
        return "0"
    return join([term(m, p[m]) for m in sorted(p, key=poly.order)])


def quotient(num: Poly, den: Poly) -> str:
    """The text of `num/den` as one quotient."""
    top = polynomial(num)
    if den == poly.ONE:
        return top
    bottom = polynomial(den)
    if len(num) > 1:
        top = f"({top})"
    # A product below the line needs its parentheses too: a/b*c is (a/b)*c.
    if len(den) > 1 or "*" in bottom:
        m, c = next(iter(den.items()))
        plain = len(den) == 1 and c == 1 and len(m) == 1
        if not plain:
            bottom = f"({bottom})"
    return f"{top}/{bottom}"


def _piece(num: Poly, den: Poly) -> Piece:
    first = poly.lead(num)
    size = poly.degree(first) - poly.degree(poly.lead(den))
    constant = not first and den == poly.ONE
    return (constant, -size, poly.order(first), quotient(num, den)), quotient(num, den)


def _groups(num: Poly, den: Poly) -> list[tuple[Poly, Poly]]:
    """Split `num/den` into whole terms and one quotient for each symbolic denominator."""
    if len(den) > 1:
        whole, rest = poly.divide(num, den)
        if len(whole) + len(rest) > len(num):
            return [(num, den)]
        return [*[({m: c}, poly.ONE) for m, c in whole.items()], (rest, den)]
    ((below, k),) = den.items()
    groups: dict[Mono, Poly] = {}
    for m, c in num.items():
        common = poly.mono_gcd(m, below)
        groups.setdefault(poly.mono_div(below, common) or (), {})[
            poly.mono_div(m, common) or ()
        ] = c
    out: list[tuple[Poly, Poly]] = []
    for bottom, top in groups.items():
        if not bottom:
            out += [({m: c // k}, poly.ONE) for m, c in top.items() if c % k == 0]
            top = {m: c for m, c in top.items() if c % k}  # noqa: PLW2901 - what is left of it
            if top.keys() == {()}:
                # A fraction such as 3/2 on its own is an inexact division when read back.
                return [(num, den)]
        if top:
            g = gcd(k, poly.content(top))
            out.append(({m: c // g for m, c in top.items()}, {bottom: k // g}))
    return out


def pieces(num: Poly, den: Poly) -> list[str]:
    """The texts of the summands of `num/den`, in the order in which they are shown."""
    if den == poly.ONE:
        return [term(m, num[m]) for m in sorted(num, key=poly.order)]
    found = sorted([_piece(top, bottom) for top, bottom in _groups(num, den)])
    return [text for _, text in found]


def floor_text(num: Poly, den: Poly) -> tuple[str, str]:
    """The rank and the text of the atom floor(num/den)."""
    first = poly.lead(num)
    if den.keys() == {()}:
        k = den[()]
        c = num.get((), 0)
        if k - 1 - c < c:
            top = {m: v for m, v in num.items() if m}
            if c != k - 1:
                top[()] = c - k + 1
            return COMPOUND, f"ceil({quotient(top, den)})"
    elif num[first] < 0:
        return NEGATED, f"ceil({quotient({m: -c for m, c in num.items()}, den)})"
    return COMPOUND, f"floor({quotient(num, den)})"
