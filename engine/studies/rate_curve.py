"""Analysis of a loss curve over rising learning rates, with its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

#: The loss has diverged where it is so many times the first, or is as high as the first again after it had
#: fallen below this share of it (units that died keep it there, where it would never rise further).
DIVERGED_AT, FALLEN_TO = 2.0, 0.9

#: How near to the first is as high again; for how many steps it stays there, or far above it: one batch may
#: lift the mean for a moment.
BACK_TO, BACK_FOR, ABOVE_FOR = 0.95, 20, 8

#: Steps whose mean is the first loss, and before which only what is no number ends a test: a single batch may
#: lie anywhere.
FIRST = 20

#: How much of the whole fall must lie behind for the loss to have begun to fall.
BEGUN_AT = 0.2

#: Standard errors that a difference must have to be one: of two means, and of the highest and the least of
#: hundreds, which lie that far apart by chance.
SURE, SURE_OF_EXTREMES = 3.0, 5.0

#: The factor between two rates over which a slope is taken.
SLOPE_OVER = 10 ** (1 / 3)


class Marks(NamedTuple):
    """The marked rates of the curve; NaN where it does not reach them, or is too noisy."""

    #: base_lr: the smoothed loss begins to fall.
    falls: float
    #: It falls fastest, by its slope against the logarithm of the rate.
    steepest: float
    #: max_lr: it is least; from here on it stalls or rises.
    least: float
    #: It has left what can be trained.
    diverges: float


class RunningMean:
    """An exponential running mean whose start is corrected, as Adam's is, and its standard error.

    A loss differs from the mean of those before by its own scatter σ and the mean's: E r² = 2σ² / (1 + β).
    The mean of n losses has σ² times the sum of its squared weights, (1 − β)(1 + βⁿ) / ((1 + β)(1 − βⁿ)).
    """

    def __init__(self, beta: float) -> None:
        self._beta, self._sum, self._squares, self._early = beta, 0.0, 0.0, 0.0
        self.means: list[float] = []
        self.errors: list[float] = []

    def add(self, loss: float) -> None:
        """Take a loss; where it is not finite, neither is its mean."""
        beta, number = self._beta, len(self.means) + 1
        if self.means:
            self._squares = beta * self._squares + (1 - beta) * (loss - self.means[-1]) ** 2
        self._sum = beta * self._sum + (1 - beta) * loss
        self.means.append(self._sum / (1 - beta**number))
        variance = 0.0 if number == 1 else self._squares / (1 - beta ** (number - 1)) * (1 + beta) / 2
        self.errors.append(self._error(number, max(variance, self._early) if number <= FIRST else variance))
        if number <= FIRST and variance > self._early:
            # The scatter of the first losses cannot be estimated well: their greatest is used.
            self._early = variance
            self.errors = [self._error(early, variance) for early in range(1, number + 1)]

    def _error(self, number: int, variance: float) -> float:
        beta = self._beta
        weights = (1 - beta) * (1 + beta**number) / ((1 + beta) * (1 - beta**number))
        return math.sqrt(variance * weights) if math.isfinite(variance) else math.nan


def smooth(losses: Sequence[float], beta: float) -> list[float]:
    """The running mean of losses; it ends where a loss is not finite."""
    mean = RunningMean(beta)
    for loss in losses:
        mean.add(loss)
    return mean.means


def is_trainable(
    losses: Sequence[float], smoothed: Sequence[float], error: Sequence[float], level: float
) -> bool:
    """Whether a test goes on, whose loss over all samples was `level` before it.

    `nan > x` is false, so it is asked whether losses are small, not large.
    """
    if not math.isfinite(losses[-1]):
        return False
    if len(losses) <= FIRST:
        return True
    first = min(level, sum(losses[:FIRST]) / FIRST)
    least = min(range(len(smoothed)), key=smoothed.__getitem__)
    noise = SURE * math.hypot(error[least], error[FIRST - 1])
    had_fallen = smoothed[least] + noise < FALLEN_TO * first
    is_back = had_fallen and min(smoothed[-BACK_FOR:]) >= BACK_TO * first
    is_above = min(smoothed[-ABOVE_FOR:]) > DIVERGED_AT * first
    return not is_back and not is_above


def marks(
    rates: Sequence[float],
    smoothed: Sequence[float],
    error: Sequence[float] | None = None,
    ended: bool | None = None,
) -> Marks:
    """The marks of a curve.

    `ended` says whether nothing is learned where it ends; left out, that is so where it is no number.
    """
    finite = [loss for loss in smoothed if math.isfinite(loss)]
    left = not math.isfinite(smoothed[-1]) if ended is None else ended
    diverges = rates[len(smoothed) - 1] if left else math.nan
    unsure = Marks(math.nan, math.nan, math.nan, diverges)
    if len(finite) < 2 or (error is not None and len(finite) <= FIRST):
        return unsure
    least = min(range(len(finite)), key=finite.__getitem__)
    # The mean of the first few is of too few to be the highest.
    settled = FIRST if error is not None and least > FIRST else 0
    highest = max(range(settled, least + 1), key=finite.__getitem__)
    fall = finite[highest] - finite[least]
    noise = [
        0.0 if error is None else SURE_OF_EXTREMES * math.hypot(error[highest], error[place])
        for place in range(highest, least + 1)
    ]
    if fall <= noise[-1]:
        return unsure
    # The way down, without its ups: those are noise, or another mark's matter.
    way = list(accumulate(finite[highest : least + 1], min))
    fallen = (place for place, loss in enumerate(way) if way[0] - loss > max(BEGUN_AT * fall, noise[place]))
    begun = highest + next(fallen, len(way) - 1)
    steepest = _steepest(rates[begun : least + 1], way[begun - highest :])
    return Marks(rates[begun], rates[begun + steepest], rates[least], diverges)


def _steepest(rates: Sequence[float], way: Sequence[float]) -> int:
    """The middle of the stretch, as long as a slope is taken over, in which a loss falls most."""
    last = len(rates) - 1
    best, middle = 0.0, last // 2 + last % 2
    for start in range(last):
        end = next((i for i in range(start + 1, last + 1) if rates[i] >= SLOPE_OVER * rates[start]), None)
        if end is None:  # a shorter stretch would be steep by one drop
            break
        slope = (way[end] - way[start]) / math.log(rates[end] / rates[start])
        if slope < best:
            best, middle = slope, (start + end + 1) // 2
    return middle
