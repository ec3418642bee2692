"""StudyManager: the studies of one run or lab, and the worker that computes them.

Each manager has at most one worker. It is started with the first study, kept for a while after the last, and
killed where a study does not react to its cancellation: the others are then restarted on a new worker. The
worker's messages go to all viewers of the hub.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from glassnet.app.core.background import Tasks
from glassnet.app.core.metrics import Measures
from glassnet.app.core.problems import Refusal
from glassnet.app.core.settings import Settings
from glassnet.app.hub.hub import Hub, Viewer
from glassnet.app.studies.job import State, StudyJob, Subject
from glassnet.app.studies.slots import StudySlots
from glassnet.app.workers import Assignment, Frame, WorkerGone, WorkerHandle, Workers
from glassnet.app.workers.liveness import Liveness
from glassnet.engine.errors import GlassnetError
from glassnet.engine.studies import Study

log = logging.getLogger(__name__)

#: Seconds in which a cancelled study must yield.
CANCEL_SECONDS = 5.0

#: The most ended studies, and bytes of their last frames, that are kept for viewers who join late.
MOST_ENDED, MOST_BYTES = 16, 64 << 20


@dataclass(eq=False)
class _Worker:
    """The worker of a manager, with its state."""

    worker: WorkerHandle
    #: The number of the study that it computes, or computed last.
    current: int | None = None
    #: The reason for which it was killed, if it was.
    cause: str = ""
    #: The numbers of cancelled studies that have not yielded yet.
    cancelling: set[int] = field(default_factory=set)


class Resources(Protocol):
    """The parts of the service that a manager uses."""

    @property
    def settings(self) -> Settings: ...

    @property
    def workers(self) -> Workers: ...

    @property
    def study_slots(self) -> StudySlots:
        """The managers that have a worker."""

    @property
    def tasks(self) -> Tasks: ...

    @property
    def measures(self) -> Measures: ...

    @property
    def clock(self) -> Callable[[], float]: ...


class StudyManager:
    """The studies of one run or lab, controlled by `start` and `cancel`."""

    def __init__(self, service: Resources, hub: Hub, name: str) -> None:
        self.service, self.hub, self.name = service, hub, name
        self.idle_since = 0.0
        self._last = 0
        #: The newest job of each key, the oldest first.
        self._jobs: dict[str, StudyJob] = {}
        #: The cancelled jobs, by number, whose checkpoints are still to be collected.
        self._uncollected: dict[int, StudyJob] = {}
        self._held: _Worker | None = None
        self._starting = asyncio.Lock()
        self._retirement: asyncio.TimerHandle | None = None
        self._closed = False

    # Commands ----------------------------------------------------------------------------------------

    def start(
        self,
        study: Study,
        key: str,
        find_subject: Callable[[], Awaitable[Subject]],
        collect: Callable[[], Awaitable[None]] | None = None,
    ) -> str:
        """Start a study, unless the same is running; returns its key. Raises Refusal."""
        before = self._jobs.pop(key, None)
        if before is not None and before.open:
            self._jobs[key] = before
            return key
        settings = self.service.settings
        if len(self._open()) >= settings.max_studies:
            raise Refusal(
                409,
                f"{settings.max_studies} studies are under way here; expected that one is done or cancelled",
            )
        self.service.study_slots.admit(self)
        self._last += 1
        first = before.newest.next if before is not None and before.newest is not None else 0
        job = StudyJob(self._last, key, study, find_subject, first=first, collect=collect)
        self._jobs[key] = job
        self._tell(job)
        self.service.measures.studies.labels(kind=study.kind).inc()
        self.service.tasks.start(self._begin(job), f"study {self.name} {key}")
        return key

    def cancel(self, key: str) -> None:
        """Cancel a running study. Raises Refusal."""
        job = self._jobs.get(key)
        if job is None:
            raise Refusal.at(404, "/key", f"there is no study '{key[:40]}' here")
        if not job.open:
            return
        held = self._held
        if job.collect is not None and job.message is not None:
            self._uncollected[job.number] = job
        if held is not None and job.message is not None and not job.collecting:
            held.cancelling.add(job.number)
            self._send({"type": "cancel", "number": job.number})
            self.service.tasks.start(self._kill_unless_cancelled(held, job), f"cancel {self.name} {key}")
        self._end(job, "cancelled")

    def jobs(self) -> list[StudyJob]:
        """The known jobs, the oldest first."""
        return list(self._jobs.values())

    def introduce(self, viewer: Viewer) -> None:
        """Send a new viewer the state and the newest frame of each study."""
        for job in self._jobs.values():
            if job.newest is not None:
                viewer.mailbox.study_frame(job.newest)
            text = json.dumps(job.as_json())
            viewer.mailbox.progress(job.key, text, ended=not job.open)

    def _open(self) -> list[StudyJob]:
        return [job for job in self._jobs.values() if job.open]

    # A study's life ----------------------------------------------------------------------------------

    async def _begin(self, job: StudyJob) -> None:
        """Find the subject of a study, and send the study to the worker.

        It waits for the checkpoints of cancelled studies: they are part of the run that it examines.
        """
        for cancelled in list(self._uncollected.values()):
            await cancelled.collected.wait()
        try:
            if job.release_subject is None:
                subject, job.release_subject = await job.find_subject()
                job.message = {
                    "type": "study",
                    "number": job.number,
                    "key": job.key,
                    "study": job.study.model_dump(mode="json"),
                    "subject": subject,
                }
            await self._ensure_worker()
        except (Refusal, WorkerGone, GlassnetError, OSError) as error:
            self._end(job, "failed", str(error))
            if self._held is None and self.idle:
                self.service.study_slots.release(self)
        if not job.open:
            self._release(job)
            self._set_collected(job)  # it was not sent, and has left nothing
            if self._held is not None and self.idle:
                self._schedule_retirement()  # of a worker that was started for this study alone
            return
        assert job.message is not None
        self._send({**job.message, "first": job.first})

    def _end(self, job: StudyJob, state: State, detail: str = "") -> None:
        if not job.open:
            return
        job.state, job.detail = state, detail
        if state == "failed":
            log.info("study %s failed: %s", job.study.kind, detail, extra={"run": self.name})
        self._tell(job)
        self._release(job)
        self._forget()
        if not self._open():
            self._schedule_retirement()

    def _release(self, job: StudyJob) -> None:
        """Release the subject of a study."""
        if job.release_subject is not None:
            job.release_subject()
            job.release_subject = None

    def _tell(self, job: StudyJob) -> None:
        self.hub.progress(job.as_json(), ended=not job.open)

    def _forget(self) -> None:
        """Forget the oldest ended studies beyond the limits."""
        count, size = 0, 0
        for job in reversed(self.jobs()):
            if not job.open:
                count += 1
                size += len(job.newest.data) if job.newest is not None else 0
                if count > MOST_ENDED or (size > MOST_BYTES and count > 1):
                    del self._jobs[job.key]

    # The worker --------------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Whether no study is running."""
        return not self._open()

    async def _ensure_worker(self) -> None:
        """Start a worker if there is none. Raises WorkerGone."""
        async with self._starting:
            if self._held is None and not self._closed:
                worker = await self.service.workers.start(self._assignment())
                self.service.measures.worker_starts.inc()
                self._held = _Worker(worker)
                self.service.tasks.start(self._listen(self._held), f"studies {self.name}")
        if self._closed:
            await self.close()  # also kills a worker that was started meanwhile
            raise WorkerGone("its run or lab was closed")

    def _assignment(self) -> Assignment:
        settings = self.service.settings
        return Assignment(
            blobs=(settings.data_dir / "blobs").resolve(),
            device=settings.device,
            slot=self.service.study_slots.number(self),
            threads=settings.worker_threads,
            memory=settings.study_memory,
            parameters=settings.max_parameters or None,
            activations=settings.max_activations or None,
        )

    def _send(self, message: dict[str, Any]) -> None:
        if self._held is not None:
            try:
                self._held.worker.send(message)
            except WorkerGone as error:
                log.info("%s", error, extra={"run": self.name})

    async def _listen(self, held: _Worker) -> None:
        """Receive from the worker until it ends; then fail or restart its studies."""
        liveness = Liveness(partial(self._ping, held), self.service.settings.worker_silence)
        watcher = self.service.tasks.start(self._watch(held, liveness), f"watch {self.name}")
        try:
            async for received in held.worker.incoming():
                liveness.heard()
                if isinstance(received, Frame):
                    self._receive_frame(received)
                else:
                    self._receive_message(held, received.message)
        finally:
            watcher.cancel()
            self._collect_cancelled(held)
            ours = self._held is held
            if ours:
                self._held = None
        if ours:  # otherwise it was retired, and the studies belong to another worker
            self._fail_or_restart(held)
        if self._held is None and self.idle:
            self.service.study_slots.release(self)

    def _receive_frame(self, frame: Frame) -> None:
        job = self._jobs.get(frame.key)
        if job is not None and job.open and job.begun:
            job.newest, job.first = frame, frame.next
            self.hub.study_frame(frame)

    def _receive_message(self, held: _Worker, message: dict[str, Any]) -> None:
        match message["type"]:
            case "turn":
                held.current = message["number"]
            case "study":
                number = message["number"]
                held.cancelling.discard(number)
                job = self._uncollected.get(number) or self._jobs.get(message["key"])
                if job is not None and job.number == number:
                    self._receive_progress(job, message)
            case "failed":
                reason = message["reason"]
                held.cause = held.cause or f"{reason['title'].lower()}: {reason['detail']}"

    def _receive_progress(self, job: StudyJob, message: dict[str, Any]) -> None:
        """Take note of how far a study is, or of its end; a cancelled one may have left checkpoints, too."""
        state, detail = message["state"], message.get("detail", "")
        if state != "running" and job.collect is not None:
            self._start_collecting(job, state, detail)
        elif job.open:
            job.begun, job.done = True, message["done"]
            if state == "running":
                self._tell(job)
            else:
                self._end(job, state, detail)

    def _collect_cancelled(self, held: _Worker) -> None:
        """Take in the checkpoints of the cancelled studies that an ended worker had not finished."""
        for number in held.cancelling & self._uncollected.keys():
            if not self._uncollected[number].collecting:
                self._start_collecting(self._uncollected[number], "cancelled")

    def _start_collecting(self, job: StudyJob, state: State, detail: str = "") -> None:
        job.collecting = True
        collecting = self._collect(job, state, detail)
        self.service.tasks.start(collecting, f"checkpoints of study {self.name} {job.key}")

    async def _collect(self, job: StudyJob, state: State, detail: str) -> None:
        """Take in the checkpoints of a study before its end is announced."""
        assert job.collect is not None
        try:
            await job.collect()
        except (Refusal, GlassnetError, OSError) as error:
            log.warning("study %s: not kept: %s", job.study.kind, error, extra={"run": self.name})
            state, detail = "failed", f"its checkpoints could not be kept: {error}"
        finally:
            self._set_collected(job)
        job.begun, job.done = True, 1.0 if state == "done" else job.done
        self._end(job, state, detail)

    def _set_collected(self, job: StudyJob) -> None:
        """Let the studies begin that wait for the checkpoints of a cancelled one."""
        self._uncollected.pop(job.number, None)
        job.collected.set()

    async def _kill_unless_cancelled(self, held: _Worker, job: StudyJob) -> None:
        """Kill the worker where a cancelled study does not yield in time."""
        await asyncio.sleep(CANCEL_SECONDS)
        if self._held is held and job.number in held.cancelling and held.current == job.number:
            log.warning("study %s does not yield", job.study.kind, extra={"run": self.name})
            held.cause = "a study on the same worker did not let itself be cancelled"
            await held.worker.kill()

    def _ping(self, held: _Worker) -> None:
        with suppress(WorkerGone):  # the listener sees it go
            held.worker.send({"type": "ping"})

    async def _watch(self, held: _Worker, liveness: Liveness) -> None:
        """Kill a worker that does not respond."""
        quiet = await liveness.lost()
        held.cause = f"the worker gave no sign of life for {quiet:.0f} seconds"
        await held.worker.kill()

    def _fail_or_restart(self, held: _Worker) -> None:
        """Fail the study that the ended worker was computing, and restart the others on a new one."""
        left = [job for job in self._open() if job.message is not None and not job.collecting]
        if self._closed or not left:
            return
        numbers = {job.number for job in left} | held.cancelling
        culprits = {held.current} if held.current in numbers else numbers
        detail = held.cause or held.worker.ending or "its worker ended"
        for job in left:
            if job.number in culprits:
                self.service.measures.worker_failures.inc()
                self._end(job, "failed", detail)
            else:
                self.service.tasks.start(self._begin(job), f"study {self.name} {job.key} again")

    def _schedule_retirement(self) -> None:
        """Retire the worker when there has been no study for a while."""
        self.idle_since = self.service.clock()
        if self._retirement is not None:
            self._retirement.cancel()
        loop = asyncio.get_running_loop()
        self._retirement = loop.call_later(self.service.settings.study_idle, self.retire)

    def retire(self) -> None:
        """Stop the worker, unless a study is running."""
        if not self.idle:
            return
        held, self._held = self._held, None
        self.service.study_slots.release(self)
        if held is not None:
            self.service.tasks.start(held.worker.stop(), f"retire {self.name}")

    async def close(self) -> None:
        """Cancel all studies and kill the worker."""
        self._closed = True
        for job in self._open():
            self._end(job, "cancelled")
        if self._retirement is not None:
            self._retirement.cancel()
        held, self._held = self._held, None
        if held is not None:
            await held.worker.kill()
        self.service.study_slots.release(self)
