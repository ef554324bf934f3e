"""The options of an EinsumDense that are written in letters."""

from __future__ import annotations

import re
from typing import Any

from dense_shapes.layers.base import Layer
from dense_shapes.layers.fields import Type

_FORMS = (
    r"([A-Za-z]+),([A-Za-z]+)->([A-Za-z]+)"
    r"|\.\.\.([A-Za-z]+),([A-Za-z]+)->\.\.\.([A-Za-z]+)"
    r"|([A-Za-z]{2,})\.\.\.,([A-Za-z]+)->([A-Za-z]+)\.\.\."
)
"""The forms of `keras.src.layers.core.einsum_dense`: no dots, dots in front, dots at the end.

Compiling them would take longer than the import of most families.
"""


class Equation(Type):
    """Letters for the axes of the input, the kernel and the output."""

    def read(self, value: Any, layer: Layer) -> str:
        """Return the text."""
        if not isinstance(value, str) or not re.fullmatch(_FORMS, value):
            error = self.refuse(value, layer)
            error.help = "the forms are abc,cd->abd, ...c,cd->...d and ab...,bc->ac..."
            raise error
        return value

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return "letters for the axes of input, kernel and output, such as 'abc,cd->abd'"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"type": "string", "pattern": f"^({_FORMS})$"}


class Letters(Type):
    """Some letters."""

    def read(self, value: Any, layer: Layer) -> str:
        """Return the text."""
        if not isinstance(value, str) or not value.isalpha():
            raise self.refuse(value, layer)
        return value

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return "letters of the output, such as 'd'"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"type": "string", "pattern": "^[A-Za-z]+$"}
