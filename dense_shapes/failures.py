"""What to say of layers that fail, and of those whose counts are not known."""

from __future__ import annotations

from collections.abc import Sequence

from dense_shapes.diagnostics import Diagnostic, Note
from dense_shapes.dims import BATCH, is_open, symbols_of
from dense_shapes.layers import ShapeError, find_layer
from dense_shapes.layers.recorded import Recorded
from dense_shapes.layers.text import Shape
from dense_shapes.layers.text import shape as shape_text
from dense_shapes.model import Group, Model, Node, standing_in
from dense_shapes.summary import Row

MAX_SHOWN = 3
"""How many layers of a kind a message names."""
MAX_NOTES = 4
"""How many places of a block that is wrong are cited."""


class Failures:
    """Tells of one model's layers that fail, and of those whose counts are not known."""

    def __init__(
        self,
        model: Model,
        shapes: list[Sequence[Shape | None] | None],
        diagnostics: list[Diagnostic],
    ) -> None:
        """Begin with nothing told.

        Args:
            model: The graph.
            shapes: What each node gives out, as far as it is known; it grows.
            diagnostics: Where to put what is told.
        """
        self.model = model
        self.shapes = shapes
        self.diagnostics = diagnostics
        self.told: dict[tuple[object, ...], Diagnostic] = {}
        self.of_kind: dict[tuple[str, str], tuple[Diagnostic, list[str]]] = {}

    def fail(self, node: Node, row: Row, error: ShapeError) -> None:
        """Mark a row as failed, and say why."""
        # Foreign code is not wrong: what it gives is not known.
        row.status = "unknown" if error.code == "DS204" else "failed"
        row.macs = None
        row.explanation = error.message
        if isinstance(node.layer, Recorded) and node.layer.weightless:
            row.weights = []
        remover = None
        if error.rank is not None:
            remover = remover_of(self.model, self.shapes, node, error.rank)
        notes: tuple[Note, ...] = ()
        help_text = error.help
        if remover is not None:
            before = _first(self.shapes[remover.inputs[0].node])
            after = _first(self.shapes[self.model.nodes.index(remover)])
            if before is not None and after is not None:
                text = (
                    f"{remover.name!r} ({remover.type}) removed the positions: "
                    f"{shape_text(before)} → {shape_text(after)}"
                )
                notes = (Note(text, remover.origin.span()),)
            line = remover.origin.line
            place = f" (line {line})" if line else ""
            help_text = (
                f"put this {node.type} before {remover.name!r}{place}, or bring the positions "
                "back with a Reshape"
            )
        elif error.rank is not None and help_text is None:
            help_text = rank_help(node.type, row.input_shapes[0], error.rank)
        elif error.field in {"kernel_size", "pool_size"}:
            help_text = self._channels_help(node) or help_text
        elif error.open:
            help_text = self._opener_help(error.open) or help_text
        at = node.origin.at(error.field, error.path)
        if node.owner is not None:
            owner = self.model.nodes[node.owner]
            notes += (Note(f"{owner.path!r} was called first here", owner.origin.span()),)
        notes += _standing(node)
        key = (error.code, at.get("span"), at.get("where"))
        if node.group is not None and key in self.told:
            # A layer of a block that is used several times is wrong in one place.
            uses = self.told[key].notes
            if notes[-1] not in uses and len(uses) < MAX_NOTES:
                self.told[key].notes += notes[-1:]
            return
        self.told[key] = Diagnostic(
            code=error.code,
            message=error.message,
            **at,
            notes=notes,
            help=help_text,
            layer=node.path,
        )
        self.diagnostics.append(self.told[key])

    def _channels_help(self, node: Node) -> str | None:
        """Say that channels come first where an input further up looks so."""
        kept = node
        while node.inputs:
            node = self.model.nodes[node.inputs[0].node]
        x = node.shape
        if kept.inputs and self.model.nodes[kept.inputs[0].node] is node:
            return None  # the layer itself sees it
        first = getattr(kept.layer, "data_format", None) == "channels_first"
        if x is None or len(x) != 4 or first or not (x[1] in {1, 3} and x[1] != x[2] == x[3]):
            return None
        return (
            f"if the channels of {node.path!r} {shape_text(x)} come first, as they seem to, say "
            "so with `defaults: {data_format: channels_first}`"
        )

    def _opener_help(self, names: frozenset[str]) -> str | None:
        """Say what tells a size that a layer left to the data, if one of these is such a size."""
        for node in self.model.nodes:
            layer = node.layer
            for name, dim in (layer.opened or {}).items() if layer is not None else ():
                if layer is not None and names & symbols_of(dim):
                    return (
                        f"only the data of {node.path!r} ({node.type}) tells it: give that layer "
                        f"{layer.data_sizes[name]}, or pass --set {dim}=…"
                    )
        return None

    def uncounted(self, node: Node, *, params: bool, macs: bool) -> None:
        """Say what is not known of a layer, so that no total is; of saved ones, once for a kind."""
        if "DS303" in node.ignore:
            return
        what = " and ".join(["the params"] * params + ["the MACs"] * macs)
        told = Diagnostic(
            code="DS303",
            message=f"{what} of {node.path!r} ({node.type}) are not known, and so no total is",
            **node.origin.at(),
            help=getattr(node.layer, "teach", None) if params else None,
            layer=node.path,
        )
        if isinstance(node.layer, Recorded):
            told, paths = self.of_kind.setdefault((node.type, what), (told, []))
            paths.append(node.path)
            shown = ", ".join(map(repr, paths[:MAX_SHOWN]))
            more = f" and {len(paths) - MAX_SHOWN} more" if len(paths) > MAX_SHOWN else ""
            told.message = (
                f"{what} of {shown}{more} ({node.type}) are not known, and so no total is"
            )
            if len(paths) > 1:
                return
        key = ("DS303", told.span, told.where)
        if node.group is None or self.told.setdefault(key, told) is told:
            self.diagnostics.append(told)


def _standing(node: Node) -> tuple[Note, ...]:
    """Say in which groups a layer stands: the turn of a repetition, and what is around it all."""
    turn: Group | None = None
    outer: Group | None = None
    group = node.group
    while group is not None:
        if turn is None and group.is_turn:
            turn = group
        outer, group = group, group.parent
    cited = [turn] if turn is not None and turn.parent is outer else [turn, outer]
    return tuple(Note(standing_in(part), part.origin.span()) for part in cited if part is not None)


def remover_of(
    model: Model, shapes: list[Sequence[Shape | None] | None], node: Node, rank: int
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
        given = _first(shapes[node.inputs[0].node])
        if given is not None and len(given) >= rank:
            own = _first(shapes[model.nodes.index(node)])
            return node if own is not None and len(own) < rank else None
    return None


def _first(shapes: Sequence[Shape | None] | None) -> Shape | None:
    return shapes[0] if shapes else None


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
