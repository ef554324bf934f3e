"""The public face: read a model, send shapes through it, say what is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal, Protocol

from dense_shapes.advice import advise
from dense_shapes.collector import paused
from dense_shapes.diagnostics import Diagnostic, did_you_mean, sort_key
from dense_shapes.model import Model as Graph
from dense_shapes.plugins import load_plugins
from dense_shapes.propagate import propagate
from dense_shapes.spec.nodes import Sequence
from dense_shapes.spec.reader import (
    Order,
    Reading,
    is_container,
    read_bytes,
    read_container,
    read_data,
)
from dense_shapes.spec.symbols import SettingError, Symbols
from dense_shapes.summary import Summary

if TYPE_CHECKING:
    from dense_shapes.comparison.diff import Diff

MAX_BYTES = 64 * 2**20


class Readable(Protocol):
    """A file object, in text or binary mode."""

    def read(self, size: int = -1, /) -> str | bytes:
        """Return at most `size` characters or bytes."""


Lambdas = Literal["same-shape"]
"""What a user can say of the Lambdas of a saved model."""

Model = str | PathLike[str] | Readable | Mapping[str, Any]


class ModelError(ValueError):
    """A model that cannot be summarised, or only in part.

    Attributes:
        diagnostics: What is wrong, in source order.
        summary: What could be worked out all the same.
    """

    def __init__(self, summary: Summary) -> None:
        errors = [d for d in summary.diagnostics if d.severity == "error"]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{errors[0].code}: {errors[0].message}{more}")
        self.diagnostics: list[Diagnostic] = summary.diagnostics
        self.summary = summary


def summarize(
    source: Model,
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - the name of the command's option
    plugins: Iterable[str] = (),
    lambdas: Lambdas | None = None,
) -> Summary:
    """Tell what every layer of a model does to the shape of the data.

    Args:
        source: A path, a file object, or a spec or Keras config that is parsed already.
        set: Values for vars and open sizes, like `--set` on the command line.
        plugins: Modules to import first, for the layers they define.
        lambdas: "same-shape" if the Lambdas of a saved model keep their input's shape.

    Returns:
        The summary; `to_dict()` gives the published JSON.

    Raises:
        ModelError: The model is wrong; its `diagnostics` say where and why.
        OSError: The file cannot be read.
        SettingError: A name in `set` that the model does not have, or a value it cannot take.
        PluginError: A plugin cannot be loaded.
        MissingExtraError: The file needs a package that is not installed.

    >>> spec = {"input_shape": [32, 32, 3], "layers": [{"Dense": 512}, {"Dense": 10}]}
    >>> summary = summarize(spec)
    >>> [row.output_shape[1:] for row in summary.layers]
    [(32, 32, 3), (32, 32, 512), (32, 32, 10)]
    >>> summary.totals.params
    7178
    >>> summarize({"input_shape": ["H", "W", 3], "layers": [{"MaxPooling2D": 2}]},
    ...           set={"H": 9}).to_dict()["outputs"][0]["shape"]
    [None, 4, 'floor(W/2)', 3]
    """
    summary = analyse(source, set=set, plugins=plugins, lambdas=lambdas)
    if not summary.ok:
        raise ModelError(summary)
    return summary


def diff(
    old: Model,
    new: Model,
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as in summarize
    plugins: Iterable[str] = (),
) -> Diff:
    """Tell what differs between two models, layer by layer.

    Args:
        old: A model, see `summarize`.
        new: Another.
        set: Values for vars and open sizes of both.
        plugins: See `summarize`.

    Returns:
        The difference; `different` says whether there is any, `to_dict()` gives the published
        JSON.

    Raises:
        ModelError: One of the models is wrong.
        OSError: A file cannot be read.
        SettingError: See `summarize`.
        PluginError: A plugin cannot be loaded.

    >>> old = {"input_shape": [8], "layers": [{"Dense": 4}]}
    >>> new = {"input_shape": [8], "layers": [{"Dense": 4}, {"Dropout": 0.5}]}
    >>> [(change.kinds, change.new.name) for change in diff(old, new).layers]
    [(('added',), 'dropout')]
    """
    from dense_shapes.comparison.diff import compare  # noqa: PLC0415 - summarising needs no diff

    sides = [summarize(model, set=set, plugins=plugins) for model in (old, new)]
    return compare(*sides)


def analyse(
    source: Model,
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as in summarize
    plugins: Iterable[str] = (),
    input_shapes: Mapping[str, Iterable[int | str | None]] | None = None,
    steps: bool = False,
    texts: bool = True,
    name: str | None = None,
    lambdas: Lambdas | None = None,
) -> Summary:
    """Summarise a model as far as it goes, with what is wrong among the diagnostics.

    Args:
        source: See `summarize`.
        set: See `summarize`.
        plugins: See `summarize`.
        input_shapes: The sizes of one example by the input's name ("" for the only one), to
            replace the model's own.
        steps: Whether to work out the lines of the long explanation too.
        texts: Whether to work out explanations at all.
        name: What to call the model if it does not say; by default after its file.
        lambdas: See `summarize`.

    Raises:
        OSError: The file cannot be read.
        SettingError: A name in `set` that the model does not have, or a value it cannot take.
        PluginError: A plugin cannot be loaded.
        MissingExtraError: The file needs a package that is not installed.
    """
    load_plugins(plugins)
    with paused():
        summary, model, _ = analysed(
            source,
            dict(set or {}),
            input_shapes or {},
            lambdas,
            steps=steps,
            texts=texts,
            name=name,
        )
        add_problems(summary, model.misread)
        return summary


def analysed(
    source: Model,
    settings: dict[str, Any],
    input_shapes: Mapping[str, Iterable[int | str | None]],
    lambdas: Lambdas | None,
    *,
    steps: bool = False,
    texts: bool = True,
    name: str | None = None,
    advice: bool = True,
) -> tuple[Summary, Graph, Symbols | None]:
    """Return a summary, with advice if asked, the graph and its names; see `analyse`."""
    shapes: dict[str, Sequence] = {}
    if input_shapes:
        from dense_shapes.spec.data import plain_data  # noqa: PLC0415 - few runs need it
    for entry, sizes in input_shapes.items():
        node, _ = plain_data(list(sizes))
        if isinstance(node, Sequence):
            shapes[entry] = node
    order = Order(settings, shapes, same_shape=lambdas == "same-shape")
    if isinstance(source, Mapping):
        reading = read_data(source, order)
    elif isinstance(source, str | PathLike) or hasattr(source, "read"):
        reading = _read(source, order, name)
    else:
        raise TypeError(f"expected a path, a file or a mapping, found {type(source).__name__}")
    model, diagnostics, symbols = reading
    # A file with errors may have the name in a part that could not be read.
    if symbols is not None and symbols.unused and all(d.severity != "error" for d in diagnostics):
        unknown, names = min(symbols.unused), list(dict.fromkeys([*symbols.vars, *symbols.symbols]))
        known = did_you_mean(unknown, names) or f"the names are {', '.join(names)}"
        if not names:
            known = "this model has neither"
        raise SettingError(
            f"no var and no open size is called {unknown!r}: {known}", unknown=unknown
        )
    summary = propagate(model, steps=steps, texts=texts)
    summary.diagnostics += diagnostics
    if model.manifest is not None:
        from dense_shapes.manifest import compare  # noqa: PLC0415 - few files list their weights

        summary.diagnostics += compare(model, summary)
    if advice and summary.ok:
        summary.diagnostics += advise(model, summary)
    summary.diagnostics.sort(key=sort_key)
    return summary, model, symbols


def add_problems(summary: Summary, diagnostics: list[Diagnostic]) -> None:
    """Add to what is wrong with a model what is wrong with the expectations in its file."""
    if diagnostics:
        summary.diagnostics += diagnostics
        summary.diagnostics.sort(key=sort_key)


def _read(source: str | PathLike[str] | Readable, order: Order, name: str | None = None) -> Reading:
    """Read a file; one byte more than is allowed, so that the reader can tell and refuse.

    Of a container, which may hold gigabytes of weights, only a part is read.
    """
    if isinstance(source, str | PathLike):
        path = fspath(source)
        _call(path, order, name)
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is not needed to start
            head = file.peek(8)[:8]
            if is_container(head) and file.seekable():
                return read_container(file, head, order)
            return read_bytes(file.read(MAX_BYTES + 1), order)
    _call(str(getattr(source, "name", "-")), order, name)
    data = source.read(MAX_BYTES + 1)
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    return read_bytes(data, order)


def _call(path: str, order: Order, name: str | None) -> None:
    """Name a file, and the model in it after the file if it has no name of its own."""
    order.source_name = "-" if path in {"-", "<stdin>"} else path
    stem = "" if order.source_name == "-" else PurePath(path).stem
    order.name = name or stem or "model"
