"""A server on a disk that is full or read-only: 507 with what to do, nothing half made, nothing lost."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.app.server import endless, eventually, served, workers
from tests.contract.client import Client
from tests.disks import Disk, small_disk


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Disk]]:
    """A server with a disk of its own, that keeps nothing of it free."""
    path = tmp_path_factory.mktemp("disk")
    with small_disk(path, 24 << 20) as disk, served(path, workers=2, free_space=0) as (_, client):
        yield client, disk


@pytest.fixture
def client(server: tuple[Client, Disk]) -> Iterator[Client]:
    client, disk = server
    yield client
    disk.make_room()
    for run in client.http.get("/api/runs").json():
        assert client.http.delete(f"/api/runs/{run['id']}").status_code == 204
    eventually(lambda: not workers(disk.path))


@pytest.fixture
def disk(server: tuple[Client, Disk]) -> Disk:
    return server[1]


def pictures() -> bytes:
    """A ZIP of two classes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(20):
            picture = io.BytesIO()
            pixels = np.random.default_rng(number).integers(0, 255, (64, 64, 3), np.uint8)
            Image.fromarray(pixels).save(picture, "png")
            archive.writestr(f"{'ab'[number % 2]}/{number}.png", picture.getvalue())
    return packed.getvalue()


def refused(answer: httpx.Response, words: str = "is full") -> None:
    assert answer.status_code == 507, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert "expected" in answer.json()["detail"]


def tell(client: Client, run: str, kind: str, **fields: Any) -> httpx.Response:
    return client.http.post(f"/api/runs/{run}/commands", json={"type": kind, **fields})


def files(disk: Disk) -> set[Path]:
    return {path for path in disk.path.rglob("*") if path.is_file() and path.parent.name != "workers"}


def test_what_does_not_fit_is_refused_with_what_to_do_and_leaves_nothing(client: Client, disk: Disk) -> None:
    run = client.start(endless(), start="paused")
    client.wait_for(run, "paused")
    eventually(lambda: client.run(run)["state"] == "paused")
    disk.fill()
    before = files(disk)
    refused(client.http.post("/api/runs", json={"experiment": endless()}))
    refused(client.http.post("/api/blobs", content=bytes(100_000)))
    refused(client.http.post("/api/images", content=pictures()))
    refused(tell(client, run, "snapshot", name="mine"))
    refused(client.http.patch(f"/api/runs/{run}", json={"title": "Another"}))
    assert client.run(run)["title"] == endless()["title"]
    assert files(disk) == before
    assert [each["id"] for each in client.http.get("/api/runs").json()] == [run]


def test_edits_on_a_full_disk_are_acknowledged_or_refused_and_never_lost(client: Client, disk: Disk) -> None:
    run = client.start(endless(), start="paused")
    client.wait_for(run, "paused")
    disk.fill()
    revision = 0
    while True:  # the journal's last page may have room for a few
        patch = [{"op": "replace", "path": "/title", "value": f"Title {revision + 1}"}]
        answer = tell(client, run, "edit", revision=revision, patch=patch)
        if answer.status_code != 200:
            break
        revision += 1
    refused(answer)
    shown = client.run(run)
    assert shown["revision"] == revision
    assert (
        shown["title"]
        == shown["experiment"]["title"]
        == (f"Title {revision}" if revision else shown["title"])
    )


def test_a_run_on_a_full_disk_pauses_keeps_everything_and_plays_on(client: Client, disk: Disk) -> None:
    run = client.start(endless())
    client.wait_for(run, "training")
    eventually(lambda: client.run(run)["step"] > 0)
    with client.watch(run, {"kind": "progress"}) as viewer:
        disk.fill()
        reason = viewer.state("paused")["reason"]
        assert reason["title"] == "The disk is full"
        refused(
            httpx.Response(507, json=viewer.ask("play"), headers={"content-type": "application/problem+json"})
        )
    paused = client.run(run)
    assert (paused["state"], paused["reason"]) == ("paused", reason)
    refused(tell(client, run, "stop"))
    assert tell(client, run, "pause").status_code == 200
    disk.make_room()
    eventually(lambda: client.run(run)["reason"]["title"] == "The run was paused for want of disk space")
    assert tell(client, run, "play").status_code == 200
    eventually(lambda: client.run(run)["step"] > paused["step"])
    assert tell(client, run, "pause").status_code == 200
    rows = client.rows(run, "progress")
    assert len({row["step"] for row in rows.values()}) == len(rows)
    assert client.run(run)["life"] == 0


def test_a_waiting_run_takes_no_worker_from_one_that_would_lose_what_is_not_saved(
    client: Client, disk: Disk
) -> None:
    held = [client.start(endless()), client.start(endless())]
    for run in held:
        client.wait_for(run, "training")
    third = client.start(endless(), start="paused")
    disk.fill()
    steps = [client.wait_for(run, "paused")["step"] for run in held]
    assert client.run(third)["state"] == "queued"
    disk.make_room()
    client.wait_for(third, "paused")
    assert [client.run(run)["step"] for run in held] == steps


def test_a_run_is_deleted_on_a_full_disk(client: Client, disk: Disk) -> None:
    run = client.start(endless())
    client.wait_for(run, "training")
    disk.fill()
    assert client.http.delete(f"/api/runs/{run}").status_code == 204
    assert not list((disk.path / "runs").iterdir())
    assert not list((disk.path / "trash").iterdir())


def test_on_a_read_only_disk_everything_is_refused_and_shown(client: Client, disk: Disk) -> None:
    run = client.start(endless(), start="paused")
    client.wait_for(run, "paused")
    with disk.read_only():
        title = client.run(run)["title"]
        refused(client.http.delete(f"/api/runs/{run}"), "read-only")
        refused(client.http.patch(f"/api/runs/{run}", json={"title": "Another"}), "read-only")
        refused(client.http.post("/api/runs", json={"experiment": endless()}), "read-only")
        refused(client.http.post("/api/blobs", content=b"some"), "read-only")
        refused(tell(client, run, "snapshot", name="mine"), "read-only")
        shown = client.run(run)
        assert (shown["title"], shown["state"]) == (title, "paused")
    assert tell(client, run, "play").status_code == 200
    client.wait_for(run, "training")
    with disk.read_only():
        assert tell(client, run, "pause").status_code == 200
        assert client.wait_for(run, "paused")["reason"]["title"] == "The disk is read-only"
    assert client.http.delete(f"/api/runs/{run}").status_code == 204


def test_a_delete_that_leaves_files_says_so(client: Client, disk: Disk) -> None:
    run = client.start(endless(), start="paused")
    client.wait_for(run, "paused")
    with small_disk(disk.path / "runs" / run / "stuck", 1 << 20):
        answer = client.http.delete(f"/api/runs/{run}")
        assert answer.status_code == 500
        assert "not all of its files: stuck" in answer.json()["detail"]
    assert client.http.get(f"/api/runs/{run}").status_code == 404
