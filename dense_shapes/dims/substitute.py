"""Replacing symbols by sizes."""

from __future__ import annotations

from dense_shapes.dims import expr as ex
from dense_shapes.dims import poly
from dense_shapes.dims.errors import DimError
from dense_shapes.dims.rounding import dim_max, dim_min, floor_raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from dense_shapes.dims.expr import Atom, Dim, Expr
    from dense_shapes.dims.poly import Poly


def substitute(e: Expr, env: Mapping[str, Dim]) -> Dim:
    """`e` with symbols replaced; see `Expr.subs`."""
    numbers: dict[str, int] = {}
    for name in e.symbols:
        value = env.get(name)
        if not isinstance(value, int):
            break
        numbers[name] = value
    else:
        return whole(e, numbers, {})
    if not any(name in env for name in e.symbols):
        return e
    return ex.dim(_replace(e, env, {}))


def whole(e: Expr, env: Mapping[str, int], known: dict[str, int]) -> int:
    """The value of `e`, every symbol of which is in `env`.

    Raises:
        DimError: If it is not a whole number, or a divisor is zero.
    """
    top, bottom = evaluate(e, env, known)
    if top % bottom:
        where = ", ".join([f"{name} = {env[name]}" for name in sorted(e.symbols)])
        raise DimError(
            f"{e} is not a whole number for {where}: {top} would have to be divisible by {bottom}"
        )
    return top // bottom


def evaluate(e: Expr, env: Mapping[str, int], known: dict[str, int]) -> tuple[int, int]:
    """The value of `e` as numerator and denominator, not in lowest terms.

    Args:
        e: What to evaluate.
        env: A value for every symbol in it.
        known: The values of atoms met before, by key; grows.

    Raises:
        DimError: If a divisor is zero, or an inner quotient that has to be exact is not.
    """
    for key, atom in e.atoms.items():
        if key not in known:
            known[key] = _value(atom, env, known)
    top = _sum(e.num, known)
    if e.den == poly.ONE:
        return top, 1
    bottom = _sum(e.den, known)
    if bottom == 0:
        raise DimError(f"division by zero in {e}")
    return (top, bottom) if bottom > 0 else (-top, -bottom)


def _sum(p: Poly, known: dict[str, int]) -> int:
    total = 0
    for m, c in p.items():
        for key, e in m:
            c = c * (known[key] if e == 1 else poly.power_int(known[key], e))  # noqa: PLW2901
        total += c
    return poly.check_int(total)


def _value(atom: Atom, env: Mapping[str, int], known: dict[str, int]) -> int:
    if atom.kind == "symbol":
        return int(env[atom.key[1:]])
    if atom.kind == "floor":
        top, bottom = evaluate(atom.args[0], env, known)
        return top // bottom
    values = [whole(a, env, known) for a in atom.args]
    return max(values) if atom.kind == "max" else min(values)


def _replace(e: Expr, env: Mapping[str, Dim], known: dict[str, Expr]) -> Expr:
    for key, atom in e.atoms.items():
        if key not in known:
            known[key] = _replaced(atom, env, known)
    top = _raw_sum(e.num, known)
    return top if e.den == poly.ONE else ex.div_raw(top, _raw_sum(e.den, known))


def _replaced(atom: Atom, env: Mapping[str, Dim], known: dict[str, Expr]) -> Expr:
    if atom.kind == "symbol":
        name = atom.key[1:]
        if name in env:
            return ex.raw(env[name])
        return ex.Expr({((atom.key, 1),): 1}, poly.ONE, {atom.key: atom})
    args = [_replace(a, env, known) for a in atom.args]
    if atom.kind == "floor":
        return floor_raw(args[0])
    dims = [ex.dim(a) for a in args]
    return ex.raw(dim_max(*dims) if atom.kind == "max" else dim_min(*dims))


def _raw_sum(p: Poly, known: dict[str, Expr]) -> Expr:
    total = ex.raw(0)
    for m, c in p.items():
        part = ex.raw(c)
        for key, e in m:
            part = ex.mul_raw(part, known[key] if e == 1 else ex.power_raw(known[key], e))
        total = ex.add_raw(total, part)
    return total
