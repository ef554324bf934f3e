"""What dense-shapes makes of a case, in the same form as Keras's side."""

from dense_shapes.dims import BATCH, DimError, prod, subs, symbol
from dense_shapes.layers import REGISTRY, InvalidOptions, ShapeError
from tests.oracle.keras_side import Outcome, arguments


def dims(shape, *, named=False):
    """Return a shape with symbols where it has None: the batch's, and open ones or `named`."""
    first, *rest = shape
    return (
        BATCH if first is None else first,
        *(symbol(f"N{i}", open=not named) if n is None else n for i, n in enumerate(rest, 1)),
    )


def environment(shape, arrays):
    """Return the value in `arrays` of each symbol that `dims` puts in `shape`."""
    names = ["batch", *(f"N{i}" for i in range(1, len(shape)))]
    values = zip(names, shape, arrays, strict=True)
    return {name: actual for name, n, actual in values if n is None}


def run(name, options, shape, dtype, arrays, *, named=False):
    """Apply the layer to a shape; `arrays` says what the sizes left open turn out to be.

    Args:
        name: The layer's class.
        options: Its options.
        shape: The input's shape, batch included, None where a size is open.
        dtype: The input's dtype.
        arrays: The shape with a number in place of each None.
        named: Whether these sizes are named by the user, rather than left open.

    Returns:
        The outcome, a refusal too if what is demanded of a size does not hold; and the MACs.
    """
    outcome = Outcome()
    x = dims(shape, named=named)
    try:
        layer = REGISTRY[name](**options)
        y = layer.output(x)
        weights = list(layer.weights(x))
        macs = layer.macs(x, y)
        layer.explain(x, y)
        list(layer.steps(x, y))
    except (InvalidOptions, ShapeError, DimError) as error:
        outcome.refusal = f"{type(error).__name__}: {error}"
        return outcome, None
    env = environment(shape, arrays)
    failing = [demand.text for demand in layer.demands if not demand.holds(env)]
    if failing:
        outcome.refusal = f"not fulfilled: {', '.join(failing)}"
        return outcome, None
    outcome.inferred = tuple(n if isinstance(n, int) else None for n in y)
    outcome.called = tuple(subs(n, env) for n in y)
    outcome.dtype = layer.output_dtype(dtype)
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


def snippet(name, options, shape, *, named=False):
    """Return Python that shows what `run` saw."""
    opened = "" if named else ", open=True"
    parts = [
        "BATCH" if i == 0 and n is None else f"symbol('N{i}'{opened})" if n is None else str(n)
        for i, n in enumerate(shape)
    ]
    return "\n".join(
        [
            "from dense_shapes.dims import BATCH, symbol",
            "from dense_shapes.layers import REGISTRY",
            f"layer = REGISTRY[{name!r}]({arguments(options)})",
            f"x = ({', '.join(parts)},)",
            "print(layer.output(x), layer.demands)",
            "print([(w.name, w.shape, w.trainable and layer.trainable) for w in layer.weights(x)])",
        ]
    )
