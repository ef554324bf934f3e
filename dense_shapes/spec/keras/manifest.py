"""The weights that TensorFlow.js lists beside a model."""

from __future__ import annotations

from typing import Any

from dense_shapes.spec.keras.inbound import read_shape
from dense_shapes.spec.keras.options import Factory

Manifest = list[tuple[str, tuple[int | None, ...]]]


def read_manifest(value: Any, factory: Factory) -> Manifest | None:
    """Return the names and shapes of a `weightsManifest`, or None where there is none."""
    if value is None:
        return None
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
            if not isinstance(name, str) or shape is None:
                factory.report(
                    "DS105",
                    "expected a weight with its name and shape",
                    ("weightsManifest", i, "weights", k),
                )
                return None
            out.append((name, shape))
    return out
