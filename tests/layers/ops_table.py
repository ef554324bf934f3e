"""One row or more a bare operation, as in `table`; those of a family of tables share theirs."""

import numpy as np

from dense_shapes.layers import operations
from dense_shapes.layers.operation import Binary, Unary
from dense_shapes.layers.ops import AlongOne, Reducing, Softmaxing

OPERATIONS = operations()

GIVEN = {
    "ops.Cast": {"dtype": "int32"},
    "ops.Clip": {"x_min": 0, "x_max": 1},
    "ops.FullLike": {"fill_value": 1},
    "ops.SaturateCast": {"dtype": "int32"},
    "ops.Threshold": {"threshold": 0.5, "default_value": 0},
}
"""Options that must be given."""

Rows = list[tuple[str, dict, int | list[int]]]


def _family(name: str) -> Rows:
    cls = OPERATIONS[name]
    if issubclass(cls, Binary):
        return [(name, {}, [3, 3])]
    if issubclass(cls, AlongOne):
        return [(name, {"axis": -1}, 3)]
    if issubclass(cls, Reducing):
        return [(name, {"axis": [1, -1]}, 4)]
    if issubclass(cls, Softmaxing):
        return [(name, {"axis": 1}, 3)]
    return [(name, GIVEN.get(name, {}), 3)]


TABLES = (Binary, Reducing, Softmaxing, Unary)


def zeros(*sizes: int) -> list:
    """Return an array as nested lists."""
    return np.zeros(sizes).tolist()


NETWORKS: Rows = [
    ("ops.Conv", {}, [4, 4]),
    ("ops.Conv", {"kernel": zeros(3, 2, 4, 5), "strides": 2}, [4]),
    ("ops.Conv", {"kernel": zeros(3, 4, 5), "padding": "same", "dilation_rate": 2}, [3]),
    ("ops.DepthwiseConv", {"kernel": zeros(3, 2, 4, 5)}, [4]),
    (
        "ops.SeparableConv",
        {"depthwise_kernel": zeros(3, 2, 4, 2), "pointwise_kernel": zeros(1, 1, 8, 5)},
        [4],
    ),
    ("ops.MaxPool", {"pool_size": 2}, 4),
    ("ops.AveragePool", {"pool_size": [2, 3], "strides": 1, "padding": "same"}, 4),
    ("ops.AdaptiveMaxPool", {"output_size": [2]}, 3),
    ("ops.AdaptiveAveragePool", {"output_size": [2, 3], "data_format": "channels_first"}, 4),
    ("ops.Unfold", {"kernel_size": 2, "stride": [1, 2], "padding": 1}, 4),
    ("ops.Fold", {"output_size": 4, "kernel_size": 2, "stride": 2}, 3),
    ("ops.ExtractPatches", {"size": 2}, 4),
    ("ops.ExtractPatches", {"size": [2, 3], "strides": 1, "padding": "same"}, 3),
    ("ops.BatchNorm", {"axis": -1, "mean": zeros(4), "variance": zeros(4)}, [3]),
    ("ops.RMSNorm", {"scale": zeros(4)}, 3),
    ("ops.LayerNorm", {"axis": [1, -1], "gamma": zeros(24)}, 3),
    ("ops.DotProductAttention", {}, [4, 4, 4]),
    ("ops.DotProductAttention", {"mask": zeros(1, 1, 1, 4)}, [4, 4, 4]),
    ("ops.MultiHot", {"num_classes": 7}, 2),
    ("ops.MultiHot", {"num_classes": 7, "axis": 1}, 3),
    ("ops.BinaryCrossentropy", {}, [3, 3]),
    ("ops.CategoricalCrossentropy", {"axis": 1}, [3, 3]),
    ("ops.SparseCategoricalCrossentropy", {}, [2, 3]),
    ("ops.SparseCategoricalCrossentropy", {}, [3, 3]),
]

PLACES: Rows = [
    ("ops.Heaviside", {}, [3, 2]),
    ("ops.Hypot", {"x2": zeros(3)}, [3]),
    *((f"ops.Bitwise{name}", {}, [3, 3]) for name in ("And", "Or", "Xor", "LeftShift")),
    *((f"ops.{name}Shift", {"y": 1}, [3]) for name in ("Left", "Right", "BitwiseRight")),
    ("ops.Polar", {}, [3, 3]),
    ("ops.View", {"dtype": "int8"}, 3),
    ("ops.View", {"dtype": "float64"}, 3),
    ("ops.ViewAsComplex", {}, 3),
    ("ops.ViewAsReal", {}, 3),
    ("ops.IsIn", {"x2": [1, 2]}, [3]),
    ("ops.Digitize", {"bins": [1, 2]}, [3]),
    ("ops.SearchSorted", {"sorted_sequence": [1, 2]}, [3]),
    *((f"ops.{name}", {"q": 0.5, "axis": 1}, [3]) for name in ("Quantile", "Nanquantile")),
    *((f"ops.{name}", {"q": [1, 2]}, [3]) for name in ("Percentile", "Nanpercentile")),
    ("ops.Average", {"axis": 1}, [3]),
    ("ops.Average", {}, [3, 3]),
    ("ops.Trapezoid", {"axis": 1, "x": [1, 2, 3]}, 3),
    ("ops.Trapezoid", {}, 2),
    ("ops.Size", {}, 3),
    ("ops.Vander", {}, 1),
    ("ops.Vander", {"N": 3}, 1),
    ("ops.Argpartition", {"kth": 2, "axis": 1}, 3),
    ("ops.Diagonal", {"axis1": 1, "axis2": 2, "offset": 2}, 3),
    ("ops.Diagonal", {"axis1": -1, "axis2": 1, "offset": -1}, 4),
    ("ops.Trace", {"axis1": 1, "axis2": 2}, 3),
    ("ops.Diag", {"k": 1}, 1),
    ("ops.Diag", {"k": -3}, 2),
    ("ops.Diagflat", {"k": 1}, 3),
    ("ops.Fliplr", {}, 2),
    ("ops.Flipud", {}, 2),
    ("ops.Rot90", {"k": 3, "axes": [1, 2]}, 3),
    ("ops.Rot90", {"k": 2}, 3),
    ("ops.Diff", {"n": 2, "axis": 1}, 3),
    ("ops.Append", {"axis": -1}, [3, 3]),
    ("ops.Append", {}, [3, 2]),
    ("ops.Hsplit", {"indices_or_sections": 2}, 3),
    ("ops.Vsplit", {"indices_or_sections": [1]}, 3),
    ("ops.Dsplit", {"indices_or_sections": [2, 3]}, 4),
    ("ops.ArraySplit", {"indices_or_sections": 3, "axis": 1}, 3),
    ("ops.Slice", {"shape": [-1, 2, -1], "start_indices": [0, 1, 2]}, [3]),
    ("ops.SliceUpdate", {"start_indices": [0, 0]}, [2, 2]),
    ("ops.Scatter", {"shape": [4, 5], "indices": zeros(3, 1)}, [2]),
    ("ops.Scatter", {"shape": [4, 5]}, [2, 2]),
    ("ops.ScatterUpdate", {"indices": [[0, 0], [0, 1]], "updates": [1, 2]}, [2]),
    *((f"ops.Segment{name}", {"num_segments": 3}, [3, 1]) for name in ("Sum", "Max")),
    *((f"ops.Segment{name}", {}, [2, 1]) for name in ("Min", "Prod")),
]

MATRICES: Rows = [
    ("ops.Matmul", {"x2": zeros(4, 5)}, [3]),
    ("ops.Dot", {"x2": zeros(4)}, [3]),
    ("ops.Take", {"axis": 1, "indices": [[0, 1]]}, [3]),
    ("ops.Inner", {}, [2, 3]),
    ("ops.Outer", {}, [2, 2]),
    ("ops.Vdot", {}, [3, 3]),
    ("ops.Tensordot", {"axes": 1, "x2": zeros(4, 5)}, [3]),
    ("ops.Tensordot", {"axes": [[1, 2], [2, 1]]}, [3, 3]),
    ("ops.Cross", {"axis": 1, "x2": zeros(1, 3, 2)}, [3]),
    ("ops.CDist", {}, [3, 3]),
    ("ops.Kron", {}, [3, 2]),
    *((f"ops.{name}", {}, 3) for name in ("Inv", "Det", "Eig", "Eigh", "Logdet", "Slogdet")),
    *((f"ops.{name}", {}, 3) for name in ("Cholesky", "MatrixRank", "Pinv", "Qr", "SVD")),
    ("ops.Qr", {"mode": "complete"}, 3),
    ("ops.SVD", {"full_matrices": False}, 3),
    ("ops.SVD", {"compute_uv": False}, 3),
    ("ops.Solve", {}, [3, 3]),
    ("ops.SolveTriangular", {}, [3, 2]),
]

SOUND = {"sequence_length": 3, "sequence_stride": 2, "fft_length": 4}
IMAGES: Rows = [
    ("ops.RGBToGrayscale", {}, 4),
    ("ops.RGBToGrayscale", {"data_format": "channels_first"}, 3),
    ("ops.RGBToHSV", {}, 4),
    ("ops.HSVToRGB", {}, 3),
    ("ops.PadImages", {"top_padding": 1, "target_height": 9, "left_padding": 2,
                       "right_padding": 1}, 4),
    ("ops.CropImages", {"top_cropping": 1, "target_height": 3, "left_cropping": 2,
                        "right_cropping": 1}, 4),
    ("ops.GaussianBlur", {}, 4),
    ("ops.ElasticTransform", {}, 4),
    ("ops.AffineTransform", {"transform": zeros(8)}, [4]),
    ("ops.AffineTransform", {}, [4, 2]),
    ("ops.PerspectiveTransform", {"start_points": zeros(4, 2), "end_points": zeros(4, 2)}, [4]),
    ("ops.MapCoordinates", {"order": 1, "coordinates": zeros(3, 2, 5)}, [3]),
    *((f"ops.{name}", {}, [3, 3]) for name in ("FFT", "FFT2", "IFFT2", "IRFFT")),
    ("ops.IRFFT", {"fft_length": 6}, [3, 3]),
    ("ops.RFFT", {}, 3),
    ("ops.RFFT", {"fft_length": 5}, 3),
    ("ops.STFT", SOUND, 3),
    ("ops.STFT", {**SOUND, "center": False}, 2),
    ("ops.ISTFT", SOUND, [3, 3]),
    ("ops.ISTFT", {**SOUND, "length": 7}, [3, 3]),
    ("ops.ExtractSequences", {"sequence_length": 3, "sequence_stride": 2}, 3),
]  # fmt: skip

OPS: Rows = [
    *IMAGES,
    *MATRICES,
    *NETWORKS,
    *PLACES,
    *(row for name, cls in OPERATIONS.items() if issubclass(cls, TABLES) for row in _family(name)),
    ("ops.Add", {}, [2, 4]),
    ("ops.Add", {"x2": 2}, [3]),
    ("ops.Sum", {"axis": 0, "keepdims": True}, 3),
    ("ops.Argmax", {}, 2),
    ("ops.Where", {}, [3, 3, 3]),
    ("ops.Where", {"x1": 1, "x2": 0.0}, [3]),
    ("ops.Glu", {}, 3),
    ("ops.OneHot", {"num_classes": 7}, 2),
    ("ops.OneHot", {"num_classes": 7, "axis": 1}, 3),
    ("ops.Reshape", {"newshape": [-1, 6]}, 3),
    ("ops.Ravel", {}, 3),
    ("ops.ExpandDims", {"axis": [0, -1]}, 2),
    ("ops.Squeeze", {"axis": 1}, 3),
    ("ops.Transpose", {}, 3),
    ("ops.Transpose", {"axes": [0, -1, 1]}, 3),
    ("ops.Swapaxes", {"axis1": 1, "axis2": -1}, 4),
    ("ops.Moveaxis", {"source": [1, 2], "destination": [-1, 1]}, 4),
    ("ops.Flip", {"axis": 1}, 3),
    ("ops.Roll", {"shift": 1}, 3),
    ("ops.Repeat", {"repeats": 3, "axis": 1}, 3),
    ("ops.Repeat", {"repeats": 3}, 3),
    ("ops.Tile", {"repeats": [2, 3]}, 3),
    ("ops.BroadcastTo", {"shape": [3, 4, 5]}, 3),
    ("ops.Pad", {"pad_width": [[0, 0], [1, 2]]}, 2),
    ("ops.Pad", {"pad_width": 1}, 3),
    ("ops.GetItem", {"key": [{}, 0]}, 3),
    ("ops.GetItem", {"key": ["...", {"start": -3, "step": 2}, None, {"stop": 5}]}, 4),
    ("ops.GetItem", {"key": [{}, {"start": 7, "stop": 2, "step": -2}]}, 3),
    ("ops.Take", {"axis": 1}, [3, 2]),
    ("ops.Take", {}, [3, 2]),
    ("ops.Split", {"indices_or_sections": 3, "axis": 1}, 3),
    ("ops.DepthToSpace", {"block_size": 2}, 4),
    ("ops.SpaceToDepth", {"block_size": 2}, 4),
    ("ops.SpaceToDepth", {"block_size": 3, "data_format": "channels_first"}, 4),
    ("ops.Split", {"indices_or_sections": [2, 5], "axis": -1}, 3),
    ("ops.Stack", {"axis": 1}, [3, 3]),
    ("ops.Unstack", {"num": 3, "axis": 1}, 3),
    ("ops.Concatenate", {"axis": -1}, [3, 3, 3]),
    ("ops.Concatenate", {}, [2, 2]),
    ("ops.Hstack", {}, [3, 3]),
    ("ops.Vstack", {}, [2, 2]),
    ("ops.Dstack", {}, [3, 3]),
    ("ops.Sort", {"axis": 1}, 3),
    ("ops.Sort", {"axis": None}, 3),
    ("ops.Argsort", {"axis": 1}, 3),
    ("ops.Normalize", {"axis": [1, -1]}, 3),
    ("ops.Normalize", {"axis": 1, "order": 3}, 3),
    *((f"ops.{name}", {"axis": 1}, 3) for name in ("Cumsum", "Cumprod", "Nancumsum")),
    ("ops.Nancumprod", {}, 3),
    ("ops.CountNonzero", {"axis": 1}, 3),
    ("ops.Norm", {"axis": 1}, 3),
    ("ops.Norm", {"axis": [1, 2], "ord": "fro", "keepdims": True}, 3),
    ("ops.Moments", {"axes": [1]}, 3),
    ("ops.Moments", {"axes": [0, 1], "keepdims": True}, 3),
    ("ops.TopK", {"k": 2}, 3),
    ("ops.Tril", {}, 3),
    ("ops.Triu", {"k": 1}, 3),
    ("ops.TakeAlongAxis", {"axis": 1}, [3, 3]),
    ("ops.TakeAlongAxis", {}, [3, 2]),
    ("ops.Resize", {"size": [5, 7]}, 4),
    ("ops.Resize", {"size": [5, 7], "data_format": "channels_first"}, 4),
    ("ops.Matmul", {}, [3, 3]),
    ("ops.Matmul", {}, [4, 3]),
    ("ops.Dot", {}, [2, 2]),
    ("ops.Einsum", {"subscripts": "bij,bjk->bik"}, [3, 3]),
    ("ops.Einsum", {"subscripts": "b...,b...->b..."}, [3, 3]),
]
