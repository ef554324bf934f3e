"""Quotients, floors, maxima and minima of sizes, in canonical form."""

from __future__ import annotations

from math import gcd

from dense_shapes.dims import expr as ex
from dense_shapes.dims import poly, text
from dense_shapes.dims.errors import DimError
from dense_shapes.dims.poly import ONE, Mono, Poly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dense_shapes.dims.expr import Dim, Expr


def floor_div(a: Dim, b: Dim) -> Dim:
    """The quotient rounded down.

    Raises:
        DimError: If `b` is zero, or the result outgrows the bounds.
    """
    if isinstance(a, int) and isinstance(b, int):
        if b == 0:
            raise DimError(f"division of {a} by zero")
        return a // b
    # A size is a whole number, so a quotient by 1 is itself, however it is written.
    if isinstance(b, int) and b == 1:
        return a
    return ex.dim(floor_raw(ex.div_raw(ex.raw(a), ex.raw(b))))


def ceil_div(a: Dim, b: Dim) -> Dim:
    """The quotient rounded up.

    Raises:
        DimError: If `b` is zero, or the result outgrows the bounds.
    """
    if isinstance(a, int) and isinstance(b, int):
        return -floor_div(-a, b)
    if isinstance(b, int) and b == 1:
        return a
    return ex.dim(ceil_raw(ex.div_raw(ex.raw(a), ex.raw(b))))


def exact_div(a: Dim, b: Dim) -> Dim:
    """The quotient of two sizes of which the second divides the first.

    For expressions that is taken at its word; `divides` gives the requirement behind it.

    Raises:
        DimError: If the quotient is a fraction, `b` is zero, or the result outgrows the bounds.
    """
    if isinstance(a, int) and isinstance(b, int):
        if b == 0:
            raise DimError(f"division of {a} by zero")
        if a % b:
            raise DimError(f"{a}/{b} is not a whole number")
        return a // b
    return ex.dim(ex.div_raw(ex.raw(a), ex.raw(b)))


def prod(dims: Iterable[Dim]) -> Dim:
    """The product of sizes, 1 if there are none.

    Raises:
        DimError: If it outgrows the bounds.
    """
    number = 1
    symbolic: Dim = 1
    for d in dims:
        if isinstance(d, int):
            number *= d
        else:
            symbolic = symbolic * d
    return number * symbolic


def floor_raw(r: Expr) -> Expr:
    """The greatest whole number up to `r`, a quotient of sizes.

    Raises:
        DimError: If it outgrows the bounds.
    """
    if r.den == ONE:
        return r
    if r.den.keys() != {()}:
        whole, rest = poly.divide(r.num, r.den, exact=False)
        return _with_atom(whole, ex.make(rest, r.den, r.atoms), r)
    k = r.den[()]
    merged = _absorb(r, k)
    if merged is not None:
        return floor_raw(merged)
    out: Poly = {}
    inner: Poly = {}
    for m, c in r.num.items():
        if not m:
            continue
        if c % k:
            inner[m] = c
        else:
            out[m] = c // k
    excess, constant = divmod(r.num.get((), 0), k)
    if excess:
        out[()] = excess
    if not inner:
        return ex.make(out, ONE, r.atoms)
    g = gcd(k, poly.content(inner))
    negative = inner[poly.lead(inner)] < 0
    if g == 1 and not negative:
        if constant:
            inner[()] = constant
        return _with_atom(out, ex.make(inner, {(): k}, r.atoms), r)
    # The rest is divisible by g, so only the constant is rounded; and floor(-p/k) = -ceil(p/k).
    sign = -1 if negative else 1
    inner = {m: sign * c // g for m, c in inner.items()}
    k //= g
    constant //= g
    if negative:
        constant = k - 1 - constant
    if constant:
        inner[()] = constant
    rounded = floor_raw(ex.make(inner, {(): k}, r.atoms))
    return ex.add_raw(ex.make(out, ONE, r.atoms), rounded, sign)


def ceil_raw(r: Expr) -> Expr:
    """The least whole number from `r` on, a quotient of sizes.

    Raises:
        DimError: If it outgrows the bounds.
    """
    if r.den.keys() != {()}:
        # The sign of a symbolic divisor is not known, so nothing can be added on top.
        return ex.neg_raw(floor_raw(ex.neg_raw(r)))
    k = r.den[()]
    return floor_raw(ex.make(poly.add(r.num, {(): 1}, k - 1) if k > 1 else r.num, r.den, r.atoms))


def _with_atom(whole: Poly, r: Expr, source: Expr) -> Expr:
    """`whole` plus the atom floor(r)."""
    rank, shown = text.floor_text(r.num, r.den)
    key = rank + shown
    atoms = {**source.atoms, key: ex.Atom(key, "floor", (r,))}
    return ex.make(poly.add(whole, {((key, 1),): 1}), ONE, atoms)


def _absorb(r: Expr, k: int) -> Expr | None:
    """Merge a floor into the floor around it: floor((floor(s) + p)/k) is floor((s + p)/k)."""
    for m in sorted(r.num):
        if len(m) != 1 or m[0][1] != 1 or abs(r.num[m]) != 1:
            continue
        atom = r.atoms[m[0][0]]
        if atom.kind != "floor":
            continue
        (s,) = atom.args
        if r.num[m] < 0:
            if s.den.keys() != {()}:
                continue
            # -floor(p/a) = floor((a - 1 - p)/a) for a whole p.
            a = s.den[()]
            s = ex.make(poly.add({(): a - 1} if a > 1 else {}, s.num, -1), s.den, s.atoms)
        others = {other: c for other, c in r.num.items() if other != m}
        total = ex.add_raw(s, ex.make(others, ONE, r.atoms))
        return ex.div_raw(total, ex.raw(k))
    return None


def dim_max(*dims: Dim) -> Dim:
    """The greatest of one or more sizes.

    Raises:
        DimError: If it outgrows the bounds.
    """
    return _extreme("max", dims)


def dim_min(*dims: Dim) -> Dim:
    """The smallest of one or more sizes.

    Raises:
        DimError: If it outgrows the bounds.
    """
    return _extreme("min", dims)


def _extreme(kind: str, dims: tuple[Dim, ...]) -> Dim:
    best = max if kind == "max" else min
    numbers = [d for d in dims if isinstance(d, int)]
    if len(numbers) == len(dims):
        return best(numbers)
    # Arguments that differ by a constant share a slot, in which only the best stays.
    slots: dict[object, tuple[int, Expr]] = {}
    todo = [d for d in dims if isinstance(d, ex.Expr)]
    atoms = {}
    while todo:
        e = todo.pop()
        inner = _same(e, kind)
        if inner is not None:
            for a in inner:
                d = ex.dim(a)
                if isinstance(d, int):
                    numbers.append(d)
                else:
                    todo.append(d)
            continue
        atoms.update(e.atoms)
        shift = e.num.get((), 0)
        slot: object = e
        if e.den.keys() == {()}:
            slot = (frozenset([t for t in e.num.items() if t[0]]), e.den[()])
        if slot not in slots or best(shift, slots[slot][0]) == shift:
            slots[slot] = (shift, e)
    args = sorted([e for _, e in slots.values()], key=str)
    if numbers:
        args.append(ex.raw(best(numbers)))
    if len(args) == 1:
        return ex.dim(args[0])
    key = f"{text.COMPOUND}{kind}({', '.join([str(a) for a in args])})"
    m: Mono = ((key, 1),)
    return ex.make({m: 1}, ONE, {key: ex.Atom(key, kind, tuple(args))})


def _same(e: Expr, kind: str) -> tuple[Expr, ...] | None:
    """The arguments of an expression that is a maximum (minimum) and nothing else."""
    if len(e.num) == 1 and e.den == ONE:
        ((m, c),) = e.num.items()
        if c == 1 and len(m) == 1 and m[0][1] == 1 and e.atoms[m[0][0]].kind == kind:
            return e.atoms[m[0][0]].args
    return None
