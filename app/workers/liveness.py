"""Liveness: whether a worker still responds, measured by pings and not by a clock.

A clock goes on while the machine sleeps, or while this process and its workers are stopped, and would then
find every worker silent. Here each ping is sent by a running process, and counts as unanswered only when
this process has waited for it: a pause of any length counts as one ping.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

#: Consecutive unanswered pings within the allowed silence.
QUESTIONS: Final = 8


class Liveness:
    """The pings of one worker, and the number of consecutive unanswered ones."""

    def __init__(
        self,
        ask: Callable[[], None],
        silence: float,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`ask` sends a ping; `silence` is the seconds for which a worker may leave them unanswered."""
        self._ask, self._silence, self._every, self._sleep = ask, silence, silence / QUESTIONS, sleep
        self._heard = False

    def heard(self) -> None:
        """Record a sign of life: any message of the worker."""
        self._heard = True

    async def lost(self, allowed: Callable[[], float] | None = None) -> float:
        """Wait until the worker has been silent for too long; returns the seconds of silence.

        `allowed` returns the seconds that are allowed now, where that changes.
        """
        unanswered = 0
        while unanswered * self._every < (allowed() if allowed is not None else self._silence):
            self._heard = False
            self._ask()
            await self._sleep(self._every)
            unanswered = 0 if self._heard else unanswered + 1
        return unanswered * self._every
