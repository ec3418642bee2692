"""Own sounds and volumes over HTTP: kept, described, planned, refused."""

from __future__ import annotations

import io
import wave
import zipfile
from typing import Any

import numpy as np
import pytest

from tests.contract.client import Client
from tools.serving import Server


@pytest.fixture(scope="module")
def client(usual: tuple[Server, Client]) -> Client:
    return usual[1]


def wav(waves: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as made:
        made.setparams((1, 2, 8000, 0, "NONE", ""))
        made.writeframes((9000 * np.sin(np.arange(600) / 600 * 6.283 * waves)).astype("<i2").tobytes())
    return file.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


FILES = {f"{name}/{n}.wav": wav(start + n) for name, start in (("low", 5), ("high", 60)) for n in range(5)}


def test_own_sounds_are_uploaded_described_and_planned(client: Client) -> None:
    answer = client.http.post("/api/sounds?rate=4000&length=256", content=zipped(FILES))
    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert (kept["names"], kept["counts"], kept["samples"]) == (["high", "low"], [5, 5], 10)
    assert "another rate than 4,000 Hz" in " ".join(kept["notes"])
    digest = kept["blob"].removeprefix("sha256:")
    known: dict[str, Any] = client.http.get(f"/api/sounds/{digest}").json()
    assert known == {name: kept[name] for name in known}
    for kind, layer in (("own_sounds", "conv1d"), ("own_spectrograms", "conv2d")):
        network = [{"kind": layer}, {"kind": "flatten"}, {"kind": "linear", "units": None}]
        document = {"data": {"kind": kind, **kept["data"]}, "network": network}
        described = client.http.post("/api/describe", json=document)
        assert described.status_code == 200, described.text


def test_a_sound_that_cannot_be_read_refuses_the_upload_and_nothing_is_kept(client: Client) -> None:
    before = {name: size for name, size in client.http.get("/api/storage").json().items() if name != "free"}
    answer = client.http.post("/api/sounds", content=zipped({**FILES, "low/cut.wav": wav(5)[:90]}))
    assert answer.status_code == 422
    assert "low/cut.wav: cut off: 'data' announces 1,200 bytes" in answer.json()["detail"]
    after = client.http.get("/api/storage").json()
    assert {name: after[name] for name in before} == before
    assert (
        client.http.post("/api/sounds", content=wav(5))
        .json()["detail"]
        .startswith("one WAV file; expected a ZIP")
    )
    assert client.http.post("/api/sounds?rate=0", content=b"").status_code == 422
    assert client.http.get(f"/api/sounds/{'0' * 64}").status_code == 404


def npy(level: int) -> bytes:
    file = io.BytesIO()
    np.save(file, np.full((4, 5, 6), level, np.uint8))
    return file.getvalue()


def test_own_volumes_are_uploaded_described_and_planned(client: Client) -> None:
    files = {
        f"{name}/{n}.npy": npy(start + n) for name, start in (("dark", 5), ("light", 90)) for n in range(4)
    }
    answer = client.http.post("/api/volumes", content=zipped(files))
    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert (kept["names"], kept["samples"], kept["notes"]) == (["dark", "light"], 8, [])
    assert (kept["depth"], kept["height"], kept["width"]) == (4, 5, 6)
    digest = kept["blob"].removeprefix("sha256:")
    known: dict[str, Any] = client.http.get(f"/api/volumes/{digest}").json()
    assert known == {name: kept[name] for name in known}
    assert client.http.get(f"/api/sounds/{digest}").status_code == 422
    network = [{"kind": "conv3d"}, {"kind": "flatten"}, {"kind": "linear", "units": None}]
    document = {"data": {"kind": "own_volumes", **kept["data"]}, "network": network}
    assert client.http.post("/api/describe", json=document).status_code == 200
    refused = client.http.post("/api/volumes", content=zipped({**files, "dark/cut.npy": npy(1)[:-9]}))
    assert "dark/cut.npy: cut off" in refused.json()["detail"]
