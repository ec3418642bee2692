"""Work in pieces that memory can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import torch

T = TypeVar("T")

#: Numbers that one piece may leave in memory: enough to drown the overhead, little enough for caches.
NUMBERS = 1 << 22


def in_chunks(
    count: int, numbers: int, compute: Callable[[int, int], T], *, most: int = NUMBERS
) -> Iterator[tuple[int, int, T]]:
    """Call `compute(start, stop)` for pieces of `count` things of so many numbers each.

    Yields (start, stop, result). Where memory runs out all the same, pieces are halved; one thing alone that
    does not fit raises what torch raises.
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
    """How much to take at a time, so that each time lasts about as long; learned by measuring."""

    def __init__(self, first: int, seconds: float) -> None:
        self.at_once, self._seconds = max(1, first), seconds

    def record(self, count: int, seconds: float) -> None:
        """So many took so long: the next time is half as much at least and twice as much at most."""
        wanted = round(count * self._seconds / seconds) if seconds > 0 else 2 * count
        self.at_once = max(1, self.at_once // 2, min(wanted, 2 * self.at_once))
