"""Answerer: the workload of a worker that answers questions of one sort, one after the other."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from glassnet.app.workers.link import Outbox

log = logging.getLogger(__name__)

#: The sorts of questions: for a figure of the reference, or for a file made of a run.
Answers = Literal["figure", "export"]


class Answerer:
    """A workload that answers each question, or says why there is no answer."""

    device = "cpu"

    def __init__(
        self, outbox: Outbox, answers: Answers, answer: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        """`answer` may raise anything: that ends one question and no other."""
        self._outbox, self._answers, self._answer = outbox, answers, answer
        self._questions: deque[dict[str, Any]] = deque()

    def handle(self, message: dict[str, Any]) -> None:
        """Note a question."""
        self._questions.append(message)

    def advance(self) -> float | None:
        """Answer one question."""
        if not self._questions:
            return None
        question = self._questions.popleft()
        self._outbox.text({"type": self._answers, "number": question["number"], **self._answered(question)})
        return 0.0

    def _answered(self, question: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._answer(question)
        except Exception as error:
            log.exception("a question was not answered")
            return {"failed": f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"}

    def close(self) -> None:
        """End without a trace: nothing of it is kept."""
