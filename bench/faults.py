"""kill -9 of a worker, of the fork server and of the server at moments drawn by chance, and what takes long.

After each: the run's state is truthful and has a reason, other runs go on, no acknowledged row is lost,
and no process is left. The tests do the same a few times; here it is twenty times each. And a pause of the
host for longer than a silent worker is kept ends no run, and of more runs than workers each has its turn.
"""

from __future__ import annotations

import json
import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.app.server import descendants, endless, eventually, kill, lives, parent, served, short, workers
from tests.contract.client import Client, Viewer
from tools.serving import Server

MOMENTS = 20
#: Seconds for which processes are stopped; a worker is given up after 60 without an answer.
PAUSE = 75
RUNS, WORKERS = 12, 4

SCALARS = ({"kind": "progress"}, {"kind": "evaluation"})


def main() -> Iterator[str]:
    """Lines of figures."""
    chance = random.Random(20261121)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (server, client):
        yield _line("worker", MOMENTS, *kill_workers(client, Path(folder), chance, MOMENTS))
        yield _line("fork server", MOMENTS, *kill_fork_servers(client, Path(folder), chance, MOMENTS))
        everything = descendants(server.process.pid)
    eventually(lambda: not any(map(lives, everything)))
    with tempfile.TemporaryDirectory() as folder:
        yield _line("server", MOMENTS, *kill_servers(Path(folder), chance, MOMENTS))
    yield from pauses_of_the_host(PAUSE)
    yield turns(RUNS, WORKERS)


def _line(what: str, moments: int, rows: int, seconds: float) -> str:
    return (
        f"kill -9 of the {what} at {moments} moments: {rows:,} rows seen, none lost; "
        f"every state truthful; {seconds / moments:.2f} s each"
    )


def kill_workers(client: Client, data: Path, chance: random.Random, moments: int) -> tuple[int, float]:
    """Runs whose worker is killed fail with the reason; the run beside them goes on."""
    begun, seen_in_all = time.monotonic(), 0
    beside = client.start(endless())
    client.wait_for(beside, "training")
    for _ in range(moments):
        others = set(workers(data))
        run = client.start(endless())
        with client.watch(run, *SCALARS) as viewer:
            eventually(lambda others=others: bool(set(workers(data)) - others))  # type: ignore[misc]
            (pid,) = set(workers(data)) - others
            _receive(viewer, chance.randrange(40))
            kill(pid)
            reason = viewer.state("failed")["reason"]
            seen = {probe["kind"]: viewer.rows(probe["kind"]) for probe in SCALARS}
        assert "SIGKILL" in reason["detail"], reason
        found = client.run(run)
        assert (found["state"], found["reason"]) == ("failed", reason)
        seen_in_all += _none_lost(client, run, seen)
        _goes_on(client, beside)
        client.http.delete(f"/api/runs/{run}").raise_for_status()
        eventually(lambda pid=pid: not lives(pid))  # type: ignore[misc]
    _unbroken(client, beside)
    client.http.delete(f"/api/runs/{beside}")
    return seen_in_all, time.monotonic() - begun


def kill_fork_servers(client: Client, data: Path, chance: random.Random, moments: int) -> tuple[int, float]:
    """Runs go on without the fork server, and a new one is there for the next."""
    begun, seen_in_all = time.monotonic(), 0
    for _ in range(moments):
        run = client.start(endless())
        with client.watch(run, *SCALARS) as viewer:
            eventually(lambda: bool(workers(data)))
            _receive(viewer, chance.randrange(40))
            kill(parent(workers(data)[0]))
            another = client.start(endless())
            client.wait_for(run, "training")
            client.wait_for(another, "training")
            _goes_on(client, run)
            seen = {probe["kind"]: viewer.rows(probe["kind"]) for probe in SCALARS}
        seen_in_all += _none_lost(client, run, seen)
        for name in (run, another):
            client.http.delete(f"/api/runs/{name}").raise_for_status()
        eventually(lambda: not workers(data))
    return seen_in_all, time.monotonic() - begun


def kill_servers(data: Path, chance: random.Random, moments: int) -> tuple[int, float]:
    """What was under way is interrupted, with all its rows, and goes on; no process outlives the server."""
    begun, seen_in_all = time.monotonic(), 0
    run, seen = "", dict[str, dict[int, dict[str, float]]]()
    for _ in range(moments):
        with _doomed(data) as (server, client):
            run, count = _taken_up(client, run, seen)
            seen_in_all += count
            with client.watch(run, *SCALARS) as viewer:
                _receive(viewer, chance.randrange(60))
                seen = {probe["kind"]: viewer.rows(probe["kind"]) for probe in SCALARS}
                left = [pid for pid in descendants(server.process.pid) if pid != server.process.pid]
                os.kill(server.process.pid, signal.SIGKILL)
            eventually(lambda left=left: not any(map(lives, left)))  # type: ignore[misc]
    with served(data) as (server, client):
        seen_in_all += _taken_up(client, run, seen)[1]
        _goes_on(client, run)
        everything = descendants(server.process.pid)
    assert not any(map(lives, everything))
    return seen_in_all, time.monotonic() - begun


def pauses_of_the_host(pause: float) -> Iterator[str]:
    """The server alone, then everything, is stopped for so many seconds; no run ends by it."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), workers=WORKERS) as (server, client):
        training, resting = client.start(endless()), client.start(start="paused")
        finished = client.start(short())
        states = {training: "training", resting: "paused", finished: "finished"}
        for run, state in states.items():
            client.wait_for(run, state)
        for what in ("the server", "everything"):
            pids = [server.process.pid] if what == "the server" else descendants(server.process.pid)
            _stop(pids, pause)
            begun = time.monotonic()
            _goes_on(client, training)
            seconds = time.monotonic() - begun
            assert {run: client.run(run)["state"] for run in states} == states
            yield f"SIGSTOP of {what} for {pause:.0f} s: every state as before; trains after {seconds:.2f} s"


def _stop(pids: list[int], seconds: float) -> None:
    for pid in pids:
        kill(pid, signal.SIGSTOP)
    time.sleep(seconds)  # the fault itself
    for pid in pids:
        kill(pid, signal.SIGCONT)


def turns(runs: int, workers: int) -> str:
    """So many runs that play at once on fewer workers: each trains, none is left at rest."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), workers=workers) as (_, client):
        begun = time.monotonic()
        names = [client.start(endless()) for _ in range(runs)]
        for run in names:
            eventually(lambda run=run: client.run(run)["step"] > 0, 300)  # type: ignore[misc]
        seconds = time.monotonic() - begun
        states = {client.run(run)["state"] for run in names}
        assert states <= {"queued", "starting", "training"}, states
        return f"{runs} playing runs on {workers} workers: all have trained after {seconds:.1f} s"


@contextmanager
def _doomed(data: Path) -> Iterator[tuple[Server, Client]]:
    """A server that is killed here; where it is not, because something else went wrong, it is ended."""
    server = Server(data)
    client = Client(server.url)
    try:
        yield server, client
    finally:
        client.http.close()
        server._kill()


def _taken_up(client: Client, run: str, seen: dict[str, dict[int, dict[str, float]]]) -> tuple[str, int]:
    """The run of the server before, seen to be interrupted and whole, plays on; without one, a new run."""
    count = 0
    if run:
        found = client.run(run)
        assert (found["state"], found["reason"]["title"]) == ("interrupted", "Interrupted"), found
        count = _none_lost(client, run, seen)
        _tell(client, run, "play")
    else:
        run = client.start(endless())
    client.wait_for(run, "training")
    return run, count


def _receive(viewer: Viewer, count: int) -> None:
    """Let so many messages pass; a moment that no clock knows."""
    for _ in range(count):
        viewer.receive()


def _tell(client: Client, run: str, kind: str) -> None:
    client.http.post(f"/api/runs/{run}/commands", json={"type": kind}).raise_for_status()


def _goes_on(client: Client, run: str) -> None:
    step = client.run(run)["step"]
    eventually(lambda: client.run(run)["step"] > step)


def _none_lost(client: Client, run: str, seen: dict[str, dict[int, dict[str, float]]]) -> int:
    """Every row that a viewer saw is in the journal as it was (NaN is NaN); how many."""
    count = 0
    for probe, rows in seen.items():
        kept = client.rows(run, probe)
        there = {number: kept.get(number) for number in rows}
        assert json.dumps(rows, sort_keys=True) == json.dumps(there, sort_keys=True), "a row was lost"
        count += len(rows)
    return count


def _unbroken(client: Client, run: str) -> None:
    for probe in SCALARS:
        rows: dict[int, Any] = client.rows(run, probe["kind"])
        assert list(rows) == list(range(len(rows)))
