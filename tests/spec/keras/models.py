"""Whole models, built with the real Keras: each function makes one."""

import keras
from keras import layers as L
from keras import ops

MODELS = {}


def model(build):
    MODELS[build.__name__] = build
    return build


@keras.saving.register_keras_serializable("tests")
class Halve(L.Layer):
    """A layer of the user's own, without weights."""

    def call(self, x):
        return x[..., : x.shape[-1] // 2]


@keras.saving.register_keras_serializable("tests")
class Pair(L.Layer):
    """A layer of the user's own with two outputs."""

    def call(self, x):
        return x, ops.sum(x, axis=-1)


@model
def sequential():
    return keras.Sequential([L.Input((4,)), L.Dense(3, activation="relu"), L.Dense(2)])


@model
def sequential_built_late():
    made = keras.Sequential([L.Dense(3), L.Dense(2)], name="late")
    made.build((None, 7))
    return made


@model
def images():
    return keras.Sequential(
        [
            L.Input((32, 24, 3), batch_size=8),
            L.Rescaling(1 / 255),
            L.Conv2D(8, 3, strides=2, padding="same", use_bias=False),
            L.BatchNormalization(),
            L.LeakyReLU(0.1),
            L.DepthwiseConv2D((3, 5)),
            L.MaxPooling2D(),
            L.GlobalAveragePooling2D(),
            L.Dropout(0.3, seed=1),
            L.Dense(10, activation="softmax", kernel_regularizer="l2"),
        ]
    )


@model
def open_sizes():
    x = L.Input((None, None, 3))
    y = L.Conv2D(4, 3, name="first")(x)
    y = L.UpSampling2D(2)(y)
    return keras.Model(x, L.GlobalMaxPooling2D()(y))


@model
def residual():
    x = L.Input((8, 8, 4))
    y = L.Conv2D(4, 3, padding="same")(x)
    y = L.Add()([x, y])
    return keras.Model(x, L.Concatenate(axis=1)([y, x]), name="residual")


@model
def shared_layer():
    a, b = L.Input((5,), name="a"), L.Input((5,), name="b")
    dense = L.Dense(3, name="shared")
    return keras.Model([a, b], L.Subtract()([dense(a), dense(b)]))


@model
def called_out_of_order():
    x = L.Input((6,))
    dense = L.Dense(6, name="again")
    first = dense(L.ReLU()(x))
    return keras.Model(x, L.Add()([dense(x), first]))


@model
def recurrent_states():
    x, h = L.Input((7, 3)), L.Input((4,))
    y, s = L.GRU(4, return_sequences=True, return_state=True)(x, initial_state=h)
    z, a, b = L.LSTM(4, return_state=True)(y)
    w = L.LSTM(4)(y, initial_state=[a, b])
    return keras.Model([x, h], [L.Concatenate()([z, s, w]), b])


@model
def bidirectional():
    x = L.Input((7, 3))
    y = L.Bidirectional(L.LSTM(4, return_sequences=True), merge_mode="sum")(x)
    y = L.TimeDistributed(L.Dense(2))(y)
    return keras.Model(x, L.Bidirectional(L.GRU(3))(y))


@model
def masked_text():
    x = L.Input((None,), dtype="int32")
    y = L.Embedding(50, 8, mask_zero=True)(x)
    y = L.LSTM(5, return_sequences=True)(y)
    return keras.Model(x, L.GRU(5, reset_after=False)(y))


@model
def attention():
    q, v = L.Input((6, 8)), L.Input((6, 8))
    y, scores = L.MultiHeadAttention(2, 4)(q, v, return_attention_scores=True)
    y = L.LayerNormalization()(q + y)
    z = L.Attention()([y, v])
    w = L.MultiHeadAttention(3, 2, value_dim=5)(query=z, value=v, key=v, use_causal_mask=False)
    return keras.Model([q, v], [w, scores])


@model
def operations():
    x = L.Input((6, 4))
    y = x[:, 1:, None, ::2] * 2.0
    y = ops.where(y > 0, y, 0.0)
    y = ops.reshape(y, (-1, 5, 2))
    y = ops.concatenate([y, 1 - y], axis=1)
    a, b = ops.split(y, 2, axis=-1)
    z = ops.mean(a, axis=[1, 2], keepdims=True) / (ops.sqrt(ops.sum(b)) + 1e-3)
    z = ops.squeeze(ops.expand_dims(z, 1), axis=1)
    w = ops.einsum("bij,bik->bjk", a, b)
    return keras.Model(x, [ops.transpose(z, (0, 2, 1)), ops.matmul(w, w), ops.cast(b, "int32")])


@model
def nested():
    inner = keras.Sequential([L.Input((5,)), L.Dense(4), L.BatchNormalization()], name="tower")
    x = L.Input((5,))
    return keras.Model(x, L.Dense(2)(inner(x)))


@model
def siamese():
    a, b = L.Input((9, 9, 1), name="left"), L.Input((9, 9, 1), name="right")
    i = L.Input((9, 9, 1))
    tower = keras.Model(i, L.Dense(3)(L.Flatten()(L.Conv2D(2, 3)(i))), name="tower")
    return keras.Model([a, b], L.Dot(axes=1, normalize=True)([tower(a), tower(b)]))


@model
def nested_twice():
    i = L.Input((4,))
    unit = keras.Model(i, L.Add()([i, L.Dense(4)(i)]), name="unit")
    j = L.Input((4,))
    pair = keras.Model(j, unit(unit(j)), name="pair")
    x = L.Input((4,))
    return keras.Model(x, pair(pair(x)))


@model
def nested_with_many_ends():
    a, b = L.Input((3,)), L.Input((4,))
    inner = keras.Model([a, b], [L.Concatenate()([a, b]), L.Dense(2)(b)], name="inner")
    x, y = L.Input((3,)), L.Input((4,))
    first, second = inner([x, y])
    return keras.Model([x, y], [second, L.Dense(1)(first)])


@model
def sequential_of_models():
    base = keras.Sequential([L.Input((16, 16, 3)), L.Conv2D(4, 3), L.ReLU()], name="base")
    return keras.Sequential([base, L.GlobalAveragePooling2D(), L.Dense(2)])


@model
def dicts():
    a, b = L.Input((3,), name="a"), L.Input((4,), name="b")
    y = L.Concatenate()([a, b])
    return keras.Model({"a": a, "b": b}, {"wide": L.Dense(9)(y), "deep": L.Dense(1)(y)})


@model
def frozen():
    x = L.Input((5,))
    first, norm = L.Dense(4), L.BatchNormalization()
    first.trainable = False
    inner = keras.Sequential([L.Input((4,)), L.Dense(3), L.Dense(2)], name="inner")
    inner.trainable = False
    return keras.Model(x, inner(norm(first(x))))


@model
def mixed_precision():
    x = L.Input((8, 3))
    y = L.Dense(4, dtype="mixed_float16")(x)
    y = L.LSTM(4, dtype="mixed_bfloat16")(y)
    return keras.Model(x, L.Dense(2, dtype="float64")(y))


@model
def quantized():
    x = L.Input((6,), dtype="int32")
    y = L.Embedding(9, 4, dtype="int8_from_float32")(x)
    y = L.EinsumDense("abc,cd->abd", (6, 3), bias_axes="d", dtype="int4/2_from_float32")(y)
    y = L.Dense(5, dtype="float8_from_mixed_bfloat16")(y)
    return keras.Model(x, L.TimeDistributed(L.Dense(2, dtype="int8_from_float32"))(y))


@model
def options_of_their_own():
    x = L.Input((8, 8, 6))
    y = L.Conv2D(
        6,
        3,
        groups=2,
        padding="same",
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.02),
        kernel_constraint=keras.constraints.MaxNorm(2),
        activity_regularizer=keras.regularizers.L1L2(1e-4, 1e-4),
    )(x)
    y = L.ZeroPadding2D(((1, 2), (0, 3)))(y)
    y = L.Conv2DTranspose(3, 3, strides=2, output_padding=1)(y)
    y = L.BatchNormalization(axis=1, scale=False)(y)
    y = L.Permute((3, 1, 2))(y)
    return keras.Model(x, L.Reshape((-1, 2))(y))


@model
def separate_inputs_for_masks():
    x, m = L.Input((6, 2)), L.Input((6,), dtype="bool")
    return keras.Model([x, m], L.LSTM(3)(x, mask=m))


@model
def channels_first():
    x = L.Input((3, 16, 16))
    y = L.Conv2D(4, 3, data_format="channels_first")(x)
    y = L.AveragePooling2D(2, data_format="channels_first")(y)
    return keras.Model(x, L.Flatten(data_format="channels_first")(y))


@model
def one_dimension():
    x = L.Input((40, 2))
    y = L.Conv1D(4, 5, padding="causal", dilation_rate=2)(x)
    y = L.MaxPooling1D(3, strides=2)(y)
    y = L.Conv1DTranspose(3, 4, strides=3)(y)
    return keras.Model(x, L.GlobalMaxPooling1D(keepdims=True)(y))


@model
def three_dimensions():
    x = L.Input((8, 9, 10, 2))
    y = L.Conv3D(4, (1, 2, 3))(x)
    return keras.Model(x, L.MaxPooling3D(2, padding="same")(y))


@model
def lora():
    x = L.Input((8,))
    dense = L.Dense(4)
    y = dense(x)
    dense.enable_lora(2)
    return keras.Model(x, y)


@model
def activations():
    x = L.Input((6,))
    y = L.Dense(6, activation=L.LeakyReLU(0.2))(x)
    y = L.Dense(6, activation=keras.activations.gelu)(y)
    y = L.PReLU()(L.ELU(0.5)(y))
    y = L.Activation("hard_silu")(y)
    return keras.Model(x, L.Softmax()(keras.activations.relu(y, max_value=6)))


@model
def model_at_each_step():
    inner = keras.Sequential(
        [L.Input((8, 8, 1)), L.Conv2D(2, 3), L.BatchNormalization(), L.Flatten(), L.Dense(3)],
        name="frame",
    )
    x = L.Input((None, 8, 8, 1))
    return keras.Model(x, L.LSTM(4)(L.TimeDistributed(inner)(x)))


@model
def graph_at_each_step():
    i = L.Input((6,))
    unit = keras.Model(i, L.Add()([i, L.Dense(6)(i)]), name="unit")
    steps = L.TimeDistributed(unit, name="steps")
    x = L.Input((5, 6))
    return keras.Model(x, steps(steps(x)))


@model
def model_that_begins_with_steps():
    i = L.Input((3, 6))
    unit = keras.Sequential([L.Input((6,)), L.Dense(4)], name="unit")
    inner = keras.Model(i, L.GRU(2)(L.TimeDistributed(unit, name="each")(i)), name="inner")
    x = L.Input((3, 6))
    return keras.Model(x, L.Dense(2)(inner(x)))
