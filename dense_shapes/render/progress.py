"""A progress bar, for a person who waits at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_T = TypeVar("_T")


def shown(items: Iterable[_T], total: int, *, color: bool) -> Iterator[_T]:
    """Yield items while a bar on standard error says how many there were; it is gone at the end."""
    console = Console(stderr=True, no_color=not color)
    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield from progress.track(items, total=total)
