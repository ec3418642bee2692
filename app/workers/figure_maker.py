"""FigureMaker: the workload of a worker that computes figures of the reference, one after the other."""

from __future__ import annotations

from typing import Any

from glassnet.app.workers.answerer import Answerer
from glassnet.app.workers.link import Outbox
from glassnet.engine.figures import drawn


class FigureMaker(Answerer):
    """Answers each question for a figure with its document, or why there is none.

    A question has a family, kinds, and the options of one or null to compare several.
    """

    def __init__(self, outbox: Outbox) -> None:
        super().__init__(outbox, "figure", _answer)


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    """The figure's document; `refused`, where the options suit no example."""
    try:
        return {"document": drawn(question["family"], question["kinds"], question["options"]).document()}
    except ValueError as error:
        return {"refused": str(error)}
