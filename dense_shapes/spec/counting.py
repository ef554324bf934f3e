"""How many inputs an entry gives its layer."""

from __future__ import annotations

from dense_shapes.layers import Layer
from dense_shapes.layers.core import InputLayer
from dense_shapes.spec.frames import Item
from dense_shapes.spec.nodes import Sequence
from dense_shapes.spec.problems import Problems
from dense_shapes.spec.sources import LOST, Source


def counted(item: Item, cls: type[Layer], inputs: list[Source], problems: Problems) -> list[Source]:
    """Report a number of inputs that a layer does not take."""
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
            help=cls.inputs_help or f"list them: `from: [{', '.join('abcdef'[: max(least, 2)])}]`"
            if (most or 2) > 1
            else cls.instead_of_several
            if most == 1
            else "an input is fed by the data",
            where=item.entry.where("from"),
            layer=item.name,
        )
    )
    return [LOST]
