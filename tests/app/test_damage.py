"""Every run directory is untrusted: whatever lies in one, the server starts, lists it and lets it go."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from glassnet.app.runs.record import RunRecord
from glassnet.app.store import removal
from glassnet.engine.run.directory import RunDirectory
from glassnet.engine.run.session import Session
from tests.app.damages import damages
from tests.app.server import served
from tests.contract.client import Client
from tests.engine.experiments import mlp
from tests.engine.session_run import Recorder


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with an edit, two checkpoints, rows, and frames."""
    path = tmp_path_factory.mktemp("recorded") / "recorded"
    session = Session(RunDirectory.create(path, mlp(4, epochs=10), run="recorded"), Recorder())
    session.handle(
        {"type": "watch", "id": 0, "probes": [{"kind": "weights"}, {"kind": "surface", "resolution": 8}]}
    )
    rate = {"op": "replace", "path": "/training/updates/0/optimizer/learning_rate", "value": 0.5}
    for number, steps in enumerate((3, 6), 1):
        session.handle({"type": "step", "id": number, "steps": steps})
        while session.state == "training":
            session.advance()
        session.advance()
        if number == 1:
            session.handle({"type": "snapshot", "id": 8, "name": "three"})
            session.handle({"type": "edit", "id": 9, "revision": 0, "patch": [rate]})
    session.close()
    RunRecord("recorded", "A run", 1.7e9, state="paused", step=9, epoch=0.9, revision=1).write(path)
    return path


def copied(recorded: Path, runs: Path, name: str) -> Path:
    path = runs / name
    shutil.copytree(recorded, path)
    card = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps({**card, "id": name}))
    return path


def answers(client: Client, run: str, *, exported: bool) -> Iterator[tuple[str, int, float]]:
    """Every GET of a run: what was asked, the status and the seconds."""
    key = "0" * 16
    for asked in (
        "",
        "/metrics?probe=evaluation",
        f"/frames?key={key}",
        "/checkpoints",
        "/checkpoints/latest",
        *(["/export"] if exported else []),
    ):
        began = time.monotonic()
        with client.http.stream("GET", f"/api/runs/{run}{asked}") as answer:
            yield asked, answer.status_code, time.monotonic() - began


@pytest.mark.timeout(300)  # two hundred runs
@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.thorough, id="all kinds"), 9])
def test_whatever_lies_in_a_run_directory_the_server_serves(
    recorded: Path, tmp_path: Path, every: int
) -> None:
    """Every kind of damage, or every ninth."""
    runs = tmp_path / "runs"
    runs.mkdir()
    told: dict[str, str] = {}
    for number, (words, damage) in enumerate(list(damages())[::every]):
        path = copied(recorded, runs, f"r{number}")
        damage(path)
        told[f"r{number}"] = words
    copied(recorded, runs, "whole")
    try:
        with served(tmp_path) as (_, client):
            listed = {run["id"]: run for run in client.http.get("/api/runs").raise_for_status().json()}
            assert len(listed) == len(told) + 1
            assert listed["whole"]["state"] == "paused"
            wrong: list[object] = []
            for run, info in listed.items():
                words = told.get(run, run)
                for asked, status, seconds in answers(client, run, exported="card" not in words):
                    if status >= 500:
                        wrong.append((words, asked, status, seconds))
                flaw = words.split()[0] in ("card", "it", "called", "experiment.json")
                certain = flaw and not {"flipped", "locked"} & set(words.split())
                if certain and info["state"] != "damaged":
                    wrong.append((words, info))
                if info["state"] == "damaged" and not info["reason"]["detail"]:
                    wrong.append((words, info))
            assert wrong == []
            mended = {}
            for run, info in listed.items():
                if info["state"] == "damaged":
                    answer = client.http.post(f"/api/runs/{run}/commands", json={"type": "repair"})
                    assert answer.status_code in (200, 409), (told.get(run, run), answer.text)
                    mended[told.get(run, run)] = answer.json()
                    if answer.status_code == 200:
                        assert answer.json()["done"], told.get(run, run)
                        assert client.run(run)["state"] == "interrupted", told.get(run, run)
            assert all("done" in answer for words, answer in mended.items() if words.startswith("card")), (
                mended
            )
            for run in listed:
                assert client.http.delete(f"/api/runs/{run}").status_code == 204, told.get(run, run)
            assert client.http.get("/api/runs").json() == []
            assert list(runs.iterdir()) == []
    finally:
        removal.remove(runs)
        removal.remove(tmp_path / "trash")


def test_a_directory_deeper_than_files_can_be_open_is_removed(tmp_path: Path) -> None:
    here = Path.cwd()
    deep = tmp_path / "deep"
    deep.mkdir()
    try:
        os.chdir(deep)
        for _ in range(1_200):
            Path("d").mkdir()
            os.chdir("d")
        os.chdir(here)
        removal.remove(deep)
        assert not deep.exists()
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-rf", deep], check=True)  # or pytest could not remove it
