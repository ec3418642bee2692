"""Whatever is posted as a blob, the server reads none itself: a bounded process does."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import pytest

from glassnet.app.core.problems import Refusal
from glassnet.app.core.settings import Settings
from glassnet.app.store.blobs import Blobs
from glassnet.app.store.image_import import Importer
from glassnet.app.store.images import PictureBlobs
from glassnet.app.store.imports import Imports
from glassnet.app.store.isolation import command, environment
from glassnet.app.store.quota import Quota
from glassnet.engine.files.image_import import Form
from tests.app.server import eventually
from tests.contract.client import Client
from tests.engine.forged import FORGED, blob
from tools.serving import Server


@pytest.fixture(scope="module")
def server(usual: tuple[Server, Client]) -> tuple[Server, Client]:
    return usual


def on(sha256: str, **changes: Any) -> dict[str, Any]:
    """An experiment on a blob."""
    data = {"kind": "own_images", "blob": f"sha256:{sha256}", "names": ["a", "b"], "size": 8, "channels": 1}
    network = [{"kind": "flatten"}, {"kind": "linear", "name": "output", "units": None}]
    return {"data": {**data, "pictures": 12, **changes}, "network": network}


@pytest.mark.parametrize("kind", ["a label of 60,000,000", "two pictures of 1×10,000", "names without end"])
def test_a_forged_blob_is_422_wherever_it_is_used(server: Any, kind: str) -> None:
    _, client = server
    content, _ = FORGED[kind]
    sha256 = client.http.post("/api/blobs", content=content).json()["sha256"]
    for answer in (
        client.http.get(f"/api/images/{sha256}"),
        client.http.get(f"/api/images/{sha256}/preview"),
        client.http.post("/api/describe", json=on(sha256)),
        client.http.post("/api/runs", json={"experiment": on(sha256), "start": "paused"}),
        client.http.post("/api/export", json={"experiment": on(sha256)}),
    ):
        assert answer.status_code == 422, answer.text
        assert "the blob" in answer.json()["detail"]


def test_a_posted_blob_that_holds_pictures_is_used_once_it_was_looked_at(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, client = server
    sha256 = client.http.post("/api/blobs", content=blob()).json()["sha256"]
    assert client.http.get(f"/api/images/{sha256}").json()["counts"] == [6, 6]

    def none(*_: Any, **__: Any) -> Any:
        raise AssertionError("a process was started to look again")

    monkeypatch.setattr(subprocess, "run", none)
    assert client.http.post("/api/describe", json=on(sha256)).status_code == 200
    wrong = client.http.post("/api/describe", json=on(sha256, names=["a", "c"]))
    assert [error["pointer"] for error in wrong.json()["errors"]] == ["/data/names"]


def test_what_no_command_line_takes_is_refused(server: Any) -> None:
    _, client = server
    for query in ("only=%00", "scale=1..0", "scale=wide", "encoding=klingon"):
        answer = client.http.post(f"/api/images?{query}", content=b"x")
        assert answer.status_code == 422, answer.text


def test_the_process_has_no_token_and_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSNET_TOKEN", "secret-of-the-server")
    assert not any("GLASSNET" in name or "secret" in value for name, value in environment().items())
    code = (
        "import socket; from glassnet.engine.files.image_import.isolation import isolate; isolate(None, 5)\n"
        "print(socket.if_nameindex())\n"
        "try: socket.create_connection(('127.0.0.1', 1), 1)\n"
        "except OSError as error: print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    interfaces, error = done.stdout.splitlines()
    if interfaces == "[(1, 'lo')]":  # it has left; where the system does not let it, it is where we are
        assert error == "OSError", "the loopback interface of a network of one's own is down"


def test_memory_is_bounded_by_the_process_itself(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(blob())
    words = command(
        "glassnet.engine.files.image_import.inspect_blob",
        "describe",
        str(tmp_path / "blob"),
        memory=64 << 20,
        seconds=5,
    )
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode != 0


# Uploads at once --------------------------------------------------------------------------------------------


async def body(first: asyncio.Event, last: asyncio.Event) -> AsyncIterator[bytes]:
    """An upload that is under way until it may end."""
    yield b"not a ZIP"
    first.set()
    await last.wait()


def test_uploads_beyond_a_number_are_told_to_come_again(tmp_path: Path) -> None:
    async def three() -> list[Any]:
        settings = Settings(data_dir=tmp_path, import_workers=1, max_imports=1)
        importer = Importer(
            Imports(settings, Blobs(tmp_path / "blobs", Quota(settings))), PictureBlobs(settings)
        )
        last, tasks = asyncio.Event(), []
        for _ in range(2):
            first = asyncio.Event()
            tasks.append(asyncio.create_task(importer.take(body(first, last), Form(16, 3))))
            await first.wait()
        tasks.append(asyncio.create_task(importer.take(body(asyncio.Event(), last), Form(16, 3))))
        await asyncio.wait(tasks[2:])
        last.set()
        ended: list[Any] = await asyncio.gather(*tasks, return_exceptions=True)
        return ended

    *under_way, refused = asyncio.run(three())
    assert [getattr(error, "status", None) for error in under_way] == [422, 422]
    assert isinstance(refused, Refusal)
    assert (refused.status, refused.headers) == (503, {"Retry-After": "10"})
    assert list((tmp_path / "uploads").iterdir()) == []


def test_looks_take_no_thread_that_others_need(tmp_path: Path) -> None:
    async def scene() -> None:
        blobs, free = PictureBlobs(Settings(data_dir=tmp_path)), threading.Event()
        looks = [asyncio.create_task(blobs.in_turn(free.wait)) for _ in range(60)]
        await asyncio.sleep(0)
        assert await asyncio.wait_for(anyio.to_thread.run_sync(lambda: 7), 10) == 7
        free.set()
        assert await asyncio.gather(*looks) == [True] * 60

    asyncio.run(scene())


def test_a_look_ends_with_the_server(tmp_path: Path) -> None:
    blobs = PictureBlobs(Settings(data_dir=tmp_path))
    with ThreadPoolExecutor(1) as pool:
        look = pool.submit(blobs._run, [sys.executable, "-c", "import time; time.sleep(60)"])
        eventually(lambda: bool(blobs._at_work))
        blobs.close()
        code, _ = look.result()
    assert code == -signal.SIGKILL
    with pytest.raises(Refusal, match="not be looked at in time"):
        blobs._run([sys.executable, "-c", "import time; time.sleep(60)"])
