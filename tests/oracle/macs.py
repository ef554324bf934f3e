"""Multiply-accumulates, counted one by one from the definition of each layer."""

from itertools import product


def count(case, outcome):
    """Return the MACs of one example, given what Keras found; 0 for layers without products."""
    name, options = case.name, case.options
    weights = {weight[0]: weight[1] for weight in outcome.weights}
    if name == "Dense":
        rows, columns = weights["kernel"]
        return sum(rows * columns for _ in product(*map(range, case.arrays[1:-1])))
    if name.startswith(("Conv", "DepthwiseConv")):
        return _slid(case.arrays, options, weights["kernel"])
    return 0


def _slid(shape, options, kernel):
    """Count every weight of a kernel once at every place where its window stops."""
    first = (options.get("data_format") or "").lower() == "channels_first"
    positions = shape[2:] if first else shape[1:-1]
    rank = len(positions)
    strides = _each(options.get("strides", 1), rank)
    dilations = _each(options.get("dilation_rate", 1), rank)
    padded = options.get("padding", "valid").lower() != "valid"
    stops = [
        [at for at in range(0, n, s) if padded or at + (w - 1) * d < n]
        for n, w, s, d in zip(positions, kernel[:rank], strides, dilations, strict=True)
    ]
    *_, seen, filters = kernel
    taps = sum(1 for _ in product(*map(range, kernel[:rank])))
    return sum(taps * seen * filters for _ in product(*stops))


def _each(value, rank):
    return value if isinstance(value, list | tuple) else [value] * rank
