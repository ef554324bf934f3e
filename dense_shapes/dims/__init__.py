"""Sizes that are numbers or expressions: algebra, text form, bounds and requirements."""

from dense_shapes.dims.errors import DimError, DimSyntaxError
from dense_shapes.dims.expr import BATCH, Dim, Expr, is_open, subs, symbol, symbols_of
from dense_shapes.dims.requirements import Requirement, at_least, divides, equal
from dense_shapes.dims.rounding import ceil_div, dim_max, dim_min, exact_div, floor_div, prod

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
    "prod",
    "subs",
    "symbol",
    "symbols_of",
]
