"""The long answer: one layer's equation, and where each number comes from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from dense_shapes.dims import Dim, DimError, exact_div
from dense_shapes.layers import Weight, find_layer
from dense_shapes.layers.text import count, plural, shape, shapes, size, times
from dense_shapes.render.text import to_ascii, visible
from dense_shapes.summary import Call, Row

_LABEL = 11


def render_explanations(
    rows: Iterable[Row], *, width: int | None, ascii_only: bool, bold: bool
) -> str:
    """Return the long explanation of each row.

    Args:
        rows: The layers.
        width: How many columns there are; None for no limit.
        ascii_only: Whether the output can hold nothing but ASCII.
        bold: Whether to make the headings bold, on a terminal.
    """
    parts = []
    for row in rows:
        place = f", line {row.line}" if row.line else ""
        head = visible(f"{row.path} ({row.type}){place}")
        lines = [f"\x1b[1m{head}\x1b[0m" if bold else head]
        for label, text in _lines(row):
            lines += _folded(label, visible(text), width)
        parts.append("\n".join(lines))
    text = "\n\n".join(parts) + "\n"
    return to_ascii(text) if ascii_only else text


def _folded(label: str, text: str, width: int | None) -> list[str]:
    start = f"  {label:<{_LABEL}}"
    if width is None or len(start) + len(text) <= width:
        return [start + text]
    room = max(width, _LABEL + 22)
    return textwrap.wrap(
        text,
        room,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _lines(row: Row) -> Iterator[tuple[str, str]]:
    """Yield labelled lines."""
    layer = find_layer(row.type)
    if layer is not None:
        yield "does", (layer.__doc__ or "").split("\n")[0]
    if row.status != "ok" or row.weights is None:
        yield "why" if row.status == "ok" else row.status, row.explanation
        return
    yield "why", row.explanation
    acting = _acting(row.weights)
    terms = "".join(f" {w.sign} {shape(w.shape)}" for w in acting)
    if row.inputs:
        names = " ".join([row.operand, *(f"{w.sign} {_term(w, row.weights)}" for w in acting)])
        given = shapes(row.input_shapes)
        yield "equation", f"{given}{terms} → {shapes(row.output_shapes)}"
        if acting or row.operand != "input":
            yield "", f"{names} → output"
    else:
        yield "output", shapes(row.output_shapes)
    for i, call in enumerate(row.calls):
        yield "" if i else "calls", _call_text(call)
    source = "in the input"
    for w in acting:
        if w.summed:
            gone = ", ".join(f"{w.axes[i]} ({size(w.shape[i])})" for i in w.summed)
            where = f"found {source} and in the {w.name}"
            yield "cancels", f"{gone}: {where}; multiplied in pairs and summed, so gone afterwards"
            source = f"in what the {w.name} makes of it"
    for i, step in enumerate(row.steps):
        yield "" if i else "sizes", step
    for i, w in enumerate(row.weights):
        yield "" if i else "weights", _weight_text(w)
    yield "params", _params_text(row)
    if row.macs is not None and row.macs != 0:
        yield "macs", _macs_text(row.macs, acting, row.calls)


def _acting(weights: list[Weight]) -> list[Weight]:
    """Return the weights of the equation: what is added comes after all else, and not alone.

    Packed weights have not the shape of the kernel that they stand for, and so no place in it.
    """
    acting = sorted((w for w in weights if w.sign), key=lambda w: w.sign == "+")
    packed = any(w.dtype in {"int8", "uint8"} and not w.sign for w in weights)
    return [] if packed else acting


def _term(w: Weight, weights: list[Weight]) -> str:
    """Return what stands for a weight in the equation: with LoRA, its two matrices beside it."""
    first, second = f"lora_{w.name}_a", f"lora_{w.name}_b"
    if first not in {other.name for other in weights}:
        return w.name
    return f"({w.name} + alpha/rank·{first}·{second})"


def _weight_text(w: Weight) -> str:
    factors = " × ".join(f"{size(n)} ({axis})" for n, axis in zip(w.shape, w.axes, strict=True))
    frozen = "" if w.trainable else ", not trained"
    if len(w.shape) < 2:
        return f"{w.name} {shape(w.shape)}: {factors or 'one number'}{frozen}"
    return f"{w.name} {shape(w.shape)}: {factors} = {count(w.size)}{frozen}"


def _params_text(row: Row) -> str:
    weights = row.weights or []
    total = row.count()
    if row.layers and total is not None:
        return f"{count(total)} in all the rows inside"
    if not weights or total is None:
        return "0: it owns no weights"
    products = " + ".join(times(*w.shape) or "1" for w in weights)
    trained = row.count(trainable=True)
    split = "" if trained == total or trained is None else f", {count(trained)} of them trained"
    alone = products == str(total)
    made = count(total) if alone else f"{products} = {count(total)}"
    return f"{made}{split}"


def _macs_text(macs: Dim, acting: list[Weight], calls: Sequence[Call]) -> str:
    main = [w for w in acting if w.summed]
    shapes = [(call.input_shapes, call.output_shapes) for call in calls]
    if any(each != shapes[0] for each in shapes):
        return f"{count(macs)} in all {len(calls)} calls"
    if not main:
        return count(macs)
    total = sum(w.size for w in main)
    try:
        places = exact_div(macs, total * (len(calls) or 1))
    except DimError:
        return count(macs)
    names = " and the ".join(w.name for w in main)
    each = f" × {len(calls)} calls" if calls else ""
    return (
        f"{count(total)} numbers of the {names} × {plural(places, 'place')} they are "
        f"used at{each} = {count(macs)}"
    )


def _call_text(call: Call) -> str:
    return f"{call.name}: {shapes(call.input_shapes)} → {shapes(call.output_shapes)}"
