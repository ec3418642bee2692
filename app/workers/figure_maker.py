"""FigureMaker: the workload of a worker that computes figures of the reference, one after the other."""

from __future__ import annotations

import logging
from collections import deque
from typing import Any

from glassnet.app.workers.link import Outbox
from glassnet.engine.figures import drawn

log = logging.getLogger(__name__)


class FigureMaker:
    """A workload that answers each question for a figure with its document, or why there is none."""

    device = "cpu"

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._questions: deque[dict[str, Any]] = deque()

    def handle(self, message: dict[str, Any]) -> None:
        """Note a question: family, kinds, and the options of one or null to compare several."""
        self._questions.append(message)

    def advance(self) -> float | None:
        """Answer one question."""
        if not self._questions:
            return None
        question = self._questions.popleft()
        self._outbox.text({"type": "figure", "number": question["number"], **_answer(question)})
        return 0.0

    def close(self) -> None:
        """End without a trace: nothing of it is kept."""


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    """The figure's document; `refused`, where the options suit no example; `failed`, where it has a fault."""
    try:
        return {"document": drawn(question["family"], question["kinds"], question["options"]).document()}
    except ValueError as error:
        return {"refused": str(error)}
    except Exception as error:  # a figure may be a plug-in's: its fault ends this figure and no other
        log.exception("a figure failed")
        return {"failed": f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"}
