"""A run: an experiment, its directory, its viewers, and at times a worker."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from glassnet.app.core.problems import Refusal
from glassnet.app.hub.hub import Hub, Viewer
from glassnet.app.runs import repair as repairs
from glassnet.app.runs import resume
from glassnet.app.runs.editing import Editing
from glassnet.app.runs.inspection import UNREADABLE
from glassnet.app.runs.record import Card, CardKeeper
from glassnet.app.runs.replies import Answer, unawaited
from glassnet.app.runs.service import Service
from glassnet.app.runs.session_link import SessionLink
from glassnet.app.runs.states import LEGAL, WRITING, State, is_legal
from glassnet.app.runs.studies import Studies
from glassnet.app.runs.viewers import Audience
from glassnet.app.workers import Frame
from glassnet.engine.errors import StorageError
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.files import untrusted
from glassnet.engine.run.commands import (
    Cancel,
    Command,
    Edit,
    Pause,
    Play,
    Repair,
    Snapshot,
    Speed,
    Study,
    Watch,
)
from glassnet.engine.run.directory import RunDirectory

log = logging.getLogger(__name__)

T = TypeVar("T")

#: What a session without a word yet would say.
NO_STATUS: dict[str, Any] = {"samples_per_second": 0, "device": None, "speed": None, "metrics": {}}


class Run:
    """One run. Commands go in by `submit`; what comes of them goes to the hub."""

    def __init__(self, card: Card, directory: RunDirectory, service: Service) -> None:
        self.card, self.directory, self.service = card, directory, service
        self.audience = Audience(self)
        self.session = SessionLink(self)
        self.studies = Studies(self)
        self.editing = Editing(self)
        self.gone = False
        self.keeper = CardKeeper(directory.path)
        self._experiment: Experiment | None = None
        self._status: dict[str, Any] = dict(NO_STATUS)
        self.idle_since = 0.0
        self._training_since = 0.0
        self._reading = asyncio.Lock()

    # What it is --------------------------------------------------------------------------------------

    @property
    def hub(self) -> Hub:
        return self.audience.hub

    @property
    def id(self) -> str:
        return self.card.id

    @property
    def state(self) -> State:
        return self.card.state

    @property
    def revision(self) -> int:
        return self.card.revision

    async def experiment(self) -> Experiment:
        """The experiment with all edits so far."""
        if self._experiment is None:
            self._experiment = await self.read(lambda directory: directory.experiment())
        return self._experiment

    def edited(self, experiment: Experiment, revision: int) -> None:
        """Note what an edit made of the experiment."""
        self._experiment = experiment
        self.card.revision, self.card.title = revision, experiment.title
        self.write_card()

    async def read(self, reading: Callable[[RunDirectory], T]) -> T:
        """Something of the run directory, read in a thread, one at a time."""
        async with self._reading:
            try:
                return await asyncio.to_thread(reading, self.directory)
            except StorageError:
                raise
            except UNREADABLE as error:
                if isinstance(error, OSError) and error.errno not in untrusted.OF_THE_FILE:
                    raise
                raise Refusal(409, f"the run is damaged: {error}", title="Damaged run") from None

    def find(self, card: Card) -> None:
        """Take what has been found out about the run, which was not known before."""
        self.card, self._experiment = card, None
        self.announce()

    async def document(self) -> dict[str, Any] | None:
        """The experiment as a document; None where the run is damaged and it cannot be read."""
        try:
            return (await self.experiment()).document()
        except Refusal:
            if self.state != "damaged":
                raise
            return None

    async def write(self, writing: Callable[[RunDirectory], None]) -> bool:
        """Write to the run directory in a thread, unless a session does; whether it was written."""
        async with self._reading:
            if self.session.serving:
                return False
            await asyncio.to_thread(writing, self.directory)
            return True

    async def written(self) -> None:
        """Wait until nothing is being written here: a session is to begin."""
        async with self._reading:
            pass

    def info(self) -> dict[str, Any]:
        """What lists of runs show."""
        card = self.card
        return {
            "id": card.id,
            "title": card.title,
            "created": card.created,
            "state": card.state,
            "reason": card.reason,
            "step": card.step,
            "epoch": card.epoch,
            "life": card.life,
            "revision": card.revision,
            "device": self._status["device"],
            "queue_position": self.service.slots.position(self),
            "viewers": len(self.hub.viewers),
            "unwatched": card.unwatched,
            "parent": card.parent,
        }

    def status(self) -> dict[str, Any]:
        """How it stands, for viewers."""
        card = self.card
        return {
            **self._status,
            "type": "status",
            "state": card.state,
            "reason": card.reason,
            "step": card.step,
            "epoch": card.epoch,
            "life": card.life,
            "revision": card.revision,
            "queue_position": self.service.slots.position(self),
        }

    def announce(self) -> None:
        """Tell all viewers how it stands."""
        self.hub.status(self.status())

    def enter(self, state: State, reason: dict[str, Any] | None = None) -> None:
        """Change the state, on the card and for all viewers."""
        changed = state != self.card.state or reason != self.card.reason
        if state != self.card.state:
            self._training_since = self.service.clock()
        self.card.state, self.card.reason = state, reason
        if changed:
            self.idle_since = self.service.clock()
            self.write_card()
            log.info("%s", state, extra={"run": self.id})
        self.announce()

    def write_card(self) -> None:
        """Keep the card on disk, now or when the disk takes it."""
        if not self.gone and self.state != "damaged":
            self.keeper.keep(self.card)

    def change(self, **changes: Any) -> None:
        """Change what people say of the run. Raises StorageError, and then nothing has changed."""
        if self.state == "damaged":
            raise Refusal(409, "the run is damaged; expected that it is repaired first")
        changed = replace(self.card, **changes)
        changed.write(self.directory.path)
        self.card = changed

    # Commands ----------------------------------------------------------------------------------------

    async def submit(self, command: Command, viewer: Viewer | None = None) -> Answer:
        """Hand a command over; what is returned becomes its ack. Raises Refusal, as the answer may.

        Commands of one sender keep their order as long as each is submitted when the one before was.
        """
        if not is_legal(command.type, self.state):
            legal = ", ".join(sorted(LEGAL[self.state]))
            raise Refusal.at(
                409, "/type", f"'{command.type}' is not legal while the run is {self.state}; expected {legal}"
            )
        if command.type in WRITING:
            self.service.quota.check_run(self.id)
        match command:
            case Edit():
                return self._acknowledged(**await self.editing.edit(command))
            case Watch():
                return self._acknowledged(**await self.audience.watch(command, viewer))
            case Study():
                key = await self.studies.start(command.study, command.checkpoint)
                return self._acknowledged(key=key)
            case Repair():
                return self._acknowledged(done=await self._repair())
            case Cancel():
                self.studies.bench.cancel(command.key)
                return self._acknowledged()
        self.audience.unwatched.commanded()
        if command.type == "stop":
            await self._stop()
            return self._acknowledged()
        return self.tell(command, limited=True)

    def tell(self, command: Command, *, limited: bool = False) -> Answer:
        """Have the session carry out a command, now or when there is one; see docs/commands.md.

        Raises Refusal where it is `limited` and too many runs wait already.
        """
        if self.session.reachable:
            return self.session.ask(command)
        if isinstance(command, Speed):
            self._status["speed"] = command.steps_per_second
            self.announce()
            return self._acknowledged()
        if isinstance(command, Pause):
            self._rest()
            return self._acknowledged()
        if limited and not self.session.serving:
            self.service.slots.admit(self, self.service.settings.max_queued)
        answer = self.session.ask(command)
        self._await_turn()
        return answer

    def _rest(self) -> None:
        """Without a session it is paused at once, and waits for none unless something is still to be done."""
        self.session.rest()
        if self.state == "queued":
            self.enter("paused")
        if not self.session.pending and self.service.slots.position(self) is not None:
            self.service.slots.withdraw(self)

    def _await_turn(self) -> None:
        """Where it has to wait: one that is to train is queued, and any other is as it was."""
        pending = self.session.pending
        if self.service.slots.position(self) is None or (self.session.parking and pending.undecided):
            return
        if pending.aim is not None:
            self.enter("queued", self._waiting())
        elif self.state in ("queued", "training"):
            self.enter("paused")

    def _waiting(self) -> dict[str, Any]:
        """Why it is queued."""
        settings = self.service.settings
        count = settings.worker_count
        busy = "the only worker is busy" if count == 1 else f"all {count} workers are busy"
        detail = f"{busy}; runs that train take turns of {settings.time_slice:g} seconds"
        return {"title": "Waiting for its turn", "detail": detail}

    def _acknowledged(self, **more: Any) -> Answer:
        answer: Answer = asyncio.get_running_loop().create_future()
        answer.set_result({"type": "ack", "step": self.card.step, **more})
        return answer

    async def _repair(self) -> list[str]:
        """Make a run of what is left of it; what was done. Raises Refusal where that cannot be."""
        async with self._reading:
            repair = repairs.Repair(self.directory.path)
            card = await asyncio.to_thread(repair.run, self.card)
            self.directory = RunDirectory(self.directory.path, card.id)
        self.find(card)
        return repair.done

    async def _stop(self) -> None:
        self.service.slots.withdraw(self)
        self.audience.close()
        await self.session.stop()
        self.service.slots.withdraw(self)
        self.enter("stopped")

    def refused(self, kind: str, refusal: Refusal) -> None:
        """A command that was answered `queued` cannot be carried out: all viewers are told."""
        log.info("a queued %s was refused: %s", kind, refusal, extra={"run": self.id})
        self.hub.tell({**refusal.document(), "type": "refused", "command": kind})

    async def snapshot(self, name: str) -> None:
        """Have the session write a checkpoint. Raises Refusal."""
        await self.session.ask(Snapshot.make(name=name))

    def introduce(self, viewer: Viewer) -> None:
        """Show a new viewer what there is of studies."""
        self.studies.bench.introduce(viewer)

    # Its slot ----------------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Whether it could give up its worker and lose nothing."""
        resting = self.state in ("paused", "finished", "failed")
        unsaved = self._status.get("unsaved")
        return resting and not unsaved and self.session.quiet and not self.audience.expectant

    @property
    def training_since(self) -> float | None:
        """When it began to train on its worker; None where it does not."""
        return self._training_since if self.state == "training" and self.session.attended else None

    @property
    def watched(self) -> bool:
        """Whether anybody looks at it."""
        return bool(self.hub.viewers)

    def start(self, play: bool, speed: float | None = None) -> None:
        """Begin a run that was just made: paused, or taking steps, at most so many a second."""
        self._status["speed"] = speed
        if play:
            unawaited(self.session.ask(Play.make()))
        else:
            self.service.slots.request(self)
        self.announce()

    def begin(self) -> None:
        """There is a slot."""
        self.enter("starting")
        self.session.begin()

    def wait(self) -> None:
        """There is no slot yet, and none is being vacated."""
        self.session.wait()
        if self.state == "queued" and self.card.reason is None:
            self.enter("queued", self._waiting())

    def park(self) -> None:
        """Give up the worker; the state stays, or is `queued` where there is more to train."""
        self.session.park()

    def parked(self) -> None:
        """The session has left its snapshot."""
        if self.session.pending:
            self.service.slots.request(self)
            self._await_turn()
        elif self.state == "training":
            self.enter("paused")
        if self.state == "queued":
            self.audience.unwatched.keep()

    # Its session -------------------------------------------------------------------------------------

    @property
    def attended(self) -> bool:
        """Whether a session is there to be asked."""
        return self.session.attended

    @property
    def speed(self) -> float | None:
        """How many steps a second the session is to take; None for as many as possible."""
        speed: float | None = self._status["speed"]
        return speed

    def opened(self) -> None:
        """A session is there."""
        self.audience.open()
        self.answered()

    def closed(self) -> None:
        """The session has gone, or will go."""
        self.audience.close()

    def answered(self) -> None:
        """The session has done something: others may wait for what this run does not need any more."""
        if self.idle:
            self.service.slots.schedule()

    def take_status(self, message: dict[str, Any], state: State | None) -> None:
        """The session says how it stands; `state` is None where that does not count."""
        card = self.card
        card.step, card.epoch = int(message["step"]), float(message["epoch"])
        card.life = int(message["life"])
        self._status = {
            name: value for name, value in message.items() if name not in ("type", "state", "reason")
        }
        if state is None:
            self._status["samples_per_second"] = 0
            return
        self.enter(state, message.get("reason"))
        self.answered()
        if state == "training":
            self.audience.unwatched.keep()

    def show(self, frame: Frame) -> None:
        """A frame of the session, for all who want it."""
        self.hub.receive(frame)
        if self.audience.saw(frame):
            self.answered()

    def hear(self, message: dict[str, Any]) -> None:
        """Other words of the session."""
        if message["type"] == "unwatched":
            self.audience.lapse(message["key"], message["detail"])
        else:
            self.hub.tell(message)

    # Its end -----------------------------------------------------------------------------------------

    async def end(self) -> None:
        """The server ends: leave a snapshot and a truthful card."""
        self.service.slots.withdraw(self)
        await self.studies.bench.close()
        await self.session.end()
        if self.state in resume.UNDER_WAY:
            self.enter("interrupted", resume.ENDED)

    async def delete(self) -> None:
        """End whatever goes on; the directory is the caller's to remove."""
        self.gone = True
        self.service.slots.withdraw(self)
        await self.studies.bench.close()
        await self.session.kill()
        self.hub.dismiss("the run was deleted")

    def remain(self, why: str) -> None:
        """Its directory could not be removed: it is still there, without a worker."""
        self.gone = False
        if self.state != "damaged":
            self.enter("stopped", {"title": "Not deleted", "detail": why})
