"""`glassnet serve`: sockets, signals, and the line with the server's address."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from types import FrameType
from typing import Any, cast

import uvicorn

from glassnet.app.core import log
from glassnet.app.core.settings import Settings, forget_secrets
from glassnet.app.live.connection import LONGEST_MESSAGE
from glassnet.app.main import create_app
from glassnet.app.server.connections import Connections
from glassnet.app.server.memory import give_back
from glassnet.app.server.protocols import HTTPConnection, WebSocketConnection
from glassnet.app.store import private
from glassnet.app.store.data_directory import in_use

#: Ports tried after the configured one.
MORE_PORTS = 20

#: Milliseconds that sent bytes may stay unacknowledged before the kernel closes the connection.
READER_MILLISECONDS = 20_000

#: Seconds for open requests at shutdown.
GRACE = 3

#: Connections that the kernel keeps until they are accepted, and how many are accepted before others' turn:
#: each is a file for some turns of the loop before it can be ended for another.
BACKLOG, ACCEPTED_AT_ONCE = 2048, 8

#: asyncio's message where the process has no file left to accept a connection.
NO_FILES = "socket.accept() out of system resource"


class CannotListen(Exception):
    """There is no free port to listen on."""


class Server(uvicorn.Server):
    """uvicorn's server with a callback when it accepts connections, and with our handling of signals."""

    def __init__(self, config: uvicorn.Config, connections: Connections, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._connections, self._tell_started = connections, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and call back when connections are accepted."""
        asyncio.get_running_loop().set_exception_handler(self._on_error)
        await super().startup(sockets)
        for listening in sockets or []:
            listening.listen(BACKLOG)  # asyncio would also accept as many at a time
        if self.started:
            self._tell_started()

    async def on_tick(self, counter: int) -> bool:
        """Check the connections every second."""
        if counter % 10 == 0:
            self._connections.look(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    def _on_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle errors outside of tasks. asyncio stops accepting for a second, and then retries."""
        if context.get("message") == NO_FILES:
            self._connections.out_of_files()
        else:
            loop.default_exception_handler(context)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Shut down at Ctrl-C and TERM; uvicorn would send itself the signal again afterwards."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()


def serve(
    settings: Settings, *, open_browser: bool, say: Callable[[str], None], ends_with_input: bool = False
) -> None:
    """Listen and serve until a signal, or until standard input ends.

    Raises CannotListen, Unusable, Occupied.
    """
    settings = settings.with_launch_token()
    log.conceal(settings.secrets)
    forget_secrets()
    os.umask(private.UMASK)  # for the workers, too
    with in_use(settings.data_dir):
        listening = _listening(settings)
        port = listening.getsockname()[1]
        if settings.port not in (0, port):
            print(f"Port {settings.port} is taken; using {port}", file=sys.stderr)  # noqa: T201
        settings = settings.model_copy(update={"prefix": settings.prefix.replace("{port}", str(port))})
        url = _address(settings, port)

        def started() -> None:
            say(f"Runs are kept in {settings.data_dir.resolve()}")
            say(f"Glassnet is at {url}")
            if open_browser:
                webbrowser.open(url)

        give_back()
        connections = Connections(settings, _raise_file_limit())
        server = Server(_config(settings, connections), connections, started)
        if ends_with_input:
            Thread(target=_end_with_input, args=(server,), daemon=True).start()
        server.run([listening])


def _end_with_input(server: Server) -> None:
    """End the server when its standard input is closed, because the process that started it has ended."""
    while os.read(0, 4096):
        pass
    server.should_exit = True


def _config(settings: Settings, connections: Connections) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        http=cast(Any, partial(HTTPConnection, connections)),
        ws=cast(Any, partial(WebSocketConnection, connections)),
        ws_max_size=LONGEST_MESSAGE,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=settings.idle_seconds,
        backlog=ACCEPTED_AT_ONCE,
    )


def _address(settings: Settings, port: int) -> str:
    """The address for a browser on this machine."""
    host = settings.host if settings.loopback else "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    below = f"{settings.prefix}/" if settings.prefix or settings.token else ""
    return f"http://{shown}:{port}{below}" + (f"?token={settings.token}" if settings.token else "")


def _listening(settings: Settings) -> socket.socket:
    """A socket on the configured port, or the next free one. Raises CannotListen."""
    first, last = settings.port, min(settings.port + MORE_PORTS, 65_535) if settings.port else 0
    for port in range(first, last + 1):
        try:
            return _bound(settings.host, port)
        except (OSError, UnicodeError) as error:  # UnicodeError: a name that no name server could know
            if getattr(error, "errno", None) != errno.EADDRINUSE:
                raise CannotListen(_in_words(settings.host, port, error)) from None
    taken = f"port {first} is" if first == last else f"ports {first} to {last} are"
    raise CannotListen(f"{taken} taken; expected --port with another, or 0 for any that is free")


def _in_words(host: str, port: int, error: OSError | UnicodeError) -> str:
    """The description of an error of listening, with the remedy."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"--host: {host[:80]!r} is no address; expected 127.0.0.1, or 0.0.0.0 for all of this machine"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"--host: {host} is not of this machine; expected 127.0.0.1, or 0.0.0.0 for all it has"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"--port: {port} is not for this user; expected one from 1024 on"
    return f"cannot listen on {host}:{port}: {error.strerror}"


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, or asyncio would not know its connections for TCP and leave Nagle's delay on.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # Connections inherit it: without it, one that is not read stays until the peer's machine is gone.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, READER_MILLISECONDS)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _raise_file_limit() -> int | None:
    """Each viewer is a file: take as many as this process may have. How many that is; None: not known."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        return None if most == resource.RLIM_INFINITY else most
    return None
