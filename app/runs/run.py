"""A run: an experiment with its directory, its viewers and, at times, a worker."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.hub.hub import Hub, Viewer
from glassnet.app.runs import resume
from glassnet.app.runs.command_handler import CommandHandler
from glassnet.app.runs.record import RunRecord, finite
from glassnet.app.runs.replies import Answer, unawaited
from glassnet.app.runs.run_files import RunFiles
from glassnet.app.runs.service import Service
from glassnet.app.runs.session_link import SessionLink
from glassnet.app.runs.states import FOUND, State
from glassnet.app.runs.studies import Studies
from glassnet.app.runs.viewers import Viewers
from glassnet.app.workers import Frame
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.in_short import title_of
from glassnet.engine.run.commands import Command, Play, Snapshot
from glassnet.engine.run.directory import RunDirectory

log = logging.getLogger(__name__)

#: The status of a run before its first session.
NO_STATUS: dict[str, Any] = {"samples_per_second": 0, "device": None, "metrics": {}}


class Run:
    """One run: commands go in by `submit`, frames and messages come out at the hub."""

    def __init__(self, record: RunRecord, directory: RunDirectory, service: Service) -> None:
        self.record, self.service = record, service
        self.viewers = Viewers(self)
        self.session = SessionLink(self)
        self.files = RunFiles(directory, lambda: self.session.serving)
        self.studies = Studies(self)
        self._commands = CommandHandler(self, self.viewers, self.studies)
        #: Whether it was deleted.
        self.deleted = False
        self._status: dict[str, Any] = dict(NO_STATUS)
        self.idle_since = 0.0
        self._training_since = 0.0

    # What it is --------------------------------------------------------------------------------------

    @property
    def hub(self) -> Hub:
        return self.viewers.hub

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def state(self) -> State:
        return self.record.state

    @property
    def revision(self) -> int:
        return self.record.revision

    @property
    def directory(self) -> RunDirectory:
        return self.files.directory

    def edited(self, before: Experiment, after: Experiment, revision: int) -> None:
        """Record an edited experiment; a title that no user gave follows it."""
        self.files.edited(after)
        record = self.record
        record.revision, record.example = revision, False
        if after.title != before.title:
            record.title, record.named = after.title, True
        if record.tell_apart(after) and not record.named:
            record.title = title_of(after)
        self.write_record()
        self.announce()

    async def rename(self, title: str, *, named: bool = True) -> None:
        """Title the run. A title that is no name, or is empty, follows the experiment from the next edit on.

        Raises Refusal, StorageError.
        """
        followed = title or title_of(await self.files.experiment())
        self.change(title=followed, named=named and bool(title))

    def replace_record(self, record: RunRecord) -> None:
        """Replace the record by the one that an inspection found."""
        self.record = record
        self.files.edited(None)
        self.announce()

    async def document(self) -> dict[str, Any] | None:
        """The experiment as a document; None where the run is damaged and it cannot be read.

        Where a plug-in is missing, it is as it was written.
        """
        if self.state == "incomplete":
            return await self.files.read(lambda directory: directory.document())
        try:
            return (await self.files.experiment()).document()
        except Refusal:
            if self.state != "damaged":
                raise
            return None

    def info(self) -> dict[str, Any]:
        """The entry in lists of runs."""
        record = self.record
        return {
            "id": record.id,
            "created": record.created,
            "number": record.number,
            **self._named(),
            **self._place(),
            "data": record.data,
            "network": record.network,
            "loss": record.loss,
            "device": self._status["device"],
            "viewers": len(self.hub.viewers),
            "unwatched": record.unwatched,
            "parent": record.parent,
        }

    def status(self) -> dict[str, Any]:
        """The status message for viewers."""
        told = {**self._status, "speed": self.record.speed}
        return {**told, "type": "status", **self._named(), **self._place()}

    def _named(self) -> dict[str, Any]:
        """The title, whether a user gave it, and whether the run is an example."""
        record = self.record
        return {"title": record.title, "named": record.named, "example": record.example}

    def _place(self) -> dict[str, Any]:
        """State and place in the training, and in the queue."""
        record = self.record
        return {
            "state": record.state,
            "reason": record.reason,
            "step": record.step,
            "epoch": record.epoch,
            "life": record.life,
            "revision": record.revision,
            "queue_position": self.service.slots.position(self),
        }

    def announce(self) -> None:
        """Send all viewers the status."""
        self.hub.status(self.status())

    def enter(self, state: State, reason: dict[str, Any] | None = None) -> None:
        """Change the state, in the record and for all viewers."""
        changed = state != self.record.state or reason != self.record.reason
        if state != self.record.state:
            self._training_since = self.service.clock()
        self.record.state, self.record.reason = state, reason
        if changed:
            self.idle_since = self.service.clock()
            self.write_record()
            log.info("%s", state, extra={"run": self.id})
        self.announce()

    def write_record(self) -> None:
        """Write the record, now or when the disk takes it."""
        if not self.deleted and self.state not in FOUND:
            self.files.records.keep(self.record)

    def change(self, **changes: Any) -> None:
        """Change fields of the record that users set. Raises StorageError, and then nothing has changed."""
        if self.state in FOUND:
            mended = "repaired" if self.state == "damaged" else "whole"
            raise Refusal(409, f"the run is {self.state}; expected that it is {mended} first")
        changed = replace(self.record, **changes, example=False)
        changed.write(self.directory.path)
        self.record = changed
        self.announce()

    def take_possession(self) -> None:
        """Note that a user has made the run their own: it is no example any more."""
        self.record.example = False

    # Commands ----------------------------------------------------------------------------------------

    async def submit(self, command: Command, viewer: Viewer | None = None) -> Answer:
        """A future for the ack of a command. Raises Refusal, as the future may."""
        return await self._commands.submit(command, viewer)

    def forward(self, command: Command) -> Answer:
        """A future for the ack of a command of the service's own to the session."""
        return self._commands.forward(command)

    def set_speed(self, steps_per_second: float | None) -> None:
        """Record the speed, of this session and the next."""
        self.record.speed = steps_per_second
        self.write_record()
        self.announce()

    async def repair(self) -> list[str]:
        """Repair the run; one line for each change. Raises Refusal where it cannot be repaired."""
        record, done = await self.files.repair(self.record)
        self.replace_record(record)
        return done

    async def stop(self) -> None:
        """Stop the run with a snapshot, and release its worker. Raises Refusal where it stays unwritten."""
        self.service.slots.withdraw(self)
        self.viewers.close()
        await self.session.stop()
        self.service.slots.withdraw(self)
        self.enter("stopped")

    def refused(self, kind: str, refusal: Refusal) -> None:
        """Tell all viewers of a refused command that was answered `queued`."""
        log.info("a queued %s was refused: %s", kind, refusal, extra={"run": self.id})
        self.hub.broadcast({**refusal.document(), "type": "refused", "command": kind})

    async def snapshot(self, name: str) -> None:
        """Let the session write a checkpoint. Raises Refusal."""
        await self.session.ask(Snapshot.make(name=name))

    def introduce(self, viewer: Viewer) -> None:
        """Send a new viewer the state of all studies."""
        self.studies.manager.introduce(viewer)

    # Its slot ----------------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Whether it can release its worker without loss."""
        resting = self.state in ("paused", "finished", "failed")
        unsaved = self._status.get("unsaved")
        return resting and not unsaved and self.session.quiet and not self.viewers.expectant

    @property
    def training_since(self) -> float | None:
        """The time at which it began to train on its worker; None where it does not train."""
        return self._training_since if self.state == "training" and self.session.attended else None

    @property
    def watched(self) -> bool:
        """Whether it has viewers."""
        return bool(self.hub.viewers)

    @property
    def attended(self) -> bool:
        """Whether a viewer with control is connected."""
        return any(viewer.control for viewer in self.hub.viewers)

    @property
    def abandoned(self) -> bool:
        """Whether it is not to go on without a viewer who controls it, and there is none."""
        return (self.record.example or self.record.unwatched != "continue") and not self.attended

    def gives_way(self, since: float) -> bool:
        """Whether it may be deleted for a new run: an example that was left, or is of an earlier server.

        Args:
            since: The time at which this server started.
        """
        left = self.viewers.unwatched.was_left or self.record.created < since
        return self.record.example and left and not self.watched

    def start(self, play: bool) -> None:
        """Start a new run, paused or playing; an example waits for its first viewer."""
        if self.record.example:
            self.record.resting = play
            self.enter("paused")
        elif play:
            unawaited(self.session.ask(Play.make()))
        else:
            self.service.slots.request(self)
        self.announce()

    def begin(self) -> None:
        """Called by Slots: the run has a slot."""
        self.enter("starting")
        self.session.begin()

    def wait(self) -> None:
        """Called by Slots: there is no slot yet, and none is being vacated."""
        self.session.wait()
        if self.state == "starting" or (self.state == "queued" and self.record.reason is None):
            self.enter("queued", self._commands.why_queued())

    def park(self) -> None:
        """Called by Slots: release the worker; a run that is to train on is queued again."""
        self.session.park()

    def parked(self) -> None:
        """Called by the session link: the snapshot of a parked session is written."""
        if self.session.pending:
            self.service.slots.request(self)
            self._commands.update_waiting_state()
        elif self.state == "training":
            self.enter("paused")
        if self.state == "queued":
            self.viewers.unwatched.keep()

    # Its session -------------------------------------------------------------------------------------

    @property
    def has_session(self) -> bool:
        """Whether there is a session that answers."""
        return self.session.attended

    @property
    def speed(self) -> float | None:
        """How many steps a second the session is to take; None for as many as possible."""
        return self.record.speed

    def opened(self) -> None:
        """Called by the session link: there is a session that answers."""
        self.viewers.open()
        self.answered()

    def closed(self) -> None:
        """Called by the session link: the session has ended, or is ending."""
        self.viewers.close()

    def answered(self) -> None:
        """Called by the session link after each answer: an idle run may now make room for others.

        An example without viewers does so although none waits.
        """
        if self.idle and self.record.example and self.abandoned:
            self.service.slots.vacate(self)
        elif self.idle:
            self.service.slots.schedule()

    def take_status(self, message: dict[str, Any], state: State | None) -> None:
        """Take a status of the session; `state` is None where its state is not the run's."""
        record = self.record
        record.step, record.epoch = int(message["step"]), float(message["epoch"])
        record.life = int(message["life"])
        record.loss = finite(message["metrics"].get("test_loss"))
        self._status = {
            name: value for name, value in message.items() if name not in ("type", "state", "reason")
        }
        if state is None:
            self._status["samples_per_second"] = 0
            return
        self.enter(state, message.get("reason"))
        self.answered()
        if state == "training":
            self.viewers.unwatched.keep()

    def receive_frame(self, frame: Frame) -> None:
        """Forward a frame of the session to the hub."""
        self.hub.receive(frame)
        if self.viewers.saw(frame):
            self.answered()

    def receive_message(self, message: dict[str, Any]) -> None:
        """Take any other message of the session."""
        if message["type"] == "unwatched":
            self.viewers.lapse(message["key"], message["detail"])
        else:
            self.hub.broadcast(message)

    # Its end -----------------------------------------------------------------------------------------

    async def end(self) -> None:
        """End with the server: write a snapshot and the record."""
        self.service.slots.withdraw(self)
        await self.studies.manager.close()
        await self.session.end()
        if self.state in resume.UNDER_WAY:
            self.enter("interrupted", resume.ENDED)

    async def delete(self) -> None:
        """End all work of a run that is being deleted; the caller removes the directory."""
        self.deleted = True
        self.service.slots.withdraw(self)
        await self.studies.manager.close()
        await self.session.kill()
        self.hub.disconnect("the run was deleted")

    def keep_undeleted(self, why: str) -> None:
        """Keep a run whose directory could not be removed, stopped."""
        self.deleted = False
        if self.state not in FOUND:
            self.enter("stopped", {"title": "Not deleted", "detail": why})
