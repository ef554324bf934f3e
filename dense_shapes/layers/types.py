"""The types that many layers' options share, Keras's names included."""

from __future__ import annotations

from typing import Any

from dense_shapes.layers.kinds import Bool, Choice, Float, Maybe, Object
from dense_shapes.layers.policies import FLOATS, Policy
from dense_shapes.layers.sizes import Int, Sizes

BOOL = Bool()
INTEGER = Int()
POSITIVE = Int(1)
NUMBER = Float()
SEED = Maybe(Int())
SIZES = Sizes(1)
DATA_FORMAT = Maybe(Choice("channels_last", "channels_first", any_case=True))
RATE = Float(0, 1)

ACTIVATIONS = (
    "linear",
    "relu",
    "softmax",
    "sigmoid",
    "tanh",
    "gelu",
    "silu",
    "swish",
    "elu",
    "selu",
    "celu",
    "leaky_relu",
    "relu6",
    "exponential",
    "softplus",
    "softsign",
    "mish",
    "glu",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "hard_shrink",
    "soft_shrink",
    "tanh_shrink",
    "log_sigmoid",
    "log_softmax",
    "sparsemax",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
)
ACTIVATION = Maybe(Choice(*ACTIVATIONS, kind="activation"))

_INITIALIZERS = """
zeros ones constant glorot_uniform glorot_normal he_uniform he_normal lecun_uniform lecun_normal
random_uniform random_normal truncated_normal variance_scaling orthogonal identity
uniform normal zero one
Zeros Ones Constant GlorotUniform GlorotNormal HeUniform HeNormal LecunUniform LecunNormal
RandomUniform RandomNormal TruncatedNormal VarianceScaling Orthogonal OrthogonalInitializer
Identity IdentityInitializer
"""
INITIALIZER = Maybe(
    Object("initializer", _INITIALIZERS.split(), configured=("constant", "Constant"))
)
_FILLS = {
    **dict.fromkeys(("identity", "Identity", "IdentityInitializer"), range(2, 3)),
    **dict.fromkeys(("orthogonal", "Orthogonal", "OrthogonalInitializer"), range(2, 65)),
}


def initializer_rank(value: Any) -> range | None:
    """Return how many axes an initializer's arrays can have, or None for any number."""
    return _FILLS.get(value if isinstance(value, str) else object_name(value) or "")


def object_name(value: Any) -> str | None:
    """Return the name in an option's value, which may be a `{class_name: ...}` mapping."""
    name = value.get("class_name") if isinstance(value, dict) else value
    return name if isinstance(name, str) else None


REGULARIZER = Maybe(
    Object(
        "regularizer",
        ["l1", "l2", "l1l2", "orthogonal_regularizer", "L1", "L2", "L1L2", "OrthogonalRegularizer"],
    )
)
CONSTRAINT = Maybe(
    Object(
        "constraint",
        [
            "max_norm",
            "min_max_norm",
            "non_neg",
            "unit_norm",
            "MaxNorm",
            "MinMaxNorm",
            "NonNeg",
            "UnitNorm",
        ],
    )
)

POLICY = Maybe(Policy())
INPUT_DTYPES = (
    *FLOATS,
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("bool", "string", "float8_e4m3fn", "float8_e5m2", "complex64", "complex128"),
)
ANY_POLICY = Maybe(Choice(*INPUT_DTYPES, "mixed_float16", "mixed_bfloat16", kind="dtype"))
"""The dtypes of layers that may give out other values than floating-point numbers."""
