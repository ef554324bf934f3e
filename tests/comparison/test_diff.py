"""What counts as a difference, and which layers of two models are taken for the same."""

import io

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dense_shapes
from dense_shapes import ModelError
from dense_shapes.api import analyse
from dense_shapes.comparison.diff import Field, Number, compare
from dense_shapes.comparison.words import field_text
from dense_shapes.layers.chosen import OBJECT_DEFAULTS
from tests.graphs.draw import draw


def model(*layers, **more):
    return {"input_shape": [8, 8, 3], "layers": list(layers), **more}


def told(old, new):
    """Return the changes of a difference: kinds, path before, path after."""
    return [
        (
            " ".join(change.kinds),
            change.old and change.old.path,
            change.new and change.new.path,
        )
        for change in compare(analyse(old), analyse(new)).layers
    ]


def fields(old, new):
    return {
        (change.new.path, field.name): (field.old, field.new)
        for change in compare(analyse(old), analyse(new)).layers
        if change.new is not None
        for field in change.fields
    }


D4, D8 = {"Dense": 4}, {"Dense": 8}
NAMED = {"Dense": {"units": 4, "name": "head"}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([D4, "ReLU"], [D4, "ReLU"], []),
        ([D4], [D4, "ReLU"], [("added", None, "re_lu")]),
        ([D4, "ReLU"], [D4], [("removed", "re_lu", None)]),
        ([D4, "ReLU"], ["ReLU"], [("removed", "dense", None), ("changed", "re_lu", "re_lu")]),
        ([D8], [D4], [("changed", "dense", "dense")]),
        ([D4], [NAMED], [("renamed", "dense", "head")]),
        ([D8], [NAMED], [("renamed changed", "dense", "head")]),
        (
            [D8, "ReLU", "Softmax"],
            ["ReLU", "Softmax", D8],
            [
                ("changed", "re_lu", "re_lu"),
                ("changed", "softmax", "softmax"),
                ("moved", "dense", "dense"),
            ],
        ),
        # A new layer of a kind counts up the names of those after it.
        (
            [D8, NAMED, D4],
            [D8, D8, NAMED, D4],
            [("added", None, "dense_1"), ("renamed", "dense_1", "dense_2")],
        ),
        # The same name stays the same layer, whatever becomes of it.
        (
            [{"Dense": {"units": 4, "name": "x"}}],
            [{"Conv2D": {"filters": 4, "kernel_size": 1, "name": "x"}}],
            [("changed", "x", "x")],
        ),
        # What is put before a layer is no news about the layer itself.
        ([D4, D4], [D4, "ReLU", D4], [("added", None, "re_lu")]),
    ],
)
def test_what_became_of_layers(old, new, expected):
    assert told(model(*old), model(*new)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"Dense": 4}, {"Dense": {"units": 4, "use_bias": True}}, {}),
        ({"Dense": 4}, {"type": "Dense", "units": 4, "activation": None}, {}),
        ({"Dense": 4}, {"Dense": {"units": 4, "dtype": "float32"}}, {}),
        (
            {"Dense": 4},
            {"Dense": {"units": 4, "kernel_initializer": {"class_name": "GlorotUniform"}}},
            {},
        ),
        (
            {"Dense": {"units": 4, "kernel_regularizer": "l2"}},
            {"Dense": {"units": 4, "kernel_regularizer": "L2"}},
            {},
        ),
        (
            {"Conv2D": {"filters": 4, "kernel_size": 3}},
            {"Conv2D": {"filters": 4, "kernel_size": [3, 3], "data_format": "channels_last"}},
            {},
        ),
        ({"MaxPooling2D": 2}, {"MaxPooling2D": {"pool_size": 2, "strides": [2, 2]}}, {}),
        (
            {"Dense": {"units": 4, "kernel_initializer": "zero", "kernel_regularizer": "l2"}},
            {
                "Dense": {
                    "units": 4,
                    "kernel_initializer": "Zeros",
                    "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.01}},
                }
            },
            {},
        ),
        (
            {"MaxPooling2D": {"pool_size": 2, "padding": "same", "strides": 2}},
            {"MaxPooling2D": {"pool_size": 3, "padding": "same", "strides": 2}},
            {("max_pooling2d", "options.pool_size"): ([2, 2], [3, 3])},
        ),
        (
            {"Dense": 4},
            {"Dense": {"units": 4, "activation": "relu"}},
            {("dense", "options.activation"): ("linear", "relu")},
        ),
        (
            {"Dropout": {"rate": 0.5, "seed": 1}},
            {"Dropout": 0.25},
            {
                ("dropout", "options.rate"): (0.5, 0.25),
                ("dropout", "options.seed"): (1, None),
            },
        ),
        (
            {"TimeDistributed": {"layer": {"Dense": 4}, "name": "each"}},
            {
                "TimeDistributed": {
                    "layer": {"Dense": {"units": 4, "use_bias": False}},
                    "name": "each",
                }
            },
            {
                ("each", "options.layer"): (
                    {"Dense": {"units": 4}},
                    {"Dense": {"units": 4, "use_bias": False}},
                )
            },
        ),
        (
            {"BatchNormalization": {}},
            {"BatchNormalization": {"call": {"training": True}}},
            {("batch_normalization", "call.training"): (None, True)},
        ),
    ],
)
def test_options_are_compared_by_what_they_mean(old, new, expected):
    assert fields(model(old), model(new)) == expected


def saved(name):
    """Return an object's configuration as Keras saves it, by the name that stands for it."""
    for home in (keras.initializers, keras.regularizers, keras.constraints):
        try:
            made = home.get(name)
        except ValueError:
            continue
        return {"class_name": type(made).__name__, "config": made.get_config()}
    raise AssertionError(name)


@pytest.mark.parametrize("name", OBJECT_DEFAULTS)
def test_a_name_alone_stands_for_what_keras_saves_of_it(name):
    kind = "initializer" if "norm" in name or "uni" in name or "sca" in name else "regularizer"
    if name in {"max_norm", "min_max_norm", "unit_norm"}:
        kind = "constraint"
    if name == "orthogonal":
        kind = "initializer"
    short, long = (
        model({"Dense": {"units": 3, f"kernel_{kind}": value}}) for value in (name, saved(name))
    )
    assert not dense_shapes.diff(short, long).different
    usual = OBJECT_DEFAULTS[name]
    assert saved(name)["config"].keys() >= usual.keys()
    other = saved(name)
    key = next(iter(usual))
    other["config"][key] = 0.5
    assert dense_shapes.diff(
        short, model({"Dense": {"units": 3, f"kernel_{kind}": other}})
    ).different


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (["2*H", 3], ["H + H", 3], True),
        (["ceil(H/2)", 3], ["floor((H + 1)/2)", 3], True),
        (["H", 3], ["W", 3], False),
        (["H", 3], [None, 3], False),
    ],
)
def test_sizes_are_compared_as_values(old, new, same):
    sides = [{"input_shape": shape, "layers": [D4]} for shape in (old, new)]
    assert dense_shapes.diff(*sides).different is not same


def test_long_lists_are_told_by_where_they_differ():
    words = [f"word{i}" for i in range(1000)]
    other = [*words[:700], "new", *words[700:]]
    for old, new, said in (
        (words, other, "1,000 values → 1,001 values, the first that differs at 700: word700 → new"),
        (words, words[:999], "1,000 values → 999 values, the same up to 999"),
        (words, [1], "1,000 values → [1]"),
    ):
        assert field_text(Field("options.vocabulary", old, new)) == f"vocabulary: {said}"


def test_an_expression_equals_its_value():
    sides = [
        {"input_shape": ["H", 3], "vars": {"w": 4}, "layers": [{"Dense": units}]}
        for units in ("2*w", 8)
    ]
    assert not dense_shapes.diff(*sides).different


GRAPH = {
    "inputs": {"a": [4], "b": [4]},
    "layers": [
        {"Dense": {"units": 4, "from": "a", "name": "left"}},
        {"Dense": {"units": 4, "from": "b", "name": "right"}},
        {"Add": {"from": ["left", "right"], "name": "sum"}},
        {"Dense": {"units": 2, "from": "sum", "name": "head"}},
    ],
}


def changed(index, **options):
    layers = [dict(layer) for layer in GRAPH["layers"]]
    ((kind, before),) = layers[index].items()
    layers[index] = {kind: {**before, **options}}
    return {**GRAPH, "layers": layers}


def test_what_feeds_a_layer_is_part_of_the_architecture():
    assert fields(GRAPH, changed(2, **{"from": ["left", "b"]})) == {
        ("sum", "inputs"): (["left", "right"], ["left", "b"])
    }
    assert fields(GRAPH, changed(0, **{"from": "b"})) == {("left", "inputs"): (["a"], ["b"])}


def test_a_new_name_is_no_new_input():
    renamed = changed(0, name="first")
    renamed["layers"][2] = {"Add": {"from": ["first", "right"], "name": "sum"}}
    assert told(GRAPH, renamed) == [("renamed", "left", "first")]


def test_inputs_outputs_and_requirements_of_the_model():
    longer = {**GRAPH, "layers": [*GRAPH["layers"], "ReLU"]}
    (field,) = compare(analyse(GRAPH), analyse(longer)).fields
    assert (field.name, field.old[0].name, field.new[0].name) == ("outputs", "head", "re_lu")
    found = compare(analyse(GRAPH), analyse({**GRAPH, "outputs": ["head", "sum"]}))
    assert not found.layers
    assert [(field.name, len(field.old), len(field.new)) for field in found.fields] == [
        ("outputs", 1, 2)
    ]
    sides = [
        {"input_shape": ["H", 8, 3], "layers": [{"Conv2D": {"filters": 2, "kernel_size": k}}]}
        for k in (3, 5)
    ]
    found = compare(*map(analyse, sides))
    assert [f for f in found.fields if f.name == "requirements"] == [
        ("requirements", ["H >= 3"], ["H >= 5"])
    ]


def blocks(**more):
    return {
        "input_shape": [8],
        "blocks": {"block": {"layers": [{"Dense": {"units": 8, **more}}, "ReLU"]}},
        "layers": ["block", {"repeat": {"times": 2, "layers": ["block"]}}],
    }


def test_groups_are_compared_inside():
    assert told(blocks(), blocks(use_bias=False)) == [
        ("changed", "block", "block"),
        ("changed", "block/dense", "block/dense"),
        ("changed", "repeat", "repeat"),
        ("changed", "repeat/0", "repeat/0"),
        ("changed", "repeat/0/block", "repeat/0/block"),
        ("changed", "repeat/0/block/dense", "repeat/0/block/dense"),
        ("changed", "repeat/1", "repeat/1"),
        ("changed", "repeat/1/block", "repeat/1/block"),
        ("changed", "repeat/1/block/dense", "repeat/1/block/dense"),
    ]


def test_layers_put_into_a_block_have_moved():
    flat = {"input_shape": [8], "layers": [{"Dense": {"units": 8, "name": "wide"}}, "ReLU"]}
    grouped = {
        "input_shape": [8],
        "blocks": {"block": {"layers": flat["layers"]}},
        "layers": ["block"],
    }
    assert told(flat, grouped) == [
        ("added", None, "block"),
        ("moved", "wide", "block/wide"),
        ("moved", "re_lu", "block/re_lu"),
    ]


def test_further_calls_are_compared():
    def siamese(*more):
        return {
            "inputs": {"a": [4], "b": [4], "c": [4]},
            "layers": [{"Dense": {"units": 4, "from": "a", "name": "tower"}}, *more],
            "outputs": ["tower"],
        }

    again = {"reuse": {"layer": "tower", "from": "b"}}
    assert told(siamese(), siamese(again)) == [("changed", "tower", "tower")]
    other = {"reuse": {"layer": "tower", "from": "c"}}
    assert {name for _, name in fields(siamese(again), siamese(other))} == {"calls", "inputs"}
    assert told(siamese(again), siamese(again)) == []


def test_a_broken_model_is_compared_as_far_as_it_goes():
    broken = model("Flatten", {"Conv2D": {"filters": 2, "kernel_size": 3}}, D4)
    found = compare(analyse(model("Flatten", D4)), analyse(broken))
    assert [change.kinds for change in found.layers] == [("added",), ("changed",)]
    assert found.layers[0].counts["params"] == Number(0, None)
    assert found.totals["params"].change is None
    assert found.to_dict()["new"]["ok"] is False
    with pytest.raises(ModelError):
        dense_shapes.diff(model("Flatten", D4), broken)


@pytest.mark.parametrize(
    ("old", "new", "change", "percent"),
    [
        (100, 150, 50, 50.0),
        (150, 100, -50, -33.3333),
        (0, 5, 5, None),
        (None, 5, None, None),
        (1, 10**400, 10**400 - 1, None),
    ],
)
def test_numbers(old, new, change, percent):
    assert (Number(old, new).change, Number(old, new).percent) == (change, percent)


LAYERS = st.sampled_from(
    [
        *({"Dense": units} for units in (2, 3)),
        {"Dense": {"units": 2, "activation": "relu"}},
        "ReLU",
        "LayerNormalization",
        {"Dropout": 0.5},
        "block",
        "other",
    ]
)
NAMES = st.sampled_from([None, None, None, "a", "b", "c"])


@st.composite
def stacks(draw_):
    """Draw a stack of layers, few kinds and names so that many are alike."""
    entries, used = [], set()
    for layer in draw_(st.lists(LAYERS, max_size=8)):
        name = draw_(NAMES)
        entry = layer
        if name is not None and name not in used:
            used.add(name)
            ((kind, options),) = layer.items() if isinstance(layer, dict) else [(layer, {})]
            first = {"Dense": "units", "Dropout": "rate"}.get(kind)
            options = options if isinstance(options, dict) else {first: options}
            entry = {kind: {**options, "name": name}}
        entries.append(entry)
    return {
        "input_shape": [4],
        "blocks": {
            "block": {"layers": [{"Dense": 2}, "ReLU"]},
            "other": {"layers": ["ReLU", {"Dense": 3}]},
        },
        "layers": [*entries, {"Dense": {"units": 1, "name": "last"}}],
    }


def mirrored(found):
    """Return a difference without its order, as it must be seen from the other side."""
    other = {"added": "removed", "removed": "added"}

    def paths(change):
        return (
            change.new and change.new.path,
            change.old and change.old.path,
            sorted(other.get(kind, kind) for kind in change.kinds),
            sorted((field.name, repr(field.new), repr(field.old)) for field in change.fields),
            {name: (number.new, number.old) for name, number in change.counts.items()},
        )

    return sorted(map(repr, map(paths, found.layers)))


def seen(found):
    return sorted(
        repr(
            (
                change.old and change.old.path,
                change.new and change.new.path,
                sorted(change.kinds),
                sorted((field.name, repr(field.old), repr(field.new)) for field in change.fields),
                {name: (number.old, number.new) for name, number in change.counts.items()},
            )
        )
        for change in found.layers
    )


def check_laws(a, b):
    for side in (a, b):
        alone = compare(side, side)
        assert not alone.different
        assert alone.unchanged == len(side.rows())
    there, back = compare(a, b), compare(b, a)
    assert seen(there) == mirrored(back)
    assert there.different is back.different
    assert there.unchanged == back.unchanged
    rows = [row for change in there.layers for row in (change.old, change.new) if row is not None]
    assert len({id(row) for row in rows}) == len(rows)
    matched = sum(change.old is not None for change in there.layers)
    assert matched + there.unchanged == len(a.rows())
    for name, number in there.totals.items():
        assert (number.new, number.old) == (back.totals[name].old, back.totals[name].new)
    owned = 0
    for change in there.layers:
        # What a group owns, the rows inside it do, and an empty one owns nothing.
        params = change.counts["params"]
        owned += params.new if change.new is not None and not change.new.layers else 0
        owned -= params.old if change.old is not None and not change.old.layers else 0
    assert owned == there.totals["params"].change


@settings(max_examples=300, deadline=None)
@given(stacks(), stacks())
def test_a_difference_reads_the_same_from_both_sides(a, b):
    # Analysed twice, as nothing may depend on where objects lie in memory.
    check_laws(analyse(a), analyse(b))


@pytest.mark.parametrize("seed", range(60))
def test_graphs_too(seed):
    a, b = (analyse(io.StringIO(draw(f"diff {seed} {side}").spec)) for side in "ab")
    check_laws(a, b)


def test_groups_in_groups_take_no_more_room_than_others():
    def nested(units):
        layers = [{"Dense": {"units": units, "name": 'a "quoted" name'}}]
        for _ in range(24):
            layers = [{"repeat": {"times": 1, "layers": layers}}]
        return {"input_shape": [4], "layers": layers}

    found = compare(analyse(nested(4)), analyse(nested(5)))
    assert found.tally() == {"changed": 49}
    assert not compare(analyse(nested(4)), analyse(nested(4))).different


def test_thousands_of_equal_layers_take_no_time():
    layers = ["ReLU"] * 5_000
    old = analyse({"input_shape": [4], "layers": [*layers, D4, *layers]})
    new = analyse({"input_shape": [4], "layers": ["Softmax", *layers, NAMED, *layers]})
    found = compare(old, new)
    assert found.tally() == {"added": 1, "renamed": 1}
    assert found.unchanged == 10_001


def test_tensors_among_the_arguments_of_a_call_are_compared():
    def masked(mask, *, name="m", twice=None):
        call = {"call": {"mask": {"from": mask}}} if mask else {}
        layers = [{"LSTM": {"units": 3, "from": "x", "name": "r", **call}}]
        if twice:
            again = {"layer": "r", "from": "x", "name": "again", "call": {"mask": {"from": twice}}}
            layers.append({"reuse": again})
        inputs = {"x": [4, 8], name: [4], "other": [4]}
        return {"inputs": inputs, "layers": layers, "outputs": ["again" if twice else "r"]}

    def fields(old, new):
        found = dense_shapes.diff(old, new)
        return [(c.new.path, f.name, f.old, f.new) for c in found.layers for f in c.fields]

    m, other = {"from": "m"}, {"from": "other"}
    assert fields(masked("m"), masked("m")) == []
    assert fields(masked(None), masked("m")) == [
        ("r", "call.mask", None, m),
        ("r", "inputs", ["x"], ["x", "m"]),
    ]
    assert ("r", "call.mask", m, other) in fields(masked("m"), masked("other"))
    assert fields(masked("m"), masked("mm", name="mm")) == []
    old, new = masked("m", twice="m"), masked("m", twice="other")
    assert ("r", "calls") in [found[:2] for found in fields(old, new)]
    assert not dense_shapes.diff(old, masked("mm", name="mm", twice="mm")).layers[1:]
