"""Random models inside models: called again, out of order, on each other, some levels deep."""

import random

import keras
from keras import layers

SIZE = 8


def model_of(seed):
    """Return the model of a seed, built with Keras."""
    choose = random.Random(f"nested {seed}")
    return functional(choose, choose.randint(1, 3), None)


def functional(choose, depth, name):
    """Return a Functional model in which there are others, down to some depth."""
    inputs = [keras.Input((None, SIZE)) for _ in range(choose.choice((1, 1, 2)))]
    tensors = list(inputs)
    inner = []
    for k in range(choose.randint(1, 2) if depth else 0):
        make = sequential if choose.random() < 0.3 else functional
        inner.append(make(choose, depth - 1, f"{choose.choice('bcd')}_{depth}_{k}"))
    for _ in range(choose.randint(2, 6)):
        if inner and choose.random() < 0.6:
            tensors += called(choose, choose.choice(inner), tensors)
        else:
            tensors.append(layer(choose)(choose.choice(tensors)))
    made = [tensor for tensor in tensors if not any(tensor is x for x in inputs)]
    ends = choose.sample(made, choose.randint(1, min(3, len(made))))
    if choose.random() < 0.3:
        ends = {f"end_{choose.randrange(100)}_{k}": end for k, end in enumerate(ends)}
    used = [x for x in inputs if reaches(x, ends)]
    return keras.Model(used, ends, **({"name": name} if name else {}))


def sequential(choose, depth, name):
    """Return a Sequential model; at its end may stand another one."""
    parts = [keras.Input((None, SIZE)), *(layer(choose) for _ in range(choose.randint(1, 2)))]
    if depth:
        parts.append(sequential(choose, depth - 1, f"{name}_in"))
    return keras.Sequential(parts, name=name)


def layer(choose):
    """Return a layer that keeps the size of the features, but maybe not that of the sequence."""
    kind = choose.randrange(4)
    if kind == 0:
        return layers.Dense(SIZE)
    if kind == 1:
        return layers.Dropout(0.1)
    return layers.Conv1D(SIZE, 3, padding="same", strides=kind - 1)


def called(choose, model, tensors):
    """Return what a model gives out for some of the tensors."""
    given = [choose.choice(tensors) for _ in model.inputs]
    out = model(given if len(given) > 1 else given[0])
    if isinstance(out, dict):
        return list(out.values())
    return list(out) if isinstance(out, list | tuple) else [out]


def reaches(x, ends):
    """Tell whether an input feeds what a model gives out."""
    return any(tensor is x for tensor in keras.src.tree.flatten(inputs_of(ends)))


def inputs_of(ends):
    """Return all that feeds some tensors from outside."""
    found, waiting, seen = [], keras.src.tree.flatten(ends), set()
    while waiting:
        operation, node, _ = waiting.pop()._keras_history
        if (id(operation), node) in seen:
            continue
        seen.add((id(operation), node))
        before = operation._inbound_nodes[node].input_tensors
        found += [] if before else operation._inbound_nodes[node].output_tensors
        waiting += before
    return found
