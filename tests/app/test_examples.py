"""Examples: a worker only while they are looked at, until a user takes possession of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.server import endless, eventually, served, workers
from tests.contract.client import Client

PROGRESS = {"kind": "progress"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Path]]:
    """A server with two workers, on which an abandoned run would go on for longer than any test."""
    data = tmp_path_factory.mktemp("examples")
    with served(data, workers=2, unwatched_seconds=600, time_slice=600) as (_, client):
        yield client, data


@pytest.fixture
def client(place: tuple[Client, Path]) -> Iterator[Client]:
    """The server without the runs of other tests."""
    client, _ = place
    yield client
    for run in client.http.get("/api/runs").json():
        client.http.delete(f"/api/runs/{run['id']}")


@pytest.fixture
def data(place: tuple[Client, Path]) -> Path:
    return place[1]


def example(client: Client, **options: Any) -> str:
    return client.start(endless(), example=True, **options)


def settled(client: Client, run: str, data: Path) -> dict[str, Any]:
    """An example that was left, once it is paused and its worker has ended."""
    client.wait_for(run, "paused")
    eventually(lambda: not workers(data))
    return client.run(run)


def test_an_example_trains_only_while_somebody_looks_and_goes_on_as_it_was_left(
    client: Client, data: Path
) -> None:
    run = example(client, speed=50)
    assert (client.run(run)["state"], workers(data)) == ("paused", [])
    with client.watch(run, PROGRESS) as viewer:
        assert viewer.state("training")["speed"] == 50
        viewer.until(lambda said: said["type"] == "status" and said["step"] > 0)
    left = settled(client, run, data)
    with client.watch(run, PROGRESS) as viewer:
        assert viewer.messages[0]["run"]["step"] == left["step"]
        assert viewer.state("training")["life"] == 0
        viewer.command("pause")
    step = settled(client, run, data)["step"]
    # Paused by hand it stays so, and is shown although it has no worker.
    with client.watch(run, PROGRESS, {"kind": "surface"}) as viewer:
        assert viewer.frame(lambda frame: frame.probe == "surface").step == step
        assert client.run(run)["state"] == "paused"


def test_viewers_who_come_and_go_at_once_leave_no_example_training(client: Client, data: Path) -> None:
    """Whether they leave before it has begun, while it begins, or come back while it pauses."""
    run = example(client)
    for messages in (0, 1, 2, 0, 4, 1, 3, 8):
        with client.watch(run) as viewer:
            viewer.send("watch", probes=[PROGRESS])
            for _ in range(messages):
                viewer.receive()
    settled(client, run, data)
    with client.watch(run, PROGRESS) as viewer:
        viewer.state("training")


def test_a_pause_that_is_on_its_way_when_the_viewer_leaves_is_one_by_hand(client: Client, data: Path) -> None:
    run = example(client)
    for _ in range(5):
        with client.watch(run, PROGRESS) as viewer:
            viewer.command("play")
            viewer.state("training")
            viewer.send("pause")
        settled(client, run, data)
        with client.watch(run, PROGRESS):
            assert client.run(run)["state"] == "paused"


def test_one_of_two_viewers_leaves_and_the_example_goes_on(client: Client, data: Path) -> None:
    run = example(client)
    with client.watch(run, PROGRESS) as viewer:
        viewer.state("training")
        with client.watch(run, PROGRESS):
            pass
        eventually(lambda: client.run(run)["viewers"] == 1)
        before = client.run(run)["step"]
        eventually(lambda: client.run(run)["step"] > before)
        assert client.run(run)["state"] == "training"
    settled(client, run, data)


@pytest.mark.parametrize("options", [{}, {"unwatched": "continue"}])
def test_what_is_no_example_goes_on_when_its_viewer_leaves(client: Client, options: dict[str, Any]) -> None:
    run = client.start(endless(), **options)
    with client.watch(run, PROGRESS):
        client.wait_for(run, "training")
    eventually(lambda: client.run(run)["viewers"] == 0)
    before = client.run(run)["step"]
    eventually(lambda: client.run(run)["step"] > before)
    assert client.run(run)["state"] == "training"


def edited(client: Client, run: str) -> None:
    patch = [{"op": "replace", "path": "/network/0/units", "value": 5}]
    told(client, run, "edit", revision=0, patch=patch)


def told(client: Client, run: str, kind: str, **fields: Any) -> None:
    answer = client.http.post(f"/api/runs/{run}/commands", json={"type": kind, **fields})
    assert answer.status_code == 200, answer.text


def renamed(client: Client, run: str) -> None:
    client.http.patch(f"/api/runs/{run}", json={"title": "Mine"}).raise_for_status()


def kept(client: Client, run: str) -> None:
    told(client, run, "snapshot", name="mine")


@pytest.mark.parametrize("take", [edited, renamed, kept])
def test_an_example_that_somebody_takes_possession_of_goes_on_when_it_is_left(
    client: Client, take: Any
) -> None:
    run = example(client)
    with client.watch(run, PROGRESS) as viewer:
        viewer.state("training")
        take(client, run)
        assert not client.run(run)["example"]
    eventually(lambda: client.run(run)["viewers"] == 0)
    before = client.run(run)["step"]
    eventually(lambda: client.run(run)["step"] > before)


@pytest.mark.parametrize("count", [5, pytest.param(20, marks=pytest.mark.thorough)])
def test_examples_one_after_the_other_never_wait_nor_hold_more_than_two_workers(
    client: Client, data: Path, count: int
) -> None:
    runs, most = [], 0
    for _ in range(count):
        runs.append(example(client))
        with client.watch(runs[-1], PROGRESS) as viewer:
            told = viewer.until(lambda said: said["type"] == "status" and said["step"] > 0)
            assert told["queue_position"] is None
            assert {said.get("state") for said in viewer.messages} <= {None, "paused", "starting", "training"}
            most = max(most, len(workers(data)))
    assert most <= 2
    settled(client, runs[-1], data)
    assert {client.run(run)["state"] for run in runs} == {"paused"}


def test_an_example_on_screen_takes_the_worker_of_a_run_left_alone_before_its_turn_is_over(
    client: Client, data: Path
) -> None:
    alone = client.start(endless(), unwatched="pause")
    own = client.start(endless())
    for run in (alone, own):
        client.wait_for(run, "training")
    run = example(client)
    with client.watch(run, PROGRESS) as viewer:
        viewer.state("training")
        assert client.run(own)["state"] == "training"
        assert client.run(alone)["state"] in ("queued", "training")


def test_a_title_follows_the_experiment_until_it_is_named_and_again_when_emptied(client: Client) -> None:
    def title(data: str | None = None, **change: Any) -> str:
        if data is not None:
            revision = client.run(run)["revision"]
            patch = [{"op": "replace", "path": "/data", "value": {"kind": data}}]
            told(client, run, "edit", revision=revision, patch=patch)
        if change:
            client.http.patch(f"/api/runs/{run}", json=change).raise_for_status()
        found: str = client.run(run)["title"]
        return found

    run = client.start({**endless(), "title": "An example"}, example=True, start="paused")
    assert title() == "An example"
    assert title("circle") == "Circle, 2-8-2 tanh"
    assert title(title="Mine") == "Mine"
    assert title("xor") == "Mine", "an edit takes no name away"
    assert title(title=" ") == "Exclusive or, 2-8-2 tanh"
    assert title("gauss") == "Two Gaussians, 2-8-2 tanh"


def test_viewers_are_told_of_a_title(client: Client) -> None:
    run = client.start(endless(), start="paused")
    with client.watch(run) as viewer:
        renamed(client, run)
        told = viewer.until(lambda said: said["type"] == "status" and said["title"] == "Mine")
    assert told["named"]


def test_speed_number_title_and_rest_outlast_the_server(tmp_path: Path) -> None:
    with served(tmp_path, workers=2) as (_, client):
        first, second = client.start(endless(), start="paused"), example(client, speed=40)
        client.wait_for(first, "paused")
        told(client, first, "speed", steps_per_second=20)
        with client.watch(second, PROGRESS) as viewer:
            viewer.state("training")
        client.wait_for(second, "paused")
    card = tmp_path / "runs" / first / "run.json"
    record = json.loads(card.read_text())
    for name in ("number", "data", "network", "named"):  # as an earlier version wrote it
        del record[name]
    card.write_text(json.dumps(record))
    with served(tmp_path, workers=2) as (_, client):
        with client.watch(first, {"kind": "surface"}) as viewer:
            assert viewer.messages[0]["run"]["speed"] == 20
            viewer.command("play")
            assert viewer.state("training")["speed"] == 20
        with client.watch(second, PROGRESS) as viewer:
            assert viewer.messages[0]["run"]["speed"] == 40
            viewer.state("training")
        listed = [client.run(run) for run in (first, second, client.start(endless()))]
        assert sorted(run["number"] for run in listed) == [2, 3, 4]
        assert {(run["data"], run["network"]) for run in listed} == {("Spiral", "2-8-2 tanh")}


def test_left_examples_give_way_where_there_are_too_many_runs_and_nothing_else_does(tmp_path: Path) -> None:
    document = {"experiment": endless(), "start": "paused"}
    with served(tmp_path, max_runs=4, workers=2, unwatched_seconds=600) as (_, client):
        mine = client.start(endless(), start="paused")
        old = example(client)  # of an earlier server, below
        taken = example(client)
        client.http.patch(f"/api/runs/{taken}", json={"title": "Taken"}).raise_for_status()
    with served(tmp_path, max_runs=4, workers=2, unwatched_seconds=600) as (_, client):
        left = example(client)
        assert client.http.post("/api/runs", json=document).status_code == 201  # for the oldest
        assert client.http.get(f"/api/runs/{old}").status_code == 404
        assert client.http.post("/api/runs", json=document).status_code == 429  # it waits for a viewer
        with client.watch(left, PROGRESS) as viewer:
            viewer.state("training")
            assert client.http.post("/api/runs", json=document).status_code == 429  # it is looked at
        eventually(lambda: client.http.post("/api/runs", json=document).status_code == 201)
        kept = {run["id"] for run in client.http.get("/api/runs").json()}
        assert {mine, taken} < kept
        assert left not in kept
