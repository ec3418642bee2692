"""What is kept has bounds: for each kind, for uploads at once, for a run, and for the disk."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from glassnet.app.core.problems import Refusal
from glassnet.app.core.settings import Settings
from glassnet.app.store.blobs import Blobs
from glassnet.app.store.quota import Quota
from glassnet.app.store.references import References, in_bytes
from tests.app.server import endless, eventually, served
from tests.app.test_disk import pictures, tell
from tests.contract.client import Client
from tests.disks import small_disk

MIB = 1 << 20

#: Seconds that a blob is kept in these tests once nothing refers to it.
DAY = 86_400.0


def quota_of(data: Path, **settings: Any) -> Quota:
    return Quota(Settings(data_dir=data, free_space=0, **settings))


def of_kind(quota: Quota, kind: str) -> tuple[int, int]:
    return next((usage.used, usage.reserved) for usage in quota.usage() if usage.kind == kind)


# The quota ---------------------------------------------------------------------------------------------


def test_many_at_once_never_have_more_than_there_may_be(tmp_path: Path) -> None:
    quota = quota_of(tmp_path, max_blobs=30)

    def grown(_: int) -> int:
        room = quota.reserve("blobs")
        for size in range(1, 11):
            try:
                room.grow(1)
            except Refusal:
                return size - 1
        return 10

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(grown, range(12))) == 30


def test_what_is_not_kept_is_given_back(tmp_path: Path) -> None:
    quota = quota_of(tmp_path, max_blobs=10)
    with pytest.raises(ValueError, match="stopped"), quota.reserve("blobs", 8):
        raise ValueError("stopped")
    with quota.reserve("blobs", 8) as room:
        room.keep(5)
    assert of_kind(quota, "blobs") == (5, 0)
    with pytest.raises(Refusal, match="all blobs have 5 bytes and may have 10; expected"):
        quota.reserve("blobs", 6)


def test_twelve_uploads_at_once_pass_no_limit_of_three(tmp_path: Path) -> None:
    quota = quota_of(tmp_path, max_blobs=3 * MIB + 100)
    blobs = Blobs(tmp_path / "blobs", quota)

    async def body(number: int) -> AsyncIterator[bytes]:
        for _ in range(16):
            yield bytes([number]) * (MIB // 16)
            await asyncio.sleep(0)

    async def sent() -> list[Any]:
        under_way = [blobs.put(body(number)) for number in range(12)]
        return await asyncio.gather(*under_way, return_exceptions=True)

    results = asyncio.run(sent())
    kept = [result for result in results if isinstance(result, tuple)]
    assert len(kept) <= 3
    assert {result.status for result in results if isinstance(result, Refusal)} == {507}
    assert len(kept) + sum(isinstance(result, Refusal) for result in results) == 12
    assert of_kind(quota, "blobs") == (len(kept) * MIB, 0)
    assert not list((tmp_path / "blobs").glob("part-*"))


# References --------------------------------------------------------------------------------------------


def test_references_are_found_in_all_revisions_and_in_damaged_files(tmp_path: Path) -> None:
    names = [hashlib.sha256(bytes([number])).hexdigest() for number in range(5)]
    run = tmp_path / "run"
    (run / "journal").mkdir(parents=True)
    (run / "run.json").write_bytes(b'{"title": 5, "icon": "sha256:' + names[0].encode())
    (run / "journal.jsonl").write_bytes(b"\0\xff" * (1 << 19) + b"sha256:" + names[1].encode() + b"\n{")
    (run / "journal" / "old.jsonl").write_text(f'"sha256:{names[2]}"')
    os.mkfifo(run / "pipe.json")
    (run / "link.json").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "other").write_text("no directory")
    references = References(tmp_path)
    assert references.by_blob() == {name: {"run"} for name in names[:3]}
    with (run / "journal.jsonl").open("ab") as journal:
        journal.write(f'sha256:{names[3]}"'.encode())
    assert set(references.by_blob()) == set(names[:4])
    (run / "run.json").unlink()
    assert set(references.by_blob()) == set(names[1:4])
    assert in_bytes(b"sha256:" + b"0" * 63) == set()


def test_a_reference_that_grows_across_two_looks_is_found(tmp_path: Path) -> None:
    name = hashlib.sha256(b"grows").hexdigest()
    (tmp_path / "run").mkdir()
    references = References(tmp_path)
    with (tmp_path / "run" / "journal.jsonl").open("ab", buffering=0) as journal:
        for part in (b'{"blob":"sha256:', name[:30].encode(), name[30:].encode() + b'"}\n'):
            journal.write(part)
            found = references.by_blob()
    assert found == {name: {"run"}}


# A server ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Path]]:
    data = tmp_path_factory.mktemp("quota")
    with served(data, workers=2, max_blobs=3 * MIB, max_run_bytes=2 * MIB, free_space=0) as (_, client):
        yield client, data


@pytest.fixture
def client(server: tuple[Client, Path]) -> Iterator[Client]:
    client, _ = server
    yield client
    for run in client.http.get("/api/runs").json():
        client.http.delete(f"/api/runs/{run['id']}")


def own_images(client: Client) -> tuple[str, dict[str, Any]]:
    """Pictures on the server: their hash, and an experiment with them."""
    kept = client.http.post("/api/images", params={"size": 16}, content=pictures()).json()
    document = endless()
    document["data"] = {
        "kind": "own_images",
        "blob": kept["blob"],
        "names": kept["names"],
        "size": 16,
        "pictures": kept["pictures"],
    }
    document["network"] = [
        {"name": "flat", "kind": "flatten"},
        {"name": "output", "kind": "linear", "units": 2},
    ]
    document["task"] = {"kind": "classification"}
    return kept["blob"].removeprefix("sha256:"), document


def test_a_blob_is_deleted_when_no_run_refers_to_it(client: Client) -> None:
    blob, document = own_images(client)
    run = client.start(document, start="paused")
    client.wait_for(run, "paused")
    other = client.start(start="paused")
    answer = client.http.delete(f"/api/blobs/{blob}")
    assert (answer.status_code, answer.json()["runs"]) == (409, [run])
    assert f"1 run refers to this blob: {run}" in answer.json()["detail"]
    # An edit takes it out of the experiment; the revision before it is still there to go back to.
    patch = [{"op": "replace", "path": "/title", "value": "without"}]
    assert tell(client, run, "edit", revision=0, patch=patch).status_code == 200
    assert client.http.delete(f"/api/blobs/{blob}").status_code == 409
    assert client.http.delete(f"/api/runs/{run}").status_code == 204
    assert client.http.delete(f"/api/blobs/{blob}").status_code == 204
    assert client.http.delete(f"/api/blobs/{blob}").status_code == 404
    assert client.http.get(f"/api/blobs/{blob}").status_code == 404
    assert client.run(other)


def test_blobs_have_a_bound_that_deleting_makes_room_under(client: Client) -> None:
    before = usage(client, "blobs")["used"]
    sent = [client.http.post("/api/blobs", content=os.urandom(MIB)) for _ in range(4)]
    assert [answer.status_code for answer in sent][-1] == 507
    assert "may have 3,145,728" in sent[-1].json()["detail"]
    assert client.http.post("/api/images", content=pictures()).status_code == 507
    for answer in sent[:-1]:
        assert client.http.delete(f"/api/blobs/{answer.json()['sha256']}").status_code == 204
    assert usage(client, "blobs")["used"] == before


def usage(client: Client, kind: str) -> dict[str, Any]:
    kinds = client.http.get("/api/storage").json()["kinds"]
    found: dict[str, Any] = next(each for each in kinds if each["kind"] == kind)
    return found


def test_checkpoints_are_deleted_but_for_the_one_the_run_goes_on_from(client: Client) -> None:
    run = client.start(endless(), start="paused")
    client.wait_for(run, "paused")
    tell(client, run, "step", steps=3)
    tell(client, run, "snapshot", name="mine")
    address = f"/api/runs/{run}/checkpoints"
    names = {each["name"] for each in client.http.get(address).json()}
    assert {"mine", "latest"} <= names
    assert client.http.delete(f"{address}/mine").status_code == 204
    assert client.http.delete(f"{address}/mine").status_code == 404
    kept = client.http.delete(f"{address}/latest")
    assert kept.status_code == 409
    assert "goes on from" in kept.json()["detail"]
    assert client.http.delete(f"{address}/..%2Frun").status_code in (404, 422)
    assert {each["name"] for each in client.http.get(address).json()} == names - {"mine"}


def test_a_run_with_more_than_it_may_have_pauses_until_there_is_less(client: Client, server: Any) -> None:
    run = client.start(endless())
    client.wait_for(run, "training")
    tell(client, run, "snapshot", name="large")
    large = server[1] / "runs" / run / "checkpoints" / "large.safetensors"
    with large.open("ab") as file:
        file.write(bytes(2 * MIB))
    reason = client.wait_for(run, "paused")["reason"]
    assert reason["title"] == "Paused for want of disk space"
    assert "may have 2,097,152" in reason["detail"]
    refused = tell(client, run, "play")
    assert (refused.status_code, "checkpoints" in refused.json()["detail"]) == (507, True)
    assert client.http.delete(f"/api/runs/{run}/checkpoints/large").status_code == 204
    assert tell(client, run, "play").status_code == 200
    client.wait_for(run, "training")


def test_below_the_reserve_runs_pause_and_writes_are_refused(tmp_path: Path) -> None:
    with small_disk(tmp_path, 32 << 20) as disk, served(tmp_path, free_space=16 << 20) as (_, client):
        run = client.start(endless())
        client.wait_for(run, "training")
        large = disk.path / "large"
        large.write_bytes(bytes(20 << 20))
        reason = client.wait_for(run, "paused")["reason"]
        assert "kept as a reserve" in reason["detail"]
        for answer in (
            client.http.post("/api/runs", json={"experiment": endless()}),
            client.http.post("/api/blobs", content=b"some"),
            client.http.post("/api/images", content=pictures()),
            client.http.patch(f"/api/runs/{run}", json={"title": "Another"}),
            client.http.post("/api/datasets/mnist/fetch"),
            tell(client, run, "play"),
        ):
            assert answer.status_code == 507, answer.text
            assert "kept as a reserve" in answer.json()["detail"]
        assert client.run(run)["step"] > 0
        large.unlink()
        assert tell(client, run, "play").status_code == 200
        client.wait_for(run, "training")


def test_a_blob_that_nothing_refers_to_is_collected_at_start_up_whatever_runs_are_like(
    tmp_path: Path,
) -> None:
    def kept(data: Path, content: bytes, age: float) -> Path:
        name = hashlib.sha256(content).hexdigest()
        path = data / "blobs" / name[:2] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        then = path.stat().st_mtime - age
        os.utime(path, (then, then))
        return path

    lost, young, wanted = (kept(tmp_path, bytes([n]) * 9, age) for n, age in enumerate((2 * DAY, 0, 2 * DAY)))
    damaged = tmp_path / "runs" / "damaged"
    damaged.mkdir(parents=True)
    (damaged / "experiment.json").write_text(f'{{"data": "sha256:{wanted.name}", cut')
    (damaged / "run.json").write_text('{"title": 5')
    with served(tmp_path, blob_grace=DAY) as (_, client):
        eventually(lambda: not lost.exists())
        assert client.http.get(f"/api/blobs/{lost.name}").status_code == 404
        assert young.exists()
        assert wanted.exists()
        answer: httpx.Response = client.http.delete(f"/api/blobs/{wanted.name}")
        assert answer.json()["runs"] == ["damaged"]


def test_runs_made_at_once_are_no_more_than_there_may_be(tmp_path: Path) -> None:
    with served(tmp_path, max_runs=3, workers=1) as (_, client), ThreadPoolExecutor(8) as pool:
        document = {"experiment": endless(), "start": "paused"}
        answers = pool.map(lambda _: client.http.post("/api/runs", json=document).status_code, range(8))
        assert sorted(answers) == [201] * 3 + [429] * 5
