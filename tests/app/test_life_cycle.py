"""Queueing, parking, pausing when nobody watches, and coming back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.server import endless, eventually, parent, served, workers
from tests.contract.client import Client, experiment


@pytest.fixture(scope="module")
def one_slot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Path]]:
    """A server that has one worker at a time."""
    data = tmp_path_factory.mktemp("one_slot")
    with served(data, workers=1, unwatched_seconds=0.2) as (_, client):
        yield client, data


@pytest.fixture
def client(one_slot: tuple[Client, Path]) -> Iterator[Client]:
    """The server, without the runs of other tests."""
    client, _ = one_slot
    yield client
    for run in client.http.get("/api/runs").json():
        client.http.delete(f"/api/runs/{run['id']}")


def tell(client: Client, run: str, kind: str, **fields: Any) -> dict[str, Any]:
    answer = client.http.post(f"/api/runs/{run}/commands", json={"type": kind, **fields})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_runs_wait_in_line_and_each_has_its_turn(client: Client) -> None:
    first = client.start(endless())
    client.wait_for(first, "training")
    second, third = client.start(endless()), client.start(endless())
    assert (client.run(second)["state"], client.run(second)["queue_position"]) == ("queued", 1)
    with client.watch(third) as viewer:
        assert viewer.messages[0]["run"]["queue_position"] == 2
        tell(client, second, "stop")
        moved = viewer.until(lambda message: message["type"] == "status")
        assert (moved["state"], moved["queue_position"]) == ("queued", 1)
        tell(client, first, "stop")
        viewer.state("training")


def test_a_paused_run_makes_room_and_comes_back_as_it_was(
    client: Client, one_slot: tuple[Client, Path]
) -> None:
    first = client.start(endless(), start="paused")
    client.wait_for(first, "paused")
    step = tell(client, first, "step", steps=30)["step"]
    second = client.start(endless())
    client.wait_for(second, "training")
    assert len(workers(one_slot[1])) == 1
    assert client.run(first)["state"] == "paused"
    # Played while there is no room: it waits, and goes on where it was.
    tell(client, first, "play")
    assert client.run(first)["state"] == "queued"
    tell(client, second, "pause")
    assert client.wait_for(first, "training")["step"] >= step
    assert client.run(first)["life"] == 0
    assert client.run(second)["state"] == "paused"


def test_watching_a_parked_run_brings_it_back(client: Client) -> None:
    document = experiment()
    document["training"]["epochs"] = 2
    done = client.start(document)
    client.wait_for(done, "finished")
    other = client.start(start="paused")
    client.wait_for(other, "paused")
    with client.watch(done, {"kind": "surface"}) as viewer:
        assert viewer.frame().step == 50
        viewer.command("edit", revision=0, patch=[{"op": "replace", "path": "/training/epochs", "value": 3}])
        viewer.command("play")
    assert client.wait_for(done, "finished")["step"] == 75


def test_an_unwatched_run_pauses_where_it_was_asked_to_and_goes_on_when_watched(client: Client) -> None:
    run = client.start(endless(), unwatched="pause")
    client.wait_for(run, "training")
    client.wait_for(run, "paused")
    with client.watch(run, {"kind": "progress"}) as viewer:
        viewer.state("training")
    paused = client.wait_for(run, "paused")
    # Paused by hand, it stays so.
    with client.watch(run, {"kind": "progress"}) as viewer:
        viewer.command("pause")
    with client.watch(run, {"kind": "progress"}) as viewer:
        viewer.command("speed", steps_per_second=100)
        assert client.run(run)["state"] == "paused"
    assert client.run(run)["step"] >= paused["step"]


def test_pausing_a_queued_run_only_takes_back_its_play(client: Client) -> None:
    first = client.start(endless())
    client.wait_for(first, "training")
    second = client.start(endless())
    tell(client, second, "pause")
    tell(client, first, "stop")
    assert client.wait_for(second, "paused")["step"] == 0


def test_a_diverged_run_says_where_and_can_be_mended(client: Client) -> None:
    document = endless()
    document["task"]["losses"] = [{"kind": "mse"}]
    document["network"][1]["kind"] = "relu"
    document["training"]["updates"][0]["optimizer"] = {"kind": "sgd", "learning_rate": 100}
    run = client.start(document)
    reason = client.wait_for(run, "failed")["reason"]
    assert reason["title"] == "Training diverged"
    assert reason["step"] >= 1
    assert reason["node"] in ("linear1", "tanh1", "output")
    rate = "/training/updates/0/optimizer/learning_rate"
    edited = tell(client, run, "edit", revision=0, patch=[{"op": "replace", "path": rate, "value": 1e-4}])
    assert edited["applied"] == "live"
    # What diverged may fail once more when it is measured; started over at the smaller rate, it trains.
    tell(client, run, "reset")
    eventually(lambda: client.run(run)["state"] == "paused")
    tell(client, run, "play")
    client.wait_for(run, "training")
    eventually(lambda: client.run(run)["step"] > 20)
    assert client.run(run)["state"] == "training"


def test_what_a_stop_has_ended_stays_so_without_a_worker_until_its_training_is_edited(client: Client) -> None:
    run = client.start(endless(stops=[{"kind": "target", "metric": "train_loss", "value": 10.0}]))
    reason = client.wait_for(run, "finished")["reason"]
    assert (reason["stop"], reason["step"], reason["restored"]) == ("target", 25, None)
    other = client.start(start="paused")
    client.wait_for(other, "paused")  # in the place of the first one's worker
    tell(client, run, "edit", revision=0, patch=[{"op": "replace", "path": "/title", "value": "Over"}])
    stays = client.wait_for(run, "finished")
    assert stays["reason"] == reason
    assert client.http.post(f"/api/runs/{run}/commands", json={"type": "play"}).status_code == 409
    tell(client, run, "edit", revision=1, patch=[{"op": "replace", "path": "/training/stops", "value": []}])
    assert client.wait_for(run, "paused")["reason"] is None
    tell(client, run, "play")
    eventually(lambda: client.run(run)["step"] > 25)
    types = [change["type"] for change in client.http.get(f"/api/runs/{run}/changes").json()["changes"]]
    assert types == ["stop", "edit", "edit"]


def test_deleting_a_training_run_ends_its_worker(client: Client, one_slot: tuple[Client, Path]) -> None:
    run = client.start(endless())
    client.wait_for(run, "training")
    assert client.http.delete(f"/api/runs/{run}").status_code == 204
    eventually(lambda: not workers(one_slot[1]))
    assert not (one_slot[1] / "runs" / run).exists()


def test_a_run_of_a_table_needs_nothing_of_scipy(client: Client, one_slot: tuple[Client, Path]) -> None:
    """Its import, or scikit-learn's, would cost each start 0.7 s and each worker 80 MB."""
    run = client.start({**endless(), "data": {"kind": "iris"}})
    client.wait_for(run, "training")
    (worker,) = workers(one_slot[1])
    mapped = [Path(f"/proc/{pid}/maps").read_text() for pid in (worker, parent(worker))]
    assert all("torch" in files for files in mapped)
    assert not any("/scipy/" in files for files in mapped)


def test_a_run_starts_at_its_speed_and_keeps_it_through_a_parking(client: Client) -> None:
    run = client.start(endless(), speed=40)
    client.wait_for(run, "training")
    with client.watch(run) as viewer:
        told = viewer.until(lambda message: message["type"] == "status" and message["step"] > 0)
    assert told["speed"] == 40
    tell(client, run, "pause")
    other = client.start(endless())
    client.wait_for(other, "training")
    tell(client, other, "stop")
    with client.watch(run, {"kind": "surface"}) as viewer:
        viewer.frame()
        viewer.command("play")
        assert viewer.state("training")["speed"] == 40
    refused = client.http.post("/api/runs", json={"experiment": endless(), "speed": 0})
    assert refused.json()["errors"][0]["pointer"] == "/speed"
