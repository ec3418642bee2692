"""The policy for runs without a controlling viewer: continue, pause or stop; examples pause at once.

An example is a run that was started to be looked at. It has a worker only while a viewer with control is
connected: when the last one leaves, it pauses and gives its worker up at once, and when one comes back, it
goes on if it was playing. As soon as a user takes possession of it (edits it, names it, keeps a checkpoint),
it is a run like any other, and `unwatched` says what it does.
"""

from __future__ import annotations

import asyncio
import logging

from glassnet.app.core.problems import Refusal
from glassnet.app.runs.backlog import AIMS
from glassnet.app.runs.host import Host
from glassnet.app.runs.replies import unawaited
from glassnet.engine.run.commands import Command, Pause, Play, Stop

log = logging.getLogger(__name__)

#: The states in which `stop` applies.
UNDER_WAY = ("queued", "starting", "training", "paused")

#: The states from which it can be played; it may be starting already, for a viewer, or not have paused yet.
RESUMABLE = ("queued", "starting", "training", "paused", "stopped")


class Unwatched:
    """Applies the policy of one run when it has no controlling viewers."""

    def __init__(self, run: Host) -> None:
        self._run = run
        self._waiting: asyncio.Task[None] | None = None
        #: Applying the policy and undoing it exclude each other.
        self._turn = asyncio.Lock()
        #: Whether the last controlling viewer of an example has left, and no command has come since.
        self._left = False
        #: Whether a viewer with control has left it since the server started.
        self.was_left = False
        #: Whether the last command that decides about training was a pause, which may still be on its way.
        self._paused = False

    def left(self) -> None:
        """Apply the policy to an example that its last controlling viewer has left; else as `keep`."""
        if self._run.record.example and not self._run.attended:
            self.end()
            self._left = self.was_left = True
        self.keep()

    def keep(self) -> None:
        """Apply the policy after a grace period, unless a controlling viewer comes.

        There is none where an example was left: also one whose `play` was still on its way then.
        """
        if self._run.abandoned and self._waiting is None:
            seconds = 0.0 if self._left else self._run.service.settings.unwatched_seconds
            self._waiting = self._run.service.tasks.start(self._apply(seconds), f"unwatched {self._run.id}")

    def end(self) -> None:
        """End the grace period: there is a controlling viewer."""
        self._left = False
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def commanded(self, command: Command) -> None:
        """Forget that the policy paused the run: a command has decided since."""
        if isinstance(command, AIMS):
            self._paused = isinstance(command, Pause)
        self._run.record.resting = self._left = False

    async def resume(self) -> None:
        """Play a run that the policy had paused or stopped, unless its viewer has left meanwhile."""
        async with self._turn:
            run = self._run
            if run.attended and run.record.resting and run.state in RESUMABLE:
                unawaited(await run.submit(Play.make()))

    async def _apply(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._waiting = None
        try:
            async with self._turn:
                await self._give_up()
        except Refusal as refusal:
            log.info("unwatched, but not given up: %s", refusal, extra={"run": self._run.id})

    async def _give_up(self) -> None:
        run = self._run
        if not run.abandoned or run.deleted:
            return
        pauses = run.record.example or run.record.unwatched == "pause"
        if pauses and (run.state in ("training", "queued") or self._is_to_play):
            by_hand = self._paused and not run.record.resting
            unawaited(await run.submit(Pause.make()))
            if not by_hand:
                self._rest()
        elif not pauses and run.state in UNDER_WAY:
            going = run.state != "paused"
            unawaited(await run.submit(Stop.make()))
            if going:
                self._rest()
        run.answered()  # an example that had paused before gives its worker up

    def _rest(self) -> None:
        """Record that the run is at rest for want of viewers alone."""
        self._run.record.resting = True
        self._run.write_record()

    @property
    def _is_to_play(self) -> bool:
        """Whether it is starting, for a viewer who has left meanwhile."""
        return self._run.state == "starting" and self._run.session.is_to_train
