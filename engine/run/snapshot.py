"""Snapshot: the state of a run at one step, in one file, as the subject of a study."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
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
from glassnet.engine.training.checkpoint import CheckpointInfo, first_replica
from glassnet.engine.training.device import device_for
from glassnet.engine.training.host_copy import DeviceCopy, HostCopy, copied, reading
from glassnet.engine.training.trainer import Trainer

#: The prefix of the names of probes' arrays.
KEPT = "kept/"


@dataclass(frozen=True)
class Snapshot:
    """Everything that is needed to build a trainer in another process.

    Of several replicas it has the first alone, as a training of its own.
    """

    experiment: Experiment
    #: The trainer's state; None before the first step.
    state: Mapping[str, Tensor] | None = None
    run: str = ""
    life: int = 0
    revision: int = 0
    step: int = 0
    epoch: float = 0.0
    #: Whether the state is of this experiment. Otherwise tensors of the same name and shape are taken over.
    exact: bool = True
    #: The arrays collected by probes, as `PROBE/name`.
    kept: dict[str, Tensor] = field(default_factory=dict)
    #: The folder of the run's checkpoints, if any.
    checkpoints: Path | None = None
    #: The folder in which a study may leave checkpoints.
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
        """The snapshot of a trainer's current state. Where it is none of a copy, write it at once."""
        step, epoch = trainer.steps_taken, trainer.epoch
        live = first_replica(trainer.tensors())
        state = copied(live, large=trainer.is_large) or live
        experiment = trainer.experiment.of_replica(0)
        return cls(experiment, state, run, life, revision, step, epoch, kept=kept or {})

    @classmethod
    def at(
        cls, experiment: Experiment, checkpoint: tuple[CheckpointInfo, dict[str, Tensor]] | None, **place: Any
    ) -> Snapshot:
        """The snapshot of a run's checkpoint, or, without one, before its first step."""
        experiment = experiment.of_replica(0)
        if checkpoint is None:
            return cls(experiment, **place)
        info, state = checkpoint
        return cls(experiment, first_replica(state), step=info.step, epoch=info.epoch, **place)

    @property
    def is_of_a_copy(self) -> bool:
        """Whether training changes nothing of the state."""
        return isinstance(self.state, HostCopy | DeviceCopy)

    @property
    def arrived(self) -> bool:
        """Whether reading the state waits for no step of a GPU."""
        return not isinstance(self.state, HostCopy | DeviceCopy) or self.state.arrived

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
        """The snapshot in a file. Raises CheckpointError where the file is invalid."""
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
        """The run's history for a study."""
        return History(self.kept, self.checkpoints, self.results)

    def trainer(self, *, device: str, limits: Limits | None = None, blobs: Blobs | None = None) -> Trainer:
        """A trainer with the snapshot's state, on the device, or on the CPU where the experiment asks for it.

        Its network, and those of trainers made from it, are not compiled, which takes longer than most
        studies. Raises InvalidExperiment, CheckpointError.
        """
        device = device_for(self.experiment, device)
        training = self.experiment.training.model_copy(update={"compile": False})
        experiment = self.experiment.model_copy(update={"training": training})
        trainer = Trainer(experiment, device=device, limits=limits, blobs=blobs)
        if self.state is not None:
            if self.exact:
                trainer.load(self.state)
            else:
                trainer.load_matching(self.state)
        return trainer


class SnapshotWriter:
    """A writer of snapshots in pieces, so that training waits neither for the disk nor for a GPU."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Any, Path, Snapshot, Iterator[bytes | memoryview]]] = deque()

    @property
    def busy(self) -> bool:
        """Whether a snapshot is being written."""
        return bool(self._waiting)

    def begin(self, number: Any, path: Path, snapshot: Snapshot) -> None:
        """Start writing a snapshot to a path; `number` is returned by `go_on` when the file is complete."""
        self._waiting.append((number, path, snapshot, snapshot.pieces()))

    def go_on(self) -> list[tuple[Any, StorageError | None]]:
        """Write about one piece; returns the numbers of complete or failed snapshots, with the error.

        Nothing is written before the state has arrived.
        """
        number, path, snapshot, pieces = self._waiting[0]
        if not snapshot.arrived:
            return []
        part = path.with_suffix(".part")
        try:
            path.parent.mkdir(exist_ok=True)
            with part.open("ab") as file, reading(snapshot.state):
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
