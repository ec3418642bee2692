"""A run's viewers: their demand, what the session computes of it, and what happens when all leave."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from glassnet.app.core.problems import Refusal
from glassnet.app.hub.hub import Hub, Viewer
from glassnet.app.runs.demand import Allotment, Budget, Demand, allot
from glassnet.app.runs.host import Host
from glassnet.app.runs.replies import Answer, unawaited
from glassnet.app.runs.service import Service
from glassnet.app.runs.unwatched import Unwatched
from glassnet.app.store.references import in_document
from glassnet.app.workers import Frame
from glassnet.engine.errors import InvalidCommand, Problem
from glassnet.engine.experiment.experiment import parse_probes
from glassnet.engine.probes import Probe
from glassnet.engine.run.commands import Command, Watch, WatchAll
from glassnet.engine.run.directory import RunDirectory

log = logging.getLogger(__name__)

#: The pictures that a session is asked for, with their rates, and which of them it keeps.
Offering = tuple[dict[str, float], frozenset[str]]

#: The blob that an input has before one is chosen.
NO_BLOB = "0" * 64

#: Seconds that a run at rest keeps a worker that others wait for, to show its viewers what they want.
SHOW_SECONDS = 2.0


class Viewers:
    """The viewers of one run, with their demand of its session."""

    def __init__(self, run: Host) -> None:
        self.hub, self.unwatched = Hub(), Unwatched(run)
        self._run = run
        #: Whether a session is there to be asked.
        self._open = False
        #: The last demand sent to the session; None: not known.
        self._offered: Offering | None = None
        self._turn, self._turn_of_watchers = asyncio.Lock(), asyncio.Lock()
        settings = run.service.settings
        self._budget = Budget(
            run=settings.max_run_keys,
            watcher=settings.max_watcher_keys,
            watchers=settings.max_watchers_keys,
            hz=settings.watcher_hz,
        )
        self._out_of_date = False
        #: Pictures that viewers want and the present session has not shown yet, and since when.
        self._unseen: set[str] = set()
        self._expecting_since = 0.0

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
        """The first message to a new viewer."""
        run = self._run
        experiment = await run.document()
        told = {**run.status(), **run.info(), "control": viewer.control}
        del told["type"]
        if run.state == "incomplete":
            told["catalog"] = (await run.files.read(lambda directory: directory.noted())).catalog
        return {"run": {**told, "experiment": experiment}}

    async def submit(self, command: Command, viewer: Viewer) -> Answer:
        """A future for the ack of a viewer's command. Raises Refusal."""
        return await self._run.submit(command, viewer)

    def join(self, viewer: Viewer) -> None:
        """Add a viewer."""
        if viewer.control:
            self.unwatched.end()
        self.hub.join(viewer)
        self._run.service.slots.prefer(self._run)
        self._run.introduce(viewer)

    def leave(self, viewer: Viewer) -> None:
        """Remove a viewer; pictures of its demand alone are no longer computed."""
        self.hub.leave(viewer)
        if not self._run.deleted:
            self._bring_up_to_date_soon()
            self.unwatched.left()

    # Demand ------------------------------------------------------------------------------------------

    async def watch(self, command: Watch, viewer: Viewer | None) -> dict[str, Any]:
        """Grant a viewer its demand: a controller whole or not at all, a watcher what there is room for.

        What a watcher does without it is told by `unwatched`. Raises Refusal.
        """
        if viewer is None:
            raise Refusal.at(422, "/type", "'watch' needs a live connection; expected another command")
        try:
            probes = parse_probes(command.probes)
        except InvalidCommand as error:
            raise Refusal.of(error) from None
        wish = {probe.key: probe for probe in probes}
        async with self._one_watcher(viewer), self._turn:
            await self._check_blobs(viewer, wish)
            await self._prepare(viewer, wish)
            viewer.requested, viewer.served, viewer.unserved = wish, False, viewer.unserved & wish.keys()
            self._settle()
        if viewer.control and wish:
            await self.unwatched.resume()
        return {"keys": list(wish)}

    @asynccontextmanager
    async def _one_watcher(self, viewer: Viewer) -> AsyncIterator[None]:
        """Let one watcher at a time wait for the lock: a controller waits for one, not for hundreds."""
        if viewer.control:
            yield
            return
        async with self._turn_of_watchers:
            yield

    async def _check_blobs(self, viewer: Viewer, wish: dict[str, Probe]) -> None:
        """Raise Refusal where a watcher asks for a blob that the run does not refer to."""
        if viewer.control:
            return
        for index, (key, probe) in enumerate(wish.items()):
            wanted = in_document(probe.model_dump(mode="json")) - {NO_BLOB}
            if wanted and key not in self._allotment().controlled:
                experiment = await self._run.files.experiment()
                if wanted - in_document(experiment.document()):
                    said = "this connection may watch; expected a picture that the experiment refers to"
                    raise Refusal.at(403, f"/probes/{index}", said)

    def _allotment(self, viewer: Viewer | None = None, wish: Demand | None = None) -> Allotment:
        """The pictures of all viewers, with another demand for one of them if given."""
        viewers = sorted(self.hub.viewers, key=lambda one: one.number)
        wishes = ((one, wish if one is viewer and wish is not None else one.requested) for one in viewers)
        return allot(wishes, self._budget)

    async def _prepare(self, viewer: Viewer, wish: dict[str, Probe]) -> None:
        """Request a viewer's pictures of the session. Raises Refusal."""
        allotment = self._allotment(viewer, wish)
        if len(allotment.controlled) > self._budget.run:
            raise Refusal.at(
                409,
                "/probes",
                f"all who control the run want {len(allotment.controlled)} different pictures; "
                f"expected at most {self._budget.run}",
            )
        granted = allotment.granted(viewer, wish)
        missing = {key for key in granted if key in allotment.pictures} - self.hub.latest.keys()
        if not missing and _offering(allotment) == self._offered:
            return
        if not allotment.pictures:
            self._bring_up_to_date_soon()  # there is nothing that could be refused
        elif self._open:
            self._expect(missing)
            await self._offer(allotment, viewer, wish)
        elif missing and viewer.control and self._run.state in ("paused", "finished"):
            self._run.service.slots.request(self._run)  # it comes back to show itself
        else:
            await self._recorded({key: allotment.pictures[key] for key in missing})

    async def _offer(self, allotment: Allotment, viewer: Viewer, wish: dict[str, Probe]) -> None:
        """Request pictures of the session. Raises Refusal, with pointers into the viewer's demand."""
        asked = list(wish)
        try:
            await self._tell(allotment)
        except Refusal as refusal:
            self._offered = None
            refused = _refused(list(allotment.pictures), refusal)
            own = [
                Problem(
                    "/".join(["/probes", str(asked.index(key)), *problem.pointer.split("/")[3:]]),
                    problem.message,
                )
                for key, problem in refused
                if key in asked
            ]
            if own or not refused:
                raise Refusal(422, str(own[0]) if own else refusal.detail, errors=own) from None
            for key, problem in refused:  # what others want is no reason against this viewer
                self.lapse(key, problem.message)
            await self._prepare(viewer, wish)

    async def _recorded(self, missing: dict[str, Probe]) -> None:
        """Show recorded frames of a run that has no session and gets none for this."""
        run = self._run
        if run.state == "starting":
            return  # it will have one at once
        for key, probe in missing.items():
            found = await run.files.read(partial(RunDirectory.frames, key=key))
            if found:
                now = run.service.clock()
                newest = Frame(key, probe.kind, found[-1], scalar=False, first=0, count=1, made=now)
                self.hub.latest[key] = newest

    def _tell(self, allotment: Allotment) -> Answer:
        """Request these pictures of the session, and the recording of those of controlling viewers."""
        self._offered = _offering(allotment)
        self._unseen &= allotment.pictures.keys()
        probes = [probe.model_dump(mode="json") for probe in allotment.pictures.values()]
        return self._run.session.ask(WatchAll.make(probes=probes, record=sorted(allotment.controlled)))

    def _settle(self) -> Allotment:
        """Apply the allotment to every viewer, and tell watchers which pictures they do not get."""
        allotment = self._allotment()
        for viewer in self.hub.viewers:
            without = allotment.lapsed.get(viewer, frozenset())
            if viewer.served and without == viewer.unserved:
                continue
            self.hub.grant(viewer, allotment.granted(viewer, viewer.requested))
            for key in sorted(without - viewer.unserved):
                self._unwatch(viewer, key, viewer.requested[key], self._crowded())
            viewer.served, viewer.unserved = True, without
        return allotment

    def _crowded(self) -> str:
        budget = self._budget
        return (
            f"there is no room for this picture: a watcher adds at most {budget.watcher} to what others see, "
            f"all watchers together {budget.watchers}, and those who control the run come first"
        )

    def _unwatch(self, viewer: Viewer, key: str, probe: Probe, detail: str) -> None:
        viewer.send({"type": "unwatched", "key": key, "probe": probe.kind, "detail": detail})

    # The session's side ------------------------------------------------------------------------------

    def open(self) -> None:
        """Request the viewers' demand of a new session."""
        self._open, self._offered = True, None
        self._expect(self.hub.pictures())
        self._bring_up_to_date_soon()

    def close(self) -> None:
        """Note that the session has ended, or is ending."""
        self._open, self._offered = False, None
        self._unseen.clear()

    def _expect(self, keys: Iterable[str]) -> None:
        self._unseen, self._expecting_since = self._unseen.union(keys), self._run.service.clock()

    @property
    def expectant(self) -> bool:
        """Whether viewers wait for a first frame of the session, and have not waited for long."""
        waited = self._run.service.clock() - self._expecting_since
        return bool(self._unseen) and bool(self.hub.viewers) and waited < SHOW_SECONDS

    def saw(self, frame: Frame) -> bool:
        """Note a frame of the session; returns whether it was the last that viewers were waiting for."""
        if frame.key not in self._unseen:
            return False
        self._unseen.discard(frame.key)
        return not self._unseen

    def _bring_up_to_date_soon(self) -> None:
        """Update once for all viewers that come and go until then."""
        if not self._out_of_date:
            self._out_of_date = True
            self._run.service.tasks.start(self._bring_up_to_date(), f"demand {self._run.id}")

    async def _bring_up_to_date(self) -> None:
        """Request the current demand of the session, without pictures that no longer apply."""
        async with self._turn:
            self._out_of_date = False
            allotment = self._settle()
            nothing = self._offered is None and not allotment.pictures  # nor did it ever have
            if not self._open or nothing or _offering(allotment) == self._offered:
                return
            try:
                await self._tell(allotment)
            except Refusal as refusal:
                log.info("a demand lapsed: %s", refusal, extra={"run": self._run.id})
                for key, problem in _refused(list(allotment.pictures), refusal):
                    self.lapse(key, problem.message)
                if self._open:
                    unawaited(self._tell(self._settle()))

    def lapse(self, key: str, detail: str) -> None:
        """Remove a picture that no longer applies from every viewer's demand."""
        self.hub.latest.pop(key, None)
        for viewer in self.hub.viewers:
            probe = viewer.requested.pop(key, None)
            if probe is not None:
                self.hub.grant(viewer, {name: one for name, one in viewer.demand.items() if name != key})
                self._unwatch(viewer, key, probe, detail)


def _refused(keys: list[str], refusal: Refusal) -> list[tuple[str, Problem]]:
    """The key behind each of a session's problems with `/probes/INDEX`."""
    found = []
    for problem in refusal.errors:
        index = problem.pointer.removeprefix("/probes/").partition("/")[0]
        if index.isdecimal() and int(index) < len(keys):
            found.append((keys[int(index)], problem))
    return found


def _offering(allotment: Allotment) -> Offering:
    return allotment.rates, allotment.controlled
