"""`dense-shapes check` as users run it: exit codes in every combination, streams, many files."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dense_shapes.cli.workers import results
from dense_shapes.expectations import TOTALS
from tests.cli.test_commands import ROOT, SEED, run, spec

GOOD = "input_shape: [4]\nlayers: [{Dense: 2}]\nexpect: {params: 10}\n"
PLAIN = "input_shape: [4]\nlayers: [{Dense: 2}]\n"
FAILS = "input_shape: [4]\nlayers: [{Dense: 2}]\nexpect: {params: 11}\n"
BROKEN = "input_shape: [4]\nlayers: [{Dens: 2}]\nexpect: {params: 10}\n"
MISREAD = "input_shape: [4]\nlayers: [{Dense: 2}]\nexpect: {parms: 10}\n"
SYNTAX = "input_shape: [4\n"

KINDS = {
    "good": (GOOD, 0),
    "plain": (PLAIN, 0),
    "fails": (FAILS, 1),
    "broken": (BROKEN, 1),
    "misread": (MISREAD, 1),
    "syntax": (SYNTAX, 1),
    "missing": (None, 2),
}
FORMATS = ["text", "json", "github", "junit", "sarif"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("models")
    for name, (text, _) in KINDS.items():
        if text is not None:
            (made / f"{name}.yaml").write_text(text, "utf-8")
    (made / "expect.yaml").write_text("macs: 8\n", "utf-8")
    (made / "refuted.json").write_text('{"macs": 9}', "utf-8")
    (made / "mistyped.yaml").write_text("mcas: 8\n", "utf-8")
    (made / "torn.yaml").write_text("macs: [\n", "utf-8")
    (made / "a_folder").mkdir()
    return made


def check(folder, *arguments, **options):
    done = run("check", *arguments, cwd=folder, **options)
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMATS)
def test_the_exit_code_of_one_file(folder, kind, form):
    done = check(folder, f"{kind}.yaml", "--format", form)
    assert done.returncode == KINDS[kind][1]
    if form in {"json", "sarif"}:
        json.loads(done.stdout)
    elif form == "junit":
        assert done.stdout.startswith("<?xml")
        assert done.stdout.endswith("</testsuites>\n")
    elif form == "github":
        assert all(line.startswith("::") for line in done.stdout.splitlines())
    else:
        assert len(done.stdout.splitlines()) == 1
    if KINDS[kind][1]:
        assert done.stderr.startswith("error[DS")


@pytest.mark.parametrize("pair", list(itertools.combinations(KINDS, 2)), ids="-".join)
def test_of_several_files_the_worst_counts(folder, pair):
    worst = max(KINDS[kind][1] for kind in pair)
    for order in (pair, pair[::-1]):
        done = check(folder, *(f"{kind}.yaml" for kind in order), "--json")
        assert done.returncode == worst
        assert [report["source"] for report in json.loads(done.stdout)] == [
            f"{kind}.yaml" for kind in order
        ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["good.yaml", "--expect", "expect.yaml"], 0, ""),
        (["good.yaml", "--expect", "refuted.json"], 1, "refuted.json:1:2"),
        (["good.yaml", "--expect", "mistyped.yaml"], 1, "did you mean 'macs'?"),
        (["good.yaml", "--expect", "torn.yaml"], 1, "error[DS002]"),
        (["good.yaml", "--expect", "none.yaml"], 2, "cannot read 'none.yaml': No such file"),
        (["good.yaml", "--expect", "a_folder"], 2, "cannot read 'a_folder': Is a directory"),
        (["good.yaml", "--expect", "expect.yaml", "--expect", "refuted.json"], 1, "macs"),
        (["fails.yaml", "--expect", "none.yaml"], 2, "none.yaml"),
        (["a_folder"], 2, "Is a directory"),
        (["none.yaml", "fails.yaml"], 2, "No such file"),
        (["no*.yaml"], 2, "no file matches 'no*.yaml'"),
        (["good.yaml", "--set", "H=3"], 2, "no var and no open size is called 'H'"),
        (["good.yaml", "--set", "H"], 2, "expected NAME=VALUE"),
        (["good.yaml", "--plugin", "no.such"], 2, "No module named"),
        (["good.yaml", "--params", "10"], 0, ""),
        (["good.yaml", "--params", "<= 9"], 1, "--> --params"),
        (["good.yaml", "--params", "<= 9X"], 2, "no unit of a count"),
        (["good.yaml", "--params", "<= zz"], 2, "unknown name 'zz'"),
        (["good.yaml", "--macs", "8", "--param-bytes", "40B"], 0, ""),
        (["good.yaml", "--params", ">= 10", "--params", "<= 10"], 0, ""),
        (["good.yaml", "--params", "<= 9", "--params", ">= 1"], 1, "expected <= 9, found 10"),
        (["good.yaml", "--params", "> 1", "--params", "<= 9X"], 2, "no unit of a count"),
        (["good.yaml", "--output-shape", "null,2"], 0, ""),
        (["good.yaml", "--output-shape", "(None, 2)"], 0, ""),
        (["good.yaml", "--output-shape", "[_, 2]"], 0, ""),
        (["good.yaml", "--output-shape", "dense=null,1 + 1"], 0, ""),
        (["good.yaml", "--output-shape", "null,3"], 1, "--> --output-shape"),
        (["good.yaml", "--output-shape", "head=null,2"], 1, "expected an output 'head'"),
        (
            ["good.yaml", *["--output-shape", "dense=_,3", "--output-shape", "dense=_,2"]],
            1,
            "instead of 3",
        ),
        (["good.yaml", "--output-shape", "null,2.5"], 2, "expected a size"),
        (["good.yaml", "--output-shape", "1", "--output-shape", "2"], 2, "each needs its name"),
        (["good.yaml", "--input-shape", "5"], 1, "expected 10, found 12"),
        (["good.yaml", "--input-shape", "x=5"], 2, "no input is called 'x'"),
        (["good.yaml", "-j", "0"], 2, "-j"),
        (["good.yaml", "--format", "xml"], 2, "xml"),
        (["-", "--expect", "-"], 2, "standard input can be read once only"),
        ([], 2, "Missing argument"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_what_is_asked_and_what_is_said(folder, arguments, code, said):
    done = check(folder, *arguments)
    assert done.returncode == code
    assert said in re.sub(r"[│\s]+", " ", done.stderr)
    if not said:
        assert done.stderr == ""


def test_every_total_has_an_option():
    done = run("check", "--help", COLUMNS="200")
    for total in TOTALS:
        assert f"--{total.replace('_', '-')}" in done.stdout


def test_standard_input_holds_the_model_or_the_expectations(folder):
    done = check(folder, "-", "--json", stdin=GOOD)
    assert (done.returncode, json.loads(done.stdout)["source"]) == (0, "-")
    done = run("check", "good.yaml", "--expect", "-", cwd=folder, stdin="params: 11\n")
    assert done.returncode == 1
    assert "--> -:1:1" in done.stderr
    done = check(folder, "-", "good.yaml", "-j", "2", "--json", stdin=FAILS)
    assert [report["ok"] for report in json.loads(done.stdout)] == [False, True]


@pytest.mark.parametrize("arguments", ["-", "good.yaml --expect -"])
def test_standard_input_may_be_closed(folder, arguments):
    done = subprocess.run(
        ["sh", "-c", f"exec {sys.executable} -m dense_shapes check {arguments} <&-"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: cannot read '-': standard input is closed\n"


def test_nothing_to_assert_is_said_once(folder):
    done = check(folder, "plain.yaml")
    assert done.returncode == 0
    assert done.stdout == "ok      plain.yaml: well-formed; nothing is expected of it\n"
    assert done.stderr.startswith("note[DS410]: nothing is expected of this model")


def test_a_pattern_may_be_left_to_the_command(tmp_path):
    for name in ("b/two.yaml", "a/one.yaml", "a/deep/er/three.yaml", "a/other.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(GOOD, "utf-8")
    spec(tmp_path, GOOD, "[odd].yaml")

    def sources(*arguments):
        data = json.loads(check(tmp_path, *arguments, "--json").stdout)
        assert isinstance(data, list)
        return [report["source"] for report in data]

    assert sources("**/*.yaml") == [
        *("[odd].yaml", "a/deep/er/three.yaml", "a/one.yaml", "b/two.yaml")
    ]
    assert sources("a/*.yaml", "b/*") == ["a/one.yaml", "b/two.yaml"]
    assert sources("a/*.yaml", "a/one.yaml", "*/one.yaml") == ["a/one.yaml", "a/one.yaml"]
    assert sources("b/*.yaml") == ["b/two.yaml"]
    # One that nothing matches is told, and the others are checked.
    for arguments in (("b/*.yaml", "none/*.yaml"), ("none/*.yaml", "b/*.yaml", "-j", "2")):
        done = check(tmp_path, *arguments)
        assert done.returncode == 2
        assert "ok      b/two.yaml: 1 expectation holds\n" in done.stdout
        assert "ERROR   none/*.yaml: could not be examined\n" in done.stdout
        assert done.stderr == "error[DS010]: no file matches 'none/*.yaml'\n\n"
    one = json.loads(check(tmp_path, "[odd].yaml", "--json").stdout)
    assert one["source"] == "[odd].yaml"


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    made = tmp_path_factory.mktemp("many")
    for i in range(60):
        text = BROKEN if i % 7 == 3 else f"{PLAIN}expect: {{params: {10 + (i % 5 == 0)}}}\n"
        (made / f"m{i:02}.yaml").write_text(text, "utf-8")
    return made


@pytest.mark.parametrize("form", FORMATS)
def test_processes_change_nothing_but_the_time(many, form):
    names = sorted(path.name for path in many.iterdir())
    arguments = [*names, "none.yaml", "--expect", "e.yaml", "--format", form]
    (many / "e.yaml").write_text("output_shape: [null, 2]\nmacs: '<= 4*2'\n", "utf-8")
    alone = check(many, *arguments)
    several = check(many, *arguments, "-j", "3")
    (many / "e.yaml").unlink()
    assert alone.returncode == several.returncode == 2
    seconds = re.compile(r' time="[\d.]+"')
    assert seconds.sub("", alone.stdout) == seconds.sub("", several.stdout)
    assert alone.stderr == several.stderr
    if form == "text":
        assert alone.stdout.splitlines()[-1].startswith("61 models: 41 ok, 19 failed, 1 not exam")


class Doubling:
    """Work that is large to send, as with a baseline, and counts how often it is sent."""

    sent = 0

    def __call__(self, number):
        return 2 * number

    def __reduce__(self):
        Doubling.sent += 1
        return Doubling, ()


def test_what_is_to_be_done_is_sent_once_a_process():
    with results(Doubling(), range(200), 2) as found:
        assert list(found) == [2 * number for number in range(200)]
    assert Doubling.sent <= 2


@pytest.fixture
def interruptible():
    """Let processes that a test starts be interrupted.

    Where these tests run in the background, SIGINT is ignored, and that is handed down.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_it_quietly(tmp_path, jobs):
    rows = "\n".join("  - Dense: {units: 16}" for _ in range(3000))
    for i in range(60):
        spec(tmp_path, f"input_shape: [16]\nlayers:\n{rows}\n", f"m{i:02}.yaml")
    process = subprocess.Popen(
        [sys.executable, "-m", "dense_shapes", "check", "m*.yaml", "--params", "1", "-j", jobs],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while cpu_time(process.pid) < 1:  # until it is well past its imports
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert (stdout, stderr) == (b"", b"")
    assert not members(process.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
def test_a_process_that_is_killed_is_told(tmp_path):
    rows = "\n".join("  - Dense: {units: 16}" for _ in range(3000))
    for i in range(60):
        spec(tmp_path, f"input_shape: [16]\nlayers:\n{rows}\n", f"m{i:02}.yaml")
    process = subprocess.Popen(
        [sys.executable, "-m", "dense_shapes", "check", "m*.yaml", "-j", "2"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 10
    while len(workers := [p for p in members(process.pid) if p != process.pid]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(workers[0], signal.SIGKILL)
    stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == 2
    assert stdout == b""
    assert stderr == b"error: a process that was at work has been killed; try fewer by -j\n"


def stats(group):
    """Yield each living process of a group, with what /proc says of it."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = path.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(rest[2]) == group and rest[0] != "Z":
            yield int(path.parent.name), rest


def members(group):
    """Return the processes that are left of a group."""
    return [pid for pid, _ in stats(group)]


def cpu_time(group):
    """Return how many seconds the processes of a group have worked."""
    return sum(int(rest[11]) for _, rest in stats(group)) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_bar_is_shown_to_a_person_only(many, tmp_path, term):
    import pty

    names = sorted(path.name for path in many.iterdir())
    leader, follower = pty.openpty()
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "dense_shapes", "check", *names[:3], *names[4:12], "--json"],
        cwd=many,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": term, "COLUMNS": "100"},
        stdout=log,
        stderr=follower,
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    process.wait()
    log.close()
    os.close(leader)
    if term == "dumb":
        assert shown.startswith(b"error[DS")
    else:
        assert b"checking" in shown
    assert len(json.loads((tmp_path / "log").read_bytes())) == 11
    assert b"checking" not in check(many, *names[:12]).stderr.encode()


def test_a_full_disk_is_told():
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dense_shapes", "check", SEED, "--json"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 2
    assert "cannot write the output: No space left on device" in done.stderr
