"""What a rule demands of sizes: at least, equal, divisible."""

from __future__ import annotations

from math import gcd, lcm, prod

from dense_shapes.dims import expr as ex
from dense_shapes.dims import poly, text
from dense_shapes.dims.errors import DimError
from dense_shapes.dims.poly import ONE, Poly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dense_shapes.dims.bounds import FloorOf
    from dense_shapes.dims.expr import Atom, Dim, Expr

# Remainders tried to decide one equation, and the size of an equation where they are tried.
MAX_CASES = 64
MAX_WEIGHT = 200
MAX_DEGREE = 8


class Requirement:
    """A demand on sizes that cannot be decided yet.

    Attributes:
        kind: ">=" (left >= right), "==" (left == right) or "%" (right divides left).
        left: A size.
        right: A size.
    """

    __slots__ = ("kind", "left", "right")

    def __init__(self, kind: str, left: Dim, right: Dim) -> None:
        self.kind = kind
        self.left = left
        self.right = right

    @property
    def text(self) -> str:
        """The demand as a user reads it, such as `H >= 3` or `(H + 1) % 4 == 0`."""
        if self.kind == "%":
            return f"{_factor(self.left, divisor=False)} % {_factor(self.right)} == 0"
        if self.kind == ">=" and isinstance(self.left, int):
            return f"{self.right} <= {self.left}"
        return f"{self.left} {self.kind} {self.right}"

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names of the symbols in it, sorted."""
        return tuple(sorted(ex.symbols_of(self.left) | ex.symbols_of(self.right)))

    def holds(self, env: Mapping[str, int]) -> bool:
        """Whether it holds for numbers. Nothing is divisible by zero, nor is any fraction.

        Args:
            env: A value for every symbol.

        Raises:
            DimError: If a side has no value there: it divides by zero, or an inner quotient
                that has to be exact is not.
        """
        from dense_shapes.dims.substitute import evaluate  # noqa: PLC0415 - see `_ends`

        known: dict[str, int] = {}
        top, below = evaluate(ex.raw(self.left), env, known)
        right, under = evaluate(ex.raw(self.right), env, known)
        if self.kind == ">=":
            return top * under >= right * below
        if self.kind == "==":
            return top * under == right * below
        return right != 0 and top * under % (right * below) == 0 and top % below == 0

    def subs(self, env: Mapping[str, Dim]) -> Requirement:
        """The requirement with symbols replaced. It may come out decided: then both are numbers.

        Raises:
            DimError: If a side has no value there.
        """
        left, right = ex.subs(self.left, env), ex.subs(self.right, env)
        if isinstance(left, int) and isinstance(right, int):
            return Requirement(self.kind, left, right)
        result: bool | Requirement
        if self.kind == ">=":
            result = at_least(left - right, 0)
        elif self.kind == "==":
            result = equal(left, right)
        elif right == 0:
            return Requirement(self.kind, left, right)
        else:
            result = divides(right, left)
        if isinstance(result, Requirement):
            return result
        return Requirement("==", 0, 0 if result else 1)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Requirement):
            return NotImplemented
        mine = (self.kind, self.left, self.right)
        return mine == (other.kind, other.left, other.right)

    def __hash__(self) -> int:
        return hash((self.kind, self.left, self.right))

    def __repr__(self) -> str:
        return f"Requirement({self.text!r})"


def at_least(dim: Dim, n: int, *, floor_of: FloorOf | None = None) -> bool | Requirement:
    """Demand `dim >= n`.

    Args:
        dim: The size.
        n: The least value allowed.
        floor_of: The least value of a symbol, or None if it has none.

    Returns:
        True if it always holds, False if it never does, else what remains to be required.
    """
    if isinstance(dim, int):
        return dim >= n
    low, high = _ends(dim, floor_of)
    if low is not None and low >= n:
        return True
    if high is not None and high < n:
        return False
    e, n = _peel(dim, n)
    if all(c < 0 for c in e.num.values()):
        return Requirement(">=", -n, ex.dim(ex.neg_raw(e)))
    return Requirement(">=", ex.dim(e), n)


def _ends(dim: Dim, floor_of: FloorOf | None) -> tuple[int | None, int | None]:
    """Return the least and the greatest value of a size, as far as they are known."""
    # Models without symbols need none of the algebra.
    from dense_shapes.dims.bounds import lower_bound, unknown, upper_bound  # noqa: PLC0415

    floor_of = floor_of or unknown
    return lower_bound(dim, floor_of), upper_bound(dim, floor_of)


def _peel(e: Expr, n: int) -> tuple[Expr, int]:
    """Simplify `e >= n`: the constant goes right, factors and floors around all of `e` go."""
    while e.den.keys() == {()}:
        n = n * e.den[()] - e.num.get((), 0)
        num = {m: c for m, c in e.num.items() if m}
        g = poly.content(num)
        n = -(-n // g)
        e = ex.make({m: c // g for m, c in num.items()}, ONE, e.atoms)
        ((m, c), *more) = e.num.items()
        if more or len(m) != 1 or m[0][1] != 1 or e.atoms[m[0][0]].kind != "floor":
            break
        r = e.atoms[m[0][0]].args[0]
        if r.den.keys() != {()}:
            break
        # floor(r) >= n if r >= n; -floor(p/k) >= n if p/k < 1 - n, that is -p >= k*(n - 1) + 1.
        if c > 0:
            e = r
        else:
            n = r.den[()] * (n - 1) + 1
            e = ex.neg_raw(ex.make(r.num, ONE, r.atoms))
    return e, n


def equal(a: Dim, b: Dim, *, floor_of: FloorOf | None = None) -> bool | Requirement:
    """Demand `a == b`; arguments and result as for `at_least`."""
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    difference = ex.add_raw(ex.raw(a), ex.raw(b), -1)
    if not difference.num:
        return True
    if not difference.atoms:
        return False
    whole = ex.make(difference.num, ONE, difference.atoms)
    constant = -whole.num.get((), 0)
    num = {m: c for m, c in whole.num.items() if m}
    g = poly.content(num)
    if not num or constant % g:
        return False
    if num[poly.lead(num)] < 0:
        g = -g
    constant //= g
    num = {m: c // g for m, c in num.items()}
    left = ex.make(num, ONE, whole.atoms)
    low, high = _ends(left, floor_of)
    if (low is not None and low > constant) or (high is not None and high < constant):
        return False
    verdict = _by_cases(whole)
    if verdict is not None:
        return verdict
    if constant == 0:
        negative = {m: -c for m, c in num.items() if c < 0}
        if negative:
            left = ex.make({m: c for m, c in num.items() if c > 0}, ONE, whole.atoms)
            return Requirement("==", left, ex.make(negative, ONE, whole.atoms))
    return Requirement("==", left, constant)


def _by_cases(e: Expr) -> bool | None:
    """Whether `e` is zero for all (True) or no (False) sizes, if remainders can tell.

    Floors of a fraction of H resolve once H is written as period*t + remainder, which shows what
    their form does not: floor(H/2) + ceil(H/2) is H.
    """
    if ex.weight(e) > MAX_WEIGHT or max(map(poly.degree, e.num)) > MAX_DEGREE:
        return None
    periods = periods_of(e)
    cases: list[dict[str, Dim]] = [{}]
    if not periods or prod(periods.values()) > MAX_CASES:
        return None
    for name, period in periods.items():
        t = period * ex.symbol(name)
        cases = [{**case, name: t + r} for case in cases for r in range(period)]
    outcomes = set()
    for case in cases:
        try:
            d = e.subs(case)
        except DimError:
            return None
        outcomes.add(d == 0 if isinstance(d, int) else None)
    return outcomes.pop() if len(outcomes) == 1 else None


def periods_of(e: Expr) -> dict[str, int]:
    """Return, for symbols inside floors, the number on whose remainders those floors depend."""
    periods: dict[str, int] = {}
    for atom in e.atoms.values():
        period = _period(atom)
        if period > 1:
            for name in atom.symbols:
                periods[name] = lcm(periods.get(name, 1), period)
    return periods


def _period(atom: Atom) -> int:
    """The product of the numbers that floors in an atom divide by."""
    inner = [_period(x) for a in atom.args for x in a.atoms.values()]
    below = atom.args[0].den.get((), 1) if atom.kind == "floor" else 1
    return lcm(*inner) * (below if below > 0 else 1)


def divides(k: Dim, dim: Dim, *, floor_of: FloorOf | None = None) -> bool | Requirement:
    """Demand that `k` divides `dim`; arguments and result as for `at_least`.

    Raises:
        DimError: If `k` is zero.
    """
    del floor_of  # no bound decides what divides
    r = ex.div_raw(ex.raw(dim), ex.raw(k))
    if r.den == ONE:
        return True
    if not r.atoms:
        return False
    if r.den.keys() != {()}:
        rest = poly.divide(r.num, r.den)[1]
        return Requirement(
            "%", ex.dim(ex.make(rest, ONE, r.atoms)), ex.dim(ex.make(r.den, ONE, r.atoms))
        )
    modulus = r.den[()]
    num: Poly = {m: c % modulus for m, c in r.num.items() if c % modulus}
    constant = num.get((), 0)
    symbolic = {m: c for m, c in num.items() if m}
    g = gcd(modulus, poly.content(symbolic))
    if constant % g or not symbolic:
        return False
    modulus //= g
    c = symbolic[poly.lead(symbolic)] // g
    # A leading coefficient that can be inverted becomes 1: 3*H + 1 and H + 3 agree modulo 4.
    factor = pow(c, -1, modulus) if gcd(c, modulus) == 1 else 1
    reduced = {m: v // g * factor % modulus for m, v in num.items()}
    left = ex.make({m: v for m, v in reduced.items() if v}, ONE, r.atoms)
    return Requirement("%", ex.dim(left), modulus)


def bare(dim: Dim) -> str | None:
    """Return the name of a size that is nothing but a symbol."""
    if isinstance(dim, int) or dim.den != ONE or len(dim.num) != 1:
        return None
    ((monomial, factor),) = dim.num.items()
    if factor != 1 or len(monomial) != 1 or monomial[0][1] != 1:
        return None
    atom = dim.atoms[monomial[0][0]]
    return atom.key[1:] if atom.kind == "symbol" else None


def minima(dim: Dim) -> Iterator[tuple[str, int]]:
    """Yield each symbol of a size that has a least value, with that value."""
    todo: list[Expr] = [] if isinstance(dim, int) else [dim]
    while todo:
        atom: Atom
        for atom in todo.pop().atoms.values():
            todo += atom.args
            if atom.kind == "symbol" and atom.minimum is not None:
                yield atom.key[1:], atom.minimum


def _factor(dim: Dim, *, divisor: bool = True) -> str:
    """The text of one side of `%`, in parentheses where it needs them."""
    shown = str(dim)
    if isinstance(dim, int):
        return shown
    if len(text.pieces(dim.num, dim.den)) > 1:
        return f"({shown})"
    m = next(iter(dim.num))
    single = dim.den == ONE and len(m) == 1 and dim.num[m] == 1
    return f"({shown})" if divisor and not single else shown
