"""Layers that a spec has no type for: what is said of them instead."""

from __future__ import annotations

from typing import Any

from dense_shapes.conversion.errors import CannotConvert, Conversion, refusal
from dense_shapes.dims import BATCH
from dense_shapes.layers import find_layer
from dense_shapes.layers.recorded import AllSteps, EachStep, InnerInput, SameShape
from dense_shapes.layers.text import Shape
from dense_shapes.layers.unknown import TakenAtWord
from dense_shapes.model import Model, Node
from dense_shapes.propagate import propagate, tensors_of


class Words:
    """What a spec says of layers of a model that are none of the registry's.

    Attributes:
        options: The options of each by the node's identity.
        passing: The indices of nodes that a spec has no entry for.
    """

    def __init__(self, model: Model, report: Conversion[Any]) -> None:
        """Find them.

        Args:
            model: The model.
            report: Is told of what is written as something else.

        Raises:
            CannotConvert: A spec cannot say what one is.
        """
        self.options: dict[int, dict[str, Any]] = {}
        self.passing: set[int] = set()
        self._types: dict[int, str] = {}
        strange = [
            i
            for i, node in enumerate(model.nodes)
            if node.layer is not None
            and not isinstance(node.layer, TakenAtWord)
            and find_layer(node.type) is not type(node.layer)
        ]
        if not strange:
            return
        tensors = [
            [(shape or (), dtype) for shape, dtype in zip(shapes or [], dtypes, strict=False)]
            for shapes, dtypes in tensors_of(model)
        ]
        rows = {row.path: row for _, row in propagate(model).rows()}
        refused = []
        for i in strange:
            node = model.nodes[i]
            if isinstance(node.layer, InnerInput):
                before = tensors[node.inputs[0].node][node.inputs[0].output]
                self._begin(i, node, before, tensors[i][0])
            elif isinstance(node.layer, EachStep | AllSteps):
                # The TimeDistributed around it says it.
                self.passing.add(i)
            elif isinstance(node.layer, SameShape) and len(node.inputs) == 1:
                self._types[id(node)] = "Identity"
                report.note_identity(node)
                self.options[id(node)] = {}
            elif node.owner is None and (len(tensors[i]) != 1 or not node.inputs):
                what = f"{len(tensors[i])} outputs" if node.inputs else "no input"
                message = f"{node.path!r} is of the type {node.type}, which is not known, and has "
                refused.append(refusal(f"{message}{what}: a spec cannot say what it does", node))
            elif node.owner is None:
                row = rows[node.path]
                batch, *rest = tensors[i][0][0]
                first = None if batch == (row.input_shapes[0] or (BATCH,))[0] else batch
                options: dict[str, Any] = {"output_shape": [first, *rest]}
                if row.count() is not None:
                    options["params"] = row.count()
                    if row.count() != 0 and row.count(trainable=True) == 0:
                        options["trainable"] = False
                self.options[id(node)] = options
        if refused:
            raise CannotConvert(refused)

    def _begin(
        self, index: int, node: Node, before: tuple[Shape, str], after: tuple[Shape, str]
    ) -> None:
        """Say how what a nested model is called on becomes its input."""
        (shape, dtype), (fitted, own) = before, after
        if shape == fitted and dtype == own:
            self.passing.add(index)
        elif shape == fitted:
            self._types[id(node)] = "ops.Cast"
            self.options[id(node)] = {"dtype": own}
        else:
            kind = "ops.ExpandDims" if len(fitted) > len(shape) else "ops.Squeeze"
            self._types[id(node)] = kind
            self.options[id(node)] = {"axis": -1}

    def type_of(self, node: Node) -> str:
        """Return the type that an entry has."""
        kind = self._types.get(id(node), node.type)
        if id(node) not in self.options or id(node) in self._types:
            return kind
        # What has a meaning of its own cannot be taken at its word.
        return kind if find_layer(kind) is None else f"{kind}_as_saved"
