"""Putting a file in the place of another, all of it or nothing."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

_NOT_HERE = {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.EXDEV}
"""What a system says that has no files without a name, or cannot give one a name later."""


def replace_file(path: str, data: bytes) -> None:
    """Write a file so that a reader finds what was there before, or all that is new.

    Whatever happens on the way, a full disk or the end of the process, the old file stays whole.
    Where the system can do it, the new one has no name until it is complete, so that nothing is
    left behind either. A link stays a link, and the file keeps its mode and owner.

    Raises:
        OSError: It cannot be written; the old file is as it was.
    """
    target = Path(path).resolve()
    before = _regular(target)
    if hasattr(os, "O_TMPFILE"):
        try:
            _write_nameless(target, data, before)
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
        else:
            return
    _write_named(target, data, before)


def _regular(target: Path) -> os.stat_result | None:
    """Return what is known of the file that is to be replaced, None if there is none.

    Raises:
        OSError: It is none that can be replaced.
    """
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(target))
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    return found


def _write_nameless(target: Path, data: bytes, before: os.stat_result | None) -> None:
    place = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        file = os.open(".", os.O_TMPFILE | os.O_WRONLY, 0o666, dir_fd=place)
        try:
            _fill(file, data, before)
            temporary = _temporary()
            # A file cannot get the name of another, so that it has its own for an instant.
            os.link(f"/proc/self/fd/{file}", temporary, dst_dir_fd=place, follow_symlinks=True)
        finally:
            os.close(file)
        try:
            os.replace(temporary, target.name, src_dir_fd=place, dst_dir_fd=place)
        except BaseException:
            os.unlink(temporary, dir_fd=place)
            raise
        _flush(place)
    finally:
        os.close(place)


def _write_named(target: Path, data: bytes, before: os.stat_result | None) -> None:
    temporary = target.parent / _temporary()
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    file = os.open(temporary, flags, 0o666)
    try:
        try:
            _fill(file, data, before)
        finally:
            os.close(file)
        temporary.replace(target)
    except BaseException:
        temporary.unlink()
        raise
    if hasattr(os, "O_DIRECTORY"):
        place = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _flush(place)
        finally:
            os.close(place)


def _fill(file: int, data: bytes, before: os.stat_result | None) -> None:
    """Write all of the data to the disk, with the mode and owner of the file that was there."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
    if before is not None and hasattr(os, "fchown"):
        mine = os.fstat(file)
        if (mine.st_uid, mine.st_gid) != (before.st_uid, before.st_gid):
            with suppress(PermissionError):
                os.fchown(file, before.st_uid, before.st_gid)
        os.fchmod(file, stat.S_IMODE(before.st_mode))
    os.fsync(file)


def _flush(place: int) -> None:
    """Bring a folder's new entry to the disk, where folders can be flushed."""
    with suppress(OSError):
        os.fsync(place)


def _temporary() -> str:
    return f".dense-shapes-{os.urandom(8).hex()}.tmp"
