"""Further whole models, in the shapes that real ones have: each function builds one with Keras."""

import keras
import numpy as np
from keras import layers as L
from keras import ops

MODELS = {}


def model(build):
    MODELS[build.__name__] = build
    return build


def policy(name):
    """Build a model under a global dtype policy."""

    def wrap(build):
        def under():
            keras.config.set_dtype_policy(name)
            try:
                return build()
            finally:
                keras.config.set_dtype_policy("float32")

        under.__name__ = build.__name__
        return under

    return wrap


def conv(x, filters, size=3, strides=1, **more):
    x = L.Conv2D(filters, size, strides, padding="same", use_bias=False, **more)(x)
    return L.ReLU()(L.BatchNormalization()(x))


@model
def vgg_like():
    stack = [L.Input((32, 32, 3), name="image")]
    for filters in (8, 16):
        stack += [L.Conv2D(filters, 3, padding="same", activation="relu") for _ in range(2)]
        stack.append(L.MaxPooling2D(2, strides=2))
    return keras.Sequential(
        [*stack, L.Flatten(), L.Dense(32, "relu"), L.Dropout(0.5), L.Dense(10, "softmax")]
    )


@model
def resnet_like():
    x = entrance = L.Input((None, None, 3))
    x = L.MaxPooling2D(3, 2, padding="same")(conv(L.ZeroPadding2D(3)(x), 8, 7, 2))
    for stage, filters in enumerate((8, 16)):
        for block in range(2):
            strides = 2 if stage and not block else 1
            short = x
            if block == 0:
                short = L.Conv2D(4 * filters, 1, strides, name=f"stage{stage}_short")(x)
                short = L.BatchNormalization(epsilon=1.001e-5)(short)
            x = conv(conv(x, filters, 1, strides), filters)
            x = L.BatchNormalization()(L.Conv2D(4 * filters, 1, use_bias=False)(x))
            x = L.Activation("relu")(L.Add()([x, short]))
    return keras.Model(entrance, L.Dense(7)(L.GlobalAveragePooling2D()(x)), name="resnet")


@model
def unet_like():
    x = entrance = L.Input((32, 48, 1))
    kept = []
    for filters in (4, 8):
        x = conv(conv(x, filters), filters)
        kept.append(x)
        x = L.MaxPooling2D()(x)
    x = conv(x, 16)
    for filters, before in zip((8, 4), reversed(kept), strict=True):
        x = L.Conv2DTranspose(filters, 2, strides=2)(x)
        x = conv(L.Concatenate()([before, x]), filters)
    return keras.Model(entrance, L.Conv2D(2, 1, activation="softmax")(x))


@model
def inception_like():
    x = entrance = L.Input((None, None, 8))
    branches = [
        conv(x, 4, 1),
        conv(conv(x, 4, 1), 6, (1, 7)),
        conv(conv(conv(x, 4, 1), 6), 6, (3, 1)),
        conv(L.AveragePooling2D(3, 1, padding="same")(x), 5, 1),
    ]
    x = L.Concatenate(axis=-1, name="mixed")(branches)
    reduced = [L.Conv2D(8, 3, 2)(x), L.MaxPooling2D(3, 2)(x)]
    return keras.Model(entrance, L.GlobalMaxPooling2D(keepdims=True)(L.Concatenate()(reduced)))


@model
def densely_connected():
    x = entrance = L.Input((16, 16, 4))
    for _ in range(4):
        x = L.Concatenate()([x, conv(x, 3)])
    return keras.Model(entrance, L.GlobalAveragePooling2D(data_format="channels_last")(x))


@model
def squeeze_and_excite():
    x = entrance = L.Input((14, 14, 12))
    x = conv(x, 24)
    weights = L.GlobalAveragePooling2D()(x)
    weights = L.Reshape((1, 1, 24))(weights)
    weights = L.Conv2D(6, 1, activation="silu")(weights)
    weights = L.Conv2D(24, 1, activation="hard_sigmoid")(weights)
    return keras.Model(entrance, L.Multiply()([x, weights]))


def encoder(x, heads, width, *, causal=False):
    attended = L.MultiHeadAttention(heads, width // heads, dropout=0.1)(
        x, x, use_causal_mask=causal
    )
    x = L.LayerNormalization(epsilon=1e-6)(L.Add()([x, attended]))
    inner = L.Dense(width)(L.Dense(4 * width, activation="gelu")(x))
    return L.LayerNormalization(epsilon=1e-6)(x + inner)


@model
def transformer_encoder():
    tokens = L.Input((None,), dtype="int32", name="tokens")
    x = L.Embedding(100, 12)(tokens)
    for _ in range(2):
        x = encoder(x, 3, 12)
    return keras.Model(tokens, L.Dense(5)(L.GlobalAveragePooling1D()(x)))


@model
def transformer_encoder_and_decoder():
    source, target = (L.Input((n,), dtype="int32", name=name) for name, n in (("a", 7), ("b", 5)))
    embed = L.Embedding(50, 8)
    memory = encoder(embed(source), 2, 8)
    x = encoder(embed(target), 2, 8, causal=True)
    x = L.Add()([x, L.MultiHeadAttention(2, 4)(x, memory, memory)])
    return keras.Model([source, target], L.Dense(50, name="words")(x))


@model
def vision_transformer():
    image = L.Input((24, 24, 3))
    x = L.Conv2D(16, 6, 6, name="patches")(image)
    x = L.Reshape((-1, 16))(x)
    x = encoder(x, 4, 16)
    return keras.Model(image, [L.Dense(3)(x[:, 0]), ops.mean(x, axis=1)])


@model
def language_model_with_tied_weights():
    tokens = L.Input((None,), dtype="int32")
    embed = L.ReversibleEmbedding(60, 8)
    return keras.Model(tokens, embed(encoder(embed(tokens), 2, 8, causal=True), reverse=True))


@model
def seq2seq():
    source, target = L.Input((None, 6)), L.Input((None, 5))
    *_, h, c = L.LSTM(8, return_state=True, name="encoder")(source)
    x, _, _ = L.LSTM(8, return_sequences=True, return_state=True)(target, initial_state=[h, c])
    return keras.Model([source, target], [L.TimeDistributed(L.Dense(5))(x), c])


@model
def stacked_bidirectional():
    return keras.Sequential(
        [
            L.Input((20, 6)),
            L.Bidirectional(L.LSTM(4, return_sequences=True)),
            L.Bidirectional(L.GRU(3, return_sequences=True), merge_mode="sum"),
            L.Bidirectional(
                L.LSTM(2),
                merge_mode="ave",
                backward_layer=L.LSTM(2, go_backwards=True),
            ),
            L.Dense(1),
        ]
    )


@model
def wavenet_like():
    x = entrance = L.Input((None, 2))
    for rate in (1, 2, 4):
        tanh = L.Conv1D(4, 2, padding="causal", dilation_rate=rate, activation="tanh")(x)
        gate = L.Conv1D(4, 2, padding="causal", dilation_rate=rate, activation="sigmoid")(x)
        x = L.Add()([L.Conv1D(2, 1)(L.Multiply()([tanh, gate])), x])
    return keras.Model(entrance, x)


@model
def video():
    x = entrance = L.Input((8, 16, 16, 3))
    x = L.MaxPooling3D((1, 2, 2))(L.Conv3D(4, 3, padding="same", activation="relu")(x))
    x = L.TimeDistributed(L.Conv2D(5, 3))(x)
    x = L.TimeDistributed(L.GlobalMaxPooling2D())(x)
    return keras.Model(entrance, L.GRU(6)(x))


@model
def autoencoder():
    encode = keras.Sequential(
        [L.Input((28, 28, 1)), L.Conv2D(4, 3, 2, "same"), L.Flatten(), L.Dense(8)], name="encode"
    )
    decode = keras.Sequential(
        [
            L.Input((8,)),
            L.Dense(7 * 7 * 4, "relu"),
            L.Reshape((7, 7, 4)),
            L.UpSampling2D(2, interpolation="bilinear"),
            L.Conv2DTranspose(1, 3, 2, "same", activation="sigmoid"),
        ],
        name="decode",
    )
    image = L.Input((28, 28, 1))
    return keras.Model(image, decode(encode(image)), name="autoencoder")


@model
def variational():
    image = L.Input((10,))
    hidden = L.Dense(6, "relu")(image)
    mean, spread = L.Dense(2, name="mean")(hidden), L.Dense(2, name="spread")(hidden)
    code = mean + ops.exp(0.5 * spread)
    return keras.Model(image, {"image": L.Dense(10)(code), "mean": mean, "spread": spread})


@model
def triplets():
    tower = keras.Sequential([L.Input((6,)), L.Dense(4, "relu"), L.Dense(3)], name="tower")
    ends = [L.Input((6,), name=name) for name in ("anchor", "same", "other")]
    anchor, same, other = map(tower, ends)
    near, far = (L.Dot(axes=1, normalize=True)([anchor, x]) for x in (same, other))
    return keras.Model(ends, L.Subtract()([near, far]))


@model
def recommender():
    user, item = (L.Input((1,), dtype="int64", name=name) for name in ("user", "item"))
    vectors = [L.Flatten()(L.Embedding(n, 5)(x)) for n, x in ((40, user), (30, item))]
    bias = L.Flatten()(L.Embedding(30, 1, embeddings_initializer="zeros")(item))
    return keras.Model([user, item], ops.sigmoid(L.Dot(1)(vectors) + bias))


@model
def wide_and_deep():
    wide, deep = L.Input((12,), name="wide"), L.Input((4, 3), name="deep")
    x = L.Dense(8, "relu", kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2))(L.Flatten()(deep))
    x = L.Concatenate()([wide, x])
    return keras.Model({"wide": wide, "deep": deep}, [L.Dense(1)(x), L.Dense(3, "softmax")(x)])


@model
def fine_tuning():
    base = keras.Model(
        inputs := L.Input((None, None, 3)), conv(conv(inputs, 4), 8, strides=2), name="base"
    )
    base.trainable = False
    image = L.Input((20, 20, 3))
    x = base(L.Rescaling(1 / 127.5, offset=-1)(image), training=False)
    return keras.Model(image, L.Dense(2)(L.GlobalAveragePooling2D()(x)))


@model
def partly_frozen():
    made = keras.Sequential([L.Input((6,)), L.Dense(5), L.BatchNormalization(), L.Dense(4)])
    made.layers[0].trainable = False
    made.layers[1].trainable = False
    return made


@model
@policy("mixed_float16")
def mixed_precision_with_a_float32_head():
    x = entrance = L.Input((8, 8, 3))
    x = L.Flatten()(conv(x, 4))
    return keras.Model(entrance, L.Activation("softmax", dtype="float32")(L.Dense(5)(x)))


@model
@policy("bfloat16")
def all_in_bfloat16():
    return keras.Sequential([L.Input((6, 4)), L.GRU(3, recurrent_initializer="zeros"), L.Dense(2)])


@model
def models_three_deep():
    def wrap(inner, width, name):
        x = L.Input((width,))
        return keras.Model(x, L.Dense(width)(inner(inner(x))), name=name)

    return wrap(wrap(wrap(L.Dense(4), 4, "a"), 4, "b"), 4, "c")


@model
def ops_in_the_graph():
    x, y = L.Input((6, 4)), L.Input((6, 4))
    z = ops.concatenate([x, ops.flip(y, axis=1)], axis=-1)
    scores = ops.softmax(ops.matmul(x, ops.transpose(y, (0, 2, 1))) / 2.0)
    z = ops.einsum("bij,bjd->bid", scores, z)
    parts = ops.split(z, 2, axis=-1)
    picked = ops.where(parts[0] > 0, parts[0], parts[1])
    return keras.Model([x, y], [ops.reshape(picked, (-1, 24)), ops.max(z, axis=(1, 2))])


@model
def attention_of_bare_operations():
    x, mask, scale = L.Input((6, 8)), L.Input((1, 6, 6), dtype="bool"), L.Input((1, 8))
    heads = [ops.reshape(L.Dense(8)(x), (-1, 6, 2, 4)) for _ in range(3)]
    y = ops.dot_product_attention(*heads, mask=mask, scale=0.5, is_causal=True)
    y = ops.rms_normalization(ops.reshape(y, (-1, 6, 8)), scale=scale)
    y = ops.layer_normalization(y, beta=np.zeros(8, "float32"))
    losses = ops.sparse_categorical_crossentropy(ops.argmax(x, axis=-1), y, from_logits=True)
    return keras.Model([x, mask, scale], [ops.multi_hot(ops.argmax(y, axis=1), 6), losses])


@model
def windows_of_bare_operations():
    x = L.Input((9, 9, 3))
    y = ops.conv(x, np.zeros((3, 3, 3, 4), "float32"), strides=(2, 1), padding="same")
    y = ops.batch_normalization(y, np.zeros(4), np.ones(4), axis=-1, scale=np.ones(4))
    y = ops.depthwise_conv(ops.max_pool(y, 2), np.zeros((1, 2, 4, 2), "float32"))
    z = ops.separable_conv(y, np.zeros((2, 2, 8, 1)), np.zeros((1, 1, 8, 5)))
    patches = ops.image.extract_patches(x, (2, 3), strides=1, padding="same")
    folded = ops.fold(ops.unfold(ops.transpose(x, (0, 3, 1, 2)), 3, padding=1), 9, 3, padding=1)
    return keras.Model(x, [ops.average_pool(z, (1, 2), padding="same"), patches, folded])


@model
def places_of_bare_operations():
    x, key = L.Input((6, 6), batch_size=4), L.Input((3,), batch_size=4, dtype="int32")
    y = ops.slice_update(x, [0, 1, 2], ops.slice(x, [0, 0, 1], (4, 2, 3)))
    y = ops.scatter_update(y, [[0, 1], [1, 2]], np.ones((2, 6), "float32"), reduction="add")
    y = ops.append(ops.diff(y, axis=1), ops.rot90(x, axes=(1, 2)), axis=1)
    shares = ops.quantile(y, [0.25, 0.75], axis=1, keepdims=True)
    sums = ops.segment_sum(ops.diagonal(x, axis1=1, axis2=2), ops.max(key, axis=1), 2)
    pieces = ops.array_split(ops.average(y, axis=2), 3, axis=1)
    bits = ops.bitwise_or(ops.left_shift(key, 1), ops.gcd(key, 6))
    angles = ops.arctan2(ops.digitize(y, np.array([0.0, 0.5])), ops.saturate_cast(y, "float16"))
    return keras.Model(
        [x, key], [shares, sums, *pieces, bits, ops.trapezoid(angles), *ops.hsplit(x, 2)]
    )


@model
def products_of_bare_operations():
    x, y = L.Input((4, 6)), L.Input((4, 6))
    z = ops.tensordot(ops.matmul(x, np.ones((6, 3), "float32")), np.ones((4, 3, 2)), axes=2)
    squares = ops.matmul(x, ops.transpose(y, (0, 2, 1)))
    parts = ops.qr(ops.inv(squares))
    turns, values, _ = ops.svd(ops.take(x, [0, 2, 3], axis=1), full_matrices=False)
    solved = ops.solve(ops.cholesky(squares), x)
    crossed = ops.cross(x[..., :3], y[..., 3:])
    near = [ops.cdist(x, y), ops.det(squares), ops.inner(x, np.ones(6, "float32"))]
    return keras.Model([x, y], [z, *parts, turns, values, solved, crossed, *near])


@model
def images_of_bare_operations():
    x, sound = L.Input((8, 8, 3)), L.Input((32,))
    y = ops.image.pad_images(
        ops.image.rgb_to_hsv(x), top_padding=1, left_padding=2, target_height=10, target_width=12
    )
    y = ops.image.crop_images(
        y, bottom_cropping=1, right_cropping=1, target_height=6, target_width=7
    )
    y = ops.image.gaussian_blur(ops.image.elastic_transform(ops.image.hsv_to_rgb(y), seed=1))
    y = ops.image.affine_transform(y, np.ones(8, "float32"), interpolation="nearest")
    corners = np.ones((4, 2), "float32")
    y = ops.image.perspective_transform(y, corners, corners)
    waves = ops.stft(sound, sequence_length=8, sequence_stride=4, fft_length=8)
    back = ops.istft(waves, sequence_length=8, sequence_stride=4, fft_length=8, length=30)
    pieces = ops.extract_sequences(back, 6, 3)
    samples = ops.irfft(ops.rfft(pieces))
    turned = ops.ifft2(ops.fft2(ops.fft((pieces, pieces))))
    return keras.Model([x, sound], [ops.image.rgb_to_grayscale(y), samples, *turned])


@model
def slices_and_steps():
    x = L.Input((9, 6))
    return keras.Model(x, [x[:, ::2], x[:, -1, None], x[..., 1:4], ops.expand_dims(x, 1)])


@model
def names_with_odd_letters():
    x = L.Input((3,), name="in put")
    return keras.Model(x, L.Dense(2, name="dénse 1, [a]")(x), name="a #model")


@model
def fixed_batch():
    x = L.Input(batch_shape=(4, 6, 3))
    return keras.Model(x, L.LSTM(2, stateful=True, return_sequences=True)(x))


@model
def one_layer_many_times():
    x = entrance = L.Input((4,))
    again = L.Dense(4, name="again")
    for _ in range(3):
        x = L.Add()([again(x), x])
    return keras.Model(entrance, [x, again(x)])


@model
def options_of_every_kind():
    x = L.Input((8, 8, 4))
    return keras.Model(
        x,
        L.Conv2D(
            8,
            (3, 2),
            strides=(2, 1),
            groups=2,
            kernel_initializer=keras.initializers.VarianceScaling(2.0, "fan_out"),
            bias_initializer=keras.initializers.Constant(0.1),
            kernel_regularizer=keras.regularizers.OrthogonalRegularizer(0.1),
            kernel_constraint=keras.constraints.MaxNorm(2, axis=(0, 1, 2)),
            activity_regularizer="l1",
            activation=keras.activations.leaky_relu,
        )(x),
    )


@model
def quantized_after_training():
    x = L.Input((12,))
    y = L.EinsumDense("ab,bc->ac", 4, bias_axes="c")(L.Dense(8)(x))
    made = keras.Model(x, y)
    made.quantize("int8")
    return made


@model
def constant_arrays():
    x = L.Input((4, 3))
    y = ops.subtract(x, np.array([103.9, 116.8, 123.7], "float32"))
    y = ops.multiply(np.ones((2, 1, 1), "int32"), y[:, None])
    y = ops.where(y > 0, y, np.zeros(3, "float32"))
    return keras.Model(x, L.Dense(2)(y))
