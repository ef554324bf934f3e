"""Multiply-accumulates, counted one by one from the definition of each layer."""

from itertools import product
from math import prod

import numpy as np

from tests.oracle import keras_side
from tests.oracle.draws import Case


def count(case, outcome):
    """Return the MACs of one example, given what Keras found; 0 for layers without products."""
    counted = COUNTS.get(case.name)
    return 0 if counted is None else counted(case, outcome)


def shape_of(name, outcome):
    """Return the shape of the weight whose path ends in `name`."""
    (shape,) = [shape for path, shape, *_ in outcome.weights if f"/{path}".endswith(f"/{name}")]
    return shape


def _dense(case, outcome):
    # A quantized kernel holds two of the columns in one.
    rows, columns = shape_of("kernel", outcome)[0], case.options["units"]
    return sum(rows * columns for _ in product(*map(range, case.arrays[1:-1])))


def _slid(case, outcome):
    """Count every weight of a kernel once at every place where its window stops."""
    kernel = shape_of("kernel", outcome)
    weights = sum(1 for _ in product(*map(range, kernel)))
    return sum(weights for _ in product(*_stops(case.options, case.arrays, kernel)))


def _stops(options, shape, kernel):
    """Return the places where a window stops, for each axis."""
    first = (options.get("data_format") or "").lower() == "channels_first"
    positions = shape[2:] if first else shape[1:-1]
    rank = len(positions)
    strides = _each(options.get("strides", 1), rank)
    dilations = _each(options.get("dilation_rate", 1), rank)
    padded = options.get("padding", "valid").lower() != "valid"
    return [
        [at for at in range(0, n, s) if padded or at + (w - 1) * d < n]
        for n, w, s, d in zip(positions, kernel[:rank], strides, dilations, strict=True)
    ]


def _kernels_slid(case, outcome):
    """Count every number of kernels, which are constants or inputs, at every place of a window."""
    names = ("kernel", "depthwise_kernel", "pointwise_kernel")
    kernels = [np.shape(case.options[name]) for name in names if name in case.options]
    kernels = kernels or case.arrays[1:]
    stops = _stops(case.options, case.arrays[0], kernels[0])
    weights = sum(1 for kernel in kernels for _ in product(*map(range, kernel)))
    return sum(weights for _ in product(*stops))


def _scores(case, outcome):
    """Count the products of queries and keys, and of scores and values, in every head."""
    query, key, value = case.arrays
    pairs = product(*map(range, query[1:3]), range(key[1]))
    return sum(query[3] + value[3] for _ in pairs)


def _slid_apart(case, outcome):
    """Count the windows of each channel, then every weight that mixes them at every place."""
    stops = _stops(case.options, case.arrays, shape_of("depthwise_kernel", outcome))
    kernels = [shape for path, shape, *_ in outcome.weights if path.endswith("wise_kernel")]
    weights = sum(1 for kernel in kernels for _ in product(*map(range, kernel)))
    return sum(weights for _ in product(*stops))


def _each(value, rank):
    return value if isinstance(value, list | tuple) else [value] * rank


def _recurrent(case, outcome):
    """Count every entry of the kernels, all whose names end so, once at every step."""
    kernels = [shape for path, shape, *_ in outcome.weights if path.endswith("kernel")]
    steps = range(case.arrays[0][1])
    inner = case.options.get("layer")
    if (inner.name if inner else case.name).startswith("ConvLSTM"):
        ways = [inner, case.options.get("backward_layer") or inner] if inner else [case]
        return sum(_swept(case, way.options, kernels[2 * i :]) for i, way in enumerate(ways))
    return sum(rows * columns for _ in steps for rows, columns in kernels)


def _one_step(case, outcome):
    """Count every entry of the kernels once."""
    kernels = [shape for path, shape, *_ in outcome.weights if path.endswith("kernel")]
    return sum(rows * columns for rows, columns in kernels)


def _swept(case, options, kernels):
    """Count every entry of a ConvLSTM's kernels once at every place of its state, at each step."""
    batch, steps, *sizes = case.arrays[0]
    places = [*product(*_stops(options, (batch, *sizes), kernels[0]))]
    entries = sum(1 for kernel in kernels[:2] for _ in product(*map(range, kernel)))
    return steps * len(places) * entries


def _at_each_step(case, outcome):
    """Count the products of the layer inside, once at every step."""
    inner = case.options["layer"]
    batch, steps, *sizes = case.arrays
    step = (batch, *sizes)
    arrays = [step] if COUNTS.get(inner.name) is _recurrent else step
    once = case._replace(name=inner.name, options=inner.options, arrays=arrays)
    return sum(count(once, outcome) for _ in range(steps))


def _in_turn(case, outcome):
    """Count the products of the layers of a pipeline, each on what the one before it gave."""
    total = 0
    arrays = case.arrays
    for inner in case.options["layers"]:
        given = [arrays] if COUNTS.get(inner.name) is _recurrent else arrays
        once = Case(inner.name, inner.options, given, "float32", given)
        outcome = keras_side.run(*once)
        total += count(once, outcome)
        arrays = outcome.called
    return total


def _waves(case, outcome):
    """Count every number of a kernel once in each frame of each channel."""
    first = (case.options.get("data_format") or "").lower() == "channels_first"
    channels = case.arrays[1] if first else case.arrays[2]
    # With an axis of its own or without, the frames come behind the channels that come first.
    frames = outcome.called[2] if first else outcome.called[1]
    each = sum(prod(shape) for _, shape, *_ in outcome.weights)
    return sum(each for _ in product(range(frames), range(channels)))


def _banded(case, outcome):
    """Count the frequencies of a transform once for each band, in each frame of each sound."""
    bins = len(np.fft.rfft(np.zeros(case.options.get("fft_length", 2048))))
    *_, bands, frames = outcome.called
    return sum(bins for _ in product(*map(range, (*case.arrays[1:-1], bands, frames))))


def _inside(case, outcome):
    """Count the products of the layer inside."""
    inner = case.options["layer"]
    return count(case._replace(name=inner.name, options=inner.options), outcome)


def _spread(case, outcome):
    """Count every weight of a kernel once at every position of the input."""
    first = (case.options.get("data_format") or "").lower() == "channels_first"
    positions = case.arrays[2:] if first else case.arrays[1:-1]
    weights = sum(1 for _ in product(*map(range, shape_of("kernel", outcome))))
    return sum(weights for _ in product(*map(range, positions)))


def _dotted(case, outcome):
    """Count the products of values along the two axes, once for every value of the output."""
    axes = case.options["axes"]
    first, second = case.arrays
    pair = axes if isinstance(axes, list | tuple) else [axes % len(first), axes % len(second)]
    rests = [
        [n for i, n in enumerate(sizes) if i not in {0, axis % len(sizes)}]
        for axis, sizes in zip(pair, case.arrays, strict=True)
    ]
    return sum(first[pair[0]] for _ in product(*map(range, rests[0] + rests[1])))


def _attended(case, outcome):
    """Count the projections of every position, then both products for every pair of positions."""
    query, value, *key = case.arrays
    key = key[0] if key else value
    heads, length = shape_of("query/kernel", outcome)[1:]
    values = shape_of("value/kernel", outcome)[-1]
    sources = {"query": query, "key": key, "gate": query, "value": value}
    total = 0
    for path, shape, *_ in outcome.weights:
        if path.endswith("/kernel"):
            source = sources.get(path.split("/")[-2], query)
            total += prod(source[1:-1]) * prod(shape)
    rank = len(query)
    fused = rank == 3 and not case.options.get("dropout") and not _scored(case)
    axes = None if fused else case.options.get("attention_axes")
    axes = list(range(1, rank - 1)) if axes is None else axes
    axes = {a % rank for a in (axes if isinstance(axes, list | tuple) else [axes])}
    seen = [n for i, n in enumerate((*value[:-1], heads)) if i in axes]
    pairs = product(*map(range, query[1:-1]), range(heads), *map(range, seen))
    return total + sum(length + values for _ in pairs)


def _scored(case):
    return case.call.get("return_attention_scores", False)


def _compared(case, outcome):
    """Count query times key, unless they are summed, and scores times values."""
    query, value = case.arrays[:2]
    dot = case.options.get("score_mode", "dot") == "dot"
    pairs = product(*map(range, query[1:-1]), range(value[-2]))
    return sum((query[-1] if dot else 0) + value[-1] for _ in pairs)


def _added(case, outcome):
    """Count scores times values; the scores are sums."""
    query, value = case.arrays[:2]
    return sum(value[-1] for _ in product(*map(range, query[1:-1]), range(value[-2])))


def _reversed(case, outcome):
    if not case.call.get("reverse"):
        return 0
    return prod(case.arrays[1:-1]) * case.options["input_dim"] * case.options["output_dim"]


def _matrices(case, outcome):
    """Count the values that are summed up for each of the output's, of one example."""
    a, b = case.arrays
    return prod(outcome.called[1:]) * a[-1] if a and b else 0


def _contracted(case, outcome):
    """Count the products of all values of one example with those of the other that they meet."""
    constant = case.options.get("x2")
    a, *b = case.arrays
    b = b[0] if constant is None else np.shape(constant)
    axes = case.options.get("axes", 2)
    gone = {
        "ops.Inner": [len(b) - 1],
        "ops.Outer": [],
        "ops.Vdot": range(len(b)),
        "ops.Tensordot": [j % len(b) for j in axes[1]] if isinstance(axes, list) else range(axes),
    }[case.name]
    return prod(a[1:]) * prod(n for j, n in enumerate(b) if j not in gone)


def _summed(case, outcome):
    """Count each choice of an index for every letter, of one example."""
    left, arrow, right = case.options["subscripts"].partition("->")
    sizes = {}
    for part, shape in zip(left.split(","), case.arrays, strict=True):
        before, _, after = part.partition("...")
        ends = [*zip(before, shape, strict=False)]
        ends += zip(reversed(after), reversed(shape), strict=False)
        for letter, n in ends:
            sizes[letter] = max(n, sizes.get(letter, 1))
    if not arrow:
        right = [letter for letter in sizes if left.count(letter) == 1]
    gone = prod(n for letter, n in sizes.items() if letter not in right)
    return prod(outcome.called[1:]) * gone if len(case.arrays) > 1 else 0


def _over_letters(case, outcome):
    """Count each choice of an index for every letter and every axis under dots, one example."""
    left, right = case.options["equation"].split("->")
    given, kernel = left.split(",")
    x, y = case.arrays, list(outcome.called)
    if case.options.get("activation") == "glu":
        y[-1] *= 2
    sizes = {}
    for part, shape in ((right, y), (given, x)):
        before, _, after = part.partition("...")
        sizes |= dict(zip(before, shape, strict=False))
        sizes |= dict(zip(reversed(after), reversed(shape), strict=False))
    before, _, after = given.partition("...")
    dots = x[len(before) : len(x) - len(after)]
    letters = {*before, *after, *kernel}
    return prod(sizes[a] for a in letters) * prod(dots) // x[0]


def _grouped(case, outcome):
    """Count the projections of every position, then both products of every head that asks."""
    query, value, *key = case.arrays
    sources = {"key": key[0] if key else value, "value": value}
    _, heads, length = shape_of("query/kernel", outcome)
    total = 0
    for path, shape, *_ in outcome.weights:
        if path.endswith("/kernel"):
            total += sources.get(path.split("/")[-2], query)[1] * prod(shape)
    pairs = product(range(heads), range(query[1]), range(value[1]))
    return total + sum(length + length for _ in pairs)


COUNTS = {
    "MultiHeadAttention": _attended,
    "GroupQueryAttention": _grouped,
    "Attention": _compared,
    "AdditiveAttention": _added,
    "ReversibleEmbedding": _reversed,
    **dict.fromkeys(("ops.Conv", "ops.DepthwiseConv", "ops.SeparableConv"), _kernels_slid),
    "ops.DotProductAttention": _scores,
    **{f"ops.{name}": _contracted for name in ("Inner", "Outer", "Vdot", "Tensordot")},
    "ops.Matmul": _matrices,
    "ops.Dot": _matrices,
    "ops.Einsum": _summed,
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"), _spread),
    "Dot": _dotted,
    **dict.fromkeys(("SimpleRNN", "LSTM", "GRU", "RNN", "Bidirectional"), _recurrent),
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _recurrent),
    **dict.fromkeys(("SimpleRNNCell", "LSTMCell", "GRUCell", "StackedRNNCells"), _one_step),
    "TimeDistributed": _at_each_step,
    "Pipeline": _in_turn,
    "SpectralNormalization": _inside,
    "Dense": _dense,
    "STFTSpectrogram": _waves,
    "MelSpectrogram": _banded,
    "EinsumDense": _over_letters,
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D", "DepthwiseConv1D", "DepthwiseConv2D"), _slid),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _slid_apart),
}
"""What counts the MACs of a class from a case and Keras's outcome; the others have none."""
