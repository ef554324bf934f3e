"""What `from` and `call` name: the entries that feed an entry, and the order that follows."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import Any

from dense_shapes.diagnostics import Note, did_you_mean, shorten
from dense_shapes.layers.core import InputLayer
from dense_shapes.layers.unknown import TakenAtWord
from dense_shapes.spec.frames import UNBUILT, Frame, Item, Target
from dense_shapes.spec.nodes import Mapping, Node, Scalar, Sequence
from dense_shapes.spec.problems import Problems, SpecError
from dense_shapes.spec.scalars import found
from dense_shapes.spec.sources import LOST

MAX_SHOWN = 12
"""How many names a message lists."""
MAX_MISSES = 20
"""How many references of a list that name nothing get advice."""
MAX_COMPARED = 1000
"""Among how many names a misspelt one is looked for: comparing takes long."""


def resolve_all(frame: Frame, problems: Problems) -> None:
    """Find what feeds each entry of a list; what cannot be told is reported."""
    for i in range(frame.leading, len(frame.items)):
        _resolve(frame, i, problems)


def _resolve(frame: Frame, index: int, problems: Problems) -> None:
    item = frame.items[index]
    where = item.entry.where("from")
    if item.kind == "reuse":
        there = item.entry.where("layer")
        item.original = problems.attempt(
            lambda: _original(frame, index, item, problems), where=there
        )
        if item.original is not None:
            item.cls = item.original.cls
    item.targets = problems.attempt(
        lambda: _feeds(frame, index, item, problems, where), where=where
    )
    if "call" in item.entry.options:
        there = item.entry.where("call")
        problems.attempt(lambda: _read_call(frame, item, problems), where=there)


def _feeds(
    frame: Frame, index: int, item: Item, problems: Problems, where: str | None
) -> list[Target] | None:
    node = item.entry.options.get("from")
    if item.cls is not None and item.cls.inputs == (0, 0):
        if node is None:
            return []
        raise problems.make("DS113", "an input is fed by the data, so it takes no 'from'", node)
    if node is not None:
        return targets_of(node, frame, problems, where)
    if index > frame.leading or (index and frame.leading < 2):
        return [Target(index - 1, 0, None)]
    if item.lost:
        return None  # what is no layer at all has been reported
    if index:
        names = [other.name for other in frame.items[: frame.leading]]
        raise problems.make(
            "DS104",
            f"missing option 'from' of {item.name!r}: the model has {len(names)} inputs",
            item.entry.head,
            help=f"say which: `from: {names[0]}`, or `from: [{', '.join(names)}]`",
        )
    inputs = frame.inputs or []
    if len(inputs) == 1:
        return [Target(-1, 0, None)]
    if not inputs:
        return None  # the missing input has been reported
    raise problems.make(
        "DS104",
        f"missing option 'from' of {item.name!r}: there are {len(inputs)} inputs here",
        item.entry.head,
        help="say which: `from: input:0`",
    )


def targets_of(
    node: Node, frame: Frame, problems: Problems, where: str | None = None
) -> list[Target]:
    """Return what a reference, or a list of them, names.

    Of several broken ones, all but the last are reported here; the others of that list are looked
    at when the whole list is built.

    Raises:
        SpecError: One is no reference, or names nothing in this list.
    """
    items = node.items if isinstance(node, Sequence) else [node]
    if not items:
        raise problems.make("DS105", "expected names of layers, found an empty list", node)
    targets = []
    broken: SpecError | None = None
    for item in items:
        try:
            targets.append(_target(item, frame, problems))
        except SpecError as error:
            if broken is not None:
                problems.add(broken)
            broken = error
    if broken is not None:
        frame.loose += [(target, where) for target in targets]
        raise broken
    return targets


def _target(node: Node, frame: Frame, problems: Problems, caller: str | None = None) -> Target:
    text: Any = frame.scope.scalar(node) if isinstance(node, Scalar) else None
    if not isinstance(text, str) or not text:
        raise problems.make(
            "DS105",
            f"expected the name of a layer, found {found(node)}",
            node,
            help="write one name, such as that of the images, or a list of names: [a, b]"
            if isinstance(node, Mapping)
            else "write `from: conv2d`, `from: [a, b]`, or `from: lstm:1` for a second output",
        )
    name, colon, tail = text.partition(":")
    if colon and not (tail.isdecimal() and len(tail) < 6):
        raise problems.make(
            "DS105",
            f"expected the number of an output after ':', found {shorten(tail)!r}",
            node,
            help="outputs are counted: `lstm` is the first, `lstm:1` the second",
        )
    output = int(tail) if colon else 0
    if name in frame.index:
        return Target(frame.index[name], output, node)
    if name == "input" and frame.inputs is not None:
        if output < len(frame.inputs):
            return Target(-1 - output, 0, node)
        if LOST in frame.inputs:
            return Target(-1 - frame.inputs.index(LOST), 0, node)  # how many came in is not known
        count = len(frame.inputs)
        raise problems.make(
            "DS111",
            f"there is no input:{output} here: {count} came in",
            node,
            help=f"the last one is input:{count - 1}; the block's `from` says what comes in",
        )
    frame.misses += 1
    if frame.misses > MAX_MISSES:
        raise problems.make("DS111", f"no layer is called {shorten(name)!r} here", node)
    names = list(frame.index)
    if caller is not None:
        # What calls nothing that is known, or comes later, cannot be called again itself.
        names = [k for k, i in frame.index.items() if k != caller and _is_known(frame.items[i])]
    names += ["input"] if frame.inputs is not None else []
    # A further call, such as `tower@2`, is meant by few and named after what may not be there.
    likely = [known for known in names if "@" in name or "@" not in known]
    guess = did_you_mean(name, likely[-MAX_COMPARED:])
    more = ", …" if len(likely) > MAX_SHOWN else ""
    help_ = f"known are {', '.join(map(shorten, likely[:MAX_SHOWN]))}{more}"
    outer = name.split("/")[0]
    if "/" in name and outer in frame.index and frame.items[frame.index[outer]].kind == "layer":
        guess, help_ = "", f"{outer!r} is a layer: its second output is {outer}:1"
    elif "/" in name and outer in frame.index:
        guess = ""
        help_ = (
            f"names inside a group are its own: refer to {outer!r}, or list what it gives out "
            "under the block's `outputs`"
        )
    elif frame.group is not None and not guess:
        help_ += "; what stands outside comes in by the block's `from`, as input:0, input:1, …"
    raise problems.make(
        "DS111",
        f"no layer is called {shorten(name)!r} here",
        node,
        label=guess,
        help=None if guess else help_,
    )


def _is_known(item: Item) -> bool:
    return item.kind != "reuse" or item.original is not None


def _read_call(frame: Frame, item: Item, problems: Problems) -> None:
    """Read `call`: values, and tensors written as `{from: name}`."""
    if item.cls is None and item.kind != "layer":
        return  # reported as an option that is not known
    node = item.entry.options["call"]
    if not isinstance(node, Mapping):
        raise problems.make(
            "DS105",
            f"expected call arguments, found {found(node)}",
            node,
            help="write `call: {training: false}`, or `call: {mask: {from: m}}` for a tensor",
        )
    for key, value in node.entries:
        problems.attempt(
            lambda k=key, v=value: _read_argument(k, v, frame, item, problems),  # type: ignore[misc]  # mypy infers no lambda's default
            where=item.entry.where("call"),
        )


def _read_argument(key: Scalar, value: Node, frame: Frame, item: Item, problems: Problems) -> None:
    cls = None if item.cls is TakenAtWord else item.cls
    known = tuple(dict.fromkeys((*cls.call_arguments, *cls.input_names))) if cls else ()
    if cls is not None and key.text not in known:
        guess = did_you_mean(key.text, known)
        raise problems.make(
            "DS102",
            f"unknown call argument {shorten(key.text)!r} for {cls.__name__}",
            key,
            label=guess,
            help=None if guess else f"it takes {', '.join(known)}",
        )
    if isinstance(value, Sequence) and any(isinstance(v, Mapping) for v in value.items):
        # `initial_state: [{from: h}, {from: c}]`, each a tensor or null.
        for k, part in enumerate(value.items):
            source = part.get("from") if isinstance(part, Mapping) else None
            if source is not None:
                for target in targets_of(source, frame, problems, item.entry.where("call")):
                    item.extras[f"{key.text}:{k}"] = target
    elif isinstance(value, Mapping):
        source = value.get("from")
        if source is None or len(value.entries) != 1:
            raise problems.make("DS105", "expected a tensor as `{from: name}`", value)
        targets = targets_of(source, frame, problems, item.entry.where("call"))
        for k, target in enumerate(targets):
            item.extras[key.text if len(targets) == 1 else f"{key.text}:{k}"] = target
    elif cls is None:
        item.call[key.text] = frame.scope.plain(value)
    else:
        item.call[key.text] = _plain_argument(key.text, value, frame, problems)


def _plain_argument(name: str, node: Node, frame: Frame, problems: Problems) -> Any:
    """Return a call argument that is no tensor: all of Keras's are flags."""
    value = frame.scope.scalar(node, boolean=True) if isinstance(node, Scalar) else node
    if value is None or isinstance(value, bool):
        return value
    raise problems.make(
        "DS105",
        f"expected true, false or a tensor for call argument {name!r}, found {found(node)}",
        node,
        help=f"a tensor is written as a reference: `{name}: {{from: x}}`",
    )


def _original(frame: Frame, index: int, item: Item, problems: Problems) -> Item:
    """Return what a `reuse` calls again: of its own list or, in a `repeat`, of those around it."""
    node = item.entry.options.get("layer")
    if node is None:
        raise problems.make(
            "DS104",
            "missing the name of the layer to call again",
            item.entry.head,
            help="write `- reuse: tower`, with `from:` beside it",
        )
    name = node.text.partition(":")[0] if isinstance(node, Scalar) else ""
    home = _home(frame, name)
    if home is None and frame.group is not None:
        raise problems.make(
            "DS111",
            f"no layer is called {shorten(name)!r} here",
            node,
            label=(guess := did_you_mean(name, frame.index)),
            help=None
            if guess
            else "a block calls again only what stands in it, since it may be used in many places; "
            "a `repeat` also what stands before it",
        )
    home = home or frame
    target = _target(node, home, problems, item.name)
    cls = home.items[target.entry].cls if target.entry >= 0 else InputLayer
    if cls is not None and cls.inputs == (0, 0):
        raise problems.make("DS105", "an input cannot be called again", node)
    if target.output:
        raise problems.make(
            "DS105",
            "a layer is called again as a whole, not one of its outputs",
            node,
            help=f"write `reuse: {home.items[target.entry].name}`",
        )
    if home is frame and target.entry == index:
        raise problems.make("DS111", "a call cannot call itself again", node)
    original = home.items[target.entry]
    later = target.entry > index if home is frame else original.span == UNBUILT
    if later:
        raise problems.make(
            "DS111",
            f"{original.name!r} comes later: only an earlier layer can be called again",
            node,
        )
    if home is frame:
        item.awaits = target.entry
    return original.original or original


def _home(frame: Frame, name: str) -> Frame | None:
    """Return the nearest list in which a `reuse` finds a name."""
    home: Frame | None = frame
    while home is not None and name not in home.index:
        home = home.around
    return home


def order_of(frame: Frame, problems: Problems) -> list[int]:
    """Return the order in which entries can be built: as written, but each after what feeds it.

    Entries that feed each other in a circle are reported, and come last.
    """
    items = frame.items
    if all(need < i for i, item in enumerate(items) for need in item.needs()):
        return list(range(len(items)))
    waiting = {i: set(item.needs()) for i, item in enumerate(items)}
    users: dict[int, list[int]] = {}
    for i, needs in waiting.items():
        for need in needs:
            users.setdefault(need, []).append(i)
    ready = [i for i, needs in waiting.items() if not needs]
    heapify(ready)
    order = []
    while ready:
        i = heappop(ready)
        order.append(i)
        for user in users.get(i, ()):
            waiting[user].discard(i)
            if not waiting[user]:
                heappush(ready, user)
    left = [i for i, needs in waiting.items() if needs]
    for circle in _circles(left, waiting):
        _report_circle(frame, [items[i] for i in circle], problems)
    for i in left:
        where = items[i].entry.where("from")
        frame.loose += [(target, where) for target in items[i].targets or ()]
        items[i].targets = None
        items[i].extras = {}
    return order + left


def _circles(left: list[int], waiting: dict[int, set[int]]) -> Iterator[list[int]]:
    """Yield circles among entries that wait for each other, no two with an entry in common.

    Each entry comes after the one that feeds it, and the one that is written first is first.
    """
    seen: dict[int, int] = {}
    for start in left:
        path: list[int] = []
        at = start
        while at not in seen:
            seen[at] = start
            path.append(at)
            at = min(waiting[at])
        if seen[at] == start:
            circle = path[path.index(at) :][::-1]
            first = circle.index(min(circle))
            yield circle[first:] + circle[:first]


def _report_circle(frame: Frame, circle: list[Item], problems: Problems) -> None:
    names = [shorten(item.name) for item in circle]
    if len(names) > MAX_SHOWN:
        more = len(names) - MAX_SHOWN
        names = [*names[: MAX_SHOWN - 1], f"({more + 1} more)"]
    first, last = circle[0], circle[-1]

    def place(item: Item) -> Node:
        """Return where an item names the one before it in the circle."""
        feeder = frame.items.index(circle[circle.index(item) - 1])
        targets = (*(item.targets or ()), *item.extras.values())
        named = (t.node for t in targets if t.entry == feeder and t.node is not None)
        return next(named, item.entry.head)

    problems.add(
        problems.make(
            "DS112",
            f"{first.name!r} feeds itself"
            if last is first
            else f"these layers feed each other in a circle: {' → '.join([*names, names[0]])}",
            place(first),
            notes=(Note(f"{last.name!r} takes its input here", place(last).span),)
            if last is not first
            else (),
            help="a model is a graph without circles; take one of the inputs from elsewhere",
            where=first.entry.where("from"),
        )
    )
