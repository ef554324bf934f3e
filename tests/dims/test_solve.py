"""Requirements solved symbol by symbol, held against trying every number."""

from time import perf_counter

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
from dense_shapes.dims.solutions import Unsolved, solutions
from dense_shapes.dims.solve import solve
from tests.dims.trees import NAMES, sizes

H, W = symbol("H", minimum=1), symbol("W", minimum=1)
k = symbol("k")
"""A var: no least value is known of it."""


def allowed(facts, n):
    """Tell whether a number has what the data of a statement says."""
    return (
        n >= facts.get("min", n)
        and n <= facts.get("max", n)
        and n % facts.get("modulus", 1) in facts.get("residues", [0])
        and n in facts.get("values", [n])
        and n not in facts.get("except", [])
    )


def holds(requirement, name, n):
    try:
        return requirement.holds({name: n})
    except DimError:
        return False


def at_most(dim, n):
    return at_least(-dim, -n)


SENTENCES = [
    ([at_least(H, 75)], [("H >= 75", {"min": 75}, (0,))]),
    ([at_least(H, 3), at_least(H, 75)], [("H >= 75", {"min": 75}, (1,))]),
    ([at_least(H, 75), at_least(2 * H, 150)], [("H >= 75", {"min": 75}, (0, 1))]),
    ([at_most(H, 9), at_most(H, 12)], [("H <= 9", {"max": 9}, (0,))]),
    ([divides(16, W)], [("W % 16 == 0", {"modulus": 16, "residues": [0]}, (0,))]),
    (
        [equal(H % 2, (H // 2) % 2)],
        [("H % 4 in {0, 3}", {"modulus": 4, "residues": [0, 3]}, (0,))],
    ),
    ([equal(H, 128)], [("H == 128", {"min": 128, "max": 128}, (0,))]),
    ([at_least(H, 3), equal(H, 128)], [("H == 128", {"min": 128, "max": 128}, (1,))]),
    ([at_least(H, 7), at_most(H, 7)], [("H == 7", {"min": 7, "max": 7}, (0, 1))]),
    ([at_most(H, 1)], [("H == 1", {"min": 1, "max": 1}, (0,))]),
    ([at_most(k, 1)], [("k <= 1", {"max": 1}, (0,))]),
    ([at_least(k, 1)], [("k >= 1", {"min": 1}, (0,))]),
    ([at_least(H, 1)], []),
    (
        [at_least(H, 3), at_most(H, 9)],
        [("H >= 3", {"min": 3}, (0,)), ("H <= 9", {"max": 9}, (1,))],
    ),
    # One number in the bounds has the remainder.
    (
        [at_least(H, 30), at_most(H, 40), divides(16, H)],
        [("H == 32", {"min": 32, "max": 32}, (0, 1, 2))],
    ),
    ([equal(H * H, 49)], [("H == 7", {"min": 7, "max": 7}, (0,))]),
    ([equal(H * H + 15, 8 * H)], [("H in {3, 5}", {"values": [3, 5]}, (0,))]),
    (
        [equal(H * H + 15, 8 * H), at_least(H, 4)],
        [("H == 5", {"min": 5, "max": 5}, (0, 1))],
    ),
    (
        [Requirement("%", 12, H)],
        [("H in {1, 2, 3, 4, 6, 12}", {"values": [1, 2, 3, 4, 6, 12]}, (0,))],
    ),
    (
        # A longer list is said by its requirement.
        [Requirement("%", 360, H)],
        [("360 % H == 0", {"values": [n for n in range(1, 361) if 360 % n == 0]}, (0,))],
    ),
    ([at_least((H - 5) ** 2, 1)], [("H != 5", {"except": [5]}, (0,))]),
    (
        [at_least((H - 5) ** 2 * (H - 9) ** 2, 1)],
        [("H not in {5, 9}", {"except": [5, 9]}, (0,))],
    ),
    (
        [at_least(H, 5), at_least((H - 5) ** 2, 1), at_least((H - 6) ** 2 * (H - 8) ** 2, 1)],
        [("H >= 7", {"min": 7}, (0, 1, 2)), ("H != 8", {"except": [8]}, (2,))],
    ),
    # Steps down and up again need every remainder to be 0 in turn.
    (
        [equal(H // n, 2 * (H // (2 * n))) for n in (8, 4, 2)] + [equal(H, 2 * (H // 2))],
        [("H % 16 == 0", {"modulus": 16, "residues": [0]}, (0, 1, 2, 3))],
    ),
    (
        [divides(2, H), divides(16, H), divides(4, H)],
        [("H % 16 == 0", {"modulus": 16, "residues": [0]}, (1,))],
    ),
    (
        [divides(3, H), divides(16, H)],
        [("H % 48 == 0", {"modulus": 48, "residues": [0]}, (0, 1))],
    ),
    # Two lists of remainders do not make a longer one.
    (
        [equal((H // 2) % 2, 0), at_least(-(H % 3), -1)],
        [
            ("H % 4 in {0, 1}", {"modulus": 4, "residues": [0, 1]}, (0,)),
            ("H % 3 in {0, 1}", {"modulus": 3, "residues": [0, 1]}, (1,)),
        ],
    ),
    ([divides(10**12, H + 1)], [(f"H % {10**12} == {10**12 - 1}", None, (0,))]),
    ([at_least(H**3, 10**30)], [(f"H >= {10**10}", {"min": 10**10}, (0,))]),
    # Contradictions stay: all of them hold together, so nothing does.
    (
        [at_least(H, 9), at_most(H, 5)],
        [("H >= 9", {"min": 9}, (0,)), ("H <= 5", {"max": 5}, (1,))],
    ),
    (
        [divides(2, H), divides(2, H + 1)],
        [
            ("H % 2 == 0", {"modulus": 2, "residues": [0]}, (0,)),
            ("H % 2 == 1", {"modulus": 2, "residues": [1]}, (1,)),
        ],
    ),
    ([equal(H * H, 2)], [("H^2 == 2", {"values": []}, (0,))]),
    # No form says 1 to 8, and from there on multiples of 4, unless another leaves out the small.
    ([divides(4, dim_max(H, 8))], [("max(H, 8) % 4 == 0", {}, (0,))]),
    (
        [divides(4, dim_max(H, 8)), at_least(H, 8)],
        [("H >= 8", {"min": 8}, (1,)), ("H % 4 == 0", {"modulus": 4, "residues": [0]}, (0,))],
    ),
    (
        [divides(4, dim_max(H, 8)), equal(H * H + 108, 21 * H)],
        [("H == 12", {"min": 12, "max": 12}, (0, 1))],
    ),
    ([equal(H * W, 3072)], [("H*W == 3072", {}, (0,))]),
    (
        [equal(H * W, 3072), at_least(W, 2), at_least(H, 2)],
        [("W >= 2", {"min": 2}, (1,)), ("H >= 2", {"min": 2}, (2,)), ("H*W == 3072", {}, (0,))],
    ),
    # Encoders and their like.
    ([equal(exact_div(H, 4), 8)], [("H == 32", {"min": 32, "max": 32}, (0,))]),
    ([at_least(2 * ceil_div(H, 2) - 1, 3)], [("H >= 3", {"min": 3}, (0,))]),
    # Of H and of 2*(H//2) one is added to the other: they are equal, or one of them is 1.
    ([equal(dim_min(H, H % 2 + 1), 1)], [("min(H, H - 2*floor(H/2) + 1) == 1", {}, (0,))]),
    (
        [at_least(H, 2), equal(dim_min(H, H % 2 + 1), 1)],
        [("H >= 2", {"min": 2}, (0,)), ("H % 2 == 0", {"modulus": 2, "residues": [0]}, (1,))],
    ),
    ([at_least(100 // H, 7)], [("H <= 14", {"max": 14}, (0,))]),
]


@pytest.mark.parametrize(("requirements", "told"), SENTENCES, ids=lambda v: str(v)[:60])
def test_sentences(requirements, told):
    requirements = [r for r in requirements if isinstance(r, Requirement)]
    found = solve(requirements)
    assert [(s.text, s.sources) for s in found] == [(text, sources) for text, _, sources in told]
    for statement, (_, facts, _) in zip(found, told, strict=True):
        assert facts is None or statement.facts == facts


@pytest.mark.parametrize(
    "requirement",
    [
        divides(4, H - 3 * (H // 30_030)),  # too many remainders
        equal(dim_min(H % 7, H % 11), H % 1_000),
        divides(H, 10**15 * ceil_div(H, 2)),  # too many divisors to try
        equal(H**20 - H, 2),
        divides(5, dim_max(H, 10**6)),
    ],
    ids=str,
)
def test_what_takes_too_long_stays_as_it_is(requirement):
    begun = perf_counter()
    (statement,) = solve([requirement])
    assert perf_counter() - begun < 2
    assert statement == (("H",), requirement.text, {}, (0,))
    (other, same) = solve([requirement, at_least(H, 4)])
    assert (other.text, same.text) == ("H >= 4", requirement.text)


def test_all_requirements_share_what_may_be_spent():
    many = [equal(H % n, 0) for n in range(900, 1200)]
    begun = perf_counter()
    found = solve(many)
    assert perf_counter() - begun < 5
    solved = [s for s in found if s.facts]
    assert 10 < len(solved) < 200
    assert [s.text for s in found] == [
        f"H % {900 + s.sources[0]} == 0" if s in solved else many[s.sources[0]].text for s in found
    ]
    assert sorted(i for s in found for i in s.sources) == list(range(300))


def test_many_divisors_are_told_one_by_one():
    requirements = [divides(n, H) for n in range(10**9, 10**9 + 400)]
    found = solve(requirements)
    assert len(found) == 400
    assert found[7] == (
        ("H",),
        "H % 1000000007 == 0",
        {"modulus": 10**9 + 7, "residues": [0]},
        (7,),
    )


def test_many_bounds_are_one_sentence():
    requirements = [at_least(H, n) for n in range(2, 5_000)]
    assert [(s.text, s.sources) for s in solve(requirements)] == [("H >= 4999", (4_997,))]


ALONE = sizes.map(lambda size: _alone(size)).filter(lambda size: symbols_of(size))
NEAR = [*range(1, 300), *range(10**6 - 60, 10**6 + 60), *range(10**9 - 30, 10**9 + 30)]


def _alone(size):
    """Return a random size with one symbol in the place of all."""
    try:
        return subs(size, dict.fromkeys(NAMES, H))
    except DimError:
        return 0


def _made(kind, size, other, n):
    try:
        if kind == ">=":
            return at_least(size if n % 2 else -size, n)
        if kind == "==":
            return equal(size, other)
        return divides(other if kind == "/" else n, size)
    except DimError:
        return True


small = st.one_of(
    st.sampled_from([H, 2 * H, H + 3, floor_div(H, 2), ceil_div(H + 1, 4), dim_max(H, 9)]),
    st.builds(floor_div, st.sampled_from([H, H + 1, 3 * H, H * H]), st.integers(2, 16)),
)
requirements = st.lists(
    st.builds(
        _made,
        st.sampled_from([">=", ">=", "==", "%", "%", "/"]),
        ALONE | small,
        small | st.integers(1, 60),
        st.integers(-40, 70).filter(bool),
    ).filter(lambda made: isinstance(made, Requirement) and made.symbols),
    min_size=1,
    max_size=4,
)
laws = settings(
    deadline=None,
    max_examples=400,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@laws
@given(requirements)
def test_statements_hold_where_the_requirements_do(given_requirements):
    found = solve(given_requirements)
    raw = [given_requirements[s.sources[0]] for s in found if not s.facts]
    told = [s.facts for s in found if s.facts]
    for n in NEAR:
        wanted = all(holds(r, "H", n) for r in given_requirements)
        said = all(allowed(facts, n) for facts in told) and all(holds(r, "H", n) for r in raw)
        assert said is wanted, (n, found)


@laws
@given(requirements)
def test_every_statement_names_requirements_that_impose_it(given_requirements):
    found = solve(given_requirements)
    bounds = [s.facts for s in found if not {"min", "max", "values"}.isdisjoint(s.facts)]
    for statement in found:
        assert statement.symbols == ("H",)
        assert list(statement.sources) == sorted(set(statement.sources))
        imposing = [given_requirements[i] for i in statement.sources]
        for n in NEAR:
            # Only within the bounds that others set may it have that form.
            near = statement.facts in bounds or all(allowed(facts, n) for facts in bounds)
            if near and all(holds(r, "H", n) for r in imposing):
                assert allowed(statement.facts, n), (n, statement)


@laws
@given(requirements, st.sampled_from([1, None, -7]))
def test_parts_are_where_a_requirement_holds(given_requirements, least):
    (requirement, *_) = given_requirements
    try:
        parts = solutions(requirement, least, [100_000])
    except Unsolved:
        assume(False)
    for n in [*range(-40 if least is None else least, 200), *NEAR[-90:]]:
        inside = [
            part
            for part in parts
            if n % part.step == part.start % part.step
            and (part.first is None or part.first <= n)
            and (part.last is None or n <= part.last)
        ]
        assert len(inside) == holds(requirement, "H", n), n
