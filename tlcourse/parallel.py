"""Work done in threads a little ahead of whoever takes the results."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_ahead(
    work: Callable[[Item], Result], items: Iterable[Item], *, ahead: int = 32
) -> Iterator[Result]:
    """Yield `work(item)` for each item, in order, computed in one thread a processor core.

    Unlike `Executor.map`, which takes all items at once, this runs at most `ahead` results ahead,
    so that memory stays the same whatever the number of items. It suits work that lets go of
    Python's lock, as reading files and decoding pictures do.

    Raises
    ------
    Whatever `work` raises, at the item concerned; what was still to come is dropped.

    """
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # also when the taker stops in the middle: an error, Ctrl-C
            pool.shutdown(wait=True, cancel_futures=True)
