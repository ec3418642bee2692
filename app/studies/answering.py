"""AnsweringWorker: one worker that answers questions, one after the other, and ends when it has been idle."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.studies.runner import Resources
from glassnet.app.workers import Assignment, Text, WorkerGone, WorkerHandle
from glassnet.app.workers.answerer import Answers

log = logging.getLogger(__name__)

Answer = dict[str, Any]


class AnsweringWorker:
    """The worker of one sort of question, started with the first."""

    def __init__(self, service: Resources, answers: Answers, what: str) -> None:
        """`what` is asked for, in words: it begins the messages of refusals."""
        self._service, self._answers, self._what = service, answers, what
        #: One question at a time is answered.
        self._turn = asyncio.Lock()
        self._worker: WorkerHandle | None = None
        self._number = 0
        self._waiting: asyncio.Future[Answer] | None = None
        self._retirement: asyncio.TimerHandle | None = None

    async def answer(self, question: dict[str, Any], seconds: float) -> Answer:
        """The worker's answer. Raises Refusal where it takes too long, fails, or the worker ends."""
        async with self._turn:
            answer = await self._answered(question, seconds)
        if "failed" in answer:
            raise Refusal(500, f"{self._what} could not be computed: {answer['failed']}")
        return answer

    async def _answered(self, question: dict[str, Any], seconds: float) -> Answer:
        self._number += 1
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            worker = await self._started()
            worker.send({"type": self._answers, "number": self._number, **question})
            async with asyncio.timeout(seconds):
                return await self._waiting
        except TimeoutError:
            self._worker = None
            await worker.kill()
            raise _later(f"{self._what} took more than {seconds:.0f} seconds") from None
        except WorkerGone as error:
            self._worker = None
            raise _later(f"{self._what} could not be computed: {error}") from None
        finally:
            self._waiting = None
            self._schedule_retirement()

    async def _started(self) -> WorkerHandle:
        """The worker, started where there is none. Raises WorkerGone."""
        if self._worker is None:
            settings = self._service.settings
            assignment = Assignment(
                answers=self._answers,
                blobs=(settings.data_dir / "blobs").resolve(),
                device="cpu",
                threads=settings.worker_threads,
                memory=settings.study_memory,
            )
            self._worker = await self._service.workers.start(assignment)
            self._service.measures.worker_starts.inc()
            self._service.tasks.start(self._listen(self._worker), f"{self._answers}s")
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
            elif (
                message["type"] == self._answers and message["number"] == self._number and self._is_awaited()
            ):
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
            self._service.tasks.start(worker.stop(), f"retire {self._answers}s")


def _later(why: str) -> Refusal:
    return Refusal(503, f"{why}; try again", headers={"Retry-After": "5"})
