"""The states of a session, its training, and the writing of what it measures.

paused ──play, step──▶ training ──last step──▶ finished
  ▲                      │  ╰──not finite──▶ failed
  ╰──pause, step's end───╯        stop, from any of them: stopped
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from glassnet.engine.errors import Diverged, InvalidCommand, Problem, StorageError
from glassnet.engine.run.commands import Id
from glassnet.engine.run.current_training import CurrentTraining
from glassnet.engine.run.recorder import WRITTEN, Recorder
from glassnet.engine.run.replies import STATUS_EVERY, Replies, State
from glassnet.engine.run.throttle import Throttle
from glassnet.engine.training.trainer import Trainer


class Goal(NamedTuple):
    """A `step` command under way."""

    #: The step that it ends at.
    until: int
    #: The id that its ack carries.
    number: Id


class Player:
    """Trains up to a goal or the end, and writes rows and checkpoints."""

    def __init__(
        self, current: CurrentTraining, recorder: Recorder, replies: Replies, clock: Callable[[], float]
    ) -> None:
        self.current, self.recorder = current, recorder
        self._replies, self._clock = replies, clock
        self.throttle = Throttle()
        self.state: State = "paused"
        #: The reason of the state, where there is one.
        self.reason: dict[str, Any] | None = None
        #: What was wrong with checkpoints that were passed over when the session began.
        self.passed_over: dict[str, Any] | None = None
        self.goal: Goal | None = None

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
        self.throttle.begin(self._clock(), self.trainer.steps_taken)

    def _check_can_train(self) -> None:
        if self.state in ("failed", "stopped"):
            raise InvalidCommand.at("/type", f"the run has {self.state}; reset or rewind it first")
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
        """Pause at the beginning of another life, without a reason."""
        self.reason = self.passed_over = None
        self.enter("paused")

    def follow_edit(self) -> None:
        """Set the state after an edit: it may have added or removed epochs, or repaired a failed run."""
        if self.state == "failed":
            self.reason = None
            self.enter("paused")
        if self.state != "stopped" and self.trainer.finished != (self.state == "finished"):
            self.settle()
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
            wait = self.throttle.wait(self._clock(), trainer.steps_taken)
            if wait is not None:
                return min(wait, STATUS_EVERY)
            trainer.step()
            self.recorder.measure(trainer, self.current.revision)
            if trainer.finished or (goal is not None and trainer.steps_taken >= goal.until):
                self._come_to_rest()
                return 0.0
            if self._clock() >= until:
                return 0.0

    def _come_to_rest(self) -> None:
        self.evaluate()
        self.recorder.flush()
        self._enter_rest()
        self.settle()
        self._save_all()

    def evaluate(self) -> None:
        """Measure the present step over whole sets, once. Raises Diverged."""
        self.recorder.evaluate(self.trainer, self.current.revision)

    def fail(self, error: Diverged) -> None:
        """Save the last finite state as a checkpoint, and enter `failed` with the reason."""
        self.settle()
        step, measurable = self.trainer.steps_taken, self.trainer.go_to_last_measurable()
        kept = "last_finite" if measurable else "best"  # which was evaluated when it was kept
        self.or_hold(partial(self._save_all, kept) if measurable else self.recorder.save_best)
        self.trainer.recovery.go_on_to(step)
        self.reason = {**error.reason, "checkpoint": kept}
        self.enter("failed")

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
            self._save_all()

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
