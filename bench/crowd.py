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
from functools import partial
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


class Viewer(asyncio.Protocol):
    """One connection: its pictures, its rows, and when it saw each revision.

    A protocol and no stream: what a client takes of the processor is not the server's to answer for.
    """

    def __init__(self, host: str, run: str) -> None:
        self._hello = _handshake(host, run)
        self._rest, self._open = b"", False
        self.seen: dict[int, float] = {}
        self.pictures = self.missing = 0
        self.next_row: dict[bytes, int] = {}
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the connection; what is asked for on it comes after the answer."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._hello)

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the server ended it."""
        self.lost = True

    def data_received(self, data: bytes) -> None:
        """Take whole messages; keep what is left."""
        data = self._rest + data if self._rest else data
        start = 0
        if not self._open:
            start = data.find(b"\r\n\r\n") + 4
            self._open = start > 3
            if self._open:
                self.transport.write(_text({"type": "watch", "id": 1, "probes": PROBES}))
        while self._open and (found := _message(data, start)) is not None:
            kind, first, start = found
            if kind == 9:  # who answers no ping is let go
                self.transport.write(_pong(data[first:start]))
            else:
                self._take(kind, data[first:start])
        self._rest = data[start:] if self._open else data

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
        viewers = [await _connected(server, run) for _ in range(VIEWERS)]
        await asyncio.sleep(5)
        counted, used, began = _pictures(viewers), _processor(server), time.perf_counter()
        sent = [await _edit(http, run, number) for number in range(EDITS)]
        await asyncio.sleep(SECONDS_BETWEEN)
        seconds = time.perf_counter() - began
        busy = (_processor(server) - used) / seconds
        rate = (_pictures(viewers) - counted) / seconds / VIEWERS
        lost = sum(viewer.lost for viewer in viewers)
        for viewer in viewers:
            viewer.transport.abort()
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
            f"not seen {missed}, connections lost {lost}, "
            f"rows missing {sum(viewer.missing for viewer in viewers)}"
        )
        cost = (
            f"{rate:.1f} pictures/s each; the server takes {busy:.0%} of one core, "
            f"memory {before} → {_resident(server)} MiB"
        )
        return [seen, cost, *await _server_latency(http)]


async def _connected(server: Server, run: str) -> Viewer:
    address = urlsplit(server.url)
    assert address.hostname is not None
    assert address.port is not None
    loop = asyncio.get_running_loop()
    made = partial(Viewer, address.netloc, run)
    return (await loop.create_connection(made, address.hostname or "", address.port or 80))[1]


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


def _pong(data: bytes) -> bytes:
    return b"\x8a" + bytes([0x80 | len(data)]) + bytes(4) + data


def _message(data: bytes, start: int) -> tuple[int, int, int] | None:
    """Opcode, first and last byte of the frame that begins here; None where it is not whole yet."""
    if len(data) < start + 2:
        return None
    length, first = data[start + 1], start + 2
    if length > 125:
        size = 2 if length == 126 else 8
        length, first = int.from_bytes(data[first : first + size], "big"), first + size
    if len(data) < first + length:
        return None
    return data[start] & 15, first, first + length
