"""The hub: one run, many viewers.

It merges the viewers' demands into one (each picture once, at the highest rate that a viewer requests), and
puts every frame into the mailboxes of the viewers that watch it. It never waits for a viewer.
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
    """A connection that watches a run."""

    #: Whether it may do more than watch.
    control: bool
    mailbox: Mailbox = field(default_factory=Mailbox)
    #: The probes it requested, by key.
    requested: dict[str, Probe] = field(default_factory=dict)
    #: The requested probes that it is sent.
    demand: dict[str, Probe] = field(default_factory=dict)
    #: The keys of requested probes that it is not sent, and has been notified about.
    unserved: frozenset[str] = frozenset()
    #: Whether its last request has taken effect, as far as possible.
    served: bool = True
    #: Its position in the order of arrival.
    number: int = field(default_factory=count().__next__)

    def rates(self) -> dict[str, float]:
        """The rate in frames a second of each picture that it is sent, by key."""
        return {key: probe.hz for key, probe in self.demand.items() if not isinstance(probe, Scalars)}

    def send(self, message: dict[str, Any]) -> None:
        """Send a message to this viewer alone."""
        self.mailbox.put_message(json.dumps(message))


class Hub:
    """The viewers of one run."""

    def __init__(self) -> None:
        self.viewers: set[Viewer] = set()
        #: The newest frame of each picture, for viewers who join late.
        self.latest: dict[str, Frame] = {}
        #: The number of the next row of each scalar probe, by key.
        self._next_row: dict[str, int] = {}

    def join(self, viewer: Viewer) -> None:
        """Add a viewer."""
        self.viewers.add(viewer)

    def leave(self, viewer: Viewer) -> None:
        """Remove a viewer."""
        self.viewers.discard(viewer)

    # Demand ------------------------------------------------------------------------------------------

    def pictures(self) -> dict[str, Probe]:
        """The pictures that viewers are sent, each at its highest rate."""
        wanted: dict[str, Probe] = {}
        for viewer in self.viewers:
            for key, probe in viewer.demand.items():
                if isinstance(probe, Scalars):
                    continue
                if key not in wanted or wanted[key].hz < probe.hz:
                    wanted[key] = probe
        return wanted

    def grant(self, viewer: Viewer, demand: dict[str, Probe]) -> None:
        """Set the probes that a viewer is sent; it receives their newest frames at once."""
        new = demand.keys() - viewer.demand.keys()
        viewer.demand = demand
        viewer.mailbox.set_rates(viewer.rates())
        for key in new & self.latest.keys():
            viewer.mailbox.picture(self.latest[key])
        wanted = self.pictures()
        self.latest = {key: frame for key, frame in self.latest.items() if key in wanted}

    # Frames and messages -----------------------------------------------------------------------------

    def receive(self, frame: Frame) -> None:
        """Distribute a frame of the session to the viewers that watch its probe."""
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

    def study_frame(self, frame: Frame) -> None:
        """Distribute a frame of a study to all viewers."""
        for viewer in self.viewers:
            viewer.mailbox.study_frame(frame)

    def progress(self, message: dict[str, Any], *, ended: bool) -> None:
        """Distribute the progress of a study to all viewers."""
        text = json.dumps(message)
        for viewer in self.viewers:
            viewer.mailbox.progress(message["key"], text, ended=ended)

    def status(self, status: dict[str, Any]) -> None:
        """Distribute the run's status to all viewers."""
        message = json.dumps(status)
        for viewer in self.viewers:
            viewer.mailbox.status(message)

    def broadcast(self, message: dict[str, Any]) -> None:
        """Send a message to all viewers."""
        text = json.dumps(message)
        for viewer in self.viewers:
            viewer.mailbox.put_message(text)

    def disconnect(self, reason: str) -> None:
        """Close the connections of all viewers, because the run was deleted."""
        for viewer in self.viewers:
            viewer.mailbox.disconnect(GONE, reason)
