"""The checkpoint from which a run resumes after its worker or server has ended, by life and step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from glassnet.engine.errors import CheckpointError
from glassnet.engine.probes.scalars import SCALARS
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.journal import LIVES
from glassnet.engine.training import checkpoint
from glassnet.engine.training.checkpoint import CheckpointInfo

#: Checkpoints that a session writes by itself, to resume from.
OWN = ("latest", "last_finite")

#: A function that loads a checkpoint's state. Raises CheckpointError, and changes nothing, on a mismatch.
TakeUp = Callable[[CheckpointInfo, dict[str, Tensor]], None]

#: The most characters on damaged checkpoints in a reason.
MOST_WORDS = 2_000


@dataclass(frozen=True)
class Resumption:
    """The checkpoint that a session has resumed from."""

    #: The checkpoint's note; None where the run starts anew.
    info: CheckpointInfo | None = None
    #: The faults of checkpoints that would have been preferred, by name.
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def life(self) -> int:
        """The life of the checkpoint."""
        return (self.info.life or 0) if self.info else 0

    @property
    def event(self) -> dict[str, Any]:
        """The event for the journal."""
        resumed = {"resume": self.info.name if self.info else None}
        return {**resumed, "skipped": self.skipped} if self.skipped else resumed

    @property
    def reason(self) -> dict[str, Any] | None:
        """The reason for users, where damaged checkpoints were skipped."""
        if not self.skipped:
            return None
        place = f"goes on from '{self.info.name}', at step {self.info.step:,}" if self.info else "begins anew"
        detail = f"{'; '.join(self.skipped.values())[:MOST_WORDS]}. The run {place}"
        return {"title": "A damaged checkpoint was passed over", "detail": detail}


def candidates(directory: RunDirectory) -> tuple[list[CheckpointInfo], dict[str, str]]:
    """The checkpoints to resume from, the preferred first, and the faults of damaged ones.

    The furthest of the current life comes first. Where a life has none yet, the checkpoint that it started
    from; none at all, where it started anew.
    """
    whole, damaged = checkpoint.survey(directory.path / "checkpoints")
    # Checkpoints of races are of other experiments; a fork's first one has such a name.
    fit = [info for info in whole if info.of_the_run or info.name in OWN]
    fit.sort(key=lambda info: (info.age, info.name in OWN), reverse=True)
    if not damaged and not any(info.life is None or info.life >= directory.life for info in fit):
        return _beginnings(directory, fit), damaged
    return fit, damaged


def _beginnings(directory: RunDirectory, fit: list[CheckpointInfo]) -> list[CheckpointInfo]:
    """The checkpoints that the current life, which has none itself, started from."""
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
    found = [directory.last_row(probe) for probe in SCALARS]
    ends = [(int(rows.columns["step"][-1]), float(rows.columns["epoch"][-1])) for rows in found if rows.count]
    return max(ends, default=None)
