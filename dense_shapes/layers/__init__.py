"""The registry of layers: what each does to a shape, which weights it owns, and why.

Every registered layer is an attribute of this package: `from dense_shapes.layers import Dense`.
"""

from dense_shapes.layers import (
    activations,
    conv,
    core,
    normalization,
    pooling,
    preprocessing,
    regularization,
    reshaping,
)
from dense_shapes.layers.base import (
    COMMON_FIELDS,
    REGISTRY,
    Layer,
    Weight,
    find_layer,
    snake_case,
)
from dense_shapes.layers.errors import InvalidOptions, OptionError, ShapeError
from dense_shapes.layers.fields import REQUIRED, Field, field

__all__ = [
    "COMMON_FIELDS",
    "FAMILIES",
    "REGISTRY",
    "REQUIRED",
    "Field",
    "InvalidOptions",
    "Layer",
    "OptionError",
    "ShapeError",
    "Weight",
    "field",
    "find_layer",
    "snake_case",
]

FAMILIES = {
    module.__name__: (module.__doc__ or "").split(".")[0].split(":")[0]
    for module in (
        core,
        activations,
        conv,
        pooling,
        normalization,
        regularization,
        reshaping,
        preprocessing,
    )
}
"""The modules that hold layers, each with its title, in the order in which they are listed."""


def __getattr__(name: str) -> type[Layer]:
    try:
        return REGISTRY[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
