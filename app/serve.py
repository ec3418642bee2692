"""`glassnet serve`: sockets, signals, and the one line that says where it is."""

from __future__ import annotations

import secrets
import socket
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn

from app.live import LONGEST_MESSAGE
from app.main import create_app
from app.settings import Settings
from app.store.lock import locked
from app.websocket import ViewerProtocol

#: Ports tried after the asked one.
MORE_PORTS = 20

#: Milliseconds that sent bytes may wait for a reader: the kernel then ends the connection.
READER_MILLISECONDS = 20_000

#: Seconds for open requests at the end.
GRACE = 3


class CannotListen(Exception):
    """No port to listen on."""


class Server(uvicorn.Server):
    """uvicorn, saying when it accepts connections, and ending by itself where a signal asks for it."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell when connections are accepted."""
        await super().startup(sockets)
        if self.started:
            self._tell_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl-C and TERM are ways to end it; uvicorn would send itself the signal again afterwards."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()


def serve(settings: Settings, *, open_browser: bool, say: Callable[[str], None]) -> None:
    """Listen and serve until a signal. Raises CannotListen, Occupied."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with locked(settings.data_dir):
        if not settings.loopback and not settings.token:
            settings = settings.model_copy(update={"token": secrets.token_urlsafe(24)})
        listening = _listening(settings)
        port = listening.getsockname()[1]
        if settings.port not in (0, port):
            print(f"Port {settings.port} is taken; using {port}", file=sys.stderr)  # noqa: T201
        url = _address(settings, port)

        def started() -> None:
            say(f"Glassnet is at {url}")
            if open_browser:
                webbrowser.open(url)

        _raise_file_limit()
        Server(_config(settings), started).run([listening])


def _config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        ws=ViewerProtocol,
        ws_max_size=LONGEST_MESSAGE,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=30,
        backlog=2048,
    )


def _address(settings: Settings, port: int) -> str:
    """Where a browser on this machine finds it."""
    host = settings.host if settings.loopback else "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}" + (f"/?token={settings.token}" if settings.token else "")


def _listening(settings: Settings) -> socket.socket:
    """A socket on the asked port, or one of the next that are free."""
    ports = [0] if settings.port == 0 else range(settings.port, min(settings.port + MORE_PORTS, 65_535) + 1)
    problem: OSError | None = None
    for port in ports:
        try:
            return _bound(settings.host, port)
        except OSError as error:
            problem = error
    raise CannotListen(f"cannot listen on {settings.host}:{settings.port}: {problem}")


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
        listening.listen(2048)
    except OSError:
        listening.close()
        raise
    return listening


def _raise_file_limit() -> None:
    """Each viewer is a file: take as many as this process may have."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
