"""Lists of entries made into the nodes of a graph, each after what feeds it."""

from __future__ import annotations

from dense_shapes.diagnostics import Note, shorten
from dense_shapes.layers import Layer
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.unknown import TakenAtWord
from dense_shapes.model import NOWHERE, Group, Model, Ref, standing_in
from dense_shapes.model import Node as ModelNode
from dense_shapes.spec.again import call_again
from dense_shapes.spec.alike import Key
from dense_shapes.spec.blocks import Block, read_repetition, unknown_option
from dense_shapes.spec.counting import counted, warn_of_spare
from dense_shapes.spec.entries import Entry
from dense_shapes.spec.extent import MAX_DEPTH, Extent
from dense_shapes.spec.frames import Frame, Item, Target
from dense_shapes.spec.header import Header
from dense_shapes.spec.inputs import advice_to_ignore, input_shape
from dense_shapes.spec.items import item_of
from dense_shapes.spec.nodes import Node, Scalar
from dense_shapes.spec.options import build_layer
from dense_shapes.spec.problems import Problems, SpecError
from dense_shapes.spec.references import order_of, resolve_all, targets_of
from dense_shapes.spec.scalars import found
from dense_shapes.spec.sources import LOST, Source, give_beside
from dense_shapes.spec.stepwise import TYPE, all_steps, block_entry, each_step

MAX_NODES = 1_000_000
MAX_NOTES = 2
"""How many places a problem of a block cites."""


class Builder:
    """Builds the graph of one spec, collecting all that is wrong with it."""

    def __init__(
        self, model: Model, header: Header, blocks: dict[str, Block], problems: Problems
    ) -> None:
        self.model = model
        self.header = header
        self.problems = problems
        self.blocks = blocks
        self.alias: dict[int, Ref] = {}
        self.extras: set[int] = set()
        self.copies: set[int] = set()
        self.called: set[str] = set()
        self.full = False
        self.known: dict[Key, Layer] = {}
        self.refused: set[int] = set()

    def build(
        self, frame: Frame, entries: list[Entry | None], outputs: Node | None
    ) -> list[Source]:
        """Build a list of entries and return what it gives out."""
        for index, entry in enumerate(entries[: frame.leading]):
            # Before the names of layers, which may have the symbols of the inputs in them.
            frame.add(item_of(frame, entry, None, index, self.blocks, self.problems))
            frame.items[-1].targets = []
            self._expand(frame, frame.items[-1])
        rest = entries[frame.leading :]
        given = [frame.names.own(entry, frame.scope, self.problems) for entry in rest]
        for index, (entry, own) in enumerate(zip(rest, given, strict=True)):
            frame.add(item_of(frame, entry, own, index, self.blocks, self.problems))
        resolve_all(frame, self.problems)
        if frame.group is None and any(item.kind != "layer" for item in frame.items):
            for entry in Extent(self.blocks, MAX_NODES).beyond(entries, frame.scope):
                self._too_large(entry)
                self.refused.add(id(entry))
        for index in order_of(frame, self.problems):
            if index >= frame.leading:
                self._expand(frame, frame.items[index])
        given_out = self._given_out(frame, outputs)
        for target, where in frame.loose:
            self._source(frame, target, where)
        return given_out

    def _given_out(self, frame: Frame, outputs: Node | None) -> list[Source]:
        """Return what a list gives out, now that it is built."""
        if outputs is not None:
            place = f"blocks.{frame.blocks[-1]}.outputs" if frame.blocks else "outputs"
            chosen = self.problems.attempt(
                lambda: targets_of(outputs, frame, self.problems, place), where=place
            )
            return [LOST] if chosen is None else [self._source(frame, t, place) for t in chosen]
        if not frame.items:
            return list(frame.inputs or [])
        last = len(frame.items) - 1
        count = len(frame.items[last].outputs or ())
        return [self._source(frame, Target(last, k, None), None) for k in range(count)] or [LOST]

    def _source(self, frame: Frame, target: Target, where: str | None) -> Source:
        """Return what a target stands for, now that it is built, and its name."""
        if target.entry < 0:
            frame.taken.add(-1 - target.entry)
            return (frame.inputs or [])[-1 - target.entry]
        item = frame.items[target.entry]
        if item.outputs is None:
            return LOST
        if target.output < len(item.outputs):
            suffix = f":{target.output}" if target.output else ""
            return Source(item.outputs[target.output], frame.path(item.name) + suffix)
        if item.lost or NOWHERE in item.outputs:
            return LOST  # how many it would give is not known
        count = len(item.outputs)
        error = self.problems.make(
            "DS111",
            f"{item.name!r} has {count} output{'s' * (count != 1)}, there is no "
            f"{item.name}:{target.output}",
            target.node,
            help="the first output is :0, and what the bare name stands for",
            where=where,
        )
        self.problems.add(error)
        return LOST

    def _inputs(self, frame: Frame, item: Item) -> list[Source]:
        """Return what feeds an item."""
        if item.targets is None:
            return [LOST]
        for target in item.targets:
            before = frame.items[target.entry] if target.entry >= 0 else None
            if target.node is None and before is not None and len(before.outputs or ()) > 1:
                self.problems.add(
                    self.problems.make(
                        "DS104",
                        f"missing option 'from' of {item.name!r}: the entry before it, "
                        f"{before.name!r}, gives {len(before.outputs or ())} outputs",
                        item.entry.head,
                        help=f"say which: `from: {before.name}:0`",
                        where=item.entry.where(),
                    )
                )
                return [LOST]
        where = item.entry.where("from")
        return [self._source(frame, target, where) for target in item.targets]

    def _expand(self, frame: Frame, item: Item) -> None:
        """Make the nodes of one item."""
        if id(item.entry) in self.refused or not self._room(item.entry, 1):
            return
        inputs = self._inputs(frame, item)
        tensors: dict[str, Source] = {}
        if item.extras:
            named, tensors = self._named(frame, item)
            inputs += named
        if item.kind == "layer":
            self._layer(frame, item, inputs, tensors)
        elif item.kind == "reuse":
            self._reuse(frame, item, inputs, tensors)
        else:
            self._grouped(frame, item, inputs)

    def _named(self, frame: Frame, item: Item) -> tuple[list[Source], dict[str, Source]]:
        """Return the tensors of a call that are inputs like the others (`value`), and the rest."""
        where = item.entry.where("call")
        extras = {name: self._source(frame, t, where) for name, t in item.extras.items()}
        self.extras |= {source.ref.node for source in extras.values()}
        names = item.cls.input_names if item.cls is not None else ()
        order = {name: i for i, name in enumerate(names)}
        taken = [name for name in extras if name.split(":")[0] in order]
        rest = {name: source for name, source in extras.items() if name not in taken}
        return [extras[name] for name in sorted(taken, key=lambda n: order[n.split(":")[0]])], rest

    def _room(self, entry: Entry, more: int) -> bool:
        """Tell whether there is room for more layers and groups; report it once if not."""
        made = len(self.model.nodes) + len(self.model.groups)
        if not self.full and made + more > MAX_NODES:
            self.full = True
            self._too_large(entry)
        return not self.full

    def _too_large(self, entry: Entry) -> None:
        self.problems.add(
            self.problems.make(
                "DS005",
                f"the graph has more than {MAX_NODES:,} layers",
                entry.head,
                help="repeat less",
                where=entry.where(),
            )
        )

    def _layer(
        self, frame: Frame, item: Item, inputs: list[Source], tensors: dict[str, Source]
    ) -> None:
        entry, cls = item.entry, item.cls
        layer: Layer | None = None
        if cls is not None:
            before = len(self.problems.found)
            defaults, blocks = self.header.defaults, self.blocks
            layer = build_layer(
                entry,
                cls,
                defaults,
                frame.scope,
                self.problems,
                blocks,
                known=self.known,
                frozen=frame.frozen,
            )
            for problem in self.problems.found[before:]:
                problem.layer = problem.layer or frame.path(item.name)
            inputs = counted(item, cls, inputs, self.problems, layer)
        if layer is not None and layer.data_sizes:
            layer.opened = {name: frame.scope.name_open(name) for name in layer.data_sizes}
        kind = _type_name(cls, entry.head.text) or "unknown"
        node = ModelNode(
            item.name,
            kind,
            layer,
            tuple(source.ref for source in inputs),
            entry,
            ignore=advice_to_ignore(entry, frame.scope, self.problems),
            group=frame.group,
        )
        node.call = item.call
        if tensors:
            give_beside(node, tensors)
        node.feeds = tuple(source.name for source in inputs)
        index = len(self.model.nodes)
        if isinstance(layer, InputLayer):
            node.shape = self.problems.attempt(
                lambda: input_shape(entry, layer, self.header, frame.scope, self.problems),
                where=entry.where(),
            )
            self.model.inputs.append(index)
        self.model.nodes.append(node)
        if layer is not None:
            layer.call = item.call
        item.lost = layer is None
        count = layer.output_count if layer is not None else 1
        item.outputs = [Ref(index, k) for k in range(count)]
        item.span = (index, index + 1)

    def _inside(self, inputs: list[Source]) -> list[Source]:
        """Return inputs as a group's own, so that a further call can tell them apart."""
        out = []
        for source in inputs:
            fresh = Ref(*source.ref)
            self.alias[id(fresh)] = source.ref
            out.append(Source(fresh, source.name))
        return out

    def _grouped(self, frame: Frame, item: Item, inputs: list[Source]) -> None:
        """Make a block or a repetition."""
        entry: Entry | None = item.entry
        if item.kind == "steps":
            entry = block_entry(item.entry, self.blocks, self.problems)
        if entry is None or entry.head.text in frame.blocks:
            if entry is not None:
                self.problems.add(self._calls_itself(frame, entry))
            item.outputs = [NOWHERE]
            return
        given = self._inside(inputs)
        first_group, first_call = len(self.model.groups) + 1, len(self.model.calls)
        group = self._group(item.name, item.entry, frame.group, given)
        group.ignore = advice_to_ignore(item.entry, frame.scope, self.problems)
        if frame.depth >= MAX_DEPTH:
            error = self.problems.make(
                "DS005",
                f"blocks are nested deeper than {MAX_DEPTH}",
                entry.head,
                where=entry.where(),
            )
            self.problems.add(error)
            outputs = [LOST]
        elif item.kind == "repeat":
            outputs = self._repeated(frame, item, group, given)
        elif item.kind == "steps":
            group.type = TYPE
            inner = each_step(self.model, group, given, self.problems)
            made = self._block(frame, item, entry, group, inner)
            outputs = all_steps(self.model, group, made, given, self.problems)
        else:
            outputs = self._block(frame, item, entry, group, given)
        self._close(group, outputs)
        item.group = group
        item.outputs = list(group.outputs)
        item.span = (group.first, group.end)
        item.inside = (
            slice(first_group, len(self.model.groups)),
            slice(first_call, len(self.model.calls)),
        )

    def _group(self, name: str, entry: Entry, parent: Group | None, inputs: list[Source]) -> Group:
        refs = tuple(source.ref for source in inputs)
        group = Group(name, entry.head.text, parent, entry, refs, len(self.model.nodes))
        group.feeds = tuple(source.name for source in inputs)
        self.model.groups.append(group)
        return group

    def _cite(self, before: int, group: Group, entry: Entry) -> None:
        """Add to the problems found since then in a block where it was called."""
        note = Note(standing_in(group), entry.head.span)
        for problem in self.problems.found[before:]:
            if len(problem.notes) < MAX_NOTES and problem.span != note.span:
                problem.notes += (note,)

    def _close(self, group: Group, outputs: list[Source]) -> None:
        group.outputs = tuple(source.ref for source in outputs)
        group.end = len(self.model.nodes)

    def _block(
        self, frame: Frame, item: Item, entry: Entry, group: Group, given: list[Source]
    ) -> list[Source]:
        block = self.blocks[entry.head.text]
        self.called.add(block.name)
        scope = block.arguments(entry, frame.scope, self.problems)
        if scope is None or block.broken:
            return [LOST]
        blocks = (*frame.blocks, block.name)
        frozen = self._frozen(frame, item.entry) or self._frozen(frame, entry)
        inner = Frame(scope, given, group, frame, blocks, frozen=frozen)
        before = len(self.problems.found)
        outputs = self.build(inner, block.entries, block.outputs)
        self._cite(before, group, item.entry)
        if len(self.problems.found) == before:
            self.extras |= warn_of_spare(item, inner, self.problems, block.key)
        return outputs

    def _calls_itself(self, frame: Frame, entry: Entry) -> SpecError:
        name = entry.head.text
        chain = " → ".join([*frame.blocks[frame.blocks.index(name) :], name])
        return self.problems.make(
            "DS114",
            f"block {name!r} calls itself: {chain}",
            entry.head,
            notes=(Note(f"{name!r} is defined here", self.blocks[name].key.span),),
            help="a block is a fixed list of layers; use `repeat` for several in a row",
            where=entry.where(),
        )

    def _frozen(self, frame: Frame, entry: Entry) -> bool:
        """Tell whether an entry keeps the layers inside it from being trained."""
        node = entry.options.get("trainable")
        if node is None:
            return False

        def read() -> bool:
            value = frame.scope.scalar(node, boolean=True) if isinstance(node, Scalar) else None
            if isinstance(value, bool):
                return not value
            raise self.problems.make(
                "DS105", f"expected true or false in 'trainable', found {found(node)}", node
            )

        return bool(self.problems.attempt(read, where=entry.where("trainable")))

    def _repeated(
        self, frame: Frame, item: Item, group: Group, given: list[Source]
    ) -> list[Source]:
        plan = read_repetition(item.entry, frame.scope, set(self.blocks), self.problems)
        if plan is None or not self._room(item.entry, plan.times * (len(plan.entries) + 1)):
            return [LOST]
        frozen = self._frozen(frame, item.entry)
        for i in range(plan.times):
            if self.full:
                return [LOST]
            before = len(self.problems.found)
            inputs = self._inside(given)
            turn = self._group(str(i), item.entry, group, inputs)
            turn.ignore = group.ignore
            scope = frame.scope.child({"i": i})
            inner = Frame(scope, inputs, turn, frame, frame.blocks, frozen=frozen)
            inner.around = frame
            outputs = self.build(inner, plan.entries, None)
            self._cite(before, turn, item.entry)
            if i == 0 and len(self.problems.found) == before:
                self.extras |= warn_of_spare(item, inner, self.problems)
            self._close(turn, outputs)
            given = [
                Source(source.ref, turn.path + (f":{k}" if k else ""))
                for k, source in enumerate(outputs)
            ]
        return given

    def _reuse(
        self, frame: Frame, item: Item, inputs: list[Source], tensors: dict[str, Source]
    ) -> None:
        """Read a further call of an earlier layer or group."""
        if item.original is None:
            return
        known = ("layer", "name", "from", *(("call",) if item.cls is not None else ()))
        for name in item.entry.options:
            if name not in known:
                self.problems.add(unknown_option(item.entry, name, known, self.problems))
        original = item.original
        if original.outputs is None:
            return
        if item.cls is not None:
            again = self.model.nodes[original.span[0]].layer
            inputs = counted(item, item.cls, inputs, self.problems, again)
        elif original.group is None or not self._room(
            item.entry, original.span[1] - original.span[0]
        ):
            return
        path = frame.path(item.name)
        call_again(self.model, item, original, path, inputs, tensors, self.alias, self.problems)
        if original.group is not None:
            self.copies |= set(range(*item.span))


def _type_name(cls: type[Layer] | None, text: str) -> str:
    """Return a layer's canonical type, or what is written where there is none."""
    return shorten(text) if cls is None or cls is TakenAtWord else cls.__name__
