"""Makes `keras2.json`: models of Keras 2, as `tf_keras` saves and counts them.

    python -m venv /tmp/oracle
    /tmp/oracle/bin/pip install tf_keras tensorflow-cpu
    /tmp/oracle/bin/python tests/spec/keras/golden/make.py

Each model has its `to_json()` and a row for every layer: its path, the shapes of its last call's
outputs, how many parameters it has and how many of them are trained.
"""

import json
from pathlib import Path

import tensorflow as tf
import tf_keras
from tf_keras import layers as L

MODELS = {}


def model(build):
    MODELS[build.__name__] = build
    return build


@model
def images():
    return tf_keras.Sequential(
        [
            L.Conv2D(8, 3, padding="same", input_shape=(32, 24, 3)),
            L.BatchNormalization(),
            L.LeakyReLU(alpha=0.2),
            L.DepthwiseConv2D(3, depth_multiplier=2),
            L.Conv2DTranspose(4, 3, strides=2),
            L.SeparableConv2D(6, 3, depth_multiplier=2),
            L.ThresholdedReLU(0.5),
            L.MaxPooling2D(),
            L.UpSampling2D(2, interpolation="bilinear"),
            L.SpatialDropout2D(0.1),
            L.Cropping2D(1),
            L.GaussianNoise(0.1),
            L.GlobalAveragePooling2D(),
            L.Dense(5, activation="softmax", kernel_regularizer="l1_l2"),
        ]
    )


@model
def images_over_time():
    x = L.Input((4, 8, 8, 1))
    y = L.TimeDistributed(L.Conv2D(3, 3))(x)
    inner = tf_keras.Sequential([L.Flatten(), L.Dense(2)], name="frame")
    return tf_keras.Model(x, L.TimeDistributed(inner)(y))


@model
def built_late():
    made = tf_keras.Sequential([L.Dense(3), L.Dense(2)])
    made.build((None, 7))
    return made


@model
def texts():
    x = L.Input((None,), dtype="int32")
    y = L.Embedding(100, 8, mask_zero=True)(x)
    y = L.Bidirectional(L.LSTM(5, return_sequences=True))(y)
    y = L.GRU(4, return_sequences=True)(y)
    y = L.GRU(4, return_sequences=True, reset_after=False)(y)
    y = L.TimeDistributed(L.Dense(3))(y)
    return tf_keras.Model(x, L.SimpleRNN(2)(y))


@model
def states():
    x, h = L.Input((7, 3)), L.Input((4,))
    y, s = L.GRU(4, return_sequences=True, return_state=True)(x, initial_state=h)
    z, a, b = L.LSTM(4, return_state=True)(y)
    w = L.LSTM(4)(y, initial_state=[a, b])
    return tf_keras.Model([x, h], [L.Concatenate()([z, s, w]), b])


@model
def attention():
    q, v = L.Input((6, 8)), L.Input((6, 8))
    y = L.Attention(use_scale=True)([q, v])
    z = L.MultiHeadAttention(2, 4)(q, v)
    w = L.MultiHeadAttention(num_heads=2, key_dim=3)(z, value=v, key=y)
    return tf_keras.Model([q, v], L.LayerNormalization()(L.Add()([w, z])))


@model
def siamese():
    i = L.Input((9, 9, 1))
    tower = tf_keras.Model(i, L.Dense(3)(L.Flatten()(L.Conv2D(2, 3)(i))), name="tower")
    a, b = L.Input((9, 9, 1), name="left"), L.Input((9, 9, 1), name="right")
    return tf_keras.Model([a, b], L.Dot(1)([tower(a), tower(b)]))


@model
def towers():
    inner = tf_keras.Sequential([L.Dense(4, input_shape=(5,)), L.BatchNormalization()])
    x = L.Input((5,))
    y = inner(x)
    return tf_keras.Model(x, [L.Dense(2)(y), inner(L.ReLU()(x))])


@model
def sequential_of_models():
    base = tf_keras.Sequential([L.InputLayer((16, 16, 3)), L.Conv2D(4, 3)], name="base")
    made = tf_keras.Sequential([base, L.GlobalMaxPooling2D(), L.Dense(2)])
    made.build((None, 16, 16, 3))
    return made


@model
def operators():
    x, y = L.Input((6, 4)), L.Input((6, 4))
    z = x + y * 2.0 - 1.0
    z = z[:, 1:3, None, ::2]
    z = tf.reshape(z, (-1, 4))
    z = tf.concat([z, tf.nn.relu(z)], axis=-1)
    a, b = tf.split(z, 2, axis=1)
    w = tf.reduce_mean(x, axis=[1], keepdims=True) / tf.sqrt(y)
    v = tf.transpose(tf.expand_dims(w, 1), perm=[0, 3, 1, 2])
    u = tf.matmul(x, tf.transpose(y, perm=[0, 2, 1]))
    return tf_keras.Model(
        [x, y], [tf.nn.softmax(a * b), tf.squeeze(v, axis=2), tf.cast(u, tf.int32)]
    )


@model
def frozen():
    x = L.Input((5,))
    first, norm = L.Dense(4), L.BatchNormalization()
    first.trainable = False
    norm.trainable = False
    return tf_keras.Model(x, L.Dense(2)(norm(first(x))))


@model
def mixed_precision():
    x = L.Input((8, 3))
    y = L.Dense(4, dtype="mixed_float16")(x)
    return tf_keras.Model(x, L.Dense(2, dtype="float32")(y))


@model
def preprocessing():
    x = L.Input((20, 20, 3))
    y = L.Rescaling(1 / 255)(x)
    y = L.ZeroPadding2D(((1, 0), (2, 3)))(y)
    y = L.Permute((3, 1, 2))(y)
    return tf_keras.Model(x, L.Reshape((3, -1))(y))


@model
def shared():
    a, b = L.Input((5,), name="a"), L.Input((5,), name="b")
    dense = L.Dense(5)
    return tf_keras.Model({"a": a, "b": b}, [dense(dense(a)), dense(b)])


@model
def one_dimension():
    x = L.Input((40, 2))
    y = L.Conv1D(4, 5, padding="causal", dilation_rate=2, groups=2)(x)
    y = L.MaxPooling1D(3, strides=2)(y)
    y = L.UpSampling1D(2)(y)
    return tf_keras.Model(x, L.AveragePooling1D(2)(y))


@model
def locally_connected():
    x = L.Input((9, 8, 3))
    y = L.LocallyConnected2D(4, (3, 2), strides=(2, 1), activation="relu")(x)
    y = L.LocallyConnected2D(2, 2, implementation=2, use_bias=False)(y)
    y = L.Reshape((9, 4))(y)
    return tf_keras.Model(x, L.LocallyConnected1D(3, 3, padding="same", implementation=3)(y))


@model
def functions():
    x = L.Input((8, 8, 4))
    y = tf.math.l2_normalize(tf.image.resize(x, (4, 6)), axis=-1)
    y = tf.nn.space_to_depth(tf.nn.depth_to_space(y, 2), 2)
    y = tf.reverse(tf.pad(y, [[0, 0], [1, 1], [2, 2], [0, 0]]), [1])
    z = tf.nn.dropout(tf.nn.max_pool2d(y, 2, 2, "SAME"), 0.5)
    z = tf.math.add_n([z, tf.nn.avg_pool2d(y, [1, 2, 2, 1], 2, "SAME")])
    z = tf.concat([z[:, 1:, ..., tf.newaxis], tf.ones_like(z[:, 1:, ..., tf.newaxis])], -1)
    y = L.RandomFlip()(tf.image.flip_left_right(y))
    return tf_keras.Model(x, [tf.norm(y, axis=-1), tf.cumsum(tf.reduce_mean(z, [1, 2]), axis=1)])


def size(weight):
    return weight.shape.num_elements()


def rows(made, path=""):
    """Yield a row for each layer of a model and of those inside it."""
    for layer in made._self_tracked_trackables:
        name = f"{path}{layer.name}"
        nodes = layer.inbound_nodes
        shapes = [list(s.shape) for s in tf.nest.flatten(nodes[-1].outputs)] if nodes else None
        groups = layer.weights, layer.trainable_weights
        yield [name, None if path else shapes, *(sum(map(size, group)) for group in groups)]
        if isinstance(layer, tf_keras.Model):
            yield from rows(layer, f"{name}/")


def main():
    out = {}
    for name, build in MODELS.items():
        tf_keras.backend.clear_session()
        made = build()
        out[name] = {"config": json.loads(made.to_json()), "rows": list(rows(made))}
    lines = ",\n".join(f'"{name}": {json.dumps(data)}' for name, data in out.items())
    path = Path(__file__).with_name("keras2.json")
    path.write_text(f"{{{lines}}}\n", "utf-8")


if __name__ == "__main__":
    main()
