"""Bounds of the bytes of each part of a journal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """The bytes of a journal's parts: with two scalar probes at most 64 MiB together.

    A row of `progress` takes 24 bytes, and at full speed (about 2,300 rows a second on a small network)
    12 MiB are the last four minutes. A tier has at most a quarter of the rows of the previous one, so that
    seven more cover over a week at that speed, and a whole run at any lower one.
    """

    #: The newest part, a line for each record; beyond, it is closed.
    active: int = 1 << 20
    #: A smaller segment is merged with the next.
    segment: int = 128 << 10
    #: Rows of each probe: the complete tier first, then ever thinner ones.
    tiers: tuple[int, ...] = (12 << 20, *7 * (2 << 20,))
    #: Edits and other events.
    events: int = 4 << 20


BOUNDS = Bounds()
