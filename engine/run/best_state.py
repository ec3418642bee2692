"""BestState: the state of a run with the least loss of an evaluation."""

from __future__ import annotations

from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.host_copy import HostCopy
from glassnet.engine.training.trainer import Trainer


class BestState:
    """The state with the least loss, in memory until it is written as a checkpoint."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self._loss: float | None = None
        self._unwritten: tuple[CheckpointInfo, HostCopy] | None = None

    def recall(self) -> None:
        """Read the loss of the checkpoint `best` that an earlier session wrote in this life."""
        for info in self._directory.checkpoints():
            if info.name == "best" and info.metrics and info.life == self._directory.life:
                self._loss = judged_by(info.metrics)

    def offer(self, info: CheckpointInfo, trainer: Trainer) -> None:
        """Keep the current state if it is the best. A large one is written at once, except at the start.

        Raises StorageError.
        """
        loss = judged_by(info.metrics)
        if self._loss is not None and loss >= self._loss:
            return
        self._unwritten = None
        if not trainer.is_large:
            self._unwritten = info, trainer.copy_to_host()
        elif trainer.steps_taken:
            self._directory.save_checkpoint(info, trainer.tensors())  # if that fails, nothing has changed
        self._loss = loss

    def write(self) -> None:
        """Write the checkpoint `best`, if there is a better state than the written one."""
        if self._unwritten is not None:
            self._directory.save_checkpoint(*self._unwritten)
            self._unwritten = None


def judged_by(metrics: dict[str, float]) -> float:
    """The loss that selects the best state: validation, else training; never of the test set."""
    return metrics["validation_loss" if "validation_loss" in metrics else "train_loss"]
