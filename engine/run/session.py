"""A session: a trainer that a user plays, pauses, edits and watches.

It has no thread and no socket. Its host (a worker process, the shell, a notebook) hands commands to
`handle` and calls `advance` again and again; what comes out goes through an Outlet.

    command ──▶ handle ──▶ player (states, training, writing)
                       ╰──▶ current (experiment, trainer, life)
    advance ──▶ player.work ──▶ pictures.send ──▶ player.write_what_is_due
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
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
from glassnet.engine.experiment.edits import how_applied
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files.blobs import Blobs
from glassnet.engine.network.limits import Limits
from glassnet.engine.run import commands
from glassnet.engine.run.commands import Command, parse_command
from glassnet.engine.run.current_training import CurrentTraining
from glassnet.engine.run.diagnosing import Diagnosing
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.outlet import Outlet
from glassnet.engine.run.picture_frames import PictureFrames
from glassnet.engine.run.player import Player
from glassnet.engine.run.recorder import Recorder
from glassnet.engine.run.replies import Replies, State
from glassnet.engine.run.resume import Resumption, exactly, last_row, newest
from glassnet.engine.run.snapshot import Snapshot, SnapshotWriter
from glassnet.engine.run.ways_back import BEFORE_RESET, BEFORE_REWIND, is_way_back
from glassnet.engine.run.weight_edit import set_weight
from glassnet.engine.training.checkpoint import CheckpointInfo
from glassnet.engine.training.device import leave_unused
from glassnet.engine.training.trainer import Trainer

log = logging.getLogger(__name__)

SLICE = 0.01  # seconds of training between two looks at the inbox


class Session:
    """The session of one run. A command that is not legal in its `state` is refused."""

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
        self.directory, self.outlet = directory, outlet
        self._clock = clock
        self.current = CurrentTraining(directory, device=device, limits=limits, blobs=blobs)
        self.recorder = Recorder(directory, outlet, self.current.stamp, clock)
        self._replies = Replies(outlet, clock)
        self.player = Player(
            self.current,
            self.recorder,
            self._replies,
            clock,
            diagnosing=Diagnosing(directory, self.current, self._note),
            note=self._note,
            go_back=self._go_back,
        )
        self._pictures, self._writer = PictureFrames(directory, outlet, self.trainer), SnapshotWriter()
        self._parked = False
        self._begin(newest(directory, self._load) if go_on else exactly(directory, self._load, resume), go_on)

    # Its beginning ----------------------------------------------------------------------------------

    def _begin(self, taken: Resumption, go_on: bool) -> None:
        """Take the state that what was taken up leaves the run in."""
        player, trainer = self.player, self.trainer
        player.passed_over = taken.reason
        self.recorder.note({"type": "session", "device": self.current.device, **taken.event})
        if go_on:
            self._go_on(taken)
        if taken.info is not None:
            player.state = "finished" if trainer.finished else "paused"
            player.reason = trainer.stopping.reason() or player.reason
        elif trainer.steps_taken == 0 and self.directory.row_count("evaluation") == 0:
            player.evaluate()
        self._pictures.collect(self.experiment.collect)
        player.or_hold(self.recorder.flush)
        player.status(force=True)

    def _go_on(self, taken: Resumption) -> None:
        """Begin another life where rows are ahead of the state."""
        last, info = last_row(self.directory), taken.info
        self.current.life = max(self.life, taken.life)
        if last is not None and last[0] > self.trainer.steps_taken:
            self._note(self.current.begin_life(info))
            self._begin_life()
            if info is None:
                self.player.evaluate()
        self.player.reason = self.player.passed_over = taken.reason

    def _load(self, info: CheckpointInfo, state: dict[str, Tensor]) -> None:
        """Take up a checkpoint. Raises CheckpointError, and then nothing has changed."""
        self.current.load(info, state)
        self.recorder.take_up(info, self.trainer)

    # State -----------------------------------------------------------------------------

    @property
    def state(self) -> State:
        return self.player.state

    @property
    def reason(self) -> dict[str, Any] | None:
        """The reason of the state, where there is one."""
        return self.player.reason

    @property
    def experiment(self) -> Experiment:
        """The experiment with all edits so far."""
        return self.current.experiment

    @property
    def trainer(self) -> Trainer:
        return self.current.trainer

    @property
    def device(self) -> str:
        """The device that the run trains on."""
        return self.current.device

    @property
    def revision(self) -> int:
        return self.current.revision

    @property
    def life(self) -> int:
        return self.current.life

    # Commands ----------------------------------------------------------------------------------------

    def handle(self, message: dict[str, Any]) -> None:
        """Carry out a command; the answer is an ack, or an error with problems."""
        number = message.get("id")
        try:
            answer = self._carry_out(parse_command(message, commands.SESSION))
        except InvalidCommand as error:
            self._replies.refuse(number, error.within(message).problems)
        except InvalidDocument as error:
            self._replies.refuse(number, error.problems)
        except StorageError as error:
            self._hold_if_waiting(error)
            self._replies.refuse(number, (Problem("", str(error)),), errno=error.errno)
        except GlassnetError as error:
            if isinstance(error, Diverged):
                self.player.fail(error)
            self._replies.refuse(number, (Problem("", str(error)),))
        else:
            if answer is not None:
                self._replies.ack(number, self.trainer.steps_taken, **answer)
        self.player.status(force=True)

    def _carry_out(self, command: Command) -> dict[str, Any] | None:
        """What the ack says besides the step; None where it comes later."""
        match command:
            case commands.Play():
                self.player.play()
            case commands.PauseFor(reason=reason):
                self.player.pause(reason)
            case commands.Stop():
                self.player.stop()
            case commands.Reset():
                return self._reset()
            case commands.Rewind(checkpoint=name):
                return self._rewind(name)
            case commands.Step(id=number):
                self.player.play(command.amount(self.trainer.steps_per_epoch), number)
                return None
            case commands.Speed(steps_per_second=speed):
                self.player.set_speed(speed)
            case commands.Edit():
                return self._edit(command)
            case commands.Weight():
                return self._set_weight(command)
            case commands.WatchAll(probes=probes, record=record):
                return {"keys": self._pictures.demand(probes, record)}
            case commands.Snapshot(name=name):
                self.recorder.save(name, self.trainer, self.revision)
            case commands.Copy(name=name, id=number):
                self._copy(name, number)
                return None
            case commands.KeepRaces(name=name):
                self.directory.keep_races(name)
            case commands.Park():
                return self._park()
        return {}

    def _reset(self) -> dict[str, Any]:
        self.player.settle()
        left = BEFORE_RESET if self.trainer.steps_taken else None
        self._leave(left)
        event = self.current.reset(left)
        self.recorder.begin_life()
        self._begin_life()
        self._tell(event)
        self.player.evaluate()
        self.player.or_hold(self.recorder.flush)
        return {"left": left, "life": self.life}

    def _rewind(self, name: str) -> dict[str, Any]:
        info, state = self.directory.load_checkpoint(name)
        self.player.settle()
        # What was left is gone back to: that takes something back, and leaves nothing of its own.
        lost = self.trainer.steps_taken and self.state != "failed"
        left = BEFORE_REWIND if lost and not is_way_back(name) else None
        self._begin_life_at(info, state, left)
        self.trainer.stopping.begin_anew()
        self._begin_life()
        self.player.or_hold(self.recorder.flush)
        return {"left": left, "life": self.life}

    def _go_back(self, name: str) -> None:
        """Begin another life at a checkpoint of this one, which leaves where it stood."""
        info, state = self.directory.load_checkpoint(name)
        self._begin_life_at(info, state, BEFORE_REWIND)
        self._pictures.switch_trainer(self.trainer)

    def _begin_life_at(self, info: CheckpointInfo, state: dict[str, Tensor], left: str | None) -> None:
        self._leave(left)
        self._load(info, state)
        self._note(self.current.begin_life(info, left))

    def _leave(self, name: str | None) -> None:
        """Write everything, and a checkpoint of this name, if any. Raises StorageError."""
        self.recorder.flush()
        if name is not None:
            info = self.recorder.info(name, self.trainer, self.revision)
            self.directory.leave_checkpoint(info, self.trainer.tensors())

    def _note(self, event: dict[str, Any]) -> None:
        """Journal an event, and tell all viewers of it."""
        self.recorder.note(event)
        self._tell(event)

    def _tell(self, event: dict[str, Any]) -> None:
        self.outlet.text({"type": "event", "event": {**event, "time": time.time()}})

    def _begin_life(self) -> None:
        self.player.begin_life()
        self._pictures.switch_trainer(self.trainer)

    def _edit(self, command: commands.Edit) -> dict[str, Any]:
        device = self.current.device
        edited = self.current.edit(command)
        self.player.follow_edit()
        if edited.changed:
            self.recorder.evaluate_anew()
            self._pictures.switch_trainer(self.trainer)
            leave_unused(device, self.current.device)
        self._pictures.collect(self.experiment.collect)
        self.player.status(force=True)
        return {
            "revision": self.revision,
            "applied": how_applied(live=edited.live),
            "new": list(edited.new),
            "resized": list(edited.resized),
            "experiment": self.experiment.document(),
        }

    def _set_weight(self, command: commands.Weight) -> dict[str, Any]:
        answer, event = set_weight(self.trainer, self.directory, command)
        self._tell({**event, "life": self.life})
        self.recorder.evaluate_anew()
        self._pictures.invalidate()
        return answer

    def _copy(self, name: str, number: commands.Id) -> None:
        """Write a snapshot beside training, for a study; the ack comes when the file is whole."""
        copy = Snapshot.of(self.trainer, self.directory.run, self.life, self.revision, self._pictures.kept())
        self._writer.begin(number, self.directory.snapshot(name), copy)
        while not copy.is_of_a_copy and self._writer.busy:  # before training changes what is written
            self._write_copies()

    def _write_copies(self) -> None:
        for number, error in self._writer.go_on():
            if error is None:
                self._replies.ack(number, self.trainer.steps_taken)
            else:
                self._replies.refuse(number, (Problem("", str(error)),), errno=error.errno)

    def _park(self) -> dict[str, Any]:
        """Leave everything to the next session: nothing is measured or acknowledged, as if there were one."""
        self.player.save_last()
        self._parked = True
        return self.player.hand_over()

    # Work --------------------------------------------------------------------------------------------

    def advance(self) -> float | None:
        """Do a slice of what is to be done; seconds until there is more, None if a command must come."""
        wait: float | None = None
        try:
            wait = self.player.work(self._clock() + SLICE)
        except Diverged as error:
            self.player.fail(error)
        except StorageError as error:
            self.player.hold(error)
        now = self._clock()
        try:
            self._pictures.send(now, self.current.stamp)
            self.player.write_what_is_due()
        except StorageError as error:
            if not self._hold_if_waiting(error):
                log.warning("not recorded: %s", error, extra={"run": self.directory.run})
        self.player.status()
        if self._writer.busy:
            self._write_copies()
            return 0.0
        return wait if self.state == "training" else self._wait(now)

    def _hold_if_waiting(self, error: StorageError) -> bool:
        """Stand still where the disk has refused what the run cannot do without; whether it has."""
        held = self.state == "training" or self.recorder.waiting
        if held:
            self.player.hold(error)
        return held

    def _wait(self, now: float) -> float | None:
        """Seconds until a run at rest has more to do: to show, or to write."""
        waits = [self._pictures.wait(now), self.recorder.retry_in()]
        return min((wait for wait in waits if wait is not None), default=None)

    # Its end ----------------------------------------------------------------------------------------

    def close(self) -> None:
        """Write down everything that is not yet written, and let go of the directory."""
        self.player.settle()
        own = () if self._parked else (self.recorder.flush, self.player.save_last)
        self.recorder.write_or_lose(*own, self._pictures.save_collected)
        self.directory.close()
