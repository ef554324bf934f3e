"""Rows of the table for layers of sequences: attention, cells and what runs them."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.oracle import kinds as k
from tests.oracle.draws import FLOATS, Options, Row, Sizes
from tests.oracle.nested import Nested
from tests.oracle.parts import AXES, learned, positional


def attended(r: Random) -> list[Sizes]:
    """Draw the sizes of a query, a value and often a key."""
    query = [r.randint(1, 4) for _ in range(r.choice((2, 2, 3)))]
    value = [r.randint(1, 4), *query[1:]]
    several = [query, value, [*value[:-1], r.choice((value[-1], 3))]]
    return several if r.random() < 0.5 else several[:2]


def heads_apart(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often attend over axes that are there, and along which lengths may differ."""
    rank = len(sizes[0]) + 1
    if r.random() < 0.8 and options.get("attention_axes") is not None:
        axes = r.sample(range(1, rank - 1), r.randint(1, rank - 2))
        axes = [axis - r.choice((0, rank)) for axis in axes]
        options["attention_axes"] = axes[0] if len(axes) == 1 and r.random() < 0.5 else axes
        if axes in ([2], [2 - rank]) and r.random() < 0.6:
            sizes[0][0] = sizes[1][0]
    if r.random() < 0.7 and options.get("flash_attention"):
        del options["flash_attention"]
    for name in ("kernel_initializer", "bias_initializer"):
        if r.random() < 0.7:
            options.pop(name, None)
    for example in sizes:
        example[-1] = r.randint(1, 4)


def compared(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often make the query as wide as the key."""
    for example in sizes:
        example[-1] = r.randint(1, 4)
        if len(example) > 2 and r.random() < 0.9:
            example[0] = sizes[0][0]
    if r.random() < 0.85:
        sizes[-1][-1] = sizes[0][-1]


def a_sequence(r: Random) -> list[Sizes]:
    """Draw the sizes of a sequence, an input beside which there may be states."""
    return [[r.randint(1, 4), r.randint(1, 4)]]


def grouped(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often choose heads that can be grouped, and inputs of three axes and one width."""
    if r.random() < 0.8:
        options["num_query_heads"] = options["num_key_value_heads"] * r.randint(1, 3)
    if r.random() < 0.7 and options.get("flash_attention"):
        del options["flash_attention"]
    for name in ("kernel_initializer", "bias_initializer"):
        if r.random() < 0.7:
            options.pop(name, None)
    for example in sizes:
        if r.random() < 0.97:
            del example[:-2]
    if r.random() < 0.9:
        sizes[1][-1] = sizes[0][-1]
        sizes[-1][:-1] = sizes[1][:-1]


SHARE = k.of(0.0, 0, 0.5, 1.0, wrong=(-0.1, 1.5, "x", None, [0.5]))
SCORED = {"return_attention_scores": k.of(False, True), "use_causal_mask": k.of(False, True)}


LOOP = {
    "return_sequences": k.BOOL,
    "return_state": k.BOOL,
    "go_backwards": k.BOOL,
    "stateful": k.of(False, False, True, lax=("yes", 1, None)),
    "unroll": k.BOOL,
    "zero_output_for_mask": k.BOOL,
}
SHARES = k.of(0, 0.25, 1.0, 0.5, -1, 2, wrong=("x", None, [0.5]), lax=(True,))
DROPPED = {"dropout": SHARES, "recurrent_dropout": SHARES, "seed": k.SEED}
UNITS = {
    "units": k.positive(4),
    "activation": k.ACTIVATION,
    "use_bias": k.BOOL,
    **learned("kernel", "recurrent", "bias"),
    **DROPPED,
}
GATES = {"recurrent_activation": k.ACTIVATION}
OWN = {
    "SimpleRNN": {},
    "LSTM": {"unit_forget_bias": k.BOOL, **GATES},
    "GRU": {"reset_after": k.BOOL, **GATES},
}
STATES = {"SimpleRNN": 1, "LSTM": 2, "GRU": 1}
CUDNN = {"use_cudnn": k.of("auto", False, wrong=("yes", None, 2), lax=(1, 0))}


def with_states(states: int, share: float = 0.4) -> Callable[[Random, Options, Any], None]:
    """Make what gives a layer that many states to start from, in a share of the cases."""

    def fit(r: Random, options: Options, sizes: list[Sizes]) -> None:
        units = options.get("units")
        if r.random() < share and isinstance(units, int):
            sizes += [[units if r.random() < 0.95 else r.randint(1, 4)] for _ in range(states)]
        # One activation in thirty halves the units, for which hardly a layer has a use.
        for name in ("activation", "recurrent_activation"):
            if options.get(name) == "glu" and r.random() < 0.7:
                del options[name]

    return fit


def a_cell(r: Random, depth: int = 0) -> tuple[Nested, list[Sizes]]:
    """Draw a cell, and the sizes of its states."""
    if depth < 2 and r.random() < 0.15:
        cells, states = some_cells(r, depth + 1)
        return Nested("StackedRNNCells", {"cells": cells}), states
    kind = r.choice(tuple(OWN))
    options = {
        option: kind.draw(r)
        for option, kind in (UNITS | OWN[kind]).items()
        if option == "units" or r.random() < 0.2
    }
    with_states(0)(r, options, [])
    for option in ("trainable", "dtype"):
        if r.random() < 0.1:
            options[option] = k.COMMON[option].draw(r)
    return Nested(f"{kind}Cell", options), [[options["units"]] for _ in range(STATES[kind])]


def some_cells(r: Random, depth: int = 0) -> tuple[list[Nested], list[Sizes]]:
    """Draw some cells to stand on top of each other, and the sizes of their states."""
    drawn = [a_cell(r, depth) for _ in range(r.choice((1, 2, 2, 3)))]
    return [cell for cell, _ in drawn], [size for _, states in drawn for size in states]


def with_cell(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Choose a cell or some, and often their states."""
    options["cell"], states = a_cell(r) if r.random() < 0.6 else some_cells(r)
    if r.random() < 0.4:
        sizes += states


def with_cells(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Choose cells, and most often give their states."""
    options["cells"], states = some_cells(r)
    if r.random() < 0.95:
        sizes += states


def a_step(r: Random) -> list[Sizes]:
    """Draw the sizes of one step of a sequence."""
    return [[r.randint(1, 4)]]


def _recurrent(name: str) -> Row:
    cudnn = {} if name == "SimpleRNN" else CUDNN
    options = {**UNITS, **OWN[name], **LOOP, **cudnn}
    # Keras's SimpleRNN drops its penalty unread.
    common = k.COMMON | (
        {"activity_regularizer": k.unread(k.COMMON["activity_regularizer"])}
        if name == "SimpleRNN"
        else {}
    )
    return Row(options, ("units",), a_sequence, with_states(STATES[name]), common=common)


def _conv_lstm(rank: int) -> Row:
    options = {
        # Without any filter Keras makes weights and states of no entries.
        "filters": k.integer(1, 3, -1, "many", [2])._replace(lax=(0, True, 2.0)),
        "kernel_size": k.sizes(rank, 3),
        "strides": k.sizes(rank, 2),
        "padding": k.PADDING,
        "data_format": k.DATA_FORMAT,
        "dilation_rate": k.sizes(rank, 2),
        **{name: kind for name, kind in UNITS.items() if name != "units"},
        **OWN["LSTM"],
        **LOOP,
    }

    def images(r: Random) -> list[Sizes]:
        return [[r.randint(1, 3), *positional(rank)(r)]]

    return Row(options, ("filters", "kernel_size"), images, with_images(rank), FLOATS)


def with_images(rank: int) -> Callable[[Random, Options, list[Sizes]], None]:
    """Make what most often chooses windows that fit, and gives states of the same size."""

    def fit(r: Random, options: Options, sizes: list[Sizes]) -> None:
        with_states(0)(r, options, [])
        if r.random() < 0.7:
            options.pop("dilation_rate", None)
        filters = options.get("filters")
        if r.random() < 0.3 and isinstance(filters, int):
            options["padding"] = "same"
            options.pop("strides", None)
            state = sizes[0][1:]
            first = (options.get("data_format") or "").lower() == "channels_first"
            state[0 if first else -1] = filters
            sizes += [list(state), list(state)]

    return fit


NO_CELL = ("LSTM", 3, None, Nested("Dense", {"units": 2}))

SEQUENCES: dict[str, Row] = {
    "MultiHeadAttention": Row(
        {
            "num_heads": k.positive(3),
            "key_dim": k.positive(3),
            "value_dim": k.maybe(k.positive(3)),
            "dropout": k.of(0.0, 0, 0.5, 1.0, wrong=(-0.1, 1.5, "x", None, [0.5])),
            "use_bias": k.BOOL,
            "output_shape": k.either(
                k.of(None, 1, 4, wrong=("x", 1.5)),
                k.lists(k.integer(1, 3), 1, 2, wrong=("x", 1.5)),
            ),
            "attention_axes": k.maybe(AXES),
            "sliding_window": k.maybe(k.positive(4)),
            "flash_attention": k.of(None, False, True, lax=("x", 1)),
            "use_gate": k.BOOL,
            "seed": k.SEED,
            **learned("kernel", "bias"),
        },
        ("num_heads", "key_dim"),
        attended,
        heads_apart,
        FLOATS,
        {"return_attention_scores": k.of(False, True), "use_causal_mask": k.of(False, True)},
    ),
    "Attention": Row(
        {
            "use_scale": k.BOOL,
            "score_mode": k.of("dot", "concat", wrong=("general", "Dot", None, 1)),
            "dropout": k.of(0.0, 0.25, 1, wrong=("x", None), lax=(1.5, -1)),
            "seed": k.SEED,
        },
        (),
        attended,
        compared,
        FLOATS,
        {"return_attention_scores": k.of(False, True), "use_causal_mask": k.of(False, True)},
    ),
    **{name: _recurrent(name) for name in OWN},
    **{
        f"{name}Cell": Row(
            {**UNITS, **OWN[name]},
            ("units",),
            a_step,
            with_states(n, 0.95),
            FLOATS,
            counted=False,
        )
        for name, n in STATES.items()
    },
    "StackedRNNCells": Row(
        {"cells": k.of([], wrong=([*NO_CELL[3:]], 3, None))},
        ("cells",),
        a_step,
        with_cells,
        FLOATS,
        counted=False,
    ),
    **{f"ConvLSTM{rank}D": _conv_lstm(rank) for rank in (1, 2, 3)},
    "RNN": Row(
        {"cell": k.of(None, wrong=(*NO_CELL, [NO_CELL[3]])), **LOOP},
        ("cell",),
        a_sequence,
        with_cell,
    ),
    "AdditiveAttention": Row(
        {
            "use_scale": k.BOOL,
            "dropout": k.of(0.0, 0.25, 1, wrong=("x", None), lax=(1.5, -1)),
            "seed": k.SEED,
        },
        (),
        attended,
        compared,
        FLOATS,
        SCORED,
    ),
    "GroupQueryAttention": Row(
        {
            "head_dim": k.positive(3),
            # Without any head that asks Keras makes weights of no entries.
            "num_query_heads": k.integer(1, 4, -1, "many", [2])._replace(lax=(0, True, 2.0)),
            "num_key_value_heads": k.positive(3),
            "dropout": SHARE,
            "use_bias": k.BOOL,
            "sliding_window": k.maybe(k.positive(4)),
            "flash_attention": k.of(None, False, True, lax=("x", 1)),
            "use_gate": k.BOOL,
            "seed": k.SEED,
            **learned("kernel", "bias"),
        },
        ("head_dim", "num_query_heads", "num_key_value_heads"),
        attended,
        grouped,
        FLOATS,
        SCORED,
    ),
}
