"""Deliberate differences from Keras in bare operations; see `exceptions`."""

import numpy as np

from tests.oracle.draws import Case, Options
from tests.oracle.exempt import Exempt, has_batch, is_empty, only_inferred, only_keras, only_we
from tests.oracle.operations import key


def _slices_alike(case: Case) -> bool:
    """Whether a slice of a key takes as many entries of any number of them."""

    def taken(part: Options) -> set[int]:
        return {len(range(n)[key(part)]) for n in range(1, 9)}

    return any(isinstance(part, dict) and len(taken(part)) == 1 for part in case.options["key"])


def _spread_over(case: Case) -> bool:
    """Whether what is written has another shape than places leave for it."""
    inputs = iter(case.arrays)
    names = ("inputs", "indices", "values", "updates", "start_indices")
    shapes = {name: np.shape(case.options[name]) for name in names if name in case.options}
    if case.name == "ops.SliceUpdate":
        return len(set(map(len, case.arrays))) > 1
    whole = case.options["shape"] if case.name == "ops.Scatter" else next(inputs)
    places = shapes["indices"] if "indices" in shapes else next(inputs)
    values = next(inputs, None) or shapes["updates"]
    lacking = not places or (case.name == "ops.ScatterUpdate" and len(places) != 2)
    return lacking or tuple(values) != (*places[:-1], *whole[places[-1] :])


def _wide(case: Case) -> bool:
    """Whether the second kernel of a separable convolution sees several positions, or mixes few."""
    names = ("depthwise_kernel", "pointwise_kernel")
    constant = [np.shape(case.options[name]) for name in names if name in case.options]
    first, second = constant or case.arrays[1:]
    return set(second[:-2]) != {1} or second[-2] != first[-2] * first[-1]


OPERATIONS = {
    "single rows bent": Exempt(
        "RandomElasticTransform drops axes of size 1; of one row in a batch of one none is missed",
        lambda v: (
            v.case.name in ("RandomElasticTransform", "ops.ElasticTransform")
            and 1 in v.case.arrays
            and v.accepted != v.taken
        ),
    ),
    "slices of one length": Exempt(
        "Keras leaves a slice of an open size open, even where it is always empty, or of one",
        lambda v: (
            v.case.name == "ops.GetItem"
            and v.accepted
            and (is_empty(v) or _slices_alike(v.case))
            and only_inferred(v)
        ),
    ),
    "dots of unlike length": Exempt(
        "Keras lines the letters of an Einsum up wrongly where `...` stands for unlike many axes",
        lambda v: (
            v.case.name == "ops.Einsum"
            and len({len(shape) for shape in v.case.shape}) > 1
            and only_inferred(v)
        ),
    ),
    "more than there are": Exempt(
        "NumPy takes as many as there are where top_k asks for more, other backends refuse it",
        lambda v: (
            only_keras(v)
            and v.case.name == "ops.TopK"
            and type(v.case.options["k"]) is int
            and v.case.options["k"] > v.case.arrays[-1]
        ),
    ),
    "other outputs than entries": Exempt(
        "num must be given, as shapes come later; NumPy gives fewer, other backends all or none",
        lambda v: (
            only_keras(v)
            and v.case.name == "ops.Unstack"
            and v.case.options.get("num") != v.case.shape[v.case.options.get("axis", 0)]
        ),
    ),
    "triangles of a row": Exempt(
        "NumPy makes a matrix of a row, which Keras infers as a row, and other backends refuse",
        lambda v: (
            only_keras(v) and v.case.name in ("ops.Tril", "ops.Triu") and len(v.case.shape) < 2
        ),
    ),
    "adaptive pooling on fewer axes": Exempt(
        "Keras's adaptive pooling infers all its sizes, and a call uses as many as fit the input",
        lambda v: (
            only_keras(v)
            and "Adaptive" in v.case.name
            and not v.case.name.startswith("ops.")
            and len(v.case.shape) < int(v.case.name[-2]) + 2
        ),
    ),
    "adaptive windows on other axes": Exempt(
        "Keras infers as many axes as sizes, and a call uses as many as fit the input",
        lambda v: (
            only_keras(v)
            and v.case.name in ("ops.AdaptiveMaxPool", "ops.AdaptiveAveragePool")
            and len(v.case.options["output_size"]) != len(v.case.shape) - 2
        ),
    ),
    "windows over other axes": Exempt(
        "NumPy pools over no axis, or more than three, which other backends refuse",
        lambda v: (
            only_keras(v)
            and v.case.name in ("ops.MaxPool", "ops.AveragePool")
            and len(v.case.shape) not in (3, 4, 5)
        ),
    ),
    "factors on sizes of 1": Exempt(
        "a factor that is larger than the input, or has a batch, stretches what Keras infers",
        lambda v: (
            only_keras(v)
            and v.case.name in ("ops.RMSNorm", "ops.LayerNorm")
            and (1 in v.case.arrays or has_batch(v.case, "scale", "gamma", "beta"))
        ),
    ),
    "widths of values": Exempt(
        "Keras infers the query's width of dot_product_attention; a call gives the value's",
        lambda v: v.case.name == "ops.DotProductAttention" and only_inferred(v),
    ),
    "classes on another axis": Exempt(
        "Keras infers that crossentropy drops the last axis; a call drops that of the classes",
        lambda v: v.case.name == "ops.CategoricalCrossentropy" and only_inferred(v),
    ),
    "bits of the first": Exempt(
        "of operations on bits, and of polar, Keras infers the first shape; a call lets both meet",
        lambda v: (
            v.case.name.startswith(("ops.Bitwise", "ops.LeftShift", "ops.RightShift", "ops.Polar"))
            and only_inferred(v)
        ),
    ),
    "places for other values": Exempt(
        "NumPy spreads one distance between places over all values, or those of none",
        lambda v: only_keras(v) and v.case.name == "ops.Trapezoid" and "x" in v.case.options,
    ),
    "sizes of the batch": Exempt(
        "of an unknown batch Keras leaves open what is known of a diagonal, or of a turn by 180°",
        lambda v: v.case.name in ("ops.Diagonal", "ops.Diag", "ops.Rot90") and only_inferred(v),
    ),
    "spread over places": Exempt(
        "NumPy spreads what is written at given places, and numbers axes of places from the last",
        lambda v: (
            only_keras(v)
            and v.case.name in ("ops.Scatter", "ops.ScatterUpdate", "ops.SliceUpdate")
            and _spread_over(v.case)
        ),
    ),
    "vectors along the batch": Exempt(
        "whether an unknown batch is 2 or 3 decides how many axes a cross product has",
        lambda v: (
            v.case.name == "ops.Cross"
            and v.case.shape[0][0] is None
            and (only_keras(v) or len(v.case.shape[0]) == 1)
        ),
    ),
    "right sides of a batch": Exempt(
        "NumPy takes right sides with an axis less for one matrix, other backends for one a batch",
        lambda v: (
            v.taken
            and v.case.name == "ops.Solve"
            and len(v.case.arrays[0]) == len(v.case.arrays[1]) + 1
        ),
    ),
    "systems spread": Exempt(
        "NumPy spreads systems over a batch of one, and right sides over systems",
        lambda v: (
            only_keras(v)
            and v.case.name.startswith("ops.Solve")
            and (any(1 in one for one in v.case.arrays) or len(set(map(len, v.case.arrays))) > 1)
        ),
    ),
    "matrices of the batch": Exempt(
        "of an unknown batch and an open size Keras sees that they are equal, once it is given not",
        lambda v: (
            v.case.name in ("ops.Inv", "ops.Det", "ops.Eig", "ops.Eigh", "ops.Cholesky")
            and v.case.shape == (None, None)
            and not v.accepted
        ),
    ),
    "one transform": Exempt(
        "NumPy takes one transformation for one image, TensorFlow for all of a batch",
        lambda v: (
            only_we(v) and v.case.name == "ops.AffineTransform" and "transform" in v.case.options
        ),
    ),
    "lengths of sounds": Exempt(
        "Keras infers as many samples as istft is asked for, even where frames may have fewer",
        lambda v: v.case.name == "ops.ISTFT" and only_inferred(v),
    ),
    "pointwise windows": Exempt(
        "NumPy slides the second kernel of a separable convolution too, other backends refuse it",
        lambda v: only_keras(v) and v.case.name == "ops.SeparableConv" and _wide(v.case),
    ),
}
