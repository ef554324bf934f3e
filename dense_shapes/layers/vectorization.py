"""Text layers."""

from __future__ import annotations

from typing import Any

from dense_shapes.dims import Dim, at_least, dim_max, dim_min, equal
from dense_shapes.layers import types as t
from dense_shapes.layers.base import Layer
from dense_shapes.layers.errors import OptionError, ShapeError
from dense_shapes.layers.fields import Type, field
from dense_shapes.layers.kinds import Choice, Either, Maybe, Text
from dense_shapes.layers.lookup import Vocabulary
from dense_shapes.layers.sizes import ListOf
from dense_shapes.layers.text import Shape, size
from dense_shapes.layers.text import shape as shape_text


class Function(Type):
    """A function of one's own, as a saved config names it; it is kept and never run."""

    def read(self, value: Any, layer: Layer) -> dict[str, Any]:
        """Return the mapping that stands for it."""
        if not isinstance(value, dict) or "class_name" not in value:
            raise self.refuse(value, layer)
        return value

    def describe(self, rank: int) -> str:
        """See `Type.describe`."""
        return "a function of one's own {class_name: …, config: …}"

    def schema(self, rank: int) -> dict[str, Any]:
        """See `Type.schema`."""
        return {"type": "object", "required": ["class_name"]}


class TextVectorization(
    Vocabulary,
    first=("max_tokens", "standardize", "split", "ngrams", "output_mode"),
):
    """Split texts into words, and replace each by its number in a vocabulary."""

    mask_token = ""
    oov_token = "[UNK]"  # noqa: S105 - a word for unknown words

    standardize: Any = field(
        Maybe(
            Either(Choice("lower_and_strip_punctuation", "lower", "strip_punctuation"), Function())
        ),
        default="lower_and_strip_punctuation",
        doc="What is done to a text first; a function of one's own keeps its shape.",
    )
    split: Any = field(
        Maybe(Either(Choice("whitespace", "character"), Function())),
        default="whitespace",
        doc="Where a text is split; null for texts that are single words.",
    )
    ngrams: Any = field(
        Maybe(Either(t.POSITIVE, ListOf(t.POSITIVE))),
        default=None,
        doc="Join words to runs: of up to so many words, or of these numbers of words.",
    )
    output_sequence_length: Dim | None = field(
        Maybe(t.POSITIVE), default=None, doc="Cut or pad each text to so many words."
    )
    ragged: bool = field(
        t.BOOL, default=False, doc="Give out texts of unlike length (TensorFlow alone can)."
    )
    encoding: str = field(Text(), default="utf-8", doc="The encoding of the texts.")

    @property
    def data_sizes(self) -> dict[str, str]:
        """See `Layer.data_sizes`."""
        sizes = super().data_sizes
        if self.split is not None and (self.output_sequence_length is None or self.ragged):
            sizes["tokens"] = "an 'output_sequence_length'"
        return sizes

    def check(self) -> None:
        """See `Layer.check`."""
        super().check()
        for name in ("output_sequence_length", "ragged"):
            if getattr(self, name) and self.mode != "int":
                raise OptionError(
                    f"{name!r} is for output_mode 'int', found {self.output_mode!r}",
                    field=name,
                    code="DS110",
                )

    def _words(self, x: Shape) -> Shape:
        """Return the shape of the words, or runs of words, that are looked up."""
        if self.split is not None:
            if len(x) > 1:
                self.require(
                    equal(x[-1], 1),
                    f"{type(self).__name__} splits one text for each row: the last axis must be "
                    f"of size 1, found {size(x[-1])} in {shape_text(x)}",
                    field="split",
                    help="write `split: null` for texts that are single words",
                )
                x = x[:-1]
            return (*x, self.left_open("tokens"))
        if self.ngrams is None:
            return x
        widths = self.ngrams
        if not isinstance(widths, tuple):
            widths = tuple(range(1, self._whole(widths) + 1))
        runs = sum((dim_max(x[-1] - w + 1, 0) for w in widths), start=0)
        self.require(
            at_least(runs, 1),
            f"there are no runs of {' or '.join(map(size, widths))} words in the last axis of "
            f"{shape_text(x)}",
            field="ngrams",
        )
        return (*x[:-1], runs)

    def _whole(self, dim: Dim) -> int:
        if type(dim) is not int:
            raise ShapeError(
                f"expected a number, found {dim}", field="ngrams", help=f"pass --set {dim}=…"
            )
        return dim

    def output(self, x: Shape) -> Shape:
        """See `Layer.output`: that of a real call, which keeps further axes of the input."""
        self.need_dtype("string")
        words = self._words(x)
        one_hot = self.mode == "one_hot"
        if self.sparse and self.split is not None and (one_hot or len(words) > 2):
            raise ShapeError(
                "words of texts of unlike length cannot be given out as sparse rows",
                field="sparse",
                help="drop 'sparse', or choose output_mode 'count' on one text an example",
            )
        if one_hot and self.split is not None:
            return (*words, self.depth)
        if self.mode != "int":
            return self.looked_up(words)
        length = self.output_sequence_length
        if length is None or (self.ragged and self.split is not None):
            return words
        return (*words[:-1], dim_min(words[-1], length) if self.ragged else length)

    def explain(self, x: Shape, y: Shape) -> str:
        """See `Layer.explain`."""
        split = {"whitespace": "at spaces", "character": "into characters"}
        how = "is taken as one word"
        if self.split is not None:
            name = self.split if isinstance(self.split, str) else ""
            how = f"is split {split.get(name, 'by a function of its own')}"
        if self.ngrams is not None:
            how += ", words are joined to runs"
        looked = f"each text {how} and looked up in {self.known_text()}"
        words = self._words(x)
        if self.mode != "int":
            return f"{looked}; {self.encoding_text(words, self.depth, 'term')}; no params"
        if y == words and self.split is not None:
            unit = f"as many as the longest text of the batch has ({size(y[-1])})"
        elif y == words:
            unit = "shape unchanged"
        else:
            unit = f"cut or padded to {size(y[-1])}"
        return f"{looked}; one number for each word, {unit}; no params"
