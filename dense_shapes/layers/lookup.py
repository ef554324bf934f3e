"""Vocabulary layers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dense_shapes.dims import Dim, Expr, at_least, equal
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer
from dense_shapes.layers.encoding import Encoding
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.features import SALT
from dense_shapes.layers.fields import Type, field, show
from dense_shapes.layers.kinds import Bool, Choice, Maybe, Text
from dense_shapes.layers.sizes import Int, ListOf
from dense_shapes.layers.text import Shape, plural, size

_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf", "binary", "tf-idf")
_SOME = 3
"""How many repeated terms are named."""


class Terms(Type):
    """A vocabulary: a list of terms, or the name of a file, which is kept but never opened."""

    only_lists = True

    def __init__(self, kind: type, name: str) -> None:
        self.kind = kind
        self.name = name

    def read(self, value: Any, layer: Layer) -> tuple[Any, ...] | str:
        """Return the terms as a tuple, or the file's name."""
        if isinstance(value, str):
            return value
        if not isinstance(value, list | tuple):
            raise self.refuse(value, layer)
        for i, term in enumerate(value):
            if type(term) is not self.kind:
                raise OptionError(
                    f"expected a {self.name}, found {show(term)}",
                    path=(i,),
                    help="put it in quotes" if self.kind is str else None,
                )
        if not value:
            raise OptionError(
                "a vocabulary needs at least one term, found []",
                help="leave the option out, where adapt() is to find the terms",
            )
        return tuple(value)

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return f"a list of {self.name}s, or a file's name"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        kind = "string" if self.kind is str else "integer"
        terms = {"type": "array", "items": {"type": kind}, "minItems": 1}
        return {"anyOf": [terms, {"type": "string"}]}


class Vocabulary(Encoding, abstract=True):
    """A layer that knows some terms, and the number of each."""

    invert: bool = False
    mask_token: Any = None
    oov_token: Any = None
    num_oov_indices: Dim = 1

    max_tokens: Dim | None = field(
        Maybe(Int(2)), default=None, doc="The most terms there may be, special ones included."
    )
    vocabulary: Any = field(
        Maybe(Terms(str, "text")),
        default=None,
        doc="The terms in order; null to find them by adapt(). A file is never opened.",
    )
    idf_weights: tuple[float, ...] | None = field(
        Maybe(ListOf(t.NUMBER)), default=None, doc="For 'tf_idf': the weight of each term."
    )
    output_mode: str = field(
        Choice(*_MODES),
        default="int",
        doc="Give out each number itself, a row for each, or one row for all of an example.",
    )
    pad_to_max_tokens: bool = field(
        t.BOOL, default=False, doc="Make rows as long as max_tokens, however many terms there are."
    )
    vocabulary_size: Dim | None = field(
        Maybe(Int(0)), default=None, doc="How many terms adapt() found, as a saved layer says."
    )
    has_input_vocabulary: bool | None = field(
        Maybe(Bool()), default=None, doc="Whether its terms were given rather than found."
    )

    @property
    def data_sizes(self) -> dict[str, str]:
        """See `Layer.data_sizes`."""
        if self.mode == "int" or self._size is not None:
            return {}
        return {"vocabulary": "a 'vocabulary' or 'vocabulary_size'"}

    @property
    def _first_unknown(self) -> int:
        """How many numbers come before that of an unknown term."""
        return int(self.mask_token is not None and self.mode == "int")

    @property
    def _terms(self) -> tuple[Any, ...] | None:
        return self.vocabulary if isinstance(self.vocabulary, tuple) else None

    def check(self) -> None:
        """See `Layer.check`."""
        super().check()
        if self.pad_to_max_tokens and self.max_tokens is None:
            raise OptionError(
                "'pad_to_max_tokens: true' needs 'max_tokens', the length to pad to",
                field="pad_to_max_tokens",
                code="DS110",
            )
        if self.invert and self.mode != "int":
            raise OptionError(
                f"'invert: true' turns numbers back into terms: output_mode must be 'int', found "
                f"{self.output_mode!r}",
                field="output_mode",
                code="DS110",
            )
        if self.invert and self.oov_token is None:
            raise OptionError(
                "'invert: true' needs an 'oov_token', which unknown numbers turn into",
                field="oov_token",
                code="DS110",
            )
        if self.idf_weights is not None and self.mode != "tf_idf":
            raise OptionError(
                f"'idf_weights' are for output_mode 'tf_idf', found {self.output_mode!r}",
                field="idf_weights",
                code="DS110",
            )
        given = self.vocabulary is not None or bool(self.has_input_vocabulary)
        if self.mode == "tf_idf" and given and self.idf_weights is None:
            raise OptionError(
                "missing option 'idf_weights': in output_mode 'tf_idf' every term of the "
                "vocabulary needs a weight",
                field="idf_weights",
                code="DS104",
            )
        if self._terms is not None:
            self._check_terms(self._terms)

    def _check_terms(self, terms: tuple[Any, ...]) -> None:
        unknown = self.num_oov_indices
        if isinstance(unknown, Expr):
            raise OptionError(
                f"expected a number beside a vocabulary, found {unknown}", field="num_oov_indices"
            )
        plain, start = self._plain(terms)
        if len(set(plain)) < len(plain):
            twice = [show(term) for term, n in Counter(plain).items() if n > 1]
            more = f" and {len(twice) - _SOME} more" if len(twice) > _SOME else ""
            raise OptionError(
                f"each term stands in a vocabulary once; {', '.join(twice[:_SOME])}{more} "
                f"{'stands' if len(twice) == 1 else 'stand'} there again",
                field="vocabulary",
                path=(start + _repeated(plain),),
            )
        special = {"mask_token": self.mask_token}
        if self.invert:
            special["oov_token"] = self.oov_token
        for name, token in special.items():
            if token is not None and token in plain:
                raise OptionError(
                    f"{show(token)} is the {name}, and no term of the vocabulary",
                    field="vocabulary",
                    path=(start + plain.index(token),),
                    help="leave the special terms out, or begin with all of them: "
                    f"{show(self._special(_SOME))}",
                )
        total = len(plain) + self._first_unknown + unknown
        if self.max_tokens is not None:
            self.require_option(
                at_least(self.max_tokens - total, 0),
                f"there are {total} terms, special ones included, and max_tokens is "
                f"{size(self.max_tokens)}",
                "max_tokens",
            )
        if self.mode != "int" and not self.pad_to_max_tokens and self.vocabulary_size is not None:
            self.require_option(
                equal(self.vocabulary_size, total),
                f"the vocabulary has {total} terms, special ones included, and vocabulary_size is "
                f"{size(self.vocabulary_size)}",
                "vocabulary_size",
            )
        if self.idf_weights is not None and len(self.idf_weights) != len(terms):
            raise OptionError(
                f"expected a weight for each of the {len(terms)} terms of the vocabulary, found "
                f"{len(self.idf_weights)}",
                field="idf_weights",
            )

    def require_option(self, verdict: Any, message: str, name: str) -> None:
        """Demand what options ask of each other.

        Raises:
            OptionError: It can never hold.
        """
        if verdict is False:
            raise OptionError(message, field=name)
        if verdict is not True:
            self.demands.append(verdict)

    def _special(self, most: int) -> tuple[Any, ...]:
        """Return the terms that come first, the mask's and those for unknown ones."""
        unknown = self.num_oov_indices
        many = min(unknown, most) if type(unknown) is int else 0
        return (self.mask_token,) * self._first_unknown + (self.oov_token,) * many

    def _plain(self, terms: tuple[Any, ...]) -> tuple[tuple[Any, ...], int]:
        """Return the terms without the special ones, and where they begin."""
        start = self._special(len(terms))
        found = len(start) if terms[: len(start)] == start else 0
        return terms[found:], found

    @property
    def _size(self) -> Dim | None:
        """How long rows are, where that is known before the layer is adapted."""
        if self.pad_to_max_tokens and self.max_tokens is not None:
            return self.max_tokens
        if self._terms is not None:
            return len(self._plain(self._terms)[0]) + self._first_unknown + self.num_oov_indices
        if self.vocabulary_size is not None:
            return self.vocabulary_size
        return None

    @property
    def depth(self) -> Dim:
        """How long rows are: as long as there are terms."""
        known = self._size
        return self.left_open("vocabulary") if known is None else known

    def looked_up(self, x: Shape) -> Shape:
        """Return the shape of rows that values of shape `x` are encoded in.

        Raises:
            ShapeError: They cannot be sparse.
        """
        y = self.encoded(x, self.depth)
        if self.sparse and self.mode == "tf_idf" and len(y) > 1:
            raise ShapeError(
                "sparse rows cannot be weighed: Keras fails to multiply them by idf_weights",
                field="sparse",
                help="drop 'sparse', or choose output_mode 'count'",
            )
        return y

    def output_dtype(self, dtype: str) -> str:
        """See `Layer.output_dtype`: that of a real call, of which Keras infers another."""
        if self.mode == "tf_idf":
            return "float32"
        return self.term_dtype if self.invert else "int64"

    @property
    def term_dtype(self) -> str:
        """The dtype of the terms."""
        return "string"

    def need_dtype(self, wanted: str) -> None:
        """Demand that the input is of a dtype that can be looked up.

        Raises:
            ShapeError: It is another, which Keras cannot turn into it.
        """
        for dtype in self.input_dtypes:
            if (dtype == "string") != (wanted == "string"):
                raise ShapeError(
                    f"{type(self).__name__} takes {'texts' if wanted == 'string' else 'numbers'} "
                    f"here, found an input of {dtype}",
                    help=f"give the input a dtype, such as `dtype: {wanted}`",
                )

    def known_text(self) -> str:
        """Say how many terms are known, from where, and how long rows are if that is another."""
        if self._terms is not None:
            known = f"a vocabulary of {plural(len(self._plain(self._terms)[0]), 'term')}"
        elif self.vocabulary_size is not None:
            known = f"a vocabulary of {plural(self.vocabulary_size, 'term')}, special ones included"
        elif isinstance(self.vocabulary, str):
            known = f"the vocabulary of a file, {show(self.vocabulary)}, which is not opened"
        else:
            known = "a vocabulary that adapt() finds in the data"
        if "vocabulary" in self.data_sizes:
            return f"{known} ({plural(self.depth, 'term')}, special ones included)"
        return f"{known} (rows are padded to max_tokens)" if self.pad_to_max_tokens else known


class IndexLookup(Vocabulary, abstract=True, without=("autocast", "activity_regularizer")):
    """A layer that looks up each value alone."""

    num_oov_indices: Dim = field(
        Int(0), default=1, doc="How many numbers stand for unknown terms; 0 refuses them."
    )
    invert: bool = field(t.BOOL, default=False, doc="Turn numbers back into terms.")
    oov_method: str = field(
        Choice("floormod", "farmhash"),
        default="floormod",
        doc="How an unknown number picks one of several such numbers.",
    )
    salt: Any = field(SALT, default=None, doc="One or two numbers that change the hash.")

    def check(self) -> None:
        """See `Layer.check`: Keras fails on an empty vocabulary when it has found one."""
        super().check()
        if self.max_tokens is not None and self.vocabulary is None:
            special = self._first_unknown + self.num_oov_indices
            self.require_option(
                at_least(self.max_tokens - special, 1),
                f"{plural(special, 'special term')} leave no place in max_tokens, which is "
                f"{size(self.max_tokens)}",
                "max_tokens",
            )

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`."""
        self.need_dtype("int64" if self.invert else self.term_dtype)
        return x if self.mode == "int" else self.looked_up(x)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        if self.invert:
            return (
                f"each number becomes its term of {self.known_text()}; shape unchanged, no params"
            )
        unknown = f"{plural(self.num_oov_indices, 'number')} for unknown ones"
        if self.num_oov_indices == 0:
            unknown = "unknown ones are refused"
        return (
            f"each value is looked up in {self.known_text()}, {unknown}; "
            f"{self.encoding_text(x, y[-1], 'term')}; no params"
        )


class StringLookup(
    IndexLookup,
    first=("max_tokens", "num_oov_indices", "mask_token", "oov_token", "vocabulary"),
):
    """Replace each text by its number in a vocabulary, or by a row with a 1 at its place."""

    mask_token: str | None = field(
        Maybe(Text()), default=None, doc="The text that stands for nothing, number 0."
    )
    oov_token: str | None = field(
        Maybe(Text()), default="[UNK]", doc="The text that numbers of unknown terms turn back into."
    )
    encoding: str = field(Text(), default="utf-8", doc="The encoding of the texts.")


class IntegerLookup(
    IndexLookup,
    first=("max_tokens", "num_oov_indices", "mask_token", "oov_token", "vocabulary"),
):
    """Replace each whole number by its place in a vocabulary, or by a row with a 1 there."""

    mask_token: Dim | None = field(
        Maybe(Int()), default=None, doc="The number that stands for nothing, and becomes 0."
    )
    oov_token: Dim | None = field(
        Maybe(Int()), default=-1, doc="What places of unknown terms turn back into."
    )
    vocabulary: Any = field(
        Maybe(Terms(int, "whole number")),
        default=None,
        doc="The terms in order; null to find them by adapt(). A file is never opened.",
    )
    vocabulary_dtype: str = field(Choice("int64"), default="int64", doc="The dtype of the terms.")

    @property
    def term_dtype(self) -> str:
        """See `Vocabulary.term_dtype`."""
        return "int64"

    def check(self) -> None:
        """See `Layer.check`."""
        super().check()
        if self.salt is not None and self.oov_method != "farmhash":
            raise OptionError(
                f"'salt' is for oov_method 'farmhash', found {self.oov_method!r}",
                field="salt",
                code="DS110",
            )


def _repeated(terms: tuple[Any, ...]) -> int:
    """Return the place of the first term that has been there before."""
    seen = set()
    for i, term in enumerate(terms):
        if term in seen:
            return i
        seen.add(term)
    return 0
