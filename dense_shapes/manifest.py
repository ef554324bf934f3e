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
_WRITTEN = {"float64": "float32", "int64": "int32"}
"""What TensorFlow.js makes of dtypes that it does not have (its converter's `write_weights`)."""

_Listed = tuple[str, RecordedShape, str | None]


def compare(model: Model, summary: Summary) -> list[Diagnostic]:
    """Return a warning for each layer whose weights the file lists otherwise."""
    if model.manifest is None:
        return []
    rows = [row for _, row in summary.rows() if not row.layers]
    names: dict[str, Row] = {}
    for row in rows:
        names.setdefault(row.name, row)
    names |= {row.path: row for row in rows}
    listed: dict[str, list[_Listed]] = {}
    strange: list[str] = []
    for name, shape, dtype in model.manifest:
        if _STATES in name:
            continue
        owner = _owner(name, names)
        if owner is None:
            strange.append(name)
        else:
            listed.setdefault(owner.path, []).append((name, shape, dtype))
    origins = {node.path: node.origin for node in model.nodes}
    out = []
    for row in rows:
        theirs = listed.get(row.path, [])
        if row.weights is None:
            continue
        known = list(zip((w.shape for w in row.weights), row.dtypes, strict=True))
        shapes = _agree([shape for shape, _ in known], [shape for _, shape, _ in theirs])
        if shapes and _dtypes_agree(known, theirs):
            continue
        # Dtypes are told of only where they are what differs.
        ours = [
            f"{w.name} {list(w.shape)}" + f" {dtype}" * shapes
            for w, dtype in zip(row.weights, row.dtypes, strict=True)
        ]
        told = [
            f"{name.rpartition('/')[2]} {list(shape)}" + f" {dtype}" * shapes
            for name, shape, dtype in theirs
        ]
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


def _dtypes_agree(ours: list[tuple[Shape, str]], theirs: list[_Listed]) -> bool:
    """Tell whether weights whose shapes agree have the same dtypes, as far as they are told."""
    if any(dtype is None for *_, dtype in theirs):
        return True
    if all(type(n) is int for shape, _ in ours for n in shape):
        had = Counter((shape, _written(dtype)) for shape, dtype in ours)
        return had == Counter((shape, _written(dtype or "")) for _, shape, dtype in theirs)
    had_ranks = Counter((len(shape), _written(dtype)) for shape, dtype in ours)
    return had_ranks == Counter((len(s), _written(dtype or "")) for _, s, dtype in theirs)


def _written(dtype: str) -> str:
    return _WRITTEN.get(dtype, dtype)


def _sum_up(texts: list[str]) -> str:
    shown = ", ".join(map(shorten, texts[:_SHOWN]))
    return (shown or "none") + (", …" if len(texts) > _SHOWN else "")


def _source(model: Model) -> object:
    return next((node.origin.at().get("source") for node in model.nodes), None)
