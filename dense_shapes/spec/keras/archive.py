"""`.keras` archives: only the config is read, within limits, and nothing is unpacked to disk."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from dense_shapes.diagnostics import Diagnostic, shorten
from dense_shapes.source import Source

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

CONFIG = "config.json"
MAX_CONFIG = 64 * 2**20
"""How long a config may be, unpacked."""
MAX_RATIO = 200
"""How many times longer than packed: configs, which repeat themselves, reach some 50."""
MAX_DIRECTORY = 16 * 2**20
"""How long the archive's table of contents may be."""
_SHORT = 2**20
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_STORED, _DEFLATED = 0, 8


def read_archive(file: BinaryIO, source: Source) -> tuple[bytes | None, list[Diagnostic]]:
    """Return the config that an archive holds, or None with what is wrong.

    Args:
        file: The archive, which can be sought in.
        source: What messages call it.
    """
    try:
        return _config(file), []
    except _RefusedError as error:
        problem = Diagnostic(code=error.code, message=str(error), source=source, help=error.help)
        return None, [problem]


class _RefusedError(Exception):
    def __init__(self, message: str, *, code: str = "DS001", help_: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.help = help_


_AGAIN = "save or download the file again"


def _config(file: BinaryIO) -> bytes:
    _check_directory(file)
    import zipfile  # noqa: PLC0415 - few files are archives
    import zlib  # noqa: PLC0415

    try:
        with zipfile.ZipFile(file) as archive:
            return _entry(archive, _found(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        told = str(error) or type(error).__name__
        raise _RefusedError(
            f"the archive is corrupt: {shorten(told[:1].lower() + told[1:])}", help_=_AGAIN
        ) from None


def _check_directory(file: BinaryIO) -> None:
    """Refuse an archive whose table of contents is cut off, or too long to be honest.

    Raises:
        _RefusedError: It is.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 66_000))
    tail = file.read(66_000)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        message = "the archive is cut off: its table of contents is missing"
        raise _RefusedError(message, help_=_AGAIN)
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    large = tail.rfind(_END_64, 0, at)
    if large >= 0:
        length = max(
            length if length != 0xFFFFFFFF else 0,
            int.from_bytes(tail[large + 40 : large + 48], "little"),
        )
    if length > MAX_DIRECTORY:
        raise _RefusedError(
            f"the archive's table of contents takes {length:,} bytes, a model's a few hundred",
            code="DS005",
        )


def _found(archive: ZipFile) -> ZipInfo:
    """Return the entry that holds the config.

    Raises:
        _RefusedError: There is none, or not exactly one that can be trusted.
    """
    entries = [info for info in archive.infolist() if info.filename == CONFIG]
    if not entries:
        from dense_shapes.spec.other_files import what_is_archived  # noqa: PLC0415 - rarely needed

        names = [info.filename for info in archive.infolist()]
        other = what_is_archived(names)
        if other is not None:
            raise _RefusedError(
                f"this zip archive is {other.what}, which is not read",
                code="DS009",
                help_=other.help,
            )
        held = (", ".join(map(shorten, names[:5])) or "nothing") + (", …" if names[5:] else "")
        raise _RefusedError(
            f"this zip archive is no model of Keras: it has no {CONFIG}, found {held}",
            code="DS008",
            help_="a .keras file is what `model.save('model.keras')` writes",
        )
    if len(entries) > 1:
        raise _RefusedError(f"the archive holds {CONFIG} {len(entries)} times")
    info = entries[0]
    if info.flag_bits & 1:
        raise _RefusedError(f"{CONFIG} is encrypted", help_="save the model without a password")
    if info.compress_type not in {_STORED, _DEFLATED}:
        raise _RefusedError(
            f"{CONFIG} is packed in a way that Keras does not use (method {info.compress_type})"
        )
    return info


def _entry(archive: ZipFile, info: ZipInfo) -> bytes:
    """Return the content of an entry.

    Raises:
        _RefusedError: It is longer than a config can be.
    """
    size, packed = info.file_size, max(info.compress_size, 1)
    if size > MAX_CONFIG or (size > _SHORT and size > MAX_RATIO * packed):
        raise _RefusedError(
            f"{CONFIG} would take {size:,} bytes unpacked from {packed:,}; a config takes no more "
            f"than {MAX_CONFIG:,}, and not {MAX_RATIO} times as many",
            code="DS005",
        )
    with archive.open(info) as stream:
        # What the header says is not believed.
        data = stream.read(size + 1)
    if len(data) != size:
        raise _RefusedError(f"{CONFIG} has another size than the archive says", help_=_AGAIN)
    return data
