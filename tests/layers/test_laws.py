"""Laws that every layer obeys, whatever its options."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dense_shapes.dims import BATCH, DimError, subs, symbol
from dense_shapes.layers import REGISTRY, InvalidOptions, ShapeError, operations
from dense_shapes.layers.text import plural
from tests.layers.ops_table import OPS
from tests.layers.table import CASES

EVERY = REGISTRY | operations()

SIZES = st.integers(1, 40)


def ranks_of(ranks):
    """Return the numbers of axes of a row's inputs as a list."""
    return ranks if isinstance(ranks, list) else [ranks]


def as_input(shapes, ranks):
    """Return the shapes as a layer gets them: one, or a list where the row has a list."""
    return shapes if isinstance(ranks, list) else shapes[0]


def symbolic(shape, letter="S", *, alike=False):
    """Return a shape with a symbol in the place of each size, and the sizes they stand for.

    Each has its own symbol, or equal sizes have the same if they are named `alike`.
    """
    names = [f"N{n}" if alike else f"{letter}{i}" for i, n in enumerate(shape[1:])]
    made = tuple(symbol(name, minimum=1) for name in names)
    return (BATCH, *made), dict(zip(names, shape[1:], strict=True))


def draw_shapes(data, ranks):
    """Draw a shape for each input; those of several are made of few sizes, so that they fit."""
    sizes = SIZES
    if isinstance(ranks, list):
        sizes = st.sampled_from([1, *data.draw(st.lists(st.integers(2, 12), min_size=1))])
    shapes = [(BATCH, *(data.draw(sizes) for _ in range(r - 1))) for r in ranks_of(ranks)]
    if isinstance(ranks, list) and data.draw(st.booleans()):
        # Sizes counted from the last axis are the same.
        longest = max(shapes, key=len)
        shapes = [(BATCH, *longest[len(longest) - r + 1 :]) for r in ranks]
    return shapes


def outcome(layer, x):
    """Return all that a layer's rules say of an input, or None if it is refused."""
    layer.demands.clear()
    try:
        y = layer.output(x)
        weights = [w.shape for w in layer.weights(x)]
        return y if isinstance(y, list) else [y], weights, layer.macs(x, y)
    except (ShapeError, DimError):
        return None


def in_numbers(said, env):
    """Return an outcome with a number in the place of every symbol."""
    y, weights, macs = said
    put = [[tuple(subs(n, env) for n in one) for one in some] for some in (y, weights)]
    return *put, subs(macs, env)


@pytest.mark.parametrize(("name", "options", "ranks"), CASES + OPS, ids=lambda v: str(v)[:40])
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_substituting_commutes_with_every_rule(name, options, ranks, data):
    """`output(x).subs(env) == output(x.subs(env))`, and the same for weights and MACs.

    The demands recorded on the way hold exactly where the numbers are accepted.
    """
    concrete = draw_shapes(data, ranks)
    alike = data.draw(st.booleans()) if isinstance(ranks, list) else False
    env = {}
    mixed = []
    for letter, shape in zip("STUVW", concrete, strict=False):
        fixed = data.draw(st.sets(st.integers(1, max(len(shape) - 1, 1))))
        named, values = symbolic(shape, letter, alike=alike)
        env |= values
        mixed.append(tuple(shape[i] if i in fixed else n for i, n in enumerate(named)))
    layer = EVERY[name](**options)
    options_demand = list(layer.demands)
    general = outcome(layer, as_input(mixed, ranks))
    demands = [*options_demand, *layer.demands]
    special = outcome(layer, as_input(concrete, ranks))
    full = {**env, "batch": 7}
    # Of the batch, which stays a symbol, something may be demanded still.
    taken = special is not None and all(d.holds(full) for d in layer.demands)
    if general is None:
        # Refused whatever the symbols are.
        assert not taken
        return
    assert all(d.holds(full) for d in demands) == taken
    if not taken:
        return
    assert in_numbers(general, full) == in_numbers(special, full)


@pytest.mark.parametrize(("name", "options", "ranks"), CASES + OPS, ids=lambda v: str(v)[:40])
def test_every_layer_explains_itself_with_its_own_numbers(name, options, ranks):
    numbers = [(BATCH, *range(40, 39 + rank)) for rank in ranks_of(ranks)]
    symbols = [symbolic(shape)[0] for shape in numbers]
    for shapes in (numbers, symbols):
        layer = EVERY[name](**options)
        x = as_input(shapes, ranks)
        if outcome(layer, x) is None:
            continue
        y = layer.output(x)
        text = layer.explain(x, y)
        assert text
        assert "\n" not in text
        total = sum(w.size for w in layer.weights(x))
        if isinstance(total, int) and total:
            assert plural(total, "param") in text
        for w in layer.weights(x):
            assert len(w.axes) == len(w.shape)


def test_every_layer_has_a_row_in_the_table():
    assert {name for name, _, _ in CASES} == set(REGISTRY)
    assert {name for name, _, _ in OPS} == set(operations())


@pytest.mark.parametrize("layer", EVERY.values(), ids=list(EVERY))
def test_every_layer_and_every_option_is_documented(layer):
    assert (layer.__doc__ or "").split("\n")[0].endswith(".")
    assert layer.__doc__ != layer.__mro__[1].__doc__
    for field in layer.fields.values():
        assert field.doc.endswith(".")
        assert field.type.describe(layer.rank)
        assert isinstance(field.type.schema(layer.rank), dict)


@pytest.mark.parametrize("layer", EVERY.values(), ids=list(EVERY))
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
