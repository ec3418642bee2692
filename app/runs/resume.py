"""From what a run goes on when it gets a worker again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from app.runs.states import State
from engine.rundir import RunDirectory

#: States in which something is lost when the server ends.
UNDER_WAY: Final[tuple[State, ...]] = ("queued", "starting", "training")

ENDED: Final = {"title": "Interrupted", "detail": "the server ended while the run was under way"}

#: Checkpoints that a session writes by itself, to go on from.
OWN = ("latest", "last_finite")


@dataclass(frozen=True)
class Resumption:
    """The checkpoint to start from, and what to tell the session first."""

    checkpoint: str | None
    messages: tuple[dict[str, Any], ...] = ()


def find(directory: RunDirectory) -> Resumption:
    """Where the run's last worker left off.

    Where rows were journalled after the newest snapshot, they stay, and going on is a rewind: steps
    taken again belong to a new life.
    """
    own = [info for info in directory.checkpoints() if info.name in OWN]
    last = last_row(directory)
    if not own:
        return Resumption(None, ({"type": "reset"},) if last is not None and last[0] > 0 else ())
    newest = max(own, key=lambda info: info.time)
    if last is not None and last[0] > newest.step:
        return Resumption(newest.name, ({"type": "rewind", "checkpoint": newest.name},))
    return Resumption(newest.name)


def last_row(directory: RunDirectory) -> tuple[int, float] | None:
    """Step and epoch of the last row of either kind; None where there is none."""
    ends = []
    for probe in ("progress", "evaluation"):
        count = directory.row_count(probe)
        if count:
            columns = directory.rows(probe, count - 1, 1).columns
            ends.append((int(columns["step"][-1]), float(columns["epoch"][-1])))
    return max(ends, default=None)
