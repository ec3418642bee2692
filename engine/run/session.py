"""A session: a trainer that somebody plays, pauses, edits and watches.

It has no thread and no socket. Whoever hosts it (a worker process, the shell, a notebook) hands
commands to `handle` and calls `advance` again and again; what comes out goes through an Outlet.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor

from glassnet.engine.errors import (
    Diverged,
    GlassnetError,
    InvalidCommand,
    InvalidDocument,
    Problem,
    StorageError,
)
from glassnet.engine.experiment.edits import apply_patch, is_live
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.frame import Stamp
from glassnet.engine.network.limits import Limits
from glassnet.engine.probes import Probe
from glassnet.engine.run.command_arguments import amount_asked, check_revision, name_asked, speed_asked
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.live_probes import LiveProbes, Outlet
from glassnet.engine.run.rebuilding import memory_for, rebuilt
from glassnet.engine.run.recorder import WRITTEN, Recorder
from glassnet.engine.run.removed_weights import RemovedWeights
from glassnet.engine.run.replies import STATUS_EVERY, Replies, State
from glassnet.engine.run.resume import Resumption, exactly, last_row, newest
from glassnet.engine.run.snapshot import Snapshot, SnapshotWriter
from glassnet.engine.run.throttle import Throttle
from glassnet.engine.run.weight_edit import set_weight
from glassnet.engine.training.checkpoint import CheckpointInfo, check_step
from glassnet.engine.training.device_memory import bounded

log = logging.getLogger(__name__)

SLICE = 0.01  # seconds of training between two looks at the inbox


class Session:
    """One run at work. `state` says how it stands; commands not legal in a state are refused with words."""

    def __init__(
        self,
        directory: RunDirectory,
        outlet: Outlet,
        *,
        device: str = "cpu",
        resume: str | None = None,
        go_on: bool = False,
        limits: Limits | None = None,
        blobs: Blobs | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """A paused session, from a checkpoint if one is named, or, to `go_on`, from the newest whole one."""
        self.directory, self.outlet, self.device = directory, outlet, device
        self._clock = clock
        self._built = partial(bounded, device=device, limits=limits, blobs=blobs, scratch=directory.path)
        self.experiment, self.revision = directory.experiment(), directory.revision
        self.trainer = self._built(self.experiment)
        self.state: State = "paused"
        self.reason: dict[str, Any] | None = None
        self.life = directory.life
        self._probes, self._replies = LiveProbes(directory, outlet, self.trainer), Replies(outlet, clock)
        self.throttle, self.recorder = Throttle(), Recorder(directory, outlet, self._stamp, clock)
        self._removed, self._writer = RemovedWeights(), SnapshotWriter()
        self._target: tuple[int, Any] | None = None
        self._parked = False
        taken = newest(directory, self._take_up) if go_on else exactly(directory, self._take_up, resume)
        self._passed_over = taken.reason
        self.recorder.note({"type": "session", "device": device, **taken.event})
        if go_on:
            self._go_on(taken)
        if taken.info is not None:
            self.state = "finished" if self.trainer.finished else "paused"
        elif self.trainer.steps_taken == 0 and directory.row_count("evaluation") == 0:
            self._evaluate()
        self._or_hold(self.recorder.flush)
        self._status(force=True)

    # Commands ----------------------------------------------------------------------------------------

    def handle(self, message: dict[str, Any]) -> None:
        """Carry out a command; the answer is an ack, or an error with problems."""
        number = message.get("id")
        try:
            answer = self._command(message)
        except InvalidCommand as error:
            self._replies.refuse(number, error.within(message).problems)
        except InvalidDocument as error:
            self._replies.refuse(number, error.problems)
        except StorageError as error:
            if self.state == "training" or self.recorder.waiting:
                self._hold(error)
            self._replies.refuse(number, (Problem("", str(error)),), errno=error.errno)
        except GlassnetError as error:
            if isinstance(error, Diverged):
                self._fail(error)
            self._replies.refuse(number, (Problem("", str(error)),))
        else:
            if answer is not None:
                self._replies.ack(number, self.trainer.steps_taken, **answer)
        self._status(force=True)

    def _command(self, message: dict[str, Any]) -> dict[str, Any] | None:
        match message.get("type"):
            case "pause":
                return self._pause(message.get("reason"))
            case "play" | "stop" | "reset" | "park" as kind:
                plain = {"play": self._play, "stop": self._stop, "reset": self._reset, "park": self._park}
                return plain[kind]()
            case "rewind":
                return self._rewind(name_asked(message, "checkpoint"))
            case "step":
                self._step_to(message)
                return None
            case "speed":
                return self._set_speed(speed_asked(message))
            case "edit":
                return self._edit(message)
            case "weight":
                answer = set_weight(self.trainer, self.directory, message)
                self.recorder.evaluate_anew()
                self._probes.look_again()
                return answer
            case "watch":
                return {"keys": self._probes.demand(message.get("probes"), message.get("record"))}
            case "snapshot":
                self.recorder.save(name_asked(message, "name"), self.trainer, self.revision)
                return {}
            case "copy":
                self._copy(message)
                return None
            case other:
                raise InvalidCommand.at("/type", f"unknown command '{other}'")

    def _play(self) -> dict[str, Any]:
        self._check_can_train()
        self._settle()
        self._catch_up()
        self._start()
        return {}

    def _check_can_train(self) -> None:
        if self.state in ("failed", "stopped"):
            raise InvalidCommand.at("/type", f"the run has {self.state}; reset or rewind it first")
        if self.trainer.finished:
            epochs = self.experiment.training.epochs
            raise InvalidCommand.at("/type", f"all {epochs} epochs are done; add some by an edit")

    def _catch_up(self) -> None:
        """Write what the disk did not take before. Raises StorageError where it still does not."""
        if self.recorder.behind:
            self._save_all()
            self.reason = self.reason if self.state == "failed" else None

    def _start(self) -> None:
        self.recorder.flush()
        self.reason = self._passed_over
        self._enter("training")
        self._replies.begin(self.trainer.steps_taken)
        self.throttle.begin(self._clock(), self.trainer.steps_taken)

    def _pause(self, reason: dict[str, Any] | None = None) -> dict[str, Any]:
        self._settle()
        if self.state == "training":
            self.reason = reason
            self._enter("paused")
            self._or_hold(self._save_at_rest)
        return {}

    def _stop(self) -> dict[str, Any]:
        self._pause()
        self._catch_up()
        self._enter("stopped")
        return {}

    def _reset(self) -> dict[str, Any]:
        self._settle()
        self.recorder.flush()
        with memory_for("/type"):
            trainer = self._built(self.experiment, replaces=self.trainer)
        self.directory.append_event(self._new_life("reset", trainer.steps_taken))
        self.trainer, self._removed = trainer, RemovedWeights()
        self.recorder.begin_life()
        self._begin_life()
        self._evaluate()
        self._or_hold(self.recorder.flush)
        return {}

    def _rewind(self, name: str) -> dict[str, Any]:
        info, state = self.directory.load_checkpoint(name)
        self._settle()
        self.recorder.flush()
        self._take_up(info, state)
        self.recorder.note({**self._new_life("rewind", info.step), "checkpoint": name})
        self._begin_life()
        self._or_hold(self.recorder.flush)
        return {}

    def _new_life(self, event: str, step: int) -> dict[str, Any]:
        return {"type": event, "step": step, "life": self.life + 1}

    def _begin_life(self) -> None:
        """Stand still, with nothing amiss, and look at where the run is now."""
        self.life += 1
        self.reason = self._passed_over = None
        self._enter("paused")
        self._probes.turn_to(self.trainer)

    def _step_to(self, message: dict[str, Any]) -> None:
        """Train for so many steps or epochs, then pause; the ack comes when that is done."""
        self._check_can_train()
        amount, unit = amount_asked(message)
        self._settle()
        self._catch_up()
        size = 1 if unit == "steps" else self.trainer.steps_per_epoch
        self._target = self.trainer.steps_taken + amount * size, message.get("id")
        self._start()

    def _set_speed(self, wanted: float | None) -> dict[str, Any]:
        self.throttle.speed = wanted
        self.throttle.begin(self._clock(), self.trainer.steps_taken)
        return {}

    def _edit(self, message: dict[str, Any]) -> dict[str, Any]:
        check_revision(message, self.revision)
        experiment = apply_patch(self.experiment, message.get("patch"))
        live = is_live(self.experiment, experiment)
        trainer = self.trainer if live else rebuilt(self._built, experiment, self.trainer, self._removed)
        concerned = not live or trainer.retune(experiment)
        try:
            self.directory.append_edit(trainer.steps_taken, self.revision + 1, message["patch"], experiment)
        except StorageError:
            if live:
                trainer.retune(self.experiment)
            raise
        self.experiment, self.trainer = experiment, trainer
        self.revision += 1
        if self.state == "failed":
            self.reason = None
            self._enter("paused")
        if self.state != "stopped" and trainer.finished != (self.state == "finished"):
            self._settle()
            self._enter("finished" if trainer.finished else "paused")
        if concerned:
            self.recorder.evaluate_anew()
            self._probes.turn_to(trainer)
        self._status(force=True)
        answer = {"revision": self.revision, "applied": "live" if live else "rebuilt"}
        return {**answer, "experiment": experiment.document()}

    def _copy(self, message: dict[str, Any]) -> None:
        """Write a snapshot beside training, for a study; the ack comes when it is there."""
        copy = Snapshot.of(self.trainer, self.directory.run, self.life, self.revision, self._probes.kept())
        self._writer.begin(message.get("id"), self.directory.snapshot(name_asked(message, "name")), copy)
        while self.trainer.is_large and self._writer.busy:  # before training changes what is written
            self._write_copies()

    def _park(self) -> dict[str, Any]:
        """Leave all to the session that goes on: nothing is measured or settled, as if there were one."""
        self._save_last()
        (until, number), self._target = self._target or (None, None), None
        playing, self.state, self._parked = self.state == "training", "stopped", True
        return {"playing": playing, "until": until, "asked": number}

    def _write_copies(self) -> None:
        for number, error in self._writer.go_on():
            if error is None:
                self._replies.ack(number, self.trainer.steps_taken)
            else:
                self._replies.refuse(number, (Problem("", str(error)),), errno=error.errno)

    def _settle(self) -> None:
        """End a `step` command that is under way, where it has come to."""
        if self._target is not None:
            (_, number), self._target = self._target, None
            self._replies.ack(number, self.trainer.steps_taken)

    # Work --------------------------------------------------------------------------------------------

    def advance(self) -> float | None:
        """Do a slice of what is to be done; seconds until there is more, None if a command must come."""
        wait: float | None = None
        try:
            wait = self._work()
        except Diverged as error:
            self._fail(error)
        except StorageError as error:
            self._hold(error)
        now = self._clock()
        try:
            self._probes.send(now, self._stamp)
            self._write_what_is_due()
        except StorageError as error:
            if self.state == "training" or self.recorder.waiting:
                self._hold(error)
            else:
                log.warning("not recorded: %s", error, extra={"run": self.directory.run})
        self._status()
        if self._writer.busy:
            self._write_copies()
            return 0.0
        return self._wait(wait, now)

    def _work(self) -> float | None:
        """Train, or measure what an edit may have changed; seconds until there is more."""
        if self.state == "training":
            return self._train(self._clock() + SLICE)
        if self.state in ("paused", "finished"):
            self._evaluate()
        return None

    def _wait(self, wait: float | None, now: float) -> float | None:
        """Seconds until there is more to do: to train, to show, or to write."""
        if self.state == "training":
            return wait
        waits = [self._probes.wait(now), self.recorder.retry_in()]
        return min((wait for wait in waits if wait is not None), default=None)

    def _write_what_is_due(self) -> None:
        """Rows, checkpoints, and what the disk did not take before. Raises StorageError."""
        if self.recorder.behind:
            if self.recorder.retry_in() == 0:
                self._catch_up()
                self.reason = self.reason or dict(WRITTEN)
                self._status(force=True)
            return
        self.recorder.flush_if_due()
        if self.state == "training" and self.recorder.checkpoint_due:
            self._save_all()

    def _train(self, until: float) -> float:
        """Steps until the time is up; seconds to wait where the speed asks for it."""
        trainer, target = self.trainer, self._target
        while True:
            wait = self.throttle.wait(self._clock(), trainer.steps_taken)
            if wait is not None:
                return min(wait, STATUS_EVERY)
            trainer.step()
            self.recorder.measure(trainer, self.revision)
            if trainer.finished or (target is not None and trainer.steps_taken >= target[0]):
                self._come_to_rest()
                return 0.0
            if self._clock() >= until:
                return 0.0

    def _come_to_rest(self) -> None:
        self._evaluate()
        self.recorder.flush()
        self._enter("finished" if self.trainer.finished else "paused")
        self._settle()
        self._save_all()

    def _hold(self, error: StorageError) -> None:
        """The disk takes no more: stand still, and keep in memory what is not written."""
        if self._target is not None:
            (_, number), self._target = self._target, None
            self._replies.refuse(number, (Problem("", str(error)),), errno=error.errno)
        reason = self.recorder.fall_behind(error)
        self.reason = self.reason if self.state == "failed" else reason
        if self.state == "training":
            self._enter("finished" if self.trainer.finished else "paused")
        self._status(force=True)

    def _fail(self, error: Diverged) -> None:
        """Keep the last state that can be gone back to, and say what happened where."""
        self._settle()
        step, measurable = self.trainer.steps_taken, self.trainer.go_to_last_measurable()
        kept = "last_finite" if measurable else "best"  # which was evaluated when it was kept
        self._or_hold(partial(self._save_all, kept) if measurable else self.recorder.save_best)
        self.trainer.go_on_to(step)
        self.reason = {**error.reason, "checkpoint": kept}
        self._enter("failed")

    def _evaluate(self) -> None:
        self.recorder.evaluate(self.trainer, self.revision)

    def _stamp(self, probe: Probe, sequence: int) -> dict[str, str]:
        history = self.life, self.revision, self.trainer.steps_taken, self.trainer.epoch
        return Stamp(self.directory.run, probe.kind, probe.key, sequence, *history).metadata()

    # Telling -----------------------------------------------------------------------------------------

    def _enter(self, state: State) -> None:
        if state != self.state:
            self.state = state
            moment = {"step": self.trainer.steps_taken, "reason": self.reason}
            self.recorder.note({"type": "state", "state": state, **moment})
            self._status(force=True)

    def _status(self, *, force: bool = False) -> None:
        self._replies.status(self, force=force)

    # Checkpoints -------------------------------------------------------------------------------------

    def _save_all(self, name: str = "") -> None:
        """Write everything that a later session goes on from. Raises StorageError."""
        name = name or ("last_finite" if self.state == "failed" else "latest")
        self.recorder.save_all(name, self.trainer, self.revision)

    def _save_at_rest(self) -> None:
        """Measure and write everything, now that the run stands still. Raises StorageError."""
        self._evaluate()
        self._save_all()

    def _save_last(self) -> None:
        """Write what the next session goes on from; a failed run has done that. Raises StorageError."""
        saved = self.state == "failed" and not self.recorder.behind
        (self.recorder.save_best if saved else self._save_all)()

    def _or_hold(self, write: Callable[[], None]) -> None:
        """Write, or keep in memory what the disk does not take."""
        try:
            write()
        except StorageError as error:
            self._hold(error)

    def _take_up(self, info: CheckpointInfo, state: dict[str, Tensor]) -> None:
        check_step(info, state)
        (self.trainer.load if info.revision == self.revision else self.trainer.adopt)(state)
        self.recorder.take_up(info)

    def _go_on(self, taken: Resumption) -> None:
        """Begin another life where rows are ahead of the state."""
        last, info = last_row(self.directory), taken.info
        self.life = max(self.life, taken.life)
        if last is not None and last[0] > self.trainer.steps_taken:
            event = self._new_life("rewind" if info else "reset", self.trainer.steps_taken)
            self.recorder.note({**event, "checkpoint": info.name if info else None})
            self._begin_life()
            if info is None:
                self._evaluate()
        self.reason = self._passed_over = taken.reason

    def close(self) -> None:
        """Write down everything that is not yet written, and let go of the directory."""
        self._settle()
        own = () if self._parked else (self.recorder.flush, self._save_last)
        self.recorder.write_or_lose(*own, self._probes.put_away)
        self.directory.close()
