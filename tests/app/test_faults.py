"""What breaks, breaks alone, says why, and loses nothing that was acknowledged."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from bench import faults
from glassnet.app.workers.local import LocalWorkers
from tests.app.server import descendants, endless, eventually, kill, lives, parent, served, short, workers
from tests.contract.client import Client, experiment
from tools.serving import Server, serving

SCALARS = ({"kind": "progress"}, {"kind": "evaluation"})


def trained(client: Client, run: str, steps: int = 1) -> None:
    """Wait until a run has gone on for a while."""
    start = client.run(run)["step"]
    eventually(lambda: client.run(run)["step"] >= start + steps)


def same(some: dict[int, dict[str, float]], rows: dict[int, dict[str, float]]) -> bool:
    """Whether some rows are all among others, as they were (NaN is NaN)."""
    there = {number: rows[number] for number in some}
    return json.dumps(some, sort_keys=True) == json.dumps(there, sort_keys=True)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Client]]:
    """A server for those faults that it outlives: it soon misses a silent worker, and gives little memory."""
    data = tmp_path_factory.mktemp("faults")
    settings = {"worker_silence": 3, "max_viewers": 40, "workers": 4, "worker_memory": 600 << 20}
    with served(data, **settings) as started:
        yield started


@pytest.fixture
def outliving(shared: tuple[Server, Client]) -> Iterator[tuple[Client, Path]]:
    """The server's client and its data directory, without the runs of other tests."""
    server, client = shared
    data = server.data_dir
    yield client, data
    for run in client.http.get("/api/runs").json():
        client.http.delete(f"/api/runs/{run['id']}")
    eventually(lambda: not workers(data))


def test_a_killed_worker_ends_its_run_and_no_other(outliving: tuple[Client, Path]) -> None:
    client, data = outliving
    victim = client.start(endless())
    client.wait_for(victim, "training")
    (pid,) = workers(data)
    other = client.start(endless())
    client.wait_for(other, "training")
    trained(client, victim)
    with client.watch(victim, *SCALARS) as viewer:
        kill(pid)
        told = viewer.state("failed")["reason"]
    assert "SIGKILL" in told["detail"]
    assert client.run(victim)["reason"] == told
    trained(client, other)
    refused = client.http.post(f"/api/runs/{victim}/commands", json={"type": "play"})
    assert refused.status_code == 409
    # It can begin anew, in a new life, with all its rows.
    rows = client.rows(victim, "progress")
    assert client.http.post(f"/api/runs/{victim}/commands", json={"type": "reset"}).status_code == 200
    assert client.wait_for(victim, "paused")["life"] >= 1
    again = client.rows(victim, "progress")
    assert same(rows, again)


def test_without_its_fork_server_runs_go_on_and_new_ones_start(outliving: tuple[Client, Path]) -> None:
    client, data = outliving
    run = client.start(endless())
    client.wait_for(run, "training")
    (pid,) = workers(data)
    kill(parent(pid))
    trained(client, run, 100)
    another = client.start(endless())
    client.wait_for(another, "training")
    assert client.http.post(f"/api/runs/{run}/commands", json={"type": "stop"}).status_code == 200
    eventually(lambda: not lives(pid))


def test_a_killed_server_leaves_interrupted_runs_that_go_on(tmp_path: Path) -> None:
    first = Server(tmp_path)
    client = Client(first.url)
    run = client.start(endless(), start="paused")
    idle = client.start(start="paused")
    client.wait_for(idle, "paused")
    with client.watch(run, *SCALARS) as viewer:
        viewer.command("play")
        viewer.frame(lambda frame: frame.step > 1_000)
        seen = viewer.rows("progress")
    left = [pid for pid in descendants(first.process.pid) if pid != first.process.pid]
    kill(first.process.pid)
    first.process.wait()
    eventually(lambda: not any(map(lives, left)))
    first._close()
    client.http.close()

    with served(tmp_path) as (_, client):
        found = client.run(run)
        assert (found["state"], found["reason"]["title"]) == ("interrupted", "Interrupted")
        assert client.run(idle)["state"] == "paused"
        rows = client.rows(run, "progress")
        assert same(seen, rows)
        assert found["step"] >= max(row["step"] for row in rows.values())
        assert client.http.post(f"/api/runs/{run}/commands", json={"type": "play"}).status_code == 200
        client.wait_for(run, "training")
        trained(client, run)
        again = client.rows(run, "progress")
        assert list(again) == list(range(len(again)))
        assert len(again) > len(rows)


def test_a_stopped_process_is_given_up_with_a_reason(outliving: tuple[Client, Path]) -> None:
    client, data = outliving
    run = client.start(endless())
    client.wait_for(run, "training")
    (pid,) = workers(data)
    kill(pid, signal.SIGSTOP)
    failed = client.wait_for(run, "failed")
    assert failed["reason"]["title"] == "The worker hangs"
    eventually(lambda: not lives(pid))
    another = client.start(endless())
    client.wait_for(another, "training")
    trained(client, another)


def test_a_pause_of_the_host_ends_no_run(
    shared: tuple[Server, Client], outliving: tuple[Client, Path]
) -> None:
    server, client = shared
    training, paused = client.start(endless()), client.start(start="paused")
    finished = client.start(short())
    for run, state in ((training, "training"), (paused, "paused"), (finished, "finished")):
        client.wait_for(run, state)
    for stopped in ([server.process.pid], descendants(server.process.pid)):
        for pid in stopped:
            kill(pid, signal.SIGSTOP)
        time.sleep(3.5)  # the fault itself: longer than a silent worker is kept
        for pid in stopped:
            kill(pid, signal.SIGCONT)
        trained(client, training, 50)
        for run, state in ((paused, "paused"), (finished, "finished")):
            told = {"type": "speed", "steps_per_second": 9}
            assert client.http.post(f"/api/runs/{run}/commands", json=told).status_code == 200
            assert client.run(run)["state"] == state


def test_a_quiet_worker_is_asked_and_kept(outliving: tuple[Client, Path]) -> None:
    client, data = outliving
    run = client.start(start="paused")
    client.wait_for(run, "paused")
    (pid,) = workers(data)
    busy = client.start(endless())
    client.wait_for(busy, "training")
    begun = time.monotonic()
    eventually(lambda: time.monotonic() - begun > 4)  # longer than a silent worker is kept
    assert client.run(run)["state"] == "paused"
    assert lives(pid)


def test_a_run_that_wants_too_much_memory_is_refused_with_words(outliving: tuple[Client, Path]) -> None:
    client, _ = outliving
    document = experiment()
    document["network"][0]["units"] = 16_000
    document["network"].insert(1, {"name": "wide", "kind": "linear", "units": 8_000})
    answer = client.http.post("/api/runs", json={"experiment": document})
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert problem["pointer"] == "/experiment/network/1"
    assert "this server gives a run 0.6 GB" in problem["message"]
    small = client.start(start="paused")
    client.wait_for(small, "paused")
    wider = [{"op": "replace", "path": "/network", "value": document["network"]}]
    edit = {"type": "edit", "revision": 0, "patch": wider}
    refused = client.http.post(f"/api/runs/{small}/commands", json=edit)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/patch/0/value/1")
    assert client.run(small)["state"] == "paused"


def test_a_run_that_takes_more_memory_than_it_may_fails_with_words(outliving: tuple[Client, Path]) -> None:
    client, _ = outliving
    # Patches for filters that are not shared are laid out anew, 675 numbers for one: no plan says that.
    document = experiment()
    document["data"] = {"kind": "shapes", "samples": 200, "size": 64}
    document["network"] = [
        {"kind": "unshared_conv2d", "filters": 1, "kernel": 15},
        {"kind": "flatten"},
        {"name": "output", "kind": "linear", "units": None},
    ]
    failed = client.wait_for(client.start(document), "failed")
    assert failed["reason"]["title"] == "Out of memory"


def test_a_server_that_still_warms_up_ends_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fork server that imports for a minute, and a run that waits for its worker."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, time\nif any('forkserver' in word for word in sys.orig_argv): time.sleep(60)\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    with served(tmp_path / "data") as (server, client):
        client.start(endless())
        everything = descendants(server.process.pid)
    assert not any(map(lives, everything))


def test_a_fork_server_that_is_killed_while_it_warms_up_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[Exception | None] = [EOFError("unexpected EOF"), ConnectionResetError(), None]

    def run_nothing(_workers: LocalWorkers, _context: object) -> None:
        if (error := ends.pop(0)) is not None:
            raise error

    monkeypatch.setattr(LocalWorkers, "_run_nothing", run_nothing)
    asyncio.run(LocalWorkers(tmp_path, forked=True).warm())
    assert ends == []


def test_an_ended_server_leaves_no_process_and_truthful_states(tmp_path: Path) -> None:
    with served(tmp_path) as (server, client):
        training, paused = client.start(endless()), client.start(start="paused")
        client.wait_for(training, "training")
        client.wait_for(paused, "paused")
        trained(client, training)
        everything = descendants(server.process.pid)
    assert not any(map(lives, everything))
    with served(tmp_path) as (_, client):
        assert client.run(training)["state"] == "interrupted"
        assert client.run(paused)["state"] == "paused"
        step = client.run(training)["step"]
        assert (
            client.http.post(f"/api/runs/{training}/commands", json={"type": "step", "steps": 1}).json()[
                "step"
            ]
            >= step
        )
        assert client.run(training)["life"] == 0, "its snapshot was the newest there was"


def test_two_servers_do_not_share_a_directory(outliving: tuple[Client, Path]) -> None:
    _, data = outliving
    with pytest.raises(RuntimeError, match="another Glassnet"), serving(data):
        pass


@pytest.mark.parametrize("moments", [2, pytest.param(4, marks=pytest.mark.thorough)])
def test_whenever_a_worker_is_killed_its_run_says_so_and_loses_no_row(
    outliving: tuple[Client, Path], moments: int
) -> None:
    client, data = outliving
    rows, _ = faults.kill_workers(client, data, random.Random(1), moments=moments)
    assert rows


@pytest.mark.thorough
def test_whenever_the_fork_server_is_killed_runs_go_on(outliving: tuple[Client, Path]) -> None:
    client, data = outliving
    rows, _ = faults.kill_fork_servers(client, data, random.Random(2), moments=2)
    assert rows


@pytest.mark.thorough
def test_whenever_the_server_is_killed_its_runs_are_interrupted_and_go_on(tmp_path: Path) -> None:
    rows, _ = faults.kill_servers(tmp_path, random.Random(3), moments=2)
    assert rows


def test_where_processes_cannot_be_forked_they_are_spawned_with_one_kept_warm(tmp_path: Path) -> None:
    with served(tmp_path, start_method="spawn", workers=2, worker_silence=60) as (server, client):
        run = client.start(endless())
        client.wait_for(run, "training")
        eventually(lambda: len(workers(tmp_path)) == 2)
        ready = set(workers(tmp_path))
        with client.watch(run, {"kind": "surface"}) as viewer:
            viewer.frame()
            key = viewer.command("study", study={"kind": "lr_range_test", "steps": 10})["key"]
            told = viewer.until(lambda message: message["type"] == "study" and message["state"] != "running")
            assert (told["key"], told["state"]) == (key, "done"), told
        assert ready <= set(workers(tmp_path)), "the spare took it"
        everything = descendants(server.process.pid)
        assert not any("forkserver" in Path(f"/proc/{pid}/cmdline").read_text() for pid in everything)
    assert not any(map(lives, everything))


def test_a_client_that_opens_sockets_without_end_gets_no_more_than_there_may_be(
    outliving: tuple[Client, Path],
) -> None:
    client, _ = outliving
    run = client.start(endless(), start="paused")
    client.wait_for(run, "paused")
    address = client.url.replace("http", "ws") + f"/api/runs/{run}/live"
    opened, refused = 0, 0
    with ExitStack() as stack:
        while not refused and opened < 100:
            try:
                stack.enter_context(connect(address, compression=None, close_timeout=0.1))
                opened += 1
            except InvalidStatus as error:
                refused = error.response.status_code
        assert (opened, refused) == (40, 503)
        assert client.run(run)["viewers"] == 40
        assert client.http.post(f"/api/runs/{run}/commands", json={"type": "step", "steps": 1}).json()["step"]
        with client.watch(client.start(start="paused")) as viewer:
            viewer.state("paused")
