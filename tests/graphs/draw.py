"""Random graphs, written both in our language and as calls of Keras's functional API.

A graph is drawn as lines of a spec and, beside each, lines of Python, from one description. While
it is drawn every tensor's rank and, where layers depend on it, its shape is known from the Keras
side alone, so that a graph is nearly always one that Keras takes.
"""

import random
from dataclasses import dataclass, field

from tests.graphs import calls

INPUTS = {2: [(4,), (6,)], 3: [(5, 4), (5, 6)], 4: [(8, 8, 3), (8, 8, 4)]}
"""Shapes of the inputs by rank, the batch not among their sizes."""

LIKE = ["Dropout: 0.1", "BatchNormalization", "LayerNormalization", "ReLU", "Identity"]
"""Layers for any rank that leave the shape as it is."""

MERGES = ["Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract"]


@dataclass
class Tensor:
    """A tensor on the way: how each side calls it, and its shape without the batch."""

    ref: str
    variable: str
    shape: tuple


@dataclass
class Graph:
    """A drawn graph.

    Attributes:
        spec: It in our language.
        python: It as Python, which leaves `model`, `layers` and `tensors`: each layer and each
            call's outputs by the path of its row, or of its reference.
    """

    spec: str
    python: str


@dataclass
class List:
    """One list of entries while it is drawn.

    Attributes:
        indent: How far its entries are indented.
        prefix: The path of the group around it, with its `/`.
        tensors: What an entry can refer to.
        lines: The entries.
        layers: What can be called again: name, Python, the shapes it takes and gives.
        counter: Numbers the names.
        owner: The path of the group whose layers are called, which for a further call is another.
        follows: Whether the next entry may leave out its `from`.
        arguments: The block's arguments, by name.
    """

    indent: str
    prefix: str
    tensors: list[Tensor]
    lines: list[str] = field(default_factory=list)
    layers: list[tuple] = field(default_factory=list)
    counter: int = 0
    owner: str = ""
    follows: bool = False
    arguments: dict[str, int] = field(default_factory=dict)


class Drawing:
    """Draws one graph."""

    def __init__(self, seed) -> None:
        self.random = random.Random(f"graph {seed}")
        self.python: list[str] = []
        self.blocks: list[str] = []
        self.variables = 0
        self.shuffled = self.random.random() < 0.25

    def variable(self):
        self.variables += 1
        return f"t{self.variables}"

    def graph(self) -> Graph:
        """Draw the whole."""
        choose = self.random
        ranks = choose.sample([2, 3, 4], choose.randint(1, 3))
        names = ["image", "words", "meta"][: len(ranks)]
        top = List("  ", "", [], follows=len(ranks) == 1)
        header = []
        for name, rank in zip(names, ranks, strict=True):
            shape = choose.choice(INPUTS[rank])
            variable = self.variable()
            self.python.append(f"{variable} = keras.Input({shape}, name={name!r})")
            self.call(name, [variable])
            header.append(f"  {name}: [{', '.join(map(str, shape))}]")
            top.tensors.append(Tensor(name, variable, shape))
        inputs = [tensor.variable for tensor in top.tensors]
        for _ in range(choose.randint(3, 15)):
            self.entry(top)
        if self.shuffled:
            # References forward too; only what is called again must come before that.
            calls = [line for line in top.lines if "{reuse:" in line.split("\n")[0]]
            rest = [line for line in top.lines if line not in calls]
            choose.shuffle(rest)
            top.lines = rest + calls
        outputs = choose.sample(top.tensors[len(inputs) :], choose.randint(1, 3))
        self.python.append(
            f"model = keras.Model([{', '.join(inputs)}], "
            f"[{', '.join(tensor.variable for tensor in outputs)}])"
        )
        lines = ["inputs:", *header]
        if self.blocks:
            lines += ["blocks:", *self.blocks]
        lines += ["layers:", *top.lines]
        lines.append(f"outputs: [{', '.join(tensor.ref for tensor in outputs)}]")
        return Graph("\n".join(lines) + "\n", "\n".join(self.python) + "\n")

    def call(self, path, variables):
        self.python.append(f"tensors[{path!r}] = [{', '.join(variables)}]")

    def entry(self, where: List, *, plain: bool = False) -> None:
        """Draw one entry."""
        kinds = [self.layer] * 6 + [self.merge] * 4 + [self.again] * 2 + [self.states]
        if not plain:
            kinds += [self.block] * 2 + [self.repeat]
        more = [calls.attention, calls.product, calls.started, calls.operation, calls.operation]
        chosen = self.random.choice([*kinds, *more])
        if chosen in more:
            chosen(self, where)
        else:
            chosen(where)

    def tensor(self, variable, shape) -> Tensor:
        """Return a tensor that has no reference yet."""
        return Tensor("", variable, shape)

    def number(self, where: List, n: int) -> str:
        """Write a number, as an expression over an argument of the block where there is one."""
        if not where.arguments or self.random.random() < 0.4:
            return str(n)
        name, value = self.random.choice([*where.arguments.items()])
        forms = [f"{name} + {n - value}" if n >= value else f"{name} - {value - n}"]
        forms.append(f"{n} * {name} // {name}")
        forms.append(f"{name}*({name} + 1) + {n} - {value * (value + 1)}")
        forms.append(f"'max({name} - {value}, {n})'")
        return self.random.choice(forms)

    def pick(self, where: List) -> Tensor:
        """Choose what feeds an entry, mostly something late."""
        if self.random.random() < 0.5:
            return where.tensors[-1]
        return self.random.choice(where.tensors)

    def add(self, where, options, python, sources, shapes, *, cls=True):
        """Write a layer into the list on both sides; return its name."""
        name = f"x{where.counter}"
        where.counter += 1
        kind, _, rest = options.partition(": ")
        listed = ", ".join(tensor.ref for tensor in sources)
        refs = f"[{listed}]" if len(sources) > 1 else listed
        before = where.tensors[-1]
        body = [rest] if rest else []
        body.append(f"name: {name}")
        if self.shuffled or sources != [before] or not where.follows or self.random.random() < 0.3:
            body.append(f"from: {refs}")
        where.lines.append(f"{where.indent}- {kind}: {{{', '.join(body)}}}")
        layer = f"layers[{where.owner + name!r}]"
        if where.owner == where.prefix:
            self.python.append(f"{layer} = keras.layers.{python}")
        self.made(where, name, layer, sources, shapes)
        if cls:
            where.layers.append((name, layer, [t.shape for t in sources], shapes))
        return name

    def made(self, where, name, layer, sources, shapes):
        """Write a call of a layer, and make its outputs available."""
        variables = [self.variable() for _ in shapes]
        given = ", ".join(tensor.variable for tensor in sources)
        given = f"[{given}]" if len(sources) > 1 else given
        self.python.append(f"{', '.join(variables)} = {layer}({given})")
        self.call(where.prefix + name, variables)
        where.follows = len(shapes) == 1
        for k, (variable, shape) in enumerate(zip(variables, shapes, strict=True)):
            where.tensors.append(Tensor(f"{name}:{k}" if k else name, variable, shape))

    def layer(self, where: List) -> None:
        """Draw a layer of one input."""
        x = self.pick(where)
        shape, rank = x.shape, len(x.shape) + 1
        units = self.random.choice([2, 3, 4, 6])
        width = self.number(where, units)
        frozen = self.random.random() < 0.15
        more, keyword = (", trainable: false", ", trainable=False") if frozen else ("", "")
        options = [
            (f"Dense: units: {width}{more}", f"Dense({units}{keyword})", (*shape[:-1], units)),
        ]
        like = self.random.choice(LIKE)
        kind, _, value = like.partition(": ")
        written = {"Dropout": f"Dropout: rate: {value}"}.get(kind, kind)
        options.append((written, f"{kind}({value})", shape))
        if rank > 2:
            size = 1
            for n in shape:
                size *= n
            options.append(("Flatten", "Flatten()", (size,)))
        if rank == 3:
            options += [
                (f"LSTM: units: {width}{more}", f"LSTM({units}{keyword})", (units,)),
                (
                    f"GRU: units: {width}, return_sequences: true{more}",
                    f"GRU({units}, return_sequences=True{keyword})",
                    (shape[0], units),
                ),
                (
                    f"Conv1D: filters: {width}, kernel_size: 3, padding: same",
                    f"Conv1D({units}, 3, padding='same')",
                    (shape[0], units),
                ),
                ("GlobalMaxPooling1D", "GlobalMaxPooling1D()", (shape[-1],)),
                (
                    f"Bidirectional: layer: {{LSTM: {width}}}",
                    f"Bidirectional(keras.layers.LSTM({units}))",
                    (2 * units,),
                ),
                (
                    f"TimeDistributed: layer: {{Dense: {units}}}",
                    f"TimeDistributed(keras.layers.Dense({units}))",
                    (shape[0], units),
                ),
            ]
        if rank == 4:
            options += [
                (
                    f"Conv2D: filters: {width}, kernel_size: 3, padding: same{more}",
                    f"Conv2D({units}, 3, padding='same'{keyword})",
                    (*shape[:2], units),
                ),
                (
                    "MaxPooling2D: pool_size: 2, padding: same",
                    "MaxPooling2D(2, padding='same')",
                    (-(-shape[0] // 2), -(-shape[1] // 2), shape[2]),
                ),
                (
                    f"Conv2DTranspose: filters: {units}, kernel_size: 2, strides: 2",
                    f"Conv2DTranspose({units}, 2, strides=2)",
                    (2 * shape[0], 2 * shape[1], units),
                ),
                ("GlobalAveragePooling2D", "GlobalAveragePooling2D()", (shape[-1],)),
            ]
        written, python, after = self.random.choice(options)
        self.add(where, written, python, [x], [after])

    def merge(self, where: List) -> None:
        """Draw a layer of several inputs, the sizes of which fit."""
        x = self.pick(where)
        alike = [t for t in where.tensors if t.shape == x.shape]
        beside = [t for t in where.tensors if len(t.shape) == len(x.shape)]
        beside = [t for t in beside if t.shape[:-1] == x.shape[:-1]]
        if self.random.random() < 0.4:
            sources = [x, *self.random.choices(beside, k=self.random.randint(1, 2))]
            width = sum(t.shape[-1] for t in sources)
            after = (*x.shape[:-1], width)
            self.add(where, "Concatenate", "Concatenate()", sources, [after])
        elif len(x.shape) == 2 and self.random.random() < 0.5:
            inner = [t for t in where.tensors if len(t.shape) == 2 and t.shape[1] == x.shape[1]]
            y = self.random.choice(inner)
            self.add(where, "Attention", "Attention()", [x, y], [x.shape])
        else:
            kind = self.random.choice(MERGES)
            many = 1 if kind == "Subtract" else self.random.randint(1, 3)
            sources = [x, *self.random.choices(alike, k=many)]
            self.add(where, kind, f"{kind}()", sources, [x.shape])

    def states(self, where: List) -> None:
        """Draw a layer of several outputs, where there is a sequence."""
        sequences = [t for t in where.tensors if len(t.shape) == 2]
        if not sequences:
            self.layer(where)
            return
        x = self.random.choice(sequences)
        units = self.random.choice([2, 3])
        self.add(
            where,
            f"LSTM: units: {units}, return_sequences: true, return_state: true",
            f"LSTM({units}, return_sequences=True, return_state=True)",
            [x],
            [(x.shape[0], units), (units,), (units,)],
        )

    def again(self, where: List) -> None:
        """Call a layer again, with its weights, on other tensors of the same shapes."""
        if not where.layers:
            self.layer(where)
            return
        name, layer, taken, shapes = self.random.choice(where.layers)
        sources = [
            self.random.choice([t for t in where.tensors if t.shape == shape]) for shape in taken
        ]
        new = f"x{where.counter}"
        where.counter += 1
        refs = ", ".join(t.ref for t in sources)
        where.lines.append(f"{where.indent}- {{reuse: {name}, name: {new}, from: [{refs}]}}")
        self.made(where, new, layer, sources, shapes)

    def block(self, where: List) -> None:
        """Define a block, use it on two lots of tensors, and call the first use again."""
        name = f"block{self.variables}"
        first = [self.pick(where) for _ in range(self.random.randint(1, 2))]

        def others():
            return [
                self.random.choice([t for t in where.tensors if t.shape == x.shape]) for x in first
            ]

        lots = [first, others(), others()][: self.random.randint(1, 3)]
        arguments = {n: self.random.randint(1, 5) for n in ("n", "m")[: self.random.randint(0, 2)]}
        defaults = {n: self.random.choice((value, "null")) for n, value in arguments.items()}
        state = self.random.getstate()
        groups: list[str] = []
        for lot in lots:
            # The same drawing once more gives the same layers on the other call's tensors.
            self.random.setstate(state)
            group = f"x{where.counter}"
            where.counter += 1
            owner = f"{where.prefix}{groups[0]}/" if len(groups) == 2 else None
            prefix = f"{where.prefix}{group}/"
            lines, chosen, results = self.inside(prefix, lot, owner, arguments)
            head = f"reuse: {groups[0]}" if owner else f"type: {name}"
            refs = ", ".join(t.ref for t in lot)
            given = (
                ""
                if owner
                else "".join(
                    f", {n}: {value}" for n, value in arguments.items() if defaults[n] == "null"
                )
            )
            entry = f"{head}, name: {group}, from: [{refs}]{given}"
            where.lines.append(f"{where.indent}- {{{entry}}}")
            if not groups:
                listed = ", ".join(f"{n}: {value}" for n, value in defaults.items())
                self.blocks += [f"  {name}:", f"    args: {{{listed}}}", "    layers:", *lines]
                self.blocks.append(f"    outputs: [{', '.join(chosen)}]")
            groups.append(group)
            self.offer(where, group, results)

    def inside(self, prefix, sources, owner, arguments):
        """Draw the layers of a group, or call those of `owner` again.

        Returns:
            Its lines, its outputs as written, and as tensors.
        """
        given = [
            Tensor(f"input:{k}" if k else "input", t.variable, t.shape)
            for k, t in enumerate(sources)
        ]
        inner = List("      ", prefix, [*given], owner=owner or prefix, follows=len(given) == 1)
        inner.arguments = arguments
        for _ in range(self.random.randint(1, 4)):
            self.entry(inner, plain=True)
        results = self.random.sample(inner.tensors[len(given) :], 1)
        if self.random.random() < 0.3:
            results.append(self.random.choice(inner.tensors))
        return inner.lines, [t.ref for t in results], results

    def offer(self, where, group, results):
        self.call(where.prefix + group, [t.variable for t in results])
        where.follows = len(results) == 1
        for k, t in enumerate(results):
            where.tensors.append(Tensor(f"{group}:{k}" if k else group, t.variable, t.shape))

    def repeat(self, where: List) -> None:
        """Draw a repetition of layers that leave the shape as it is, and of a skip connection."""
        x = self.pick(where)
        name = f"x{where.counter}"
        where.counter += 1
        times = self.random.randint(0, 3)
        width = x.shape[-1]
        skip = self.random.random() < 0.5
        step = self.random.choice([0, 1])
        indent = where.indent + "      "
        lines = [
            f"{where.indent}- repeat:",
            f"{where.indent}    times: {times}",
            f"{where.indent}    name: {name}",
            f"{where.indent}    from: {x.ref}",
            f"{where.indent}    layers:",
            f"{indent}- Dense: {{units: 2 + {step}*i, name: 'wide${{i}}'}}",
            f"{indent}- Dense: {{units: {width}, name: back}}",
        ]
        if skip:
            lines.append(f"{indent}- Add: {{from: [input, back], name: sum}}")
        where.lines.append("\n".join(lines))
        variable = x.variable
        for i in range(times):
            path = f"{where.prefix}{name}/{i}/"
            wide, back, added = self.variable(), self.variable(), self.variable()
            steps = [
                (f"wide{i}", f"Dense({2 + step * i})", variable, wide),
                ("back", f"Dense({width})", wide, back),
                ("sum", "Add()", f"[{variable}, {back}]", added),
            ]
            for inner, made, source, result in steps[: 3 if skip else 2]:
                layer = f"layers[{path + inner!r}]"
                self.python += [
                    f"{layer} = keras.layers.{made}",
                    f"{result} = {layer}({source})",
                ]
                self.call(path + inner, [result])
                variable = result
        self.offer(where, name, [Tensor("", variable, x.shape)])


def draw(seed) -> Graph:
    """Return the graph of a seed."""
    return Drawing(seed).graph()
