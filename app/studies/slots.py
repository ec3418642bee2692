"""The limited slots of a server for workers of studies."""

from __future__ import annotations

from itertools import count
from typing import Protocol

from glassnet.app.core.problems import Refusal


class Holder(Protocol):
    """The part of StudyManager that StudySlots uses."""

    @property
    def idle(self) -> bool:
        """Whether it computes nothing."""

    @property
    def idle_since(self) -> float:
        """The time at which it became idle."""

    def retire(self) -> None:
        """End its worker, and release its slot."""


class StudySlots:
    """The limited slots of a server for managers with a worker."""

    def __init__(self, most: int) -> None:
        self.most = most
        #: The managers that have a slot, each with its number.
        self._holders: dict[Holder, int] = {}

    def admit(self, manager: Holder) -> None:
        """Give a manager a slot, retiring the longest idle one. Raises Refusal where none is idle."""
        if manager in self._holders:
            return
        if len(self._holders) >= self.most:
            idle = [one for one in self._holders if one.idle]
            if not idle:
                raise Refusal(
                    429,
                    f"{self.most} workers are at studies already; expected to wait until one is done",
                    headers={"Retry-After": "5"},
                )
            min(idle, key=lambda one: one.idle_since).retire()
        taken = set(self._holders.values())
        self._holders[manager] = next(number for number in count() if number not in taken)

    def number(self, manager: Holder) -> int:
        """The number of a manager's slot, from 0; 0 where it has none any more."""
        return self._holders.get(manager, 0)

    def release(self, manager: Holder) -> None:
        """Free a manager's slot."""
        self._holders.pop(manager, None)
