"""How long it takes, as ratios measured side by side: `pytest tests/benchmarks -s`.

These are not part of the default run: they print figures and fail only far beyond their budget,
since other work on the machine moves them.
"""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from dense_shapes.api import analyse
from tests.applications import golden

ROOT = Path(__file__).parents[2]
KINDS = (
    "  - Conv2D: {filters: 16, kernel_size: 3, padding: same, activation: relu}",
    "  - BatchNormalization",
    "  - Dense: {units: 16, activation: relu}",
    "  - Dropout: 0.1",
)
SLACK = 1.4
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
ENVIRONMENT["PYTHONPATH"] = str(ROOT)


def process(*arguments, repeat=25):
    """Return the shortest time of a process of its own, in seconds, with bytecode cached."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        times.append(time.perf_counter() - start)
    return min(times)


def shortest(function, repeat=3):
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def spec(layers):
    rows = [KINDS[i % len(KINDS)] for i in range(layers)]
    return "\n".join(["input_shape: [64, 64, 16]", "layers:", *rows]) + "\n"


@pytest.mark.parametrize(("form", "budget"), [("json", 2), ("table", 10)])
def test_a_saved_model_of_a_thousand_layers(form, budget, tmp_path):
    path = tmp_path / "nasnet_large.json"
    path.write_text(json.dumps(golden.load()["NASNetLarge"]["config"]))
    base = process("-m", "dense_shapes", "--version")
    ours = process("-m", "dense_shapes", "summarize", str(path), "--format", form)
    print(f"\n{1000 * ours:.0f} ms against {1000 * base:.0f} ms for --version")
    show(
        f"NASNetLarge, 1,041 layers, out of Keras's JSON as {form}, to --version",
        ours / base,
        budget,
    )


def full(text):
    summary = analyse(io.StringIO(text))
    assert summary.ok
    return summary.to_dict()


def show(what, ratio, budget):
    print(f"\n{what}: {ratio:.2f} (budget {budget})")
    assert ratio < budget * SLACK


@pytest.mark.parametrize(
    ("form", "imports"),
    [
        ("json", "typer, yaml, json"),
        ("table", "typer, yaml, json, rich.console, rich.table"),
    ],
)
def test_start(form, imports):
    base = process("-c", f"import {imports}")
    ours = process("-m", "dense_shapes", "summarize", "configs/vgg16.yaml", "--format", form)
    print(f"\n{1000 * ours:.0f} ms against {1000 * base:.0f} ms for `import {imports}`")
    show(f"{form}, to its imports alone", ours / base, 1.25)


def test_ten_thousand_layers():
    text = spec(10_000)
    base = shortest(lambda: yaml.compose(text, Loader=yaml.CSafeLoader))
    ours = shortest(lambda: full(text))
    show("10,000 layers, to composing the YAML with PyYAML's C loader", ours / base, 5)


def test_a_hundred_thousand_layers_cost_little_more_than_ten_times_as_much():
    small, large = spec(10_000), spec(100_000)
    ratio = shortest(lambda: full(large), 2) / shortest(lambda: full(small))
    show("100,000 layers, to 10,000", ratio, 11)


IMPORT = (
    "import time\n"
    "start = time.perf_counter()\n"
    "from dense_shapes.layers import REGISTRY\n"
    "print(len(REGISTRY), time.perf_counter() - start)\n"
)


def test_importing_the_registry():
    # Timed in new interpreters, whose way out, longer with many classes, is no import.
    runs = [
        subprocess.run(
            [sys.executable, "-c", IMPORT], env=ENVIRONMENT, capture_output=True, check=True
        ).stdout.split()
        for _ in range(25)
    ]
    took = 1000 * min(float(seconds) for _, seconds in runs)
    print(f"\nimporting all {int(runs[0][0])} layers: {took:.1f} ms (budget 15)")
    assert took < 15 * SLACK


def graph(layers):
    """Return a graph of about that many layers, a third each in references, repeats and blocks."""
    part = layers // 6
    lines = [
        "input_shape: [16]",
        "blocks:",
        "  unit: {args: {n: null}, layers: [{Dense: n}, {Add: {from: [input, dense]}}]}",
        "layers:",
        "  - Dense: {units: 16, name: x0}",
    ]
    for i in range(part):
        lines.append(f"  - Dense: {{units: 16, name: y{i}, from: x{i}}}")
        lines.append(f"  - Add: {{name: x{i + 1}, from: [x{i}, y{i}]}}")
    lines += ["  - unit: 16"] * part
    body = "{repeat: {times: 2, layers: [{Dense: 16}]}}"
    for _ in range(5):
        body = f"{{repeat: {{times: 2, layers: [{body}]}}}}"
    lines += [f"  - {body}"] * max(1, part // 32)
    return "\n".join(lines) + "\n"


def test_graphs_cost_in_proportion():
    small, large = graph(1_000), graph(10_000)
    ratio = shortest(lambda: full(large)) / shortest(lambda: full(small))
    show("a graph of 10,000 layers, to one of 1,000", ratio, 11)


def test_chains_of_forward_references():
    def chain(n):
        rows = [f"  - Dense: {{units: 4, name: d{i}, from: d{i + 1}}}" for i in range(n)]
        rows.append(f"  - Dense: {{units: 4, name: d{n}, from: input}}")
        return "\n".join(["input_shape: [4]", "layers:", *rows, "outputs: [d0]"]) + "\n"

    ratio = shortest(lambda: full(chain(10_000))) / shortest(lambda: full(chain(1_000)))
    show("10,000 references forward, to 1,000", ratio, 11)


def test_further_calls_cost_in_proportion():
    def calls(n):
        lines = ["input_shape: [4]", "blocks:", "  b: {layers: [{Dense: 4}]}", "layers:"]
        for i in range(n // 2):
            lines += [f"  - b: {{name: b{i}}}", f"  - reuse: b{i}"]
        return "\n".join(lines) + "\n"

    ratio = shortest(lambda: full(calls(10_000))) / shortest(lambda: full(calls(1_000)))
    show("10,000 blocks and further calls, to 1,000", ratio, 11)


@pytest.mark.parametrize("depth", [20, 32])
def test_repeats_nested_deep(depth):
    body = "Flatten"
    for _ in range(depth):
        body = f"{{repeat: {{times: 1, layers: [{body}]}}}}"
    full(f"input_shape: [4]\nlayers: [{body}]\n")


COMPOSE = (
    "import pathlib, sys, yaml\n"
    "for path in sorted(pathlib.Path(sys.argv[1]).glob('*.yaml')):\n"
    "    yaml.compose(path.read_text('utf-8'), Loader=yaml.CSafeLoader)\n"
)


@pytest.mark.parametrize(("jobs", "budget"), [(1, 8), (2, 5)])
def test_a_thousand_files_in_one_check(tmp_path, jobs, budget):
    for i in range(1000):
        text = spec(50) + "expect: {output_shape: [null, 64, 64, 16], params: '<= 1M'}\n"
        (tmp_path / f"m{i:03}.yaml").write_text(text, "utf-8")
    base = process("-c", COMPOSE, str(tmp_path), repeat=3)
    pattern = str(tmp_path / "*.yaml")
    ours = process("-m", "dense_shapes", "check", pattern, "-j", str(jobs), repeat=3)
    print(f"\n{ours:.2f} s against {base:.2f} s")
    show(f"1,000 files of 50 layers in {jobs} process(es), to composing them", ours / base, budget)
