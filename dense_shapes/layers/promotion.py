"""Which dtype comes out where dtypes meet: Keras's table of promotions."""

from __future__ import annotations

from functools import cache

_ABOVE = {
    "bool": ("int",),
    "uint8": ("int16", "uint16"),
    "uint16": ("int32", "uint32"),
    "uint32": ("int64", "uint64"),
    "uint64": ("float",),
    "int": ("uint8", "int8", "complex64"),
    "int8": ("int16",),
    "int16": ("int32",),
    "int32": ("int64",),
    "int64": ("float",),
    "float": ("bfloat16", "float16"),
    "bfloat16": ("float32",),
    "float16": ("float32",),
    "float32": ("float64", "complex64"),
    "float64": ("complex128",),
    "complex64": ("complex128",),
    "complex128": (),
}
"""What each dtype is promoted to first; `int` and `float` are plain numbers, which take no side."""

_SETTLED = {
    "int": "int32",
    "float": "float32",
    "int64": "int32",
    "uint64": "uint32",
    "float64": "float32",
    "complex128": "complex64",
}
"""Plain numbers get 32 bits, and as outside TensorFlow, so does what had 64."""


@cache
def promote(*dtypes: str) -> str:
    """Return the dtype in which values of these dtypes meet.

    The rules are those of `keras.src.backend.common.dtypes.result_type`.

    >>> promote("int32", "float16"), promote("bool", "int"), promote("uint8", "int8")
    ('float16', 'int32', 'int16')
    """
    if not all(dtype in _ABOVE for dtype in dtypes):
        return dtypes[0]
    common = set.intersection(*(_reached(dtype) for dtype in dtypes))
    least = next(dtype for dtype in common if common <= _reached(dtype))
    return _SETTLED.get(least, least)


@cache
def _reached(dtype: str) -> set[str]:
    out = {dtype}
    for above in _ABOVE[dtype]:
        out |= _reached(above)
    return out
