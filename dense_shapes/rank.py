"""What to say of inputs that have another number of axes than a layer needs."""

from __future__ import annotations

from dense_shapes.dims import BATCH, is_open
from dense_shapes.layers import find_layer
from dense_shapes.layers.text import Shape
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.model import Model, Node


def remover_of(
    model: Model, shapes: list[list[Shape] | None], node: Node, rank: int
) -> Node | None:
    """Find the layer upstream that took away the axes that `node` needs.

    Args:
        model: The graph.
        shapes: What each node gives out, as far as it is known.
        node: The layer that needs them.
        rank: How many axes it needs.
    """
    while node.inputs:
        node = model.nodes[node.inputs[0].node]
        if not node.inputs:
            return None
        given = shapes[node.inputs[0].node]
        if given is not None and len(given[0]) >= rank:
            own = shapes[model.nodes.index(node)]
            return node if own is not None and len(own[0]) < rank else None
    return None


def rank_help(kind: str, x: Shape | None, rank: int) -> str | None:
    """Advise a layer of that kind on an input of another number of axes than `rank`."""
    if x is None:
        return None
    spatial = int(kind[-2]) if kind[-2:-1].isdigit() else 0
    sibling = f"{kind[:-2]}{spatial + len(x) - rank}D"
    fitting = f"{sibling} takes {shape_text(x)}" if find_layer(sibling) else ""
    if len(x) == rank + 1 and is_open(x[1]):
        return (
            "if the first null stands for the batch, leave it out: an input's shape is written "
            "without it"
        )
    if len(x) > rank:
        if rank == 2:
            return "put a Flatten before it, which lays the values of an example out in one row"
        return fitting or "take axes away before it, with a Reshape or a pooling layer"
    if len(x) == rank - 1 and x[0] == BATCH:
        sizes = ", ".join(map(str, (*x[1:], 1)))
        each = "each position" if len(x) > 1 else "each example"
        help_text = f"if {each} holds one value, say so: [{sizes}], in the input or by a Reshape"
        return f"{help_text}; {fitting} as it is" if fitting else help_text
    return f"give the input {rank - 1} sizes, or add axes with a Reshape"
