"""What the spec language knows but this version does not read: refused by name, never guessed."""

from __future__ import annotations

TOP_KEYS = {
    "inputs": "several named inputs",
    "outputs": "named outputs",
    "blocks": "blocks",
    "expect": "expectations",
}
"""Keys of a spec, with what they are for."""

COMMON_OPTIONS = {
    "from": "inputs by name",
    "call": "call arguments",
    "output_shape": "types taken at their word",
    "params": "types taken at their word",
}
"""Options that any layer may have, with what they are for."""

_ENTRIES = {
    "repeat": "repeated layers",
    "reuse": "shared layers",
}

KERAS_LAYERS = frozenset(
    [
        "AdaptiveAveragePooling1D",
        "AdaptiveAveragePooling2D",
        "AdaptiveAveragePooling3D",
        "AdaptiveMaxPooling1D",
        "AdaptiveMaxPooling2D",
        "AdaptiveMaxPooling3D",
        "ActivityRegularization",
        "Add",
        "AdditiveAttention",
        "AlphaDropout",
        "Attention",
        "AugMix",
        "AutoContrast",
        "Average",
        "Bidirectional",
        "CategoryEncoding",
        "CenterCrop",
        "Concatenate",
        "Conv1DTranspose",
        "Conv2DTranspose",
        "Conv3DTranspose",
        "ContrastLimitedAdaptiveHistogramEqualization",
        "ConvLSTM1D",
        "ConvLSTM2D",
        "ConvLSTM3D",
        "Convolution1DTranspose",
        "Convolution2DTranspose",
        "Convolution3DTranspose",
        "Cropping1D",
        "Cropping2D",
        "Cropping3D",
        "CutMix",
        "Discretization",
        "Dot",
        "EinsumDense",
        "Equalization",
        "FlaxLayer",
        "GRU",
        "GRUCell",
        "GaussianDropout",
        "GaussianNoise",
        "GroupNormalization",
        "GroupQueryAttention",
        "HashedCrossing",
        "Hashing",
        "IntegerLookup",
        "JaxLayer",
        "LSTM",
        "LSTMCell",
        "Lambda",
        "Masking",
        "MaxNumBoundingBoxes",
        "Maximum",
        "MelSpectrogram",
        "Minimum",
        "MixUp",
        "MultiHeadAttention",
        "Multiply",
        "Normalization",
        "Pipeline",
        "RMSNormalization",
        "RNN",
        "RandAugment",
        "RandomBrightness",
        "RandomColorDegeneration",
        "RandomColorJitter",
        "RandomContrast",
        "RandomCrop",
        "RandomElasticTransform",
        "RandomErasing",
        "RandomFlip",
        "RandomGaussianBlur",
        "RandomGrayscale",
        "RandomHue",
        "RandomInvert",
        "RandomPerspective",
        "RandomPosterization",
        "RandomRotation",
        "RandomSaturation",
        "RandomSharpness",
        "RandomShear",
        "RandomTranslation",
        "RandomZoom",
        "Resizing",
        "ReversibleEmbedding",
        "STFTSpectrogram",
        "SeparableConv1D",
        "SeparableConv2D",
        "SeparableConvolution1D",
        "SeparableConvolution2D",
        "SimpleRNN",
        "SimpleRNNCell",
        "Solarization",
        "SpectralNormalization",
        "StackedRNNCells",
        "StringLookup",
        "Subtract",
        "TFSMLayer",
        "TextVectorization",
        "TimeDistributed",
        "TorchModuleWrapper",
        "UnitNormalization",
    ]
)
"""Keras's layers that the registry does not hold."""

_LOWERED = {name.lower(): name for name in KERAS_LAYERS}


def refusal(name: str, *, taken_at_word: bool) -> str | None:
    """Say why a type of entry is not read, or return None if it is simply not known.

    Args:
        name: The type as it is written.
        taken_at_word: Whether the entry gives its own output shape.
    """
    if name.lower() in _LOWERED:
        return f"Keras's {_LOWERED[name.lower()]} is not supported yet"
    what = _ENTRIES.get(name)
    if name.startswith("ops."):
        what = "bare operations"
    elif what is None and taken_at_word:
        what = "types taken at their word"
    return f"{name!r}: {what} are not supported yet" if what else None
