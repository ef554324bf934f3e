"""The weights that TensorFlow.js lists beside a model."""

from __future__ import annotations

from typing import Any

from dense_shapes.spec.keras.inbound import read_shape
from dense_shapes.spec.keras.options import Factory

Manifest = list[tuple[str, tuple[int | None, ...], str | None]]
"""The name, the shape and the dtype of each weight; the dtype is None where it is not said."""


def read_manifest(value: Any, factory: Factory) -> Manifest | None:
    """Return what a `weightsManifest` lists, or None where it is wrong, which is reported.

    The dtype of a weight that is stored quantized is the one that it has again when it is read.
    """
    out: Manifest = []
    for i, group in enumerate(value if isinstance(value, list) else [None]):
        weights = group.get("weights") if isinstance(group, dict) else None
        if not isinstance(weights, list):
            factory.report(
                "DS105", "expected groups of weights in the manifest", ("weightsManifest", i)
            )
            return None
        for k, weight in enumerate(weights):
            name = weight.get("name") if isinstance(weight, dict) else None
            shape = read_shape(weight.get("shape")) if isinstance(weight, dict) else None
            dtype = weight.get("dtype") if isinstance(weight, dict) else None
            if not isinstance(name, str) or shape is None or not isinstance(dtype, str | None):
                factory.report(
                    "DS105",
                    "expected a weight with its name, shape and dtype",
                    ("weightsManifest", i, "weights", k),
                )
                return None
            out.append((name, shape, dtype))
    return out
