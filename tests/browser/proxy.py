"""A proxy as jupyter-server-proxy is: it takes `/user/ada/proxy/PORT` away, and passes on Host and Origin."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

#: Where ports of this machine are, to a browser.
THROUGH = "/user/ada/proxy"

_LINE = re.compile(rf"(\w+) {THROUGH}/(\d+)(/\S*) (HTTP/1\.1)\r\n")


class Proxy(ThreadingTCPServer):
    """The proxy, with a notebook's page of its own at `/notebook`."""

    daemon_threads = True
    notebook = ""
    #: A port that the whole proxy leads to, by its own name and without a prefix; None where it serves many
    #: below theirs.
    only: int | None = None
    #: Whether the way to the servers is cut: connections end, and new ones with them.
    is_cut = False
    #: What was asked for outside of the prefix.
    strays: list[str]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://localhost:{self.server_address[1]}"
        self.strays = []
        self._open: set[socket.socket] = set()

    def cut(self) -> None:
        """End all connections, and let none through until `mend`."""
        self.is_cut = True
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let connections through again."""
        self.is_cut = False

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)


class _Handler(StreamRequestHandler):
    """One request, or one WebSocket: each connection is closed after it."""

    server: Proxy

    def handle(self) -> None:
        if self.server.is_cut:
            return
        line, head = self.rfile.readline().decode(), []
        while (header := self.rfile.readline().decode()) not in ("\r\n", ""):
            head.append(header)
        if line.startswith("GET /notebook "):
            body = f"<!doctype html><title>Notebook</title>{self.server.notebook}".encode()
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + body
            )
        elif self.server.only is not None:
            place = f"127.0.0.1:{self.server.only}"
            named = {"host": f"Host: {place}\r\n", "origin": f"Origin: http://{place}\r\n"}
            head = [named.get(header.partition(":")[0].lower(), header) for header in head]
            self._pass_on(line, head, self.server.only)
        elif (found := _LINE.fullmatch(line)) is None:
            self.server.strays.append(line)
            self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        else:
            self._pass_on(f"{found[1]} {found[3]} {found[4]}\r\n", head, int(found[2]))

    def _pass_on(self, line: str, head: list[str], port: int) -> None:
        if not any(header.lower().startswith("upgrade:") for header in head):
            kept = [header for header in head if not header.lower().startswith("connection:")]
            head = [*kept, "Connection: close\r\n"]
        # A page that is left open asks on when its server has ended.
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as server:
            server.sendall("".join([line, *head, "\r\n"]).encode())
            Thread(target=self._upward, args=(server,), daemon=True).start()
            while data := server.recv(1 << 16):
                self.wfile.write(data)

    def _upward(self, server: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while data := self.rfile.read1(1 << 16):
                server.sendall(data)


@contextmanager
def proxying(only: int | None = None) -> Iterator[Proxy]:
    """A proxy that works as long as this lasts; `only`: the port that it leads to, without a prefix."""
    with Proxy() as proxy:
        proxy.only = only
        Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
