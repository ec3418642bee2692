"""Where a run goes on after its worker, or its server, has ended: by life and step, never by the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from glassnet.engine.errors import CheckpointError
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.journal import LIVES
from glassnet.engine.training import checkpoint
from glassnet.engine.training.checkpoint import CheckpointInfo

#: Checkpoints that a session writes by itself, to go on from.
OWN = ("latest", "last_finite")

#: Takes up a checkpoint's state; CheckpointError, and nothing changed, where it does not fit.
TakeUp = Callable[[CheckpointInfo, dict[str, Tensor]], None]

#: Characters that say what is wrong with checkpoints.
MOST_WORDS = 2_000


@dataclass(frozen=True)
class Resumption:
    """What a session went on from."""

    #: The checkpoint's note; None where it begins anew.
    info: CheckpointInfo | None = None
    #: What is wrong with each checkpoint that would have come first.
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def life(self) -> int:
        """The life that the checkpoint is of."""
        return (self.info.life or 0) if self.info else 0

    @property
    def event(self) -> dict[str, Any]:
        """What the journal says of it."""
        resumed = {"resume": self.info.name if self.info else None}
        return {**resumed, "skipped": self.skipped} if self.skipped else resumed

    @property
    def reason(self) -> dict[str, Any] | None:
        """What to tell people where it is not the last that was left."""
        if not self.skipped:
            return None
        place = f"goes on from '{self.info.name}', at step {self.info.step:,}" if self.info else "begins anew"
        detail = f"{'; '.join(self.skipped.values())[:MOST_WORDS]}. The run {place}"
        return {"title": "A damaged checkpoint was passed over", "detail": detail}


def candidates(directory: RunDirectory) -> tuple[list[CheckpointInfo], dict[str, str]]:
    """The checkpoints to go on from, the best first, and what is wrong with those that are damaged.

    The furthest of the present life comes first. Where a life has left none yet, the checkpoint that it began
    with does; none at all, where it began anew.
    """
    whole, damaged = checkpoint.survey(directory.path / "checkpoints")
    # Those of races are of other experiments; a fork's own begins as one.
    fit = [info for info in whole if info.revision >= 0 or info.name in OWN]
    fit.sort(key=lambda info: (info.age, info.name in OWN), reverse=True)
    if not damaged and not any(info.life is None or info.life >= directory.life for info in fit):
        return _beginnings(directory, fit), damaged
    return fit, damaged


def _beginnings(directory: RunDirectory, fit: list[CheckpointInfo]) -> list[CheckpointInfo]:
    """What the present life, of which nothing was kept, began with."""
    begun = directory.last_event(*LIVES)
    if begun and begun["type"] == "reset":
        return []
    name = begun.get("checkpoint") if begun else None
    return sorted(fit, key=lambda info: info.name != name)


def exactly(directory: RunDirectory, take_up: TakeUp, name: str | None) -> Resumption:
    """A checkpoint that is taken up, or none where none is named. Raises CheckpointError."""
    if name is None:
        return Resumption()
    info, state = directory.load_checkpoint(name)
    take_up(info, state)
    return Resumption(info)


def newest(directory: RunDirectory, take_up: TakeUp) -> Resumption:
    """The best candidate that can be read and is taken up, and what is wrong with those that cannot."""
    found, damaged = candidates(directory)
    skipped = {name: words for name, words in damaged.items() if name in OWN}
    for info in found:
        try:
            take_up(*directory.load_checkpoint(info.name))
        except CheckpointError as error:
            skipped[info.name] = str(error)
        else:
            return Resumption(info, skipped)
    return Resumption(None, skipped)


def last_row(directory: RunDirectory) -> tuple[int, float] | None:
    """Step and epoch of the last row of either kind; None where there is none."""
    found = [directory.last_row(probe) for probe in ("progress", "evaluation")]
    ends = [(int(rows.columns["step"][-1]), float(rows.columns["epoch"][-1])) for rows in found if rows.count]
    return max(ends, default=None)
