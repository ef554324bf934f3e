"""Rows of the table for layers of sequences: attention, cells and what runs them."""

from collections.abc import Callable
from random import Random

from tests.oracle import kinds as k
from tests.oracle.draws import FLOATS, Options, Row, Sizes
from tests.oracle.kinds import Kind
from tests.oracle.parts import AXES, learned


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
    if r.random() < 0.7:
        sizes[-1][-1] = sizes[0][-1]


def a_sequence(r: Random) -> list[Sizes]:
    """Draw the sizes of a sequence, an input beside which there may be states."""
    return [[r.randint(1, 4), r.randint(1, 4)]]


def with_states(r: Random, options: Options, sizes: list[Sizes], *, each: int = 1) -> None:
    """Often give the states that a layer starts from, `each` for itself and its opposite."""
    units = options.get("units")
    if r.random() < 0.4 and isinstance(units, int):
        sizes += [[units if r.random() < 0.95 else r.randint(1, 4)] for _ in range(each)]
    # One activation in thirty halves the units, for which hardly a layer has a use.
    for name in ("activation", "recurrent_activation"):
        if options.get(name) == "glu" and r.random() < 0.7:
            del options[name]


def with_two_states(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Often give both states of an LSTM."""
    with_states(r, options, sizes, each=2)


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


def _recurrent(
    fit: Callable[[Random, Options, list[Sizes]], None] = with_states, **options: Kind
) -> Row:
    share = k.of(0, 0.25, 1.0, 0.5, -1, 2, wrong=("x", None, [0.5]), lax=(True,))
    options = {
        "units": k.positive(4),
        "activation": k.ACTIVATION,
        "use_bias": k.BOOL,
        **learned("kernel", "recurrent", "bias"),
        "dropout": share,
        "recurrent_dropout": share,
        "seed": k.SEED,
        "return_sequences": k.BOOL,
        "return_state": k.BOOL,
        "go_backwards": k.BOOL,
        "stateful": k.of(False, False, True, lax=("yes", 1, None)),
        "unroll": k.BOOL,
        "zero_output_for_mask": k.BOOL,
        **options,
    }
    return Row(options, ("units",), a_sequence, fit)


GATED = {
    "recurrent_activation": k.ACTIVATION,
    "use_cudnn": k.of("auto", "auto", False, True, wrong=("yes", None, 2), lax=(1, 0)),
}

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
    "SimpleRNN": _recurrent(),
    "LSTM": _recurrent(with_two_states, unit_forget_bias=k.BOOL, **GATED),
    "GRU": _recurrent(reset_after=k.BOOL, **GATED),
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
