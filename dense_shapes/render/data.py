"""Summaries as JSON, CSV and Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

from dense_shapes.collector import paused
from dense_shapes.render.text import visible
from dense_shapes.summary import Row, Summary, call_json


def render_json(summaries: Sequence[Summary], *, many: bool, ascii_only: bool) -> str:
    """Return one object, or an array of them where several models were asked for."""
    with paused():
        frames = [summary.frame() for summary in summaries]
        return render_objects(frames, many=many, ascii_only=ascii_only)


def render_objects(objects: Sequence[dict[str, Any]], *, many: bool, ascii_only: bool) -> str:
    """Return one object, or an array of them.

    Rows stand on a line each: short enough to read and compare, and fast to write.
    """
    encoder = json.JSONEncoder(ensure_ascii=ascii_only, allow_nan=False, check_circular=False)
    dump = encoder.encode
    text = _row_writer(dump, encode_basestring_ascii if ascii_only else encode_basestring)

    def pieces(data: dict[str, Any]) -> Iterator[str]:
        before = "{\n"
        for key, value in data.items():
            yield f"{before}  {dump(key)}: "
            before = ",\n"
            if not (isinstance(value, list) and value):
                yield dump(value)
                continue
            within = "[\n    "
            for item in value:
                yield within
                yield text(item) if isinstance(item, Row) else dump(item)
                within = ",\n    "
            yield "\n  ]"
        yield "\n}"

    made = [*pieces(objects[0])] if objects else []
    for data in objects[1:]:
        made += [",\n", *pieces(data)]
    made = ["[", *made, "]\n"] if many else [*made, "\n"]
    return "".join(made)


def _row_writer(dump: Callable[[Any], str], quote: Callable[[str], str]) -> Callable[[Row], str]:
    """Return what writes a row as `Row.to_dict` has it, in half the time.

    Args:
        dump: Writes any value.
        quote: Writes a text.
    """
    # Much of a large model comes out alike, which is written once and copied.
    known: dict[int, str] = {}

    def text(row: Row) -> str:
        like = row.like
        like = row if like is None or like.calls or row.calls else like
        facts = known.get(id(like))
        if facts is None:
            facts = known[id(like)] = dump(like.facts())[1:-1]
        out = (
            f'{{"name": {quote(row.name)}, "type": {quote(row.type)}, '
            f'"inputs": [{", ".join(map(quote, row.inputs))}], {facts}, '
            f'"line": {"null" if row.line is None else row.line}, '
            f'"status": {quote(row.status)}, "layers": [{", ".join(map(text, row.layers))}]'
        )
        if row.path != row.name:
            out += f', "path": {quote(row.path)}'
        if row.calls:
            out += f', "calls": {dump([call_json(call) for call in row.calls])}'
        return out + "}"

    return text


def render_csv(
    summaries: Sequence[Summary], columns: Sequence[str], depth: int | None = None
) -> str:
    """Return a header and a line for each layer; with several models, the model comes first."""
    import csv  # noqa: PLC0415 - JSON needs none of these
    import io  # noqa: PLC0415

    from dense_shapes.render.columns import COLUMNS  # noqa: PLC0415

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    many = len(summaries) > 1
    writer.writerow([*(["model"] if many else []), *columns])
    for summary in summaries:
        for _, row in summary.rows(depth):
            cells = [COLUMNS[name].value(row) for name in columns]
            writer.writerow([*([summary.name] if many else []), *cells])
    return out.getvalue()


def render_markdown(
    summaries: Sequence[Summary], columns: Sequence[str], depth: int | None = None
) -> str:
    """Return a heading, a table and the totals for each model."""
    from dense_shapes.render.columns import COLUMNS, totals_lines  # noqa: PLC0415 - as above

    parts = []
    for summary in summaries:
        titles = [COLUMNS[name].title for name in columns]
        rules = ["---:" if COLUMNS[name].numeric else "---" for name in columns]
        lines = [f"## {escaped(summary.name)}", "", table_row(titles), table_row(rules)]
        lines += (
            table_row([escaped(COLUMNS[name].text(row)) for name in columns])
            for _, row in summary.rows(depth)
        )
        lines.append("")
        lines += [f"- {label}: {escaped(value)}" for label, value in totals_lines(summary)]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def table_row(cells: Sequence[str]) -> str:
    """Return a row of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """Escape what Markdown would read as markup."""
    text = visible(text)
    for sign in "\\|*_`<>[]#&~":
        text = text.replace(sign, f"\\{sign}")
    return text
