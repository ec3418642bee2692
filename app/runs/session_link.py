"""A run's link to its session: the worker that hosts it, and the commands to it.

    no worker ──slot──▶ starting ──ready──▶ attended ──park──▶ parking ──▶ no worker
                           ╰───────── stop, delete, or the worker ends ──────────▲

Commands are pending while there is no session.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.runs.backlog import Pending
from glassnet.app.runs.replies import Answer, Replies, ack, unawaited
from glassnet.app.runs.session_host import Message, SessionHost
from glassnet.app.workers import Assignment, Frame, Incoming, WorkerGone, WorkerHandle
from glassnet.app.workers.liveness import Liveness
from glassnet.engine.run.commands import (
    MOST_STEPS,
    Command,
    Id,
    Park,
    Pause,
    Play,
    Speed,
    Step,
    Stop,
)

log = logging.getLogger(__name__)

#: Seconds that a session may take to answer `stop` before it is ended anyway.
STOP_SECONDS = 3.0

#: Seconds that a worker may take to build its network and begin.
START_SECONDS = 60.0


class SessionLink:
    """The session of one run. Its messages go to the run, which is told when it starts and ends."""

    def __init__(self, run: SessionHost) -> None:
        self._run, self._service = run, run.service
        self.pending = Pending()
        self._replies = Replies(run.refused)
        self._worker: WorkerHandle | None = None
        self._serving: asyncio.Task[None] | None = None
        self._ready = False
        #: Set while no worker is being parked.
        self._parked = asyncio.Event()
        self._parked.set()
        #: Whether the worker was asked to end; otherwise the reason of its end, where that is known.
        self._disconnected = False
        self._fault: dict[str, Any] | None = None
        #: The id of a new session's aim, until its status says that it trains.
        self._opening: Id = None
        #: The newest status of the session.
        self._status: Message | None = None

    # How it stands -----------------------------------------------------------------------------------

    @property
    def serving(self) -> bool:
        """Whether there is a worker, also one that is starting or ending."""
        return self._serving is not None

    @property
    def parking(self) -> bool:
        """Whether the worker was asked to write a snapshot and end."""
        return not self._parked.is_set()

    @property
    def reachable(self) -> bool:
        """Whether commands are sent to a worker at once."""
        return self._worker is not None and not self.parking and not self._disconnected

    @property
    def attended(self) -> bool:
        """Whether there is a session that answers."""
        return self.reachable and self._ready

    @property
    def quiet(self) -> bool:
        """Whether there is a session, and it has answered every command."""
        return self.attended and not self._replies.open

    @property
    def opening(self) -> bool:
        """Whether a new session has not begun with its aim yet."""
        return self._opening is not None and self._replies.is_open(self._opening)

    @property
    def is_to_train(self) -> bool:
        """Whether the next session, or one that is starting, is to train."""
        return self.pending.aim is not None or self.opening

    async def settled(self) -> None:
        """Wait while a worker is being parked."""
        await self._parked.wait()

    # Messages ----------------------------------------------------------------------------------------

    def ask(self, command: Command) -> Answer:
        """A future for the ack of a command; without a session it is pending, and a slot is requested."""
        numbered, answer = self._replies.begin(command)
        if self.reachable and self._worker is not None:
            self._send(self._worker, numbered.message())
        else:
            self._replace(self.pending.add(numbered))
            self._service.slots.request(self._run)
        return answer

    def rest(self) -> None:
        """Leave the next session paused."""
        self._replace(self.pending.add(Pause.make()))

    def wait(self) -> None:
        """Answer all pending commands with `queued`: there is no session for a while."""
        self._replies.defer(self.pending.given(), self._ack())

    def _replace(self, aim: Command | None) -> None:
        """Acknowledge an aim that was replaced by another."""
        if aim is not None:
            self._replies.close({**self._ack(), "id": aim.id})

    def _ack(self) -> Message:
        return ack(self._run.record.step)

    def _send(self, worker: WorkerHandle, message: Message) -> None:
        try:
            worker.send(message)
        except WorkerGone as error:
            self._replies.close({"type": "error", "id": message.get("id"), "detail": str(error)})

    # Coming ------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start a worker: the run has a slot."""
        self._disconnected, self._fault, self._status = False, None, None
        self._serving = self._service.tasks.start(self._serve(), f"run {self._run.id}")

    async def _serve(self) -> None:
        """Start a worker, and receive from it until it ends."""
        try:
            worker = await self._start()
            await self._listen(worker)
            self._see_off(worker)
        except Exception as error:  # whatever it is: no run stays "starting" for ever
            if not isinstance(error, WorkerGone | OSError):
                log.exception("no worker", extra={"run": self._run.id})
            self._fail({"title": "No worker", "detail": str(error)})
        finally:
            self._serving = None
            self._parked.set()
            self._replies.abandon(self._gone(), but=set(self.pending.numbers()))
            self._service.slots.release(self._run)
        if self.pending and not self._run.deleted:
            self._service.slots.request(self._run)

    def _gone(self) -> Refusal:
        failed, reason = self._run.state == "failed", self._run.record.reason
        why = f": {reason['detail']}" if failed and reason else ""
        return Refusal(503, f"the worker ended before it answered{why}")

    async def _start(self) -> WorkerHandle:
        """A worker whose session resumes from the newest checkpoint, with all pending commands sent to it."""
        run = self._run
        await run.files.written()
        worker = await self._service.workers.start(self._assignment())
        self._service.measures.worker_starts.inc()
        if self._disconnected or run.deleted:  # stopped or deleted meanwhile
            self._service.tasks.start(worker.stop(), f"stop {run.id}")
            self._disconnected = True
        self._worker = worker
        self._opening = None if self.pending.aim is None else self.pending.aim.id
        self._begin_with(worker, self.pending.take())
        return worker

    def _begin_with(self, worker: WorkerHandle, commands: list[Command]) -> None:
        for command in [Speed.make(steps_per_second=self._run.speed), *commands]:
            self._send(worker, command.message())

    def _assignment(self) -> Assignment:
        settings = self._service.settings
        return Assignment(
            directory=self._run.directory.path.resolve(),
            blobs=(settings.data_dir / "blobs").resolve(),
            device=settings.device,
            slot=self._service.slots.number(self._run),
            threads=settings.worker_threads,
            memory=settings.run_memory,
            parameters=settings.max_parameters or None,
            activations=settings.max_activations or None,
        )

    async def _listen(self, worker: WorkerHandle) -> None:
        run = self._run
        silence = self._service.settings.worker_silence
        liveness = Liveness(lambda: self._send(worker, {"type": "ping"}), silence)
        watchman = self._service.tasks.start(self._watch_over(worker, liveness), f"watchman {run.id}")
        try:
            async for came in worker.incoming():
                liveness.heard()
                self._hear(came)
                # Whoever waited for this answer goes first: an ack comes before what follows from it.
                await asyncio.sleep(0)
        finally:
            watchman.cancel()
            self._worker, self._ready = None, False
            run.closed()

    def _hear(self, came: Incoming) -> None:
        if isinstance(came, Frame):
            self._run.receive_frame(came)
            return
        match came.message["type"]:
            case "ack" | "error":
                self._replies.close(came.message)
                if came.message["id"] == self._opening and self._status is not None:
                    self._take_status(self._status)  # it counts now, also where the aim was refused
                self._run.answered()
            case "ready":
                self._ready = True
                self._run.opened()
            case "failed":
                self._fault = came.message["reason"]
            case "pong":
                pass
            case "status":
                self._take_status(came.message)
            case _:
                self._run.receive_message(came.message)

    def _take_status(self, message: Message) -> None:
        """Forward a status, without the state while the session is still paused before its aim."""
        self._status = message
        if message["state"] != "paused":
            self._opening = None
        ending = self._disconnected or self._fault is not None
        self._run.take_status(message, None if ending or self.opening else message["state"])

    # Going -------------------------------------------------------------------------------------------

    def park(self) -> None:
        """Release the worker; its aim is continued by the next session."""
        assert self._worker is not None
        self._parked.clear()
        self.pending.decided = False
        self._run.closed()
        self._service.tasks.start(self._park(self._worker), f"park {self._run.id}")

    async def _park(self, worker: WorkerHandle) -> None:
        numbered, answer = self._replies.begin(Park.make())
        self._send(worker, numbered.message())
        try:
            left = await answer
        except Refusal as refusal:
            if self._worker is worker:
                self._stay(worker, refusal)
            return  # otherwise it has ended by itself, which its listener sees to
        self._disconnected = True
        self._run.record.step = left["step"]
        self._take_over(left)
        self._run.parked()
        await worker.stop()

    def _take_over(self, left: Message) -> None:
        """Continue the aim of the parked session with the next, unless another command replaced it."""
        if self.pending.decided:
            self._replies.close({**self._ack(), "id": left["asked"]})
        elif left["until"] is not None:
            steps = min(left["until"] - left["step"], MOST_STEPS)
            self.pending.resume(Step.make(steps=steps, id=left["asked"]))
        elif left["playing"]:
            play, answer = self._replies.begin(Play.make())
            unawaited(answer)
            self.pending.resume(play)

    def _stay(self, worker: WorkerHandle, refusal: Refusal) -> None:
        """Continue with a session whose snapshot could not be written."""
        log.warning("not parked: %s", refusal, extra={"run": self._run.id})
        self._parked.set()
        self._service.slots.keep(self._run)
        paused = self.pending.decided and self.pending.aim is None
        self._begin_with(worker, [*([Pause.make()] if paused else []), *self.pending.take()])
        self._run.opened()

    async def stop(self) -> None:
        """End the session, by force where it does not answer; pending commands are dropped."""
        self.pending.clear()
        self.pending.decided = True  # also for a worker that is being parked
        await self.settled()
        worker = self._worker
        if worker is None:
            self._disconnected = True  # one that is being started ends at once
            self._replies.abandon(Refusal(409, "the run was stopped"))
            return
        await self._ask_to_stop(worker)
        self._disconnected = True
        await worker.stop()

    async def _ask_to_stop(self, worker: WorkerHandle) -> None:
        numbered, answer = self._replies.begin(Stop.make())
        self._send(worker, numbered.message())
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await answer
        except (TimeoutError, Refusal) as error:
            if isinstance(error, Refusal) and error.status in (500, 507):
                raise  # its last snapshot cannot be written: it stays, paused, and loses nothing
            log.info("stopped without an answer: %s", error, extra={"run": self._run.id})

    async def end(self) -> None:
        """End the session with the server: it writes a snapshot."""
        self._disconnected = True
        self.pending.clear()
        if self._worker is not None:
            await self._worker.stop()
        if self._serving is not None:
            await asyncio.wait((self._serving,))

    async def kill(self) -> None:
        """Kill the worker."""
        self._disconnected = True
        self.pending.clear()
        if self._worker is not None:
            await self._worker.kill()

    async def _watch_over(self, worker: WorkerHandle, liveness: Liveness) -> None:
        """Kill a worker that does not respond; one that still builds its network has more time."""
        silence = self._service.settings.worker_silence
        quiet = await liveness.lost(lambda: silence if self._ready else max(silence, START_SECONDS))
        detail = f"the worker gave no sign of life for {quiet:.0f} seconds"
        self._disconnected, self._fault = False, {"title": "The worker hangs", "detail": detail}
        await worker.kill()

    def _see_off(self, worker: WorkerHandle) -> None:
        """Fail the run where its worker ended by itself."""
        if self._fault is not None or not self._disconnected:
            ended = {"title": "The worker ended", "detail": worker.ending or "its link closed"}
            self._service.measures.worker_failures.inc()
            self._fail(self._fault or ended)

    def _fail(self, reason: dict[str, Any]) -> None:
        self.pending.clear()
        if not self._run.deleted:
            log.warning("failed: %s", reason["detail"], extra={"run": self._run.id})
            self._run.enter("failed", reason)
