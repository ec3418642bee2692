"""Reading and building experiments without a number computed, off the event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import anyio

from app.runs import limits
from app.settings import Settings
from engine.edits import apply_patch
from engine.errors import InvalidExperiment
from engine.plan import Plan
from engine.spec import Experiment

T = TypeVar("T")


class Builder:
    """Takes documents to experiments that can be built.

    One at a time: a plan is measured with hooks that torch keeps for the whole process. Each takes
    milliseconds, and the limits of the document and of the network bound the longest.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = anyio.CapacityLimiter(1)

    async def experiment(self, document: Any) -> Experiment:
        """The experiment in a document. Raises InvalidExperiment."""
        return await self._in_thread(lambda: self._read(document, limited=True)[0])

    async def described(self, document: Any) -> dict[str, Any]:
        """What a document's network is made of. Raises InvalidExperiment; knows no limits."""
        return await self._in_thread(lambda: self._description(document))

    async def edited(self, experiment: Experiment, patch: list[Any]) -> Experiment:
        """The experiment after a patch. Raises InvalidCommand or InvalidExperiment."""
        return await self._in_thread(lambda: self._planned(apply_patch(experiment, patch), limited=True)[0])

    async def warm(self) -> None:
        """Build the validators of every catalog before the first visitor waits for them."""
        await self._in_thread(lambda: Plan.of(Experiment.parse({"data": {"kind": "spiral"}})))

    def _description(self, document: Any) -> dict[str, Any]:
        return self._read(document, limited=False)[1].describe()

    def _read(self, document: Any, *, limited: bool) -> tuple[Experiment, Plan]:
        """What is wrong with a default is told at the nearest place that was sent."""
        try:
            return self._planned(Experiment.parse(document), limited=limited)
        except InvalidExperiment as error:
            raise error.within(document) from None

    def _planned(self, experiment: Experiment, *, limited: bool) -> tuple[Experiment, Plan]:
        plan = Plan.of(experiment)
        if limited:
            limits.check(experiment, plan, self._settings)
        return experiment, plan

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(work, limiter=self._turn)
