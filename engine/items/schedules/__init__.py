"""Schedules: how the learning rate changes from one optimizer step to the next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

from glassnet.engine.catalog import Item
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.errors import Problem, Remedy
from glassnet.engine.items.plateau_rule import Plateau

#: From the optimizer's own rate and the number of steps taken to the rate of the next step.
Curve = Callable[[float, int], float]


class Following(NamedTuple):
    """What a schedule does besides its curve: it reduces the rate by a metric of each epoch's end."""

    metric: str
    #: The call that builds the rule, a Plateau.
    rule: Call
    #: Where the metric's name is, within the schedule.
    pointer: str
    #: Steps at the beginning whose epochs do not count.
    delay: int = 0


class Schedule(Item, ABC):
    """The learning rate of each step: a closed form of the steps taken, and of a metric's course."""

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

    def warning(self, rate: float, epochs: int, steps: int) -> Problem | None:
        """What a training of so many epochs does not come to, with pointers within; None where all is well.

        `rate` is the optimizer's own.
        """
        return None

    def follows(self, steps_per_epoch: int) -> Following | None:
        """What reduces the rate besides the curve; None where the curve is all."""
        return None

    def cycle_ended(self, step: int, steps_per_epoch: int) -> int:
        """The cycle, counted from 1, whose least rate was the rate of step `step`; 0 where no cycle ends."""
        return 0

    def metric_call(self, steps_per_epoch: int, steps: int) -> Call | None:
        """The equivalent scheduler that is stepped with the metric at each epoch's end alone."""
        return None

    def plateau(self, steps_per_epoch: int) -> Plateau | None:
        """The rule that reduces the rate by a metric, if there is one."""
        return _rule(self, steps_per_epoch)


def use(pointer: str, value: int, unit: str) -> Remedy:
    """The remedy that sets a length, in epochs or steps."""
    return Remedy.setting(f"Use {value:,} {unit if value != 1 else unit.removesuffix('s')}", {pointer: value})


@lru_cache(maxsize=256)
def _rule(schedule: Schedule, steps_per_epoch: int) -> Plateau | None:
    following = schedule.follows(steps_per_epoch)
    return None if following is None else following.rule.build()


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
