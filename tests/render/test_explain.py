"""The long explanation: equations, and where counts come from."""

import re

import pytest

from dense_shapes.api import analyse
from dense_shapes.render.explain import render_explanations


def explained(kind, options, *shapes):
    """Return the long explanation of one layer on inputs of these shapes."""
    inputs = {f"in{i}": shape for i, shape in enumerate(shapes)}
    spec = {"inputs": inputs, "layers": [{kind: {**options, "from": list(inputs)}}]}
    row = analyse(spec, steps=True).layers[-1]
    return render_explanations([row], width=None, ascii_only=False, bold=False)


@pytest.mark.parametrize(
    ("kind", "options", "equation"),
    [
        ("Dense", {"units": 5}, "input · kernel + bias → output"),
        ("Dense", {"units": 5, "dtype": "int8_from_float32"}, "input · kernel + bias → output"),
        ("Dense", {"units": 5, "dtype": "float8_from_float32"}, "input · kernel + bias → output"),
        (
            "EinsumDense",
            {
                "equation": "abc,cd->abd",
                "output_shape": [None, 3],
                "bias_axes": "d",
                "dtype": "int8_from_float32",
            },
            "input · kernel + bias → output",
        ),
    ],
)
def test_a_bias_comes_after_the_kernel_however_it_is_kept(kind, options, equation):
    text = explained(kind, options, [6, 4])
    assert f"             {equation}\n" in text
    assert "numbers of the kernel × 6 places" in text


@pytest.mark.parametrize("dtype", ["int4_from_float32", "awq/4/2_from_float32"])
def test_weights_packed_into_other_shapes_stand_in_no_equation(dtype):
    text = explained("Dense", {"units": 5, "dtype": dtype}, [4])
    assert "  equation   (None, 4) → (None, 5)\n  sizes      kernel, unpacked: (4, 5)" in text


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "value_dim": 5, "use_gate": True}),
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "output_shape": [2, 5]}),
        ("GroupQueryAttention", {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}),
        ("Attention", {}),
        ("AdditiveAttention", {}),
    ],
)
def test_the_products_of_attention_make_its_macs(kind, options):
    text = explained(kind, options, [7, 4], [6, 4])
    products = [int(n.replace(",", "")) for n in re.findall(r"([\d,]+) multiply-acc", text)]
    (total,) = re.findall(r"(?m)^  macs +([\d,]+)$", text)
    assert sum(products) == int(total.replace(",", ""))


@pytest.mark.parametrize(
    ("kind", "options", "shapes", "derived"),
    [
        ("Dense", {"units": 5, "dtype": "int4_from_float32"}, [[7, 4]], "7·4·5 = 140"),
        ("Dense", {"units": 5, "dtype": "gptq/4/2_from_float32"}, [[4]], "4·5 = 20"),
        (
            "EinsumDense",
            {"equation": "abc,cd->abd", "output_shape": [None, 3], "dtype": "int4_from_float32"},
            [[6, 4]],
            "6·4·3 = 72",
        ),
        (
            "EinsumDense",
            {"equation": "...x,xy->...y", "output_shape": 3},
            [[7, 6, 4]],
            "4·3·7·6 = 504",
        ),
        (
            "ReversibleEmbedding",
            {"input_dim": 9, "output_dim": 4, "call": {"reverse": True}},
            [[5, 4]],
            "5·4·9 = 180",
        ),
        ("Dot", {"axes": [2, 1]}, [[3, 5], [5, 4]], "3·4·5 = 60"),
        (
            "ConvLSTM1D",
            {"filters": 3, "kernel_size": 2},
            [[8, 9, 6]],
            "8 places · 2 of the window · (6 + 3) channels · 12 filters of 4 gates = 1,728",
        ),
        (
            "MelSpectrogram",
            {"fft_length": 16, "sequence_stride": 4, "num_mel_bins": 5},
            [[3, 40]],
            "3 sounds · 11 frames · 9 frequencies · 5 bands = 1,485",
        ),
        (
            "STFTSpectrogram",
            {"frame_length": 8},
            [[20, 2]],
            "2 channels · 4 frames · 2 kernels of 8·5 = 640",
        ),
    ],
)
def test_products_are_derived_in_numbers(kind, options, shapes, derived):
    text = explained(kind, options, *shapes)
    assert f"{derived} multiply-accumulates\n" in text
    made = derived.rpartition("= ")[2]
    total = "13,824" if kind == "ConvLSTM1D" else made
    assert re.search(rf"(?m)^  macs .*\b{total}$", text)


def test_a_layer_of_foreign_code_is_explained_under_why():
    text = explained("JaxLayer", {"call_fn": "f", "output_shape": [4]}, [3])
    assert "  why        foreign code, not run" in text


@pytest.mark.parametrize(
    ("kind", "options", "shape", "words"),
    [
        ("RandAugment", {}, [8, 6, 3], "all 8x6 images of 3 channels of the batch"),
        ("RandomShear", {"x_factor": 0.1}, [8, 6, 3], "by -10% to 10% and its columns by 0%"),
        ("Solarization", {}, [8, 6, 3], "adds 0% of 255 to each"),
        ("RandomPosterization", {"factor": 4}, [8, 6, 3], "keeps 1 to 3 of the 8 bits"),
        ("RandomPosterization", {"factor": [4, 4]}, [8, 6, 3], "keeps 4 of the 8 bits"),
        (
            "RandomInvert",
            {},
            [8, 6, 3],
            "each value v of each 8x6 image of 3 channels into 255 - v",
        ),
        ("RandomSharpness", {"factor": 0.5}, [6, 3], "each batch x 6 image of 3 channels"),
        (
            "RandomColorJitter",
            {"brightness_factor": 0.1, "hue_factor": 0.2},
            [8, 6, 3],
            "changes brightness and hue of each",
        ),
        ("ReLU", {"max_value": 6}, [4], "values above 6 become 6"),
        ("Softmax", {"axis": [1, -1]}, [3, 4], "along axes 1, -1"),
        ("GroupNormalization", {"groups": 2, "center": False}, [4, 8], ", 8 params (gamma)"),
    ],
)
def test_words_and_numbers_of_layers(kind, options, shape, words):
    assert words in explained(kind, options, shape)
