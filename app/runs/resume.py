"""From what a run goes on when it gets a worker again."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from app.runs.states import State
from engine import checkpoint
from engine.checkpoint import CheckpointInfo
from engine.errors import CheckpointError
from engine.resume import candidates
from engine.rundir import RunDirectory

#: States in which something is lost when the server ends.
UNDER_WAY: Final[tuple[State, ...]] = ("queued", "starting", "training")

ENDED: Final = {"title": "Interrupted", "detail": "the server ended while the run was under way"}


def find(directory: RunDirectory) -> CheckpointInfo | None:
    """The whole checkpoint that the run's next session would go on from; None where it would begin anew."""
    for info in candidates(directory)[0]:
        with suppress(CheckpointError):
            return checkpoint.check(directory.path / "checkpoints", info.name)
    return None
