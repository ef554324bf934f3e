"""A model written anew, from what it was read from to text or data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, overload

from dense_shapes.api import Lambdas, Model, ModelError, analysed
from dense_shapes.collector import paused
from dense_shapes.conversion.errors import CannotConvert, Conversion
from dense_shapes.plugins import load_plugins
from dense_shapes.summary import Summary


@overload
def convert(
    source: Model,
    to: Literal["native"],
    *,
    set: Mapping[str, Any] | None = None,
    plugins: Iterable[str] = (),
    lambdas: Lambdas | None = None,
) -> str: ...


@overload
def convert(
    source: Model,
    to: Literal["keras"],
    *,
    set: Mapping[str, Any] | None = None,
    plugins: Iterable[str] = (),
    lambdas: Lambdas | None = None,
) -> dict[str, Any]: ...


def convert(
    source: Model,
    to: Literal["native", "keras"],
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as in summarize
    plugins: Iterable[str] = (),
    lambdas: Lambdas | None = None,
) -> str | dict[str, Any]:
    """Write a model anew, as a spec or as a Keras config.

    Args:
        source: See `summarize`.
        to: "native" for the text of a spec, "keras" for a Keras 3 config.
        set: See `summarize`.
        plugins: See `summarize`.
        lambdas: See `summarize`.

    Returns:
        The text, or the config, which `json.dumps` makes into what
        `keras.models.model_from_json` loads.

    Raises:
        ModelError: The model is wrong, or the new form cannot hold a part of it.
        OSError: The file cannot be read.
        SettingError: A name in `set` that the model does not have, or a value it cannot take.
        PluginError: A plugin cannot be loaded.
        MissingExtraError: The file needs a package that is not installed.

    >>> print(convert({"input_shape": [4], "layers": [{"type": "Dense", "units": 2}]}, "native"))
    name: model
    input_shape: [4]
    layers:
      - Dense: 2
    <BLANKLINE>
    """
    value, summary = rewrite(source, to, set=set, plugins=plugins, lambdas=lambdas)
    if value is None:
        raise ModelError(summary)
    return value


def rewrite(
    source: Model,
    to: Literal["native", "keras"],
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as in summarize
    plugins: Iterable[str] = (),
    input_shapes: Mapping[str, Iterable[int | str | None]] | None = None,
    lambdas: Lambdas | None = None,
    ascii_only: bool = False,
) -> tuple[str | dict[str, Any] | None, Summary]:
    """Convert a model as far as it goes.

    Args:
        source: See `convert`.
        to: See `convert`.
        set: See `convert`.
        plugins: See `convert`.
        input_shapes: See `analyse`.
        lambdas: See `summarize`.
        ascii_only: Whether a spec is to have other letters than those of ASCII escaped.

    Returns:
        What was made, or None; and the model's summary, with what is wrong or was changed among
        its diagnostics.

    Raises:
        ValueError: There is no such form.
        OSError: The file cannot be read.
        SettingError: A name in `set` that the model does not have, or a value it cannot take.
        PluginError: A plugin cannot be loaded.
    """
    load_plugins(plugins)
    with paused():
        given = dict(set or {}), input_shapes or {}, lambdas
        summary, model, _ = analysed(source, *given, texts=False, advice=False)
        if not summary.ok:
            return None, summary
        made: Conversion[str] | Conversion[dict[str, Any]]
        try:
            if to == "native":
                from dense_shapes.conversion.native import to_native  # noqa: PLC0415

                made = to_native(model, ascii_only=ascii_only)
            elif to == "keras":
                from dense_shapes.conversion.keras import to_keras  # noqa: PLC0415

                made = to_keras(model)
            else:
                raise ValueError(f"expected 'native' or 'keras', found {to!r}")
        except CannotConvert as error:
            summary.diagnostics += error.diagnostics
            return None, summary
    summary.diagnostics += made.notes
    return made.value, summary
