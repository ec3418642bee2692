"""Liveness: whether a worker still answers, measured by questions and not by a clock.

A clock goes on while the machine sleeps, or while this process and its workers are stopped, and would then
find every worker silent. Here each question is asked by a process that is awake, and counts as unanswered
only when this process has waited for it: a pause of any length is one question long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

#: Questions in a row that a worker leaves unanswered in the time of silence that it is allowed.
QUESTIONS: Final = 8


class Liveness:
    """The questions put to one worker, and how many in a row it has left unanswered."""

    def __init__(
        self,
        ask: Callable[[], None],
        silence: float,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`ask` sends a question; `silence` is how many seconds a worker may leave all of them unanswered."""
        self._ask, self._silence, self._every, self._sleep = ask, silence, silence / QUESTIONS, sleep
        self._heard = False

    def heard(self) -> None:
        """Note a sign of life: an answer, or anything else that the worker says."""
        self._heard = True

    async def lost(self, allowed: Callable[[], float] | None = None) -> float:
        """The seconds of silence, once they are too many: it returns when the worker is to be given up.

        `allowed` says how many seconds are allowed now, where that changes.
        """
        unanswered = 0
        while unanswered * self._every < (allowed() if allowed is not None else self._silence):
            self._heard = False
            self._ask()
            await self._sleep(self._every)
            unanswered = 0 if self._heard else unanswered + 1
        return unanswered * self._every
