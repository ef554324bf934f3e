"""Layers with quantized weights, against Keras itself."""

from random import Random

import keras
import pytest

from dense_shapes.layers import REGISTRY
from tests.oracle import kinds as k
from tests.oracle.draws import Row
from tests.oracle.keras_side import quantizer
from tests.oracle.rows import ROWS
from tests.oracle.test_layers import agree


def policy(mode, source, **more):
    """Return the mapping in which Keras saves a quantized policy."""
    kind = "QuantizedFloat8DTypePolicy" if more else "QuantizedDTypePolicy"
    return {"class_name": kind, "config": {"mode": mode, "source_name": source, **more}}


def config(kind, **options):
    """Return the mapping in which Keras saves how weights are quantized."""
    return {"class_name": kind, "config": options}


POLICIES = k.of(
    *("int8_from_float32", "int8_from_mixed_bfloat16", "int4_from_float32", "int4_from_float64"),
    *("int4/2_from_float32", "int4/3_from_mixed_bfloat16", "int4/-1_from_float32"),
    *("float8_from_float32", "float8_from_mixed_bfloat16", "float8_from_mixed_float16"),
    policy("int8", "bfloat16"),
    policy("int4", "float32"),
    policy("float8", "float32", amax_history_length=7),
    wrong=(
        *("int8_from_float16", "int8_from_mixed_float16", "int8", "int4/0_from_float32"),
        *("int4/x_from_float32", "gptq_from_float32", "gptq/5/2_from_float32", "float8_from_"),
        *("awq/8/2_from_float32", "int9_from_float32", "int8_from_float17", "int8/2_from_float32"),
        *("gptq/4/0_from_float32", "awq/4_from_float32", policy("int2", "float32")),
    ),
)
CONFIGS = k.of(
    None,
    config("Int8QuantizationConfig"),
    config("Int4QuantizationConfig", block_size=2),
    config("Int4QuantizationConfig", block_size=-1),
    config("Int4QuantizationConfig"),
    config("Float8QuantizationConfig"),
    wrong=(config("Int4QuantizationConfig", block_size=0), config("NoConfig")),
)


def quantized(name):
    """Return the row of a layer with a quantized policy in every case."""
    row = ROWS[name]
    options = {**row.options, "dtype": POLICIES, "quantization_config": CONFIGS}
    common = {option: kind for option, kind in k.COMMON.items() if option != "dtype"}
    required = (*row.required, "dtype")

    def fit(r, options, sizes):
        row.fit(r, options, sizes)
        while "..." in str(options.get("equation")) and r.random() < 0.8:
            # Hardly any quantized kernel goes with dots.
            row.fit(r, options, sizes)
        if r.random() < 0.6:
            options.pop("lora_rank", None)

    return Row(options, required, row.sizes, fit, row.dtypes, row.call, common=common)


WITH_POLICY = [
    name for name, cls in REGISTRY.items() if "dtype" in cls.fields and name != "InputLayer"
]


@pytest.mark.parametrize("name", ["Dense", "EinsumDense", "Embedding", "ReversibleEmbedding"])
def test_quantized_layers_agree_with_keras(name, request, record_property):
    agree(name, quantized(name), request.config, record_property)


def kept(layer, x):
    """Return what is to be compared of each weight."""
    return [
        (w.name, w.shape, w.trainable, w.dtype or layer.variable_dtype) for w in layer.weights(x)
    ]


@pytest.mark.parametrize("group", [-1, 1, 2, 3, 128])
@pytest.mark.parametrize("mode", ["gptq/2", "gptq/3", "gptq/4", "gptq/8", "awq/4"])
@pytest.mark.parametrize("source", ["float32", "mixed_bfloat16"])
def test_weights_that_are_calibrated_before_any_call(mode, group, source):
    """Keras builds such layers to load saved weights into; a call before that fails."""
    r = Random(f"{mode} {group} {source}")
    kinds = {"gptq": "GPTQConfig", "awq": "AWQConfig"}
    for _ in range(20):
        options = {"units": r.randint(1, 9), "use_bias": r.random() < 0.5}
        options["dtype"] = f"{mode}/{group}_from_{source}"
        given = None
        if r.random() < 0.5:
            bits = r.choice((2, 3, 4, 8)) if mode[0] == "g" else 4
            kind = kinds[mode.partition("/")[0]]
            given = config(kind, weight_bits=bits, group_size=r.choice((-1, 2, 5)))
            given["config"] |= {"dataset": None, "tokenizer": None}
        features = r.randint(1, 9)
        theirs = keras.layers.Dense(
            **options, quantization_config=None if given is None else quantizer(**given)
        )
        theirs.build((2, features))
        ours = REGISTRY["Dense"](**options, quantization_config=given)
        assert kept(ours, (2, features)) == [
            (w.name, tuple(w.shape), w.trainable, w.dtype) for w in theirs.weights
        ]


@pytest.mark.parametrize("group", [-1, 2])
@pytest.mark.parametrize("mode", ["gptq/3", "gptq/4", "awq/4"])
def test_calibrated_kernels_of_an_equation(mode, group):
    r = Random(f"{mode} {group}")
    for equation in ("abc,cd->abd", "abc,cde->abde", "abde,dec->abc", "abc,dc->abd"):
        given, kernel, made = equation.replace("->", ",").split(",")
        sizes = {a: r.randint(1, 7) for a in given + kernel}
        options = {
            "equation": equation,
            "output_shape": [sizes[a] for a in made[1:]],
            "bias_axes": made[-1],
            "dtype": f"{mode}/{group}_from_float32",
        }
        x = tuple(sizes[a] for a in given)
        theirs = keras.layers.EinsumDense(**options)
        theirs.build(x)
        ours = REGISTRY["EinsumDense"](**options)
        ours.output(x)
        assert kept(ours, x) == [
            (w.name, tuple(w.shape), w.trainable, w.dtype) for w in theirs.weights
        ]


@pytest.mark.parametrize("name", WITH_POLICY)
def test_layers_that_keras_cannot_quantize_say_so(name):
    layer = REGISTRY[name]
    taken = [mode for mode in ("int8", "int4", "float8") if mode in layer.quantizes]
    assert [
        mode
        for mode in ("int8", "int4", "float8")
        if layer.accepts("dtype", f"{mode}_from_float32")
    ] == taken
