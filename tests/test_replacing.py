"""A file that is replaced is the old one or the new one, whatever happens on the way."""

import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from dense_shapes.replacing import replace_file

ROOT = Path(__file__).parent.parent
OLD, NEW = b"old\n" * 1000, b"new\n" * 100_000


@pytest.fixture(params=["nameless", "named"])
def way(request, monkeypatch):
    """Both ways to write: most systems have the first, all the second."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    elif not hasattr(os, "O_TMPFILE"):
        pytest.skip("this system has no files without a name")
    return request.param


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(OLD)
    return path


def alone(path):
    """Tell whether nothing else lies in a file's folder."""
    return [p.name for p in path.parent.iterdir()] == [path.name]


def test_it_is_replaced(way, file):
    replace_file(str(file), NEW)
    assert file.read_bytes() == NEW
    assert alone(file)


def test_a_new_file_has_the_usual_mode(way, tmp_path):
    before = os.umask(0o027)
    try:
        replace_file(str(tmp_path / "made"), NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o640
    assert alone(tmp_path / "made")


def test_it_keeps_its_mode(way, file):
    file.chmod(0o604)
    replace_file(str(file), NEW)
    assert stat.S_IMODE(file.stat().st_mode) == 0o604


def test_a_link_stays_a_link(way, file, tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    link = folder / "link"
    link.symlink_to("../kept")
    replace_file(str(link), NEW)
    assert link.is_symlink()
    assert file.read_bytes() == NEW
    assert alone(link)


def test_a_link_to_nothing_makes_its_file(way, tmp_path):
    (tmp_path / "link").symlink_to("made")
    replace_file(str(tmp_path / "link"), NEW)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "made").read_bytes() == NEW


def test_a_name_as_long_as_can_be(way, tmp_path):
    path = tmp_path / ("x" * 255)
    path.write_bytes(OLD)
    replace_file(str(path), NEW)
    assert path.read_bytes() == NEW


@pytest.mark.parametrize("name", ["/dev/full", "/dev/null"])
def test_a_device_is_no_file(way, name):
    with pytest.raises(OSError, match="not a regular file"):
        replace_file(name, NEW)


def test_a_pipe_is_no_file(way, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        replace_file(str(tmp_path / "pipe"), NEW)


def test_a_folder_that_is_not_there(way, tmp_path):
    with pytest.raises(FileNotFoundError):
        replace_file(str(tmp_path / "none" / "made"), NEW)


@pytest.mark.parametrize("step", ["fsync", "replace", "fchmod", "write"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_on_the_way_leaves_the_old_one(way, file, monkeypatch, step, error):
    def fail(*_, **__):
        raise error

    if step == "replace":
        # The named way goes through pathlib, which calls the same.
        monkeypatch.setattr(Path, "replace", fail)
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(type(error)):
        replace_file(str(file), NEW)
    assert file.read_bytes() == OLD
    assert alone(file)


LIMITED = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
if sys.argv[2] == "named":
    del os.O_TMPFILE
from dense_shapes.replacing import replace_file
try:
    replace_file(sys.argv[1], {len(NEW)} * b"n")
except OSError as error:
    print(error.strerror)
"""


def python(code, *arguments, **options):
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_a_disk_that_is_full(way, file):
    # A limit on the size of files stops the writing in the midst of it, as a full disk does.
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    done = python(LIMITED, file, way)
    assert done.stdout.strip() == "File too large"
    assert file.read_bytes() == OLD
    assert alone(file)


def test_a_small_file_system(tmp_path):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", tmp_path],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("only root can mount a file system")
    try:
        path = tmp_path / "kept"
        path.write_bytes(OLD)
        with pytest.raises(OSError, match="No space left on device"):
            replace_file(str(path), NEW)
        assert path.read_bytes() == OLD
        assert alone(path)
    finally:
        subprocess.run(["umount", tmp_path], check=True)


KILLED = """
import os, signal, sys
if sys.argv[2] == "named":
    del os.O_TMPFILE
from dense_shapes.replacing import replace_file
setattr(os, sys.argv[3], lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))
replace_file(sys.argv[1], b"new")
"""


@pytest.mark.parametrize("step", ["write", "fsync"])
def test_a_process_that_is_killed_while_it_writes(way, file, step):
    done = python(KILLED, file, way, step)
    assert done.returncode == -signal.SIGKILL
    assert file.read_bytes() == OLD
    # A file that has a name already cannot be taken away by a process that is no more.
    assert alone(file) or way == "named"


ENDLESS = """
import sys
from dense_shapes.replacing import replace_file
print("on", flush=True)
while True:
    for sign in (b"a", b"b"):
        replace_file(sys.argv[1], 200_000 * sign)
"""


def test_a_process_that_is_killed_at_any_time(tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(200_000 * b"a")
    for turn in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", ENDLESS, path], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert process.stdout.readline() == b"on\n"
        time.sleep(0.01 * (turn + 1))
        process.kill()
        process.wait()
        process.stdout.close()
        assert path.read_bytes() in (200_000 * b"a", 200_000 * b"b")


UNFIT = """
import os, sys
from dense_shapes.replacing import replace_file
os.setuid(65534)
try:
    replace_file(sys.argv[1], b"new")
except OSError as error:
    print(error.strerror)
"""


@pytest.mark.parametrize(("folder", "mode"), [(0o555, 0o666), (0o777, 0o444)])
def test_what_may_not_be_written_is_not(folder, mode):
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "kept"
        path.write_bytes(OLD)
        path.chmod(mode)
        Path(place).chmod(folder)
        if os.geteuid() == 0:
            done = python(UNFIT, path)
        else:
            done = python(UNFIT.replace("os.setuid(65534)", ""), path)
        assert done.stdout.strip() == "Permission denied"
        assert path.read_bytes() == OLD
        assert alone(path)
        Path(place).chmod(0o777)
