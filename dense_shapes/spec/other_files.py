"""Files that are no models to be read here: what they are, by their first bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

KERAS = "save the model as .keras, or its config with `model.to_json()`"
_UNPACK = "unpack it, and read the file inside"
_DESCRIBE = "only models of Keras can be read: describe this one in a spec"
_OBJECTS = f"it holds Python objects, which are never loaded: {KERAS}"
_CODE = "code is never run: write `model.to_json()` to a file, and read that"


class Other(NamedTuple):
    """What a file is.

    Attributes:
        what: What it is, as the end of "this file is …".
        help: What to do.
    """

    what: str
    help: str


_BEGINNINGS = (
    (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19", Other("a checkpoint of PyTorch", _DESCRIBE)),
    *((bytes((0x80, n)), Other("a Python pickle", _OBJECTS)) for n in range(2, 6)),
    (b"\x1f\x8b", Other("compressed with gzip", _UNPACK)),
    (b"BZh", Other("compressed with bzip2", _UNPACK)),
    (b"\xfd7zXZ\0", Other("compressed with xz", _UNPACK)),
    (b"\x28\xb5\x2f\xfd", Other("compressed with zstd", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", Other("an archive of 7-Zip", _UNPACK)),
    (b"Rar!\x1a\x07", Other("an archive of RAR", _UNPACK)),
    (b"\x93NUMPY", Other("a NumPy array", KERAS)),
    (b"\x08\x01\x12", Other("a SavedModel of TensorFlow", KERAS)),
    (b"\x89PNG", Other("an image (PNG)", _DESCRIBE)),
    (b"\xff\xd8\xff", Other("an image (JPEG)", _DESCRIBE)),
    (b"GIF8", Other("an image (GIF)", _DESCRIBE)),
    (b"%PDF-", Other("a PDF", _DESCRIBE)),
    (b"GGUF", Other("a model of llama.cpp (GGUF)", _DESCRIBE)),
    (
        b"version https://git-lfs.github.com/",
        Other("a pointer of Git LFS: the model itself was not downloaded", "run `git lfs pull`"),
    ),
)
_PATTERNS: tuple[tuple[re.Pattern[bytes], Other], ...] = (
    # The first fields of ONNX are its version, from 3 on, and who made the file or the graph.
    (re.compile(rb"\x08[\x03-\x14][\x12\x1a\x22\x3a]"), Other("a model of ONNX", _DESCRIBE)),
    (re.compile(rb"....TFL3", re.DOTALL), Other("a model of TensorFlow Lite", KERAS)),
    (re.compile(rb".{257}ustar", re.DOTALL), Other("an archive of tar", _UNPACK)),
    (re.compile(rb".{2}.{3}\0{3}\{\"", re.DOTALL), Other("weights (safetensors)", _DESCRIBE)),
    (
        re.compile(rb"\n.{1,2}\n.[\w./]+\x12.[A-Z]\w+", re.DOTALL),
        Other("a graph of TensorFlow, of single operations", KERAS),
    ),
    (re.compile(rb"\(?[dl]p[01]\r?\n"), Other("a Python pickle", _OBJECTS)),
    (
        re.compile(rb"\s*<(!doctype\s+html|html)\b", re.IGNORECASE),
        Other("a web page", "the address led to a page about the file: download the file itself"),
    ),
    (re.compile(rb"\s*<\?xml\b"), Other("XML", _DESCRIBE)),
    (
        re.compile(rb"(\s*(#[^\n]*|[\"']{3}.*?[\"']{3})\n)*\s*(import|from)\s+[\w.]+", re.DOTALL),
        Other("Python code", _CODE),
    ),
)
_HEAD = 4096


def what_is(data: bytes) -> Other | None:
    """Return what a file is, or None if that cannot be told, or it may be a model."""
    head = data[:_HEAD]
    for beginning, other in _BEGINNINGS:
        if head.startswith(beginning):
            return other
    return next((other for pattern, other in _PATTERNS if pattern.match(head)), None)


def what_is_archived(names: Iterable[str]) -> Other | None:
    """Return what a zip archive is by the names in it, or None if that cannot be told."""
    found = list(names)
    ends = {name.rpartition("/")[2] for name in found}
    if "saved_model.pb" in ends:
        return Other("a SavedModel of TensorFlow", KERAS)
    if "data.pkl" in ends or "constants.pkl" in ends:
        return Other("a model of PyTorch", _DESCRIBE)
    if found and all(name.endswith(".npy") for name in found):
        return Other("a set of NumPy arrays", KERAS)
    for name in found:
        if name.endswith((".keras", "/config.json", ".h5", ".hdf5")):
            return Other("an archive around a model", f"unpack it, and read its {name}")
    return None


def what_is_folder(names: Iterable[str]) -> Other | None:
    """Return what a folder is by the names in it, or None if that cannot be told."""
    found = set(names)
    if "saved_model.pb" in found:
        return Other("a SavedModel of TensorFlow", KERAS)
    if "config.json" in found and found & {"metadata.json", "model.weights.h5"}:
        return Other("an unpacked .keras archive", "read its config.json")
    if "model.json" in found:
        return Other("a folder around a model", "read its model.json")
    return None
