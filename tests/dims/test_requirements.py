import itertools

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dense_shapes.dims import (
    DimError,
    Requirement,
    at_least,
    ceil_div,
    dim_max,
    dim_min,
    divides,
    equal,
    exact_div,
    floor_div,
    subs,
    symbol,
    symbols_of,
)
from dense_shapes.dims.bounds import lower_bound, upper_bound
from dense_shapes.dims.parse import parse_dim
from tests.dims.trees import envs, positive_envs, sizes

H, W, d, h = map(symbol, ["H", "W", "d", "h"])
laws = settings(
    deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


def one(_name):
    return 1


@pytest.mark.parametrize(
    ("size", "low", "high"),
    [
        (5, 5, 5),
        (H, 1, None),
        (H - 3, -2, None),
        (3 - H, None, 2),
        (ceil_div(H, 32), 1, None),
        (floor_div(H + 2, 3), 1, None),
        (floor_div(H - 3, 2), -1, None),
        (H * W, 1, None),
        (H * W - H, 0, None),
        (H**2 - H, 0, None),
        (H % 2, 0, 1),
        (H - H // 2, 1, None),
        (exact_div(d, h), 1, None),
        (d // h, 0, None),
        (ceil_div(d, h), 1, None),
        (floor_div(-d, h), None, -1),
        (7 // H, 0, 7),
        (exact_div(H, 2), 1, None),
        (dim_max(H, 7), 7, None),
        (dim_min(H, 7), 1, 7),
        (dim_max(3 - H, 0), 0, 2),
        (dim_min(H, 3) * dim_min(W, 4), 1, 12),
        (dim_min(H, 3) * -W, None, -1),
        (dim_min(3 - H, 1) ** 2, 0, None),
    ],
)
def test_bounds(size, low, high):
    assert lower_bound(size, one) == low
    assert upper_bound(size, one) == high


def test_no_bounds_without_bounds():
    assert lower_bound(H + 1, lambda _name: None) is None
    assert upper_bound(H + 1, lambda _name: None) is None
    assert lower_bound(H**2, lambda _name: None) == 0
    assert lower_bound(H % 4, lambda _name: None) == 0
    assert upper_bound(H % 4, lambda _name: None) == 3


@laws
@given(sizes, envs)
def test_bounds_are_sound(size, env):
    try:
        n = subs(size, env)
    except DimError:
        assume(False)
    for floor_of in (env.get, lambda name: min(env[name], 1), lambda _name: None):
        low, high = lower_bound(size, floor_of), upper_bound(size, floor_of)
        assert low is None or low <= n
        assert high is None or n <= high


TEXTS = [
    (at_least(H - 2, 1), "H >= 3"),
    (at_least(H, 3), "H >= 3"),
    (at_least(floor_div(H - 1, 2), 1), "H >= 3"),
    (at_least(floor_div(H - 3, 2) + 1, 1), "H >= 3"),
    (at_least(ceil_div(H, 2), 3), "H >= 5"),
    (at_least(ceil_div(floor_div(H - 3, 2) + 1, 4) - 2, 1), "H >= 19"),
    (at_least(2 * H - 3, 2), "H >= 3"),
    (at_least(-(H // 2), -3), "H <= 7"),
    (at_least(7 - H, 0), "H <= 7"),
    (at_least(H - W, 2), "H - W >= 2"),
    (at_least(exact_div(H, 2) - 1, 1), "H >= 4"),
    (at_least(H // 2 + W, 4), "W + floor(H/2) >= 4"),
    (at_least(dim_max(H, 3), 5), "max(H, 3) >= 5"),
    (at_least(exact_div(d, h), 2), "d/h >= 2"),
    (equal(3 * H * W, 3072), "H*W == 1024"),
    (equal(H * W, 3072), "H*W == 3072"),
    (equal(H, W), "H == W"),
    (equal(5, H + 2), "H == 3"),
    (equal(2 * H, 4 * W + 2 * d), "H == 2*W + d"),
    (equal(H - W, 3), "H - W == 3"),
    (equal(exact_div(d, h), 3), "d == 3*h"),
    (equal(H // 2, 3), "floor(H/2) == 3"),
    (divides(4, H), "H % 4 == 0"),
    (divides(4, H + 5), "(H + 1) % 4 == 0"),
    (divides(-4, 2 * H), "H % 2 == 0"),
    (divides(4, 3 * H + 1), "(H + 3) % 4 == 0"),
    (divides(6, 2 * H * W), "H*W % 3 == 0"),
    (divides(6, 3 * H + 2 * W), "(3*H + 2*W) % 6 == 0"),
    (divides(h, d), "d % h == 0"),
    (divides(h, d + h * W), "d % h == 0"),
    (divides(h * W, d), "d % (W*h) == 0"),
    (divides(h + 1, d + 1), "(d + 1) % (h + 1) == 0"),
    (divides(H, 12), "12 % H == 0"),
    (divides(2, exact_div(H, 3)), "H % 6 == 0"),
    (divides(3, H // 2), "floor(H/2) % 3 == 0"),
]


@pytest.mark.parametrize(("requirement", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_requirement_text(requirement, text):
    assert isinstance(requirement, Requirement)
    assert requirement.text == text


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (at_least(3, 3), True),
        (at_least(2, 3), False),
        (at_least(ceil_div(H, 32), 1, floor_of=one), True),
        (at_least(H * W, 1, floor_of=one), True),
        (at_least(dim_max(H, 3), 3), True),
        (at_least(dim_min(H, 3), 4), False),
        (at_least(-H, 0, floor_of=one), False),
        (at_least(H % 4, 4), False),
        (at_least(exact_div(d, h), 1, floor_of=one), True),
        (equal(3, 3), True),
        (equal(3, 4), False),
        (equal(H + 1, 1 + H), True),
        (equal(H + 1, H), False),
        (equal(2 * H, 2 * W + 1), False),
        (equal(3 * H * W, 3073), False),
        (equal(H, 0, floor_of=one), False),
        (equal(exact_div(H, 2), exact_div(H + 1, 2)), False),
        (equal(exact_div(1, H), 0), False),
        (equal((3 * H) // 2, H + H // 2), True),
        (equal(H // 2 + ceil_div(H, 2), H), True),
        (equal(ceil_div(H, 4) + (H + W) // 2 - W, (H - W) // 2 + (H + 3) // 4), True),
        (equal(ceil_div(H, 2) + ceil_div(H, 2), 2 * (H // 2) + 3), False),
        (equal(H % 3, 2 + W * 3 - W * 3 - H % 3 + 7), False),
        (divides(4, 12), True),
        (divides(4, 13), False),
        (divides(4, 8 * H), True),
        (divides(4, 8 * H + 1), False),
        (divides(4, 2 * H + 1), False),
        (divides(1, H), True),
        (divides(h, h * W), True),
        (divides(h, 0), True),
        (divides(3 * h, 2 * h), False),
    ],
)
def test_decided(verdict, expected):
    assert verdict is expected


def test_nothing_divides_by_zero():
    with pytest.raises(DimError):
        divides(0, H)
    assert not Requirement("%", d, h).holds({"d": 4, "h": 0})


def truth(kind, a, b, env):
    """The demand by plain numbers, or None where it has no meaning."""
    try:
        left, right = subs(a, env), subs(b, env)
    except DimError:
        return None
    if kind == ">=":
        return left >= right
    if kind == "==":
        return left == right
    return None if right == 0 else left % right == 0


@laws
@given(
    sizes,
    sizes,
    st.integers(-5, 20),
    st.lists(positive_envs, min_size=5, max_size=5),
    st.sampled_from([">=", "==", "%", "%int"]),
    st.booleans(),
)
def test_requirements_agree_with_numbers(a, b, n, some, kind, bounded):
    floor_of = one if bounded else lambda _name: None
    try:
        if kind == ">=":
            b, result = n, at_least(a, n, floor_of=floor_of)
        elif kind == "==":
            result = equal(a, b, floor_of=floor_of)
        else:
            b = (n or 1) if kind == "%int" else b
            kind = "%"
            result = divides(b, a)
    except DimError:
        assume(False)
    names = sorted(symbols_of(a) | symbols_of(b))
    if len(names) <= 2:
        some = [
            dict(zip(names, ns, strict=True))
            for ns in itertools.product(range(1, 9), repeat=len(names))
        ]
    for env in some:
        expected = truth(kind, a, b, env)
        if expected is None:
            continue
        if isinstance(result, bool):
            assert result is expected, env
            continue
        assert result.holds(env) is expected, env
        text = result.text.removesuffix(" == 0" if kind == "%" else "")
        left, _, right = text.rpartition(f" {kind} ")
        if kind == ">=" and " <= " in text:
            right, _, left = text.rpartition(" <= ")
        assert truth(kind, parse_dim(left), parse_dim(right), env) in (expected, None)
        for name in names:
            try:
                later = result.subs({name: env[name]})
            except DimError:
                continue
            assert name not in later.symbols
            assert later.holds(env) is expected


def test_requirements_are_values():
    a, b = divides(4, H), divides(4, H + 4)
    assert a == b
    assert hash(a) == hash(b)
    assert a != equal(H, 4)
    assert a != "H % 4 == 0"
    assert repr(a) == "Requirement('H % 4 == 0')"
    assert equal(W * d, H).symbols == ("H", "W", "d")
    assert a.subs({"H": 2 * W}).text == "W % 2 == 0"
    assert a.subs({"H": 6}).symbols == ()
    assert not a.subs({"H": 6}).holds({})
    assert a.subs({"H": 8}).holds({})
