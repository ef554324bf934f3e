"""Where we differ from Keras on purpose, each with its reason."""

import re
from collections.abc import Callable
from typing import NamedTuple

from tests.oracle import kinds
from tests.oracle.compare import Verdict
from tests.oracle.draws import Case, Options
from tests.oracle.feature_rows import GOLDEN
from tests.oracle.image_rows import IMAGE_ROWS
from tests.oracle.keras_side import CELLS, RECURRENT
from tests.oracle.nested import Nested
from tests.oracle.ops_rows import OPS
from tests.oracle.rows import ROWS
from tests.oracle.shapes import listed


class Exempt(NamedTuple):
    """A deliberate difference.

    Attributes:
        reason: Why we differ.
        covers: Whether it explains what a verdict shows.
    """

    reason: str
    covers: Callable[[Verdict], bool]


def only_keras(verdict: Verdict) -> bool:
    """Whether Keras accepts what we refuse."""
    return verdict.accepted and not verdict.taken


def only_we(verdict: Verdict) -> bool:
    """Whether we accept what Keras refuses."""
    return verdict.taken and not verdict.accepted


def _overlooked(verdict: Verdict) -> bool:
    return _holds_lax(verdict.case.name, verdict.case.options)


def _holds_lax(layer: str, options: Options) -> bool:
    known = (ROWS | OPS | GOLDEN)[layer].options | kinds.COMMON
    inside = options.get("layers")
    return any(
        # 1 == True, but their types differ.
        any(value == lax and type(value) is type(lax) for lax in known[name].lax)
        for name, value in options.items()
        if name in known
    ) or any(
        isinstance(inner, Nested) and _holds_lax(inner.name, inner.options)
        for inner in (inside if isinstance(inside, list) else ())
    )


def _dropped(case: Case) -> bool:
    if case.name in LOOKUPS:
        return any(case.options.get(name) in known for name, known in _UNREAD.items())
    names = ("unknown_option", *kinds.COMMON)
    return any(name in case.options for name in names if name != "dtype")


def _of_rows(case: Case, difference: str) -> bool:
    if case.options.get("output_mode") == "one_hot" and difference.startswith("named"):
        return True
    if "dtype: " in difference:
        return case.name == "CategoryEncoding" and "mixed" in case.options.get("dtype", "")
    inferred = "" if case.options.get("output_mode") == "one_hot" else "inferred"
    return difference.startswith(f"left open: {inferred}")


def _activity(refusal: str) -> bool:
    return "activity_regularizer: " in refusal and ";" not in refusal


LOOKUPS = ("StringLookup", "IntegerLookup")
_UNREAD = {name: kinds.COMMON[name].wrong for name in ("trainable", "dtype")}
"""Wrong values of options that lookups drop."""

ATTENTION = ("AdditiveAttention", "Attention", "GroupQueryAttention", "MultiHeadAttention")


def _stretched(case: Case) -> bool:
    """Whether inputs have a size of 1 on an axis where others have more."""
    sizes = [set(together) for together in zip(*case.arrays, strict=False)]
    return any(len(known) > 1 and 1 in known for known in sizes)


def _sizes_told(options: Options) -> list[int | None]:
    told = options["output_shape"]
    return told if isinstance(told, list) else [told]


def _cut_past(case: Case) -> bool:
    cuts = case.options["indices_or_sections"]
    return max(cuts) > case.arrays[case.options.get("axis", 0)]


ENCODINGS = ("CategoryEncoding", "Discretization", "Hashing", "HashedCrossing", *LOOKUPS)

EXCEPTIONS = {
    "unread values": Exempt(
        "Keras stores values without looking at them; those of a spec are checked",
        lambda v: only_keras(v) and _overlooked(v),
    ),
    "other options": Exempt(
        "Keras drops unread what these layers do not know, even the options of every layer",
        lambda v: (
            only_keras(v)
            and v.case.name in ("InputLayer", "HashedCrossing", *LOOKUPS)
            and _dropped(v.case)
        ),
    ),
    "empty inputs": Exempt(
        "an input without any entry is a mistake in a model, though Keras takes it",
        lambda v: only_keras(v) and v.case.name == "InputLayer" and 0 in v.case.shape,
    ),
    "empty outputs": Exempt(
        "a transposed convolution that leaves no positions is a mistake, though Keras runs it",
        lambda v: only_keras(v) and "no positions are left" in v.refusals[1],
    ),
    "images of nothing": Exempt(
        "images without pixels and spectrograms without bands are mistakes, though Keras runs some",
        lambda v: (
            only_keras(v)
            and v.case.name in ("Resizing", "CenterCrop", "RandomCrop", "MelSpectrogram")
            and 0 in map(v.case.options.get, ("height", "width", "num_mel_bins"))
        ),
    ),
    "crops left out": Exempt(
        "Keras infers a crop even of a call that is not training, and so leaves images whole",
        lambda v: (
            v.case.name == "RandomCrop"
            and not v.case.call.get("training", True)
            and all(d.removeprefix("left open: ").startswith("inferred") for d in v.differences)
        ),
    ),
    "single rows bent": Exempt(
        "RandomElasticTransform drops axes of size 1; of one row in a batch of one none is missed",
        lambda v: (
            only_keras(v)
            and v.case.name == "RandomElasticTransform"
            and "needs images at least 2 high" in v.refusals[1]
        ),
    ),
    "colours by chance": Exempt(
        "AugMix fails on images of other than 1 or 3 channels whenever its choice falls on colours",
        lambda v: (
            only_keras(v)
            and v.case.name == "AugMix"
            # The channels of a single image can stand where the batch is.
            and any(
                text in v.refusals[1] for text in ("works on the colours", "not fulfilled: batch")
            )
        ),
    ),
    "windows of nothing": Exempt(
        "a window that finds no place is a mistake in a Pipeline too, though there Keras runs it",
        lambda v: only_keras(v) and re.search("in this Pipeline: .* reaches over", v.refusals[1]),
    ),
    "options of idle layers": Exempt(
        "some options Keras looks at in training alone; those of a spec are checked in any case",
        lambda v: (
            only_keras(v)
            and v.case.name in IMAGE_ROWS
            and not v.case.call.get("training", True)
            and v.refusals[1].startswith("InvalidOptions")
        ),
    ),
    "grey images": Exempt(
        "RandomColorDegeneration leaves one channel as it is, but Keras refuses it if it is known",
        lambda v: (
            only_keras(v)
            and (v.case.name == "RandomColorDegeneration" or "Degeneration" in v.refusals[1])
            and any(text in v.refusals[1] for text in ("found 1 in", "not fulfilled: batch == 3"))
        ),
    ),
    "numbers left unset": Exempt(
        "to trace a Pipeline, NumPy looks up shades in whatever floats its memory holds",
        lambda v: (
            v.case.name == "Pipeline"
            and all(
                re.search("Keras .*out of bounds for axis", d, re.DOTALL) for d in v.differences
            )
        ),
    ),
    "sounds of several axes": Exempt(
        "Keras infers two axes of a MelSpectrogram for each example; a call keeps all before them",
        lambda v: (
            v.case.name == "MelSpectrogram"
            and len(v.case.shape) > 2
            and all(d.removeprefix("left open: ").startswith("inferred") for d in v.differences)
        ),
    ),
    "traced pipelines": Exempt(
        "of sizes left open Keras tries some numbers out in a Pipeline, which not all layers take",
        lambda v: (
            v.case.name == "Pipeline"
            and all(d.startswith("left open: Keras ") for d in v.differences)
            and all("Could not automatically infer" in d for d in v.differences)
        ),
    ),
    "batches of one": Exempt(
        "Keras refuses to merge batches of 2 and 1, but runs an unnamed batch of 2 with one of 1",
        lambda v: (
            only_keras(v)
            and v.refusals[1].startswith("not fulfilled: batch == ")
            and 1 in {array[0] for array in listed(v.case.arrays)}
        ),
    ),
    "factors of Rescaling": Exempt(
        "a list of n values makes a last axis of n; Keras leaves it open, and scales the batch too",
        lambda v: (
            v.case.name == "Rescaling"
            and (v.case.shape[-1] is None or (len(v.case.shape) == 1 and only_keras(v)))
            and all(d.startswith(("left open: inferred", "Keras accepts")) for d in v.differences)
        ),
    ),
    "trainable": Exempt(
        "every entry of a spec can be frozen, these layers of Keras have no such option",
        lambda v: (
            only_we(v)
            and any(name in v.case.name for name in ("SpatialDropout", "Discretization"))
            and "trainable" in v.case.options
        ),
    ),
    "all axes of LayerNormalization": Exempt(
        "over all axes, not in their order, Keras multiplies by weights of a transposed shape",
        lambda v: (
            v.case.name == "LayerNormalization"
            and isinstance(v.case.options.get("axis"), list)
            and len(v.case.options["axis"]) == len(v.case.shape)
        ),
    ),
    "synchronized": Exempt(
        "BatchNormalization's synchronized=True is for TensorFlow alone, where shapes are the same",
        lambda v: only_we(v) and "synchronized=True" in v.refusals[0],
    ),
    "negative padding": Exempt(
        "ZeroPadding2D(-1) and 3D crop, and save a config that Keras itself refuses to load",
        lambda v: (
            only_keras(v) and "ZeroPadding" in v.case.name and v.case.options.get("padding") == -1
        ),
    ),
    "half precision": Exempt(
        "NumPy has no orthogonal weights in float16, TensorFlow no counts; other backends may",
        lambda v: (
            only_we(v)
            and any(text in v.refusals[0] for text in ("unsupported in linalg", "for attr 'T' of"))
        ),
    ),
    "sparse tensors": Exempt(
        "NumPy has none, and TensorFlow no penalty on sparse or ragged ones; shapes are the same",
        lambda v: (
            only_we(v)
            and any(
                text in v.refusals[0]
                for text in ("`sparse=True`", "SparseDenseCwise", "'RaggedTensor' object has no")
            )
        ),
    ),
    "categories of floating point": Exempt(
        "NumPy cannot count with numbers of floating point, and can with others than TensorFlow",
        lambda v: (
            only_we(v) and any(text in v.refusals[0] for text in ("arrays used as", "'Tidx'"))
        ),
    ),
    "rows of categories": Exempt(
        "a call puts rows along other axes than Keras infers, and in the dtype of variables; of a "
        "size that is not known it is not known either how many axes one-hot rows have",
        lambda v: v.case.name in ENCODINGS and all(_of_rows(v.case, d) for d in v.differences),
    ),
    "features left open": Exempt(
        "HashedCrossing compares sizes before they are known",
        lambda v: (
            v.accepted
            and v.taken
            and all("Expected the two input tensors" in d for d in v.differences)
        ),
    ),
    "count_weights": Exempt(
        "weights that NumPy spreads over the values of an example or over the batch",
        lambda v: (
            only_keras(v)
            and any(
                text in v.refusals[1] for text in ("each value needs a weight", "not fulfilled")
            )
            and v.case.name == "CategoryEncoding"
        ),
    ),
    "adapted bins": Exempt(
        "the saved config of an adapted Discretization has both num_bins and bin_boundaries",
        lambda v: only_we(v) and "Both `num_bins` and" in v.refusals[0],
    ),
    "axes of Normalization": Exempt(
        "an axis that is named twice is a mistake, though Keras takes it where sizes are 1",
        lambda v: (
            only_keras(v) and v.case.name == "Normalization" and v.refusals[1].endswith("twice")
        ),
    ),
    "falling boundaries": Exempt(
        "NumPy takes boundaries that fall, TensorFlow refuses them",
        lambda v: only_keras(v) and "boundaries must rise" in v.refusals[1],
    ),
    "cuDNN": Exempt(
        "use_cudnn=True is for a GPU's backend, where shapes are the same",
        lambda v: only_we(v) and "cuDNN" in v.refusals[0],
    ),
    "states by accident": Exempt(
        "states that NumPy spreads over the batch or the units, or that Keras leaves unread",
        lambda v: (
            only_keras(v)
            and v.case.name in (*RECURRENT, *CELLS)
            and any(text in v.refusals[1] for text in ("starts from", " inputs", "not fulfilled"))
        ),
    ),
    "batches of one in a stack": Exempt(
        "Keras's stack takes the one example out of the state of a cell alone in a stack inside",
        lambda v: only_we(v) and "StackedRNNCells" in repr(v.case) and v.case.arrays[0][0] == 1,
    ),
    "batches of states": Exempt(
        "Keras tries a cell out on a batch of its own; a model has one batch size",
        lambda v: v.case.name in CELLS and len({shape[0] for shape in v.case.shape}) > 1,
    ),
    "axes of a step": Exempt(
        "Keras's cells do not look at the number of axes, and NumPy spreads what does not fit",
        lambda v: (
            only_keras(v)
            and any(text in v.refusals[1] for text in ("one step of", "RNN needs an input of 3"))
        ),
    ),
    "a step of NumPy's": Exempt(
        "in a cell some activations leave the dtype, and a state of one unit spreads over others",
        lambda v: (
            v.case.name in CELLS
            and all(
                d.removeprefix("left open: ").startswith("dtype")
                or "of each state, but it is left open" in d
                for d in v.differences
            )
            and any(text in repr(v.case) for text in ("activation=", "dtype=", "autocast=", "=1"))
        ),
    ),
    "cells alone in a stack": Exempt(
        "Keras loses states of a cell that is alone in its stack, which some sizes do not show",
        lambda v: only_keras(v) and "alone in its stack" in v.refusals[1],
    ),
    "activity of SimpleRNN": Exempt(
        "Keras's SimpleRNN drops its activity_regularizer unread",
        lambda v: only_keras(v) and "SimpleRNN" in repr(v.case) and _activity(v.refusals[1]),
    ),
    "states of unlike layers": Exempt(
        "Keras infers as many states for a backward layer of another type, and loses the others",
        lambda v: (
            only_keras(v)
            and v.case.name in ("Bidirectional", "TimeDistributed")
            and any(text in v.refusals[1] for text in ("expects as many of each", "stacks inside"))
        ),
    ),
    "glu over one step": Exempt(
        "halved states fit no second step, and other backends refuse them at the first",
        lambda v: only_keras(v) and "glu halves the" in v.refusals[1],
    ),
    "axes inside TimeDistributed": Exempt(
        "Keras does not look at the number of axes that the layer inside takes",
        lambda v: only_keras(v) and "in this TimeDistributed: " in v.refusals[1],
    ),
    "empty slices": Exempt(
        "Keras leaves a slice of an open size open, even where it is always empty",
        lambda v: (
            v.case.name == "ops.GetItem"
            and v.accepted
            and v.taken
            and all("inferred" in d and "ours  (" in d and "0" in d for d in v.differences)
        ),
    ),
    "dots of unlike length": Exempt(
        "Keras lines the letters of an Einsum up wrongly where `...` stands for unlike many axes",
        lambda v: (
            v.case.name == "ops.Einsum"
            and len({len(shape) for shape in v.case.shape}) > 1
            and all("inferred" in d for d in v.differences)
        ),
    ),
    "cuts past the end": Exempt(
        "NumPy makes empty pieces of cuts past the end of an axis, TensorFlow refuses them",
        lambda v: only_keras(v) and v.case.name == "ops.Split" and _cut_past(v.case),
    ),
    "squeezing whatever is 1": Exempt(
        "of a size that is not known it is not known either how many axes stay; Keras keeps it",
        lambda v: (
            v.case.name == "ops.Squeeze"
            and v.case.options.get("axis") is None
            and all(d.startswith(("left open", "named")) for d in v.differences)
        ),
    ),
    "sizes of 1 in attention": Exempt(
        "Keras's attention repeats a size of 1, in the batch too, where queries and values differ",
        lambda v: (
            only_keras(v)
            and v.case.name in ATTENTION
            and _stretched(v.case)
            and any(text in v.refusals[1] for text in ("of the same size along", "not fulfilled"))
        ),
    ),
    "axes of attention": Exempt(
        "Keras's Attention sets a batch against positions where inputs have not as many axes",
        lambda v: only_keras(v) and "inputs of as many axes each" in v.refusals[1],
    ),
    "flash attention": Exempt(
        "NumPy has no such kernel, other backends have; the shapes are the same",
        lambda v: only_we(v) and "Flash attention is not supported" in v.refusals[0],
    ),
    "attention axes that a call ignores": Exempt(
        "on three axes Keras's fused attention looks at none of attention_axes, we at all of them",
        lambda v: (
            only_keras(v)
            and v.case.name == "MultiHeadAttention"
            and any(text in v.refusals[1] for text in ("attention has no axis", "different axes"))
        ),
    ),
    "lengths left open": Exempt(
        "MultiHeadAttention compares the lengths of value and key before they are known",
        lambda v: (
            v.accepted
            and v.taken
            and all("All dimensions of `value` and `key`" in d for d in v.differences)
        ),
    ),
    "scores inferred": Exempt(
        "MultiHeadAttention infers scores of a query of one axis on itself; a call gives the real",
        lambda v: (
            v.case.name == "MultiHeadAttention"
            and v.case.call.get("return_attention_scores", False)
            and all(d.removeprefix("left open: ").startswith("inferred") for d in v.differences)
        ),
    ),
    "attention over the batch": Exempt(
        "Attention on two axes sets examples against each other; masked, it even adds an axis",
        lambda v: only_keras(v) and "Attention needs at least 3 axes" in v.refusals[1],
    ),
    "null in output_shape": Exempt(
        "of a size told as null EinsumDense infers nothing, though the input has it",
        lambda v: (
            v.case.name == "EinsumDense"
            and None in _sizes_told(v.case.options)
            and all(d.removeprefix("left open: ").startswith("inferred") for d in v.differences)
        ),
    ),
    "axes under dots": Exempt(
        "EinsumDense infers the axes that `...` stands for at the front in a wrong order",
        lambda v: (
            v.case.name == "EinsumDense"
            and v.case.options["equation"].startswith("...")
            and all(d.removeprefix("left open: ").startswith("inferred") for d in v.differences)
        ),
    ),
    "layers without a rule": Exempt(
        "NumPy finds the shape by a call on sizes of its own for the open ones, and dtypes by its "
        "own operators; other backends do not",
        lambda v: (
            v.case.name in ("LayerScale", "CustomScaleLayer")
            and v.taken
            and all(
                "Could not automatically infer" in d
                or d.removeprefix("left open: ").startswith("dtype")
                for d in v.differences
            )
        ),
    ),
    "more inputs than two": Exempt(
        "CustomScaleLayer leaves all inputs after the second unread",
        lambda v: (
            only_keras(v) and v.case.name == "CustomScaleLayer" and " inputs" in v.refusals[1]
        ),
    ),
    "code that is not run": Exempt(
        "Keras calls a Lambda's function to see what comes out, and takes it without one told",
        lambda v: only_keras(v) and "cannot be known" in v.refusals[1],
    ),
    "dots for nothing": Exempt(
        "EinsumDense lays the batch into an axis of the kernel where `...` stands for no axis",
        lambda v: (
            only_keras(v)
            and v.case.name == "EinsumDense"
            and "axes or more, found" in v.refusals[1]
        ),
    ),
    "sizes without letters": Exempt(
        "EinsumDense infers an axis for each size of output_shape, and a call for each letter",
        lambda v: only_keras(v) and "one size for each of the letters" in v.refusals[1],
    ),
    "adaptive pooling on fewer axes": Exempt(
        "Keras's adaptive pooling infers all its sizes, and a call uses as many as fit the input",
        lambda v: (
            only_keras(v) and "Adaptive" in v.case.name and "needs an input of" in v.refusals[1]
        ),
    ),
    "scales with no place": Exempt(
        "where an output has no letter but the input's, a call of int8 weights fails on its scales",
        lambda v: (
            only_we(v)
            and v.case.name == "EinsumDense"
            and "select an axis to squeeze out" in v.refusals[0]
        ),
    ),
    "LoRA along another letter": Exempt(
        "beside quantized weights Keras takes the output's last letter for that of LoRA's rank",
        lambda v: only_keras(v) and "multiplies by LoRA's matrices along" in v.refusals[1],
    ),
    "dtypes without autocast": Exempt(
        "a convolution on an input of another dtype fails when it is not cast; we check shapes",
        lambda v: only_we(v) and "same dtypes" in v.refusals[0],
    ),
}
"""Every deliberate difference by its name."""


def exception(verdict: Verdict) -> str | None:
    """Return the name of the deliberate difference that a verdict shows, or None."""
    for name, exempt in EXCEPTIONS.items():
        if exempt.covers(verdict):
            return name
    return None
