"""Random expressions, built twice: by the algebra, and by plain numbers."""

from fractions import Fraction
from math import floor

from hypothesis import strategies as st

from dense_shapes import dims
from dense_shapes.dims import DimError

NAMES = ("H", "W", "d", "h")


class Undefined(Exception):
    """A tree has no value for an environment."""


def value(tree, env):
    """The value of a tree, by Python's integers."""
    head, *args = tree
    if head == "int":
        return args[0]
    if head == "symbol":
        return env[args[0]]
    a, *more = [value(arg, env) for arg in args]
    b = more[0] if more else 0
    if head in ("floor_div", "ceil_div", "exact_div", "mod") and b == 0:
        raise Undefined
    if head == "exact_div":
        if a % b:
            raise Undefined
        return a // b
    return {
        "add": lambda: a + b,
        "sub": lambda: a - b,
        "mul": lambda: a * b,
        "neg": lambda: -a,
        "square": lambda: a**2,
        "floor_div": lambda: floor(Fraction(a, b)),
        "ceil_div": lambda: -floor(Fraction(-a, b)),
        "mod": lambda: a - b * floor(Fraction(a, b)),
        "max": lambda: max(a, b),
        "min": lambda: min(a, b),
    }[head]()


def build(tree):
    """The same tree as a Dim. Raises DimError where the algebra refuses."""
    head, *args = tree
    if head == "int":
        return args[0]
    if head == "symbol":
        return dims.symbol(args[0])
    a, *more = [build(arg) for arg in args]
    b = more[0] if more else 0
    if head == "mod" and b == 0:
        raise DimError("modulo zero")
    return {
        "add": lambda: a + b,
        "sub": lambda: a - b,
        "mul": lambda: a * b,
        "neg": lambda: -a,
        "square": lambda: a**2,
        "floor_div": lambda: dims.floor_div(a, b),
        "ceil_div": lambda: dims.ceil_div(a, b),
        "exact_div": lambda: dims.exact_div(a, b),
        "mod": lambda: a % b,
        "max": lambda: dims.dim_max(a, b),
        "min": lambda: dims.dim_min(a, b),
    }[head]()


def try_build(tree):
    try:
        return build(tree)
    except DimError:
        return None


leaves = st.one_of(
    st.integers(-9, 40).map(lambda n: ("int", n)),
    st.sampled_from(NAMES).map(lambda name: ("symbol", name)),
    st.sampled_from(NAMES).map(lambda name: ("symbol", name)),
)


def _grow(children):
    def binary(*heads):
        return st.tuples(st.sampled_from(heads), children, children)

    constant = st.integers(1, 12).map(lambda n: ("int", n))
    return st.one_of(
        binary("add", "sub", "mul"),
        binary("add", "sub"),
        st.tuples(
            st.sampled_from(["floor_div", "ceil_div", "exact_div", "mod"]), children, constant
        ),
        binary("floor_div", "ceil_div", "exact_div", "mod", "max", "min"),
        st.tuples(st.sampled_from(["neg", "square"]), children),
    )


trees = st.recursive(leaves, _grow, max_leaves=9)
sizes = trees.map(try_build).filter(lambda d: d is not None)
envs = st.fixed_dictionaries({name: st.integers(-5, 40) for name in NAMES})
positive_envs = st.fixed_dictionaries({name: st.integers(1, 40) for name in NAMES})
