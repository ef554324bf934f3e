"""The registry of layers: what each does to a shape, which weights it owns, and why.

Every registered layer is an attribute of this package: `from dense_shapes.layers import Dense`.
"""

from importlib import import_module

from dense_shapes.layers import (
    activations,
    applications,
    attention,
    attention_heads,
    conv,
    conv_lstm,
    conv_separable,
    conv_transpose,
    core,
    einsum,
    embedding,
    features,
    foreign,
    images,
    images_color,
    images_geometry,
    images_mixing,
    lookup,
    merging,
    normalization,
    pipeline,
    pooling,
    preprocessing,
    recurrent,
    recurrent_cells,
    recurrent_stack,
    regularization,
    reshaping,
    spectral,
    spectrograms,
    vectorization,
    wrappers,
)
from dense_shapes.layers.base import (
    COMMON_FIELDS,
    OPERATIONS,
    REGISTRY,
    Layer,
    Weight,
    snake_case,
)
from dense_shapes.layers.base import find_layer as _find_layer
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
    "operations",
    "snake_case",
]

_OPERATIONS = {
    "dense_shapes.layers.ops": "Operations",
    "dense_shapes.layers.ops_reshaping": "Operations on places",
    "dense_shapes.layers.ops_pieces": "Operations on pieces",
    "dense_shapes.layers.ops_products": "Operations that multiply matrices",
}

FAMILIES = {
    module.__name__: (module.__doc__ or "").split(".")[0].split(":")[0]
    for module in (
        core,
        embedding,
        einsum,
        activations,
        conv,
        conv_separable,
        conv_transpose,
        merging,
        pooling,
        normalization,
        recurrent,
        recurrent_cells,
        recurrent_stack,
        conv_lstm,
        attention,
        attention_heads,
        wrappers,
        pipeline,
        spectral,
        regularization,
        reshaping,
        preprocessing,
        features,
        lookup,
        vectorization,
        images,
        images_color,
        images_geometry,
        images_mixing,
        spectrograms,
        applications,
        foreign,
    )
} | _OPERATIONS
"""The modules that hold layers, each with its title, in the order in which they are listed."""


def operations() -> dict[str, type[Layer]]:
    """Return every bare operation of `keras.ops` by its canonical name, such as `ops.Add`.

    Few models use them, so that they are read when they are first asked for.
    """
    for module in _OPERATIONS:
        import_module(module)
    return OPERATIONS


def find_layer(name: str) -> type[Layer] | None:
    """Return the layer or operation of that name or alias, in any letter case, or None."""
    if name[:4].lower() == "ops.":
        operations()
    return _find_layer(name)


def __getattr__(name: str) -> type[Layer]:
    try:
        return REGISTRY[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
