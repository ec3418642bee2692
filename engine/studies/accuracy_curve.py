"""The accuracy of a classification while the learning rate rises, and where it peaks."""

from __future__ import annotations

import math

import torch

from glassnet.engine.probes import Arrays
from glassnet.engine.training.observed import Observed

#: Measurements of a sweep, and samples of one: together no more work than the sweep's own steps.
LOOKS, SAMPLES = 40, 256

#: Measurements that the accuracy is smoothed over, and standard errors by which a peak must stand out.
SMOOTHED, SURE = 5, 3.0


class AccuracyCurve:
    """The mean accuracy of all sweeps, on samples of the validation set, else of the training set."""

    def __init__(self, steps: int) -> None:
        """`steps` is the length of a sweep."""
        self._every = max(1, steps // LOOKS)
        self._rates: list[float] = []
        self._sums: list[float] = []
        self._counts: list[int] = []
        self._samples = 0

    @classmethod
    def of(cls, trainer: Observed, steps: int) -> AccuracyCurve | None:
        """The curve of a trainer whose task has an accuracy; None for others."""
        return cls(steps) if "accuracy" in trainer.experiment.task.metrics(trainer.data.dataset) else None

    def look(self, trainer: Observed, taken: int, rate: float) -> None:
        """Measure after the update of step `taken`, counted from 0, where a measurement is due."""
        place, rest = divmod(taken, self._every)
        if rest:
            return
        data = trainer.data.validation or trainer.data.train
        inputs, targets = data.inputs[:SAMPLES], data.targets[:SAMPLES]
        share = float((trainer.predict(inputs) == targets).double().mean())
        self._samples = len(targets)
        if place == len(self._rates):
            self._rates.append(rate)
            self._sums.append(0.0)
            self._counts.append(0)
        self._sums[place] += share
        self._counts[place] += 1

    def means(self) -> list[float]:
        """The mean accuracy of the sweeps that reached each measurement, over SMOOTHED measurements."""
        means = [total / count for total, count in zip(self._sums, self._counts, strict=True)]
        half = SMOOTHED // 2
        around = [means[max(0, place - half) : place + half + 1] for place in range(len(means))]
        return [sum(part) / len(part) for part in around]

    def peak(self) -> float:
        """The rate at which the accuracy is greatest; NaN where it does not rise by more than its noise."""
        means = self.means()
        if not means:
            return math.nan
        best = max(range(len(means)), key=means.__getitem__)
        measured = self._samples * self._counts[best] * SMOOTHED
        error = math.sqrt(max(means[0] * (1 - means[0]), 0.25 / measured) / measured)
        return self._rates[best] if means[best] - means[0] > SURE * error else math.nan

    def arrays(self, *, ended: bool) -> Arrays:
        """The arrays so far; the marks once the sweeps have ended."""
        peak = self.peak() if ended else math.nan
        return {
            "accuracy/rates": torch.tensor(self._rates, dtype=torch.float32),
            "accuracy/values": torch.tensor(self.means(), dtype=torch.float32),
            "accuracy/marks": torch.tensor([peak / 4, peak / 3, peak], dtype=torch.float64),
        }
