"""Computation in chunks that fit in memory or in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import torch

T = TypeVar("T")

#: The numbers of one chunk: enough to outweigh the overhead, few enough for caches.
NUMBERS = 1 << 22


def in_chunks(
    count: int, numbers: int, compute: Callable[[int, int], T], *, most: int = NUMBERS
) -> Iterator[tuple[int, int, T]]:
    """Call `compute(start, stop)` for chunks of `count` elements of `numbers` numbers each.

    Yields (start, stop, result). Where memory runs out, chunks are halved; a single element that does not fit
    raises torch's error.
    """
    size = max(1, min(count, most // max(1, numbers)))
    start = 0
    while start < count:
        stop = min(start + size, count)
        try:
            result = compute(start, stop)
        except (torch.OutOfMemoryError, MemoryError):
            if size == 1:
                raise
            size = max(1, size // 2)
            continue
        yield start, stop, result
        start = stop


class BatchSizer:
    """The size of chunks that take about a given time, adapted by measurements."""

    def __init__(self, first: int, seconds: float) -> None:
        self.at_once, self._seconds = max(1, first), seconds

    def record(self, count: int, seconds: float) -> None:
        """Record the time of a chunk; the next is at least half and at most twice as large."""
        wanted = round(count * self._seconds / seconds) if seconds > 0 else 2 * count
        self.at_once = max(1, self.at_once // 2, min(wanted, 2 * self.at_once))
