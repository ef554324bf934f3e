"""What Keras 1 and 2 call otherwise than Keras 3, as data: classes, options, their values.

An option is looked up here only where today's layer has none of that name.
"""

from __future__ import annotations

CLASSES = {
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "CustomScaleLayer": "Add",
    "Deconvolution2D": "Conv2DTranspose",
    "Deconvolution3D": "Conv3DTranspose",
    "ExperimentalSyncBatchNormalization": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "ThresholdedReLU": "ReLU",
    "TimeDistributedDense": "Dense",
}
"""Layers under the names that files have for them, with what they are in Keras 3."""

WITHOUT_EQUAL = frozenset(
    {
        *("CuDNNGRU", "CuDNNLSTM", "Highway", "LocallyConnected1D", "LocallyConnected2D"),
        *("MaxoutDense", "ParametricSoftplus", "SReLU"),
    }
)
"""Layers of older versions that Keras 3 has no equal of: see `layers/legacy.py`."""

OF_APPLICATIONS = frozenset({"CustomScaleLayer"})
"""Of these, the ones that `keras.applications` defines for itself."""

TAKEN_APART = frozenset(
    {"InputLayer", "Lambda", "Merge", "SlicingOpLambda", "TFOpLambda", "TimeDistributed"}
)
"""Layers that are more to the reader than a rule and its options."""

MERGE_MODES = {
    "sum": "Add",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "concat": "Concatenate",
    "dot": "Dot",
    "cos": "Dot",
}
"""What the modes of Keras 1's Merge became."""

RENAMED: dict[str, tuple[str, ...]] = {
    "U_constraint": ("recurrent_constraint",),
    "U_regularizer": ("recurrent_regularizer",),
    "W_constraint": ("kernel_constraint", "embeddings_constraint"),
    "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
    "alpha": ("negative_slope",),
    "atrous_rate": ("dilation_rate",),
    "b_constraint": ("bias_constraint",),
    "b_regularizer": ("bias_regularizer",),
    "beta_init": ("beta_initializer",),
    "bias": ("use_bias",),
    "border_mode": ("padding",),
    "concat_axis": ("axis",),
    "depthwise_init": ("depthwise_initializer",),
    "dim_ordering": ("data_format",),
    "dot_axes": ("axes",),
    "dropout_U": ("recurrent_dropout",),
    "dropout_W": ("dropout",),
    "filter_length": ("kernel_size",),
    "forget_bias_init": ("unit_forget_bias",),
    "gamma_init": ("gamma_initializer",),
    "init": (
        *("kernel_initializer", "embeddings_initializer", "alpha_initializer"),
        "depthwise_initializer",
    ),
    "inner_activation": ("recurrent_activation",),
    "inner_init": ("recurrent_initializer",),
    "length": ("size",),
    "max_tokens": ("num_tokens",),
    "nb_filter": ("filters",),
    "output_dim": ("units",),
    "p": ("rate",),
    "pointwise_init": ("pointwise_initializer",),
    "pool_length": ("pool_size",),
    "sigma": ("stddev",),
    "stride": ("strides",),
    "subsample": ("strides",),
    "subsample_length": ("strides",),
    "theta": ("threshold",),
}
"""Options that have another name today; of several, the one that the layer has."""

JOINED: dict[str, tuple[str, ...]] = {
    "nb_row": ("nb_row", "nb_col"),
    "kernel_dim1": ("kernel_dim1", "kernel_dim2", "kernel_dim3"),
}
"""Options, each named after the first, that are one list today: the kernel's size."""

VALUES: dict[str, dict[object, object]] = {
    "dim_ordering": {"tf": "channels_last", "th": "channels_first", "default": None},
    "forget_bias_init": {"one": True, "ones": True, "zero": False, "zeros": False},
    "output_mode": {"binary": "multi_hot"},
}
"""Values that are called otherwise today, by the option's name in the file."""

MOVED = {"causal": "use_causal_mask"}
"""Options that are arguments of the call today."""

IDLE_BY_DEFAULT = frozenset(
    {
        *("AdditiveAttention", "AlphaDropout", "Attention", "ConvLSTM1D", "ConvLSTM2D"),
        *("ConvLSTM3D", "Dropout", "GRU", "GaussianDropout", "GaussianNoise", "LSTM", "RNN"),
        *("SimpleRNN", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"),
        "SpectralNormalization",
    }
)
"""Layers that Keras calls with `training` false by itself, and saves it with each call."""

ANYTHING: tuple[object, ...] = (...,)
"""Stands for every value."""

IRRELEVANT: dict[str, tuple[object, ...]] = {
    "_keras_api_names": ANYTHING,
    "adjustment": (None,),
    "a_left_init": ANYTHING,
    "a_left_initializer": ANYTHING,
    "a_right_init": ANYTHING,
    "a_right_initializer": ANYTHING,
    "alpha_init": ANYTHING,
    "beta_init": ANYTHING,
    "rng_type": ANYTHING,
    "t_left_init": ANYTHING,
    "t_left_initializer": ANYTHING,
    "t_right_init": ANYTHING,
    "t_right_initializer": ANYTHING,
    "transform_bias": ANYTHING,
    "W_constraint": (None,),
    "W_regularizer": (None,),
    "b_constraint": (None,),
    "b_regularizer": (None,),
    "activity_regularizer": (None,),
    "init": ANYTHING,
    "arguments": ({},),
    "autocast": ANYTHING,
    "batch_input_shape": ANYTHING,
    "batch_shape": ANYTHING,
    "consume_less": ANYTHING,
    "depthwise_constraint": (None,),
    "dropout": ANYTHING,
    "dynamic": (False, None),
    "experimental_autocast": ANYTHING,
    "fused": ANYTHING,
    "groups": (1,),
    "implementation": ANYTHING,
    "input_dim": ANYTHING,
    "input_dtype": ANYTHING,
    "input_length": ANYTHING,
    "input_shape": ANYTHING,
    "key_shape": ANYTHING,
    "kernel_constraint": (None,),
    "kernel_initializer": ANYTHING,
    "kernel_regularizer": (None,),
    "lora_enabled": (False,),
    "mode": (0, 1, 2),
    "noise_shape": (None,),
    "output_shape": ANYTHING,
    "query_shape": ANYTHING,
    "ragged": (False, None),
    "scale": ANYTHING,
    "softmax_robust_masking": ANYTHING,
    "sparse": (False, None),
    "time_major": (False,),
    "value_shape": ANYTHING,
    "virtual_batch_size": (None,),
    "weights": (None,),
}
"""Options that change no shape and no count, with the values of which that is so.

They count where today's layer has no such option: `dropout` is that of Keras 1's Embedding,
`scale` that of CustomScaleLayer, `mode` BatchNormalization's.
"""

SYMMETRIC: dict[str, tuple[str, ...]] = {"RandomShear": ("x_factor", "y_factor")}
"""Options that Keras saves as [-f, f] where it takes f alone."""

OLD_DEFAULTS: dict[str, dict[str, object]] = {"GRU": {"reset_after": False}}
"""Defaults of Keras 1 and 2 for options that their configs may leave out, where they differ."""

USUAL_OBJECTS: dict[str, tuple[str, dict[str, object]]] = {
    "GlorotUniform": ("glorot_uniform", {}),
    "Ones": ("ones", {}),
    "Orthogonal": ("orthogonal", {"gain": 1.0}),
    "RandomUniform": ("uniform", {"minval": -0.05, "maxval": 0.05}),
    "Zeros": ("zeros", {}),
}
"""Initializers that are an option's default, under its name, with their own defaults."""

OLD_ACTIVATIONS = {"softmax_v2": "softmax", "relu_v2": "relu"}
"""Activations that some versions saved under other names."""

ACTIVATION_LAYERS = {
    "Activation": "linear",
    "ELU": "elu",
    "LeakyReLU": "leaky_relu",
    "ReLU": "relu",
    "Softmax": "softmax",
    "ThresholdedReLU": "relu",
}
"""Layers that may stand as another layer's `activation`, with a function like them."""
