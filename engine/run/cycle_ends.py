"""CycleEnds: the states at the ends of a schedule's cycles, where the rate is least, as checkpoints."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.host_copy import HostCopy
from glassnet.engine.training.trainer import Trainer

#: The most of them that are kept: the newest.
MOST = 12

_NAME = re.compile(r"least_rate_\d+")


def name_of(cycle: int) -> str:
    """The name of the checkpoint at the end of a cycle, counted from 1."""
    return f"least_rate_{cycle}"


class CycleEnds:
    """The newest states at the ends of cycles, in memory until they are written."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self._unwritten: dict[str, tuple[CheckpointInfo, HostCopy]] = {}

    def offer(self, info: CheckpointInfo, trainer: Trainer) -> None:
        """Keep the current state. A large one is written at once. Raises StorageError."""
        if trainer.is_large:
            self._save(info, trainer.tensors())
            return
        self._unwritten[info.name] = info, trainer.copy_to_host()
        for name in list(self._unwritten)[:-MOST]:
            del self._unwritten[name]

    def write(self) -> None:
        """Write what is in memory. Raises StorageError."""
        while self._unwritten:
            name = next(iter(self._unwritten))
            self._save(*self._unwritten[name])
            del self._unwritten[name]

    def _save(self, info: CheckpointInfo, state: Mapping[str, Tensor]) -> None:
        self._directory.save_checkpoint(info, state)
        kept = [each.name for each in self._directory.checkpoints() if _NAME.fullmatch(each.name)]
        for name in kept[:-MOST]:
            self._directory.remove_checkpoint(name)
