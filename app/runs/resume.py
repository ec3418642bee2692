"""The checkpoint that a run resumes from when it gets a worker again."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from glassnet.app.runs.states import State
from glassnet.engine.errors import CheckpointError
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.resume import candidates
from glassnet.engine.training import checkpoint
from glassnet.engine.training.checkpoint import CheckpointInfo

#: States in which something is lost when the server ends.
UNDER_WAY: Final[tuple[State, ...]] = ("queued", "starting", "training")

ENDED: Final = {"title": "Interrupted", "detail": "the server ended while the run was under way"}


def find(directory: RunDirectory) -> CheckpointInfo | None:
    """The checkpoint that the next session resumes from; None where it starts at step 0."""
    for info in candidates(directory)[0]:
        with suppress(CheckpointError):
            return checkpoint.check(directory.path / "checkpoints", info.name)
    return None
