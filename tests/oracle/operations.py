"""The bare operations of Keras: how they are found, made and called."""

import inspect

import numpy as np
from keras.src.ops import core, image, linalg, math, nn, numpy

HOMES = (numpy, nn, core, math, linalg, image)

LISTED = (
    *("ops.Stack", "ops.Concatenate", "ops.Hstack", "ops.Vstack", "ops.Dstack"),
    *("ops.FFT", "ops.FFT2", "ops.IFFT2", "ops.IRFFT", "ops.ISTFT"),
)
"""Operations that are called with a list of inputs."""


ABSENT = ("offset", "scale", "gamma", "beta", "bias", "mask", "weights")
"""Operands that Keras is told of even where there are none."""

OPTIONAL = ("constant_values", "rtol", "atol", *ABSENT)
"""Operands that Keras does without. Of others it takes None too, and makes no sense of it."""

TUPLES = ("pool_size", "strides", "output_size", "size")
"""Options that NumPy, and other backends, take as tuples only, though Keras saves them as lists."""


def find(name):
    """Return Keras's class of an operation, such as `ops.Add`."""
    own = name.removeprefix("ops.")
    return next(getattr(home, own) for home in HOMES if hasattr(home, own))


def prepared(name, options):
    """Return the operation, and what calls it on its inputs and on constants.

    Those options that the constructor does not know belong to the call.
    """
    cls = find(name)
    known = inspect.signature(cls.__init__).parameters
    operands = [p for p in inspect.signature(cls.call).parameters if p != "self"]
    constants = {
        option: key(value) if option == "key" else array(value)
        for option, value in options.items()
        if option in operands and option not in known
    }
    own = {option: value for option, value in options.items() if option not in constants}
    constants = {
        option: value for option, value in constants.items() if value is not None or option == "key"
    }
    for option in TUPLES:
        if isinstance(own.get(option), list):
            own[option] = tuple(own[option])
    if "data_format" in known:
        # The functions, which users call, settle it before they make the operation.
        given = own.get("data_format")
        own["data_format"] = "channels_last" if given is None else given
        if isinstance(given, str):
            own["data_format"] = given.lower()

    def call(operation, source):
        if name in LISTED:
            return operation(source)
        inputs = source if isinstance(source, list) else [source]
        if "operands" in operands:
            return operation(*inputs)
        free = [operand for operand in operands if operand not in constants]
        least = len([operand for operand in free if operand not in OPTIONAL])
        if not least <= len(inputs) <= least + ("weights" in free):
            raise TypeError("as many inputs are needed as there are operands without a constant")
        given = dict(zip(free, inputs, strict=False)) | constants
        absent = {operand: given.pop(operand, None) for operand in operands if operand in ABSENT}
        return operation(*[given[operand] for operand in operands if operand in given], **absent)

    made = cls(**own)
    if isinstance(getattr(made, "axis", None), list):
        # NumPy alone takes several axes as a tuple only.
        made.axis = tuple(made.axis)
    return made, call


def array(value):
    """Return a list as an array of the dtype that Keras gives it by itself."""
    if not isinstance(value, list | tuple):
        return value
    made = np.array(value)
    return made.astype({"f": "float32", "i": "int32"}.get(made.dtype.kind, made.dtype))


def key(parts):
    """Return the key of a slice as Python has it."""
    if isinstance(parts, list | tuple):
        return tuple(map(key, parts))
    if isinstance(parts, dict):
        return slice(parts.get("start"), parts.get("stop"), parts.get("step"))
    return ... if parts == "..." else parts
