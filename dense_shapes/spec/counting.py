"""How many inputs an entry gives its layer, or its block."""

from __future__ import annotations

from dense_shapes.diagnostics import Note
from dense_shapes.layers import Layer
from dense_shapes.layers.core import InputLayer
from dense_shapes.spec.frames import Frame, Item
from dense_shapes.spec.nodes import Scalar, Sequence
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.sources import LOST, Source


def counted(
    item: Item, cls: type[Layer], inputs: list[Source], problems: Problems, layer: Layer | None
) -> list[Source]:
    """Report a number of inputs that a layer does not take, which its options may decide."""
    node = item.entry.options.get("from")
    least, most = (0, 0) if cls is InputLayer else cls.inputs
    if most is None and not isinstance(node, Sequence) and LOST not in inputs:
        from dense_shapes.layers.merging import Merge  # noqa: PLC0415 - not in every model

        if issubclass(cls, Merge):
            problems.add(
                problems.make(
                    "DS113",
                    f"{cls.__name__} joins a list of tensors, found {inputs[0].name!r} alone",
                    node or item.entry.head,
                    help=f"list them: `from: [{inputs[0].name}, …]`",
                    where=item.entry.where("from"),
                    layer=item.name,
                )
            )
            return [LOST]
    help_ = cls.inputs_help
    if layer is not None and cls.__name__.startswith("ops."):
        from dense_shapes.layers.operation import Operands  # noqa: PLC0415 - not in every model

        if isinstance(layer, Operands):
            most = len(layer.free)
            least = most - layer.spare
            names = ", ".join(layer.operands)
            help_ = f"it works on {names}: name an input, or give a constant, for each of them"
    if least <= len(inputs) and (most is None or len(inputs) <= most):
        return inputs
    if LOST in inputs:
        return inputs
    takes = str(least) if most == least else f"{least} or more"
    if most is not None and most != least:
        takes = f"{least} to {most}"
    problems.add(
        problems.make(
            "DS113",
            f"{cls.__name__} takes {takes} input{'' if most == 1 else 's'}, found {len(inputs)}",
            node or item.entry.head,
            help=help_ or f"list them: `from: [{', '.join('abcdef'[: max(least, 2)])}]`"
            if help_ or (most or 2) > 1
            else cls.instead_of_several
            if most == 1
            else "an input is fed by the data",
            where=item.entry.where("from"),
            layer=item.name,
        )
    )
    return [LOST]


def warn_of_spare(
    item: Item, inner: Frame, problems: Problems, key: Scalar | None = None
) -> set[int]:
    """Warn of inputs of a block, or of a `repeat`, that nothing inside takes; return their nodes.

    Args:
        item: The entry.
        inner: The list inside, built without a problem.
        problems: Collects the warnings.
        key: Where the block is defined.
    """
    given = inner.inputs or []
    spare: set[int] = set()
    if LOST in given:
        return spare
    head = item.entry.head
    name = f"block {head.text!r}" if key is not None else "the repeat"
    notes = (Note(f"{head.text!r} is defined here", key.span),) if key is not None else ()
    node = item.entry.options.get("from")
    listed = node.items if isinstance(node, Sequence) else []
    for k, source in enumerate(given):
        if k in inner.taken:
            continue
        spare.add(source.ref.node)
        if inner.group is not None and "DS302" in inner.group.ignore:
            continue
        last = k > max(inner.taken, default=-1)
        told = problems.make(
            "DS302",
            f"{source.name!r} goes into {name} as input:{k}, which nothing inside takes",
            listed[k] if k < len(listed) else node or head,
            help=f"take it in with `from: input:{k}`, or leave it out"
            + ("" if last else " and number the others anew"),
            notes=notes,
            where=item.entry.where("from"),
        )
        problems.add(told)
    return spare
