"""Figures that train a network: computed by a worker, kept, and refused with words where they cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from glassnet.app.core.background import Tasks
from glassnet.app.core.metrics import Measures
from glassnet.app.core.problems import Refusal
from glassnet.app.studies import figures
from glassnet.app.studies.figures import Figures
from glassnet.app.studies.runner import Resources
from glassnet.app.workers import Assignment, Incoming, Text
from glassnet.app.workers.figure_maker import FigureMaker
from glassnet.app.workers.link import Outbox

Message = dict[str, Any]
DRAWN: Message = {"document": {"parts": [], "note": ""}}


class FakeWorker:
    """A worker that says what it is told to of each question; None: it ends."""

    def __init__(self, says: Callable[[Message], Message | None]) -> None:
        self._says = says
        self._link: asyncio.Queue[Message | None] = asyncio.Queue()
        self.ending = "the worker process was ended by SIGKILL"

    def send(self, message: Message) -> None:
        said = self._says(message)
        if said != {}:
            self._link.put_nowait(said)

    async def incoming(self) -> AsyncIterator[Incoming]:
        while (message := await self._link.get()) is not None:
            yield Text(message)

    async def stop(self) -> None:
        self._link.put_nowait(None)

    kill = stop


class FakeService:
    """What figures need of the service: workers that say, one after the other, what they are told to."""

    def __init__(self, *says: Callable[[Message], Message | None]) -> None:
        self.settings = SimpleNamespace(
            worker_threads=1, study_memory=None, study_idle=0.0, data_dir=Path("/data")
        )
        self.tasks, self.measures = Tasks(), Measures()
        self.assigned: list[Assignment] = []
        self.workers = self
        self._says = list(says)

    async def start(self, assignment: Assignment) -> FakeWorker:
        self.assigned.append(assignment)
        return FakeWorker(self._says.pop(0))


def answering(**answer: Any) -> Callable[[Message], Message]:
    return lambda question: {"type": "figure", "number": question["number"], **answer}


def asked(service: FakeService, times: int = 1) -> list[Any]:
    """What comes of the same question, asked several times one after the other."""

    async def ask() -> list[Any]:
        made, found = Figures(cast("Resources", service)), list[Any]()
        for _ in range(times):
            try:
                found.append(await made.document("probes", ["histograms"], {}))
            except Refusal as refusal:
                found.append(refusal)
        return found

    return asyncio.run(ask())


def test_a_figure_is_computed_once_by_a_worker_on_the_cpu() -> None:
    service = FakeService(answering(**DRAWN))
    assert asked(service, times=3) == 3 * [DRAWN["document"]]
    assert service.assigned == [Assignment(answers="figure", blobs=Path("/data/blobs"), device="cpu")]


def test_a_worker_that_ends_refuses_its_figure_with_the_reason_and_the_next_one_draws_it() -> None:
    refusal, found = asked(FakeService(lambda question: None, answering(**DRAWN)), times=2)
    assert (refusal.status, found) == (503, DRAWN["document"])
    assert "was ended by SIGKILL; try again" in str(refusal)


def test_a_figure_that_takes_too_long_is_given_up_with_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MOST_SECONDS", 0.01)
    refusal, found = asked(FakeService(lambda question: {}, answering(**DRAWN)), times=2)
    assert (refusal.status, found) == (503, DRAWN["document"])
    assert "the figure took more than 0 seconds" in str(refusal)


def test_what_suits_no_example_and_what_fails_are_told_apart() -> None:
    [refused] = asked(FakeService(answering(refused="expected 1 group")))
    [failed] = asked(FakeService(answering(failed="KeyError: 'x'")))
    assert (refused.status, failed.status) == (422, 500)
    assert "expected 1 group" in str(refused)
    assert "KeyError: 'x'" in str(failed)


class Said(Outbox):
    """What a workload says, without a link."""

    def __init__(self) -> None:
        self.said: list[Message] = []

    def text(self, message: Message) -> None:
        self.said.append(message)


def test_the_fault_of_one_figure_ends_no_other() -> None:
    outbox = Said()
    maker = FigureMaker(outbox)
    for number, kind in enumerate(["nothing", "relu"]):
        maker.handle({"number": number, "family": "activations", "kinds": [kind], "options": {}})
    assert [maker.advance() for _ in range(3)] == [0.0, 0.0, None]
    first, second = outbox.said
    assert first == {"type": "figure", "number": 0, "failed": "KeyError: 'nothing'"}
    assert second["document"]["parts"]
