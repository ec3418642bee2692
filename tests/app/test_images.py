"""Uploads of own pictures and fetching published ones, over HTTP."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from glassnet.app.core.background import Tasks
from glassnet.app.core.settings import Settings
from glassnet.app.store.downloads import Download, Downloads
from glassnet.app.store.quota import Quota
from glassnet.engine.items.datasets.vision import Mnist
from tests.app.server import served
from tests.contract.client import Client
from tests.engine.places import mnist_files, published, serving_files
from tools.serving import Server


@pytest.fixture(scope="module")
def data(usual: tuple[Server, Client]) -> Path:
    return usual[0].data_dir


@pytest.fixture(scope="module")
def client(usual: tuple[Server, Client]) -> Client:
    return usual[1]


RANDOM = np.random.default_rng(0)


def picture(colour: tuple[int, int, int]) -> bytes:
    buffer = io.BytesIO()
    pixels = np.clip(RANDOM.normal(colour, 20, (24, 24, 3)), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(**more: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, colour in {"red": (200, 40, 40), "green": (40, 200, 40)}.items():
            for number in range(15):
                archive.writestr(f"own/{name}/{number}.png", picture(colour))
        for name, content in more.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def trained(data: dict[str, Any]) -> dict[str, Any]:
    """An experiment on these data."""
    return {
        "data": data,
        "network": [{"kind": "flatten"}, {"kind": "linear", "name": "output", "units": None}],
        "training": {"epochs": 2},
    }


def test_own_pictures_are_uploaded_looked_at_and_trained_on(client: Client, data: Path) -> None:
    answer = client.http.post("/api/images?size=16&channels=3", content=zipped())
    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert (kept["names"], kept["counts"], kept["pictures"]) == (["green", "red"], [15, 15], 30)
    told = {name: kept.pop(name) for name in ("scale", "encoding", "left_out", "notes")}
    assert told == {"scale": None, "encoding": None, "left_out": [], "notes": []}
    digest = kept["blob"].removeprefix("sha256:")
    assert client.http.get(f"/api/images/{digest}").json() == kept
    sheet = Image.open(io.BytesIO(client.http.get(f"/api/images/{digest}/preview?each=4").content))
    assert sheet.getpixel((5, 5))[1] > 128  # type: ignore[index]
    own = kept["data"]
    described = client.http.post("/api/describe", json=trained(own)).json()
    assert described["input"]["shape"] == [3, 16, 16]
    assert described["data"]["sets"] == {"train": 24, "test": 6}
    run = client.start(trained(own), start="playing")
    client.wait_for(run, "finished")
    rows = client.rows(run, "evaluation")
    assert rows[max(rows)]["test_accuracy"] > 0.9
    assert list((data / "uploads").iterdir()) == []


def test_one_bad_file_refuses_the_whole_and_is_named(client: Client, data: Path) -> None:
    before = list((data / "blobs").glob("??/*"))
    answer = client.http.post("/api/images", content=zipped(**{"own__red__bad.png": b"hello"}))
    assert answer.status_code == 422
    assert "own/red/bad.png: no picture" in answer.json()["detail"]
    assert list((data / "blobs").glob("??/*")) == before
    assert list((data / "uploads").iterdir()) == []
    assert client.http.post("/api/images?channels=2", content=zipped()).status_code == 422
    assert client.http.post("/api/images?size=9999", content=zipped()).status_code == 422


def test_a_bomb_ends_its_own_process_and_nothing_else(tmp_path: Path) -> None:
    """A picture within the limits of one, in a process that has less memory than it takes."""
    buffer = io.BytesIO()
    Image.new("RGB", (7000, 7000)).save(buffer, "PNG", compress_level=1)
    with served(tmp_path, import_memory=250 << 20) as (_, client):
        answer = client.http.post("/api/images", content=zipped(**{"own__red__large.png": buffer.getvalue()}))
        assert answer.status_code == 422
        assert "memory" in answer.json()["detail"]
        assert client.http.get("/api/health").status_code < 500


def test_what_a_killed_server_left_half_uploaded_is_gone(tmp_path: Path) -> None:
    halves = [tmp_path / "uploads" / "tmpx" / "source", tmp_path / "blobs" / "part-x"]
    whole = tmp_path / "blobs" / "whole"
    for path in (*halves, whole):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    with served(tmp_path):
        assert not any(path.exists() for path in halves)
        assert whole.exists()


def test_what_is_absent_is_said_before_a_worker_starts(client: Client) -> None:
    absent = {"kind": "own_images", "blob": "sha256:" + 64 * "1"}
    for data, pointer in ((absent, "/data/blob"), ({"kind": "mnist"}, "/data/kind")):
        document = trained(data)
        described = client.http.post("/api/describe", json=document)
        assert described.status_code == 422
        assert [error["pointer"] for error in described.json()["errors"]] == [pointer]
        started = client.http.post("/api/runs", json={"experiment": document, "start": "paused"})
        assert started.status_code == 422
        assert [e["pointer"] for e in started.json()["errors"]] == [f"/experiment{pointer}"]


def test_published_sets_tell_how_they_stand(client: Client) -> None:
    listed = {entry["kind"]: entry for entry in client.http.get("/api/datasets").json()}
    assert list(listed) == ["mnist", "fashion_mnist", "cifar10"]
    assert {entry["state"] for entry in listed.values()} == {"absent"}
    assert client.http.post("/api/datasets/spiral/fetch").status_code == 404


def test_a_published_set_is_fetched_in_the_background(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a server of the test's own; the second time a file is missing there, which is said."""

    async def fetched() -> Download:
        tasks = Tasks()
        downloads = Downloads(tmp_path / "datasets", tasks, Quota(Settings(data_dir=tmp_path)))
        assert downloads.of("mnist").state == "absent"
        assert downloads.start("mnist").state == "fetching"
        assert downloads.start("mnist") is downloads.of("mnist")
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        await tasks.close()
        return downloads.of("mnist")

    with serving_files() as place:
        files = published(monkeypatch, place, Mnist, mnist_files())
        kept = place.files.pop(files[3].name)
        failed = asyncio.run(fetched())
        assert failed.state == "failed"
        assert "answers 404" in str(failed.detail)
        place.files[files[3].name] = kept
        done = asyncio.run(fetched())
    assert (done.state, done.come) == ("present", done.total)
    assert place.asked.count(files[0].name) == 1, "what had come was not fetched again"
