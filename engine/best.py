"""The best state of a run so far: by the least loss of an evaluation."""

from __future__ import annotations

from torch import Tensor

from engine.checkpoint import CheckpointInfo
from engine.rundir import RunDirectory
from engine.trainer import Trainer


class Best:
    """The state with the least loss, in memory until it is written as a checkpoint."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self._loss: float | None = None
        self._unwritten: tuple[CheckpointInfo, dict[str, Tensor]] | None = None

    def beaten_by(self, loss: float) -> bool:
        """Whether a loss is less than the least so far."""
        return self._loss is None or loss < self._loss

    def note(self, loss: float, info: CheckpointInfo, trainer: Trainer) -> None:
        """Take the present state for the best. A large one is written at once, unless it is the start.

        Raises StorageError.
        """
        self._unwritten = None
        if not trainer.is_large:
            self._unwritten = info, trainer.state()
        elif trainer.steps_taken:
            self._directory.save_checkpoint(info, trainer.tensors())  # where that fails, it was not the best
        self._loss = loss

    def write(self) -> None:
        """Write the checkpoint `best`, if there is a better one than was written."""
        if self._unwritten is not None:
            self._directory.save_checkpoint(*self._unwritten)
            self._unwritten = None
