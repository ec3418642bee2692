"""Thinning: an even selection of a series that grows through a training, as dense as there is room for."""

from __future__ import annotations


class Thinning:
    """Which entries of a series are kept: all, then every second, every fourth and so on."""

    def __init__(self) -> None:
        #: Of the entries, every stride-th is kept, the first among them.
        self.stride = 1
        self._entries = 0

    def keeps_next(self) -> bool:
        """Whether the next entry is kept; asked once for each."""
        self._entries += 1
        return self._keeps_newest()

    def halve(self) -> bool:
        """Keep every second of those kept so far, where there is no room; whether the newest still is one."""
        self.stride *= 2
        return self._keeps_newest()

    def resume(self, kept: int, stride: int) -> None:
        """Go on after so many that were kept, of a series that was thinned to a stride at least."""
        self.stride = max(self.stride, stride)
        self._entries = kept * self.stride

    def _keeps_newest(self) -> bool:
        return (self._entries - 1) % self.stride == 0
