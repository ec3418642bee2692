"""A bench: the studies of one run, or of one lab, and the worker that computes them.

There is at most one worker a bench. It is started with the first study, kept for a while when none is
left, and ended by force where a study does not let itself be cancelled: the others then begin again on
a new one. What the worker says goes to everybody at the hub.
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
from glassnet.app.studies.inquiry import Inquiry, State, Subject
from glassnet.app.workers import Assignment, Frame, WorkerGone, WorkerHandle, Workers
from glassnet.app.workers.liveness import Liveness
from glassnet.engine.errors import GlassnetError
from glassnet.engine.studies import Study

log = logging.getLogger(__name__)

#: Seconds that a study may take to yield once it was cancelled.
CANCEL_SECONDS = 5.0

#: Studies that have ended, and bytes of their last frames, that are kept for those who come late.
MOST_ENDED, MOST_BYTES = 16, 64 << 20


@dataclass(eq=False)
class _Staff:
    """The worker, and what is known of it."""

    worker: WorkerHandle
    #: The study that it works at, or the last it worked at.
    turn: int | None = None
    #: Why we ended it, where we did.
    verdict: str = ""
    #: Studies that were cancelled and have not yielded yet.
    leaving: set[int] = field(default_factory=set)


class Resources(Protocol):
    """What a bench uses of the service."""

    @property
    def settings(self) -> Settings: ...

    @property
    def workers(self) -> Workers: ...

    @property
    def benches(self) -> Benches:
        """The benches that have a worker."""

    @property
    def tasks(self) -> Tasks: ...

    @property
    def measures(self) -> Measures: ...

    @property
    def clock(self) -> Callable[[], float]: ...


class Bench:
    """The studies of one run or lab. Commands go in by `start` and `cancel`."""

    def __init__(self, service: Resources, hub: Hub, name: str) -> None:
        self.service, self.hub, self.name = service, hub, name
        self.idle_since = 0.0
        self._last = 0
        #: The newest inquiry of each key, the oldest first.
        self._inquiries: dict[str, Inquiry] = {}
        self._staff: _Staff | None = None
        self._staffing = asyncio.Lock()
        self._alarm: asyncio.TimerHandle | None = None
        self._closed = False

    # Commands ----------------------------------------------------------------------------------------

    def start(self, study: Study, key: str, find_subject: Callable[[], Awaitable[Subject]]) -> str:
        """Begin a study, unless the very same is under way; its key. Raises Refusal."""
        before = self._inquiries.pop(key, None)
        if before is not None and before.open:
            self._inquiries[key] = before
            return key
        settings = self.service.settings
        if len(self._open()) >= settings.max_studies:
            raise Refusal(
                409,
                f"{settings.max_studies} studies are under way here; expected that one is done or cancelled",
            )
        self.service.benches.admit(self)
        self._last += 1
        first = before.newest.next if before is not None and before.newest is not None else 0
        inquiry = Inquiry(self._last, key, study, find_subject, first=first)
        self._inquiries[key] = inquiry
        self._tell(inquiry)
        self.service.measures.studies.labels(kind=study.kind).inc()
        self.service.tasks.start(self._begin(inquiry), f"study {self.name} {key}")
        return key

    def cancel(self, key: str) -> None:
        """End a study where it stands; one that has ended stays as it is. Raises Refusal."""
        inquiry = self._inquiries.get(key)
        if inquiry is None:
            raise Refusal.at(404, "/key", f"there is no study '{key[:40]}' here")
        if not inquiry.open:
            return
        staff = self._staff
        if staff is not None and inquiry.message is not None:
            staff.leaving.add(inquiry.number)
            self._send({"type": "cancel", "number": inquiry.number})
            self.service.tasks.start(self._insist(staff, inquiry), f"cancel {self.name} {key}")
        self._end(inquiry, "cancelled")

    def inquiries(self) -> list[Inquiry]:
        """All that are known, the oldest first."""
        return list(self._inquiries.values())

    def introduce(self, viewer: Viewer) -> None:
        """Tell one who comes late how each study stands, with its newest frame."""
        for inquiry in self._inquiries.values():
            if inquiry.newest is not None:
                viewer.mailbox.sight(inquiry.newest)
            said = json.dumps(inquiry.words())
            viewer.mailbox.progress(inquiry.key, said, ended=not inquiry.open)

    def _open(self) -> list[Inquiry]:
        return [inquiry for inquiry in self._inquiries.values() if inquiry.open]

    # A study's life ----------------------------------------------------------------------------------

    async def _begin(self, inquiry: Inquiry) -> None:
        """Find what is to be looked at, and hand the study to a worker."""
        try:
            if inquiry.let_go is None:
                subject, inquiry.let_go = await inquiry.find_subject()
                inquiry.message = {
                    "type": "study",
                    "number": inquiry.number,
                    "key": inquiry.key,
                    "study": inquiry.study.model_dump(mode="json"),
                    "subject": subject,
                }
            await self._staffed()
        except (Refusal, WorkerGone, GlassnetError, OSError) as error:
            self._end(inquiry, "failed", str(error))
            if self._staff is None and self.idle:
                self.service.benches.release(self)
        if not inquiry.open:
            self._release(inquiry)
            if self._staff is not None and self.idle:
                self._rest()  # a worker that was on its way when nobody wanted it any more
            return
        assert inquiry.message is not None
        self._send({**inquiry.message, "first": inquiry.first})

    def _end(self, inquiry: Inquiry, state: State, detail: str = "") -> None:
        if not inquiry.open:
            return
        inquiry.state, inquiry.detail = state, detail
        if state == "failed":
            log.info("study %s failed: %s", inquiry.study.kind, detail, extra={"run": self.name})
        self._tell(inquiry)
        self._release(inquiry)
        self._forget()
        if not self._open():
            self._rest()

    def _release(self, inquiry: Inquiry) -> None:
        """What it looked at is needed no longer."""
        if inquiry.let_go is not None:
            inquiry.let_go()
            inquiry.let_go = None

    def _tell(self, inquiry: Inquiry) -> None:
        self.hub.progress(inquiry.words(), ended=not inquiry.open)

    def _forget(self) -> None:
        """Keep the newest of those that have ended, and no more bytes than are right."""
        count, size = 0, 0
        for inquiry in reversed(self.inquiries()):
            if not inquiry.open:
                count += 1
                size += len(inquiry.newest.data) if inquiry.newest is not None else 0
                if count > MOST_ENDED or (size > MOST_BYTES and count > 1):
                    del self._inquiries[inquiry.key]

    # The worker --------------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Whether its worker, if there is one, has nothing to do."""
        return not self._open()

    async def _staffed(self) -> None:
        """See to it that there is a worker. Raises WorkerGone."""
        async with self._staffing:
            if self._staff is None and not self._closed:
                worker = await self.service.workers.start(self._assignment())
                self.service.measures.worker_starts.inc()
                self._staff = _Staff(worker)
                self.service.tasks.start(self._listen(self._staff), f"bench {self.name}")
        if self._closed:
            await self.close()  # also the worker that was on its way meanwhile
            raise WorkerGone("its run or lab was closed")

    def _assignment(self) -> Assignment:
        settings = self.service.settings
        return Assignment(
            blobs=(settings.data_dir / "blobs").resolve(),
            device=settings.device,
            threads=settings.worker_threads,
            memory=settings.study_memory,
            parameters=settings.max_parameters or None,
            activations=settings.max_activations or None,
        )

    def _send(self, message: dict[str, Any]) -> None:
        if self._staff is not None:
            try:
                self._staff.worker.send(message)
            except WorkerGone as error:
                log.info("%s", error, extra={"run": self.name})

    async def _listen(self, staff: _Staff) -> None:
        """Take what the worker says until it ends; then see what becomes of its studies."""
        liveness = Liveness(partial(self._ask_whether_alive, staff), self.service.settings.worker_silence)
        watchman = self.service.tasks.start(self._watch_over(staff, liveness), f"watchman {self.name}")
        try:
            async for came in staff.worker.incoming():
                liveness.heard()
                if isinstance(came, Frame):
                    self._take_frame(came)
                else:
                    self._hear(staff, came.message)
        finally:
            watchman.cancel()
            ours = self._staff is staff
            if ours:
                self._staff = None
        if ours:  # otherwise it was let go, and the studies are another's by now
            self._see_off(staff)
        if self._staff is None and self.idle:
            self.service.benches.release(self)

    def _take_frame(self, frame: Frame) -> None:
        inquiry = self._inquiries.get(frame.key)
        if inquiry is not None and inquiry.open and inquiry.begun:
            inquiry.newest, inquiry.first = frame, frame.next
            self.hub.sight(frame)

    def _hear(self, staff: _Staff, message: dict[str, Any]) -> None:
        match message["type"]:
            case "turn":
                staff.turn = message["number"]
            case "study":
                staff.leaving.discard(message["number"])
                inquiry = self._inquiries.get(message["key"])
                if inquiry is None or inquiry.number != message["number"] or not inquiry.open:
                    return
                inquiry.begun, inquiry.done = True, message["done"]
                if message["state"] == "running":
                    self._tell(inquiry)
                else:
                    self._end(inquiry, message["state"], message.get("detail", ""))
            case "failed":
                reason = message["reason"]
                staff.verdict = staff.verdict or f"{reason['title'].lower()}: {reason['detail']}"

    async def _insist(self, staff: _Staff, inquiry: Inquiry) -> None:
        """A study that does not yield takes its worker with it."""
        await asyncio.sleep(CANCEL_SECONDS)
        if self._staff is staff and inquiry.number in staff.leaving and staff.turn == inquiry.number:
            log.warning("study %s does not yield", inquiry.study.kind, extra={"run": self.name})
            staff.verdict = "a study on the same worker did not let itself be cancelled"
            await staff.worker.kill()

    def _ask_whether_alive(self, staff: _Staff) -> None:
        with suppress(WorkerGone):  # the listener sees it go
            staff.worker.send({"type": "ping"})

    async def _watch_over(self, staff: _Staff, liveness: Liveness) -> None:
        """Give up a worker that does not answer."""
        quiet = await liveness.lost()
        staff.verdict = f"the worker gave no sign of life for {quiet:.0f} seconds"
        await staff.worker.kill()

    def _see_off(self, staff: _Staff) -> None:
        """The study that the worker was at has failed; the others begin again on a new worker."""
        left = [inquiry for inquiry in self._open() if inquiry.message is not None]
        if self._closed or not left:
            return
        numbers = {inquiry.number for inquiry in left} | staff.leaving
        culprits = {staff.turn} if staff.turn in numbers else numbers
        detail = staff.verdict or staff.worker.ending or "its worker ended"
        for inquiry in left:
            if inquiry.number in culprits:
                self.service.measures.worker_failures.inc()
                self._end(inquiry, "failed", detail)
            else:
                self.service.tasks.start(self._begin(inquiry), f"study {self.name} {inquiry.key} again")

    def _rest(self) -> None:
        """Let the worker go when nobody has asked for anything for a while."""
        self.idle_since = self.service.clock()
        if self._alarm is not None:
            self._alarm.cancel()
        loop = asyncio.get_running_loop()
        self._alarm = loop.call_later(self.service.settings.study_idle, self.retire)

    def retire(self) -> None:
        """Let the worker go, unless it is needed again by now."""
        if not self.idle:
            return
        staff, self._staff = self._staff, None
        self.service.benches.release(self)
        if staff is not None:
            self.service.tasks.start(staff.worker.stop(), f"retire {self.name}")

    async def close(self) -> None:
        """End everything here, now."""
        self._closed = True
        for inquiry in self._open():
            self._end(inquiry, "cancelled")
        if self._alarm is not None:
            self._alarm.cancel()
        staff, self._staff = self._staff, None
        if staff is not None:
            await staff.worker.kill()
        self.service.benches.release(self)


class Benches:
    """Those benches of a server that have a worker, or will have one at once: a limited number."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._manned: dict[Bench, None] = {}

    def admit(self, bench: Bench) -> None:
        """This bench needs a worker; the longest idle makes room. Raises Refusal where none is idle."""
        if bench in self._manned:
            return
        if len(self._manned) >= self.most:
            idle = [one for one in self._manned if one.idle]
            if not idle:
                raise Refusal(
                    429,
                    f"{self.most} workers are at studies already; expected to wait until one is done",
                    headers={"Retry-After": "5"},
                )
            min(idle, key=lambda one: one.idle_since).retire()
        self._manned[bench] = None

    def release(self, bench: Bench) -> None:
        """It has no worker any more."""
        self._manned.pop(bench, None)
