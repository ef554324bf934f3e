"""Sums of parameters, bytes and multiply-accumulates, as far as they are known."""

from __future__ import annotations

from typing import NamedTuple

from dense_shapes.dims import Dim


class Totals(NamedTuple):
    """Sums over all rows; None where a part is unknown."""

    params: Dim | None
    trainable_params: Dim | None
    non_trainable_params: Dim | None
    param_bytes: Dim | None
    trainable_bytes: Dim | None
    non_trainable_bytes: Dim | None
    macs: Dim | None

    def shown(self) -> dict[str, Dim | None]:
        """Return the totals that the published JSON has, in its order."""
        return {
            "params": self.params,
            "trainable_params": self.trainable_params,
            "non_trainable_params": self.non_trainable_params,
            "param_bytes": self.param_bytes,
            "macs": self.macs,
        }

    def of_params(self, *, trainable: bool | None) -> Dim | None:
        """Return the number of parameters, all or only the (non-)trainable ones."""
        if trainable is None:
            return self.params
        return self.trainable_params if trainable else self.non_trainable_params

    def of_bytes(self, *, trainable: bool | None) -> Dim | None:
        """Return the bytes of the parameters, all or only the (non-)trainable ones."""
        if trainable is None:
            return self.param_bytes
        return self.trainable_bytes if trainable else self.non_trainable_bytes


def total(parts: list[Dim | None]) -> Dim | None:
    """Return the sum, or None if a part is unknown."""
    out: Dim = 0
    for part in parts:
        if part is None:
            return None
        out = out + part
    return out
