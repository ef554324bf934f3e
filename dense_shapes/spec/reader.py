"""From bytes or parsed data to a Model, whatever kind of description it is."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Any

from dense_shapes.diagnostics import Diagnostic, shorten
from dense_shapes.model import Model
from dense_shapes.source import DecodeError, Source, decode
from dense_shapes.spec.data import plain_data
from dense_shapes.spec.document import load
from dense_shapes.spec.native import TOP_KEYS, read_native
from dense_shapes.spec.nodes import Mapping, Node, Scalar, Sequence
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.scalars import found
from dense_shapes.spec.scope import Scope

_MAGIC = {
    b"PK\x03\x04": "a .keras archive",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
}
_FOREIGN_KEYS = {
    "class_name": "a Keras config",
    "modelTopology": "a TensorFlow.js model",
}

Reading = tuple[Model, list[Diagnostic], Scope | None]


def read_bytes(
    data: bytes,
    name: str,
    source_name: str,
    settings: Map[str, Any],
    input_shapes: Map[str, Sequence],
) -> Reading:
    """Read a file's content.

    Args:
        data: The content.
        name: What to call the model if it does not say.
        source_name: What messages and the summary call the file.
        settings: Values by `--set`.
        input_shapes: Shapes that replace the model's own, by the input's name.

    Returns:
        The model as far as it could be read, what is wrong with it, and the names it has.
    """
    empty = Model(name, source_name, [], [], [])
    source = Source(source_name, "")
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            return empty, [_not_yet(what, source)], None
    try:
        source = decode(source_name, data)
    except DecodeError as error:
        problem = Diagnostic(
            code="DS001", message=f"not a text file: {error.message}", source=source
        )
        return empty, [problem], None
    root, diagnostics = load(source)
    return _read(root, diagnostics, source, name, source_name, settings, input_shapes)


def read_data(
    data: Map[str, Any],
    settings: Map[str, Any],
    input_shapes: Map[str, Sequence],
) -> Reading:
    """Read a description that is parsed already; see `read_bytes`."""
    root, diagnostics = plain_data(dict(data))
    return _read(root, diagnostics, None, "model", None, settings, input_shapes)


def _read(
    root: Node | None,
    diagnostics: list[Diagnostic],
    source: Source | None,
    name: str,
    source_name: str | None,
    settings: Map[str, Any],
    input_shapes: Map[str, Sequence],
) -> Reading:
    empty = Model(name, source_name, [], [], [])
    if root is None:
        return empty, diagnostics, None
    if isinstance(root, Mapping):
        for key, what in _FOREIGN_KEYS.items():
            if root.get(key) is not None:
                return empty, [*diagnostics, _not_yet(what, source)], None
        if any(root.get(key) is not None for key in TOP_KEYS):
            model, problems, scope = read_native(
                root, source, name, source_name, settings, input_shapes
            )
            return model, [*diagnostics, *problems], scope
    found_kind = "a single value" if isinstance(root, Scalar) else found(root)
    if isinstance(root, Mapping) and root.entries:
        keys = [repr(shorten(key.text)) for key, _ in root.entries]
        found_kind = f"one with {', '.join(keys[:5])}{', …' if len(keys) > 5 else ''}"
    error = Problems(source).make(
        "DS008",
        f"not a model: expected a mapping with 'layers', found {found_kind}",
        root,
        help="a spec begins with `input_shape:` and lists its layers under `layers:`",
        where="the top",
    )
    return empty, [*diagnostics, error.diagnostic], None


def _not_yet(what: str, source: Source | None) -> Diagnostic:
    return Diagnostic(
        code="DS009",
        message=f"this is {what}, which this version does not read yet",
        source=source,
        help="describe the model in a YAML spec; `dense-shapes schema spec` says how",
    )
