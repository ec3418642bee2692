"""A snapshot: a run as it stood at one moment, in one file, for a study to work on."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import torch
from torch import Tensor

from engine.blobs import Blobs
from engine.checkpoint import CheckpointInfo
from engine.errors import CheckpointError
from engine.limits import Limits
from engine.spec import Experiment
from engine.trainer import Trainer

#: Bytes that are written between two slices of training: a few milliseconds.
PIECE = 4 << 20

#: How the names of what probes have collected begin.
KEPT = "kept/"

#: What safetensors calls the types of a trainer's state.
NAMES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


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

    @classmethod
    def of(
        cls, trainer: Trainer, run: str, life: int, revision: int, kept: dict[str, Tensor] | None = None
    ) -> Snapshot:
        """A trainer as it is now; its tensors are copied."""
        state, step, epoch = trainer.state(), trainer.steps_taken, trainer.epoch
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
        """The snapshot as one safetensors document, in pieces of at most PIECE bytes after the header.

        The library would make another copy of everything before the first byte is written.
        """
        stamp = {"run": self.run, "life": self.life, "revision": self.revision}
        stamp |= {"step": self.step, "epoch": self.epoch}
        metadata = {name: str(value) for name, value in stamp.items()}
        metadata["experiment"] = self.experiment.model_dump_json()
        header: dict[str, Any] = {"__metadata__": metadata}
        # The widest first, so that every tensor begins where its type may.
        kept = {f"{KEPT}{name}": tensor for name, tensor in self.kept.items()}
        ordered = sorted({**(self.state or {}), **kept}.items(), key=lambda entry: -entry[1].element_size())
        place = 0
        for name, tensor in ordered:
            end = place + tensor.numel() * tensor.element_size()
            header[name] = {
                "dtype": NAMES[tensor.dtype],
                "shape": list(tensor.shape),
                "data_offsets": [place, end],
            }
            place = end
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        yield len(text).to_bytes(8, "little") + text
        for _, tensor in ordered:
            data = tensor.cpu().contiguous().flatten().view(torch.uint8).numpy().data
            for start in range(0, len(data), PIECE):
                yield data[start : start + PIECE]

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

    def trainer(self, *, device: str, limits: Limits | None = None, blobs: Blobs | None = None) -> Trainer:
        """A trainer that stands where the run stood. Raises InvalidExperiment, CheckpointError."""
        trainer = Trainer(self.experiment, device=device, limits=limits, blobs=blobs)
        trainer.kept, trainer.checkpoints = self.kept, self.checkpoints
        if self.state is not None:
            if self.exact:
                trainer.load(self.state)
            else:
                trainer.adopt(self.state)
        return trainer


class Copyist:
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

    def go_on(self) -> list[tuple[Any, OSError | None]]:
        """Write about a PIECE; the numbers of those that are whole now, or cannot be written, and why."""
        number, path, pieces = self._waiting[0]
        part = path.with_suffix(".part")
        try:
            path.parent.mkdir(exist_ok=True)
            with part.open("ab") as file:
                written = 0
                for piece in pieces:
                    written += file.write(piece)
                    if written >= PIECE:
                        return []
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            self._waiting.popleft()
            return [(number, error)]
        self._waiting.popleft()
        return [(number, None)]
