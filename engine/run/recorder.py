"""What a session measures and leaves on disk. What the disk does not take waits in memory until it does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from glassnet.engine.errors import StorageError
from glassnet.engine.files.storage import title_of
from glassnet.engine.frame import encode
from glassnet.engine.probes import Probe, Scalars
from glassnet.engine.probes.evaluation import Evaluation
from glassnet.engine.probes.progress import Progress
from glassnet.engine.run.best_state import Best
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.journal import as_columns
from glassnet.engine.run.live_probes import Outlet
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.trainer import Trainer

log = logging.getLogger(__name__)

#: Seconds between two batches of rows, two writes of a checkpoint, two tries on a disk that took nothing.
ROWS_EVERY, CHECKPOINT_EVERY, RETRY_EVERY = 0.05, 10.0, 1.0

#: The share of time that checkpoints of a large network may take from its training.
CHECKPOINT_SHARE = 1 / 16

#: Why a run stands still whose disk was full, and is no more.
WRITTEN: Final = {
    "title": "The run was paused for want of disk space",
    "detail": "everything is written by now, and play goes on where it stands",
}


class Recorder:
    """Rows, events and checkpoints of one session. Rows are sent once they are on disk, and not before."""

    def __init__(
        self,
        directory: RunDirectory,
        outlet: Outlet,
        stamp: Callable[[Probe, int], dict[str, str]],
        clock: Callable[[], float],
    ) -> None:
        self._directory, self._outlet, self._stamp, self._clock = directory, outlet, stamp, clock
        self._probes: list[Scalars] = [Progress(), Evaluation()]
        self._rows: dict[str, list[dict[str, float]]] = {probe.kind: [] for probe in self._probes}
        self._events: list[dict[str, Any]] = []
        self._best = Best(directory)
        self._best.recall()
        #: The newest evaluation, and the step that it belongs to.
        self.latest: dict[str, float] = {}
        self._evaluated_at = -1
        #: Whether the disk has refused something that is still in memory.
        self.behind = False
        self._rows_due = self._retry_due = clock()
        self._checkpoint_due = clock() + CHECKPOINT_EVERY

    # Rows and events ---------------------------------------------------------------------------------

    def measure(self, trainer: Trainer, revision: int) -> None:
        """Take the rows that are due at this step."""
        for probe in self._probes:
            if probe.due(trainer):
                if isinstance(probe, Evaluation):
                    self.evaluate(trainer, revision)
                else:
                    self._rows[probe.kind].append({**_moment(trainer), **probe.row(trainer)})

    def evaluate(self, trainer: Trainer, revision: int) -> None:
        """A row of `evaluation`, unless this very step has one; the best state so far is kept."""
        if self._evaluated_at == trainer.steps_taken:
            return
        self._evaluated_at = trainer.steps_taken
        self.latest = trainer.evaluate()
        self._rows["evaluation"].append({**_moment(trainer), **self.latest})
        self._best.offer(self.info("best", trainer, revision), trainer)

    def evaluate_anew(self) -> None:
        """The same step is to be evaluated again: something was changed by hand."""
        self._evaluated_at = -1

    def begin_life(self) -> None:
        """Forget what the life before was measured at, and its best state."""
        self._best, self._evaluated_at = Best(self._directory), -1

    def take_up(self, info: CheckpointInfo) -> None:
        """A checkpoint was evaluated when it was written; edited since, the run is evaluated anew."""
        self.latest = info.metrics
        self._evaluated_at = info.step if info.revision == self._directory.revision else -1

    def note(self, event: dict[str, Any]) -> None:
        """Journal what has happened already: now, or as soon as the disk takes it."""
        self._events.append(event)
        try:
            self._flush_events()
        except StorageError as error:
            log.info("an event waits: %s", error, extra={"run": self._directory.run})

    def flush(self) -> None:
        """Journal what waits, and send the rows. Raises StorageError; what is not written still waits."""
        self._flush_events()
        for probe in self._probes:
            rows = self._rows[probe.kind]
            if rows:
                first = self._directory.append_rows(probe.kind, rows)
                self._rows[probe.kind] = []
                self._outlet.frame(probe.key, encode(self._stamp(probe, first), as_columns(rows)), True)

    def _flush_events(self) -> None:
        while self._events:
            self._directory.append_event(self._events[0])
            del self._events[0]

    # Checkpoints -------------------------------------------------------------------------------------

    def info(self, name: str, trainer: Trainer, revision: int) -> CheckpointInfo:
        """The note of a checkpoint of this moment."""
        place = trainer.steps_taken, trainer.epoch, revision, time.time()
        return CheckpointInfo(name, *place, dict(self.latest), self._directory.life)

    def save(self, name: str, trainer: Trainer, revision: int) -> None:
        """Journal what waits, then write a checkpoint. Raises StorageError."""
        self.flush()
        self._directory.save_checkpoint(self.info(name, trainer, revision), trainer.tensors())

    def save_all(self, name: str, trainer: Trainer, revision: int) -> None:
        """Everything that a later session goes on from. Raises StorageError; after it nothing waits."""
        began = self._clock()
        self.save(name, trainer, revision)
        self._best.write()
        self.behind = False
        took = self._clock() - began
        self._checkpoint_due = began + max(CHECKPOINT_EVERY, took / CHECKPOINT_SHARE)

    def save_best(self) -> None:
        """Write the best state, unless that is done. Raises StorageError."""
        self._best.write()

    def write_or_lose(self, *writes: Callable[[], None]) -> None:
        """Do each, as the session ends: what the disk refuses now is lost."""
        for write in writes:
            try:
                write()
            except StorageError as error:
                log.warning("lost, as it cannot be written: %s", error, extra={"run": self._directory.run})

    # When ----------------------------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether rows or events are in memory that the disk does not have."""
        return bool(self._events) or any(self._rows.values())

    def fall_behind(self, error: StorageError) -> dict[str, Any]:
        """The disk has refused something; why the run stands still, in words."""
        self.behind, self._retry_due = True, self._clock() + RETRY_EVERY
        detail = f"{error}; the run is paused, and what is not written waits in memory"
        return {"title": title_of(error.errno), "detail": detail, "errno": error.errno}

    def retry_in(self) -> float | None:
        """Seconds until the disk is tried again; None where nothing waits for it."""
        return max(0.0, self._retry_due - self._clock()) if self.behind else None

    def flush_if_due(self) -> None:
        """Journal what waits, every ROWS_EVERY. Raises StorageError."""
        now = self._clock()
        if now >= self._rows_due:
            self.flush()
            self._rows_due = now + ROWS_EVERY

    @property
    def checkpoint_due(self) -> bool:
        """Whether the last checkpoint is old by now."""
        return self._clock() >= self._checkpoint_due


def _moment(trainer: Trainer) -> dict[str, float]:
    return {"step": trainer.steps_taken, "epoch": trainer.epoch}
