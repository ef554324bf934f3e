"""The rows of the layers that prepare features: see `tests/oracle/rows.py`.

Some need TensorFlow, which the tests do not install: their cases are drawn and run by
`tests/oracle/feature_golden.py`, and what Keras made of them is kept beside it.
"""

from dataclasses import replace
from random import Random

from tests.oracle import kinds as k
from tests.oracle.draws import ANY, NUMBERS, Options, Row, Sizes
from tests.oracle.kinds import Kind

WORDS = ("a", "b", "c", "d", "e f", "é")


def some_values(r: Random) -> Sizes:
    """Draw the sizes of an example, one value of it often."""
    sizes = [r.randint(1, 5) for _ in range(r.choice((0, 1, 1, 1, 2, 3)))]
    if sizes and r.random() < 0.4:
        sizes[-1] = 1
    return sizes


def weighed(r: Random) -> list[Sizes]:
    """Draw the sizes of numbers, and sometimes of a weight for each."""
    sizes = some_values(r)
    return [sizes, list(sizes)] if r.random() < 0.2 else [sizes]


def counted(r: Random, options: Options, sizes: list[Sizes]) -> None:
    """Most often count where there are weights."""
    if len(sizes) > 1 and r.random() < 0.9:
        options["output_mode"] = "count"


def measured(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose axes that are there, and means that fit them, or none."""
    rank = len(sizes) + 1
    axis = options.get("axis", -1)
    if r.random() < 0.8 and axis is not None:
        axes = r.sample(range(1, rank), min(r.randint(1, 2), rank - 1)) if rank > 1 else [-1]
        axes = [a - r.choice((0, rank)) for a in axes]
        axis = axes[0] if len(axes) == 1 and r.random() < 0.6 else axes
        options["axis"] = axis
    names = ("mean", "variance")
    if r.random() < 0.4:
        for name in names:
            options.pop(name, None)
    elif r.random() < 0.8 and isinstance(axis, int | list):
        axes = sorted(a % rank for a in (axis if isinstance(axis, list) else [axis]))
        last = sizes[axes[-1] - 1] if axes and axes[-1] else 2
        few = r.choice((last, last, 1))
        for name in names:
            options[name] = r.choice((0.5, [r.choice((0.5, 1, 2.0)) for _ in range(few)]))
        if r.random() < 0.8 and isinstance(options["mean"], list):
            options["variance"] = [1.0] * few
        elif r.random() < 0.8:
            options["mean"] = options["variance"] = 2
        if len(axes) == 2 and r.random() < 0.3 and axes[0]:
            both = [[1.0] * few for _ in range(r.choice((1, sizes[axes[0] - 1])))]
            options["mean"] = options["variance"] = both


def bounded(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often say in one way only which ranges there are."""
    if r.random() < 0.9:
        options.pop(r.choice(("bin_boundaries", "num_bins")), None)
        if not {"bin_boundaries", "num_bins"} & set(options):
            options["bin_boundaries"] = [0.5, 2]
    if r.random() < 0.8 and isinstance(options.get("bin_boundaries"), list):
        options["bin_boundaries"].sort()


MEANS = k.either(
    k.of(0, 0.5, wrong=("x",)),
    k.lists(k.of(0.5, 1, 2.0), 1, 4, wrong=("x",)),
    k.of(None, [[1, 2]], [[1], [2]], wrong=("x",)),
)
SALT = k.of(None, 7, [1, 2], wrong=("x", [1], [1, 2, 3], 1.5))
MODES = ("int", "one_hot", "multi_hot", "count")
NO_MODE = ("onehot", "INT", "", 1)
DTYPE = k.of(
    *("float16", "bfloat16", "float32", "float64", "mixed_float16", "int32", "int64"),
    wrong=("float17", "mixed", "", 32),
)
OF_CATEGORIES = k.COMMON | {"dtype": DTYPE}
OF_BINS = k.NEVER_FROZEN | {"dtype": DTYPE}
OF_LOOKUPS = k.COMMON | {"dtype": k.unread(DTYPE), "trainable": k.unread(k.COMMON["trainable"])}
# NumPy has no sparse tensors.
SPARSE = k.of(False, lax=("yes", 1, None))


ROWS: dict[str, Row] = {
    "Normalization": Row(
        {
            "axis": k.either(
                k.integer(-4, 4, "last", 1.5),
                k.lists(k.AXIS, 0, 3, wrong=("last", 1.5)),
                k.of(None, wrong=("last", 1.5)),
            ),
            "mean": MEANS,
            "variance": MEANS,
            "invert": k.BOOL,
        },
        fit=measured,
        dtypes=ANY,
    ),
    "Discretization": Row(
        {
            "bin_boundaries": k.lists(k.of(-1.5, 0, 0.5, 2, 3.0), 0, 4, wrong=("x", 3, ["a"])),
            "num_bins": k.integer(1, 40, -1, "many"),
            # Measured more roughly, the data makes fewer bins than were asked for.
            "epsilon": k.of(0.001, 0.01, lax=("x", None)),
            "output_mode": k.of(*MODES, wrong=NO_MODE),
            "sparse": SPARSE,
        },
        sizes=some_values,
        fit=bounded,
        dtypes=NUMBERS,
        common=OF_BINS,
    ),
    "CategoryEncoding": Row(
        {
            "num_tokens": k.positive(6),
            "output_mode": k.of("one_hot", "multi_hot", "count", "binary", wrong=("int", *NO_MODE)),
            "sparse": SPARSE,
        },
        ("num_tokens",),
        weighed,
        counted,
        ("int64", "uint8"),
        usual="int32",
        common=OF_CATEGORIES,
    ),
}


def _lookup(words: tuple, **more: Kind) -> dict[str, Kind]:
    return {
        "max_tokens": k.maybe(k.integer(4, 9, 1, 0, -1, "many")),
        "vocabulary": k.maybe(
            k.lists(k.of(*words), 1, 4, wrong=([], [words[0], words[1], words[0]]))
        ),
        "idf_weights": k.maybe(k.lists(k.of(0.5, 1.0, 2), 1, 4, wrong=("x",))),
        "output_mode": k.of(
            *("int", "int", "one_hot", "multi_hot", "count", "tf_idf", "binary", "tf-idf"),
            wrong=NO_MODE,
        ),
        "pad_to_max_tokens": k.BOOL,
        "sparse": SPARSE,
        **more,
    }


def _each(words: tuple, tokens: Kind, **more: Kind) -> dict[str, Kind]:
    return _lookup(
        words,
        num_oov_indices=k.integer(0, 3, -1, "many"),
        mask_token=tokens,
        oov_token=tokens,
        invert=k.of(False, False, False, True, lax=("yes", 1, None)),
        oov_method=k.of("floormod", "farmhash", wrong=("sip", "", 1)),
        salt=SALT,
        **more,
    )


def known(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often make a vocabulary and what depends on it fit."""
    terms = options.get("vocabulary")
    mode = options.get("output_mode", "int")
    if isinstance(terms, list):
        if r.random() < 0.9:
            terms[:] = dict.fromkeys(terms)
        for name in ("mask_token", "oov_token"):
            if options.get(name) in terms and r.random() < 0.8:
                terms.remove(options[name])
        terms[:] = terms or [WORDS[-1] if isinstance(options.get("oov_token"), str) else 77]
        if r.random() < 0.2 and "num_oov_indices" in options:
            mask = options.get("mask_token")
            masked = [mask] * (mode == "int" and mask is not None)
            unknown = [options.get("oov_token", "[UNK]")] * options["num_oov_indices"]
            if all(isinstance(term, type(terms[0])) for term in masked + unknown):
                terms[:0] = masked + unknown
        if r.random() < 0.8:
            options.pop("max_tokens", None)
    if r.random() < 0.85:
        if mode in ("tf_idf", "tf-idf"):
            options["idf_weights"] = [0.5] * len(terms) if terms else None
        else:
            options.pop("idf_weights", None)
        if mode == "int":
            for name in ("sparse", "pad_to_max_tokens"):
                options.pop(name, None)
        else:
            options.pop("invert", None)
        if options.get("pad_to_max_tokens"):
            options["max_tokens"] = r.randint(12, 14)
        if options.get("salt") is not None:
            options["oov_method"] = "farmhash"


def read(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often make a vocabulary fit, and give one text in each row."""
    known(r, options, sizes)
    if r.random() < 0.85:
        if options.get("output_mode", "int") != "int":
            for name in ("output_sequence_length", "ragged"):
                options.pop(name, None)
        if options.get("split", "") is not None and sizes:
            sizes[-1] = 1


def salted(r: Random, options: Options, sizes: Sizes) -> None:
    """Most often choose a dtype of whole numbers where bins are numbered."""
    if r.random() < 0.8 and options.get("output_mode", "int") == "int":
        options.pop("sparse", None)


def pairs(r: Random) -> list[Sizes]:
    """Draw the sizes of two features."""
    sizes = r.choice(([], [1], [1], [1], [3], [2, 1]))
    return [sizes, list(sizes)]


NEED_TENSORFLOW: dict[str, Row] = {
    "Hashing": Row(
        {
            "num_bins": k.positive(6),
            "mask_value": k.of(None, "", "a", 0, 7),
            "salt": SALT,
            "output_mode": k.of(*MODES, wrong=NO_MODE),
            "sparse": SPARSE,
        },
        ("num_bins",),
        some_values,
        salted,
        ("string", "int32", "float32", "uint8"),
        usual="string",
        common=OF_CATEGORIES,
    ),
    "HashedCrossing": Row(
        {
            "num_bins": k.integer(1, 6, "many", [2]),
            "output_mode": k.of("int", "one_hot", wrong=("multi_hot", *NO_MODE)),
            "sparse": SPARSE,
        },
        ("num_bins",),
        pairs,
        dtypes=("string", "float32", "uint8", "bool"),
        usual="int64",
        common={name: OF_LOOKUPS[name] for name in ("dtype", "trainable")},
        named=False,
    ),
    "StringLookup": Row(
        _each(WORDS, k.of(None, "a", "", "[MASK]"), encoding=k.of("utf-8")),
        (),
        some_values,
        known,
        ("string", "float32", "int64"),
        usual="string",
        common=OF_LOOKUPS,
    ),
    "IntegerLookup": Row(
        _each(
            (1, 2, 5, 30, 7),
            k.of(None, 0, -1, 5),
            vocabulary_dtype=k.of("int64", wrong=("int32", "string", 1)),
        ),
        (),
        some_values,
        known,
        ("int32", "float32", "string", "uint8"),
        usual="int64",
        common=OF_LOOKUPS,
    ),
    "TextVectorization": Row(
        _lookup(
            WORDS,
            standardize=k.of(
                *("lower_and_strip_punctuation", "lower", "strip_punctuation", None),
                wrong=("upper", "", 1),
            ),
            split=k.of("whitespace", "character", None, "whitespace", wrong=("space", "", 1)),
            ngrams=k.of(None, None, 1, 2, (2,), (1, 3), wrong=("x", 1.5, ("a",))),
            output_sequence_length=k.of(None, 1, 2, 5, wrong=("x", 1.5)),
            ragged=k.of(False, False, False, True, lax=("yes", 1, None)),
            encoding=k.of("utf-8"),
        ),
        (),
        some_values,
        read,
        ("string", "float32", "int64"),
        usual="string",
        common=OF_CATEGORIES,
    ),
}
"""The rows of layers that need TensorFlow."""


def _sparse(row: Row) -> Row:
    if "sparse" not in row.options:
        return row
    sparse = SPARSE._replace(draw=lambda r: r.random() < 0.4)
    # A penalty on a sparse output fails.
    common = {name: kind for name, kind in row.common.items() if name != "activity_regularizer"}
    return replace(row, options=row.options | {"sparse": sparse}, common=common)


GOLDEN = {
    name: _sparse(row if name in NEED_TENSORFLOW else replace(row, dtypes=("int32", "int64")))
    for name, row in (NEED_TENSORFLOW | ROWS).items()
    if name in NEED_TENSORFLOW or "sparse" in row.options
}
"""The rows of golden data: those, and others that give out sparse tensors there alone."""
