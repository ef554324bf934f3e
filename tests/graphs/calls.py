"""What random graphs have beside plain layers: attention, products, bare operations, arguments."""

from math import prod


def write(d, where, kind, options, sources, shapes, *, layer=None, called, call=()):
    """Write an entry whose call is more than a layer on its inputs.

    Args:
        d: The drawing.
        where: The list it is written into.
        kind: Its type.
        options: Its options, as written.
        sources: What feeds it.
        shapes: What it gives out.
        layer: The layer in Python; None for a bare operation.
        called: The call in Python; `{layer}` stands for the layer, `{0}`, `{1}`, … for the inputs.
        call: Its call arguments, as written.
    """
    name = f"x{where.counter}"
    where.counter += 1
    refs = ", ".join(t.ref for t in sources)
    listed = len(sources) > 1 or kind.startswith("ops.Concatenate")
    body = [*options, f"name: {name}", f"from: [{refs}]" if listed else f"from: {refs}"]
    if call:
        body.append(f"call: {{{', '.join(call)}}}")
    where.lines.append(f"{where.indent}- {kind}: {{{', '.join(body)}}}")
    made = f"layers[{where.owner + name!r}]"
    if layer is not None and where.owner == where.prefix:
        d.python.append(f"{made} = keras.layers.{layer}")
    variables = [d.variable() for _ in shapes]
    given = called.format(*(t.variable for t in sources), layer=made)
    d.python.append(f"{', '.join(variables)} = {given}")
    d.offer(where, name, [d.tensor(v, shape) for v, shape in zip(variables, shapes, strict=True)])
    return where.tensors[-len(shapes) :]


def sequences(where):
    return [t for t in where.tensors if len(t.shape) == 2]


def truths(d, where, x):
    """Write a mask of a sequence's steps; return it."""
    (column,) = write(
        d, where, "ops.GetItem", ["key: [{}, {}, 0]"], [x], [x.shape[:1]], called="{0}[:, :, 0]"
    )
    (mask,) = write(
        d,
        where,
        "ops.Greater",
        ["x2: 0"],
        [column],
        [x.shape[:1]],
        called="keras.ops.greater({0}, 0)",
    )
    return mask


def attention(d, where):
    """Draw attention in several heads, of a sequence to itself or to another one."""
    if not sequences(where):
        return d.layer(where)
    x, y = d.random.choice(sequences(where)), d.random.choice(sequences(where))
    heads, size = d.random.randint(1, 2), d.random.randint(2, 3)
    options, layer = [f"num_heads: {heads}", f"key_dim: {size}"], f"{heads}, {size}"
    if d.random.random() < 0.3:
        options.append("value_dim: 4")
        layer += ", value_dim=4"
    shapes, call, called = [x.shape], [], "{layer}({0}, {1}"
    if d.random.random() < 0.3:
        call.append("use_causal_mask: true")
        called += ", use_causal_mask=True"
    if d.random.random() < 0.3:
        mask = truths(d, where, y)
        call.append(f"value_mask: {{from: {mask.ref}}}")
        called += f", value_mask={mask.variable}"
    if d.random.random() < 0.3 and x.shape[0] == y.shape[0]:
        # Of unlike lengths Keras infers the scores wrongly, from the query alone.
        call.append("return_attention_scores: true")
        called += ", return_attention_scores=True"
        shapes.append((heads, x.shape[0], x.shape[0]))
    layer = f"MultiHeadAttention({layer})"
    return write(
        d, where, "MultiHeadAttention", options, [x, y], shapes,
        layer=layer, called=called + ")", call=call,
    )  # fmt: skip


def product(d, where):
    """Draw a Dot over the features of two tensors."""
    x = d.random.choice([t for t in where.tensors if len(t.shape) < 3] or [None])
    if x is None:
        return d.layer(where)
    fits = [t for t in where.tensors if len(t.shape) == len(x.shape) and t.shape[-1] == x.shape[-1]]
    y = d.random.choice(fits)
    rank = len(x.shape)
    shape = (x.shape[0], y.shape[0]) if rank == 2 else (1,)
    unit = d.random.random() < 0.3
    options = [f"axes: {d.random.choice((rank, -1))}"] + ["normalize: true"] * unit
    axes = options[0].partition(": ")[2]
    layer = f"Dot({axes}{', normalize=True' if unit else ''})"
    return write(
        d, where, "Dot", options, [x, y], [shape], layer=layer, called="{layer}([{0}, {1}])"
    )


def started(d, where):
    """Draw a recurrent layer that starts from states, and perhaps leaves steps out."""
    rows = [t for t in where.tensors if len(t.shape) == 1]
    if not sequences(where) or not rows:
        return d.layer(where)
    x, state = d.random.choice(sequences(where)), d.random.choice(rows)
    units = state.shape[0]
    cell, states = d.random.choice((("LSTM", 2), ("GRU", 1), ("SimpleRNN", 1)))
    listed = ", ".join([state.ref] * states)
    call = [f"initial_state: {{from: [{listed}]}}"]
    given = ", ".join([state.variable] * states)
    called = f"{{layer}}({{0}}, initial_state=[{given}]"
    if d.random.random() < 0.3:
        mask = truths(d, where, x)
        call.append(f"mask: {{from: {mask.ref}}}")
        called += f", mask={mask.variable}"
    return write(
        d, where, cell, [f"units: {d.number(where, units)}"], [x], [(units,)],
        layer=f"{cell}({units})", called=called + ")", call=call,
    )  # fmt: skip


def operation(d, where):
    """Draw a bare operation."""
    x = d.pick(where)
    shape, rank = x.shape, len(x.shape) + 1
    alike = d.random.choice([t for t in where.tensors if t.shape == shape])
    axis = d.random.randint(1, rank - 1)
    without = (*shape[: axis - 1], *shape[axis:])
    one = [
        ("Relu", [], shape, "relu({0})"),
        ("Multiply", ["x2: 2"], shape, "multiply({0}, 2)"),
        ("Subtract", ["x1: 1"], shape, "subtract(1, {0})"),
        ("Softmax", [f"axis: {axis}"], shape, f"softmax({{0}}, axis={axis})"),
        ("Cumsum", [f"axis: {axis}"], shape, f"cumsum({{0}}, axis={axis})"),
        ("Mean", [f"axis: {axis}", "keepdims: true"],
         (*shape[: axis - 1], 1, *shape[axis:]), f"mean({{0}}, axis={axis}, keepdims=True)"),
        ("Reshape", [f"newshape: [-1, {prod(shape)}]"], (prod(shape),),
         f"reshape({{0}}, (-1, {prod(shape)}))"),
        ("ExpandDims", ["axis: 1"], (1, *shape), "expand_dims({0}, axis=1)"),
        ("Normalize", [], shape, "normalize({0})"),
        ("Repeat", ["repeats: 2", f"axis: {axis}"],
         (*shape[: axis - 1], 2 * shape[axis - 1], *shape[axis:]),
         f"repeat({{0}}, 2, axis={axis})"),
    ]  # fmt: skip
    if rank > 2:
        one += [
            ("Max", [f"axis: {axis}"], without, f"max({{0}}, axis={axis})"),
            ("Norm", [f"axis: {axis}"], without, f"norm({{0}}, axis={axis})"),
            ("Swapaxes", ["axis1: 1", "axis2: -1"], (shape[-1], *shape[1:-1], shape[0]),
             "swapaxes({0}, 1, -1)"),
        ]  # fmt: skip
    if rank > 3:
        one = [row for row in one if row[0] != "ExpandDims"]
    two = [
        ("Add", [], shape, "add({0}, {1})"),
        ("Maximum", [], shape, "maximum({0}, {1})"),
        ("Concatenate", ["axis: -1"], (*shape[:-1], 2 * shape[-1]),
         "concatenate([{0}, {1}], axis=-1)"),
    ]  # fmt: skip
    if d.random.random() < 0.1:
        write(
            d, where, "ops.TopK", ["k: 1"], [x], [(*shape[:-1], 1)] * 2,
            called="keras.ops.top_k({0}, 1)",
        )  # fmt: skip
    elif d.random.random() < 0.15 and shape[0] > 1:
        key = "key: [{}, {start: 1}]"
        after = (shape[0] - 1, *shape[1:])
        write(d, where, "ops.GetItem", [key], [x], [after], called="{0}[:, 1:]")
    elif d.random.random() < 0.3:
        name, options, after, called = d.random.choice(two)
        write(d, where, f"ops.{name}", options, [x, alike], [after], called=f"keras.ops.{called}")
    else:
        name, options, after, called = d.random.choice(one)
        write(d, where, f"ops.{name}", options, [x], [after], called=f"keras.ops.{called}")
