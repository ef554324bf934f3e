"""What is required of a size holds if and only if the model can have that size."""

import subprocess
import sys
from pathlib import Path
from random import Random

import jsonschema
import pytest

from dense_shapes import summarize
from dense_shapes.api import analyse
from dense_shapes.dims import DimError, Requirement, symbols_of
from dense_shapes.dims.parse import parse_dim
from dense_shapes.schema import summary_schema

ROOT = Path(__file__).parent.parent
PATHS = [*ROOT.glob("configs/*.yaml"), *ROOT.glob("tests/cases/ok/*.yaml")]
DATA = {"min", "max", "modulus", "residues", "values", "except"}


def satisfies(required, n):
    """Tell whether a number has what an entry of the JSON asks, from its data alone."""
    if not DATA.intersection(required):
        return equation(required["text"], {required["symbol"]: n})
    return (
        n >= required.get("min", n)
        and n <= required.get("max", n)
        and n % required.get("modulus", 1) in required.get("residues", [0])
        and n in required.get("values", [n])
        and n not in required.get("except", [])
    )


def equation(text, env):
    """Tell whether an equation holds: `2*ceil(H/2) % H == 0`, for one."""
    for kind in (">=", "<=", "=="):
        if kind in text:
            left, right = text.split(f" {kind} ")
    left, modulus = left.split(" % ") if " % " in left else (left, None)
    sides = [parse_dim(side) for side in (left, modulus or right)]
    if kind == "<=":
        sides.reverse()
    made = Requirement("%" if modulus else kind.replace("<", ">"), *sides)
    try:
        return made.holds(env)
    except DimError:
        return False


def possible(requirement, name, n):
    """Tell whether a requirement on several sizes can hold when one of them is a number."""
    try:
        left = requirement.subs({name: n})
    except DimError:
        return False
    return bool(left.symbols) or left.holds({})


def names_of(summary, source):
    names = {name for d in summary.requirements for name in d.requirement.symbols}
    for tensor in summary.inputs:
        names.update(name for dim in tensor.shape for name in symbols_of(dim))
    if isinstance(source, dict):
        names.update(source.get("vars", {}))
    return sorted(names - {"batch"})


def agree(source, numbers):
    """Set each size to each number, and demand that it works where it says it does.

    Returns:
        How many sizes were set, and what is required.
    """
    summary = analyse(source)
    required = summary.to_dict()["requirements"]
    tried = 0
    for name in names_of(summary, source):
        own = [one for one in required if one.get("symbol") == name]
        demands = [d.requirement for d in summary.requirements if name in d.requirement.symbols]
        mixed = [requirement for requirement in demands if len(requirement.symbols) > 1]
        for n in numbers:
            wanted = all(satisfies(one, n) for one in own)
            works = analyse(source, set={name: n}, texts=False).ok
            if wanted and mixed:
                wanted = all(possible(requirement, name, n) for requirement in mixed)
            assert works is wanted, (name, n, own, source)
            tried += 1
    return tried, required


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_spec_works_for_the_sizes_it_says(path):
    agree(str(path), range(1, 201) if path.stem != "unet" else [*range(1, 68), 96, 100, 128, 200])


def entry(r, rank):
    """Draw a layer that has something to ask of sizes."""
    padding, n = r.choice(["valid", "same"]), f"{rank}D"
    k, s = r.randint(1, 5), r.randint(1, 4)
    if r.random() < 0.3:
        k = r.choice(["k", "2*k", "k + 1", "k//2", "k/4", "48/k", "max(k, 3)", "k - 1"])
    return r.choice(
        [
            {f"Conv{n}": {"filters": 4, "kernel_size": k, "strides": s, "padding": padding}},
            {f"Conv{n}": {"filters": 4, "kernel_size": k, "dilation_rate": s}},
            {f"Conv{n}": {"filters": k, "kernel_size": 1, "groups": 2}},
            {f"MaxPooling{n}": {"pool_size": k, "strides": s, "padding": padding}},
            {f"AveragePooling{n}": {"pool_size": k}},
            {f"UpSampling{n}": {"size": k}},
            {f"ZeroPadding{n}": {"padding": s}},
            {f"Cropping{n}": {"cropping": s}},
            {f"Conv{n}Transpose": {"filters": 4, "kernel_size": k, "strides": s}},
            {f"AdaptiveMaxPooling{n}": {"output_size": s}},
            {"Reshape": {"target_shape": [-1, 2 * s]}},
            {"Dense": {"units": k}},
        ]
    )


def spec(r):
    """Draw a spec with a size H, sometimes a var k, and sometimes a skip connection."""
    rank = r.randint(1, 3)
    side = r.choice(["H", "2*H", "H + 3", "8*H"])
    layers = [entry(r, rank) for _ in range(r.randint(1, 5))]
    for i, layer in enumerate(layers):
        next(iter(layer.values()))["name"] = f"l{i}"
    if r.random() < 0.5:
        joined = [f"l{r.randrange(len(layers))}", f"l{len(layers) - 1}"]
        layers.append({r.choice(["Concatenate", "Add"]): {"from": joined}})
    if r.random() < 0.3:
        shape = r.choice([[-1], [-1, "H"], ["2*H", -1], [96]])
        layers.append({"Reshape": {"target_shape": shape}})
    sizes = [side] * rank if r.random() < 0.7 else [side, 7, 7][:rank]
    made = {"name": "m", "input_shape": [*sizes, r.choice([3, 4, "H"])], "layers": layers}
    return made | ({"vars": {"k": None}} if "k" in str(layers).replace("k", "", 0) else {})


def test_random_specs_work_for_the_sizes_they_say():
    r = Random(0)
    forms = set()
    tried = 0
    while tried < 5000:
        drawn = spec(r)
        if analyse(drawn).ok:
            count, required = agree(drawn, [*range(1, 66), 96, 100, 128, 131, 192, 200])
            tried += count
            forms |= {key for one in required for key in one}
    assert {"min", "max", "modulus", "values"} <= forms


def stated(spec):
    return [(one.text, one.layers) for one in summarize(spec).solved()]


def test_layers_that_impose_it_stand_in_the_order_of_the_model():
    conv = {"filters": 3, "kernel_size": 5}
    spec = {
        "input_shape": ["T", 3],
        "layers": [
            {"Conv1D": {**conv, "name": "a"}},
            {"Conv1D": {"filters": 3, "kernel_size": 1, "from": "input", "name": "b"}},
            {"MaxPooling1D": {"pool_size": 5, "from": "input", "name": "c"}},
            {"Conv1D": {**conv, "from": "input", "name": "d"}},
            {"Conv1D": {**conv, "from": "a", "name": "e"}},
            {"Conv1D": {"filters": 3, "kernel_size": 9, "from": "input", "name": "f"}},
        ],
        "outputs": ["b", "c", "d", "e", "f"],
    }
    assert [d.layers for d in summarize(spec).requirements] == [["a", "c", "d"], ["e", "f"]]
    assert stated(spec) == [("T >= 9", ["e", "f"])]
    for name, size in [("g", 4), ("h", 9), ("i", 2), ("j", 4)]:
        layer = {"target_shape": [-1, size], "from": "input", "name": name}
        spec["layers"].append({"Reshape": layer})
        spec["outputs"].append(name)
    assert stated(spec) == [("T >= 9", ["e", "f"]), ("T % 12 == 0", ["g", "h", "j"])]


def test_further_calls_impose_too():
    spec = {
        "inputs": {"a": ["H", 3], "b": ["H", 3]},
        "layers": [
            {"Conv1D": {"filters": 3, "kernel_size": 4, "from": "a", "name": "c"}},
            {"Reshape": {"target_shape": [-1, 2], "from": "a", "name": "first"}},
            {"reuse": "c", "from": "b"},
            {"Reshape": {"target_shape": [-1, 9], "from": "b", "name": "last"}},
        ],
        "outputs": ["c", "first", "c@2", "last"],
    }
    assert stated(spec) == [
        ("H >= 4", ["c", "c@2"]),
        ("H % 6 == 0", ["first", "last"]),
    ]


def test_what_mixes_sizes_stays_an_equation():
    spec = {"input_shape": ["H", "W"], "layers": [{"Reshape": [3072]}]}
    assert summarize(spec).to_dict()["requirements"] == [
        {"symbols": ["H", "W"], "text": "H*W == 3072", "layers": ["reshape"]}
    ]


SAID = {"symbol": "H", "symbols": ["H"]}


@pytest.mark.parametrize(
    ("channels", "layer", "data"),
    [
        (3, {"Cropping1D": 37}, {"text": "H >= 75", "min": 75}),
        (3, {"Reshape": [-1, 16]}, {"text": "H % 16 == 0", "modulus": 16, "residues": [0]}),
        (3, {"Reshape": [128, 3]}, {"text": "H == 128", "min": 128, "max": 128}),
        (3, {"Reshape": ["H^2", -1]}, {"text": "H in {1, 3}", "values": [1, 3]}),
        # 1, 3 and all that are even.
        (4, {"Reshape": [-1, "2*ceil(H/2)"]}, {"text": "2*H % ceil(H/2) == 0"}),
    ],
    ids=str,
)
def test_data_of_every_form(channels, layer, data):
    made = summarize({"input_shape": ["H", channels], "layers": [layer]}).to_dict()
    assert made["requirements"] == [SAID | data | {"layers": [next(iter(layer)).lower()]}]
    jsonschema.validate(made, summary_schema())


def test_a_model_of_numbers_needs_no_solver():
    code = (
        "import sys, dense_shapes\n"
        "s = dense_shapes.summarize('configs/lenet5.yaml')\n"
        "s.to_dict()\n"
        "assert 'dense_shapes.dims.solve' not in sys.modules\n"
        "dense_shapes.summarize('configs/unet.yaml').solved()\n"
        "assert 'dense_shapes.dims.solve' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
