"""Schedules: how the learning rate changes from one optimizer step to the next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar

from glassnet.engine.catalog import Item
from glassnet.engine.catalog.call import Call, Name

#: From the optimizer's own rate and the number of steps taken to the rate of the next step.
Curve = Callable[[float, int], float]


class Schedule(Item, ABC):
    """The learning rate of each step, as a closed form of the number of steps taken."""

    formula: ClassVar[str]

    @abstractmethod
    def curve(self, steps_per_epoch: int, steps: int) -> Call:
        """The call that builds the curve for a training of `steps` steps.

        Its target is copied into exported scripts, so it uses nothing but math.
        """

    def rate(self, initial: float, step: int, steps_per_epoch: int, steps: int) -> float:
        """The rate after `step` of `steps` steps, where the optimizer's own rate is `initial`."""
        return _built(self, steps_per_epoch, steps)(initial, step)

    def call(self, steps_per_epoch: int, steps: int) -> Call | None:
        """The equivalent scheduler of Name("optimizer"), stepped after each update."""
        return Call(Scheduled, Name("optimizer"), self.curve(steps_per_epoch, steps))


@lru_cache(maxsize=256)
def _built(schedule: Schedule, steps_per_epoch: int, steps: int) -> Curve:
    curve: Curve = schedule.curve(steps_per_epoch, steps).build()
    return curve


class Scheduled:
    """A scheduler that sets an optimizer's rate to `curve(initial rate, steps taken)`."""

    def __init__(self, optimizer: Any, curve: Any) -> None:
        self.optimizer, self.curve, self.steps = optimizer, curve, -1
        self.initial = [group["lr"] for group in optimizer.param_groups]
        self.step()

    def step(self) -> None:
        self.steps += 1
        for group, initial in zip(self.optimizer.param_groups, self.initial, strict=True):
            group["lr"] = self.curve(initial, self.steps)
