"""Where we differ from Keras on purpose, each with its reason.

What an exception covers is told by a case's layer, options and shapes, and by what Keras did with
it; never by the words of our own refusal, which could hide one that is wrong.
"""

from tests.oracle import kinds as k
from tests.oracle.compare import Verdict, count_axes
from tests.oracle.draws import Case, Options
from tests.oracle.exceptions_ops import OPERATIONS
from tests.oracle.exempt import (
    Exempt,
    has_batch,
    is_empty,
    layers_in,
    only_inferred,
    only_keras,
    only_we,
    within,
)
from tests.oracle.feature_rows import GOLDEN
from tests.oracle.image_rows import IMAGE_ROWS
from tests.oracle.keras_side import CELLS, RECURRENT, WINDOWED
from tests.oracle.nested import Nested
from tests.oracle.sequence_rows import STATES
from tests.oracle.shapes import listed


def _idle_fault(case: Case) -> bool:
    """Whether a layer over images has a wrong option, where a call does not come to read it."""
    idle = not case.call.get("training", True)
    if case.name == "AugMix" and case.options.get("num_chains") == 0:
        idle = True
    known = IMAGE_ROWS[case.name].options | k.COMMON
    return idle and (
        _no_bits(case)
        or any(
            repr(value) in map(repr, known[name].wrong)
            for name, value in case.options.items()
            if name in known
        )
    )


def _no_bits(case: Case) -> bool:
    """Whether there is no whole number of bits between the ends of a factor."""
    span = case.options.get("factor")
    several = case.name == "RandomPosterization" and isinstance(span, list | tuple)
    return several and int(span[0]) >= int(span[1])


def _states(name: str, options: Options) -> int:
    """Return how many states a cell or recurrent layer has."""
    if name == "Bidirectional":
        both = [options["layer"], options.get("backward_layer") or options["layer"]]
        return sum(_states(one.name, one.options) for one in both)
    if name in ("RNN", "StackedRNNCells"):
        cells = options["cell" if name == "RNN" else "cells"]
        cells = cells if isinstance(cells, list) else [cells]
        return sum(_states(cell.name, cell.options) for cell in cells)
    return 2 if name in WINDOWED else STATES[name.removesuffix("Cell")]


def _stray_states(case: Case) -> bool:
    """Whether states are too many or too few, have other axes or batches, or spread a size of 1."""
    x, *states = case.arrays
    windowed = case.name in WINDOWED or within(case, *WINDOWED)
    axes = len(x) - 1 if windowed else 2
    return (
        len(states) != _states(case.name, case.options)
        or any(len(state) != axes or state[0] != x[0] for state in states)
        or any(1 in state[1:] for state in states)
    )


def _lone_cells(case: Case) -> bool:
    stacks = {"StackedRNNCells": "cells", "RNN": "cell"}
    return any(
        name in stacks
        and isinstance(options[stacks[name]], list)
        and len(options[stacks[name]]) == 1
        for name, options in layers_in(case.name, case.options)
    )


def _unlike(options: Options) -> bool:
    """Whether the two layers of a Bidirectional have not the same groups of states."""
    layer, other = options["layer"], options.get("backward_layer")
    stacked = any(name == "StackedRNNCells" for name, _ in layers_in(layer.name, layer.options))
    return stacked or (other is not None and other.name != layer.name)


def _stretched(case: Case) -> bool:
    """Whether a size of 1 meets another one along an axis that is not attended, or in a key."""
    query, value, *rest = case.arrays
    key = rest[0] if rest else value
    rank = len(query)
    axes = case.options.get("attention_axes")
    attended = {rank - 2}
    if axes is not None:
        attended = {a % rank for a in (axes if isinstance(axes, list) else [axes])}
    elif case.name == "MultiHeadAttention":
        attended = set(range(1, rank - 1))
    met = [(query[i], value[i]) for i in range(min(rank, len(value)) - 1) if i not in attended]
    met += zip(value[:-1], key[:-1], strict=False)
    return any(n != m and 1 in (n, m) for n, m in met)


def _channels(case: Case) -> int:
    first = (case.options.get("data_format") or "").lower() == "channels_first"
    return case.arrays[-3 if first else -1]


def _channels_are_batch(case: Case) -> bool:
    first = (case.options.get("data_format") or "").lower() == "channels_first"
    return first and len(case.shape) == 3


def _axes(case: Case) -> list[int]:
    """Return the axes that an option names, counted from the front."""
    axes = case.options.get("axis")
    return [a % len(case.shape) for a in axes] if isinstance(axes, list) else []


def _told(options: Options) -> list[int | None]:
    told = options["output_shape"]
    return told if isinstance(told, list) else [told]


def _letters(options: Options) -> list[str]:
    """Return the parts of an equation: input, kernel and output."""
    return options["equation"].replace("->", ",").split(",")


def _lora_elsewhere(parts: list[str]) -> bool:
    """Whether the kernel's last letter is the input's too, or not the output's last."""
    given, kernel, made = (part.strip(".") for part in parts)
    return kernel[-1] in given or kernel[-1] != made[-1]


def _axes_inside(layer: Nested) -> int | None:
    """Return how many axes a layer's input needs, None where any number will do."""
    if layer.name in ("TimeDistributed", "Bidirectional"):
        inner = _axes_inside(layer.options["layer"])
        return inner if inner is None or layer.name == "Bidirectional" else inner + 1
    if layer.name.endswith("D"):
        return int(layer.name[-2]) + (3 if layer.name in WINDOWED else 2)
    return {"RepeatVector": 2, **dict.fromkeys(RECURRENT, 3)}.get(layer.name)


ATTENTION = (
    *("AdditiveAttention", "Attention", "GroupQueryAttention", "MultiHeadAttention"),
    "ops.DotProductAttention",
)
ENCODINGS = (*GOLDEN, "CategoryEncoding", "Discretization")

LAYERS = {
    "empty outputs": Exempt(
        "an output without any entry is a mistake in a model, though Keras runs it",
        lambda v: only_keras(v) and is_empty(v),
    ),
    "crops left out": Exempt(
        "Keras infers a crop even of a call that is not training, and so leaves images whole",
        lambda v: (
            v.case.name == "RandomCrop"
            and not v.case.call.get("training", True)
            and only_inferred(v)
        ),
    ),
    "colours by chance": Exempt(
        "AugMix fails on images of other than 1 or 3 channels whenever its choice falls on colours",
        lambda v: only_keras(v) and v.case.name == "AugMix" and _channels(v.case) not in (1, 3),
    ),
    "options of idle layers": Exempt(
        "some options Keras looks at in training alone, or in no chain; ours are always checked",
        lambda v: only_keras(v) and v.case.name in IMAGE_ROWS and _idle_fault(v.case),
    ),
    "grey images": Exempt(
        "RandomColorDegeneration leaves one channel as it is, but Keras refuses it if it is known",
        lambda v: (
            only_keras(v)
            and within(v.case, "RandomColorDegeneration", "RandAugment", "AugMix")
            and (1 in v.case.arrays or (v.case.shape[0] is None and _channels_are_batch(v.case)))
        ),
    ),
    "traced pipelines": Exempt(
        "of sizes left open Keras tries some numbers out in a Pipeline, which not all layers take",
        lambda v: (
            v.case.name == "Pipeline"
            and None in v.case.shape
            and all(
                d.removeprefix("left open: ").startswith("Keras ")
                and "Could not automatically infer" in d
                for d in v.differences
            )
        ),
    ),
    "values of one axis": Exempt(
        "lists of factors are for the last axis; of a batch alone Rescaling scales the examples",
        lambda v: (
            only_keras(v)
            and v.case.name == "Rescaling"
            and len(v.case.shape) == 1
            and any(isinstance(v.case.options.get(name), list) for name in ("scale", "offset"))
        ),
    ),
    "rows inferred": Exempt(
        "Keras infers rows of categories along other axes than a call puts them",
        lambda v: (
            v.case.name in ENCODINGS
            and v.case.options.get("output_mode", "multi_hot") != "int"
            and len(listed(v.case.shape)[0]) > 2
            and only_inferred(v)
        ),
    ),
    "axes by size": Exempt(
        "of a size left open it is not known how many axes come out; Keras keeps them all",
        lambda v: (
            count_axes(v.case)
            and any(None in one[1:] for one in listed(v.case.shape))
            and all(d.startswith("left open") for d in v.differences)
        ),
    ),
    "dtypes of categories": Exempt(
        "CategoryEncoding gives rows in the dtype of its variables, whatever Keras infers",
        lambda v: (
            v.case.name == "CategoryEncoding"
            and "mixed" in v.case.options.get("dtype", "")
            and all(d.removeprefix("left open: ").startswith("dtype") for d in v.differences)
        ),
    ),
    "count_weights": Exempt(
        "weights that NumPy spreads over the values of an example or over the batch",
        lambda v: (
            only_keras(v)
            and v.case.name == "CategoryEncoding"
            and len(set(map(tuple, v.case.arrays))) > 1
        ),
    ),
    "adapted bins": Exempt(
        "the saved config of an adapted Discretization has both num_bins and bin_boundaries",
        lambda v: (
            only_we(v)
            and v.case.name == "Discretization"
            and None not in map(v.case.options.get, ("num_bins", "bin_boundaries"))
        ),
    ),
    "axes of Normalization": Exempt(
        "an axis that is named twice is a mistake, though Keras takes it where sizes are 1",
        lambda v: (
            only_keras(v)
            and v.case.name == "Normalization"
            and len(set(_axes(v.case))) < len(_axes(v.case))
        ),
    ),
    "weights over all axes": Exempt(
        "weights of all axes in another order, which NumPy spreads over sizes of 1",
        lambda v: (
            only_keras(v)
            and v.case.name == "LayerNormalization"
            and len(_axes(v.case)) == len(v.case.shape)
            and 1 in v.case.arrays
        ),
    ),
    "falling boundaries": Exempt(
        "NumPy takes boundaries that fall, TensorFlow refuses them",
        lambda v: (
            only_keras(v)
            and v.case.name == "Discretization"
            and v.case.options["bin_boundaries"] != sorted(v.case.options["bin_boundaries"])
        ),
    ),
    "states by accident": Exempt(
        "states that NumPy spreads over the batch or the units, or that Keras leaves unread",
        lambda v: only_keras(v) and v.case.name in (*RECURRENT, *CELLS) and _stray_states(v.case),
    ),
    "axes of a step": Exempt(
        "Keras's cells do not look at the number of axes, and NumPy spreads what does not fit",
        lambda v: (
            only_keras(v)
            and v.case.name in (*CELLS, "RNN")
            and len(v.case.arrays[0]) != (3 if v.case.name == "RNN" else 2)
        ),
    ),
    "batches of one in a stack": Exempt(
        "Keras's stack takes the one example out of the state of a cell alone in a stack inside",
        lambda v: only_we(v) and _lone_cells(v.case) and v.case.arrays[0][0] == 1,
    ),
    "cells alone in a stack": Exempt(
        "Keras loses states of a cell that is alone in its stack, which some sizes do not show",
        lambda v: only_keras(v) and _lone_cells(v.case),
    ),
    "states of unlike layers": Exempt(
        "Keras infers as many states for a backward layer of another type, and loses the others",
        lambda v: (
            only_keras(v)
            and any(
                name == "Bidirectional" and _unlike(options)
                for name, options in layers_in(v.case.name, v.case.options)
            )
        ),
    ),
    "glu over one step": Exempt(
        "halved states fit no second step, and other backends refuse them at the first",
        lambda v: (
            only_keras(v)
            and "'glu'" in repr(v.case)
            and (v.case.name in CELLS or 1 in listed(v.case.arrays)[0])
        ),
    ),
    "axes inside TimeDistributed": Exempt(
        "Keras does not look at the number of axes that the layer inside takes",
        lambda v: (
            only_keras(v)
            and v.case.name == "TimeDistributed"
            and _axes_inside(v.case.options["layer"]) not in (None, len(v.case.shape) - 1)
        ),
    ),
    "sizes of 1 in attention": Exempt(
        "Keras's attention repeats a size of 1, in the batch too, where queries and values differ",
        lambda v: (
            only_keras(v)
            and v.case.name in ATTENTION
            and (_stretched(v.case) or has_batch(v.case, "bias", "mask"))
        ),
    ),
    "axes of attention": Exempt(
        "Keras's Attention sets a batch against positions where inputs have not as many axes",
        lambda v: (
            only_keras(v) and v.case.name in ATTENTION and len(set(map(len, v.case.arrays))) > 1
        ),
    ),
    "attention axes that a call ignores": Exempt(
        "on three axes Keras's fused attention looks at none of attention_axes, we at all of them",
        lambda v: (
            only_keras(v)
            and v.case.name == "MultiHeadAttention"
            and len(v.case.arrays[0]) == 3
            and v.case.options.get("attention_axes") is not None
        ),
    ),
    "scores inferred": Exempt(
        "MultiHeadAttention infers scores of a query of one axis on itself; a call gives the real",
        lambda v: (
            v.case.name == "MultiHeadAttention"
            and v.case.call.get("return_attention_scores", False)
            and only_inferred(v)
        ),
    ),
    "attention over the batch": Exempt(
        "Attention on two axes sets examples against each other; masked, it even adds an axis",
        lambda v: (
            only_keras(v)
            and v.case.name in ("Attention", "AdditiveAttention")
            and len(v.case.arrays[0]) < 3
        ),
    ),
    "null in output_shape": Exempt(
        "of a size told as null EinsumDense infers nothing, though the input has it",
        lambda v: (
            v.case.name == "EinsumDense" and None in _told(v.case.options) and only_inferred(v)
        ),
    ),
    "axes under dots": Exempt(
        "EinsumDense infers the axes that `...` stands for at the front in a wrong order",
        lambda v: (
            v.case.name == "EinsumDense"
            and v.case.options["equation"].startswith("...")
            and only_inferred(v)
        ),
    ),
    "dots for nothing": Exempt(
        "EinsumDense lays the batch into an axis of the kernel where `...` stands for no axis",
        lambda v: (
            only_keras(v)
            and v.case.name == "EinsumDense"
            and v.case.options["equation"].startswith("...")
            and len(_letters(v.case.options)[0].strip(".")) == len(v.case.shape)
        ),
    ),
    "sizes without letters": Exempt(
        "EinsumDense infers an axis for each size of output_shape, and a call for each letter",
        lambda v: (
            only_keras(v)
            and v.case.name == "EinsumDense"
            and len(_told(v.case.options))
            != len(_letters(v.case.options)[2].strip("."))
            - (not v.case.options["equation"].startswith("..."))
        ),
    ),
    "scales with no place": Exempt(
        "where an output has no letter but the input's, a call of int8 weights fails on its scales",
        lambda v: (
            only_we(v)
            and v.case.name == "EinsumDense"
            and "int8" in repr(v.case.options["dtype"])
            and "select an axis to squeeze out" in v.refusals[0]
        ),
    ),
    "LoRA along another letter": Exempt(
        "beside quantized weights Keras takes the output's last letter for that of LoRA's rank",
        lambda v: (
            only_keras(v)
            and v.case.name == "EinsumDense"
            and v.case.options.get("lora_rank") is not None
            and "int" in repr(v.case.options.get("dtype"))
            and _lora_elsewhere(_letters(v.case.options))
        ),
    ),
    "more inputs than two": Exempt(
        "CustomScaleLayer leaves all inputs after the second unread",
        lambda v: only_keras(v) and v.case.name == "CustomScaleLayer" and len(v.case.arrays) > 2,
    ),
    "shares in a table": Exempt(
        "NumPy takes shares with several axes, of which Keras infers but one",
        lambda v: (
            only_keras(v)
            and v.case.name.endswith(("quantile", "Quantile", "ercentile"))
            and len(v.case.arrays) > 1
            and len(v.case.arrays[1]) > 1
        ),
    ),
    "dtypes without a cast": Exempt(
        "a convolution of an input and a kernel of unlike dtypes fails; we check shapes",
        lambda v: only_we(v) and "requires arguments to have the same dtypes" in v.refusals[0],
    ),
}
EXCEPTIONS = LAYERS | OPERATIONS


def exception(verdict: Verdict) -> str | None:
    """Return the name of the deliberate difference that a verdict shows, or None."""
    for name, exempt in EXCEPTIONS.items():
        if exempt.covers(verdict):
            return name
    return None
