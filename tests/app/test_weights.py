"""Weights over HTTP: taken from a run, imported, compared key by key, and started from."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import safetensors.torch
import torch

from tests.contract.client import Client
from tools.serving import Server

Document = dict[str, Any]


@pytest.fixture(scope="module")
def client(usual: tuple[Server, Client]) -> Client:
    return usual[1]


def document(units: int = 4, **training: Any) -> Document:
    return {
        "title": "Taken away",
        "data": {"kind": "spiral", "samples": 60},
        "network": [
            {"kind": "linear", "name": "linear1", "units": units},
            {"kind": "tanh", "name": "tanh1"},
            {"kind": "linear", "name": "output", "units": None},
        ],
        "training": {"batch_size": 10, "epochs": 2, **training},
    }


@pytest.fixture(scope="module")
def run(client: Client) -> str:
    """A run that has taken three steps."""
    made = client.http.post("/api/runs", json={"experiment": document(), "start": "paused"}).json()
    stepped = client.http.post(f"/api/runs/{made['id']}/commands", json={"type": "step", "steps": 3})
    assert stepped.status_code == 200, stepped.text
    return str(made["id"])


def exported(client: Client, run: str, **query: str) -> Any:
    return client.http.get(f"/api/runs/{run}/export", params=query)


def state_of(client: Client, run: str) -> dict[str, torch.Tensor]:
    answer = exported(client, run, format="safetensors")
    assert answer.status_code == 200, answer.text
    return safetensors.torch.load(answer.content)


def test_a_run_is_taken_away_as_onnx_and_as_a_state_dict_of_one_step(client: Client, run: str) -> None:
    answer = exported(client, run, format="onnx")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == 'attachment; filename="taken_away.onnx"'
    state = state_of(client, run)
    x = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    (found,) = onnxruntime.InferenceSession(answer.content).run(None, {"input": x})
    hidden = np.tanh(x @ state["linear1.weight"].numpy().T + state["linear1.bias"].numpy())
    wanted = hidden @ state["output.weight"].numpy().T + state["output.bias"].numpy()
    assert np.allclose(found, wanted, atol=1e-5)
    missing = exported(client, run, format="onnx", checkpoint="nothing")
    assert (missing.status_code, "no checkpoint 'nothing'" in missing.text) == (404, True)
    assert exported(client, run, checkpoint="latest").status_code == 422


def test_a_file_is_imported_compared_and_started_from(client: Client, run: str) -> None:
    state = state_of(client, run)
    written = io.BytesIO()
    torch.save(state, written)
    kept = client.http.post("/api/weights", content=written.getvalue())
    assert kept.status_code == 201, kept.text
    start = {"weights": kept.json()["weights"]}
    same = client.http.post("/api/runs", json={"experiment": document(start_from=start), "start": "paused"})
    assert same.status_code == 201, same.text
    after = state_of(client, same.json()["id"])
    assert all(torch.equal(after[name], tensor) for name, tensor in state.items())
    other = document(units=5, start_from=start)
    told = client.http.post("/api/weights/comparison", json={"experiment": other}).json()
    assert told["total"] == 4
    assert [each["key"] for each in told["taken"]] == ["output.bias"]
    assert "'linear1.weight': 4×2; expected 5×2 numbers" in told["refused"]
    refused = client.http.post("/api/runs", json={"experiment": other})
    assert refused.status_code == 422
    assert {each["pointer"] for each in refused.json()["errors"]} == {"/experiment/training/start_from"}


def test_a_runs_weights_are_stored_for_others_and_its_script_brings_them_along(
    client: Client, run: str, tmp_path: Path
) -> None:
    kept = client.http.post(f"/api/runs/{run}/weights")
    assert kept.status_code == 201, kept.text
    body = {"experiment": document(start_from={"weights": kept.json()["weights"]}, frozen=["linear1"])}
    script = client.http.post("/api/export", json=body)
    assert script.headers["content-type"] == "application/zip", script.text
    with zipfile.ZipFile(io.BytesIO(script.content)) as archive:
        assert archive.namelist() == ["taken_away.py", "weights.safetensors"]
        beside = safetensors.torch.load(archive.read("weights.safetensors"))
    assert beside.keys() == state_of(client, run).keys()


def test_what_is_no_state_dict_is_refused_and_nothing_is_kept(client: Client) -> None:
    def kept() -> list[Document]:
        kinds = client.http.get("/api/storage").json()["kinds"]
        return [kind for kind in kinds if kind["kind"] in ("blobs", "uploads")]

    before = kept()
    answer = client.http.post("/api/weights", content=(10 << 30).to_bytes(8, "little") + b"{")
    assert answer.status_code == 422
    assert answer.json()["title"] == "Invalid weights"
    assert "its header claims 10,737,418,240 bytes" in answer.json()["detail"]
    assert kept() == before
