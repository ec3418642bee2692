"""Figures: the figures of the reference that train a network, computed by a worker, and kept.

The web process trains nothing. There is one worker for all figures, started with the first one and ended when
it has been idle for a while; a figure is computed once for the life of the server.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.studies.runner import Resources
from glassnet.app.workers import Assignment, Text, WorkerGone, WorkerHandle
from glassnet.engine.errors import InvalidDocument, Problem

log = logging.getLogger(__name__)

Answer = dict[str, Any]

#: Seconds that a figure may take, a tenth of which is usual on a free machine; figures that are kept.
MOST_SECONDS, MOST_KEPT = 60.0, 256


class Figures:
    """The figures of a server that take a training."""

    def __init__(self, service: Resources) -> None:
        self._service = service
        #: One figure at a time is computed.
        self._turn = asyncio.Lock()
        self._kept: dict[str, Answer] = {}
        self._worker: WorkerHandle | None = None
        self._number = 0
        self._waiting: asyncio.Future[Answer] | None = None
        self._retirement: asyncio.TimerHandle | None = None

    async def document(
        self, family: str, kinds: Sequence[str], options: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """The document of an item's figure, or of several side by side, which have no options.

        Raises Refusal where the options suit no example, where it takes too long, or where the worker ends.
        """
        question = {"family": family, "kinds": list(kinds), "options": options}
        key = json.dumps(question, sort_keys=True)
        if key not in self._kept:
            async with self._turn:
                if key not in self._kept:
                    self._keep(key, await self._answer(question))
        answer = self._kept[key]
        if "refused" in answer:
            raise Refusal.of(InvalidDocument([Problem("", answer["refused"])]))
        document: dict[str, Any] = answer["document"]
        return document

    def _keep(self, key: str, answer: Answer) -> None:
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = answer

    async def _answer(self, question: dict[str, Any]) -> Answer:
        """The worker's answer. Raises Refusal where there is none."""
        self._number += 1
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            worker = await self._started()
            worker.send({"type": "figure", "number": self._number, **question})
            async with asyncio.timeout(MOST_SECONDS):
                answer = await self._waiting
        except TimeoutError:
            self._worker = None
            await worker.kill()
            raise _later(f"the figure took more than {MOST_SECONDS:.0f} seconds") from None
        except WorkerGone as error:
            self._worker = None
            raise _later(f"the figure could not be computed: {error}") from None
        finally:
            self._waiting = None
            self._schedule_retirement()
        if "failed" in answer:
            raise Refusal(500, f"the figure could not be computed: {answer['failed']}")
        return answer

    async def _started(self) -> WorkerHandle:
        """The worker, started where there is none. Raises WorkerGone."""
        if self._worker is None:
            settings = self._service.settings
            assignment = Assignment(
                figures=True, device="cpu", threads=settings.worker_threads, memory=settings.study_memory
            )
            self._worker = await self._service.workers.start(assignment)
            self._service.measures.worker_starts.inc()
            self._service.tasks.start(self._listen(self._worker), "figures")
        return self._worker

    async def _listen(self, worker: WorkerHandle) -> None:
        """Receive answers from the worker until it ends."""
        reason = ""
        async for received in worker.incoming():
            if not isinstance(received, Text):
                continue
            message = received.message
            if message["type"] == "failed":
                reason = message["reason"]["detail"]
            # The answer to a question whose time was over is dropped.
            elif message["type"] == "figure" and message["number"] == self._number and self._is_awaited():
                assert self._waiting is not None
                self._waiting.set_result(message)
        if self._worker is not worker:
            return  # it was given up, or retired
        self._worker = None
        if self._is_awaited():
            assert self._waiting is not None
            self._waiting.set_exception(WorkerGone(reason or worker.ending or "its worker ended"))

    def _is_awaited(self) -> bool:
        return self._waiting is not None and not self._waiting.done()

    def _schedule_retirement(self) -> None:
        if self._retirement is not None:
            self._retirement.cancel()
        loop = asyncio.get_running_loop()
        self._retirement = loop.call_later(self._service.settings.study_idle, self._retire)

    def _retire(self) -> None:
        """Stop the worker, unless it computes."""
        if self._worker is not None and not self._turn.locked():
            worker, self._worker = self._worker, None
            self._service.tasks.start(worker.stop(), "retire figures")


def _later(why: str) -> Refusal:
    return Refusal(503, f"{why}; try again", headers={"Retry-After": "5"})
