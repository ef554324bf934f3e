"""Sizes that are numbers or expressions: algebra, text form, bounds and requirements."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dense_shapes.dims.errors import DimError, DimSyntaxError
from dense_shapes.dims.expr import BATCH, Dim, Expr, is_open, subs, symbol, symbols_of
from dense_shapes.dims.requirements import Requirement, at_least, divides, equal
from dense_shapes.dims.rounding import ceil_div, dim_max, dim_min, exact_div, floor_div, prod

if TYPE_CHECKING:
    from dense_shapes.dims.bounds import lower_bound, upper_bound
    from dense_shapes.dims.parse import parse_dim

__all__ = [
    "BATCH",
    "Dim",
    "DimError",
    "DimSyntaxError",
    "Expr",
    "Requirement",
    "at_least",
    "ceil_div",
    "dim_max",
    "dim_min",
    "divides",
    "equal",
    "exact_div",
    "floor_div",
    "is_open",
    "lower_bound",
    "parse_dim",
    "prod",
    "subs",
    "symbol",
    "symbols_of",
    "upper_bound",
]

# Models whose sizes are all numbers need none of these.
_LATER = {"lower_bound": "bounds", "parse_dim": "parse", "upper_bound": "bounds"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
