"""Tells what every layer of a neural network does to shapes, its parameters, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dense_shapes.api import ModelError, diff, summarize
    from dense_shapes.checking import check
    from dense_shapes.comparison.diff import Diff
    from dense_shapes.layers import Layer, Weight, field
    from dense_shapes.plugins import PluginError
    from dense_shapes.report import Report
    from dense_shapes.rewriting import convert
    from dense_shapes.spec.symbols import SettingError
    from dense_shapes.summary import Summary

__version__ = "0.1.0"

__all__ = [
    "Diff",
    "Layer",
    "ModelError",
    "PluginError",
    "Report",
    "SettingError",
    "Summary",
    "Weight",
    "__version__",
    "check",
    "convert",
    "diff",
    "field",
    "summarize",
]

_HOMES = {
    "Diff": "comparison.diff",
    "Layer": "layers",
    "ModelError": "api",
    "PluginError": "plugins",
    "Report": "report",
    "SettingError": "spec.symbols",
    "Summary": "summary",
    "Weight": "layers",
    "check": "checking",
    "diff": "api",
    "convert": "rewriting",
    "field": "layers",
    "summarize": "api",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for only then: `--version` needs none of it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - see above

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
