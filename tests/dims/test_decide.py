"""Demands that hold for every allowed size, for some, or that cannot be told."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dense_shapes.dims import DimError, Requirement, ceil_div, dim_max, floor_div, symbol
from dense_shapes.dims.decide import always

H, W = symbol("H", minimum=1), symbol("W", minimum=1)
K = symbol("k")


def at_most(dim, n):
    return Requirement(">=", n, dim)


def at_least(dim, n):
    return Requirement(">=", dim, n)


def same(a, b):
    return Requirement("==", a, b)


def multiple(dim, n):
    return Requirement("%", dim, n)


@pytest.mark.parametrize(
    ("demand", "known", "holds", "witness"),
    [
        (at_most(5, 7), [], True, None),
        (at_most(8, 7), [], False, None),
        (same(7, 7), [], True, None),
        (at_least(3 * H * W, 3), [], True, None),
        (at_least(3 * H * W, 4), [], False, {"H": 1, "W": 1}),
        (at_least(3 * H, 9), [at_least(H, 3)], True, None),
        (at_least(3 * H, 10), [at_least(H, 3)], False, {"H": 3}),
        (at_least(H, 2), [multiple(H, 16)], True, None),
        (at_least(H, 17), [multiple(H, 16)], False, {"H": 16}),
        (at_least(H, 20), [multiple(H + 4, 8), at_least(H, 13)], True, None),
        (at_most(H, 100), [], False, {"H": 129}),
        (at_most(H, 100), [at_most(H, 100)], True, None),
        (at_most(H * H, 100), [at_most(H, 10)], True, None),
        (at_most(H * H, 99), [at_most(H, 10)], False, {"H": 10}),
        (at_most(H, 10**9), [at_most(H, 10**9)], True, None),
        (same(3 * H, 9), [same(H, 3)], True, None),
        (same(H * W, 9), [same(H, W)], False, {"H": 1, "W": 1}),
        (same(H * H, W * W), [same(H, W)], True, None),
        (same(2 * floor_div(H, 2), H), [multiple(H, 2)], True, None),
        (same(2 * floor_div(H, 2), H), [], False, {"H": 1}),
        (same(floor_div(H, 2) + ceil_div(H, 2), H), [], True, None),
        (at_most(4 * ceil_div(H, 2) * ceil_div(W, 2), (H + 1) * (W + 1)), [], True, None),
        (same(H, H + 1), [], False, {"H": 1}),
        (same(H, W), [same(H, W + 1)], False, {"H": 2, "W": 1}),
        (at_least(K, 0), [at_least(K, 1)], True, None),
        (at_least(K, 1), [at_least(K, 0)], False, {"k": 0}),
        (at_least(K, 0), [], None, None),
        (at_most(H * W, 3072), [same(H * W, 3072)], True, None),
        (at_most(2 * H * W, 6144), [same(H * W, 3072)], None, None),
        (at_most(H, 5), [same(W, 2 * H), at_most(W, 10)], True, None),
        (same(H * W, 64), [same(H * W, 64)], True, None),
        (same(H * W, 63), [same(H * W, 64)], False, {"H": 8, "W": 8}),
    ],
)
def test_verdicts(demand, known, holds, witness):
    verdict = always(demand, known)
    assert (verdict.holds, verdict.witness) == (holds, witness)


sizes = st.integers(1, 6)
atoms = st.one_of(
    st.sampled_from([H, W]),
    st.builds(floor_div, st.sampled_from([H, W, H + 1, W + 3]), st.integers(2, 4)),
    st.builds(dim_max, st.sampled_from([H, W]), sizes),
    sizes,
)
dims = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(lambda a, b: a * b, inner, inner),
    ),
    max_leaves=4,
)
demands = st.one_of(
    st.builds(at_least, dims, st.integers(-5, 60)),
    st.builds(at_most, dims, st.integers(-5, 60)),
    st.builds(same, dims, st.one_of(dims, st.integers(0, 20))),
)
known = st.lists(
    st.one_of(
        st.builds(at_least, st.sampled_from([H, W]), st.integers(1, 9)),
        st.builds(at_most, st.sampled_from([H, W]), st.integers(1, 30)),
        st.builds(multiple, st.sampled_from([H, W, H + 1]), st.integers(2, 5)),
        st.builds(same, st.just(H), st.sampled_from([W, 2 * W, 6])),
    ),
    max_size=3,
)


def allowed(requirements, env):
    try:
        return all(r.holds(env) for r in requirements)
    except DimError:
        return False


@given(demands, known)
def test_a_verdict_agrees_with_trying(demand, requirements):
    verdict = always(demand, requirements)
    envs = [{"H": h, "W": w} for h, w in itertools.product(range(1, 25), repeat=2)]
    held = [demand.holds(env) for env in envs if allowed(requirements, env)]
    if verdict.holds:
        assert all(held)
    elif verdict.holds is False and verdict.witness is not None:
        env = {"H": 1, "W": 1} | verdict.witness
        assert not demand.holds(env)
        assert all(env[name] >= 1 for name in env)
    elif verdict.holds is False:
        assert not any(held)


@given(demands, known)
def test_a_witness_is_allowed(demand, requirements):
    witness = always(demand, requirements).witness
    if witness is not None and set(witness) == {"H", "W"}:
        assert allowed(requirements, witness)
