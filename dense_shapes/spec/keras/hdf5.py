"""Legacy `.h5` files, through h5py: only the config among the attributes is read."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from dense_shapes.diagnostics import Diagnostic, shorten
from dense_shapes.source import Source
from dense_shapes.spec.problems import MissingExtraError

CONFIG = "model_config"
VERSION = "keras_version"
MAX_VERSION = 20
MAX_CONFIG = 64 * 2**20


def read_hdf5(file: BinaryIO, source: Source) -> tuple[bytes | None, list[Diagnostic]]:
    """Return the config that an HDF5 file holds, or None with what is wrong.

    Args:
        file: The file, which can be sought in.
        source: What messages call it.

    Raises:
        MissingExtraError: h5py is not installed.
    """
    try:
        import h5py  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra; ships no types
    except ImportError:
        raise MissingExtraError(
            f"{source.name} is an HDF5 file, and reading those needs h5py; install it with: "
            "pip install 'dense-shapes[h5]'"
        ) from None
    try:
        with h5py.File(file, "r") as opened:
            config = opened.attrs.get(CONFIG)
            version = _bytes(opened.attrs.get(VERSION))
            held = list(opened)[:5] if config is None else []
            weights = "layer_names" in opened.attrs or {"layers", "vars"} <= set(held)
    except Exception as error:
        told = shorten(str(error).splitlines()[0] if str(error) else type(error).__name__)
        return None, [
            Diagnostic(
                code="DS001",
                message=f"the HDF5 file is cut off or corrupt: {told}",
                source=source,
                help="save or download the file again",
            )
        ]
    data = _bytes(config)
    if data is not None and len(data) <= MAX_CONFIG:
        return _with_version(data, version), []
    if config is None:
        found = ", ".join(map(shorten, held)) or "nothing"
        what = "weights" if weights else f"no model, only {found}"
        message = (
            f"the HDF5 file holds {what}: it has no attribute {CONFIG!r}, and weights alone do not "
            "say what the layers are"
        )
        help_ = "save the whole model with `model.save('model.h5')`, or its config with to_json()"
        return None, [Diagnostic(code="DS008", message=message, source=source, help=help_)]
    message = f"its attribute {CONFIG!r} is no text of at most {MAX_CONFIG:,} bytes"
    return None, [Diagnostic(code="DS001", message=message, source=source)]


def _with_version(config: bytes, version: bytes | None) -> bytes:
    """Return a config that says at its end which Keras wrote it, as those in other files do."""
    body = config.rstrip()
    told = VERSION.encode() in config or not body.endswith(b"}") or b"class_name" not in config
    if told or version is None or len(version) > MAX_VERSION or not version[:1].isdigit():
        return config
    text = json.dumps(version.decode("ascii", "replace"))
    return body[:-1] + f', "{VERSION}": {text}}}'.encode()


def _bytes(value: Any) -> bytes | None:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return bytes(value) if isinstance(value, bytes) else None
