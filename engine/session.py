"""A session: a trainer that somebody plays, pauses, edits and watches.

It has no thread and no socket. Whoever hosts it (a worker process, the shell, a notebook) hands
commands to `handle` and calls `advance` again and again; what comes out goes through an Outlet.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from torch import Tensor

from engine.arguments import amount_asked, name_asked, speed_asked
from engine.attic import Attic
from engine.best import Best
from engine.blobs import Blobs
from engine.checkpoint import CheckpointInfo
from engine.edits import apply_patch, is_live
from engine.errors import Diverged, GlassnetError, InvalidCommand, InvalidDocument, Problem
from engine.frame import Stamp, encode
from engine.gallery import Gallery, Outlet
from engine.limits import Limits
from engine.pace import Pace
from engine.probes import Probe, Scalars
from engine.probes.evaluation import Evaluation
from engine.probes.progress import Progress
from engine.rebuilding import memory_for, rebuilt
from engine.rundir import RunDirectory, as_columns
from engine.snapshot import Copyist, Snapshot
from engine.touch import set_weight
from engine.trainer import Trainer

State = Literal["paused", "training", "finished", "failed", "stopped"]

#: Seconds of training between two looks at the inbox.
SLICE = 0.01

#: Seconds between two status messages, two batches of rows, two writes of a checkpoint.
STATUS_EVERY, ROWS_EVERY, CHECKPOINT_EVERY = 0.25, 0.05, 10.0

#: The share of time that checkpoints of a large network may take from its training.
CHECKPOINT_SHARE = 1 / 16


class Session:
    """One run at work. `state` says how it stands; commands not legal in a state are refused with words."""

    def __init__(
        self,
        directory: RunDirectory,
        outlet: Outlet,
        *,
        device: str = "cpu",
        resume: str | None = None,
        limits: Limits | None = None,
        blobs: Blobs | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """A paused session of the directory's experiment, from a checkpoint if one is named."""
        self.directory, self.outlet, self.device = directory, outlet, device
        self._clock = clock
        self._built = partial(Trainer, device=device, limits=limits, blobs=blobs)
        self.experiment = directory.experiment()
        self.revision = directory.revision
        self.trainer = self._built(self.experiment)
        self.state: State = "paused"
        self.reason: dict[str, Any] | None = None
        self.life = sum(event["type"] in ("reset", "rewind") for event in directory.events())
        self._gallery = Gallery(directory, outlet, self.trainer)
        directory.append_event({"type": "session", "resume": resume, "device": device})
        self._scalars: list[Scalars] = [Progress(), Evaluation()]
        self._rows: dict[str, list[dict[str, float]]] = {probe.kind: [] for probe in self._scalars}
        self._evaluated_at = -1
        self._latest: dict[str, float] = {}
        self._attic, self._copyist, self._pace = Attic(), Copyist(), Pace()
        self._best = Best(directory)
        self._target: tuple[int, Any] | None = None
        self._rate_from, self._rate = (self._clock(), 0), 0.0
        now = self._clock()
        self._status_due = self._rows_due = now
        self._checkpoint_due = now + CHECKPOINT_EVERY
        self._announced: dict[str, Any] = {}
        if resume is not None:
            self._take_up(*directory.load_checkpoint(resume))
            self.state = "finished" if self.trainer.finished else "paused"
        elif self.trainer.steps_taken == 0 and directory.row_count("evaluation") == 0:
            self._evaluate()
        self._flush_rows()
        self._status(force=True)

    # Commands ----------------------------------------------------------------------------------------

    def handle(self, message: dict[str, Any]) -> None:
        """Carry out a command; the answer is an ack, or an error with problems."""
        number = message.get("id")
        try:
            answer = self._command(message)
        except InvalidCommand as error:
            self._refuse(number, error.within(message).problems)
        except InvalidDocument as error:
            self._refuse(number, error.problems)
        except GlassnetError as error:
            if isinstance(error, Diverged):
                self._fail(error)
            self._refuse(number, (Problem("", str(error)),))
        else:
            if answer is not None:
                self.outlet.text({"type": "ack", "id": number, "step": self.trainer.steps_taken, **answer})
        self._status(force=True)

    def _command(self, message: dict[str, Any]) -> dict[str, Any] | None:
        match message.get("type"):
            case "play":
                return self._play()
            case "pause":
                return self._pause()
            case "stop":
                return self._stop()
            case "reset":
                return self._reset()
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
                self._evaluated_at = -1
                self._gallery.look_again()
                return answer
            case "watch":
                return {"keys": self._gallery.demand(message.get("probes"))}
            case "snapshot":
                self._save(name_asked(message, "name"))
                return {}
            case "copy":
                self._copy(message)
                return None
            case other:
                raise InvalidCommand.at("/type", f"unknown command '{other}'")

    def _play(self) -> dict[str, Any]:
        self._check_can_train()
        self._settle()
        self._start()
        return {}

    def _check_can_train(self) -> None:
        if self.state in ("failed", "stopped"):
            raise InvalidCommand.at("/type", f"the run has {self.state}; reset or rewind it first")
        if self.trainer.finished:
            epochs = self.experiment.training.epochs
            raise InvalidCommand.at("/type", f"all {epochs} epochs are done; add some by an edit")

    def _start(self) -> None:
        self._enter("training")
        self._rate_from = (self._clock(), self.trainer.steps_taken)
        self._pace.begin(*self._rate_from)

    def _pause(self) -> dict[str, Any]:
        self._settle()
        if self.state == "training":
            self._enter("paused")
            self._evaluate()
            self._flush_rows()
            self._save("latest")
        return {}

    def _stop(self) -> dict[str, Any]:
        self._pause()
        self._enter("stopped")
        return {}

    def _reset(self) -> dict[str, Any]:
        self._settle()
        self._flush_rows()
        with memory_for("/type"):
            self.trainer = self._built(self.experiment, replaces=self.trainer)
        self._attic, self._best, self._evaluated_at = Attic(), Best(self.directory), -1
        self._begin_life("reset")
        self._evaluate()
        self._flush_rows()
        return {}

    def _rewind(self, name: str) -> dict[str, Any]:
        checkpoint = self.directory.load_checkpoint(name)
        self._settle()
        self._flush_rows()
        self._take_up(*checkpoint)
        self._begin_life("rewind")
        return {}

    def _begin_life(self, event: str) -> None:
        self.life += 1
        self.reason = None
        self.directory.append_event({"type": event, "step": self.trainer.steps_taken, "life": self.life})
        self._enter("paused")
        self._gallery.turn_to(self.trainer)

    def _step_to(self, message: dict[str, Any]) -> None:
        """Train for so many steps or epochs, then pause; the ack comes when that is done."""
        self._check_can_train()
        amount, unit = amount_asked(message)
        self._settle()
        size = 1 if unit == "steps" else self.trainer.steps_per_epoch
        self._target = self.trainer.steps_taken + amount * size, message.get("id")
        self._start()

    def _set_speed(self, wanted: float | None) -> dict[str, Any]:
        self._pace.speed = wanted
        self._pace.begin(self._clock(), self.trainer.steps_taken)
        return {}

    def _edit(self, message: dict[str, Any]) -> dict[str, Any]:
        revision = message.get("revision")
        if type(revision) is not int or revision != self.revision:
            raise InvalidCommand.at(
                "/revision", f"{revision!r}; the experiment is at revision {self.revision} by now"
            )
        experiment = apply_patch(self.experiment, message.get("patch"))
        live = is_live(self.experiment, experiment)
        trainer = self.trainer if live else rebuilt(self._built, experiment, self.trainer, self._attic)
        concerned = not live or trainer.retune(experiment)
        try:
            self.directory.append_edit(trainer.steps_taken, self.revision + 1, message["patch"], experiment)
        except OSError:
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
            self._evaluated_at = -1
            self._gallery.turn_to(trainer)
        self._status(force=True)
        return {
            "revision": self.revision,
            "applied": "live" if live else "rebuilt",
            "experiment": experiment.document(),
        }

    def _copy(self, message: dict[str, Any]) -> None:
        """Write a snapshot beside training, for a study; the ack comes when it is there."""
        copy = Snapshot.of(self.trainer, self.directory.run, self.life, self.revision, self._gallery.kept())
        self._copyist.begin(message.get("id"), self.directory.snapshot(name_asked(message, "name")), copy)
        while self.trainer.is_large and self._copyist.busy:  # before training changes what is written
            self._write_copies()

    def _write_copies(self) -> None:
        for number, error in self._copyist.go_on():
            if error is None:
                self.outlet.text({"type": "ack", "id": number, "step": self.trainer.steps_taken})
            else:
                self._refuse(number, (Problem("", f"{error.filename}: {error.strerror}"),))

    def _settle(self) -> None:
        """End a `step` command that is under way, where it has come to."""
        if self._target is not None:
            (_, number), self._target = self._target, None
            self.outlet.text({"type": "ack", "id": number, "step": self.trainer.steps_taken})

    def _refuse(self, number: Any, problems: tuple[Problem, ...]) -> None:
        errors = [{"pointer": problem.pointer, "message": problem.message} for problem in problems]
        self.outlet.text({"type": "error", "id": number, "detail": str(problems[0]), "errors": errors})

    # Work --------------------------------------------------------------------------------------------

    def advance(self) -> float | None:
        """Do a slice of what is to be done; seconds until there is more, None if a command must come."""
        wait: float | None = None
        try:
            if self.state == "training":
                wait = self._train(self._clock() + SLICE)
            elif self.state in ("paused", "finished"):
                self._evaluate()  # an edit may have changed what is measured
        except Diverged as error:
            self._fail(error)
        self._gallery.send(self._clock(), self._stamp)
        now = self._clock()
        if now >= self._rows_due:
            self._flush_rows()
            self._rows_due = now + ROWS_EVERY
        if now >= self._checkpoint_due and self.state == "training":
            self._save("latest")
            self._best.write()
            self._checkpoint_due = now + max(CHECKPOINT_EVERY, (self._clock() - now) / CHECKPOINT_SHARE)
        self._status()
        if self._copyist.busy:
            self._write_copies()
            return 0.0
        return wait if self.state == "training" else self._gallery.wait(now)

    def _train(self, until: float) -> float:
        """Steps until the time is up; seconds to wait where the speed asks for it."""
        trainer, target = self.trainer, self._target
        while True:
            wait = self._pace.wait(self._clock(), trainer.steps_taken)
            if wait is not None:
                return min(wait, STATUS_EVERY)
            trainer.step()
            self._note_rows()
            if trainer.finished or (target is not None and trainer.steps_taken >= target[0]):
                self._come_to_rest()
                return 0.0
            if self._clock() >= until:
                return 0.0

    def _come_to_rest(self) -> None:
        self._evaluate()
        self._flush_rows()
        self._enter("finished" if self.trainer.finished else "paused")
        self._settle()
        self._save("latest")
        self._best.write()

    def _fail(self, error: Diverged) -> None:
        """The trainer stands at its last finite state; keep that, and say what happened where."""
        self._flush_rows()
        self._settle()
        self._save("last_finite")
        self._best.write()
        self.reason = {
            "title": "Training diverged",
            "detail": str(error),
            "node": error.node,
            "step": error.step,
            "quantity": error.quantity,
        }
        self._enter("failed")

    def _note_rows(self) -> None:
        for probe in self._scalars:
            if probe.due(self.trainer):
                if isinstance(probe, Evaluation):
                    self._evaluate()
                else:
                    self._rows[probe.kind].append({**self._moment(), **probe.row(self.trainer)})

    def _evaluate(self) -> None:
        """A row of `evaluation`, unless this very step has one."""
        if self._evaluated_at == self.trainer.steps_taken:
            return
        self._evaluated_at = self.trainer.steps_taken
        self._latest = self.trainer.evaluate()
        self._rows["evaluation"].append({**self._moment(), **self._latest})
        # By validation where there is one: what is chosen by the test set is no test any more.
        loss = self._latest.get("validation_loss", self._latest["train_loss"])
        if self._best.beaten_by(loss):
            self._best.note(loss, self._info("best"), self.trainer)

    def _moment(self) -> dict[str, float]:
        return {"step": self.trainer.steps_taken, "epoch": self.trainer.epoch}

    def _flush_rows(self) -> None:
        """Journal the rows that came up, then send them."""
        for probe in self._scalars:
            rows = self._rows[probe.kind]
            if rows:
                self._rows[probe.kind] = []
                first = self.directory.append_rows(probe.kind, rows)
                self.outlet.frame(probe.key, encode(self._stamp(probe, first), as_columns(rows)), True)

    def _stamp(self, probe: Probe, sequence: int) -> dict[str, str]:
        return Stamp(
            run=self.directory.run,
            probe=probe.kind,
            key=probe.key,
            seq=sequence,
            life=self.life,
            revision=self.revision,
            step=self.trainer.steps_taken,
            epoch=self.trainer.epoch,
        ).metadata()

    # Telling -----------------------------------------------------------------------------------------

    def _enter(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.directory.append_event(
                {"type": "state", "state": state, "step": self.trainer.steps_taken, "reason": self.reason}
            )
            self._status(force=True)

    def _status(self, *, force: bool = False) -> None:
        now = self._clock()
        if now < self._status_due and not force:
            return
        since, steps = self._rate_from
        if now - since >= STATUS_EVERY:
            taken = self.trainer.steps_taken - steps
            self._rate = taken * self.trainer.order.batch_size / (now - since)
            self._rate_from = (now, self.trainer.steps_taken)
        status = {
            "type": "status",
            "state": self.state,
            **self._moment(),
            "epochs": self.experiment.training.epochs,
            "steps_per_epoch": self.trainer.steps_per_epoch,
            "life": self.life,
            "revision": self.revision,
            "samples_per_second": round(self._rate) if self.state == "training" else 0,
            "device": self.device,
            "speed": self._pace.speed,
            "metrics": self._latest,
            "reason": self.reason,
        }
        if status != self._announced:
            self._announced = status
            self._status_due = now + STATUS_EVERY
            self.outlet.text(status)

    # Checkpoints -------------------------------------------------------------------------------------

    def _info(self, name: str) -> CheckpointInfo:
        trainer = self.trainer
        return CheckpointInfo(
            name, trainer.steps_taken, trainer.epoch, self.revision, time.time(), dict(self._latest)
        )

    def _save(self, name: str) -> None:
        self._flush_rows()
        self.directory.save_checkpoint(self._info(name), self.trainer.tensors())

    def _take_up(self, info: CheckpointInfo, state: dict[str, Tensor]) -> None:
        (self.trainer.load if info.revision == self.revision else self.trainer.adopt)(state)
        self._latest, self._evaluated_at = info.metrics, info.step

    def close(self) -> None:
        """Write down everything that is not yet written, and let go of the directory."""
        self._settle()
        self._flush_rows()
        if self.state != "failed":
            self._save("latest")
        self._best.write()
        self._gallery.put_away()
        self.directory.close()
