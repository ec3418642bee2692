"""What a session trains: the experiment as edited so far, its trainer, and the life that the run is in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from torch import Tensor

from glassnet.engine.errors import InvalidCommand, StorageError
from glassnet.engine.experiment.edits import apply_patch, is_live, stale, trains_alike
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.frame import Stamp
from glassnet.engine.network.limits import Limits
from glassnet.engine.probes import Probe
from glassnet.engine.probes.scalars import SCALARS
from glassnet.engine.run.commands import Edit
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.rebuilding import memory_for, rebuilt
from glassnet.engine.run.removed_weights import RemovedWeights
from glassnet.engine.training.checkpoint import CheckpointInfo, check_step
from glassnet.engine.training.device import check_device
from glassnet.engine.training.device_memory import memory_bounded


class Edited(NamedTuple):
    """What an edit did."""

    #: Whether the trainer stayed; otherwise it was rebuilt, and took over the weights that fit.
    live: bool
    #: Whether the network or its training is another now.
    changed: bool
    #: Nodes whose parameters start anew, and nodes that were resized: the units that stayed keep theirs.
    new: Sequence[str] = ()
    resized: Sequence[str] = ()


class CurrentTraining:
    """An experiment at a revision, and its trainer in a life of the run.

    A life begins at step 0 (reset), or at a checkpoint (rewind); steps count anew in each.
    """

    def __init__(
        self, directory: RunDirectory, *, device: str, limits: Limits | None, blobs: Blobs | None
    ) -> None:
        """`device` is the host's: an experiment may ask for its CPU instead.

        Raises InvalidExperiment where the network cannot be built or is beyond the limits.
        """
        self._directory, self._host = directory, device
        self._build = partial(memory_bounded, host=device, limits=limits, blobs=blobs, scratch=directory.path)
        self._removed = RemovedWeights()
        self.experiment, self.revision = directory.experiment(), directory.revision
        self.life = directory.life
        self.trainer = self._build(self.experiment)

    @property
    def device(self) -> str:
        """The device that the trainer is on."""
        return self.trainer.device

    def edit(self, command: Edit) -> Edited:
        """Change the experiment, in place where its trainer can go on with it.

        Raises InvalidCommand, InvalidExperiment and StorageError, and then nothing has changed.
        """
        if command.revision != self.revision:
            raise InvalidCommand.at("/revision", stale(command.revision, self.revision))
        experiment = apply_patch(self.experiment, command.patch)
        if experiment.training.device != self.experiment.training.device:
            check_device(experiment, self._host)
        live = is_live(self.experiment, experiment)
        trainer, new, resized = (
            (self.trainer, [], []) if live else rebuilt(self._build, experiment, self.trainer, self._removed)
        )
        changed = not live or trainer.apply_live_edit(experiment)
        try:
            self._directory.append_edit(trainer.steps_taken, self.revision + 1, command.patch, experiment)
        except StorageError:
            if live:
                trainer.apply_live_edit(self.experiment)
            raise
        self.experiment, self.trainer = experiment, trainer
        self.revision += 1
        return Edited(live, changed, new, resized)

    def reset(self, left: str | None) -> dict[str, Any]:
        """Begin another life at step 0; returns its event, with the checkpoint that is `left` of the last.

        Raises InvalidCommand, StorageError, and then nothing has changed.
        """
        with memory_for("/type"):
            trainer = self._build(self.experiment, replaces=self.trainer)
        event = self._beginning("reset", trainer.steps_taken, left=left)
        self._directory.append_event(event)
        self.trainer, self._removed = trainer, RemovedWeights()
        self.life += 1
        return event

    def load(self, info: CheckpointInfo, state: dict[str, Tensor]) -> None:
        """Go to a checkpoint; of another revision, what fits of it is taken over. Raises CheckpointError."""
        check_step(info, state)
        if info.revision == self.revision:
            self.trainer.load(state)
            return
        self.trainer.load_matching(state)
        if not self._counts_on_from(info):
            self.trainer.stopping.begin_anew()

    def _counts_on_from(self, info: CheckpointInfo) -> bool:
        """Whether what stops had counted at a checkpoint of another revision counts still."""
        if not info.of_the_run:
            return False
        before = self._directory.experiment_at(info.revision)
        ended = self.trainer.stopping.ended is not None
        return trains_alike(before, self.experiment) if ended else is_live(before, self.experiment)

    def begin_life(self, start: CheckpointInfo | None, left: str | None = None) -> dict[str, Any]:
        """The event of a life that begins where the trainer stands: at a checkpoint, or at step 0."""
        place = (start.name, start.life) if start else (None, None)
        kind, of = "rewind" if start else "reset", dict(zip(("checkpoint", "of_life"), place, strict=True))
        event = self._beginning(kind, self.trainer.steps_taken, **of, left=left)
        self.life += 1
        return event

    def _beginning(self, kind: str, step: int, **more: Any) -> dict[str, Any]:
        """The event of the next life. Its first rows have the numbers `rows`."""
        rows = {probe: self._directory.row_count(probe) for probe in SCALARS}
        return {"type": kind, "step": step, "life": self.life + 1, "rows": rows, **more}

    def stamp(self, probe: Probe, sequence: int) -> dict[str, str]:
        """The metadata of a frame made now."""
        history = self.life, self.revision, self.trainer.steps_taken, self.trainer.epoch
        return Stamp(self._directory.run, probe.kind, probe.key, sequence, *history).metadata()
