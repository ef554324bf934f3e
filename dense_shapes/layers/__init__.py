"""The registry of layers: what each does to a shape, which weights it owns, and why.

Every registered layer is an attribute of this package: `from dense_shapes.layers import Dense`.
Families are read when they are first asked for, since few models use more than a few.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from dense_shapes.collector import paused
from dense_shapes.layers import base
from dense_shapes.layers.base import COMMON_FIELDS, OPERATIONS, Layer, Weight
from dense_shapes.layers.errors import InvalidOptions, OptionError, ShapeError
from dense_shapes.layers.fields import REQUIRED, Field, field
from dense_shapes.layers.text import snake_case

if TYPE_CHECKING:
    from dense_shapes.layers.base import REGISTRY

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
    "each_layer",
    "field",
    "find_layer",
    "operations",
    "registry",
    "snake_case",
]

_OPERATIONS = {
    "dense_shapes.layers.ops": "Operations",
    "dense_shapes.layers.ops_along": "Operations along axes",
    "dense_shapes.layers.ops_reshaping": "Operations on places",
    "dense_shapes.layers.ops_pieces": "Operations on pieces",
    "dense_shapes.layers.ops_products": "Operations that multiply matrices",
    "dense_shapes.layers.ops_images": "Operations on images",
    "dense_shapes.layers.ops_nn": "Operations of networks",
    "dense_shapes.layers.ops_windows": "Operations over windows",
    "dense_shapes.layers.ops_patches": "Operations on patches",
    "dense_shapes.layers.ops_elementwise": "Operations on values alone",
    "dense_shapes.layers.ops_statistics": "Operations on distributions",
    "dense_shapes.layers.ops_diagonals": "Operations on diagonals and ends",
    "dense_shapes.layers.ops_places": "Operations at given places",
    "dense_shapes.layers.ops_contractions": "Operations that contract axes",
    "dense_shapes.layers.ops_linalg": "Operations of linear algebra",
    "dense_shapes.layers.ops_pictures": "Operations on pictures",
    "dense_shapes.layers.ops_signals": "Operations on signals",
}

_LAYERS = {
    "dense_shapes.layers.core": "Core layers",
    "dense_shapes.layers.activations": "Activation layers",
    "dense_shapes.layers.conv": "Convolution layers",
    "dense_shapes.layers.conv_separable": "Separable convolution layers",
    "dense_shapes.layers.pooling": "Pooling layers",
    "dense_shapes.layers.normalization": "Normalization layers",
    "dense_shapes.layers.merging": "Merging layers",
    "dense_shapes.layers.regularization": "Regularization layers",
    "dense_shapes.layers.reshaping": "Reshaping layers",
    "dense_shapes.layers.embedding": "Core layers",
    "dense_shapes.layers.conv_transpose": "Transposed convolution layers",
    "dense_shapes.layers.recurrent": "Recurrent layers",
    "dense_shapes.layers.recurrent_cells": "Recurrent layers",
    "dense_shapes.layers.wrappers": "Wrapper layers",
    "dense_shapes.layers.attention": "Attention layers",
    "dense_shapes.layers.attention_heads": "Attention layers",
    "dense_shapes.layers.attention_grouped": "Attention layers",
    "dense_shapes.layers.preprocessing": "Preprocessing layers",
    "dense_shapes.layers.einsum": "Core layers",
    "dense_shapes.layers.recurrent_stack": "Recurrent layers",
    "dense_shapes.layers.conv_lstm": "Recurrent layers",
    "dense_shapes.layers.applications": "Layers that models of `keras.applications` bring along",
    "dense_shapes.layers.foreign": "Layers of foreign code",
    "dense_shapes.layers.spectral": "Wrapper layers",
    "dense_shapes.layers.features": "Feature layers",
    "dense_shapes.layers.lookup": "Vocabulary layers",
    "dense_shapes.layers.vectorization": "Text layers",
    "dense_shapes.layers.images": "Image sizes",
    "dense_shapes.layers.images_color": "Image colours",
    "dense_shapes.layers.images_geometry": "Image geometry",
    "dense_shapes.layers.images_mixing": "Image mixtures",
    "dense_shapes.layers.pipeline": "Pipelines",
    "dense_shapes.layers.spectrograms": "Spectrograms",
}

FAMILIES = _LAYERS | _OPERATIONS
"""The modules that hold layers, each with its title, the most used first."""

_waiting = [*reversed(_LAYERS)]
"""The families that have not been read yet, the next one last."""


def _read_next() -> None:
    """Read one more family; after the last one, put the layers in the order of the families."""
    import_module(_waiting.pop())
    if not _waiting:
        # Some families need others, so that they were not read in that order.
        places = {module: i for i, module in enumerate(FAMILIES)}
        layers = sorted(base.REGISTRY.items(), key=lambda pair: places[pair[1].__module__])
        base.REGISTRY.clear()
        base.REGISTRY.update(layers)


def registry() -> dict[str, type[Layer]]:
    """Return every layer by its canonical name, family by family; asking for one reads less."""
    if _waiting:
        with paused():  # classes are full of cycles, none of which is garbage
            while _waiting:
                _read_next()
    return base.REGISTRY


def each_layer() -> Iterator[type[Layer]]:
    """Yield every layer; families are read only as far as one asks for more."""
    seen: set[str] = set()
    while True:
        for name, layer in [*base.REGISTRY.items()]:
            if name not in seen:
                seen.add(name)
                yield layer
        if not _waiting:
            return
        _read_next()


def operations() -> dict[str, type[Layer]]:
    """Return every bare operation of `keras.ops` by its canonical name, such as `ops.Add`."""
    for module in _OPERATIONS:
        import_module(module)
    return OPERATIONS


def find_layer(name: str) -> type[Layer] | None:
    """Return the layer or operation of that name or alias, in any letter case, or None."""
    found = base.find_layer(name)
    if found is None and name[:4].lower() == "ops.":
        for module in _OPERATIONS:
            import_module(module)
            found = base.find_layer(name)
            if found is not None:
                break
        return found
    while found is None and _waiting:
        _read_next()
        found = base.find_layer(name)
    return found


def __getattr__(name: str) -> Any:
    if name == "REGISTRY":
        return registry()
    # Modules of this package are asked for in this way too; the names of layers are capitalised.
    found = find_layer(name) if name[:1].isupper() else None
    if found is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return found
