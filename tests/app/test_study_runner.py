"""A study manager and its worker: which studies fail with it, restart, or make room."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from glassnet.app.core.background import Tasks
from glassnet.app.core.metrics import Measures
from glassnet.app.core.problems import Refusal
from glassnet.app.core.settings import Settings
from glassnet.app.hub.hub import Hub, Viewer
from glassnet.app.runs.builder import Builder
from glassnet.app.runs.service import Service
from glassnet.app.runs.slots import Slots
from glassnet.app.store.blobs import Blobs as BlobStore
from glassnet.app.store.images import PictureBlobs
from glassnet.app.store.quota import Quota
from glassnet.app.studies import runner as study_slots
from glassnet.app.studies.job import Subject
from glassnet.app.studies.runner import StudyManager
from glassnet.app.studies.slots import StudySlots
from glassnet.app.workers import Assignment, Frame, Incoming, Text, WorkerGone, WorkerHandle
from glassnet.engine.studies import FreeStudy
from tests.app.test_mailbox import waiting


class Asked(FreeStudy):
    """A study that nobody computes here: the worker is played by the test."""

    number: int = 0

    def compute(self) -> Any:
        raise NotImplementedError


@dataclass
class Played:
    """A worker whose part the test plays."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    ending: str = ""
    stopped: bool = False
    _said: asyncio.Queue[Incoming | None] = field(default_factory=asyncio.Queue)

    def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def incoming(self) -> AsyncIterator[Incoming]:
        while (said := await self._said.get()) is not None:
            yield said

    def says(self, **message: Any) -> None:
        self._said.put_nowait(Text(message))

    def shows(self, key: str, number: int) -> None:
        frame = Frame(key, "asked", b"f%d" % number, scalar=False, first=number, count=1, made=0.0)
        self._said.put_nowait(frame)

    def dies(self, ending: str) -> None:
        self.ending = ending
        self._said.put_nowait(None)

    async def stop(self) -> None:
        self.stopped = True
        self._said.put_nowait(None)

    async def kill(self) -> None:
        self.dies("the worker process was ended by SIGKILL")

    def studies(self) -> list[int]:
        return [message["number"] for message in self.sent if message["type"] == "study"]


class Place:
    """A service with nothing but workers that the test plays."""

    def __init__(self, **settings: Any) -> None:
        self.workers: list[Played] = []
        self.refuses = False
        #: Until when a worker takes to start.
        self.ready = asyncio.Event()
        self.ready.set()
        self.settings = Settings(data_dir=Path("nowhere"), **settings)
        self.tasks = Tasks()
        self.service = Service(
            settings=self.settings,
            builder=Builder(self.settings, PictureBlobs(self.settings)),
            workers=self,
            slots=Slots(1),
            study_slots=StudySlots(self.settings.study_count),
            tasks=self.tasks,
            measures=Measures(),
            quota=(quota := Quota(self.settings)),
            blobs=BlobStore(Path("nowhere"), quota),
            clock=asyncio.get_running_loop().time,
        )

    async def warm(self) -> None: ...

    async def halt(self) -> None: ...

    async def close(self) -> None: ...

    async def start(self, assignment: Assignment) -> WorkerHandle:
        if self.refuses:
            raise WorkerGone("no worker process could be started: too many files")
        await self.ready.wait()
        self.workers.append(Played())
        return self.workers[-1]

    def manager(self) -> tuple[StudyManager, Viewer]:
        hub = Hub()
        viewer = Viewer(control=True)
        hub.join(viewer)
        return StudyManager(self.service, hub, "run"), viewer


async def nothing() -> Subject:
    return None, lambda: None


async def settled() -> None:
    """Let everybody do what there is to do now."""
    for _ in range(20):
        await asyncio.sleep(0)


def words(viewer: Viewer) -> list[tuple[str, str]]:
    """What a viewer was told of studies: key and state, or key and `frame`."""
    found = []
    for came in waiting(viewer.mailbox):
        if isinstance(came, Frame):
            found.append((came.key, "frame"))
        else:
            message = json.loads(came)
            found.append((message["key"], message["state"]))
    return found


def begin(manager: StudyManager, number: int, find: Callable[[], Awaitable[Subject]] = nothing) -> str:
    study = Asked(kind="asked", number=number)
    return manager.start(study, study.key, find)


def in_a_loop(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """Run a test in an event loop of its own."""

    def run() -> None:
        async def limited() -> None:
            async with asyncio.timeout(10):
                await test()

        asyncio.run(limited())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


@in_a_loop
async def test_the_last_sight_comes_before_the_end_and_both_to_everybody() -> None:
    place = Place()
    manager, viewer = place.manager()
    key = begin(manager, 1)
    await settled()
    (worker,) = place.workers
    (number,) = worker.studies()
    worker.says(type="study", number=number, key=key, state="running", done=0.0)
    worker.shows(key, 0)
    worker.shows(key, 1)
    worker.says(type="study", number=number, key=key, state="done", done=1.0)
    await settled()
    assert words(viewer) == [(key, "frame"), (key, "done")]
    late = Viewer(control=False)
    manager.hub.join(late)
    manager.introduce(late)
    assert words(late) == [(key, "frame"), (key, "done")]


@in_a_loop
async def test_the_same_question_is_computed_once_while_it_is_open_and_anew_afterwards() -> None:
    place = Place()
    manager, _ = place.manager()
    assert begin(manager, 1) == begin(manager, 1)
    await settled()
    (worker,) = place.workers
    (number,) = worker.studies()
    key = begin(manager, 1)
    worker.says(type="study", number=number, key=key, state="running", done=0.0)
    worker.shows(key, 4)
    worker.says(type="study", number=number, key=key, state="done", done=1.0)
    await settled()
    assert begin(manager, 1) == key
    await settled()
    assert len(worker.studies()) == 2
    assert worker.sent[-1]["first"] == 5, "frames of a key are numbered on"
    # A frame of the first that was under way is no sight of the second.
    worker.shows(key, 77)
    await settled()
    assert manager.jobs()[0].newest is None


@in_a_loop
async def test_a_crash_fails_the_study_that_had_its_turn_and_the_others_begin_again() -> None:
    place = Place()
    manager, viewer = place.manager()
    keys = [begin(manager, number) for number in (1, 2, 3)]
    await settled()
    first = place.workers[0]
    first.says(type="turn", number=first.studies()[1])
    await settled()
    words(viewer)
    first.dies("the worker process was ended by SIGSEGV")
    await settled()
    assert words(viewer) == [(keys[1], "failed")]
    failed = manager.jobs()[1]
    assert failed.detail == "the worker process was ended by SIGSEGV"
    assert len(place.workers) == 2
    assert place.workers[1].studies() == [first.studies()[0], first.studies()[2]]


@in_a_loop
async def test_a_study_that_does_not_yield_takes_its_worker_with_it() -> None:
    place = Place()
    manager, viewer = place.manager()
    stubborn, other = begin(manager, 1), begin(manager, 2)
    await settled()
    first = place.workers[0]
    first.says(type="turn", number=first.studies()[0])
    await settled()
    words(viewer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study_slots, "CANCEL_SECONDS", 0.01)
        manager.cancel(stubborn)
        assert words(viewer) == [(stubborn, "cancelled")], "told at once"
        await asyncio.sleep(0.05)
    assert first.sent[-1]["type"] == "cancel"
    assert first.ending
    await settled()
    assert place.workers[1].studies() == [first.studies()[1]]
    assert {job.key: job.state for job in manager.jobs()}[other] == "running"


@in_a_loop
async def test_a_study_that_yields_keeps_its_worker() -> None:
    place = Place()
    manager, _ = place.manager()
    key = begin(manager, 1)
    await settled()
    (worker,) = place.workers
    (number,) = worker.studies()
    worker.says(type="turn", number=number)
    await settled()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study_slots, "CANCEL_SECONDS", 0.01)
        manager.cancel(key)
        worker.says(type="study", number=number, key=key, state="cancelled", done=0.5)
        await asyncio.sleep(0.05)
    assert worker.ending == ""
    manager.cancel(key)  # it has ended: that is no mistake
    with pytest.raises(Refusal) as refused:
        manager.cancel("0" * 16)
    assert (refused.value.status, refused.value.errors[0].pointer) == (404, "/key")


class Kept:
    """The checkpoints of a study, which take as long to be taken in as the test likes."""

    def __init__(self) -> None:
        self.begun, self.done = asyncio.Event(), asyncio.Event()

    async def collect(self) -> None:
        self.begun.set()
        await self.done.wait()


@in_a_loop
async def test_the_next_study_waits_for_the_checkpoints_of_a_cancelled_one() -> None:
    place = Place()
    manager, viewer = place.manager()
    study, kept = Asked(kind="asked", number=1), Kept()
    manager.start(study, study.key, nothing, kept.collect)
    await settled()
    (worker,) = place.workers
    manager.cancel(study.key)
    again = manager.start(study, study.key, nothing)  # the same key: what is told of it is the older one's
    other = begin(manager, 2)
    await settled()
    assert worker.studies() == [1]
    worker.says(type="study", number=1, key=study.key, state="cancelled", done=0.5)
    await settled()
    assert kept.begun.is_set()
    assert worker.studies() == [1], "they are being moved"
    words(viewer)
    kept.done.set()
    await settled()
    assert worker.studies() == [1, 2, 3]
    assert {job.key: job.state for job in manager.jobs()} == {again: "running", other: "running"}
    assert words(viewer) == [], "the end of the older one was told when it was cancelled"


@in_a_loop
async def test_the_checkpoints_of_a_cancelled_study_are_kept_when_its_worker_ends() -> None:
    place = Place()
    manager, _ = place.manager()
    study, kept = Asked(kind="asked", number=1), Kept()
    manager.start(study, study.key, nothing, kept.collect)
    await settled()
    manager.cancel(study.key)
    begin(manager, 2)
    place.workers[0].dies("the worker process was ended by SIGKILL")
    await settled()
    assert kept.begun.is_set()
    assert len(place.workers) == 1
    kept.done.set()
    await settled()
    assert place.workers[1].studies() == [2]


@in_a_loop
async def test_a_study_cancelled_before_it_was_sent_holds_no_other() -> None:
    place = Place()
    place.ready.clear()
    manager, _ = place.manager()
    study = Asked(kind="asked", number=1)
    manager.start(study, study.key, nothing, Kept().collect)
    await settled()
    manager.cancel(study.key)
    begin(manager, 2)
    place.ready.set()
    await settled()
    assert place.workers[0].studies() == [2]


@in_a_loop
async def test_a_study_cancelled_while_its_checkpoints_are_taken_in_keeps_its_worker() -> None:
    place = Place()
    manager, _ = place.manager()
    study, kept = Asked(kind="asked", number=1), Kept()
    manager.start(study, study.key, nothing, kept.collect)
    await settled()
    (worker,) = place.workers
    worker.says(type="turn", number=1)
    worker.says(type="study", number=1, key=study.key, state="done", done=1.0)
    await settled()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study_slots, "CANCEL_SECONDS", 0.01)
        manager.cancel(study.key)
        begin(manager, 2)
        await asyncio.sleep(0.05)
    assert worker.ending == ""
    assert worker.studies() == [1]
    kept.done.set()
    await settled()
    assert worker.studies() == [1, 2]


@in_a_loop
async def test_no_more_than_the_limit_are_under_way() -> None:
    place = Place(max_studies=2)
    manager, _ = place.manager()
    first = begin(manager, 1)
    begin(manager, 2)
    with pytest.raises(Refusal, match="2 studies are under way") as refused:
        begin(manager, 3)
    assert refused.value.status == 409
    assert begin(manager, 1) == first
    manager.cancel(first)
    begin(manager, 3)


@in_a_loop
async def test_the_longest_idle_bench_makes_room_and_without_one_a_study_is_refused() -> None:
    place = Place(study_workers=2)
    (idle, _), (busy, _), (third, _) = place.manager(), place.manager(), place.manager()
    key = begin(idle, 1)
    begin(busy, 1)
    await settled()
    with pytest.raises(Refusal, match="2 workers") as refused:
        begin(third, 1)
    assert refused.value.status == 429
    idle.cancel(key)
    begin(third, 1)
    await settled()
    assert [worker.stopped for worker in place.workers] == [True, False, False]
    await busy.close()
    begin(idle, 2)


@in_a_loop
async def test_an_idle_worker_is_kept_for_a_while_and_then_let_go() -> None:
    place = Place(study_idle=0.02)
    manager, _ = place.manager()
    manager.cancel(begin(manager, 1))
    key = begin(manager, 2)
    await settled()
    await asyncio.sleep(0.05)
    (worker,) = place.workers
    assert not worker.stopped, "it has work"
    manager.cancel(key)
    await asyncio.sleep(0.05)
    assert worker.stopped
    begin(manager, 3)
    await settled()
    assert len(place.workers) == 2


@in_a_loop
async def test_a_worker_that_cannot_be_started_fails_the_study_with_its_words() -> None:
    place = Place()
    place.refuses = True
    manager, _ = place.manager()
    begin(manager, 1)
    await settled()
    (job,) = manager.jobs()
    assert (job.state, job.detail) == ("failed", "no worker process could be started: too many files")


@in_a_loop
async def test_what_a_study_looks_at_is_let_go_however_it_ends() -> None:
    place = Place()
    manager, _ = place.manager()
    release_subject: list[int] = []

    def finder(number: int) -> Callable[[], Awaitable[Subject]]:
        async def find() -> Subject:
            await asyncio.sleep(0)
            return {"snapshot": "s"}, lambda: release_subject.append(number)

        return find

    done, cancelled, early = (begin(manager, number, finder(number)) for number in (1, 2, 3))
    manager.cancel(early)
    await settled()
    (worker,) = place.workers
    number = next(m["number"] for m in worker.sent if m["type"] == "study" and m["key"] == done)
    manager.cancel(cancelled)
    worker.says(type="study", number=number, key=done, state="done", done=1.0)
    begin(manager, 4, finder(4))
    await settled()
    worker.dies("it crashed")
    await settled()
    assert sorted(release_subject) == [1, 2, 3, 4]


@in_a_loop
async def test_a_closed_bench_ends_everything() -> None:
    place = Place()
    manager, viewer = place.manager()
    key = begin(manager, 1)
    await settled()
    await manager.close()
    await settled()
    assert place.workers[0].ending
    assert (key, "cancelled") in words(viewer)
    assert len(place.workers) == 1


@in_a_loop
async def test_only_the_newest_of_those_that_have_ended_are_kept() -> None:
    place = Place(max_studies=100)
    manager, _ = place.manager()
    keys = [begin(manager, number) for number in range(study_slots.MOST_ENDED + 5)]
    for key in keys:
        manager.cancel(key)
    assert [job.key for job in manager.jobs()] == keys[5:]


@in_a_loop
async def test_a_worker_that_gives_no_sign_of_life_is_given_up() -> None:
    place = Place(worker_silence=0.04)
    manager, _ = place.manager()
    begin(manager, 1)
    await settled()
    (job,) = manager.jobs()
    await asyncio.sleep(0.2)
    assert job.state == "failed"
    assert "no sign of life" in job.detail
    assert place.workers[0].ending


@in_a_loop
async def test_the_end_of_a_worker_that_was_let_go_is_nothing_to_the_next() -> None:
    place = Place()
    manager, viewer = place.manager()
    manager.cancel(begin(manager, 1))
    await settled()
    manager.retire()
    key = begin(manager, 2)
    await settled()
    assert [worker.stopped for worker in place.workers] == [True, False]
    assert words(viewer)[-1] == (key, "running")
    assert len(place.workers[1].studies()) == 1


@in_a_loop
async def test_a_worker_that_starts_for_nobody_any_more_is_let_go() -> None:
    place = Place(study_idle=0.02)
    closed, cancelled = place.manager()[0], place.manager()[0]
    place.ready.clear()
    begin(closed, 1)
    key = begin(cancelled, 1)
    await settled()
    await closed.close()
    cancelled.cancel(key)
    cancelled.retire()
    place.ready.set()
    await settled()
    await asyncio.sleep(0.05)
    assert len(place.workers) == 2
    assert all(worker.stopped or worker.ending for worker in place.workers)
