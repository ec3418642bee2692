"""The learning rate range test."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, Self

import torch
from pydantic import model_validator
from pydantic_core import PydanticCustomError
from torch import Tensor

from engine.call import Call
from engine.catalog import option
from engine.errors import Diverged
from engine.schedules import Schedule
from engine.studies import NetworkStudy, Sight
from engine.trainer import Trainer

#: The loss has diverged where it is so many times the first, or is as high as the first again after it had
#: fallen below this share of it (units that died keep it there, where it would never rise further).
DIVERGED_AT, FALLEN_TO = 2.0, 0.9

#: How much of the whole fall must lie behind for the loss to have begun to fall.
BEGUN_AT = 0.2


class Marks(NamedTuple):
    """Rates that the curve says something of; NaN where it does not come so far."""

    #: base_lr: the smoothed loss begins to fall.
    falls: float
    #: It falls fastest, by its slope against the logarithm of the rate.
    steepest: float
    #: max_lr: it is least; from here on it stalls or rises.
    least: float
    #: It has left what can be trained.
    diverges: float


class LRRangeTest(NetworkStudy):
    """LR range test: trains once while the learning rate rises, to find the rates that are worth trying.

    Arrays: `rates` float32 (steps,), `losses` float32 (steps,) of each batch before its update,
    `smoothed` float32 (steps,), and `marks` float32 (4,): where the loss begins to fall (base_lr), falls
    fastest, is least (max_lr), and diverges; NaN where it does not.

    The rate rises by the same factor at each optimizer step. The test ends where the loss is not finite
    or far above its start. A rate to train with lies between the first mark and the third.
    Smith 2017, section 3.3.
    """

    kind: Literal["lr_range_test"] = "lr_range_test"
    start: Literal["beginning", "now"] = option(
        "beginning", "Whether a new network is trained, or the one there is."
    )
    low: float = option(1e-4, "The rate of the first step.", log=True, gt=0, le=1e4)
    high: float = option(10.0, "The rate of the last step.", log=True, gt=0, le=1e4)
    steps: int = option(300, "How many steps are taken at most.", ge=10, le=10_000)
    smoothing: float = option(0.9, "β of the running mean that the marks are read from.", ge=0, lt=1)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.high <= self.low:
            raise PydanticCustomError(
                "range",
                f"the rate would rise from {self.low:g} to {self.high:g}; expected 'low' below 'high'",
            )
        return self

    def compute(self, trainer: Trainer) -> Iterator[Sight]:
        if self.start == "beginning":
            trainer = Trainer(
                trainer.experiment, device=trainer.device, limits=trainer.limits, blobs=trainer.blobs
            )
        rising = Rising(
            kind="rising", low=self.low, high=self.high, count=self.steps, since=trainer.steps_taken
        )
        for group in trainer.groups:
            group.schedule = rising
        trainer.take_loss()
        rates: list[float] = []
        losses: list[float] = []
        for taken in range(self.steps):
            rates.append(rising.at(taken))
            try:
                trainer.step()
                losses.append(trainer.take_loss())
            except Diverged:
                losses.append(math.nan)
            smoothed = smooth(losses, self.smoothing)
            yield Sight((taken + 1) / self.steps, _arrays(rates, losses, smoothed))
            if not is_trainable(losses[-1], smoothed):
                break


class Rising(Schedule):
    """A rate that rises by the same factor at each step, whatever the optimizer's own is."""

    low: float
    high: float
    count: int
    #: The step at which it begins.
    since: int

    def at(self, step: int) -> float:
        """The rate after so many steps of the test."""
        return geometric(self.low, self.high, self.count, 0)(0.0, step)

    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        return Call(geometric, self.low, self.high, self.count, self.since)


def geometric(low: float, high: float, count: int, since: int) -> Callable[[float, int], float]:
    """From `low` to `high` in `count` steps from step `since` on."""
    return lambda initial, step: low * (high / low) ** ((step - since) / max(1, count - 1))


def smooth(losses: list[float], beta: float) -> list[float]:
    """A running mean whose start is corrected, as Adam's is; it ends where a loss is not finite."""
    mean, found = 0.0, []
    for number, loss in enumerate(losses, 1):
        mean = beta * mean + (1 - beta) * loss
        found.append(mean / (1 - beta**number))
    return found


def is_trainable(loss: float, smoothed: list[float]) -> bool:
    """Whether the test goes on: `nan > x` is false, so it is asked whether the loss is small, not large."""
    first, last = smoothed[0], smoothed[-1]
    is_back = last >= first and min(smoothed) < FALLEN_TO * first
    return math.isfinite(loss) and last <= DIVERGED_AT * first and not is_back


def marks(rates: list[float], smoothed: list[float]) -> Marks:
    """What the curve says."""
    finite = [loss for loss in smoothed if math.isfinite(loss)]
    if len(finite) < 2:
        return Marks(math.nan, math.nan, math.nan, rates[0] if not finite else math.nan)
    least = min(range(len(finite)), key=finite.__getitem__)
    highest = max(range(least + 1), key=finite.__getitem__)
    fall = finite[highest] - finite[least]
    falling = range(highest, least + 1)
    begun = next((i for i in falling if finite[highest] - finite[i] > BEGUN_AT * fall), None)
    slopes = [(finite[i + 1] - finite[i]) / math.log(rates[i + 1] / rates[i]) for i in falling[:-1]]
    steepest = falling[min(range(len(slopes)), key=slopes.__getitem__)] if slopes else None
    ended = not is_trainable(smoothed[-1], smoothed)
    places = (begun, steepest, least, len(smoothed) - 1 if ended else None)
    return Marks(*(math.nan if place is None else rates[place] for place in places))


def _arrays(rates: list[float], losses: list[float], smoothed: list[float]) -> dict[str, Tensor]:
    named = {"rates": rates, "losses": losses, "smoothed": smoothed, "marks": list(marks(rates, smoothed))}
    return {name: torch.tensor(values, dtype=torch.float32) for name, values in named.items()}
