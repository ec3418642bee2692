"""uvicorn's HTTP and WebSocket protocols, extended by timeouts and strict message framing."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import h11
from h11._util import RemoteProtocolError
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from glassnet.app.core.problems import Refusal
from glassnet.app.hub.websocket import ViewerProtocol
from glassnet.app.security.guard import SECURITY_HEADERS
from glassnet.app.server.connections import LEAST_RATE, UNREAD_SECONDS, Connections, Phase

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^content-length[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)

#: Seconds in which a connection beyond the limit may send a request, and is refused.
TOLD_SECONDS = 2.0


class StrictRequests(h11.Connection):
    """h11, refusing requests with ambiguous length (RFC 9112, section 6.3)."""

    #: Why the last request was refused.
    refused: h11.RemoteProtocolError | None = None

    def next_event(self) -> Any:
        """The next event. Raises RemoteProtocolError."""
        arrived = self.trailing_data[0] if self.their_state is h11.IDLE else b""
        try:
            event = super().next_event()
            if isinstance(event, h11.Request):
                _check_framing(event, _END_OF_HEAD.split(arrived, 1)[0])
        except h11.RemoteProtocolError as error:
            self.refused = error
            raise
        return event


def _check_framing(request: h11.Request, head: bytes) -> None:
    names = [name for name, _ in request.headers]
    if b"transfer-encoding" in names:
        if b"content-length" in names:
            raise RemoteProtocolError("Content-Length together with Transfer-Encoding")
        if request.http_version < b"1.1":
            raise RemoteProtocolError("Transfer-Encoding in a request of HTTP/1.0")
    lengths = _LENGTH.findall(head)
    if len(lengths) > 1 or any(b"," in length for length in lengths):  # h11 merges several that agree
        raise RemoteProtocolError("more than one Content-Length")


class Reader:
    """The measurement of how long sent bytes have waited to be read."""

    transport: asyncio.Transport
    _stalled, _left = 0.0, 0

    @property
    def address(self) -> str:
        """The client's address."""
        peer = self.transport.get_extra_info("peername")
        return str(peer[0]) if peer else ""

    @property
    def unread(self) -> int:
        """Bytes in memory that the client has not read."""
        return self.transport.get_write_buffer_size()

    def end(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    def _is_unread(self, seconds: float, waits: bool) -> bool:
        """Whether the client has stopped reading, after `seconds` more in which bytes waited, or did not."""
        if not waits:
            self._stalled = 0.0
            return False
        drained, self._left = max(0, self._left - self.unread), self.unread
        self._stalled = max(0.0, self._stalled + seconds - drained / LEAST_RATE)
        return self._stalled > UNREAD_SECONDS


class HTTPConnection(Reader, H11Protocol):
    """An HTTP connection."""

    def __init__(
        self,
        connections: Connections,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn: StrictRequests = StrictRequests(h11.SERVER)
        self.phase = Phase.HALF_OPEN
        self._connections, self._settings = connections, connections.settings
        self._admitted = True
        self._waited, self._received = 0.0, 0
        self._timed = False

    # Receiving ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Register the connection, or mark it to be refused at its first request."""
        super().connection_made(transport)
        self._admitted = self._connections.join(self)
        if not self._admitted:
            self.app = _come_again

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the others."""
        self._connections.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse received bytes, and update the phase."""
        self._received += len(data)
        super().data_received(data)
        self._see()

    def on_response_complete(self) -> None:
        """Continue with the next request, or wait for it."""
        super().on_response_complete()
        self._see()

    def _see(self) -> None:
        """Update the phase; its timeout restarts where the phase has changed."""
        state = self.conn.their_state
        if state is h11.IDLE:
            begun = self._current is None or self.conn.trailing_data[0]
            phase = Phase.HALF_OPEN if begun else Phase.IDLE
        else:
            phase = Phase.BODY if state is h11.SEND_BODY else Phase.BUSY
        if phase is not self.phase:
            self.phase, self._waited, self._received = phase, 0.0, 0
            self._timed = False
            self._connections.moved(self)

    @property
    def _current(self) -> RequestResponseCycle | None:
        """The last complete request; uvicorn's type omits that there may be none yet."""
        return self.cycle

    # Timeouts ----------------------------------------------------------------------------------------

    def resume_writing(self) -> None:
        """It is read again."""
        self._stalled = 0.0
        super().resume_writing()

    def pause_writing(self) -> None:
        """More than the transport's limit waits to be read."""
        super().pause_writing()
        self._connections.unread_grew(self.unread)

    def overdue(self, seconds: float) -> str | None:
        """Why it is to be ended, after `seconds` more."""
        closing = self.transport.is_closing()
        if self._is_unread(seconds, self.flow.write_paused or closing):
            return "unread"
        if self.phase is not Phase.BUSY and not self.flow.read_paused and not closing:
            # The first `seconds` of a phase include time before it, in which the server may have been busy.
            self._waited += seconds if self._timed else 0.0
            self._timed = True
        if self.phase is Phase.BODY:  # earlier bytes give no credit: a burst does not allow a stall
            self._waited = max(0.0, self._waited - self._received / LEAST_RATE)
            self._received = 0
        if self._waited <= self._patience():
            return None
        if self.phase is Phase.BODY and not self.cycle.response_started:
            self._refuse(
                Refusal(408, f"the body came in too slowly, at less than {LEAST_RATE} bytes a second")
            )
        return _LATE[self.phase]

    def _patience(self) -> float:
        """Seconds that the client may take to send what is expected next."""
        settings = self._settings
        if not self._admitted:
            return TOLD_SECONDS
        if self.phase is Phase.BODY and not self.cycle.response_complete:
            return settings.body_seconds
        # After its response, the rest of a body is discarded.
        return settings.idle_seconds + 1 if self.phase is Phase.IDLE else settings.header_seconds

    # Refusals ----------------------------------------------------------------------------------------

    def send_400_response(self, msg: str) -> None:
        """Refuse a malformed request, and everything after it, whose start is unknown."""
        self._connections.count("no HTTP request")
        error = self.conn.refused
        status = (
            400 if error is None or error.error_status_hint not in (431, 501) else error.error_status_hint
        )
        self._refuse(Refusal(status, f"{error or msg}; expected a request of HTTP/1.1"))

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Upgrade to a WebSocket, where the request is a complete handshake."""
        if not self._admitted:
            self._refuse(_too_many())
            return
        super().handle_websocket_upgrade(event)
        heir = self.transport.get_protocol()
        assert isinstance(heir, WebSocketConnection)
        self._connections.succeed(self, heir)
        if not heir.handshake_initiated and not self.transport.is_closing():
            self._connections.count("no WebSocket handshake")
            self._refuse(Refusal(400, "this is no WebSocket handshake; expected a GET without a body"))

    def _refuse(self, refusal: Refusal) -> None:
        """Send a problem document, unless a response is being sent, and close."""
        if self._current is not None and not self._current.response_complete:
            self._current.disconnected = True
            self._current.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(_written(refusal))
        self.transport.close()


#: The cause in the log of a connection that timed out, by phase.
_LATE = {
    Phase.HALF_OPEN: "half-sent request",
    Phase.IDLE: "idle",
    Phase.BODY: "slow body",
    Phase.BUSY: "unread",
}


class WebSocketConnection(Reader, ViewerProtocol):
    """A WebSocket connection, whose pings, closing and messages have their own timeouts."""

    phase = Phase.BUSY

    def __init__(self, connections: Connections, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._connections = connections

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the others."""
        self._connections.leave(self)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """More than the transport's limit waits to be read."""
        super().pause_writing()
        self._connections.unread_grew(self.unread)

    def resume_writing(self) -> None:
        """It is read again."""
        self._stalled = 0.0
        super().resume_writing()

    def overdue(self, seconds: float) -> str | None:
        """Why it is to be ended, after `seconds` more."""
        waits = not self.writable.is_set() or self.transport.is_closing()
        return "unread" if self._is_unread(seconds, waits) else None


def _too_many() -> Refusal:
    headers = {"Retry-After": "5"}
    return Refusal(503, "there are too many connections; expected you to try again soon", headers=headers)


async def _come_again(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """The ASGI application of a connection beyond the limit."""
    response = _too_many().response()
    response.headers.update({**SECURITY_HEADERS, "Connection": "close"})
    await response(scope, receive, send)  # type: ignore[arg-type]


def _written(refusal: Refusal) -> bytes:
    """The bytes of a refusal as the last response of a connection."""
    response = refusal.response()
    response.headers.update({**SECURITY_HEADERS, "Connection": "close"})
    head = b"".join(b"%s: %s\r\n" % pair for pair in response.raw_headers)
    return b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (refusal.status, refusal.title.encode(), head, response.body)
