"""Many viewers of one run: frame latency, command to ack, click to first frame, memory.

A hundred viewers watch pictures of about 48 KiB at 10 Hz, and every row; beside them, five never read and
ten read 50 kB/s. The clients share the machine with the server, so figures are upper bounds.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from bench.images import WATCHED as IMAGE_PANELS
from bench.images import cifar_shaped
from bench.training import digits_cnn
from glassnet.engine.experiment.experiment import Experiment
from tools.serving import Server, serving

VIEWERS, STUCK, SLOW = 100, 5, 10
SECONDS = 15.0
PROBES: list[dict[str, Any]] = [{"kind": "progress"}, {"kind": "evaluation"}, {"kind": "surface", "hz": 10}]

#: The network of NUMBERS section 4, and what the page asks for while it shows it: every unit's heatmap, the
#: large one, the weights, the samples and the confusion matrix beside the rows.
PLAYGROUND: dict[str, Any] = {
    "title": "2-8-8-8-1",
    "data": {"kind": "spiral"},
    "task": {"kind": "classification", "losses": [{"kind": "mse"}]},
    "network": [
        *(
            node
            for layer in (1, 2, 3)
            for node in (
                {"kind": "linear", "name": f"linear{layer}", "units": 8},
                {"kind": "tanh", "name": f"tanh{layer}"},
            )
        ),
        {"kind": "linear", "name": "output", "units": None},
    ],
    "training": {"batch_size": 10, "epochs": 10**6},
}
PANELS: list[dict[str, Any]] = [
    *({"kind": kind} for kind in ("progress", "evaluation", "weights", "samples", "confusion_matrix")),
    {"kind": "surface", "resolution": 30, "units": [f"tanh{layer}" for layer in (1, 2, 3)]},
    {"kind": "surface", "resolution": 100, "units": []},
]


@dataclass
class Seen:
    """What one viewer got."""

    pictures: list[float] = field(default_factory=list)
    rows: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    gaps: int = 0
    size: int = 0


def _endless(experiment: Experiment) -> dict[str, Any]:
    document = experiment.document()
    document["training"]["epochs"] = 10**6
    return document


#: What one viewer is watched with: a name, the experiment, and the probes.
WATCHED: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
    (f"2-8-8-8-1 with {len(PANELS)} panels at 20 Hz", PLAYGROUND, [{**probe, "hz": 20} for probe in PANELS]),
    ("digits CNN with maps and metrics open", _endless(digits_cnn(20)), IMAGE_PANELS),
    ("CIFAR-shaped with maps and metrics open", _endless(cifar_shaped()), IMAGE_PANELS),
]


def main() -> Iterator[str]:
    """Lines of figures."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        yield from asyncio.run(_measure(server))


async def _measure(server: Server) -> list[str]:
    lines = []
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as http:
        await _ready(http)
        document = (await http.get("/api/presets")).json()[0]["experiment"]
        document["training"]["epochs"] = 10**6
        lines.append(_line("click to first frame", await _clicks(http, server, document)))
        run = (await http.post("/api/runs", json={"experiment": document})).json()["id"]
        lines.append(_line("command to ack", await _acks(server, run)))
        for name, experiment, probes in WATCHED:
            lines.append(await _cost_of_watching(http, server, name, experiment, probes))
        async with AsyncExitStack() as stack:
            before = _resident(server)
            seen = await _crowd(server, run, stack)
            gaps = [one.gaps for one in seen]
            holes = sum(_holes(rows) for one in seen for rows in one.rows.values())
            count = sum(len(one.pictures) for one in seen)
            size = sum(one.size for one in seen) / max(1, count) / 1024
            lines.append(
                f"{VIEWERS} viewers, {STUCK} stuck, {SLOW} slow: {count / VIEWERS / SECONDS:.1f} pictures/s "
                f"each, of {size:.0f} KiB; rows missing {holes}, gaps {sum(gaps)}; "
                f"memory {before} → {_resident(server)} MiB"
            )
        lines += await _server_latency(http)
    return lines


async def _ready(http: httpx.AsyncClient) -> None:
    while (await http.get("/readyz")).status_code != 200:  # noqa: ASYNC110 there is nothing to wait on
        await asyncio.sleep(0.1)


async def _cost_of_watching(
    http: httpx.AsyncClient,
    server: Server,
    name: str,
    experiment: dict[str, Any],
    probes: list[dict[str, Any]],
) -> str:
    """Steps a second with one viewer who looks at these probes and with none, in turns."""
    run = (await http.post("/api/runs", json={"experiment": experiment})).json()["id"]
    watched, alone = [], []
    for _ in range(5):
        alone.append(await _speed(http, run))
        async with _watching(server, run, probes) as socket:
            reader = asyncio.create_task(_read(socket, Seen()))
            watched.append(await _speed(http, run))
            reader.cancel()
    share = 1 - statistics.median(one / other for one, other in zip(watched, alone, strict=True))
    await http.delete(f"/api/runs/{run}")
    return (
        f"{name}: {statistics.median(watched):.0f} steps/s, unwatched {statistics.median(alone):.0f}; "
        f"watching costs {share:.0%}"
    )


async def _speed(http: httpx.AsyncClient, run: str) -> float:
    await asyncio.sleep(0.5)
    before, begun = (await http.get(f"/api/runs/{run}")).json()["step"], time.perf_counter()
    await asyncio.sleep(2)
    after = (await http.get(f"/api/runs/{run}")).json()["step"]
    return float((after - before) / (time.perf_counter() - begun))


async def _clicks(http: httpx.AsyncClient, server: Server, document: dict[str, Any]) -> list[float]:
    """From posting an experiment to its first picture."""
    times = []
    for _ in range(9):
        begun = time.perf_counter()
        run = (await http.post("/api/runs", json={"experiment": document})).json()["id"]
        async with _watching(server, run) as socket:
            while isinstance(await socket.recv(), str):
                pass
        times.append(time.perf_counter() - begun)
        await http.delete(f"/api/runs/{run}")
    return times


async def _acks(server: Server, run: str) -> list[float]:
    """From a command to its ack, while the run trains."""
    times = []
    async with _watching(server, run) as socket:
        for number in range(50):
            begun = time.perf_counter()
            await socket.send(json.dumps({"type": "speed", "id": f"s{number}", "steps_per_second": None}))
            while True:
                came = await socket.recv()
                if isinstance(came, str) and json.loads(came).get("id") == f"s{number}":
                    break
            times.append(time.perf_counter() - begun)
    return times


async def _crowd(server: Server, run: str, stack: AsyncExitStack) -> list[Seen]:
    """All kinds of viewers at once; what the well-behaved ones saw."""
    tasks = []
    for _ in range(STUCK):
        await stack.enter_async_context(_watching(server, run))  # and never read
    for _ in range(SLOW):
        socket = await stack.enter_async_context(_watching(server, run))
        tasks.append(asyncio.create_task(_slowly(socket)))
    seen = [Seen() for _ in range(VIEWERS)]
    readers = []
    for one in seen:
        socket = await stack.enter_async_context(_watching(server, run))
        readers.append(asyncio.create_task(_read(socket, one)))
    await asyncio.sleep(SECONDS)
    for task in [*tasks, *readers]:
        task.cancel()
    await asyncio.gather(*tasks, *readers, return_exceptions=True)
    return seen


async def _read(socket: ClientConnection, seen: Seen) -> None:
    async for came in socket:
        if isinstance(came, str):
            seen.gaps += json.loads(came)["type"] == "gap"
            continue
        header = json.loads(came[8 : 8 + int.from_bytes(came[:8], "little")])
        stamp = header["__metadata__"]
        if stamp["probe"] in ("progress", "evaluation"):
            first = int(stamp["seq"])
            seen.rows.setdefault(stamp["probe"], []).append((first, first + header["step"]["shape"][0]))
        else:
            seen.pictures.append(time.perf_counter())
            seen.size += len(came)


async def _slowly(socket: ClientConnection) -> None:
    async for came in socket:
        await asyncio.sleep(len(came) / 50_000)


def _holes(rows: list[tuple[int, int]]) -> int:
    """Rows between two frames that neither has."""
    return sum(after[0] - before[1] for before, after in itertools.pairwise(rows))


class _watching:
    """A connection that asked for everything."""

    def __init__(self, server: Server, run: str, probes: list[dict[str, Any]] = PROBES) -> None:
        self._probes = probes
        address = f"{server.url.replace('http', 'ws', 1)}/api/runs/{run}/live"
        self._connect = connect(address, compression=None, max_size=None, max_queue=4, close_timeout=0.2)

    async def __aenter__(self) -> ClientConnection:
        socket = await self._connect.__aenter__()
        await socket.send(json.dumps({"type": "watch", "id": "w", "probes": self._probes}))
        return socket

    async def __aexit__(self, *error: Any) -> None:
        await self._connect.__aexit__(*error)


async def _server_latency(http: httpx.AsyncClient) -> list[str]:
    """From a frame's making in the worker to its handing over to the network, as the server counts it."""
    lines = []
    for name in ("frame_latency", "event_loop_lag"):
        buckets = [bucket async for bucket in _buckets(http, f"glassnet_{name}_seconds_bucket")]
        total = buckets[-1][1]
        bounds = [next(bound for bound, count in buckets if count >= share * total) for share in (0.5, 0.99)]
        lines.append(f"{name.replace('_', ' ')}: half ≤ {bounds[0]} s, 99 % ≤ {bounds[1]} s of {total:.0f}")
    return lines


async def _buckets(http: httpx.AsyncClient, name: str) -> AsyncIterator[tuple[str, float]]:
    for line in (await http.get("/metrics")).text.splitlines():
        if line.startswith(name):
            yield line.split('"')[1], float(line.rsplit(" ", 1)[1])


def _resident(server: Server) -> int:
    """MiB of memory that the web process has."""
    for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


def _line(name: str, times: list[float]) -> str:
    return f"{name}: median {statistics.median(times) * 1000:.0f} ms, most {max(times) * 1000:.0f} ms"
