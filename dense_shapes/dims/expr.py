"""Expressions: quotients of polynomials over symbols, floors, maxima and minima.

An expression is `num/den` in lowest terms, the leading coefficient of `den` positive. That form is
unique, so equality is structural and whatever cancels has cancelled. Functions with a trailing
`_raw` work on `Expr` alone and may return one that is constant, even a fraction; `dim` turns it
into what the outside sees.
"""

from __future__ import annotations

from math import gcd

from dense_shapes.dims import poly, text
from dense_shapes.dims.errors import DimError
from dense_shapes.dims.poly import ONE, Poly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DEPTH = 50
MAX_WEIGHT = 20_000  # terms and factors, those inside floors included


class Atom:
    """What a polynomial is made of: a symbol, or a floor, a maximum or a minimum of expressions.

    An atom always stands for a whole number.

    Attributes:
        key: Rank and text, by which atoms are compared and sorted.
        kind: "symbol", "floor", "max" or "min".
        args: The expressions inside; one for a floor, none for a symbol.
        open: Whether a symbol in it was left open.
        symbols: Names of the symbols in it.
        depth: Nesting depth, 0 for a symbol.
        weight: Number of terms and factors in it.
        minimum: The least value of a symbol, or None if none is known.
    """

    __slots__ = ("args", "depth", "key", "kind", "minimum", "open", "symbols", "weight")

    def __init__(
        self,
        key: str,
        kind: str,
        args: tuple[Expr, ...] = (),
        *,
        is_open: bool = False,
        minimum: int | None = None,
    ) -> None:
        self.key = key
        self.minimum = minimum
        self.kind = kind
        self.args = args
        self.open = is_open or any(a.open for a in args)
        if not args:
            self.symbols = frozenset((key[1:],))
            self.depth, self.weight = 0, 1
            return
        self.symbols = frozenset().union(*[a.symbols for a in args])
        self.depth = 1 + max([x.depth for a in args for x in a.atoms.values()], default=0)
        self.weight = 1 + sum([weight(a) for a in args])
        if self.depth > MAX_DEPTH:
            raise poly.too_big(f"nested deeper than {MAX_DEPTH}")
        if self.weight > MAX_WEIGHT:
            raise poly.too_big(f"more than {MAX_WEIGHT:,} terms and factors")


class Expr:
    """A symbolic size. Immutable; made by `symbol` and arithmetic, never constant.

    Supports `+ - * // %` with integers and expressions on either side, and `**` with a
    non-negative integer. Comparing sizes by order, or asking for their truth, raises TypeError.
    """

    __slots__ = ("_hash", "_open", "_symbols", "_text", "atoms", "den", "num")

    _hash: int | None
    _open: bool | None
    _symbols: frozenset[str] | None
    _text: str | None

    def __init__(self, num: Poly, den: Poly, atoms: dict[str, Atom]) -> None:
        self.num = num
        self.den = den
        self.atoms = atoms
        self._hash = self._open = self._symbols = self._text = None

    @property
    def symbols(self) -> frozenset[str]:
        """The names of all symbols in it."""
        if self._symbols is None:
            self._symbols = frozenset().union(*[a.symbols for a in self.atoms.values()])
        return self._symbols

    @property
    def open(self) -> bool:
        """Whether any symbol in it stands for a size that the user left open."""
        if self._open is None:
            self._open = any(a.open for a in self.atoms.values())
        return self._open

    def subs(self, env: Mapping[str, Dim]) -> Dim:
        """Replace symbols by sizes.

        Args:
            env: Sizes by the names of symbols; those that are missing stay as they are.

        Raises:
            DimError: If the value is not a whole number, a divisor becomes zero, or the result
                outgrows the bounds.
        """
        from dense_shapes.dims.substitute import substitute  # noqa: PLC0415 - imports this module

        return substitute(self, env)

    def __add__(self, other: object) -> Dim:
        if isinstance(other, (int, Expr)):
            return dim(add_raw(self, raw(other)))
        return NotImplemented

    __radd__ = __add__

    def __sub__(self, other: object) -> Dim:
        if isinstance(other, (int, Expr)):
            return dim(add_raw(self, raw(other), -1))
        return NotImplemented

    def __rsub__(self, other: object) -> Dim:
        if isinstance(other, (int, Expr)):
            return dim(add_raw(raw(other), self, -1))
        return NotImplemented

    def __mul__(self, other: object) -> Dim:
        if isinstance(other, (int, Expr)):
            return dim(mul_raw(self, raw(other)))
        return NotImplemented

    __rmul__ = __mul__

    def __floordiv__(self, other: object) -> Dim:
        return floor_div(self, other) if isinstance(other, (int, Expr)) else NotImplemented

    def __rfloordiv__(self, other: object) -> Dim:
        return floor_div(other, self) if isinstance(other, (int, Expr)) else NotImplemented

    def __mod__(self, other: object) -> Dim:
        return (
            self - other * floor_div(self, other)
            if isinstance(other, (int, Expr))
            else (NotImplemented)
        )

    def __rmod__(self, other: object) -> Dim:
        return (
            other - self * floor_div(other, self)
            if isinstance(other, (int, Expr))
            else (NotImplemented)
        )

    def __pow__(self, exponent: object) -> Dim:
        return dim(power_raw(self, exponent)) if isinstance(exponent, int) else NotImplemented

    def __neg__(self) -> Dim:
        return neg_raw(self)

    def __pos__(self) -> Dim:
        return self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Expr):
            return NotImplemented
        return self is other or (self.num == other.num and self.den == other.den)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((frozenset(self.num.items()), frozenset(self.den.items())))
        return self._hash

    def __bool__(self) -> bool:
        raise TypeError(f"the truth of the symbolic size {self} is not known")

    def _no_order(self, other: object) -> bool:
        raise TypeError(f"the order of the symbolic size {self} and {other} is not known")

    __lt__ = __le__ = __gt__ = __ge__ = _no_order

    def __str__(self) -> str:
        if self._text is None:
            if not self.num:
                self._text = "0"
            else:
                self._text = text.join(text.pieces(self.num, self.den))
        return self._text

    def __repr__(self) -> str:
        return f"Expr({str(self)!r})"


Dim = int | Expr


def is_name(name: str) -> bool:
    """Whether a text can name a symbol: letters, digits and underscores, no digit first."""
    return bool(name) and not name[0].isdecimal() and name.replace("_", "a").isalnum()


def symbol(
    name: str,
    *,
    open: bool = False,  # noqa: A002 - the word that users see
    minimum: int | None = None,
) -> Expr:
    """A size known only by name.

    Args:
        name: Letters, digits and underscores, the first no digit. Equal names are equal sizes.
        open: Whether the user left this size open, rather than naming it.
        minimum: The least value it can have, where one is known: 1 for an axis of the input.

    Raises:
        DimError: If `name` is no name.
    """
    if not is_name(name):
        raise DimError(f"{name!r} is not a name for a size")
    key = text.SYMBOL + name
    return Expr({((key, 1),): 1}, ONE, {key: Atom(key, "symbol", is_open=open, minimum=minimum)})


BATCH = symbol("batch", minimum=1)
"""The unnamed batch axis."""


def subs(dim: Dim, env: Mapping[str, Dim]) -> Dim:
    """`dim` with symbols replaced; see `Expr.subs`."""
    return dim if isinstance(dim, int) else dim.subs(env)


def symbols_of(dim: Dim) -> frozenset[str]:
    """The names of the symbols in a size."""
    return frozenset() if isinstance(dim, int) else dim.symbols


def is_open(dim: Dim) -> bool:
    """Whether a size has a part that the user left open."""
    return not isinstance(dim, int) and dim.open


# --- raw arithmetic --------------------------------------------------------------------------


def raw(value: Dim) -> Expr:
    """A size as an `Expr`, constant or not."""
    if isinstance(value, Expr):
        return value
    return Expr({(): poly.check_int(int(value))} if value else {}, ONE, {})


def dim(e: Expr) -> Dim:
    """What the outside sees of a raw expression: constants are plain integers.

    Raises:
        DimError: If it is a fraction.
    """
    if e.atoms:
        return e
    top, bottom = e.num.get((), 0), e.den[()]
    if bottom != 1:
        raise DimError(f"{top}/{bottom} is not a whole number")
    return top


def weight(e: Expr) -> int:
    """The number of terms and factors in an expression, those inside its atoms included."""
    atoms = e.atoms
    total = len(e.num) + len(e.den)
    for p in (e.num, e.den):
        for m in p:
            for k, _ in m:
                total += atoms[k].weight
    return total


def make(num: Poly, den: Poly, atoms: dict[str, Atom]) -> Expr:
    """The canonical expression `num/den`; `atoms` may hold more than it needs.

    Raises:
        DimError: If it outgrows the bounds.
    """
    if den != ONE:
        if not num:
            den = ONE
        elif den.keys() == {()}:
            k = den[()]
            g = gcd(poly.content(num), k) * (1 if k > 0 else -1)
            if g != 1:
                num = {m: c // g for m, c in num.items()}
                den = {(): k // g}
        else:
            num, den = _cancel(num, den)
            if den[poly.lead(den)] < 0:
                num = {m: -c for m, c in num.items()}
                den = {m: -c for m, c in den.items()}
    if atoms:
        used = poly.keys_of(num)
        if den != ONE:
            used |= poly.keys_of(den)
        if len(used) != len(atoms):
            atoms = {k: a for k, a in atoms.items() if k in used}
    e = Expr(num, den, atoms)
    for a in atoms.values():
        if a.weight > 1:
            if weight(e) > MAX_WEIGHT:
                raise poly.too_big(f"more than {MAX_WEIGHT:,} terms and factors")
            break
    return e


def merge(a: Expr, b: Expr) -> dict[str, Atom]:
    """The atoms of both."""
    if not b.atoms or a.atoms is b.atoms:
        return a.atoms
    # Of a symbol that is open on one side only, the open one must survive.
    return a.atoms | b.atoms if b.open else b.atoms | a.atoms


def add_raw(a: Expr, b: Expr, factor: int = 1) -> Expr:
    """`a + factor*b`."""
    if a.den == b.den:
        return make(poly.add(a.num, b.num, factor), a.den, merge(a, b))
    num = poly.add(poly.mul(a.num, b.den), poly.mul(b.num, a.den), factor)
    return make(num, poly.mul(a.den, b.den), merge(a, b))


def neg_raw(a: Expr) -> Expr:
    """`-a`."""
    return Expr({m: -c for m, c in a.num.items()}, a.den, a.atoms)


def mul_raw(a: Expr, b: Expr) -> Expr:
    """`a * b`."""
    if a.den == ONE and b.den == ONE:
        return make(poly.mul(a.num, b.num), ONE, merge(a, b))
    # What cancels crosswise goes first, so that products on the way stay within the bounds.
    top, over = _cancel(a.num, b.den)
    other, under = _cancel(b.num, a.den)
    return make(poly.mul(top, other), poly.mul(over, under), merge(a, b))


def _cancel(num: Poly, den: Poly) -> tuple[Poly, Poly]:
    """Both without their greatest common divisor."""
    if den == ONE or not num:
        return num, den
    common = poly.common_divisor(num, den)
    if common == ONE:
        return num, den
    return poly.divide(num, common)[0], poly.divide(den, common)[0]


def div_raw(a: Expr, b: Expr) -> Expr:
    """`a / b`, the true quotient.

    Raises:
        DimError: If `b` is zero.
    """
    if not b.num:
        raise DimError(f"division of {a} by zero")
    return mul_raw(a, Expr(b.den, b.num, b.atoms))


def power_raw(a: Expr, exponent: int) -> Expr:
    """`a ** exponent`.

    Raises:
        DimError: If the exponent is negative, or the result outgrows the bounds.
    """
    if exponent < 0:
        raise DimError(f"the exponent {exponent} is negative")
    if not a.atoms:
        num = poly.power_int(a.num.get((), 0), exponent)
        return Expr({(): num} if num else {}, {(): poly.power_int(a.den[()], exponent)}, {})
    if exponent > poly.MAX_DEGREE:
        raise poly.too_big(f"a degree of more than {poly.MAX_DEGREE:,}")
    # Powers of a fraction in lowest terms are in lowest terms.
    return make(_power(a.num, exponent), _power(a.den, exponent), a.atoms)


def _power(p: Poly, exponent: int) -> Poly:
    if p == ONE or exponent == 0:
        return ONE
    if len(p) == 1:
        ((m, c),) = p.items()
        if poly.degree(m) * exponent > poly.MAX_DEGREE:
            raise poly.too_big(f"a degree of more than {poly.MAX_DEGREE:,}")
        return {tuple([(k, e * exponent) for k, e in m]): poly.power_int(c, exponent)}
    half = _power(p, exponent // 2)
    square = poly.mul(half, half)
    return poly.mul(square, p) if exponent % 2 else square


# Last, because rounding is built from the arithmetic above, and the operators use it.
from dense_shapes.dims.rounding import floor_div  # noqa: E402
