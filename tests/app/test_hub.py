"""One run, many viewers: each picture once, at the highest rate; nobody misses a row."""

from __future__ import annotations

import json
from typing import Any

from glassnet.app.hub.hub import Hub, Viewer
from glassnet.app.workers import Frame
from glassnet.engine.experiment.experiment import parse_probes
from tests.app.frames import picture, rows
from tests.app.test_mailbox import waiting


def viewer(hub: Hub, *probes: dict[str, Any]) -> Viewer:
    one = Viewer(control=True)
    hub.join(one)
    hub.grant(one, {probe.key: probe for probe in parse_probes(list(probes))})
    return one


def test_a_picture_is_wanted_once_at_the_highest_rate() -> None:
    hub = Hub()
    slow = viewer(hub, {"kind": "surface", "hz": 2})
    fast = viewer(hub, {"kind": "surface", "hz": 20})
    viewer(hub, {"kind": "progress"})
    assert [(probe.kind, probe.hz) for probe in hub.pictures().values()] == [("surface", 20)]
    hub.leave(fast)
    assert [probe.hz for probe in hub.pictures().values()] == [2]
    hub.leave(slow)
    assert hub.pictures() == {}


def test_who_comes_late_gets_the_newest_picture_at_once() -> None:
    hub = Hub()
    first = viewer(hub, {"kind": "surface"})
    (key,) = first.demand
    hub.receive(picture(key, 7))
    late = viewer(hub, {"kind": "surface", "hz": 1})
    (frame,) = waiting(late.mailbox)
    assert isinstance(frame, Frame)
    assert frame.first == 7


def test_rows_that_a_worker_could_not_send_are_a_gap_for_all_who_want_them() -> None:
    hub = Hub()
    watching, other = viewer(hub, {"kind": "progress"}), viewer(hub, {"kind": "evaluation"})
    (key,) = watching.demand
    hub.receive(rows(key, 0, 5))
    hub.receive(rows(key, 9, 1))
    words = [came for came in waiting(watching.mailbox) if isinstance(came, str)]
    assert [(gap["from"], gap["to"]) for gap in map(json.loads, words)] == [(5, 9)]
    assert waiting(other.mailbox) == []
