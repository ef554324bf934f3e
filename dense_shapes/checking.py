"""A model held to what is expected of it, and to what it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, NamedTuple

from dense_shapes.api import MAX_BYTES, Lambdas, Model, Readable, add_problems, analysed
from dense_shapes.checks import evaluate
from dense_shapes.collector import paused
from dense_shapes.diagnostics import Diagnostic, sort_key
from dense_shapes.plugins import load_plugins
from dense_shapes.report import Report, report_on
from dense_shapes.source import DecodeError, Source, decode
from dense_shapes.spec.data import plain_data
from dense_shapes.spec.document import load
from dense_shapes.spec.expect import read_expectations
from dense_shapes.spec.nodes import Mapping as Branch
from dense_shapes.spec.nodes import Node
from dense_shapes.spec.problems import Problems
from dense_shapes.summary import Summary

if TYPE_CHECKING:
    from dense_shapes.baseline import Baseline


def check(
    source: Model,
    expect: Model | None = None,
    *,
    baseline: str | PathLike[str] | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as in summarize
    plugins: Iterable[str] = (),
    lambdas: Lambdas | None = None,
) -> Report:
    """Hold a model to what is expected of it.

    Args:
        source: See `summarize`.
        expect: Expectations beside those of the model's own file: a path, a file object, or a
            mapping such as `{"params": "<= 10M"}`.
        baseline: A file that says what the model was, from which it may not differ.
        set: See `summarize`.
        plugins: See `summarize`.
        lambdas: See `summarize`.

    Returns:
        The report. Neither a failed expectation nor a model that is wrong raises: both make it
        not `ok`, and stand in its `diagnostics`.

    Raises:
        OSError: A file cannot be read.
        SettingError: A name in `set` that the model does not have, or a value it cannot take.
        PluginError: A plugin cannot be loaded.
        MissingExtraError: The file needs a package that is not installed.

    >>> spec = {"input_shape": [4], "layers": [{"Dense": 2}]}
    >>> check(spec, {"params": "<= 10", "output_shape": [None, 2]}).ok
    True
    >>> report = check(spec, {"params": 12})
    >>> report.ok, report.expectations[0].message
    (False, 'params: expected 12, found 10: 2 too few (-16.7%)')
    """
    given = [] if expect is None else [read_expected(expect)]
    kept = None
    if baseline is not None:
        from dense_shapes.baseline import open_baseline  # noqa: PLC0415 - few checks have one

        kept = open_baseline(fspath(baseline))
    return examine(source, given, baseline=kept, set=set, plugins=plugins, lambdas=lambdas)


def examine(
    source: Model,
    expected: Iterable[Expected] = (),
    *,
    baseline: Baseline | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as in summarize
    plugins: Iterable[str] = (),
    input_shapes: Mapping[str, Iterable[int | str | None]] | None = None,
    texts: bool = True,
    lambdas: Lambdas | None = None,
) -> Report:
    """Hold a model to expectations that are read already; see `check` and `analyse`.

    Args:
        source: See `summarize`.
        expected: What `read_expected` gave.
        baseline: What the model was, from which it may not differ.
        set: See `summarize`.
        plugins: See `summarize`.
        input_shapes: See `analyse`.
        texts: Whether the report's summary is to have explanations.
        lambdas: See `summarize`.

    Raises:
        OSError: The file cannot be read.
        SettingError: A name in `set` that the model does not have, or a value it cannot take.
        PluginError: A plugin cannot be loaded.
        MissingExtraError: The file needs a package that is not installed.
    """
    load_plugins(plugins)
    with paused():
        summary, model, symbols = analysed(
            source, dict(set or {}), input_shapes or {}, lambdas, texts=texts
        )
        expectations = list(model.expectations)
        problems: list[Diagnostic] = []
        for given in expected:
            problems += given.diagnostics
            if given.root is None:
                continue
            found = Problems(given.source)
            expectations += read_expectations(
                given.root, model, symbols, found, place=given.place, broken=not summary.ok
            )
            problems += sorted(found.found, key=sort_key)
        outcomes = evaluate(expectations, summary)
        if baseline is not None:
            outcomes.append(baseline.hold(summary, model))
        add_problems(summary, model.misread)
        if not outcomes and not problems and summary.ok:
            problems.append(_nothing(summary))
        return report_on(summary, outcomes, problems)


def _nothing(summary: Summary) -> Diagnostic:
    return Diagnostic(
        code="DS410",
        message="nothing is expected of this model: it is only known to be well-formed",
        where=summary.source,
        help="say it under `expect:` in the spec, in a file for --expect, or by options such as "
        "--params '<= 5M'",
    )


class Expected(NamedTuple):
    """Expectations that stand outside the model's file.

    Attributes:
        root: The tree, None if there is none.
        source: The file they stand in, None for data that was never a text.
        diagnostics: What is wrong with the file as such.
        place: Where they stand, for data without lines.
    """

    root: Node | None
    source: Source | None
    diagnostics: list[Diagnostic]
    place: str


def read_expected(expect: Model, place: str = "expect") -> Expected:
    """Read a file of expectations, or a mapping of them.

    Args:
        expect: A path, a file object or a mapping.
        place: What to call the place of a mapping.

    Raises:
        OSError: The file cannot be read.
    """
    if isinstance(expect, Mapping):
        root, diagnostics = plain_data(dict(expect))
        return Expected(root, None, diagnostics, place)
    data, name = _content(expect)
    try:
        source = decode(name, data)
    except DecodeError as error:
        empty = Source(name, "")
        message = f"not a text file: {error.message}"
        return Expected(None, empty, [Diagnostic(code="DS001", message=message, source=empty)], "")
    if source.text.lstrip().startswith("{"):
        from dense_shapes.spec.escapes import without_surrogates  # noqa: PLC0415 - JSON only

        source = Source(name, without_surrogates(source.text))
    root, diagnostics = load(source)
    if root is None and [d.code for d in diagnostics] == ["DS003"]:
        return Expected(None, source, [], "")  # empty: nothing is expected
    if isinstance(root, Branch) and [key.text for key, _ in root.entries] == ["expect"]:
        root = root.get("expect")  # as it stands in a spec
    return Expected(root, source, diagnostics, "")


def _content(source: str | PathLike[str] | Readable) -> tuple[bytes, str]:
    """Return a file's bytes, one more than is allowed, and what to call the file."""
    if isinstance(source, str | PathLike):
        path = fspath(source)
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib is not needed to start
            data: str | bytes = file.read(MAX_BYTES + 1)
    else:
        path = str(getattr(source, "name", "-"))
        data = source.read(MAX_BYTES + 1)
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    return data, "-" if path == "<stdin>" else path
