"""What dense-shapes makes of a case, in the same form as Keras's side."""

from string import ascii_uppercase

from dense_shapes.dims import BATCH, DimError, prod, subs, symbol
from dense_shapes.layers import REGISTRY, InvalidOptions, ShapeError, find_layer
from tests.oracle.keras_side import Outcome, arguments, imports
from tests.oracle.nested import made
from tests.oracle.shapes import each, listed


def names(arrays, *, alike=False):
    """Return a name for each size: one of its place, or one of its number if `alike`.

    >>> names((2, 3, 3)), names([(2, 3), (2, 4)])
    (('batch', 'N1', 'N2'), [('batch', 'A1'), ('batch', 'B1')])
    >>> names([(2, 3), (2, 3, 4)], alike=True)
    [('batch', 'S3'), ('batch', 'S3', 'S4')]
    """

    def of(sizes, letter):
        each_size = enumerate(sizes[1:], 1)
        return ("batch", *(f"S{n}" if alike else f"{letter}{i}" for i, n in each_size))

    letters = list(ascii_uppercase[: len(arrays)]) if isinstance(arrays, list) else "N"
    return each(of, arrays, letters)


def dims(shape, called, *, named=None):
    """Return a shape with symbols where it has None: the batch's, and open ones or `named`."""
    return tuple(
        n
        if n is not None
        else BATCH
        if name == "batch"
        else symbol(name, open=not named, minimum=1)
        for n, name in zip(shape, called, strict=True)
    )


def environment(shape, arrays, called):
    """Return the value in `arrays` of each symbol that `dims` puts in `shape`."""
    env = {}
    for together in zip(listed(shape), listed(arrays), listed(called), strict=True):
        env |= {name: actual for n, actual, name in zip(*together, strict=True) if n is None}
    return env


def run(name, options, shape, dtype, arrays, call=None, *, named=None):
    """Apply the layer to a shape; `arrays` says what the sizes left open turn out to be.

    Args:
        name: The layer's class.
        options: Its options.
        shape: The input's shape, batch included, None where a size is open; or a list of shapes.
        dtype: The dtype of the input, or of all.
        arrays: The shape with a number in place of each None, or a list.
        call: The call's arguments beside the inputs.
        named: Whether these sizes are named by the user rather than left open, all of them
            "apart", or equal ones "alike".

    Returns:
        The outcome, a refusal too if what is demanded of a size does not hold; and the MACs.
    """
    outcome = Outcome()
    called = names(arrays, alike=named == "alike")
    x = each(lambda one, own: dims(one, own, named=named), shape, called)
    least, most = find_layer(name).inputs
    if not least <= len(listed(shape)) <= (most or len(listed(shape))):
        outcome.refusal = f"{len(listed(shape))} inputs"
        return outcome, None
    try:
        layer = find_layer(name)(**made(options, REGISTRY))
        layer.call = call or {}
        layer.input_dtypes = [dtype] * len(listed(shape))
        y = layer.output(x)
        weights = list(layer.weights(x))
        macs = layer.macs(x, y)
        layer.explain(x, y)
        list(layer.steps(x, y))
        dtypes = layer.output_dtypes([dtype] * len(listed(shape)))
        outcome.dtype = dtypes if isinstance(y, list) else dtypes[0]
    except (InvalidOptions, ShapeError, DimError) as error:
        outcome.refusal = f"{type(error).__name__}: {error}"
        return outcome, None
    env = environment(shape, arrays, called)
    failing = [demand.text for demand in layer.demands if not demand.holds(env)]
    if failing:
        outcome.refusal = f"not fulfilled: {', '.join(failing)}"
        return outcome, None
    outcome.inferred = each(lambda one: tuple(n if isinstance(n, int) else None for n in one), y)
    outcome.called = each(lambda one: tuple(subs(n, env) for n in one), y)
    outcome.weights = [
        (
            w.name,
            tuple(subs(n, env) for n in w.shape),
            w.trainable and layer.trainable,
            w.dtype or layer.variable_dtype,
        )
        for w in weights
    ]
    total = sum(prod(w[1]) for w in outcome.weights)
    trained = sum(prod(w[1]) for w in outcome.weights if w[2])
    outcome.params = (total, trained, total - trained)
    return outcome, subs(macs, env)


def snippet(name, options, shape, dtype, arrays, call=None, *, named=None):
    """Return Python that shows what `run` saw."""
    opened = ", minimum=1" if named else ", open=True, minimum=1"

    def write(one, own):
        known = [
            str(n) if n is not None else "BATCH" if name == "batch" else f"symbol({name!r}{opened})"
            for n, name in zip(one, own, strict=True)
        ]
        return f"({', '.join(known)},)"

    x = each(write, shape, names(arrays, alike=named == "alike"))
    return "\n".join(
        [
            "from dense_shapes.dims import BATCH, symbol",
            "from dense_shapes import layers",
            *imports(options),
            f"layer = layers.find_layer({name!r})({arguments(options)})",
            f"layer.call = {call or {}}",
            f"x = [{', '.join(x)}]" if isinstance(x, list) else f"x = {x}",
            "print(layer.output(x), layer.demands)",
            "print([(w.name, w.shape, w.trainable and layer.trainable) for w in layer.weights(x)])",
        ]
    )
