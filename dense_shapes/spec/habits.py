"""What people who come from elsewhere write, and what it is called here."""

from __future__ import annotations

import re
from collections.abc import Collection

from dense_shapes.layers.types import ACTIVATIONS

TYPES = {
    "linear": "Dense",
    "fc": "Dense",
    "fullyconnected": "Dense",
    "adaptiveavgpool1d": "AdaptiveAveragePooling1D",
    "adaptiveavgpool2d": "AdaptiveAveragePooling2D",
    "adaptiveavgpool3d": "AdaptiveAveragePooling3D",
    "adaptivemaxpool1d": "AdaptiveMaxPooling1D",
    "adaptivemaxpool2d": "AdaptiveMaxPooling2D",
    "adaptivemaxpool3d": "AdaptiveMaxPooling3D",
    "batchnorm": "BatchNormalization",
    "batchnorm1d": "BatchNormalization",
    "batchnorm2d": "BatchNormalization",
    "batchnorm3d": "BatchNormalization",
    "layernorm": "LayerNormalization",
    "groupnorm": "GroupNormalization",
    "instancenorm2d": "GroupNormalization",
    "rmsnorm": "RMSNormalization",
    "convtranspose1d": "Conv1DTranspose",
    "convtranspose2d": "Conv2DTranspose",
    "convtranspose3d": "Conv3DTranspose",
    "dropout1d": "SpatialDropout1D",
    "dropout2d": "SpatialDropout2D",
    "dropout3d": "SpatialDropout3D",
    "upsample": "UpSampling2D",
    "zeropad2d": "ZeroPadding2D",
    "multiheadattn": "MultiHeadAttention",
    "mha": "MultiHeadAttention",
    "cat": "Concatenate",
    "concat": "Concatenate",
    "unflatten": "Reshape",
    "view": "Reshape",
    "globalavgpool": "GlobalAveragePooling2D",
}
"""Names of layers in other libraries, in small letters, and the layer of that kind."""

GROUPS = {"sequential", "modulelist", "functional", "model"}
"""What holds a list of layers elsewhere, in small letters."""

OPTIONS = {
    "out_channels": ("filters",),
    "out_features": ("units",),
    "stride": ("strides",),
    "dilation": ("dilation_rate",),
    "bias": ("use_bias",),
    "eps": ("epsilon",),
    "p": ("rate",),
    "num_embeddings": ("input_dim",),
    "embedding_dim": ("output_dim",),
    "hidden_size": ("units",),
    "embed_dim": ("key_dim",),
    "num_groups": ("groups",),
}
"""Names of options in other libraries, and what a layer here may call them."""

NEEDLESS = {"in_channels", "in_features", "input_size", "num_features", "normalized_shape"}
"""Options that say elsewhere what comes in, which is worked out here."""

_PREFIX = re.compile(r"(?:(?:torch|tf|keras|tensorflow|nn|layers|Keras|modules)\.)+")


def bare(name: str) -> str:
    """Return a type's name without the modules before it, such as those of `nn.Linear`."""
    found = _PREFIX.match(name)
    return name[found.end() :] if found is not None else name


def layer_for(name: str) -> str | None:
    """Return the layer that is called otherwise elsewhere."""
    return TYPES.get(bare(name).lower().replace("_", ""))


def activation_for(name: str) -> str | None:
    """Return the activation that a type names, as `GELU` and `Sigmoid` do in PyTorch."""
    plain = bare(name).lower().replace("_", "")
    return next((known for known in ACTIVATIONS if known.replace("_", "") == plain), None)


def option_for(name: str, known: Collection[str]) -> str | None:
    """Return what a layer with the options `known` calls an option of another library."""
    return next((option for option in OPTIONS.get(name, ()) if option in known), None)
