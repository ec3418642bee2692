"""Figures: the figures of the reference that train a network, computed by a worker, and kept.

The web process trains nothing. There is one worker for all figures (answering.py); a figure is computed once
for the life of the server.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.studies.answering import Answer, AnsweringWorker
from glassnet.app.studies.runner import Resources
from glassnet.engine.errors import InvalidDocument, Problem

#: Seconds that a figure may take, a tenth of which is usual on a free machine; figures that are kept.
MOST_SECONDS, MOST_KEPT = 60.0, 256


class Figures:
    """The figures of a server that take a training."""

    def __init__(self, service: Resources) -> None:
        self._worker = AnsweringWorker(service, "figure", "the figure")
        #: One figure at a time is computed.
        self._turn = asyncio.Lock()
        self._kept: dict[str, Answer] = {}

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
                    self._keep(key, await self._worker.answer(question, MOST_SECONDS))
        answer = self._kept[key]
        if "refused" in answer:
            raise Refusal.of(InvalidDocument([Problem("", answer["refused"])]))
        document: dict[str, Any] = answer["document"]
        return document

    def _keep(self, key: str, answer: Answer) -> None:
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = answer
