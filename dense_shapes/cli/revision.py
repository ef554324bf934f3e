"""Models that are named as `REV:PATH`: files as they were in a revision of a git repository."""

from __future__ import annotations

import os
import sys
from io import BytesIO
from pathlib import PurePosixPath

from dense_shapes.api import MAX_BYTES


class Content(BytesIO):
    """What a model's file holds.

    Attributes:
        name: What the user calls the file.
        stem: What its model is called if it does not say.
    """

    def __init__(self, data: bytes, name: str, stem: str | None = None) -> None:
        super().__init__(data)
        self.name = name
        self.stem = stem


def content_of(model: str) -> str | Content:
    """Return what stands for a MODEL: the path itself, or what standard input or git gives.

    A file that is really called so comes first.

    Raises:
        OSError: Git does not know the revision or the file, or there is no git.
    """
    if model == "-":
        if sys.stdin is None:
            raise OSError("standard input is closed")
        return Content(sys.stdin.buffer.read(MAX_BYTES + 1), "-")
    revision, colon, path = model.partition(":")
    if not colon or os.path.lexists(model) or _is_drive(revision, path):
        return model
    if revision.startswith("-"):
        raise OSError("a revision does not begin with '-'")
    if not path:
        raise OSError("no file is named after the revision, as in HEAD:model.yaml")
    try:
        data = _blob(model)
    except FileNotFoundError:
        if path.startswith(("./", "../")):
            raise
        # Git counts paths from the top of the repository; people also count from where they are.
        found = _nearby(revision, path)
        if found is None:
            raise
        data = found
    return Content(data, model, PurePosixPath(path).stem)


def _nearby(revision: str, path: str) -> bytes | None:
    try:
        return _blob(f"{revision}:./{path}")
    except OSError:
        return None


def _is_drive(revision: str, path: str) -> bool:
    """Tell whether what looks like a revision is the drive of a path, as in `C:/model.yaml`."""
    return path.startswith(("/", "\\")) or (os.name == "nt" and len(revision) == 1)


def _blob(name: str) -> bytes:
    """Return what git has under `REV:PATH`; no hook, filter or pager of the repository is run.

    Raises:
        FileNotFoundError: The revision has no such file.
        OSError: Git does not know the revision, or there is no repository, or no git.
    """
    import subprocess  # noqa: PLC0415 - plain files need none

    try:
        process = subprocess.Popen(  # noqa: S603 - no shell, and the name does not begin with '-'
            ["git", "cat-file", "blob", name],  # noqa: S607 - the user's git, wherever it is
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"},
        )
    except OSError as error:
        raise OSError(f"git cannot be run: {error.strerror or error}") from None
    with process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe, see above
        assert process.stderr is not None  # noqa: S101
        data = process.stdout.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            process.kill()
            return data
        said = process.stderr.read(10_000).decode("utf-8", "replace")
    if process.returncode == 0:
        return data
    lines = [line for line in said.splitlines() if line.startswith("fatal: ")]
    reason = lines[0].removeprefix("fatal: ") if lines else said.strip() or "git gave no reason"
    if reason.endswith("bad file"):
        raise OSError("it is not a file in that revision")
    if reason.startswith("path "):
        raise FileNotFoundError(reason)
    raise OSError(reason)
