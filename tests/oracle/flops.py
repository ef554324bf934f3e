"""Counts the products of layers as PyTorch runs them, and keeps the figures in `flops.json`.

It is no part of the tests, which compare our figures with the file. To make that anew:

    python -m venv torch && torch/bin/pip install 'torch==2.13.0' 'keras==3.15.1'
    PYTHONPATH=. torch/bin/python -m tests.oracle.flops

`torch.utils.flop_counter.FlopCounterMode` counts two operations for each multiply-accumulate of
matrix products and convolutions, at every place of a window, those over padding too; a transposed
convolution over its input's positions. It sees no other arithmetic.
"""

import json
import os
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("flops.json")

UNFUSED = (
    "a fused kernel is not counted, so that the scores are asked for, which takes the same products"
)
SCORES = {"return_attention_scores": True}

LOOPED = (
    "Keras's loop in PyTorch runs the first step twice, once to see what comes out: 1 step more"
)
STACKED = "Keras runs each cell of a stack once before, for the masks of dropout: 1 step more"
"""Why more steps are counted than there are; such a text stands in place of the call."""

APART = ("MultiHeadAttention", "GroupQueryAttention")
"""Layers whose inputs are arguments of their own."""

CASES: list[tuple[str, dict[str, Any], list[list[int]], dict[str, Any] | str]] = [
    ("Dense", {"units": 5}, [[2, 7]], {}),
    ("Dense", {"units": 5, "use_bias": False}, [[2, 4, 6, 7]], {}),
    ("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal"}, [[2, 9, 3]], {}),
    ("Conv1D", {"filters": 4, "kernel_size": 3, "dilation_rate": 2}, [[2, 9, 3]], {}),
    ("Conv2D", {"filters": 6, "kernel_size": 3}, [[2, 8, 7, 4]], {}),
    ("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 2, "strides": 2}, [[2, 8, 7, 4]], {}),
    ("Conv2D", {"filters": 6, "kernel_size": [5, 2], "padding": "same"}, [[1, 8, 7, 4]], {}),
    ("Conv3D", {"filters": 3, "kernel_size": 2, "strides": [1, 2, 1]}, [[2, 5, 6, 4, 2]], {}),
    ("DepthwiseConv1D", {"kernel_size": 3, "depth_multiplier": 2}, [[2, 9, 3]], {}),
    ("DepthwiseConv2D", {"kernel_size": 3, "strides": 2}, [[2, 8, 7, 4]], {}),
    ("SeparableConv1D", {"filters": 5, "kernel_size": 3}, [[2, 9, 3]], {}),
    (
        "SeparableConv2D",
        {"filters": 5, "kernel_size": 3, "depth_multiplier": 2, "padding": "same"},
        [[2, 8, 7, 4]],
        {},
    ),
    ("Conv1DTranspose", {"filters": 4, "kernel_size": 3, "strides": 2}, [[2, 9, 3]], {}),
    (
        "Conv2DTranspose",
        {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same"},
        [[2, 5, 6, 3]],
        {},
    ),
    ("Conv3DTranspose", {"filters": 2, "kernel_size": 2}, [[1, 3, 4, 2, 3]], {}),
    ("SimpleRNN", {"units": 5, "unroll": True}, [[2, 6, 3]], {}),
    ("SimpleRNN", {"units": 5}, [[2, 6, 3]], LOOPED),
    ("LSTM", {"units": 5, "return_sequences": True}, [[2, 6, 3]], {}),
    ("LSTM", {"units": 5, "recurrent_dropout": 0.5, "unroll": True}, [[2, 6, 3]], {}),
    ("GRU", {"units": 5}, [[2, 6, 3]], {}),
    ("GRU", {"units": 5, "reset_after": False, "unroll": True}, [[2, 6, 3]], {}),
    ("SimpleRNNCell", {"units": 5}, [[2, 3], [2, 5]], {}),
    ("LSTMCell", {"units": 5}, [[2, 3], [2, 5], [2, 5]], {}),
    ("GRUCell", {"units": 5}, [[2, 3], [2, 5]], {}),
    ("RNN", {"cell": {"LSTMCell": {"units": 5}}, "unroll": True}, [[2, 6, 3]], {}),
    (
        "RNN",
        {"cell": [{"GRUCell": {"units": 5}}, {"LSTMCell": {"units": 4}}], "unroll": True},
        [[2, 6, 3]],
        STACKED,
    ),
    ("Bidirectional", {"layer": {"GRU": {"units": 4}}}, [[2, 6, 3]], {}),
    ("TimeDistributed", {"layer": {"Dense": {"units": 4}}}, [[2, 6, 3, 5]], {}),
    (
        "TimeDistributed",
        {"layer": {"Conv2D": {"filters": 4, "kernel_size": 3}}},
        [[2, 3, 7, 6, 2]],
        {},
    ),
    (
        "ConvLSTM1D",
        {"filters": 3, "kernel_size": 2, "strides": 2, "unroll": True},
        [[2, 4, 9, 2]],
        {},
    ),
    ("ConvLSTM2D", {"filters": 3, "kernel_size": 3, "unroll": True}, [[2, 4, 6, 5, 2]], {}),
    (
        "ConvLSTM2D",
        {"filters": 3, "kernel_size": 3, "padding": "same", "unroll": True},
        [[1, 4, 6, 5, 2]],
        {},
    ),
    ("ConvLSTM3D", {"filters": 2, "kernel_size": 2, "unroll": True}, [[1, 3, 4, 3, 5, 2]], {}),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, [[2, 5, 4], [2, 7, 4]], SCORES),
    (
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3, "value_dim": 5, "output_shape": 6, "use_gate": True},
        [[2, 5, 4], [2, 7, 6], [2, 7, 3]],
        SCORES,
    ),
    (
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3, "attention_axes": [2]},
        [[2, 3, 5, 4], [2, 3, 7, 4]],
        {},
    ),
    (
        "GroupQueryAttention",
        {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2},
        [[2, 5, 4], [2, 7, 4]],
        SCORES,
    ),
    (
        "GroupQueryAttention",
        {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 1, "use_gate": True},
        [[2, 5, 4], [2, 7, 4], [2, 7, 6]],
        SCORES,
    ),
    ("Attention", {}, [[2, 5, 4], [2, 7, 4]], {}),
    ("Attention", {"score_mode": "concat"}, [[2, 5, 4], [2, 7, 4]], {}),
    ("AdditiveAttention", {}, [[2, 5, 4], [2, 7, 4]], {}),
    ("Dot", {"axes": 2}, [[2, 5, 4], [2, 7, 4]], {}),
    ("Dot", {"axes": [1, 2]}, [[2, 4, 3], [2, 7, 4]], {}),
    ("Dot", {"axes": 1}, [[2, 4], [2, 4]], {}),
    ("ReversibleEmbedding", {"input_dim": 9, "output_dim": 4}, [[2, 5, 4]], {"reverse": True}),
    (
        "EinsumDense",
        {"equation": "abc,cd->abd", "output_shape": [None, 6], "bias_axes": "d"},
        [[2, 5, 4]],
        {},
    ),
    ("EinsumDense", {"equation": "abc,cde->abde", "output_shape": [None, 3, 6]}, [[2, 5, 4]], {}),
    ("EinsumDense", {"equation": "abde,dec->abc", "output_shape": [None, 7]}, [[2, 5, 3, 4]], {}),
]


def main() -> None:
    """Count each case and write the file."""
    os.environ["KERAS_BACKEND"] = "torch"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import keras
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    def made(value: Any) -> Any:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return [made(item) for item in value]
        if not isinstance(value, dict):
            return value
        ((kind, options),) = value.items()
        return getattr(keras.layers, kind)(**options)

    records = []
    for name, options, shapes, said in CASES:
        call = {} if isinstance(said, str) else said
        layer = getattr(keras.layers, name)(**{k: made(v) for k, v in options.items()})
        arrays = [torch.zeros(shape) for shape in shapes]
        first, *rest = arrays
        if name in APART:
            given = arrays
        elif name.endswith("Cell"):
            given = [first, rest]
        else:
            given = [arrays if rest else first]
        layer(*given, **call)  # builds the layer, which is not to be counted
        counter = FlopCounterMode(display=False)
        with counter, torch.no_grad():
            layer(*given, **call)
        record: dict[str, Any] = {
            "layer": name,
            "options": options,
            "shapes": shapes,
            "call": call,
            "flops": counter.get_total_flops(),
        }
        if call == SCORES:
            record["note"] = UNFUSED
        if isinstance(said, str):
            record |= {"counted_steps": shapes[0][1] + 1, "note": said}
        records.append(record)
    about = {
        "counter": f"torch {torch.__version__.split('+')[0]}, FlopCounterMode",
        "keras": keras.__version__,
        "made_by": "tests/oracle/flops.py",
    }
    lines = ",\n  ".join(json.dumps(record) for record in records)
    DATA.write_text(
        f'{{"about": {json.dumps(about)},\n "cases": [\n  {lines}\n ]}}\n', "utf-8", newline="\n"
    )


if __name__ == "__main__":
    main()
