"""Laws that every layer obeys, whatever its options."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dense_shapes.dims import BATCH, DimError, subs, symbol
from dense_shapes.layers import REGISTRY, InvalidOptions, ShapeError
from tests.layers.table import CASES

SIZES = st.integers(1, 40)


def symbolic(shape):
    """Return a shape with a symbol in the place of each size, and the sizes they stand for."""
    names = [f"S{i}" for i in range(len(shape) - 1)]
    made = tuple(symbol(name, minimum=1) for name in names)
    return (BATCH, *made), dict(zip(names, shape[1:], strict=True))


def outcome(layer, x):
    """Return all that a layer's rules say of an input, or None if it is refused."""
    layer.demands.clear()
    try:
        y = layer.output(x)
        weights = [w.shape for w in layer.weights(x)]
        return y, weights, layer.macs(x, y)
    except (ShapeError, DimError):
        return None


@pytest.mark.parametrize(("name", "options", "rank"), CASES, ids=lambda v: str(v)[:40])
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_substituting_commutes_with_every_rule(name, options, rank, data):
    """`output(x).subs(env) == output(x.subs(env))`, and the same for weights and MACs.

    The demands recorded on the way hold exactly where the numbers are accepted.
    """
    sizes = tuple(data.draw(SIZES) for _ in range(rank - 1))
    fixed = data.draw(st.sets(st.integers(1, max(rank - 1, 1))))
    concrete = (BATCH, *sizes)
    x, env = symbolic((BATCH, *sizes))
    x = tuple(concrete[i] if i in fixed else n for i, n in enumerate(x))
    layer = REGISTRY[name](**options)
    options_demand = list(layer.demands)
    general = outcome(layer, x)
    demands = [*options_demand, *layer.demands]
    special = outcome(layer, concrete)
    if general is None:
        # Refused whatever the symbols are.
        assert special is None
        return
    full = {**env, "batch": 7}
    assert all(d.holds(full) for d in demands) == (special is not None)
    if special is None:
        return
    y, weights, macs = general
    assert tuple(subs(n, env) for n in y) == special[0]
    assert [tuple(subs(n, env) for n in w) for w in weights] == special[1]
    assert subs(macs, env) == special[2]


@pytest.mark.parametrize(("name", "options", "rank"), CASES, ids=lambda v: str(v)[:40])
def test_every_layer_explains_itself_with_its_own_numbers(name, options, rank):
    x, _ = symbolic((BATCH, *range(40, 39 + rank)))
    for shape in ((BATCH, *range(40, 39 + rank)), x):
        layer = REGISTRY[name](**options)
        if outcome(layer, shape) is None:
            continue
        y = layer.output(shape)
        text = layer.explain(shape, y)
        assert text
        assert "\n" not in text
        total = sum(w.size for w in layer.weights(shape))
        if isinstance(total, int) and total:
            assert f"{total:,} params" in text
        for w in layer.weights(shape):
            assert len(w.axes) == len(w.shape)


def test_every_layer_has_a_row_in_the_table():
    assert {name for name, _, _ in CASES} == set(REGISTRY)


@pytest.mark.parametrize("layer", REGISTRY.values(), ids=list(REGISTRY))
def test_every_layer_and_every_option_is_documented(layer):
    assert (layer.__doc__ or "").split("\n")[0].endswith(".")
    assert layer.__doc__ != layer.__mro__[1].__doc__
    for field in layer.fields.values():
        assert field.doc.endswith(".")
        assert field.type.describe(layer.rank)
        assert isinstance(field.type.schema(layer.rank), dict)


@pytest.mark.parametrize("layer", REGISTRY.values(), ids=list(REGISTRY))
def test_every_default_is_a_value_that_the_option_takes(layer):
    for field in layer.fields.values():
        if not field.required:
            assert layer.accepts(field.name, field.default)


def test_all_problems_of_the_options_are_found_at_once():
    with pytest.raises(InvalidOptions) as caught:
        REGISTRY["Conv2D"](filters=0, strides=[1, 0], padding="smae", kernal_size=3)
    found = [(p.field, p.code) for p in caught.value.problems]
    assert found == [
        ("filters", "DS105"),
        ("strides", "DS105"),
        ("padding", "DS105"),
        ("kernal_size", "DS102"),
        ("kernel_size", "DS104"),
    ]
