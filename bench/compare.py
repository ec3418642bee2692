"""Fair comparison: contestants take turns, and medians of the rounds are compared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """Seconds of both contestants, round by round."""

    ours: list[float]
    theirs: list[float]

    @property
    def ratio(self) -> float:
        """How many times faster ours is: the median over rounds of theirs / ours."""
        return statistics.median(theirs / ours for ours, theirs in zip(self.ours, self.theirs, strict=True))


def compare(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    rounds: int = 9,
    seconds: float = 0.4,
    clock: Callable[[], float] = time.perf_counter,
) -> Comparison:
    """Interleaved rounds; in each, either runs as often as fits in `seconds`, and the mean is taken.

    `clock` may be one of processor time, where both run in this process and others use the machine.
    """
    for warm in (ours, theirs):
        warm()
        warm()
    results: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for contestant, seen in zip((ours, theirs), results, strict=True):
            seen.append(_mean_time(contestant, seconds, clock))
    return Comparison(*results)


def _mean_time(run: Callable[[], object], seconds: float, clock: Callable[[], float]) -> float:
    count, start = 0, clock()
    while (spent := clock() - start) < seconds:
        run()
        count += 1
    return spent / count
