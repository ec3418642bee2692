"""Studies over the wire: on a run, seen by all who watch; in a lab, by nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from glassnet.engine.catalog import catalog
from glassnet.engine.studies import FreeStudy, Study
from tests.app.server import endless, eventually, kill, lives, served, workers
from tests.contract.client import Client, Frame, Viewer

#: A study that is soon done, and one that goes on until it is cancelled.
QUICK = {"kind": "lr_range_test", "steps": 20, "high": 1e-2}
LONG = {"kind": "lr_range_test", "steps": 10_000, "high": 2e-4, "start": "now"}


def longer(number: int) -> dict[str, Any]:
    """Another question that takes as long."""
    return {**LONG, "steps": 10_000 - number}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Path]]:
    data = tmp_path_factory.mktemp("studies")
    with served(data, study_workers=2, study_idle=300) as (_, client):
        yield client, data


@pytest.fixture
def client(place: tuple[Client, Path]) -> Iterator[Client]:
    client, _ = place
    yield client
    for run in client.http.get("/api/runs").json():
        client.http.delete(f"/api/runs/{run['id']}")


def ended(message: dict[str, Any]) -> bool:
    return bool(message["type"] == "study" and message["state"] != "running")


def study_frame(viewer: Viewer, key: str) -> Frame:
    return viewer.frame(lambda frame: frame.metadata["key"] == key)


def paused(client: Client, steps: int = 0) -> str:
    run = client.start(endless(), start="paused")
    client.wait_for(run, "paused")
    if steps:
        command = {"type": "step", "steps": steps}
        client.http.post(f"/api/runs/{run}/commands", json=command).raise_for_status()
    return run


def test_everybody_who_watches_sees_a_study_and_who_comes_late_its_last_sight(client: Client) -> None:
    run = paused(client, steps=7)
    with client.watch(run) as one, client.watch(run, query="?control=0") as other:
        key = one.command("study", study=QUICK)["key"]
        for viewer in (one, other):
            told = viewer.until(ended)
            assert (told["key"], told["study"], told["state"]) == (key, "lr_range_test", "done")
            last = viewer.frames[-1]
            assert last.probe == "lr_range_test"
            assert last.metadata["done"] == "1.0"
            assert (last.metadata["run"], last.step, last.metadata["life"]) == (run, 7, "0")
            assert len(last.arrays["rates"]) == 20
        assert other.ask("study", study=QUICK)["status"] == 403
        assert other.ask("cancel", key=key)["status"] == 403
    with client.watch(run) as late:
        assert late.until(ended)["state"] == "done"
        assert late.frames[-1].metadata["key"] == key
    over_http = Frame.of(client.http.get(f"/api/runs/{run}/studies/{key}").raise_for_status().content)
    assert over_http.seq == last.seq
    (listed,) = client.http.get(f"/api/runs/{run}/studies").raise_for_status().json()
    assert (listed["key"], listed["state"], listed["options"]["steps"]) == (key, "done", 20)


def test_the_same_question_asked_again_is_the_same_study_until_it_is_done(client: Client) -> None:
    run = paused(client)
    body = {"run": run, "study": LONG}
    begun = client.http.post("/api/studies", json=body)
    assert begun.status_code == 201
    key = begun.json()["key"]
    assert client.http.post("/api/studies", json=body).json() == {"key": key}
    answer = client.http.post(f"/api/runs/{run}/commands", json={"type": "study", "study": LONG})
    assert answer.json()["key"] == key
    assert len(client.http.get(f"/api/runs/{run}/studies").json()) == 1
    with client.watch(run) as viewer:
        seen = study_frame(viewer, key)
        viewer.command("cancel", key=key)
        assert viewer.command("study", study=LONG)["key"] == key
        viewer.command("step", steps=5)
        assert study_frame(viewer, key).seq > seen.seq
        viewer.command("cancel", key=key)
        # The network has moved on, and so has what is seen of it.
        viewer.command("study", study=LONG)
        viewer.frame(lambda frame: frame.metadata["key"] == key and frame.step == 5)
        viewer.command("cancel", key=key)


def test_studies_change_nothing_about_training_and_leave_nothing(
    client: Client, place: tuple[Client, Path]
) -> None:
    document = endless(epochs=40)
    alone = client.start(document)
    rows = client.rows(client.wait_for(alone, "finished")["id"], "evaluation")
    run = client.start(document, start="paused")
    client.wait_for(run, "paused")
    with client.watch(run) as viewer:
        for number in range(3):
            viewer.command("study", study=longer(number))
        viewer.command("play")
        keys = [viewer.command("study", study=longer(number))["key"] for number in range(3, 6)]
        client.wait_for(run, "finished")
        study_frame(viewer, keys[-1])
        for job in client.http.get(f"/api/runs/{run}/studies").json():
            viewer.command("cancel", key=job["key"])
    watched = client.rows(run, "evaluation")
    assert {number: row["test_loss"] for number, row in watched.items()} == {
        number: row["test_loss"] for number, row in rows.items()
    }
    assert {found["name"] for found in client.http.get(f"/api/runs/{run}/checkpoints").json()} <= {
        "latest",
        "best",
    }
    folder = place[1] / "runs" / run / "studies"
    eventually(lambda: list(folder.glob("*")) == [])


def test_a_study_may_look_at_a_checkpoint(client: Client) -> None:
    run = paused(client, steps=10)
    with client.watch(run) as viewer:
        viewer.command("snapshot", name="ten")
        viewer.command("step", steps=10)
        then = viewer.command("study", study=QUICK, checkpoint="ten")["key"]
        now = viewer.command("study", study=QUICK)["key"]
        assert then != now
        assert {then: 10, now: 20} == {key: study_frame(viewer, key).step for key in (then, now)}
        refused = viewer.ask("study", study=QUICK, checkpoint="eleven")
        assert (refused["status"], refused["errors"][0]["pointer"]) == (404, "/checkpoint")


@pytest.mark.parametrize("state", ["training", "stopped"])
def test_the_checkpoints_of_a_race_are_there_when_its_end_is_told(
    client: Client, place: tuple[Client, Path], state: str
) -> None:
    run = paused(client, steps=3)
    command = {"type": "play" if state == "training" else "stop"}
    client.http.post(f"/api/runs/{run}/commands", json=command).raise_for_status()
    client.wait_for(run, state)
    race = {"kind": "variants", "variants": [{}, {}], "steps": 5, "race": "racetwo"}
    with client.watch(run) as viewer:
        viewer.command("study", study=race)
        assert viewer.until(ended)["state"] == "done"
        known = {info["name"] for info in client.http.get(f"/api/runs/{run}/checkpoints").json()}
        assert {"racetwo-1", "racetwo-2"} <= known
    assert client.run(run)["state"] == state
    eventually(lambda: list((place[1] / "runs" / run / "studies").glob("*")) == [])


def test_runs_without_a_worker_are_studied_as_they_were_left(client: Client) -> None:
    stopped = paused(client, steps=6)
    client.http.post(f"/api/runs/{stopped}/commands", json={"type": "stop"}).raise_for_status()
    with client.watch(stopped) as viewer:
        key = viewer.command("study", study=QUICK)["key"]
        assert study_frame(viewer, key).step == 6
    assert client.run(stopped)["state"] == "stopped"
    never = client.start(endless(), start="paused")
    client.http.post(f"/api/runs/{never}/commands", json={"type": "stop"}).raise_for_status()
    with client.watch(never) as viewer:
        key = viewer.command("study", study=QUICK)["key"]
        assert study_frame(viewer, key).step == 0


@pytest.mark.parametrize(
    ("study", "pointer"),
    [
        ({"kind": "landscape", "budget": 1e-6}, "/study/budget"),
        ({"kind": "nothing"}, "/study/kind"),
        ({}, "/study"),
        ({"kind": "lr_range_test", "steps": 3}, "/study/steps"),
        ({"kind": "lr_range_test", "low": 1.0, "high": 0.5}, "/study"),
        ({"kind": "lr_range_test", "colour": 1}, "/study/colour"),
    ],
)
def test_a_wrong_study_is_refused_at_its_place(client: Client, study: dict[str, Any], pointer: str) -> None:
    run = paused(client)
    answer = client.http.post("/api/studies", json={"run": run, "study": study})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert client.http.get(f"/api/runs/{run}/studies").json() == []


def test_wrong_requests_about_studies_are_problem_documents(client: Client) -> None:
    run = paused(client)
    nobody = client.http.post("/api/studies", json={"run": "nobody", "study": QUICK})
    assert (nobody.status_code, nobody.json()["errors"][0]["pointer"]) == (404, "/run")
    assert client.http.post("/api/studies", json={"study": QUICK}).status_code == 422
    assert client.http.get(f"/api/runs/{run}/studies/{'0' * 16}").status_code == 404
    assert client.http.get(f"/api/runs/{run}/studies/zz").status_code == 422
    cancelled = client.http.post(f"/api/runs/{run}/commands", json={"type": "cancel", "key": "0" * 16})
    assert (cancelled.status_code, cancelled.json()["errors"][0]["pointer"]) == (404, "/key")


def test_too_many_studies_are_refused_and_an_idle_worker_makes_room(client: Client) -> None:
    run = paused(client)
    keys = []
    for number in range(8):
        begun = client.http.post("/api/studies", json={"run": run, "study": longer(number)})
        keys.append(begun.raise_for_status().json()["key"])
    refused = client.http.post("/api/studies", json={"run": run, "study": longer(8)})
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    second, third = paused(client), paused(client)
    client.http.post("/api/studies", json={"run": second, "study": LONG}).raise_for_status()
    refused = client.http.post("/api/studies", json={"run": third, "study": LONG})
    assert refused.status_code == 429
    assert "2 workers" in refused.json()["detail"]
    for key in keys:
        client.http.post(f"/api/runs/{run}/commands", json={"type": "cancel", "key": key}).raise_for_status()
    client.http.post("/api/studies", json={"run": third, "study": LONG}).raise_for_status()


def test_a_killed_study_worker_fails_that_study_and_nothing_else(
    client: Client, place: tuple[Client, Path]
) -> None:
    run = client.start(endless())
    client.wait_for(run, "training")
    before = set(workers(place[1]))
    with client.watch(run) as viewer:
        key = viewer.command("study", study=LONG)["key"]
        study_frame(viewer, key)
        (pid,) = set(workers(place[1])) - before
        kill(pid)
        told = viewer.until(ended)
        assert (told["key"], told["state"]) == (key, "failed")
        assert "SIGKILL" in told["detail"]
        step = client.run(run)["step"]
        again = viewer.command("study", study=LONG)["key"]
        study_frame(viewer, again)
        assert client.run(run)["state"] == "training"
        eventually(lambda: client.run(run)["step"] > step)


def test_deleting_a_run_ends_its_studies_and_their_worker(client: Client, place: tuple[Client, Path]) -> None:
    run = paused(client)
    before = set(workers(place[1]))
    with client.watch(run) as viewer:
        study_frame(viewer, viewer.command("study", study=LONG)["key"])
    (pid,) = set(workers(place[1])) - before
    assert client.http.delete(f"/api/runs/{run}").status_code == 204
    eventually(lambda: not lives(pid))


# Labs ----------------------------------------------------------------------------------------------------


def free_study() -> dict[str, Any]:
    """Some study that needs no network."""
    kinds = [kind for kind, item in catalog(Study).items() if issubclass(item, FreeStudy)]
    return {"kind": kinds[0]}


@contextmanager
def lab(client: Client) -> Iterator[Viewer]:
    address = client.url.replace("http", "ws", 1) + "/api/studies/live"
    with connect(address, compression=None, max_size=None) as socket:
        viewer = Viewer(socket)
        hello = viewer.until(lambda message: message["type"] == "hello")
        assert (hello["run"], hello["control"]) == (None, True)
        yield viewer


def test_a_lab_is_private_and_its_worker_ends_with_it(client: Client, place: tuple[Client, Path]) -> None:
    before = set(workers(place[1]))
    with lab(client) as mine, lab(client) as other:
        key = mine.command("study", study=free_study())["key"]
        frame = study_frame(mine, key)
        assert frame.probe == free_study()["kind"]
        assert frame.metadata["run"] == ""
        assert other.ask("cancel", key=key)["status"] == 404
        assert other.frames == []
        (pid,) = set(workers(place[1])) - before
        mine.command("cancel", key=key)
    eventually(lambda: not lives(pid))


def test_a_study_of_a_network_is_refused_in_a_lab_and_so_is_all_that_is_for_runs(client: Client) -> None:
    with lab(client) as viewer:
        refused = viewer.ask("study", study=QUICK)
        assert (refused["status"], refused["errors"][0]["pointer"]) == (422, "/study/kind")
        assert "network" in refused["detail"]
        assert viewer.ask("play")["status"] == 409
        assert viewer.ask("study", study=free_study(), checkpoint="latest")["status"] == 422
        viewer.socket.send("[" * 30_000)
        assert viewer.until(lambda message: message["type"] == "error")["status"] == 422


def test_a_lab_is_guarded_as_runs_are(client: Client) -> None:
    address = client.url.replace("http", "ws", 1) + "/api/studies/live"
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}):
        with pytest.raises(InvalidStatus) as refused:
            connect(address, additional_headers=headers)
        assert refused.value.response.status_code == 403
    with connect(address + "?control=0") as socket:
        assert json.loads(socket.recv())["control"] is False
        socket.send(json.dumps({"type": "study", "study": free_study()}))
        assert json.loads(socket.recv())["status"] == 403
