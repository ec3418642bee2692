"""The rule by which a metric that has stopped improving reduces a rate."""

from __future__ import annotations

import math
from typing import Any


class Plateau:
    """The rule of torch's ReduceLROnPlateau, as functions of four numbers.

    The numbers are the best metric so far, the epochs in a row that were not better, the epochs of cooling
    down that are left, and the reductions so far.
    """

    def __init__(
        self,
        falls: bool,
        factor: float,
        patience: int,
        threshold: float,
        relative: bool,
        cooldown: int,
        least: float,
    ) -> None:
        self.falls, self.factor, self.patience = falls, factor, patience
        self.threshold, self.relative, self.cooldown, self.least = threshold, relative, cooldown, least

    def start(self) -> tuple[float, float, float, float]:
        """The numbers before the first epoch."""
        return math.inf if self.falls else -math.inf, 0, 0, 0

    def is_better(self, value: float, best: float) -> bool:
        sign = 1 if self.falls else -1
        bound = best * (1 - sign * self.threshold) if self.relative else best - sign * self.threshold
        return sign * value < sign * bound

    def after(self, numbers: Any, value: float) -> tuple[float, float, float, float]:
        """The numbers after another epoch, in which the metric had a value."""
        best, waited, cooling, reductions = numbers
        if self.is_better(value, best):
            best, waited = value, 0
        else:
            waited += 1
        if cooling > 0:
            cooling, waited = cooling - 1, 0
        if waited > self.patience:
            return best, 0, self.cooldown, reductions + 1
        return best, waited, cooling, reductions

    def rate(self, rate: float, numbers: Any) -> float:
        """A rate after the reductions so far; one of less than 1e-8 is not made, as in torch."""
        for _ in range(int(numbers[3])):
            reduced = max(rate * self.factor, self.least)
            if rate - reduced <= 1e-8:
                break
            rate = reduced
        return rate
