"""How many bytes each part of a journal may have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Bytes of a journal's parts: with two scalar probes at most 64 MiB together.

    A row of `progress` takes 24 bytes, and at full speed (some 2,300 rows a second on a small network)
    12 MiB are the last four minutes. A tier has a quarter of the rows of the one before or fewer, so that
    seven more reach back over a week at that speed, and all of a run at any other.
    """

    #: The newest part, a line for each record; beyond, it is closed.
    active: int = 1 << 20
    #: A segment that is smaller takes in what is closed next.
    segment: int = 128 << 10
    #: Rows of each probe: whole ones first, then ever thinner ones.
    tiers: tuple[int, ...] = (12 << 20, *7 * (2 << 20,))
    #: Edits and other events.
    events: int = 4 << 20


BOUNDS = Bounds()
