"""Throttle: the limit of steps a second."""

from __future__ import annotations


class Throttle:
    """A requested speed, kept on average since it was requested."""

    def __init__(self) -> None:
        #: Steps a second; None for no limit.
        self.speed: float | None = None
        self._from = (0.0, 0)

    def begin(self, now: float, steps: int) -> None:
        """Count from this time, at which `steps` steps were taken."""
        self._from = now, steps

    def wait(self, now: float, steps: int) -> float | None:
        """Seconds until the next step; None where it may be taken now."""
        if self.speed is None:
            return None
        since, before = self._from
        allowed = before + (now - since) * self.speed - steps
        return None if allowed > 0 else -allowed / self.speed
