"""A snapshot: a run as it stood at one moment, in one file, for a study to work on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors
from torch import Tensor

from glassnet.engine.errors import CheckpointError, StorageError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files import tensor_file
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.files.storage import storage_error
from glassnet.engine.network.limits import Limits
from glassnet.engine.studies.history import History
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.trainer import Trainer

#: How the names of what probes have collected begin.
KEPT = "kept/"


@dataclass(frozen=True)
class Snapshot:
    """Everything that a trainer of one's own needs."""

    experiment: Experiment
    #: The trainer's state; None for one that has not begun.
    state: dict[str, Tensor] | None = None
    run: str = ""
    life: int = 0
    revision: int = 0
    step: int = 0
    epoch: float = 0.0
    #: Whether the state is this very experiment's. Otherwise what has the same name and shape is taken over.
    exact: bool = True
    #: What probes have collected by now, as `PROBE/name`.
    kept: dict[str, Tensor] = field(default_factory=dict)
    #: The run's checkpoints, where it has any.
    checkpoints: Path | None = None
    #: Where a study may leave checkpoints of its own.
    results: Path | None = None

    @classmethod
    def of(
        cls,
        trainer: Trainer,
        run: str,
        life: int,
        revision: int,
        kept: dict[str, Tensor] | None = None,
    ) -> Snapshot:
        """A trainer as it is now. Its tensors are copied, but for a large one's: to be written at once."""
        step, epoch = trainer.steps_taken, trainer.epoch
        state = trainer.tensors() if trainer.is_large else trainer.state()
        return cls(trainer.experiment, state, run, life, revision, step, epoch, kept=kept or {})

    @classmethod
    def at(
        cls, experiment: Experiment, checkpoint: tuple[CheckpointInfo, dict[str, Tensor]] | None, **place: Any
    ) -> Snapshot:
        """A run as a checkpoint has it, or, without one, as it was before its first step."""
        if checkpoint is None:
            return cls(experiment, **place)
        info, state = checkpoint
        return cls(experiment, state, step=info.step, epoch=info.epoch, **place)

    def pieces(self) -> Iterator[bytes | memoryview]:
        """The snapshot as one safetensors document, piece by piece."""
        stamp = {"run": self.run, "life": self.life, "revision": self.revision}
        stamp |= {"step": self.step, "epoch": self.epoch}
        metadata = {name: str(value) for name, value in stamp.items()}
        metadata["experiment"] = self.experiment.model_dump_json()
        kept = {f"{KEPT}{name}": tensor for name, tensor in self.kept.items()}
        yield from tensor_file.pieces({**(self.state or {}), **kept}, metadata)

    @classmethod
    def read(cls, path: Path) -> Snapshot:
        """A packed snapshot. Raises CheckpointError where the file is none."""
        try:
            with safetensors.safe_open(path, framework="pt") as file:
                metadata = file.metadata()
                found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 it is no dict
            return cls(
                Experiment.parse(metadata["experiment"]),
                {name: tensor for name, tensor in found.items() if not name.startswith(KEPT)},
                metadata["run"],
                int(metadata["life"]),
                int(metadata["revision"]),
                int(metadata["step"]),
                float(metadata["epoch"]),
                kept={name.removeprefix(KEPT): t for name, t in found.items() if name.startswith(KEPT)},
                checkpoints=path.parent.parent / "checkpoints",
            )
        except (OSError, safetensors.SafetensorError, KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"'{path.name}' is no snapshot: {error}") from None

    @property
    def history(self) -> History:
        """What the run has left by now, for a study."""
        return History(self.kept, self.checkpoints, self.results)

    def trainer(self, *, device: str, limits: Limits | None = None, blobs: Blobs | None = None) -> Trainer:
        """A trainer that stands where the run stood. Raises InvalidExperiment, CheckpointError."""
        trainer = Trainer(self.experiment, device=device, limits=limits, blobs=blobs)
        if self.state is not None:
            if self.exact:
                trainer.load(self.state)
            else:
                trainer.adopt(self.state)
        return trainer


class SnapshotWriter:
    """Writes snapshots piece by piece, so that training never waits for a disk."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Any, Path, Iterator[bytes | memoryview]]] = deque()

    @property
    def busy(self) -> bool:
        """Whether something is left to be written."""
        return bool(self._waiting)

    def begin(self, number: Any, path: Path, snapshot: Snapshot) -> None:
        """Write a snapshot from now on, to a path of its own; `number` comes back when the file is whole."""
        self._waiting.append((number, path, snapshot.pieces()))

    def go_on(self) -> list[tuple[Any, StorageError | None]]:
        """Write about a piece; the numbers of those that are whole now, or cannot be written, and why."""
        number, path, pieces = self._waiting[0]
        part = path.with_suffix(".part")
        try:
            path.parent.mkdir(exist_ok=True)
            with part.open("ab") as file:
                written = 0
                for piece in pieces:
                    written += file.write(piece)
                    if written >= tensor_file.PIECE:
                        return []
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            self._waiting.popleft()
            return [(number, storage_error(path, error))]
        self._waiting.popleft()
        return [(number, None)]
