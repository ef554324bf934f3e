"""From bytes or parsed data to a Model, whatever kind of description it is."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from io import BytesIO
from typing import Any, BinaryIO

from dense_shapes.diagnostics import Diagnostic, shorten
from dense_shapes.model import Model
from dense_shapes.source import DecodeError, Source, decode
from dense_shapes.spec.nodes import Mapping, Node, Scalar, Sequence
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.symbols import Symbols

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
HDF5 = b"\x89HDF\r\n\x1a\n"
_READ = (
    "what is read are specs in YAML or JSON and models of Keras as JSON, YAML, .keras or .h5; "
    "files of ONNX and PyTorch and SavedModels are not"
)
_KERAS_KEYS = ("class_name", "modelTopology", "model_config")

Reading = tuple[Model, list[Diagnostic], Symbols | None]


class Order:
    """What is asked of a reader beside the file.

    Attributes:
        name: What to call the model if it does not say.
        source_name: What messages and the summary call the file; None for a mapping.
        settings: Values by `--set`.
        input_shapes: Shapes that replace the model's own, by the input's name.
        same_shape: Whether Lambdas keep their input's shape, as the user says.
    """

    __slots__ = ("input_shapes", "name", "same_shape", "settings", "source_name")

    def __init__(
        self,
        settings: Map[str, Any],
        input_shapes: Map[str, Sequence],
        *,
        name: str = "model",
        source_name: str | None = None,
        same_shape: bool = False,
    ) -> None:
        self.name = name
        self.source_name = source_name
        self.settings = settings
        self.input_shapes = input_shapes
        self.same_shape = same_shape

    @property
    def nothing(self) -> Model:
        """A model of which nothing could be read."""
        return Model(self.name, self.source_name, [], [], [])


def is_container(head: bytes) -> bool:
    """Tell by its first bytes whether a file holds the model's description among other things."""
    return head.startswith((ZIP, EMPTY_ZIP, HDF5))


def read_container(file: BinaryIO, head: bytes, order: Order) -> Reading:
    """Read an archive of Keras, or an HDF5 file.

    Args:
        file: The file, which can be sought in.
        head: Its first bytes.
        order: What is asked.

    Raises:
        MissingExtraError: It needs a package that is not installed.
    """
    source = Source(order.source_name or "", "")
    if head.startswith(HDF5):
        from dense_shapes.spec.keras.hdf5 import read_hdf5  # noqa: PLC0415 - rarely needed

        config, diagnostics = read_hdf5(file, source)
    else:
        from dense_shapes.spec.keras.archive import read_archive  # noqa: PLC0415 - rarely needed

        config, diagnostics = read_archive(file, source)
    if config is None:
        return order.nothing, diagnostics, None
    return read_bytes(config, order, inside=True)


def read_bytes(data: bytes, order: Order, *, inside: bool = False) -> Reading:
    """Read a file's content.

    Args:
        data: The content.
        order: What is asked.
        inside: Whether it is the config out of a container, which is JSON.

    Raises:
        MissingExtraError: It needs a package that is not installed.
        SettingError: Something given by `--set` or `--input-shape` that the model cannot take.
    """
    if is_container(data[:8]) and not inside:
        return read_container(BytesIO(data), data[:8], order)
    source = Source(order.source_name or "", "")
    try:
        source = decode(order.source_name or "", data)
    except DecodeError as error:
        problem = Diagnostic(
            code="DS001",
            message=f"not a text file: {error.message}",
            source=source,
            help=_READ if error.binary else None,
        )
        return order.nothing, [_other(data, source) or problem], None
    reading = _read_json(source, data, order, sure=inside)
    if reading is not None:
        return reading
    from dense_shapes.spec.document import load  # noqa: PLC0415 - Keras's JSON does without

    root, diagnostics = load(source)
    if isinstance(root, Mapping) and any(root.get(key) is not None for key in _KERAS_KEYS):
        return _read_tree(root, diagnostics, source, order)
    if diagnostics or not isinstance(root, Mapping):
        other = _other(data, source)
        if other is not None:
            return order.nothing, [other], None
    return _read(root, diagnostics, source, order)


def _other(data: bytes, source: Source) -> Diagnostic | None:
    """Return what to say of a file that is something else, if it can be told what."""
    from dense_shapes.spec.other_files import what_is  # noqa: PLC0415 - few runs need it

    other = what_is(data)
    if other is None:
        return None
    message = f"this file is {other.what}, which is not read"
    return Diagnostic(
        code="DS009", message=message, source=Source(source.name, ""), help=other.help
    )


def read_data(data: Map[str, Any], order: Order) -> Reading:
    """Read a description that is parsed already; see `read_bytes`."""
    from dense_shapes.spec.data import plain_data  # noqa: PLC0415 - files do without

    root, diagnostics = plain_data(dict(data))
    if isinstance(root, Mapping) and any(root.get(key) is not None for key in _KERAS_KEYS):
        return _read_tree(root, diagnostics, None, order)
    return _read(root, diagnostics, None, order)


def _read_json(source: Source, content: bytes, order: Order, *, sure: bool) -> Reading | None:
    """Read a text as one of Keras's JSON files; None where it is something else.

    Args:
        source: The text.
        content: What it was decoded from.
        order: What is asked.
        sure: Whether it must be one.
    """
    text = source.text
    first = re.match(r'\s*(\{\s*["\']?(\w*)|"\{)', text)
    if not sure and (first is None or not any(f"{key}" in text for key in _KERAS_KEYS)):
        return None
    from dense_shapes.spec.keras.json_text import load_json  # noqa: PLC0415 - only these need it
    from dense_shapes.spec.keras.places import Places  # noqa: PLC0415
    from dense_shapes.spec.keras.reader import is_keras, read_keras  # noqa: PLC0415

    data, diagnostics = load_json(source, content)
    if isinstance(data, str):
        # `json.dump(model.to_json(), file)` writes a text that holds the JSON.
        data, diagnostics = load_json(Source(source.name, data))
    if diagnostics and not sure and first is not None:
        from dense_shapes.spec.native import TOP_KEYS  # noqa: PLC0415 - rarely needed

        if first[2] in TOP_KEYS:
            return None  # our own spec in YAML's braces
    if diagnostics:
        return order.nothing, diagnostics, None
    if not is_keras(data):
        from dense_shapes.spec.data import plain_data  # noqa: PLC0415 - rarely needed

        return _read(*plain_data(data), source, order) if sure else None
    return read_keras(
        data,
        Places(source),
        order.name,
        order.source_name,
        order.settings,
        order.input_shapes,
        same_shape=order.same_shape,
    )


def _read_tree(
    root: Mapping, diagnostics: list[Diagnostic], source: Source | None, order: Order
) -> Reading:
    """Read one of Keras's configs that is a tree: YAML, or data that is parsed already."""
    from dense_shapes.spec.keras.places import Places  # noqa: PLC0415 - only these need it
    from dense_shapes.spec.keras.reader import read_keras  # noqa: PLC0415
    from dense_shapes.spec.keras.yaml_tree import appended, tree_data  # noqa: PLC0415

    if not diagnostics:
        data, diagnostics = tree_data(root, source)
    if diagnostics:
        return order.nothing, appended(root, diagnostics), None
    return read_keras(
        data,
        Places(source, root if source is not None else None),
        order.name,
        order.source_name,
        order.settings,
        order.input_shapes,
        same_shape=order.same_shape,
    )


def _read(
    root: Node | None, diagnostics: list[Diagnostic], source: Source | None, order: Order
) -> Reading:
    """Read a tree as one of our own specs, or say what it is instead."""
    from dense_shapes.spec.native import TOP_KEYS, read_native  # noqa: PLC0415 - see `read_bytes`
    from dense_shapes.spec.scalars import found  # noqa: PLC0415

    if root is None:
        return order.nothing, diagnostics, None
    if isinstance(root, Mapping) and any(root.get(key) is not None for key in TOP_KEYS):
        model, problems, scope = read_native(
            root, source, order.name, order.source_name, order.settings, order.input_shapes
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
    return order.nothing, [*diagnostics, error.diagnostic], None
