"""Schedules: how the learning rate changes from one optimizer step to the next."""

from __future__ import annotations

from abc import ABC, abstractmethod

from engine.call import Call
from engine.catalog import Item


class Schedule(Item, ABC):
    """A factor on the learning rate, a closed form of the number of steps taken."""

    @abstractmethod
    def factor(self, step: int, steps_per_epoch: int, steps: int) -> float:
        """The factor for the step after `step` steps, of `steps` in the whole training."""

    def call(self, steps_per_epoch: int, steps: int) -> Call | None:
        """The scheduler of torch that does the same to Name("optimizer"), stepped after each update."""
        return None
