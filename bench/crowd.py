"""A lecture hall: 400 viewers of one run on this machine, each with rows and pictures.

How long an edit takes until everybody has seen it, how old frames are when they go out, whether rows are
missing, and what the server's memory does. The clients share the cores with the server: they read the bytes
and look into as little of them as they can.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from bench.hub import PROBES, _ready, _resident, _server_latency
from tools.serving import Server, serving

VIEWERS = 400
EDITS = 30
SECONDS_BETWEEN = 1.0

_SEQUENCE = re.compile(rb'"seq": ?"(\d+)"')
_ROWS = re.compile(rb'"step": ?\{"dtype": ?"F64", ?"shape": ?\[(\d+)\]')


@dataclass
class Viewer:
    """One connection: its pictures, its rows, and when it saw each revision."""

    seen: dict[int, float] = field(default_factory=dict)
    pictures: int = 0
    next_row: dict[bytes, int] = field(default_factory=dict)
    missing: int = 0

    async def watch(self, server: Server, run: str) -> None:
        """Connect, ask for everything, and read until cancelled."""
        address = urlsplit(server.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1 << 20)
        try:
            writer.write(_handshake(address.netloc, run))
            await reader.readuntil(b"\r\n\r\n")
            writer.write(_text({"type": "watch", "id": 1, "probes": PROBES}))
            while True:
                kind, data = await _message(reader)
                self._take(kind, data)
        finally:
            writer.close()

    def _take(self, kind: int, data: bytes) -> None:
        if kind == 1:
            if data.startswith(b'{"type": "edited"'):
                self.seen[json.loads(data)["revision"]] = time.perf_counter()
        elif kind == 2:
            self._take_frame(data)

    def _take_frame(self, data: bytes) -> None:
        head = data[8 : 8 + int.from_bytes(data[:8], "little")]
        probe = b"progress" if b'"progress"' in head else b"evaluation" if b'"evaluation"' in head else None
        if probe is None:
            self.pictures += 1
            return
        sequence, rows = _SEQUENCE.search(head), _ROWS.search(head)
        assert sequence is not None
        assert rows is not None
        first = int(sequence[1])
        self.missing += first - self.next_row.get(probe, first)
        self.next_row[probe] = first + int(rows[1])


def main() -> Iterator[str]:
    """Lines of figures."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        yield from asyncio.run(_measure(server))


async def _measure(server: Server) -> list[str]:
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as http:
        await _ready(http)
        document = (await http.get("/api/presets")).json()[0]["experiment"]
        document["training"]["epochs"] = 10**6
        run = (await http.post("/api/runs", json={"experiment": document})).json()["id"]
        before = _resident(server)
        viewers = [Viewer() for _ in range(VIEWERS)]
        tasks = [asyncio.create_task(viewer.watch(server, run)) for viewer in viewers]
        await asyncio.sleep(5)
        counted, used, began = _pictures(viewers), _processor(server), time.perf_counter()
        sent = [await _edit(http, run, number) for number in range(EDITS)]
        await asyncio.sleep(SECONDS_BETWEEN)
        seconds = time.perf_counter() - began
        busy = (_processor(server) - used) / seconds
        rate = (_pictures(viewers) - counted) / seconds / VIEWERS
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        broken = [end for end in ends if not isinstance(end, asyncio.CancelledError)]
        delays = sorted(
            viewer.seen[number + 1] - moment
            for number, moment in enumerate(sent)
            for viewer in viewers
            if number + 1 in viewer.seen
        )
        missed = EDITS * VIEWERS - len(delays)
        seen = (
            f"{VIEWERS} viewers: an edit is seen after {statistics.median(delays) * 1000:.0f} ms (half), "
            f"{delays[int(0.99 * len(delays))] * 1000:.0f} ms (99 %), {delays[-1] * 1000:.0f} ms (all); "
            f"not seen {missed}, connections lost {len(broken)}, "
            f"rows missing {sum(viewer.missing for viewer in viewers)}"
        )
        cost = (
            f"{rate:.1f} pictures/s each; the server takes {busy:.0%} of one core, "
            f"memory {before} → {_resident(server)} MiB"
        )
        return [seen, cost, *await _server_latency(http)]


async def _edit(http: httpx.AsyncClient, run: str, number: int) -> float:
    """Change the learning rate; the moment it was asked for."""
    await asyncio.sleep(SECONDS_BETWEEN)
    rate = 0.01 + number / 1000
    patch = [{"op": "replace", "path": "/training/updates/0/optimizer/learning_rate", "value": rate}]
    moment = time.perf_counter()
    answer = await http.post(
        f"/api/runs/{run}/commands", json={"type": "edit", "id": number, "revision": number, "patch": patch}
    )
    assert answer.status_code == 200, answer.text
    return moment


def _pictures(viewers: list[Viewer]) -> int:
    return sum(viewer.pictures for viewer in viewers)


def _processor(server: Server) -> float:
    """Seconds of processor time that the web process has used."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


# The least of a WebSocket client (RFC 6455) ------------------------------------------------------------


def _handshake(host: str, run: str) -> bytes:
    return (
        f"GET /api/runs/{run}/live HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def _text(message: dict[str, Any]) -> bytes:
    """A masked text frame of up to 64 KiB; a mask of zeros leaves the bytes as they are."""
    data = json.dumps(message).encode()
    return b"\x81\xfe" + len(data).to_bytes(2, "big") + bytes(4) + data


async def _message(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Opcode and payload of the next frame."""
    head = await reader.readexactly(2)
    length = head[1]
    if length == 126:
        length = int.from_bytes(await reader.readexactly(2), "big")
    elif length == 127:
        length = int.from_bytes(await reader.readexactly(8), "big")
    return head[0] & 15, await reader.readexactly(length)
