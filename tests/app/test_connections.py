"""Connections that only wait are no trouble for those that ask: half-sent requests, slow bodies, no files."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.exceptions import InvalidMessage, InvalidStatus
from websockets.sync.client import connect

from glassnet.app.core.settings import Settings
from glassnet.app.server.connections import (
    LEAST_RATE,
    MOST_TOLD,
    REPORT_EVERY,
    SHED,
    Connections,
    Phase,
    client_of,
)
from glassnet.app.server.protocols import HTTPConnection, Reader, _come_again
from tests.app.server import eventually, served
from tests.contract.client import Client
from tools.serving import Server

MOST = 40


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Client]]:
    """A server of few connections and little patience."""
    data = tmp_path_factory.mktemp("connections")
    with served(data, max_sockets=MOST, header_seconds=1, body_seconds=1, idle_seconds=1) as served_:
        yield served_


def address(client: Client) -> tuple[str, int]:
    url = client.http.base_url
    return url.host, url.port or 80


@contextmanager
def opened(client: Client, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """So many connections, each with the beginning of something."""
    with ExitStack() as stack:
        sockets = []
        for _ in range(count):
            found = stack.enter_context(socket.create_connection(address(client), timeout=30))
            with_host = sent.replace(
                b"HOST", b"Host: %s:%d\r\n" % (address(client)[0].encode(), address(client)[1])
            )
            found.sendall(with_host)
            sockets.append(found)
        yield sockets


def is_served(client: Client) -> bool:
    """Whether a new visitor is."""
    with Client(client.url).http as visitor:
        return visitor.get("/livez").status_code == 200


def resident(server: Server) -> int:
    """MiB of memory that the server's process has."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def answer(client: Client, sent: bytes) -> bytes:
    """All that is answered until the server closes the connection."""
    with opened(client, 1, sent) as (one,):
        return rest(one)


def rest(one: socket.socket) -> bytes:
    found = b""
    try:
        while data := one.recv(1 << 16):
            found += data
    except ConnectionError:
        pass
    return found


def test_half_sent_requests_keep_nobody_out(shared: tuple[Server, Client]) -> None:
    server, client = shared
    lines = len(server.lines)
    with opened(client, 10 * MOST, b"GET / HTTP/1.1\r\nHOST") as halves:
        for _ in range(5):
            assert is_served(client)
        for half in halves:  # those that were not ended for others have their deadline
            assert rest(half) == b""
    assert len(server.lines) - lines <= 2, server.log()


def test_a_slow_body_and_an_idle_connection_come_to_an_end(shared: tuple[Server, Client]) -> None:
    _, client = shared
    slow = answer(client, b"POST /api/describe HTTP/1.1\r\nHOSTContent-Length: 9000\r\n\r\n{")
    assert slow.startswith(b"HTTP/1.1 408")
    burst = b"POST /api/blobs HTTP/1.1\r\nHOSTContent-Length: 200000\r\n\r\n" + bytes(100_000)
    assert answer(client, burst).startswith(b"HTTP/1.1 408")
    late = answer(client, b"POST /nowhere HTTP/1.1\r\nHOSTTransfer-Encoding: chunked\r\n\r\n1\r\n{")
    assert late.startswith(b"HTTP/1.1 404")
    idle = answer(client, b"GET /livez HTTP/1.1\r\nHOST\r\n")
    assert idle.startswith(b"HTTP/1.1 200")


def test_one_too_many_is_told_to_come_again(shared: tuple[Server, Client]) -> None:
    _, client = shared
    run = client.start(start="paused")
    live = client.url.replace("http", "ws", 1) + f"/api/runs/{run}/live"
    with ExitStack() as stack:
        for _ in range(MOST * 3 // 4):
            stack.enter_context(connect(live, compression=None))
        refused = answer(client, b"GET /livez HTTP/1.1\r\nHOST\r\n")
        assert refused.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 5" in refused
        # Told so before its request was read, the client may find the connection reset first.
        with pytest.raises((InvalidStatus, InvalidMessage)) as end:
            connect(live, compression=None)
        assert not isinstance(end.value, InvalidStatus) or end.value.response.status_code == 503
    eventually(lambda: is_served(client))


POST = b"POST /api/describe HTTP/1.1\r\nHOST"

#: Requests of which two readers could think differently where they end, and what is no request.
DOUBTFUL = {
    "both lengths": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "both, the other way": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "two lengths in one line": POST + b"Content-Length: 2, 2\r\n\r\n{}",
    "one length twice": POST + b"Content-Length: 2\r\ncontent-length: 2\r\n\r\n{}",
    "chunks in 1.0": POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a space": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "no chunk": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a handshake with a body": b"GET /api/runs/x/live HTTP/1.1\r\nHOSTUpgrade: websocket\r\n"
    b"Connection: upgrade\r\nContent-Length: 1\r\n\r\n",
    "no letters": b"GET \xff HTTP/1.1\r\nHOST\r\n",
    "nothing": b"\r\n\r\n\r\n",
}


@pytest.mark.parametrize("sent", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_request_whose_end_is_in_doubt_ends_its_connection(
    shared: tuple[Server, Client], sent: bytes
) -> None:
    _, client = shared
    refused = answer(client, sent + b"GET /livez HTTP/1.1\r\nHOST\r\n")
    assert refused.startswith(b"HTTP/1.1 400")
    assert b"connection: close" in refused
    assert b"application/problem+json" in refused
    assert refused.count(b"HTTP/1.1 ") == 1, "what is behind it is not read"


def test_without_a_free_file_it_is_served_again_and_the_log_has_a_line(tmp_path: Path) -> None:
    with served(tmp_path, header_seconds=60) as (server, client):
        assert client.http.get("/livez").status_code == 200
        eventually(lambda: client.http.get("/readyz").status_code == 200)
        pid = server.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (files + 80, before[1]))
        with opened(client, 300, b"GET / HTTP/1.1\r\nHOST"):
            assert is_served(client)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        assert client.http.get("/livez").status_code == 200
    log = server.log().splitlines()
    assert len([line for line in log if "waiting for a free file" in line]) <= 2, server.log()
    assert len(log) < 6, server.log()


def test_downloads_that_nobody_reads_take_no_memory(shared: tuple[Server, Client]) -> None:
    server, client = shared
    key, size, count = "0123456789abcdef", 1 << 20, 20
    run = client.start(start="paused")
    folder = server.data_dir / "runs" / run / "frames" / key
    folder.mkdir(parents=True)
    for step in range(40):
        (folder / f"{step:012d}.safetensors").write_bytes(bytes([step]) * (size + 1))
    path = f"/api/runs/{run}/frames?key={key}"
    whole = client.http.get(path).content
    assert len(whole) == 31 * (8 + size + 8), "32 MiB at most, each filled up to 8 bytes"
    assert whole[8 + size + 8 :][:9] == (size + 1).to_bytes(8, "little") + b"\1"
    before = resident(server)
    with opened(client, count, f"GET {path} HTTP/1.1\r\nHOST\r\n".encode()) as unread:
        for one in unread:
            assert one.recv(12) == b"HTTP/1.1 200"
        assert is_served(client)
        assert resident(server) - before < 2 * count, "MiB; each has asked for 31"


# The registry on its own -----------------------------------------------------------------------------------


@dataclass(eq=False)
class Fake:
    """A connection without one."""

    phase: Phase = Phase.HALF_OPEN
    address: str = "192.0.2.1"
    unread: int = 0
    ended: bool = False
    late: str | None = None

    def overdue(self, seconds: float) -> str | None:
        return self.late

    def end(self) -> None:
        self.ended = True


def many(connections: Connections, count: int, phase: Phase, address: str = "192.0.2.1") -> list[Fake]:
    found = [Fake(phase, address) for _ in range(count)]
    assert all(map(connections.join, found))
    return found


def test_half_open_connections_are_ended_before_idle_ones_and_busy_ones_never() -> None:
    connections = Connections(Settings(max_sockets=16, max_client_sockets=3_000))
    assert connections.most_of_one == 12
    busy = many(connections, 9, Phase.BUSY)
    idle, half = many(connections, 1, Phase.IDLE), many(connections, 2, Phase.HALF_OPEN)
    many(connections, 3, Phase.BUSY)
    assert [one.ended for one in (*half, *idle)] == [True, True, True]
    assert not connections.join(surplus := Fake())
    assert not surplus.ended, "it is told first"
    assert not any(one.ended for one in busy)
    many(connections, 4, Phase.BUSY, "192.0.2.2")
    assert len(connections) == 16
    assert not connections.join(Fake(address="192.0.2.3"))
    connections.leave(busy[0])
    connections.leave(busy[0])
    assert len(connections) == 15


def test_of_those_that_are_told_only_so_many_are_kept() -> None:
    connections = Connections(Settings(max_sockets=16))
    many(connections, 12, Phase.BUSY)
    surplus = [Fake() for _ in range(MOST_TOLD + 2)]
    assert not any(map(connections.join, surplus))
    assert [one.ended for one in surplus] == [True, True] + [False] * MOST_TOLD


def test_what_takes_too_long_or_too_much_memory_is_ended_in_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    connections = Connections(Settings(max_unread=1 << 20))
    late, large, small, fine = many(connections, 4, Phase.BUSY)
    late.late, large.unread, small.unread = "unread", 1 << 20, 1 << 10
    connections.look(0.0)
    assert [late.ended, large.ended, small.ended, fine.ended] == [True, True, False, False]
    for _ in range(5):
        connections.count("half-sent request")
    connections.look(1.0)
    assert len(caplog.records) == 1
    connections.look(REPORT_EVERY)
    assert [record.getMessage().split(";")[0] for record in caplog.records] == [
        "connections ended: 1 unread, 1 unread, for memory",
        "connections ended: 5 half-sent request",
    ]


def test_without_files_there_is_room_made_and_given_back() -> None:
    connections = Connections(Settings())
    half = many(connections, 100, Phase.HALF_OPEN)
    for _ in range(50):
        connections.out_of_files()
    assert sum(one.ended for one in half) == SHED
    assert connections.most == 100 - SHED
    for second in range(10):
        connections.look(float(second))
    assert connections.most == 100 - SHED + 10
    assert Connections(Settings(), files=1024).most == 768
    assert Connections(Settings(), files=1 << 20).most == Settings().max_sockets


def test_a_client_of_ipv6_is_its_network() -> None:
    assert client_of("2001:db8:1:2:3::4") == client_of("2001:db8:1:2::9") != client_of("2001:db8:1:3::4")
    assert client_of("::ffff:192.0.2.1") != client_of("::ffff:192.0.2.2")
    assert (client_of("192.0.2.1"), client_of("")) == ("192.0.2.1", "")


class Slow(Reader):
    """A connection whose client reads at a rate."""

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting

    @property
    def unread(self) -> int:
        return self.waiting


def test_an_answer_may_be_read_slowly_but_not_never() -> None:
    slow, never = Slow(1 << 20), Slow(1 << 20)
    for _ in range(100):
        slow.waiting -= 2 * LEAST_RATE
        assert not slow._is_unread(1.0, True)
    assert [never._is_unread(1.0, True) for _ in range(22)].count(True) == 2
    assert not never._is_unread(1.0, False)


class Wire(asyncio.Transport):
    """A transport without a peer."""

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False


def test_a_connection_is_not_charged_with_the_time_before_it() -> None:
    """Accepted by a server that was busy for a second, it was closed before its request was read."""
    settings = Settings(header_seconds=1)
    with closing(asyncio.new_event_loop()) as loop:
        arrived = HTTPConnection(Connections(settings), Config(_come_again), ServerState(), {}, loop)
        arrived.connection_made(Wire())
        assert [arrived.overdue(2.0) for _ in range(2)] == [None, "half-sent request"]
        arrived.data_received(b"POST / HTTP/1.1\r\nHost: a\r\n")
        assert arrived.overdue(0.0) == "half-sent request", "half a head does not prolong it"
