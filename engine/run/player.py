"""The states of a session, its training, and the writing of what it measures.

paused ──play, step──▶ training ──last step, a stop──▶ finished
  ▲                      │  ╰──not finite──▶ failed
  ╰──pause, step's end───╯        stop, from any of them: stopped
reset, from any but stopped: paused; rewind, as well: paused, or finished where no step is left
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from glassnet.engine.errors import CheckpointError, Diverged, InvalidCommand, Problem, StorageError
from glassnet.engine.run.best_readings import name_of
from glassnet.engine.run.commands import Id
from glassnet.engine.run.current_training import CurrentTraining
from glassnet.engine.run.diagnosing import Diagnosing
from glassnet.engine.run.recorder import WRITTEN, Recorder
from glassnet.engine.run.replies import STATUS_EVERY, Replies, State
from glassnet.engine.run.throttle import Throttle
from glassnet.engine.training.stopping import AppliedStop
from glassnet.engine.training.trainer import Trainer

log = logging.getLogger(__name__)


class Goal(NamedTuple):
    """A `step` command under way."""

    #: The step that it ends at.
    until: int
    #: The id that its ack carries.
    number: Id


class Player:
    """Trains up to a goal or the end, and writes rows and checkpoints."""

    def __init__(
        self,
        current: CurrentTraining,
        recorder: Recorder,
        replies: Replies,
        clock: Callable[[], float],
        *,
        diagnosing: Diagnosing,
        note: Callable[[dict[str, Any]], None],
        go_back: Callable[[str], None],
    ) -> None:
        """`note` journals an event and tells viewers; `go_back` begins another life at a checkpoint."""
        self.current, self.recorder, self._diagnosing = current, recorder, diagnosing
        self._note, self._go_back = note, go_back
        self._replies, self._clock = replies, clock
        self.throttle = Throttle()
        self.state: State = "paused"
        #: The reason of the state, where there is one.
        self.reason: dict[str, Any] | None = None
        #: What was wrong with checkpoints that were passed over when the session began.
        self.passed_over: dict[str, Any] | None = None
        self.goal: Goal | None = None
        #: The stop that holds, until the run has ended by it.
        self._ending: AppliedStop | None = None
        self._ticked = clock()
        #: The seconds of the last step, with what was measured after it.
        self._step_seconds = 0.0

    @property
    def trainer(self) -> Trainer:
        return self.current.trainer

    # States ------------------------------------------------------------------------------

    def play(self, steps: int | None = None, number: Id = None) -> None:
        """Train from now on, for so many steps at most. Raises InvalidCommand, StorageError."""
        self._check_can_train()
        self.settle()
        self._catch_up()
        self.goal = None if steps is None else Goal(self.trainer.steps_taken + steps, number)
        self.recorder.flush()
        self.reason = self.passed_over
        self.enter("training")
        self._replies.begin(self.trainer.steps_taken)
        self._ticked = self._clock()
        self.throttle.begin(self._ticked, self.trainer.steps_taken)

    def _check_can_train(self) -> None:
        if self.state in ("failed", "stopped"):
            raise InvalidCommand.at("/type", f"the run has {self.state}; reset or rewind it first")
        if self.trainer.stopping.ended is not None:
            raise InvalidCommand.at("/type", "a stop has ended the run; change its training by an edit")
        if self.trainer.finished:
            epochs = self.current.experiment.training.epochs
            raise InvalidCommand.at("/type", f"all {epochs} epochs are done; add some by an edit")

    def pause(self, reason: dict[str, Any] | None = None) -> None:
        """Stop taking steps, and write everything."""
        self.settle()
        if self.state == "training":
            self.reason = reason
            self.enter("paused")
            self.or_hold(self._save_at_rest)

    def stop(self) -> None:
        """Stop taking steps for good. Raises StorageError."""
        self.pause()
        self._catch_up()
        self.enter("stopped")

    def set_speed(self, steps_per_second: float | None) -> None:
        """Take at most so many steps a second."""
        self.throttle.speed = steps_per_second
        self.throttle.begin(self._clock(), self.trainer.steps_taken)

    def begin_life(self) -> None:
        """Rest at the beginning of another life, without a reason: finished where all its steps are taken."""
        self._ending = None
        self.reason = self.passed_over = None
        self._enter_rest()

    def follow_edit(self) -> None:
        """Set the state after an edit: it may have added or removed epochs, or repaired a failed run."""
        if self._ending not in self.trainer.stopping.applied:
            self._ending = None
        if self.state == "failed":
            self.reason = None
            self.enter("paused")
        if self.state != "stopped" and self.trainer.finished != (self.state == "finished"):
            self.settle()
            self.reason = None
            self._enter_rest()

    def settle(self) -> None:
        """Acknowledge a `step` command that another command ends early."""
        goal = self._take_goal()
        if goal is not None:
            self._replies.ack(goal.number, self.trainer.steps_taken)

    def _take_goal(self) -> Goal | None:
        goal, self.goal = self.goal, None
        return goal

    def hand_over(self) -> dict[str, Any]:
        """What the next session continues: whether it plays, and up to which step for which command."""
        goal, playing = self._take_goal(), self.state == "training"
        self.state = "stopped"  # in this process alone: for the run nothing has changed
        until, number = goal or (None, None)
        return {"playing": playing, "until": until, "asked": number}

    def enter(self, state: State) -> None:
        """Change the state, in the journal and for all viewers."""
        if state != self.state:
            self.state = state
            moment = {"step": self.trainer.steps_taken, "reason": self.reason}
            self.recorder.note({"type": "state", "state": state, **moment})
            self.status(force=True)

    def _enter_rest(self) -> None:
        self.enter("finished" if self.trainer.finished else "paused")

    def status(self, *, force: bool = False) -> None:
        """Send viewers the status, where it has changed."""
        self._replies.status(self, force=force)

    # Training ----------------------------------------------------------------------------------------

    def work(self, until: float) -> float | None:
        """Train, or measure what an edit may have changed; seconds until there is more, None for nothing."""
        if self.state == "training":
            return self._train(until)
        if self.state in ("paused", "finished"):
            self.evaluate()
        return None

    def _train(self, until: float) -> float:
        """Steps until the time is up; seconds to wait where the speed asks for it."""
        trainer, goal = self.trainer, self.goal
        while True:
            now = self._clock()
            wait = self.throttle.wait(now, trainer.steps_taken)
            if wait is not None:
                return min(wait, STATUS_EVERY)
            observed = not trainer.records_updates or self._may_rest_after_next(now, until)
            if self._ending is not None or self._step(observed=observed):
                self._end_by_stop()
                return 0.0
            if trainer.finished or (goal is not None and trainer.steps_taken >= goal.until):
                self._come_to_rest()
                return 0.0
            after = self._clock()
            self._step_seconds = after - now
            if observed and after >= until:
                return 0.0

    def _may_rest_after_next(self, now: float, until: float) -> bool:
        """Whether the next step may be the last one before pictures are made, or before training rests.

        A slice of training never ends with another one: where a step takes longer than the one before it, so
        that time is up unforeseen, one more follows.
        """
        trainer, next_step = self.trainer, self.trainer.steps_taken + 1
        return (
            now + self._step_seconds >= until
            or next_step >= min(trainer.steps, self.goal.until if self.goal else trainer.steps)
            or trainer.stopping.is_read_at(next_step, trainer.steps_per_epoch)
            or self.throttle.wait(now, next_step) is not None
        )

    def _step(self, *, observed: bool) -> bool:
        """Take a step, record what is due, and read the stops; returns whether one of them holds."""
        trainer, revision = self.trainer, self.current.revision
        trainer.step(observed=observed)
        row, evaluated = self.recorder.measure(trainer, revision)
        if evaluated:
            self._diagnosing.look(self.recorder.latest)
        now, began = self._clock(), self._ticked
        self._ticked = now
        stopping, step = trainer.stopping, trainer.steps_taken
        if not stopping.applied:
            return False
        stopping.tick(now - began)
        epoch_ends = step % trainer.steps_per_epoch == 0
        self._ending = stopping.read(step, row, evaluated=evaluated, epoch_ends=epoch_ends)
        if step in stopping.best_steps():
            self.recorder.keep_best_reading(trainer, revision)
        return self._ending is not None

    def _end_by_stop(self) -> None:
        """End the run by the stop that holds, in the state of its best reading where it goes back to one.

        Raises StorageError, and then it is ended when the run plays again.
        """
        ending, step = self._ending, self.trainer.steps_taken
        assert ending is not None
        self.evaluate()
        self.recorder.flush()
        ending.end(step, self._restored(ending))
        self._ending = None
        self.reason = self.trainer.stopping.reason()
        self._tell_of_stop()
        self.enter("finished")
        self.settle()
        self._save_all()

    def _tell_of_stop(self) -> None:
        """Journal that a stop has ended the run, in the life that it has gone back to."""
        reason = self.reason or {}
        told = {name: reason.get(name) for name in ("step", "stop", "restored", "detail")}
        self._note({"type": "stop", "life": self.current.life, **told})

    def _restored(self, ending: AppliedStop) -> int | None:
        """The step that a stop has gone back to; None where it goes back to none, or it cannot be read."""
        best = ending.best_step
        if best is None:
            return None
        self.recorder.best_readings.write()
        try:
            self._go_back(name_of(best))
        except CheckpointError as error:
            log.warning("the best state is lost: %s", error)
            return None
        self.recorder.evaluate_anew()  # so that the last row is of the weights that are there
        self.evaluate()
        return best

    def _come_to_rest(self) -> None:
        self.evaluate()
        self.recorder.flush()
        self._enter_rest()
        self.settle()
        self._save_all()

    def evaluate(self) -> None:
        """Measure the present step over whole sets, once. Raises Diverged."""
        if self.recorder.evaluate(self.trainer, self.current.revision):
            self._diagnosing.look(self.recorder.latest)

    def fail(self, error: Diverged) -> None:
        """Save the last finite state as a checkpoint, and enter `failed` with the reason."""
        self.settle()
        step, measurable = self.trainer.steps_taken, self.trainer.go_to_last_measurable()
        kept = "last_finite" if measurable else "best"  # which was evaluated when it was kept
        self.or_hold(partial(self._save_all, kept) if measurable else self.recorder.save_best)
        self.trainer.recovery.go_on_to(step)
        self.reason = {**error.reason, "checkpoint": kept}
        self.enter("failed")
        self._diagnosing.diverged(error)

    # Writing, and a disk that takes no more ----------------------------------------------------------

    def write_what_is_due(self) -> None:
        """Write due rows and checkpoints, and what the disk refused before. Raises StorageError."""
        if self.recorder.behind:
            if self.recorder.retry_in() == 0:
                self._catch_up()
                self.reason = self.reason or dict(WRITTEN)
                self.status(force=True)
            return
        self.recorder.flush_if_due()
        if self.state == "training" and self.recorder.checkpoint_due:
            self.recorder.save_all_beside("latest", self.trainer, self.current.revision)

    def or_hold(self, write: Callable[[], None]) -> None:
        """Write, or `hold` where the disk refuses."""
        try:
            write()
        except StorageError as error:
            self.hold(error)

    def hold(self, error: StorageError) -> None:
        """Pause where the disk refuses; what is not written stays in memory."""
        goal = self._take_goal()
        if goal is not None:
            self._replies.refuse(goal.number, (Problem("", str(error)),), errno=error.errno)
        reason = self.recorder.fall_behind(error)
        self.reason = self.reason if self.state == "failed" else reason
        if self.state == "training":
            self._enter_rest()
        self.status(force=True)

    def _catch_up(self) -> None:
        """Write what the disk refused before. Raises StorageError where it still does."""
        if self.recorder.behind:
            self._save_all()
            self.reason = self.reason if self.state == "failed" else None

    def _save_all(self, name: str = "") -> None:
        """Write everything that a later session resumes from. Raises StorageError."""
        name = name or ("last_finite" if self.state == "failed" else "latest")
        self.recorder.save_all(name, self.trainer, self.current.revision)

    def _save_at_rest(self) -> None:
        """Evaluate the present step, and write everything. Raises StorageError."""
        self.evaluate()
        self._save_all()

    def save_last(self) -> None:
        """Write what the next session resumes from; a failed run has done that. Raises StorageError."""
        saved = self.state == "failed" and not self.recorder.behind
        (self.recorder.save_best if saved else self._save_all)()
