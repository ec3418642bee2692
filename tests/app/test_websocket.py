"""The server's end of a WebSocket: frames made once for all, pongs that do not pile up, room in a crowd."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode

from glassnet.app.hub.websocket import EXTENSION, DeliveryPacer, ViewerProtocol, _written
from tests.app.frames import picture
from tests.app.server import eventually
from tests.contract.client import Client
from tools.serving import serving

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Transport(asyncio.Transport):
    """Keeps what it is given; full when told so."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.sent = b""

    def write(self, data: object) -> None:
        assert isinstance(data, bytes)
        self.sent += data

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is left to be written."""


async def accepting(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that accepts, and then listens to the end."""
    await receive()
    await send({"type": "websocket.accept"})
    assert scope["extensions"][EXTENSION] is not None
    await receive()


async def connected() -> tuple[ViewerProtocol, Transport]:
    config = Config(accepting, ws=ViewerProtocol, ws_per_message_deflate=False, log_config=None)
    config.load()
    protocol, transport = ViewerProtocol(config, ServerState(), {}), Transport()
    protocol.connection_made(transport)
    protocol.data_received(HANDSHAKE.format(path="/", host="h").encode())
    for _ in range(10):
        await asyncio.sleep(0)
    assert protocol.handshake_complete
    transport.sent = b""
    return protocol, transport


def ping(number: int) -> bytes:
    return WebSocketFrame(Opcode.PING, b"%d" % number).serialize(mask=True)


def pong(number: int) -> bytes:
    return WebSocketFrame(Opcode.PONG, b"%d" % number).serialize(mask=False)


def test_a_client_that_reads_nothing_gets_the_newest_pong_when_it_reads_again() -> None:
    async def scene() -> None:
        protocol, transport = await connected()
        protocol.data_received(ping(1))
        assert transport.sent == pong(1)
        protocol.pause_writing()
        for number in range(2, 1_000):
            protocol.data_received(ping(number))
        assert transport.sent == pong(1)
        protocol.resume_writing()
        assert transport.sent == pong(1) + pong(999)
        protocol.resume_writing()
        assert transport.sent == pong(1) + pong(999)
        protocol.connection_lost(ConnectionResetError())
        await asyncio.gather(*protocol.tasks)

    asyncio.run(scene())


def test_a_client_is_asked_again_where_its_time_passed_while_the_machine_slept() -> None:
    async def scene() -> None:
        protocol, transport = await connected()
        protocol.send_keepalive_ping()
        asked = len(transport.sent)
        protocol._pong_due -= 75  # as after 75 s of SIGSTOP
        protocol.keepalive_timeout()
        assert not protocol.close_sent
        assert len(transport.sent) == 2 * asked
        protocol.keepalive_timeout()
        assert protocol.close_sent
        protocol.connection_lost(ConnectionResetError())
        await asyncio.gather(*protocol.tasks)

    asyncio.run(scene())


def test_a_message_is_on_the_wire_as_websockets_would_send_it() -> None:
    frame = picture("k", 1, size=70_000)
    assert _written(frame) == WebSocketFrame(Opcode.BINARY, frame.data).serialize(mask=False)
    assert _written(frame) is _written(frame)
    assert _written("é") == WebSocketFrame(Opcode.TEXT, "é".encode()).serialize(mask=False)


def test_deliveries_to_a_crowd_leave_the_event_loop_its_share() -> None:
    pacer = DeliveryPacer()
    for _ in range(1_000):
        pacer.delivered(100e-6)
    pacer.viewers = 1
    assert pacer.period < 0.001
    pacer.viewers = 400
    assert pacer.viewers * 100e-6 / pacer.period == pytest.approx(DeliveryPacer.SHARE, rel=0.01)
    pacer.viewers = 100_000
    assert pacer.period == DeliveryPacer.LONGEST


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_pings_of_a_client_that_never_reads_cost_no_memory(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        client = Client(server.url)
        eventually(lambda: client.http.get("/readyz").status_code == 200)
        run = client.start(start="paused")
        client.wait_for(run, "paused")
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname, address.port), 10) as link:
            path = f"/api/runs/{run}/live"
            link.sendall(HANDSHAKE.format(path=path, host=address.netloc).encode())
            assert link.recv(12) == b"HTTP/1.1 101"
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            flood = WebSocketFrame(Opcode.PING, os.urandom(125)).serialize(mask=True) * 5_000
            link.sendall(flood)
            before = resident(server.process.pid)
            for _ in range(20):  # 13 MB of pings, of which the server would owe as many pongs
                link.sendall(flood)
            assert resident(server.process.pid) - before < 8 << 20
        assert client.http.get("/livez").status_code == 200
        client.http.close()


def resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
