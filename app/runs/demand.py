"""What a session is asked to show: what controllers want, and what of watchers' wishes there is room for.

A picture that a controller wants costs nothing more when others see it, too. Beyond those, watchers share a
budget: first come, first served, and where controllers want more, what came last goes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from glassnet.app.hub.hub import Viewer
from glassnet.engine.probes import Probe, Scalars

#: What a viewer wants, by key.
Demand = Mapping[str, Probe]


@dataclass(frozen=True)
class Budget:
    """The number of different pictures that one run computes."""

    #: For all together.
    run: int
    #: For one watcher, beyond what others want.
    watcher: int
    #: For all watchers together, beyond what controllers want.
    watchers: int
    #: How many of each a second, where watchers ask.
    hz: float


@dataclass
class Allotment:
    """The pictures requested of the session, and those that viewers do not get."""

    #: Each picture once, at the highest rate that counts.
    pictures: dict[str, Probe] = field(default_factory=dict)
    #: The keys that controllers want: those are worth keeping.
    controlled: frozenset[str] = frozenset()
    #: The keys that a watcher does not get.
    lapsed: dict[Viewer, frozenset[str]] = field(default_factory=dict)

    def granted(self, viewer: Viewer, demand: Demand) -> dict[str, Probe]:
        """The part of a viewer's demand that is granted."""
        without = self.lapsed.get(viewer, frozenset())
        return {key: probe for key, probe in demand.items() if key not in without}

    @property
    def rates(self) -> dict[str, float]:
        """The rate of each picture, per second."""
        return {key: probe.hz for key, probe in self.pictures.items()}


def allot(demands: Iterable[tuple[Viewer, Demand]], budget: Budget) -> Allotment:
    """Divide the pictures that one run may compute among its viewers, first come, first served."""
    demands = list(demands)
    allotment = Allotment()
    for viewer, demand in demands:
        if viewer.control:
            for key, probe in _pictures(demand).items():
                if key not in allotment.pictures or allotment.pictures[key].hz < probe.hz:
                    allotment.pictures[key] = probe
    allotment.controlled = frozenset(allotment.pictures)
    room = min(budget.watchers, budget.run - len(allotment.controlled))
    for viewer, demand in demands:
        if not viewer.control:
            room -= _let_watch(allotment, viewer, demand, budget, room)
    return allotment


def _let_watch(allotment: Allotment, viewer: Viewer, demand: Demand, budget: Budget, room: int) -> int:
    """Grant a watcher the pictures of others and a part of the rest; returns the size of that part."""
    taken, lapsed = 0, set()
    for key, probe in _pictures(demand).items():
        new = key not in allotment.pictures
        if new and taken >= min(room, budget.watcher):
            lapsed.add(key)
            continue
        taken += new
        if new or allotment.pictures[key].hz < min(probe.hz, budget.hz):
            allotment.pictures[key] = probe.model_copy(update={"hz": min(probe.hz, budget.hz)})
    if lapsed:
        allotment.lapsed[viewer] = frozenset(lapsed)
    return taken


def _pictures(demand: Demand) -> Demand:
    return {key: probe for key, probe in demand.items() if not isinstance(probe, Scalars)}
