"""Of what one run computes, controllers have what they want, and watchers what there is room for."""

from __future__ import annotations

from typing import Any

import pytest

from glassnet.app.hub.hub import Viewer
from glassnet.app.runs.demand import Allotment, Budget, Demand, allot
from glassnet.engine.experiment.experiment import parse_probes

BUDGET = Budget(run=6, watcher=2, watchers=3, hz=10)


def surfaces(*resolutions: int, hz: float = 5) -> dict[str, Any]:
    """As many different pictures."""
    asked: list[Any] = [{"kind": "surface", "resolution": each, "hz": hz} for each in resolutions]
    return {probe.key: probe for probe in parse_probes([*asked, {"kind": "progress"}])}


def shared(*demands: tuple[bool, Demand]) -> tuple[Allotment, list[list[int]]]:
    """The allotment, and the pictures that each viewer gets, by resolution."""
    viewers = [(Viewer(control), demand) for control, demand in demands]
    allotment = allot(viewers, BUDGET)
    granted = [allotment.granted(viewer, demand) for viewer, demand in viewers]
    assert all("progress" in [probe.kind for probe in each.values()] for each in granted)  # rows are for all
    return allotment, [
        [getattr(probe, "resolution", 0) for probe in each.values() if probe.kind == "surface"]
        for each in granted
    ]


def test_a_watcher_adds_a_few_pictures_and_all_watchers_a_few_more() -> None:
    allotment, granted = shared(
        (False, surfaces(11, 12, 13)), (False, surfaces(14, 15)), (False, surfaces(11))
    )
    assert granted == [[11, 12], [14], [11]]
    assert len(allotment.pictures) == BUDGET.watchers
    assert allotment.controlled == frozenset()


def test_what_controllers_want_is_free_for_watchers() -> None:
    allotment, granted = shared((False, surfaces(21, 22, 11, 12, 13)), (True, surfaces(21, 22)))
    assert granted == [[21, 22, 11, 12], [21, 22]]
    assert allotment.controlled == {key for key, probe in surfaces(21, 22).items() if probe.kind == "surface"}


@pytest.mark.parametrize("wanted", range(7))
def test_controllers_come_first(wanted: int) -> None:
    own = range(31, 31 + wanted)
    allotment, granted = shared((False, surfaces(11, 12)), (False, surfaces(13)), (True, surfaces(*own)))
    assert granted[2] == list(own)
    assert len(allotment.pictures) == min(wanted + 3, BUDGET.run)
    assert granted[0] + granted[1] == [11, 12, 13][: BUDGET.run - wanted]


def test_watchers_are_shown_as_often_as_a_controller_wants_or_their_own_most() -> None:
    def rate(*demands: tuple[bool, Demand]) -> float:
        (hz,) = shared(*demands)[0].rates.values()
        return hz

    fast, slow = surfaces(11, hz=30), surfaces(11, hz=2)
    assert rate((False, fast)) == BUDGET.hz
    assert rate((False, slow)) == 2
    assert rate((False, slow), (True, fast)) == 30
    assert rate((True, slow), (False, fast)) == BUDGET.hz
