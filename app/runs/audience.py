"""A run's audience: what its viewers want, what the session shows them, and what happens when all leave."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from app.commands import Command, Watch
from app.hub import Hub, Viewer
from app.problems import Refusal
from app.runs.errands import Answer, unawaited
from app.runs.service import Service
from app.workers import Frame
from engine.errors import InvalidCommand, Problem
from engine.probes import Probe, Scalars
from engine.rundir import RunDirectory
from engine.spec import parse_probes

if TYPE_CHECKING:
    from app.runs.run import Run

log = logging.getLogger(__name__)


class Audience:
    """The viewers of one run, and the session's side of their demand."""

    def __init__(self, run: Run) -> None:
        self.hub = Hub()
        self._run = run
        #: Whether a session is there to be asked.
        self._open = False
        #: The pictures that the session was asked for last, with their rates; None: nobody knows.
        self._offered: dict[str, float] | None = None
        self._turn = asyncio.Lock()
        self._vigil: asyncio.Task[None] | None = None
        self._paused_unwatched = False

    # Coming and going --------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The run's name."""
        return self._run.id

    @property
    def service(self) -> Service:
        """The parts that runs share."""
        return self._run.service

    async def hello(self, viewer: Viewer) -> dict[str, Any]:
        """What a new viewer is told first."""
        run = self._run
        experiment = await run.experiment()
        told = {**run.status(), **run.info(), "control": viewer.control}
        del told["type"]
        return {"run": {**told, "experiment": experiment.document()}}

    async def submit(self, command: Command, viewer: Viewer) -> Answer:
        """What a viewer tells the run."""
        return await self._run.submit(command, viewer)

    def join(self, viewer: Viewer) -> None:
        """A viewer has come."""
        if self._vigil is not None:
            self._vigil.cancel()
            self._vigil = None
        self.hub.join(viewer)
        self._run.studies.bench.introduce(viewer)

    def leave(self, viewer: Viewer) -> None:
        """A viewer has gone; what only it wanted is computed no longer."""
        self.hub.leave(viewer)
        if not self._run.gone:
            self._run.service.tasks.start(self._lower(), f"demand {self._run.id}")
            self.keep_vigil()

    def keep_vigil(self) -> None:
        """Pause the run when nobody watches for a while, where it asked for that."""
        run = self._run
        if run.card.unwatched == "pause" and not self.hub.viewers and self._vigil is None:
            self._vigil = run.service.tasks.start(self._wait_for_viewers(), f"vigil {run.id}")

    async def _wait_for_viewers(self) -> None:
        await asyncio.sleep(self._run.service.settings.unwatched_seconds)
        self._vigil = None
        if self._run.state == "training" and not self.hub.viewers:
            unawaited(self._run.ask({"type": "pause"}))
            self._paused_unwatched = True

    def somebody_commands(self) -> None:
        """What a person wants counts from now on."""
        self._paused_unwatched = False

    # Demand ------------------------------------------------------------------------------------------

    async def watch(self, command: Watch, viewer: Viewer | None) -> dict[str, Any]:
        """Grant a viewer its demand, whole or not at all. Raises Refusal."""
        if viewer is None:
            raise Refusal.at(422, "/type", "'watch' needs a live connection; expected another command")
        try:
            probes = parse_probes(command.probes)
        except InvalidCommand as error:
            raise Refusal.of(error) from None
        demand = {probe.key: probe for probe in probes}
        async with self._turn:
            await self._prepare(viewer, demand)
            self.hub.settle(viewer, demand)
        if self._paused_unwatched and self._run.state == "paused" and demand:
            self._paused_unwatched = False
            unawaited(self._run.ask({"type": "play"}))
        return {"type": "ack", "step": self._run.card.step, "keys": list(demand)}

    async def _prepare(self, viewer: Viewer, demand: dict[str, Probe]) -> None:
        wanted = self.hub.pictures(instead=(viewer, demand))
        most = self._run.service.settings.max_run_keys
        if len(wanted) > most:
            raise Refusal.at(
                409,
                "/probes",
                f"all viewers together want {len(wanted)} different pictures; expected at most {most}",
            )
        missing = {
            key for key, probe in demand.items() if not isinstance(probe, Scalars)
        } - self.hub.latest.keys()
        if not missing and _rates(wanted) == self._offered:
            return
        if self._open:
            await self._offer(wanted, list(demand))
        elif missing:
            await self._do_without_session({key: wanted[key] for key in missing})

    async def _offer(self, wanted: dict[str, Probe], asked: list[str]) -> None:
        """Let the session prepare the pictures. Raises Refusal, with pointers into what this viewer asked."""
        try:
            await self._run.ask(self._offering(wanted))
        except Refusal as refusal:
            self._offered = None
            own = [
                Problem(
                    "/".join(["/probes", str(asked.index(key)), *problem.pointer.split("/")[3:]]),
                    problem.message,
                )
                for key, problem in _refused(wanted, refusal)
                if key in asked
            ]
            raise Refusal(422, str(own[0]) if own else refusal.detail, errors=own) from None

    async def _do_without_session(self, missing: dict[str, Probe]) -> None:
        """A run at rest comes back to show itself; one that cannot shows what it has recorded."""
        run = self._run
        if run.state in ("paused", "finished"):
            run.service.slots.request(run)
        elif run.state not in ("queued", "starting"):
            for key, probe in missing.items():
                found = await run.read(partial(RunDirectory.frames, key=key))
                if found:
                    now = run.service.clock()
                    newest = Frame(key, probe.kind, found[-1], scalar=False, first=0, count=1, made=now)
                    self.hub.latest[key] = newest

    def _offering(self, wanted: dict[str, Probe]) -> dict[str, Any]:
        self._offered = _rates(wanted)
        return {"type": "watch", "probes": [probe.model_dump(mode="json") for probe in wanted.values()]}

    async def _lower(self) -> None:
        """Ask for no more than is still wanted."""
        async with self._turn:
            wanted = self.hub.pictures()
            if self._open and _rates(wanted) != self._offered:
                unawaited(self._run.ask(self._offering(wanted)))

    # The session's side ------------------------------------------------------------------------------

    def open(self) -> None:
        """A session is there: it is asked for what viewers want already."""
        self._open, self._offered = True, None
        self._run.service.tasks.start(self._restore(), f"demand {self._run.id}")

    def close(self) -> None:
        """The session has gone, or will go."""
        self._open, self._offered = False, None

    async def _restore(self) -> None:
        """What viewers want already, less what does not apply any more."""
        async with self._turn:
            wanted = self.hub.pictures()
            if not wanted or not self._open:
                return
            try:
                await self._run.ask(self._offering(wanted))
            except Refusal as refusal:
                log.info("a demand lapsed: %s", refusal, extra={"run": self._run.id})
                for key, problem in _refused(wanted, refusal):
                    self.lapse(key, problem.message)
                if self._open:
                    unawaited(self._run.ask(self._offering(self.hub.pictures())))

    def lapse(self, key: str, detail: str) -> None:
        """A picture that does not apply any more leaves every viewer's demand."""
        self.hub.latest.pop(key, None)
        for viewer in self.hub.viewers:
            probe = viewer.demand.get(key)
            if probe is not None:
                self.hub.settle(viewer, {name: one for name, one in viewer.demand.items() if name != key})
                viewer.tell({"type": "unwatched", "key": key, "probe": probe.kind, "detail": detail})


def _refused(wanted: dict[str, Probe], refusal: Refusal) -> list[tuple[str, Problem]]:
    """The key behind each of a session's problems with `/probes/INDEX`."""
    keys, found = list(wanted), []
    for problem in refusal.errors:
        index = problem.pointer.removeprefix("/probes/").partition("/")[0]
        if index.isdecimal() and int(index) < len(keys):
            found.append((keys[int(index)], problem))
    return found


def _rates(probes: dict[str, Probe]) -> dict[str, float]:
    return {key: probe.hz for key, probe in probes.items()}
