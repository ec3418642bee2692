"""What becomes of a run that nobody watches who may control it: some go on, some pause, some end."""

from __future__ import annotations

import asyncio
import logging

from glassnet.app.core.problems import Refusal
from glassnet.app.runs.host import Host
from glassnet.app.runs.replies import unawaited
from glassnet.engine.run.commands import Pause, Play, Stop

log = logging.getLogger(__name__)

#: The states in which a run has something to give up.
UNDER_WAY = ("queued", "starting", "training", "paused")

#: The states in which it can go on; it may be on its way back already, to show itself.
RESUMABLE = ("queued", "starting", "paused", "stopped")


class Unwatched:
    """Waits for a run's controllers to come back, and ends with the first who does."""

    def __init__(self, run: Host) -> None:
        self._run = run
        self._waiting: asyncio.Task[None] | None = None
        #: What has begun to be given up is given up before it goes on.
        self._turn = asyncio.Lock()
        #: Whether the run stands still because nobody watched.
        self._at_rest = False

    def keep(self) -> None:
        """Begin to wait where the run asked for that and nobody is there."""
        run = self._run
        if run.record.unwatched != "continue" and self._waiting is None and not self._attended:
            self._waiting = run.service.tasks.start(self._wait(), f"unwatched {run.id}")

    def end(self) -> None:
        """Somebody is there."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def commanded(self) -> None:
        """What a person wants counts from now on."""
        self._at_rest = False

    async def resume(self) -> None:
        """Somebody looks again: a run that stands still for want of that goes on."""
        async with self._turn:
            if self._at_rest and self._run.state in RESUMABLE:
                self._at_rest = False
                unawaited(await self._run.submit(Play.make()))

    @property
    def _attended(self) -> bool:
        return any(viewer.control for viewer in self._run.hub.viewers)

    async def _wait(self) -> None:
        await asyncio.sleep(self._run.service.settings.unwatched_seconds)
        self._waiting = None
        try:
            async with self._turn:
                await self._give_up()
        except Refusal as refusal:
            log.info("unwatched, but not given up: %s", refusal, extra={"run": self._run.id})

    async def _give_up(self) -> None:
        run = self._run
        if self._attended or run.gone:
            return
        if run.record.unwatched == "pause" and run.state in ("training", "queued"):
            unawaited(await run.submit(Pause.make()))
            self._at_rest = True
        elif run.record.unwatched == "stop" and run.state in UNDER_WAY:
            going = run.state != "paused"
            unawaited(await run.submit(Stop.make()))
            self._at_rest = going
