"""Experiments as downloads: a script, or a script with its data, that run where there is only torch."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from glassnet.app.core.settings import Settings
from glassnet.app.main import create_app
from tests.contract.client import experiment

ADDRESS = "http://127.0.0.1:8265"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("export"))
    app = create_app(settings)
    with TestClient(app, base_url=ADDRESS, headers={"Host": "127.0.0.1:8265"}) as client:
        yield client


def document(**parts: Any) -> dict[str, Any]:
    made = {**experiment(), **parts}
    made["training"] = {"epochs": 1, "batch_size": 25}
    return made


def test_a_script_is_a_download_named_after_the_experiment(client: TestClient) -> None:
    answer = client.post("/api/export", json={"experiment": document(title="My Spiral, №1")})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/x-python")
    assert answer.headers["content-disposition"] == 'attachment; filename="my_spiral_1.py"'
    defined = {node.name for node in ast.parse(answer.text).body if isinstance(node, ast.ClassDef)}
    assert "Network" in defined


def test_data_that_a_script_cannot_draw_comes_with_it_and_it_runs(client: TestClient, tmp_path: Path) -> None:
    wanted = document(data={"kind": "iris"}, title="Iris")
    answer = client.post("/api/export", json={"experiment": wanted})
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
    assert "iris.py" in names
    assert any(name.endswith(".safetensors") for name in names)
    said = subprocess.run(
        [sys.executable, "-I", "iris.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "test loss" in said.stdout


def test_a_run_is_exported_as_it_is_now(client: TestClient) -> None:
    body = {"experiment": document(title="Before"), "start": "paused"}
    run = client.post("/api/runs", json=body).json()["id"]
    patch = [{"op": "replace", "path": "/title", "value": "After"}]
    edit = {"type": "edit", "revision": 0, "patch": patch}
    assert client.post(f"/api/runs/{run}/commands", json=edit).status_code == 200
    answer = client.get(f"/api/runs/{run}/export", params={"format": "python"})
    assert answer.headers["content-disposition"] == 'attachment; filename="after.py"'
    assert answer.text.startswith('"""After')


def test_what_cannot_be_exported_is_refused_at_its_place(client: TestClient) -> None:
    wrong = document()
    wrong["network"][0]["units"] = -1
    answer = client.post("/api/export", json={"experiment": wrong})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/experiment/network/0/units"
    asked = client.post("/api/export", json={"experiment": document(), "format": "cobol"})
    assert asked.json()["errors"][0]["pointer"] == "/format"
    assert client.get("/api/runs/nobody/export").status_code == 404
