"""Recorder: rows of scalars, journalled and then sent as frames; events and checkpoints, written to disk.

What a full disk refuses waits in memory.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from torch import Tensor

from glassnet.engine.errors import StorageError
from glassnet.engine.files.storage import title_of
from glassnet.engine.frame import encode
from glassnet.engine.probes import Probe, Scalars
from glassnet.engine.probes.evaluation import Evaluation
from glassnet.engine.probes.scalars import SCALARS
from glassnet.engine.run.best_readings import BestReadings, name_of
from glassnet.engine.run.best_state import BestState
from glassnet.engine.run.cycle_ends import CycleEnds
from glassnet.engine.run.cycle_ends import name_of as name_of_cycle
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.journal import as_columns
from glassnet.engine.run.outlet import Outlet
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.host_copy import Copied, copied, reading
from glassnet.engine.training.trainer import Trainer

log = logging.getLogger(__name__)

#: Seconds between two batches of rows, two checkpoints, and two attempts on a full disk.
ROWS_EVERY, CHECKPOINT_EVERY, RETRY_EVERY = 0.05, 10.0, 1.0

#: The most time for checkpoints of a large network, as a share of training time.
CHECKPOINT_SHARE = 1 / 16

#: The reason of a run that was paused by a full disk, which has space again.
WRITTEN: Final = {
    "title": "The run was paused for want of disk space",
    "detail": "everything is written by now, and play goes on where it stands",
}


_COMPLETE: Final = object()


class Measured(NamedTuple):
    """What was recorded at a step: the numbers of its rows, and whether whole sets were evaluated."""

    row: dict[str, float]
    evaluated: bool


@dataclass
class UnderWay:
    """A checkpoint to resume from that is written beside a GPU's steps, and the best readings it wants."""

    info: CheckpointInfo
    state: Copied
    wanted: set[str]
    #: The writing of its pieces, once the state has arrived.
    writing: Generator[None] | None = None
    #: Seconds spent on it.
    spent: float = 0.0


class Recorder:
    """The rows, events and checkpoints of a session. Rows are sent after they are written."""

    def __init__(
        self,
        directory: RunDirectory,
        outlet: Outlet,
        stamp: Callable[[Probe, int], dict[str, str]],
        clock: Callable[[], float],
    ) -> None:
        self._directory, self._outlet, self._stamp, self._clock = directory, outlet, stamp, clock
        self._probes: list[Scalars] = [probe() for probe in SCALARS.values()]
        self._rows: dict[str, list[dict[str, float]]] = {probe.kind: [] for probe in self._probes}
        self._events: list[dict[str, Any]] = []
        self._best = BestState(directory)
        self._best.recall()
        #: What the run's stops go back to.
        self.best_readings = BestReadings(directory)
        self._cycle_ends = CycleEnds(directory)
        #: The newest evaluation, and its step.
        self.latest: dict[str, float] = {}
        self._evaluated_at = -1
        #: Whether a refused write is still in memory.
        self.behind = False
        self._under_way: UnderWay | None = None
        self._rows_due = self._retry_due = clock()
        self._checkpoint_due = clock() + CHECKPOINT_EVERY

    # Rows and events ---------------------------------------------------------------------------------

    def measure(self, trainer: Trainer, revision: int) -> Measured:
        """Record the rows that are due at this step; returns their numbers."""
        row: dict[str, float] = {}
        evaluated = False
        for probe in self._probes:
            if probe.due(trainer):
                if isinstance(probe, Evaluation):
                    self.evaluate(trainer, revision)
                    evaluated, new = True, self.latest
                else:
                    new = probe.row(trainer)
                    self._rows[probe.kind].append({**_moment(trainer), **new})
                row |= new
        if trainer.cycle_ended:
            self._cycle_ends.offer(self.info(name_of_cycle(trainer.cycle_ended), trainer, revision), trainer)
        return Measured(row, evaluated)

    def evaluate(self, trainer: Trainer, revision: int) -> bool:
        """Record a row of `evaluation`, and the best state so far; returns False where this step has one."""
        if self._evaluated_at == trainer.steps_taken:
            return False
        self._evaluated_at = trainer.steps_taken
        self.latest = trainer.evaluate()
        self._rows["evaluation"].append({**_moment(trainer), **self.latest})
        self._best.offer(self.info("best", trainer, revision), trainer)
        return True

    def evaluate_anew(self) -> None:
        """Mark the current step to be evaluated again, because the network was changed by hand."""
        self._evaluated_at = -1

    def begin_life(self) -> None:
        """Forget the measurements and the best state of the previous life."""
        self._best, self._evaluated_at = BestState(self._directory), -1
        self.best_readings = BestReadings(self._directory)
        self._cycle_ends = CycleEnds(self._directory)
        self._give_up()

    def take_up(self, info: CheckpointInfo, trainer: Trainer) -> None:
        """Adopt the evaluation of a loaded checkpoint, unless the run was edited since."""
        self._give_up()
        self.latest = info.metrics
        self._evaluated_at = info.step if info.revision == self._directory.revision else -1
        self.best_readings.recall(trainer)

    def note(self, event: dict[str, Any]) -> None:
        """Journal an event, now or as soon as the disk has space."""
        self._events.append(event)
        try:
            self._flush_events()
        except StorageError as error:
            log.info("an event waits: %s", error, extra={"run": self._directory.run})

    def flush(self) -> None:
        """Journal waiting rows and events, and send the rows. Raises StorageError; the rest still waits."""
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
        """The note of a checkpoint of the current state."""
        place = trainer.steps_taken, trainer.epoch, revision, time.time()
        return CheckpointInfo(name, *place, dict(self.latest), self._directory.life)

    def save(self, name: str, trainer: Trainer, revision: int) -> None:
        """Journal waiting rows and events, then write a checkpoint. Raises StorageError."""
        self._save(self.info(name, trainer, revision), trainer.tensors())

    def _save(self, info: CheckpointInfo, state: Mapping[str, Tensor]) -> None:
        self.flush()
        self._directory.save_checkpoint(info, state)

    def keep_best_reading(self, trainer: Trainer, revision: int) -> None:
        """Keep the current state, if a stop would go back to it. Raises StorageError."""
        self.best_readings.offer(self.info(name_of(trainer.steps_taken), trainer, revision), trainer)

    def save_all(self, name: str, trainer: Trainer, revision: int) -> None:
        """Write everything that a later session resumes from. Raises StorageError."""
        began = self._clock()
        self._give_up()
        self.best_readings.write()
        wanted = self.best_readings.wanted(trainer)
        self._save(self.info(name, trainer, revision), trainer.tensors())
        self._settle(wanted, began, self._clock() - began)

    def save_all_beside(self, name: str, trainer: Trainer, revision: int) -> None:
        """Write everything as `save_all` does, while training goes on; to be called until nothing is due.

        From a GPU the state is copied first, and written piece by piece when it has arrived: a later step
        does not wait for it, nor is it in it. Where no copy fits, it is written at once. Raises StorageError.
        """
        began = self._clock()
        if self._under_way is None:
            copy = copied(trainer.tensors(), large=trainer.is_large) if trainer.is_on_gpu else None
            if copy is None:
                self.save_all(name, trainer, revision)
                return
            self.best_readings.write()  # before the next step replaces what this state wants
            info, wanted = self.info(name, trainer, revision), self.best_readings.wanted(trainer)
            self._under_way = UnderWay(info, copy, wanted)
        written = self._under_way
        if not written.state.arrived:
            return
        complete = self._go_on_writing(written)
        written.spent += self._clock() - began
        if complete:
            self._give_up()
            self._settle(written.wanted, began, written.spent, self.best_readings.wanted(trainer))

    def _go_on_writing(self, written: UnderWay) -> bool:
        """Write one more piece of a checkpoint; whether it is complete. A StorageError gives it up."""
        if written.writing is None:
            self.flush()
            written.writing = self._directory.saving_checkpoint(written.info, written.state)
        try:
            with reading(written.state):
                return next(written.writing, _COMPLETE) is _COMPLETE
        except BaseException:
            self._give_up()
            raise

    def _give_up(self) -> None:
        """Leave nothing of a checkpoint that is being written beside training."""
        written, self._under_way = self._under_way, None
        if written is not None and written.writing is not None:
            written.writing.close()

    def _settle(
        self, wanted: set[str], began: float, took: float, also: AbstractSet[str] = frozenset()
    ) -> None:
        """After a checkpoint to resume from, write the others, and put the next one off.

        It wants these best readings, the trainer `also` those that it has counted since.
        """
        self._best.write()
        self._cycle_ends.write()
        self.best_readings.settle(wanted, also)
        self.behind = False
        self._checkpoint_due = began + max(CHECKPOINT_EVERY, took / CHECKPOINT_SHARE)

    def save_best(self) -> None:
        """Write the best state, if it is not written yet, as the one to go back to. Raises StorageError."""
        self._give_up()
        self._best.write()

    def write_or_lose(self, *writes: Callable[[], None]) -> None:
        """Call each write as the session ends; data that the disk refuses now are lost."""
        for write in writes:
            try:
                write()
            except StorageError as error:
                log.warning("lost, as it cannot be written: %s", error, extra={"run": self._directory.run})

    # When ----------------------------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether rows or events wait to be written."""
        return bool(self._events) or any(self._rows.values())

    def fall_behind(self, error: StorageError) -> dict[str, Any]:
        """Record a refused write; returns the reason for which the run is paused."""
        self.behind, self._retry_due = True, self._clock() + RETRY_EVERY
        detail = f"{error}; the run is paused, and what is not written waits in memory"
        return {"title": title_of(error.errno), "detail": detail, "errno": error.errno}

    def retry_in(self) -> float | None:
        """Seconds until the next attempt to write; None where nothing waits."""
        return max(0.0, self._retry_due - self._clock()) if self.behind else None

    def flush_if_due(self) -> None:
        """Journal waiting rows and events every ROWS_EVERY seconds. Raises StorageError."""
        now = self._clock()
        if now >= self._rows_due:
            self.flush()
            self._rows_due = now + ROWS_EVERY

    @property
    def checkpoint_due(self) -> bool:
        """Whether the next checkpoint is due."""
        return self._clock() >= self._checkpoint_due


def _moment(trainer: Trainer) -> dict[str, float]:
    return {"step": trainer.steps_taken, "epoch": trainer.epoch}
