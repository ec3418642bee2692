"""How fast steps may be taken."""

from __future__ import annotations


class Throttle:
    """A speed that somebody asked for, kept on average from the moment it was asked for."""

    def __init__(self) -> None:
        #: Steps a second; None for as many as possible.
        self.speed: float | None = None
        self._from = (0.0, 0)

    def begin(self, now: float, steps: int) -> None:
        """Count from this moment, at which so many steps were taken."""
        self._from = now, steps

    def wait(self, now: float, steps: int) -> float | None:
        """Seconds until the next step may be taken; None where it may be taken now."""
        if self.speed is None:
            return None
        since, before = self._from
        allowed = before + (now - since) * self.speed - steps
        return None if allowed > 0 else -allowed / self.speed
