"""The weights that a file lists, beside those that follow from its layers."""

from __future__ import annotations

from collections import Counter

from dense_shapes.diagnostics import Diagnostic, shorten
from dense_shapes.layers.recorded import RecordedShape
from dense_shapes.layers.text import Shape
from dense_shapes.model import Model
from dense_shapes.summary import Row, Summary

_STATES = "seed_generator"
"""What random layers keep is no parameter."""
_SHOWN = 5


def compare(model: Model, summary: Summary) -> list[Diagnostic]:
    """Return a warning for each layer whose weights the file lists otherwise."""
    if model.manifest is None:
        return []
    rows = [row for _, row in summary.rows() if not row.layers]
    names: dict[str, Row] = {}
    for row in rows:
        names.setdefault(row.name, row)
    names |= {row.path: row for row in rows}
    listed: dict[str, list[tuple[str, RecordedShape]]] = {}
    strange: list[str] = []
    for name, shape in model.manifest:
        if _STATES in name:
            continue
        owner = _owner(name, names)
        if owner is None:
            strange.append(name)
        else:
            listed.setdefault(owner.path, []).append((name, shape))
    origins = {node.path: node.origin for node in model.nodes}
    out = []
    for row in rows:
        theirs = listed.get(row.path, [])
        if row.weights is None or _agree([w.shape for w in row.weights], [s for _, s in theirs]):
            continue
        ours = [f"{w.name} {list(w.shape)}" for w in row.weights]
        told = [f"{name.rpartition('/')[2]} {list(shape)}" for name, shape in theirs]
        out.append(
            Diagnostic(
                code="DS311",
                message=f"the file lists {_sum_up(told)} as the weights of {row.path!r} "
                f"({row.type}), here they are {_sum_up(ours)}",
                **origins[row.path].at(),
                help="either its config or its list of weights is of another model",
                layer=row.path,
            )
        )
    if strange:
        message = f"the file lists weights that belong to none of its layers: {_sum_up(strange)}"
        place = {"where": "weightsManifest", "source": _source(model)}
        out.append(Diagnostic(code="DS311", message=message, **place))  # type: ignore[arg-type]  # a place is of both
    return out


def _owner(name: str, names: dict[str, Row]) -> Row | None:
    """Return the layer that a weight is called after: `dense_1/kernel`, `model/dense_1/kernel`."""
    parts = name.split("/")
    for start in range(min(len(parts), 10)):
        for end in range(min(len(parts) - 1, start + 20), start, -1):
            found = names.get("/".join(parts[start:end]))
            if found is not None:
                return found
    return None


def _agree(ours: list[Shape], theirs: list[RecordedShape]) -> bool:
    if len(ours) != len(theirs):
        return False
    if all(type(n) is int for shape in ours for n in shape):
        return Counter(ours) == Counter(theirs)
    return sorted(map(len, ours)) == sorted(map(len, theirs))


def _sum_up(texts: list[str]) -> str:
    shown = ", ".join(map(shorten, texts[:_SHOWN]))
    return (shown or "none") + (", …" if len(texts) > _SHOWN else "")


def _source(model: Model) -> object:
    return next((node.origin.at().get("source") for node in model.nodes), None)
