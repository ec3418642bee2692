"""BestReadings: the states of the best readings of a run's stops, as checkpoints to go back to."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from torch import Tensor

from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.host_copy import HostCopy
from glassnet.engine.training.trainer import Trainer


def name_of(step: int) -> str:
    """The name of the checkpoint of a step with a best reading."""
    return f"best-{step}"


class BestReadings:
    """The states that the stops of a training would go back to, in memory until they are written.

    A state is on disk before a checkpoint that has counted it, and until one that has counted a better one:
    so whatever a run resumes from, the state is there.
    """

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self._unwritten: dict[str, tuple[CheckpointInfo, HostCopy]] = {}
        #: The checkpoints written here, and of these the ones that the newest state to resume from needs.
        self._written: set[str] = set()
        self._needed: set[str] = set()

    def recall(self, trainer: Trainer) -> None:
        """Adopt the checkpoints that a loaded state needs, as an earlier session has written them."""
        self._unwritten, self._needed = {}, self.wanted(trainer)
        self._written = set(self._needed)

    def offer(self, info: CheckpointInfo, trainer: Trainer) -> None:
        """Keep the current state, if a stop has its best reading there. Raises StorageError.

        A large one is written at once.
        """
        wanted = self.wanted(trainer)
        self._unwritten = {name: kept for name, kept in self._unwritten.items() if name in wanted}
        if info.name not in wanted:
            return
        if trainer.is_large:
            self._save(info, trainer.tensors())
            self._prune(wanted | self._needed)
        else:
            self._unwritten[info.name] = info, trainer.copy_to_host()

    def write(self) -> None:
        """Write what is in memory. Raises StorageError."""
        while self._unwritten:
            name = next(iter(self._unwritten))
            self._save(*self._unwritten[name])
            del self._unwritten[name]

    def settle(self, wanted: set[str], also: AbstractSet[str] = frozenset()) -> None:
        """Remove all but what the checkpoint to resume from, just written, wants. Raises StorageError.

        `also` stays what a trainer has counted that has gone on since.
        """
        self._needed = wanted
        self._prune(wanted | also)

    def wanted(self, trainer: Trainer) -> set[str]:
        """The checkpoints that the stops of a trainer go back to as they stand."""
        return {name_of(step) for step in trainer.stopping.best_steps()}

    def _save(self, info: CheckpointInfo, state: Mapping[str, Tensor]) -> None:
        self._directory.save_checkpoint(info, state)
        self._written.add(info.name)

    def _prune(self, needed: set[str]) -> None:
        there = {info.name for info in self._directory.checkpoints()} if self._written - needed else set()
        for name in self._written - needed:
            if name in there:
                self._directory.remove_checkpoint(name)
            self._written.discard(name)
