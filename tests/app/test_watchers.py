"""Who may only watch takes nothing away from who controls the run, and sees what the run shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.app.server import endless, eventually, served
from tests.contract.client import Client
from tools.serving import Server

SECRET, LOOK = "secret-of-the-owner", "look-but-do-not-touch"

OPTIONS = {"token": SECRET, "watch_token": LOOK, "workers": 1, "unwatched_seconds": 0.2}

WATCHING = f"?token={LOOK}"


@pytest.fixture(scope="module")
def served_with_tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Client]]:
    with served(tmp_path_factory.mktemp("watchers"), **OPTIONS) as (server, client):
        client.http.headers["Authorization"] = f"Bearer {SECRET}"
        yield server, client


@pytest.fixture
def client(served_with_tokens: tuple[Server, Client]) -> Iterator[Client]:
    _, client = served_with_tokens
    yield client
    for run in client.http.get("/api/runs").json():
        client.http.delete(f"/api/runs/{run['id']}").raise_for_status()


@pytest.fixture
def data(served_with_tokens: tuple[Server, Client]) -> Path:
    return served_with_tokens[0].data_dir


def looked(client: Client, path: str, **options: Any) -> Any:
    return client.http.get(path, headers={"Authorization": f"Bearer {LOOK}"}, **options)


def surfaces(start: int, number: int) -> list[dict[str, Any]]:
    return [{"kind": "surface", "resolution": each, "units": []} for each in range(start, start + number)]


def test_watchers_cannot_lock_a_controller_out(client: Client) -> None:
    run = client.start(start="paused")
    client.wait_for(run, "paused")
    with ExitStack() as stack:
        query = f"?token={SECRET}&control=0"
        one, *others = (stack.enter_context(client.watch(run, query=query)) for _ in range(4))
        keys = one.command("watch", probes=surfaces(10, 12))["keys"]
        for number, watcher in enumerate(others, 1):
            watcher.command("watch", probes=surfaces(10 + 12 * number, 12))
        lapsed = {message["key"] for message in others[0].messages if message["type"] == "unwatched"}
        assert len(lapsed) == 8  # sixteen in all
        assert all("no room" in said["detail"] for said in others[0].messages if said["type"] == "unwatched")
        lecturer = stack.enter_context(client.watch(run, query=f"?token={SECRET}"))
        colleague = stack.enter_context(client.watch(run, query=f"?token={SECRET}"))
        lecturer.command("watch", probes=surfaces(100, 14))
        assert not [said for said in one.messages if said["type"] == "unwatched"]
        colleague.command("watch", probes=surfaces(114, 14))
        one.until(lambda said: said["type"] == "unwatched" and said["key"] in keys)
        third = stack.enter_context(client.watch(run, query=f"?token={SECRET}"))
        refused = third.ask("watch", probes=surfaces(128, 14))
        assert (refused["type"], refused["status"]) == ("error", 409)
        # What a controller wants all see, whatever their budget.
        (key,) = others[2].command("watch", probes=surfaces(100, 1))["keys"]
        assert others[2].frame().metadata["key"] == key


def test_a_watcher_wakes_no_run_records_no_frame_and_keeps_none_going(client: Client, data: Path) -> None:
    run = client.start(endless(), unwatched="pause")
    picture = {"kind": "surface", "resolution": 40, "units": [], "hz": 30}
    with client.watch(run, picture, query=WATCHING) as watcher:
        key = watcher.frame(lambda frame: frame.probe == "surface").metadata["key"]
        # Nobody watches who could pause it.
        eventually(lambda: client.run(run)["state"] == "paused" and client.run(run)["step"] > 0)
        assert not looked(client, f"/api/runs/{run}/frames", params={"key": key}).content
        other = client.start(endless())  # which takes the only worker
        client.wait_for(other, "training")
        client.http.post(f"/api/runs/{other}/commands", json={"type": "stop"}).raise_for_status()
        watcher.command("watch", probes=surfaces(60, 2))
        with client.watch(run, {"kind": "progress"}, query=WATCHING):
            assert not list((data / "workers").glob("[0-9]*"))
            assert client.run(run)["state"] == "paused"
        with client.watch(run, picture, query=f"?token={SECRET}") as controller:
            controller.state("training")
            eventually(lambda: bool(client.http.get(f"/api/runs/{run}/frames", params={"key": key}).content))


def test_a_watcher_reads_what_the_runs_show(client: Client) -> None:
    run = client.start(start="paused")
    client.wait_for(run, "paused")
    client.http.post(
        f"/api/runs/{run}/commands", json={"type": "snapshot", "name": "mine"}
    ).raise_for_status()
    assert looked(client, f"/api/runs/{run}").json()["experiment"]
    assert looked(client, f"/api/runs/{run}/metrics", params={"probe": "evaluation"}).status_code == 200
    assert [each["name"] for each in looked(client, f"/api/runs/{run}/checkpoints").json()] == ["mine"]
    assert looked(client, f"/api/runs/{run}/checkpoints/mine").status_code == 403
    answer = looked(client, f"/api/runs/{run}/changes")
    assert (answer.status_code, answer.json()["changes"]) == (200, [])
    assert client.http.get(f"/api/runs/{run}/checkpoints/mine").status_code == 200


def test_a_watcher_sees_the_blobs_of_the_runs_and_no_others(client: Client) -> None:
    sha256 = client.http.post("/api/blobs", content=b"what nobody has made a run of").json()["sha256"]
    for path in (f"/api/blobs/{sha256}", f"/api/images/{sha256}", f"/api/images/{sha256}/preview"):
        assert looked(client, path).status_code == 404, path
    assert client.http.get(f"/api/blobs/{sha256}").status_code == 200
    run = client.start(start="paused")
    asked = {"kind": "activation_maps", "input": {"kind": "picture", "blob": f"sha256:{sha256}"}}
    with client.watch(run, query=WATCHING) as watcher:
        refused = watcher.ask("watch", probes=[{"kind": "progress"}, asked])
        assert (refused["status"], refused["errors"][0]["pointer"]) == (403, "/probes/1")


def test_a_run_of_a_link_ends_when_nobody_watches_and_goes_on_when_somebody_does(client: Client) -> None:
    run = client.start(endless(), unwatched="stop")
    stopped = client.wait_for(run, "stopped")
    with client.watch(run, {"kind": "progress"}, query=f"?token={SECRET}") as viewer:
        viewer.state("training")
        viewer.until(lambda said: said["type"] == "status" and said["step"] > stopped["step"])
        viewer.command("stop")
    with client.watch(run, {"kind": "progress"}, query=f"?token={SECRET}"):
        assert client.run(run)["state"] == "stopped"  # by hand
