"""The bare operations of Keras: how they are found, made and called."""

import inspect

from keras.src.ops import core, image, linalg, math, nn, numpy

HOMES = (numpy, nn, core, math, linalg, image)

LISTED = ("ops.Stack", "ops.Concatenate", "ops.Hstack", "ops.Vstack", "ops.Dstack")
"""Operations that are called with a list of inputs."""


OPTIONAL = ("constant_values", "rtol", "atol")
"""Operands that Keras does without. Of others it takes None too, and makes no sense of it."""


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
        option: key(value) if option == "key" else value
        for option, value in options.items()
        if option in operands and option not in known
    }
    own = {option: value for option, value in options.items() if option not in constants}
    constants = {
        option: value for option, value in constants.items() if value is not None or option == "key"
    }

    def call(operation, source):
        if name in LISTED:
            return operation(source)
        inputs = source if isinstance(source, list) else [source]
        if "operands" in operands:
            return operation(*inputs)
        free = [operand for operand in operands if operand not in constants]
        if len(inputs) != len([operand for operand in free if operand not in OPTIONAL]):
            raise TypeError("as many inputs are needed as there are operands without a constant")
        given = dict(zip(free, inputs, strict=False)) | constants
        return operation(*[given[operand] for operand in operands if operand in given])

    made = cls(**own)
    if isinstance(getattr(made, "axis", None), list):
        # NumPy alone takes several axes as a tuple only.
        made.axis = tuple(made.axis)
    return made, call


def key(parts):
    """Return the key of a slice as Python has it."""
    if isinstance(parts, list | tuple):
        return tuple(map(key, parts))
    if isinstance(parts, dict):
        return slice(parts.get("start"), parts.get("stop"), parts.get("step"))
    return ... if parts == "..." else parts
