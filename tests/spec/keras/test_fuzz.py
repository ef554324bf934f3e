"""Mutated and truncated files of every kind: there is an answer to each, soon, and no traceback."""

import io
import json
import random
import time
import zipfile
from pathlib import Path

import pytest
import yaml

from dense_shapes.api import analyse
from dense_shapes.diagnostics import CODES
from dense_shapes.render.snippets import render_text
from tests.spec.keras.compare import build
from tests.spec.keras.models import MODELS

SEEDS = 2000
LONGEST = 2.0
"""Seconds that one case may take, on a busy machine."""
CASES = Path(__file__).parents[2] / "cases"
GOLDEN = json.loads((Path(__file__).parent / "golden" / "keras2.json").read_text("utf-8"))


def configs():
    """Return configs of Keras 1, 2 and 3 as plain data."""
    found = [data["config"] for data in GOLDEN.values()]
    found += [json.loads(build(function).to_json()) for function in MODELS.values()]
    found += [json.loads(path.read_text("utf-8")) for path in sorted(CASES.glob("ok/keras*.json"))]
    manifest = CASES / "warn" / "tensorflow_js_weights.json"
    return [*found, json.loads(manifest.read_text("utf-8"))]


@pytest.fixture(scope="module")
def originals():
    return configs()


JUNK = (
    *(None, True, False, 0, 1, -1, 2**63, 10**30, 1.5, float("nan"), float("inf"), ""),
    *("x", "relu", "\ud83d", "a" * 5000, [], {}, [None], [[[]]], {"class_name": 1}, ["in", 0, 0]),
    {"class_name": "Lambda", "config": {}},
    {"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, 0]}},
    {"class_name": "Sequential", "config": {"layers": []}},
)


def places(value, path=()):
    """Yield the places of all values in plain data."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def mutate(data, draw):
    """Return a copy in which a few values are gone, replaced, doubled or moved."""
    data = json.loads(json.dumps(data))
    for _ in range(draw.randint(1, 3)):
        every = [path for path in places(data) if path]
        if not every:
            return data
        *outer, last = draw.choice(every)
        holder = data
        for key in outer:
            holder = holder[key]
        action = draw.randrange(5)
        if action == 0:
            del holder[last]
        elif action == 1 and isinstance(holder, list):
            holder.insert(last, holder[last])
        elif action == 2 and isinstance(holder, dict):
            holder[draw.choice(["name", "units", "class_name", "config", "zz"])] = holder.pop(last)
        elif action == 3:
            other = draw.choice(every)
            value = data
            for key in other:
                try:
                    value = value[key]
                except (KeyError, IndexError, TypeError):
                    break
            holder[last] = json.loads(json.dumps(value))
        else:
            holder[last] = draw.choice(JUNK)
    return data


def damage(data, draw):
    """Return bytes that are cut off, or with some of them changed, gone or repeated."""
    data = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(max(len(data), 1))
        action = draw.randrange(4)
        if action == 0:
            del data[at:]
        elif action == 1:
            data[at : at + 1] = draw.randbytes(1)
        elif action == 2:
            del data[at : at + draw.randint(1, 50)]
        else:
            data[at:at] = draw.choice([b"[" * 500, b'{"a":' * 500, b'"', b"}", b",", b"\0", b"NaN"])
    return bytes(data)


def written(data, draw):
    """Return a config as a file of one of the kinds."""
    text = json.dumps(data)
    kind = draw.randrange(10)
    if kind == 0:
        return yaml.dump(data).encode("utf-8", "surrogatepass")
    if kind == 1:
        return json.dumps(text).encode()
    if kind == 2:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("metadata.json", "{}")
            archive.writestr("config.json", text)
        return file.getvalue()
    if kind == 3:
        return json.dumps({"format": "layers-model", "modelTopology": data}).encode()
    return text.encode()


def is_whole(summary):
    """Tell whether every row and every total is known."""
    totals = summary.totals
    known = totals is not None and None not in (totals.params, totals.macs)
    return known and all(row.status == "ok" for _, row in summary.rows())


def answer(data, **options):
    """Read a file, write what is said about it, and return how long that took."""
    start = time.perf_counter()
    summary = analyse(data if isinstance(data, dict) else io.BytesIO(data), **options)
    text = render_text(summary.diagnostics)
    json.dumps(summary.to_dict(), allow_nan=False)
    assert text.encode("utf-8", "strict") is not None
    assert {d.code for d in summary.diagnostics} <= set(CODES)
    assert summary.ok or summary.diagnostics
    assert summary.diagnostics or is_whole(summary)
    return time.perf_counter() - start


@pytest.mark.parametrize("part", range(4))
def test_two_thousand_files(originals, part):
    for seed in range(part, SEEDS, 4):
        draw = random.Random(seed)
        data = draw.choice(originals)
        if seed % 2:
            data = mutate(data, draw)
        file = written(data, draw)
        if seed % 2 == 0:
            file = damage(file, draw)
        options = {"lambdas": "same-shape"} if seed % 7 == 0 else {}
        try:
            took = answer(file, **options)
        except Exception as error:
            pytest.fail(f"seed {seed}: {type(error).__name__}: {error}")
        assert took < LONGEST, f"seed {seed} took {took:.1f} s"


ODD = (
    *([], {}, [[]], [{}], {"a": []}, {"class_name": [], "config": {"mode": "int8"}}),
    *({"class_name": "x", "config": {"name": []}}, {"class_name": {}, "config": []}),
)


@pytest.mark.parametrize("part", range(2))
def test_lists_and_mappings_in_place_of_anything(originals, part):
    for seed in range(part, SEEDS, 2):
        draw = random.Random(f"odd {seed}")
        data = json.loads(json.dumps(draw.choice(originals)))
        *outer, last = draw.choice([path for path in places(data) if path])
        holder = data
        for key in outer:
            holder = holder[key]
        holder[last] = draw.choice(ODD)
        try:
            answer(data)
        except Exception as error:
            pytest.fail(f"seed {seed}, {outer} {last}: {type(error).__name__}: {error}")


DEEP = {"class_name": "Sequential", "config": {"layers": []}}
for _ in range(300):
    DEEP = {"class_name": "Sequential", "config": {"name": "s", "layers": [DEEP]}}


def doubling(depth):
    """Return a model of a model of a model, each of which calls the one inside twice."""
    inner = {"class_name": "Dense", "config": {"name": "d", "units": 4}}
    for i in range(depth):
        name = inner["config"].get("name", "d")
        start = 1 if i else 0
        inner = {
            "class_name": "Functional",
            "config": {
                "name": f"m{i}",
                "layers": [
                    {
                        "class_name": "InputLayer",
                        "name": "in",
                        "config": {"name": "in", "batch_input_shape": [None, 4]},
                        "inbound_nodes": [],
                    },
                    {
                        **inner,
                        "name": name,
                        "inbound_nodes": [[["in", 0, 0]], [[name, start, 0]]],
                    },
                ],
                "input_layers": [["in", 0, 0]],
                "output_layers": [[name, start + 1, 0]],
            },
        }
    return inner


HOSTILE = {
    "deep models": json.dumps(DEEP).encode(),
    "deep lists": b'{"class_name": "Sequential", "config": ' + b"[" * 100_000,
    "deep options": b'{"class_name": "Sequential", "config": [{"class_name": "Dense", "config": '
    b'{"units": ' + b"[" * 90 + b"]" * 90 + b"}}]}",
    "many values": b'{"class_name": "Sequential", "config": [' + b"0," * 5_000_000 + b"0]}",
    "strings": b'{"class_name": "Sequential", "config": ["' + b"[{" * 1_000_000 + b'"]}',
    "a long number": b'{"class_name": "Sequential", "config": [' + b"9" * 10_000 + b"]}",
    "doubling": json.dumps(doubling(22)).encode(),
    "many layers": json.dumps(
        {
            "class_name": "Sequential",
            "config": [{"class_name": "ReLU", "config": {"name": f"r{i}"}} for i in range(20_000)],
        }
    ).encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_files_that_could_take_forever(name):
    assert answer(HOSTILE[name]) < 30
