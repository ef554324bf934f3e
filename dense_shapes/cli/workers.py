"""One function for many files, in this process or in several, with results in order."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

_T = TypeVar("_T")

_CHUNKS = 8
"""How many portions each process gets, so that none is left with all of the large files."""


class WorkerLost(Exception):  # noqa: N818 - said of a process, not of this one
    """A process was killed while it was at work, for instance for want of memory."""


@contextmanager
def results(
    function: Callable[[Any], _T], items: Sequence[Any], jobs: int
) -> Iterator[Iterator[_T]]:
    """Give the results of a function for each item, in order, as they come.

    Args:
        function: One that can be sent to another process.
        items: What it is called with.
        jobs: How many processes to use; 1 is this one alone.

    Raises:
        WorkerLost: One of them was killed.
    """
    jobs = min(jobs, len(items))
    if jobs < 2:
        yield map(function, items)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - few runs are parallel
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415

    executor = ProcessPoolExecutor(jobs, initializer=_begin, initargs=(function,))
    try:
        size = max(1, min(16, len(items) // (jobs * _CHUNKS)))
        portions = [items[i : i + size] for i in range(0, len(items), size)]
        yield _in_order([executor.submit(_work, portion) for portion in portions])
    except BrokenProcessPool:
        raise WorkerLost("a process that was at work has been killed; try fewer by -j") from None
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


_functions: list[Callable[[Any], Any]] = []
"""In a process that works, what it does."""


def _begin(function: Callable[[Any], Any]) -> None:
    """Take the function, once, as a baseline in it is large; end at Ctrl-C without a word.

    The process that waits tells of the latter.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _functions.append(function)


def _work(portion: Sequence[Any]) -> list[Any]:
    return [_functions[-1](item) for item in portion]


def _in_order(futures: list[Future[list[_T]]]) -> Iterator[_T]:
    """Give the results of all portions, and keep none of them.

    Unlike `Executor.map`, it cancels nothing where it is left early: at Ctrl-C, the executor's own
    thread could meet what was cancelled, and print a traceback.
    """
    futures.reverse()
    while futures:
        yield from futures.pop().result()
