"""Inputs of a model: their whole shapes, and what open sizes are called."""

from __future__ import annotations

from dense_shapes.diagnostics import CODES
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.text import Shape
from dense_shapes.layers.text import size as size_text
from dense_shapes.spec.entries import Entry
from dense_shapes.spec.header import Header
from dense_shapes.spec.nodes import Scalar, Sequence
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.scalars import found
from dense_shapes.spec.scope import Scope, is_batch
from dense_shapes.spec.symbols import open_names

ADVICE_CODES = tuple(code for code in CODES if code.startswith("DS30"))


def input_shape(
    entry: Entry, layer: InputLayer, header: Header, scope: Scope, problems: Problems
) -> Shape:
    """Return an input's whole shape, with names for the sizes that are left open.

    Raises:
        SpecError: Its batch size is not the model's.
    """
    batch, *sizes = layer.full_shape()
    if batch is None:
        batch = header.batch
    elif not is_batch(header.batch) and batch != header.batch:
        raise problems.make(
            "DS110",
            f"the batch size is {size_text(header.batch)} in the spec and "
            f"{size_text(batch)} in its input: there is one batch size a model",
            entry.head,
            where=entry.where(),
        )
    node = header.defaults.get("data_format")
    channels_first = isinstance(node, Scalar) and scope.scalar(node) == "channels_first"
    names = open_names(len(sizes), channels_first=channels_first)
    named = (
        scope.name_open(name) if size is None else size
        for size, name in zip(sizes, names, strict=True)
    )
    return (batch, *named)


_NOTHING: frozenset[str] = frozenset()
"""One for all: an empty set of its own would be the largest thing in most nodes."""


def advice_to_ignore(entry: Entry, scope: Scope, problems: Problems) -> frozenset[str]:
    """Return the codes of the advice that an entry does not want; report what is none."""
    if "ignore" not in entry.options:
        return _NOTHING
    where = entry.where("ignore")
    return problems.attempt(lambda: _codes(entry, scope, problems), where=where) or _NOTHING


def _codes(entry: Entry, scope: Scope, problems: Problems) -> frozenset[str]:
    node = entry.options.get("ignore")
    if node is None:
        return _NOTHING
    codes = set()
    for item in node.items if isinstance(node, Sequence) else [node]:
        code = scope.scalar(item) if isinstance(item, Scalar) else ""
        if code not in ADVICE_CODES:
            raise problems.make(
                "DS105",
                f"expected the code of an advice in 'ignore', found {found(item)}",
                item,
                help=f"write a code that may be silent: {' or '.join(ADVICE_CODES)}",
                where=entry.where("ignore"),
            )
        codes.add(code)
    return frozenset(codes)
