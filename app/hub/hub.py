"""The hub: one run, many viewers.

It merges what viewers want into one demand (each picture once, at the highest rate anybody asked) and
hands every frame to the mailboxes of those who want it. It never waits for anybody.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from glassnet.app.hub.mailbox import Mailbox
from glassnet.app.workers import Frame
from glassnet.engine.probes import Probe, Scalars

#: The close code for viewers of a run that was deleted.
GONE = 4410


@dataclass(eq=False)
class Viewer:
    """A connection that looks at a run."""

    #: Whether it may do more than watch.
    control: bool
    mailbox: Mailbox = field(default_factory=Mailbox)
    #: What it wants, by key.
    wish: dict[str, Probe] = field(default_factory=dict)
    #: What it gets of that.
    demand: dict[str, Probe] = field(default_factory=dict)
    #: The keys of what it does not get, and has been told so.
    without: frozenset[str] = frozenset()
    #: Whether it gets what it wished for last, as far as it can.
    settled: bool = True
    #: Its place in the order of coming.
    number: int = field(default_factory=count().__next__)

    def rates(self) -> dict[str, float]:
        """The pictures it wants, with how many a second."""
        return {key: probe.hz for key, probe in self.demand.items() if not isinstance(probe, Scalars)}

    def tell(self, message: dict[str, Any]) -> None:
        """Words for this viewer alone."""
        self.mailbox.say(json.dumps(message))


class Hub:
    """The viewers of one run."""

    def __init__(self) -> None:
        self.viewers: set[Viewer] = set()
        #: The newest frame of each picture, for those who come late.
        self.latest: dict[str, Frame] = {}
        #: The row that comes next, for each scalar probe by key.
        self._next_row: dict[str, int] = {}

    def join(self, viewer: Viewer) -> None:
        """Somebody looks from now on."""
        self.viewers.add(viewer)

    def leave(self, viewer: Viewer) -> None:
        """Somebody looks no longer."""
        self.viewers.discard(viewer)

    # Demand ------------------------------------------------------------------------------------------

    def pictures(self) -> dict[str, Probe]:
        """All pictures that viewers get, each at the highest rate."""
        wanted: dict[str, Probe] = {}
        for viewer in self.viewers:
            for key, probe in viewer.demand.items():
                if isinstance(probe, Scalars):
                    continue
                if key not in wanted or wanted[key].hz < probe.hz:
                    wanted[key] = probe
        return wanted

    def settle(self, viewer: Viewer, demand: dict[str, Probe]) -> None:
        """The viewer's demand is granted: from now on frames come, and the newest ones at once."""
        new = demand.keys() - viewer.demand.keys()
        viewer.demand = demand
        viewer.mailbox.demand(viewer.rates())
        for key in new & self.latest.keys():
            viewer.mailbox.picture(self.latest[key])
        wanted = self.pictures()
        self.latest = {key: frame for key, frame in self.latest.items() if key in wanted}

    # Frames and words --------------------------------------------------------------------------------

    def receive(self, frame: Frame) -> None:
        """A frame from the session, for all who want it."""
        if not frame.scalar:
            self.latest[frame.key] = frame
            for viewer in self.viewers:
                viewer.mailbox.picture(frame)
            return
        expected = self._next_row.get(frame.key, frame.first)
        self._next_row[frame.key] = frame.next
        for viewer in self.viewers:
            if frame.key in viewer.demand:
                if expected < frame.first:
                    viewer.mailbox.gap(frame.key, frame.probe, expected, frame.first)
                viewer.mailbox.scalars(frame)

    def sight(self, frame: Frame) -> None:
        """What a study sees, for everybody."""
        for viewer in self.viewers:
            viewer.mailbox.sight(frame)

    def progress(self, message: dict[str, Any], *, ended: bool) -> None:
        """How far a study has come, for everybody."""
        said = json.dumps(message)
        for viewer in self.viewers:
            viewer.mailbox.progress(message["key"], said, ended=ended)

    def status(self, status: dict[str, Any]) -> None:
        """How the run stands, for everybody."""
        message = json.dumps(status)
        for viewer in self.viewers:
            viewer.mailbox.status(message)

    def tell(self, message: dict[str, Any]) -> None:
        """Words for everybody."""
        said = json.dumps(message)
        for viewer in self.viewers:
            viewer.mailbox.say(said)

    def dismiss(self, reason: str) -> None:
        """Everybody has to go: the run is gone."""
        for viewer in self.viewers:
            viewer.mailbox.dismiss(GONE, reason)
