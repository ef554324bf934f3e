"""An assertion for test suites: that a model is what is expected of it.

>>> spec = {"input_shape": [4], "layers": [{"Dense": 2}]}
>>> assert_architecture(spec, params="<= 10", output_shape=[None, 2])
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from typing import Any

from dense_shapes.api import Model
from dense_shapes.baseline import open_baseline
from dense_shapes.checking import examine, read_expected
from dense_shapes.render.snippets import render_text


def assert_architecture(
    source: Model,
    expect: Model | None = None,
    *,
    baseline: str | PathLike[str] | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as in summarize
    plugins: Iterable[str] = (),
    **expectations: Any,
) -> None:
    """Fail, with the diagnostics as the message, unless a model is as expected.

    Args:
        source: See `dense_shapes.summarize`.
        expect: Expectations beside those of the model's own file: a path, a file object or a
            mapping.
        baseline: A file that says what the model was, from which it may not differ.
        set: Values for vars and open sizes.
        plugins: Modules to import first, for the layers they define.
        **expectations: Further ones by name, such as `params="<= 10M"`.

    Raises:
        AssertionError: The model is wrong, or an expectation does not hold.
        OSError: A file cannot be read.
        SettingError: A name in `set` that the model does not have, or a value it cannot take.
        PluginError: A plugin cannot be loaded.
    """
    __tracebackhide__ = True  # pytest shows the line of the test instead
    expected = [] if expect is None else [read_expected(expect)]
    if expectations:
        expected.append(read_expected(expectations, "assert_architecture"))
    kept = None if baseline is None else open_baseline(fspath(baseline))
    report = examine(source, expected, baseline=kept, set=set, plugins=plugins)
    if not report.ok:
        errors = [d for d in report.diagnostics if d.severity == "error"]
        raise AssertionError(render_text(errors))
