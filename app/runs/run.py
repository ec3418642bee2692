"""A run: an experiment, its directory, its viewers, and at times a worker."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from app import edits
from app.commands import Cancel, Command, Edit, Study, Watch
from app.hub import Hub, Viewer
from app.problems import Refusal
from app.runs import resume
from app.runs.audience import Audience
from app.runs.card import Card, CardKeeper
from app.runs.errands import Answer, Errands
from app.runs.service import Service
from app.runs.states import LEGAL, WRITING, State, is_legal
from app.runs.studies import Studies
from app.workers import Assignment, Frame, Text, WorkerGone, WorkerHandle
from app.workers.liveness import Liveness
from engine.errors import InvalidCommand, InvalidExperiment, Problem
from engine.rundir import RunDirectory
from engine.spec import Experiment

log = logging.getLogger(__name__)

T = TypeVar("T")

PLAY: dict[str, Any] = {"type": "play"}

#: Seconds that a session may take to answer `stop` before it is ended anyway.
STOP_SECONDS = 3.0

#: Seconds that a worker may take to build its network and begin.
START_SECONDS = 60.0

#: What a session without a word yet would say.
NO_STATUS: dict[str, Any] = {"samples_per_second": 0, "device": None, "speed": None, "metrics": {}}


class Run:
    """One run. Commands go in by `submit`; what comes of them goes to the hub."""

    def __init__(self, card: Card, directory: RunDirectory, service: Service) -> None:
        self.card, self.directory, self.service = card, directory, service
        self.audience = Audience(self)
        self.studies, self.gone = Studies(self), False
        self.keeper = CardKeeper(directory.path)
        self._experiment: Experiment | None = None
        self._worker: WorkerHandle | None = None
        self._errands = Errands()
        #: What the next worker is to be sent first.
        self._backlog: list[dict[str, Any]] = []
        self._status: dict[str, Any] = dict(NO_STATUS)
        self._verdict: dict[str, Any] | None = None
        self.idle_since = 0.0
        self._ready = False
        self._serving: asyncio.Task[None] | None = None
        self._reading, self._editing = asyncio.Lock(), asyncio.Lock()

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

    async def read(self, reading: Callable[[RunDirectory], T]) -> T:
        """Something of the run directory, read in a thread, one reader at a time."""
        async with self._reading:
            return await asyncio.to_thread(reading, self.directory)

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
        self.card.state, self.card.reason = state, reason
        if changed:
            self.idle_since = self.service.clock()
            self.write_card()
            log.info("%s", state, extra={"run": self.id})
        self.announce()

    def write_card(self) -> None:
        """Keep the card on disk, now or when the disk takes it."""
        if not self.gone:
            self.keeper.keep(self.card)

    def change(self, **changes: Any) -> None:
        """Change what people say of the run. Raises StorageError, and then nothing has changed."""
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
                return _done(await self._edit(command))
            case Watch():
                return _done(await self.audience.watch(command, viewer))
            case Study():
                key = await self.studies.start(command.study, command.checkpoint)
                return _done({"type": "ack", "step": self.card.step, "key": key})
            case Cancel():
                self.studies.bench.cancel(command.key)
                return _done({"type": "ack", "step": self.card.step})
        self.audience.vigil.commanded()
        match command.type:
            case "stop":
                return _done(await self._stop())
            case "play" | "pause" if self.state == "queued":
                self._backlog = [message for message in self._backlog if message != PLAY]
                self._backlog += [PLAY] if command.type == "play" else []
                return _done({"type": "ack", "step": self.card.step})
        answer = self.ask(command.message())
        if command.type == "play" and self.service.slots.position(self) is not None:
            self.enter("queued")
            return _done({"type": "ack", "step": self.card.step})
        return answer

    def ask(self, message: dict[str, Any]) -> Answer:
        """Send the session a message; without a worker, as soon as there is one."""
        numbered, answer = self._errands.open(message)
        if self._worker is None:
            self._backlog.append(numbered)
            self.service.slots.request(self)
        else:
            self._send(self._worker, numbered)
        return answer

    def _send(self, worker: WorkerHandle, message: dict[str, Any]) -> None:
        try:
            worker.send(message)
        except WorkerGone as error:
            self._errands.close({"type": "error", "id": message.get("id"), "detail": str(error)})

    async def _edit(self, command: Edit) -> dict[str, Any]:
        async with self._editing:
            before = await self.experiment()
            if command.revision != self.revision:
                raise Refusal.at(
                    409,
                    "/revision",
                    f"{command.revision} is out of date; the experiment is at revision {self.revision}",
                    revision=self.revision,
                    experiment=before.document(),
                )
            try:
                after = await self.service.builder.edited(before, command.patch)
            except InvalidExperiment as error:
                located = [
                    Problem(edits.place_in_patch(problem.pointer, command.patch), problem.message)
                    for problem in error.problems
                ]
                places = [problem.pointer for problem in error.problems]
                raise Refusal(
                    422, str(error.problems[0]), errors=located, experiment_pointers=places
                ) from None
            except InvalidCommand as error:
                raise Refusal.of(error) from None
            await self.service.blobs.claim(after.document())
            answer = await self.ask(command.message())
            self._experiment, self.card.revision = after, answer["revision"]
            if after.title != before.title:
                self.card.title = after.title
            self.write_card()
            edited = {"type": "edited", "revision": answer["revision"], "experiment": answer["experiment"]}
            self.hub.tell({**edited, "step": answer["step"], "applied": answer["applied"]})
            return answer

    async def _stop(self) -> dict[str, Any]:
        """The session ends as it likes, or as it must."""
        self.service.slots.withdraw(self)
        self._backlog.clear()
        self.audience.close()
        worker = self._worker
        if worker is None:
            self._verdict = {}  # one that is being started ends at once
            self._errands.abandon(Refusal(409, "the run was stopped"))
        else:
            answer = self.ask({"type": "stop"})
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await answer
            except (TimeoutError, Refusal) as error:
                if isinstance(error, Refusal) and error.status in (500, 507):
                    raise  # its last snapshot cannot be written: it stays, paused, and loses nothing
                log.info("stopped without an answer: %s", error, extra={"run": self.id})
            self._verdict = {}
            await worker.stop()
        self.enter("stopped")
        return {"type": "ack", "step": self.card.step}

    async def snapshot(self, name: str) -> None:
        """Have the session write a checkpoint. Raises Refusal."""
        await self.ask({"type": "snapshot", "name": name})

    # The worker's life -------------------------------------------------------------------------------

    @property
    def attended(self) -> bool:
        """Whether a session is there to be asked."""
        return self._worker is not None and self._ready

    @property
    def idle(self) -> bool:
        """Whether it could give up its worker and lose nothing."""
        return (
            not self._status.get("unsaved") and self._ready and self.state in ("paused", "finished", "failed")
        )

    def start(self, play: bool, speed: float | None = None) -> None:
        """Begin a run that was just made: paused, or taking steps, at most so many a second."""
        self._backlog = [PLAY] if play else []
        self._status["speed"] = speed
        self.service.slots.request(self)
        self.announce()

    def begin(self) -> None:
        """There is a slot."""
        self._verdict = None
        self.enter("starting")
        self._serving = self.service.tasks.start(self._serve(), f"run {self.id}")

    def park(self) -> None:
        """Give up the worker; the state stays, and comes back with the next worker."""
        worker, self._worker, self._verdict = self._worker, None, {}
        self._ready = False
        self.audience.close()
        if worker is not None:
            self.service.tasks.start(worker.stop(), f"park {self.id}")

    async def _serve(self) -> None:
        """Start a worker and listen to it until it ends."""
        try:
            worker = await self.service.workers.start(self._assignment())
            self.service.measures.worker_starts.inc()
            self._worker = worker
            if self._verdict is not None or self.gone:  # stopped or deleted meanwhile
                self._worker = None
                self.service.tasks.start(worker.stop(), f"stop {self.id}")
            speed = {"type": "speed", "steps_per_second": self._status["speed"]}
            for message in [speed, *self._backlog]:
                self._send(worker, message)
            self._backlog = []
            liveness = self._liveness(worker)
            watchman = self.service.tasks.start(self._watch_over(worker, liveness), f"watchman {self.id}")
            try:
                async for came in worker.incoming():
                    liveness.heard()
                    if isinstance(came, Frame):
                        self.hub.receive(came)
                    else:
                        self._hear(came)
                        # Whoever waited for this answer goes first: an ack comes before what follows from it.
                        await asyncio.sleep(0)
            finally:
                watchman.cancel()
                self._worker, self._ready = None, False
                self.audience.close()
            await self._see_off(worker.ending)
        except Exception as error:  # whatever it is: no run stays "starting" for ever
            if not isinstance(error, WorkerGone | OSError):
                log.exception("no worker", extra={"run": self.id})
            log.warning("no worker: %s", error, extra={"run": self.id})
            self._backlog.clear()
            self.enter("failed", {"title": "No worker", "detail": str(error)})
        finally:
            reason = f": {self.card.reason['detail']}" if self.state == "failed" and self.card.reason else ""
            self._errands.abandon(Refusal(503, f"the worker ended before it answered{reason}"))
            self.service.slots.release(self)
        if self._backlog and not self.gone:
            self.service.slots.request(self)

    def _assignment(self) -> Assignment:
        settings = self.service.settings
        return Assignment(
            directory=self.directory.path.resolve(),
            blobs=(settings.data_dir / "blobs").resolve(),
            device=settings.device,
            threads=settings.worker_threads,
            memory=settings.run_memory,
            parameters=settings.max_parameters or None,
            activations=settings.max_activations or None,
        )

    def _hear(self, text: Text) -> None:
        message = text.message
        match message["type"]:
            case "ack" | "error":
                self._errands.close(message)
            case "status":
                self._take_status(message)
            case "ready":
                self._ready = True
                self.audience.open()
                self._make_room()
            case "failed":
                self._verdict = {"state": "failed", "reason": message["reason"]}
            case "unwatched":
                self.audience.lapse(message["key"], message["detail"])
            case "pong":
                pass
            case _:
                self.hub.tell(message)

    def _take_status(self, message: dict[str, Any]) -> None:
        card = self.card
        card.step, card.epoch = int(message["step"]), float(message["epoch"])
        card.life = int(message["life"])
        self._status = {
            name: value for name, value in message.items() if name not in ("type", "state", "reason")
        }
        if self._verdict is None:
            self.enter(message["state"], message.get("reason"))
        self._make_room()
        if self.state == "training":
            self.audience.vigil.keep()

    def _make_room(self) -> None:
        """Others may wait for what this run does not need."""
        if self.idle:
            self.service.slots.schedule()

    async def _see_off(self, ending: str) -> None:
        """The worker has ended: as somebody asked, or not."""
        if self._verdict is None:
            self._verdict = {
                "state": "failed",
                "reason": {"title": "The worker ended", "detail": ending or "its link closed"},
            }
        if self._verdict and not self.gone:
            self.service.measures.worker_failures.inc()
            reason = self._verdict["reason"]
            log.warning("failed: %s", reason["detail"], extra={"run": self.id})
            self.enter("failed", reason)

    def _liveness(self, worker: WorkerHandle) -> Liveness:
        return Liveness(lambda: self._send(worker, {"type": "ping"}), self.service.settings.worker_silence)

    async def _watch_over(self, worker: WorkerHandle, liveness: Liveness) -> None:
        """Give up a worker that does not answer; one that still builds its network is given more time."""
        silence = self.service.settings.worker_silence
        quiet = await liveness.lost(lambda: silence if self._ready else max(silence, START_SECONDS))
        detail = f"the worker gave no sign of life for {quiet:.0f} seconds"
        self._verdict = {"state": "failed", "reason": {"title": "The worker hangs", "detail": detail}}
        await worker.kill()

    async def end(self) -> None:
        """The server ends: leave a snapshot and a truthful card."""
        worker, self._verdict = self._worker, {}
        self.service.slots.withdraw(self)
        await self.studies.bench.close()
        if worker is not None:
            await worker.stop()
        if self._serving is not None:
            await asyncio.wait((self._serving,))
        if self.state in resume.UNDER_WAY:
            self.enter("interrupted", resume.ENDED)

    async def delete(self) -> None:
        """End whatever goes on; the directory is the caller's to remove."""
        self.gone = True
        self.service.slots.withdraw(self)
        await self.studies.bench.close()
        if self._worker is not None:
            self._verdict = {}
            await self._worker.kill()
        self.hub.dismiss("the run was deleted")

    def remain(self, why: str) -> None:
        """Its directory could not be removed: it is still there, without a worker."""
        self.gone = False
        self.enter("stopped", {"title": "Not deleted", "detail": why})


def _done(answer: dict[str, Any]) -> Answer:
    future: Answer = asyncio.get_running_loop().create_future()
    future.set_result(answer)
    return future
