"""The policy for runs without a controlling viewer: continue, pause or stop."""

from __future__ import annotations

import asyncio
import logging

from glassnet.app.core.problems import Refusal
from glassnet.app.runs.host import Host
from glassnet.app.runs.replies import unawaited
from glassnet.engine.run.commands import Pause, Play, Stop

log = logging.getLogger(__name__)

#: The states in which `stop` applies.
UNDER_WAY = ("queued", "starting", "training", "paused")

#: The states from which it can be played; it may be starting already, for a viewer.
RESUMABLE = ("queued", "starting", "paused", "stopped")


class Unwatched:
    """Applies the policy of one run after a grace period without controlling viewers."""

    def __init__(self, run: Host) -> None:
        self._run = run
        self._waiting: asyncio.Task[None] | None = None
        #: Applying the policy and undoing it exclude each other.
        self._turn = asyncio.Lock()
        #: Whether the policy has paused or stopped the run.
        self._at_rest = False

    def keep(self) -> None:
        """Start the grace period where the policy needs one and there is no controlling viewer."""
        run = self._run
        if run.record.unwatched != "continue" and self._waiting is None and not self._attended:
            self._waiting = run.service.tasks.start(self._wait(), f"unwatched {run.id}")

    def end(self) -> None:
        """End the grace period: there is a controlling viewer."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def commanded(self) -> None:
        """Forget that the policy paused the run: a command has decided since."""
        self._at_rest = False

    async def resume(self) -> None:
        """Play a run that the policy had paused or stopped."""
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
        if self._attended or run.deleted:
            return
        if run.record.unwatched == "pause" and run.state in ("training", "queued"):
            unawaited(await run.submit(Pause.make()))
            self._at_rest = True
        elif run.record.unwatched == "stop" and run.state in UNDER_WAY:
            going = run.state != "paused"
            unawaited(await run.submit(Stop.make()))
            self._at_rest = going
