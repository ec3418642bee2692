"""What was changed by hand, read from the journal: for ticks on the curves, and for undoing a reset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from glassnet.engine.experiment.edits import patched
from glassnet.engine.run import ways_back
from glassnet.engine.run.changes import changes
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.journal.bounds import Bounds
from glassnet.engine.run.session import Session
from glassnet.engine.run.ways_back import is_way_back
from tests.engine.experiments import mlp
from tests.engine.session_run import Recorder

TINY = Bounds(active=2000, segment=2000, tiers=(4000, 3000, 3000), events=9000)


class Changed:
    """A session, and what is read of its changes."""

    def __init__(self, path: Path) -> None:
        RunDirectory.create(path, mlp(4, epochs=300), run=path.name).close()
        self.directory, self.outlet = RunDirectory.open(path), Recorder()
        self.session = Session(self.directory, self.outlet)

    def tell(self, kind: str, **message: Any) -> dict[str, Any]:
        self.session.handle({"type": kind, "id": 1, **message})
        while self.session.state == "training":
            self.session.advance()
        answer = [one for one in self.outlet.texts if one["type"] in ("ack", "error")][-1]
        assert answer["type"] == "ack", answer
        return answer

    def set(self, path: str, value: Any) -> None:
        patch = [{"op": "replace", "path": path, "value": value}]
        self.tell("edit", revision=self.session.revision, patch=patch)

    def weigh(self, value: float, unit: int = 0) -> None:
        self.tell("weight", node="linear1", index=[unit, 0], value=value)

    def read(self, most: int = 100) -> tuple[Any, list[dict[str, Any]]]:
        return changes(RunDirectory.open(self.directory.path), most)


@pytest.fixture
def run(tmp_path: Path) -> Changed:
    return Changed(tmp_path / "run")


def brief(events: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(event.get(name) for name in ("type", "step", "life", *names)) for event in events]


def test_changes_have_their_step_and_the_life_they_were_made_in(run: Changed) -> None:
    run.tell("step", steps=5)
    run.set("/network/0/units", 5)
    for value in (0.1, 0.2, 0.3):
        run.weigh(value)
    run.weigh(0.9, unit=1)
    assert run.tell("reset")["left"] == "before_reset"
    run.tell("step", steps=3)
    run.set("/training/batch_size", 7)
    assert run.tell("rewind", checkpoint="before_reset")["left"] is None
    start, events = run.read()
    assert start == mlp(4, epochs=300).document()
    assert brief(events, "left", "value", "of_life") == [
        ("edit", 5, 0, None, None, None),
        ("weight", 5, 0, None, 0.3, None),
        ("weight", 5, 0, None, 0.9, None),
        ("reset", 0, 1, "before_reset", None, None),
        ("edit", 3, 1, None, None, None),
        ("rewind", 5, 2, None, None, 0),
    ]
    assert events[0]["patch"] == [{"op": "replace", "path": "/network/0/units", "value": 5}]
    assert "experiment" not in events[0]


def test_the_first_rows_of_a_life_are_told(run: Changed) -> None:
    run.tell("step", steps=5)
    before = {probe: run.directory.row_count(probe) for probe in ("progress", "evaluation")}
    run.tell("reset")
    assert run.read()[1][-1]["rows"] == before
    told = run.outlet.said("event")
    assert [one["event"]["type"] for one in told] == ["reset"]
    assert told[0]["event"]["rows"] == before


def test_a_rewind_leaves_what_it_leaves_behind_and_taking_it_back_nothing(run: Changed) -> None:
    run.tell("step", steps=3)
    run.tell("snapshot", name="three")
    run.tell("step", steps=4)
    assert run.tell("rewind", checkpoint="three")["left"] == "before_rewind"
    assert run.session.trainer.steps_taken == 3
    assert run.tell("rewind", checkpoint="before_rewind")["left"] is None
    assert run.session.trainer.steps_taken == 7
    assert {info.name: info.life for info in run.directory.checkpoints()}["before_rewind"] == 0


def test_a_reset_of_a_run_that_has_taken_no_step_leaves_nothing(run: Changed) -> None:
    assert run.tell("reset")["left"] is None


def test_older_ways_back_are_kept_by_the_life_they_lead_to(run: Changed) -> None:
    for _ in range(7):
        run.tell("step", steps=2)
        run.tell("reset")
    found = {info.name: info.life for info in run.directory.checkpoints() if is_way_back(info.name)}
    assert found == {"before_reset": 6, **{f"before_reset_{life}": life for life in range(2, 6)}}
    run.tell("rewind", checkpoint="before_reset_3")
    assert (run.session.trainer.steps_taken, run.read()[1][-1]["of_life"]) == (2, 3)


def test_large_ways_back_are_kept_no_longer_than_the_next(
    run: Changed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways_back, "MOST_BYTES", 100)
    for _ in range(3):
        run.tell("step", steps=2)
        run.tell("reset")
    assert [info.name for info in run.directory.checkpoints() if is_way_back(info.name)] == ["before_reset"]


def test_the_newest_are_read_with_the_experiment_before_them(run: Changed) -> None:
    for units in range(5, 15):
        run.set("/network/0/units", units)
    start, events = run.read(most=3)
    assert (start["network"][0]["units"], len(events)) == (11, 3)
    for event in events:
        start = patched(start, event["patch"])
    assert start["network"][0]["units"] == 14


def test_where_older_edits_are_thinned_the_next_has_the_whole_experiment(tmp_path: Path) -> None:
    path = tmp_path / "run"
    experiment = mlp(4, epochs=300)
    directory = RunDirectory.create(path, experiment, run="run")
    directory.journal._bounds = directory.journal._history._bounds = TINY
    document = experiment.document()
    for revision in range(1, 60):
        name = "seed" if revision % 3 else "title"
        document = {**document, name: revision if name == "seed" else str(revision)}
        patch = [{"op": "replace", "path": f"/{name}", "value": document[name]}]
        directory.append_edit(revision, revision, patch, type(experiment).parse(document))
    directory.close()
    start, events = changes(directory, 1000)
    assert 2 < len(events) < 59
    assert any("experiment" in event for event in events)
    for event in events:
        start = event.get("experiment") or patched(start, event["patch"])
    assert start == document


def test_operations_that_readers_need_not_know_come_as_the_whole_experiment(run: Changed) -> None:
    patch = [{"op": "copy", "from": "/training/batch_size", "path": "/seed"}]
    run.tell("edit", revision=0, patch=patch)
    _, [event] = run.read()
    assert "patch" not in event
    assert event["experiment"]["seed"] == event["experiment"]["training"]["batch_size"]
