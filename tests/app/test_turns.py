"""Runs that must wait: they keep what they were told, answer at once, and take turns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.server import endless, eventually, served
from tests.contract.client import Client

#: A network that the server's limits admit, and whose width an edit may change.
WIDTH = "/network/0/units"


def emptied(client: Client) -> None:
    for run in client.http.get("/api/runs").json():
        client.http.delete(f"/api/runs/{run['id']}")


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server with one worker, whose turns are longer than any test."""
    settings = {"workers": 1, "time_slice": 600, "max_queued": 3, "unwatched_seconds": 0.2}
    with served(tmp_path_factory.mktemp("patient"), **settings) as (_, client):
        yield client


@pytest.fixture(scope="module")
def brisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server with one worker and very short turns."""
    with served(tmp_path_factory.mktemp("brisk"), workers=1, time_slice=0.3) as (_, client):
        yield client


@pytest.fixture
def client(patient: Client) -> Iterator[Client]:
    """The patient server without the runs of other tests."""
    yield patient
    emptied(patient)


@pytest.fixture
def turns(brisk: Client) -> Iterator[Client]:
    """The brisk server without the runs of other tests."""
    yield brisk
    emptied(brisk)


def told(client: Client, run: str, kind: str, **fields: Any) -> dict[str, Any]:
    answer = client.http.post(f"/api/runs/{run}/commands", json={"type": kind, **fields}, timeout=10)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def waiting(client: Client, **options: Any) -> tuple[str, str]:
    """A run that trains without end, and one that waits for its worker."""
    holder = client.start(endless())
    client.wait_for(holder, "training")
    run = client.start(endless(), **options)
    assert client.run(run)["queue_position"] == 1
    return holder, run


def gone_on(client: Client, run: str, step: int) -> None:
    """Wait until a run is beyond a step."""
    eventually(lambda: client.run(run)["step"] > step)


# Turns ----------------------------------------------------------------------------------------------------


def test_more_runs_than_workers_all_train_and_go_on(tmp_path: Path) -> None:
    with served(tmp_path, workers=2, time_slice=0.3) as (_, client):
        runs = [client.start(endless()) for _ in range(6)]
        for _ in range(3):
            for run, step in {run: client.run(run)["step"] for run in runs}.items():
                gone_on(client, run, step)
        states = {client.run(run)["state"] for run in runs}
        assert states <= {"queued", "starting", "training"}, states
        assert [client.run(run)["life"] for run in runs] == [0] * 6


def test_a_run_that_takes_turns_has_the_rows_of_one_that_does_not(turns: Client) -> None:
    document = endless(epochs=4)
    first, second = (turns.start(document, speed=150) for _ in range(2))
    seen = set()
    while not {turns.run(run)["state"] for run in (first, second)} <= {"finished"}:
        seen |= {turns.run(run)["step"] for run in (first, second) if turns.run(run)["state"] == "queued"}
    assert len(seen) > 1, "they took turns"
    alone = turns.start(document)
    turns.wait_for(alone, "finished")
    for probe in ("progress", "evaluation"):
        rows = [json.dumps(turns.rows(run, probe), sort_keys=True) for run in (first, second, alone)]
        assert rows[0] == rows[1] == rows[2]
    assert turns.run(first)["life"] == 0


def test_steps_that_are_interrupted_end_after_exactly_so_many(turns: Client) -> None:
    run = turns.start(endless(), start="paused", speed=60)
    turns.wait_for(run, "paused")
    turns.start(endless())
    told(turns, run, "speed", steps_per_second=60)
    answer = turns.http.post(f"/api/runs/{run}/commands", json={"type": "step", "steps": 40}).json()
    assert answer["type"] == "ack"
    assert turns.wait_for(run, "paused")["step"] == 40
    assert turns.run(run)["queue_position"] is None


def test_a_step_that_was_begun_is_acknowledged_when_it_is_done_turns_or_not(turns: Client) -> None:
    run = turns.start(endless(), start="paused", speed=60)
    turns.wait_for(run, "paused")
    with turns.watch(run) as viewer:
        number = viewer.send("step", steps=120)
        viewer.state("training")
        turns.start(endless())
        answer = viewer.until(lambda message: message.get("id") == number)
        assert (answer["type"], answer["step"], "queued" in answer) == ("ack", 120, False)
        assert any(message.get("state") == "queued" for message in viewer.messages), "it had turns"


def test_a_run_that_is_told_something_at_the_end_of_its_turn_does_it(turns: Client) -> None:
    """Commands that cross with the end of a turn, again and again: each is answered, none is lost."""
    run = turns.start(endless())
    turns.start(endless())
    for revision in range(12):
        patch = [{"op": "replace", "path": WIDTH, "value": 3 + revision % 2}]
        assert told(turns, run, "edit", revision=revision, patch=patch)["revision"] == revision + 1
        told(turns, run, "play" if revision % 3 else "pause")
    told(turns, run, "play")
    gone_on(turns, run, turns.run(run)["step"])
    assert turns.run(run)["experiment"]["network"][0]["units"] == 3 + 11 % 2


# Waiting --------------------------------------------------------------------------------------------------


def test_a_run_that_waits_says_so_and_why(client: Client) -> None:
    _, run = waiting(client)
    found = client.run(run)
    assert (found["state"], found["reason"]["title"]) == ("queued", "Waiting for its turn")
    with client.watch(run) as viewer:
        hello = viewer.messages[0]["run"]
    assert (hello["state"], hello["queue_position"]) == ("queued", 1)
    assert "600 seconds" in hello["reason"]["detail"]


def test_whoever_was_made_playing_plays_when_its_turn_comes(client: Client) -> None:
    holder, run = waiting(client)
    third = client.start(endless())
    told(client, holder, "stop")
    client.wait_for(run, "training")
    assert client.run(third)["state"] == "queued"
    told(client, run, "pause")
    client.wait_for(third, "training")


@pytest.mark.parametrize("kind", ["reset", "snapshot", "weight", "step"])
def test_what_needs_a_session_is_answered_at_once_and_carried_out_later(client: Client, kind: str) -> None:
    options: dict[str, dict[str, Any]] = {
        "snapshot": {"name": "kept"},
        "weight": {"node": "linear1", "index": [0, 0], "value": 0.25},
        "step": {"steps": 5},
    }
    fields = options.get(kind, {})
    holder, run = waiting(client)
    answer = told(client, run, kind, **fields)
    assert (answer["queued"], answer["step"]) == (True, 0)
    told(client, holder, "stop")
    if kind == "reset":
        eventually(lambda: client.run(run)["life"] == 1)
        assert client.run(run)["state"] == "paused", "a reset ends a play"
    elif kind == "step":
        assert client.wait_for(run, "paused")["step"] == 5
    else:
        client.wait_for(run, "training")
    if kind == "snapshot":
        (kept,) = (
            note for note in client.http.get(f"/api/runs/{run}/checkpoints").json() if note["name"] == "kept"
        )
        assert kept["step"] == 0, "before its first step"


def test_what_cannot_be_carried_out_when_the_turn_comes_is_told_to_viewers(client: Client) -> None:
    holder, run = waiting(client)
    with client.watch(run) as viewer:
        answer = viewer.command("weight", node="nowhere", index=[0], value=1)
        assert answer["queued"]
        told(client, holder, "stop")
        refused = viewer.until(lambda message: message["type"] == "refused")
        assert (refused["command"], refused["status"]) == ("weight", 422)
        assert refused["errors"][0]["pointer"] == "/node"
        viewer.state("training")


def test_an_edit_of_a_waiting_run_is_carried_out_at_once(client: Client) -> None:
    holder, run = waiting(client)
    with client.watch(run) as viewer:
        patch = [{"op": "replace", "path": WIDTH, "value": 5}]
        answer = viewer.command("edit", revision=0, patch=patch)
        assert (answer["revision"], answer["applied"]) == (1, "rebuilt")
        assert viewer.ask("edit", revision=0, patch=patch)["status"] == 409
        bad = viewer.ask("edit", revision=1, patch=[{"op": "replace", "path": WIDTH, "value": -1}])
        assert bad["status"] == 422
    assert client.run(run)["experiment"]["network"][0]["units"] == 5
    assert client.run(run)["state"] == "queued"
    told(client, holder, "stop")
    assert client.wait_for(run, "training")["revision"] == 1


def test_pausing_a_waiting_run_takes_it_out_of_the_queue(client: Client) -> None:
    _, run = waiting(client)
    third = client.start(endless())
    assert "queued" not in told(client, run, "pause")
    assert (client.run(run)["state"], client.run(run)["queue_position"]) == ("paused", None)
    assert client.run(third)["queue_position"] == 1
    assert told(client, run, "play")["queued"]
    assert (client.run(run)["state"], client.run(run)["queue_position"]) == ("queued", 2)


def test_stopping_and_deleting_a_waiting_run_moves_the_others_up(client: Client) -> None:
    holder, run = waiting(client)
    third, fourth = client.start(endless()), client.start(endless())
    told(client, run, "weight", node="linear1", index=[0, 0], value=1)
    told(client, run, "stop")
    assert (client.run(run)["state"], client.run(run)["queue_position"]) == ("stopped", None)
    assert client.http.delete(f"/api/runs/{third}").status_code == 204
    assert client.run(fourth)["queue_position"] == 1
    told(client, holder, "stop")
    client.wait_for(fourth, "training")
    assert client.run(run)["state"] == "stopped"


def test_one_run_more_than_may_wait_is_refused(client: Client) -> None:
    waiting(client)
    paused = client.start(endless(), start="paused")
    told(client, paused, "pause")
    for _ in range(2):
        client.start(endless())
    for refused in (
        client.http.post("/api/runs", json={"experiment": endless()}),
        client.http.post(f"/api/runs/{paused}/commands", json={"type": "play"}),
    ):
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
        assert "3 runs wait already" in refused.json()["detail"]


def test_a_waiting_run_that_should_pause_unwatched_leaves_the_queue(client: Client) -> None:
    _, run = waiting(client, unwatched="pause")
    with client.watch(run):
        assert client.run(run)["state"] == "queued"
    eventually(lambda: client.run(run)["state"] == "paused")
    with client.watch(run, {"kind": "progress"}):
        assert client.run(run)["state"] == "queued"


def test_the_run_on_screen_comes_first(client: Client) -> None:
    waiting(client)
    last = client.start(endless())
    assert client.run(last)["queue_position"] == 2
    with client.watch(last):
        eventually(lambda: client.run(last)["queue_position"] == 1)


def test_a_study_of_a_waiting_run_looks_at_it_as_it_is(client: Client) -> None:
    _, run = waiting(client)
    with client.watch(run) as viewer:
        key = viewer.command("study", study={"kind": "lr_range_test", "steps": 10})["key"]
        done = viewer.until(lambda message: message["type"] == "study" and message["state"] != "running")
    assert (done["key"], done["state"]) == (key, "done"), done
    assert client.run(run)["state"] == "queued"


def test_runs_that_waited_are_interrupted_when_the_server_ends(tmp_path: Path) -> None:
    with served(tmp_path, workers=1) as (_, client):
        _, run = waiting(client)
        patch = [{"op": "replace", "path": WIDTH, "value": 5}]
        told(client, run, "edit", revision=0, patch=patch)
    with served(tmp_path, workers=1) as (_, client):
        found = client.run(run)
        assert (found["state"], found["revision"]) == ("interrupted", 1), "an edit is never lost"
        eventually(lambda: client.http.get("/readyz").status_code == 200)
        told(client, run, "play")
        client.wait_for(run, "training")
