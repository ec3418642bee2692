"""uvicorn's WebSocket protocol, extended for many viewers of the same frames.

A frame goes to hundreds of viewers: its WebSocket encoding is made once for all of them (server frames are
not masked, RFC 6455 section 5.1, and deflate is off). A client that sends pings but reads nothing costs no
memory: of its pongs only the newest waits (section 5.5.3).
"""

from __future__ import annotations

import asyncio
import random
from functools import lru_cache
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode
from websockets.http11 import Request
from websockets.protocol import State

from glassnet.app.workers import Frame

#: The key of the protocol's direct writer in a connection's ASGI scope.
EXTENSION = "glassnet.wire"


#: Seconds that a timer may be late; beyond, this machine was suspended, not the client.
LATE = 5.0


class ViewerProtocol(WebSocketsSansIOProtocol):
    """The server's side of one WebSocket."""

    _pong = b""
    _pong_due = 0.0

    def handle_connect(self, event: Request) -> None:
        """Add the extension to the scope, before the application's task starts."""
        super().handle_connect(event)
        scope: dict[str, Any] | None = getattr(self, "scope", None)
        if scope is not None:  # otherwise the handshake was refused
            scope["extensions"][EXTENSION] = self

    def handle_ping(self) -> None:
        """Answer a ping; where the client reads nothing, only the newest is answered, later."""
        pongs = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(pongs)
        else:
            self._pong = pongs or self._pong

    def resume_writing(self) -> None:
        """Continue when the client reads again."""
        super().resume_writing()
        pong, self._pong = self._pong, b""
        if pong and not self.transport.is_closing():
            self.transport.write(pong)

    def send_keepalive_ping(self) -> None:
        """Send a keepalive ping."""
        super().send_keepalive_ping()
        self._pong_due = self.loop.time() + (self.ping_timeout or 0.0)

    def keepalive_timeout(self) -> None:
        """Close the connection; or ping again where the timeout passed while this machine was suspended."""
        if self.loop.time() - self._pong_due > LATE:
            self.pong_timer = None
            self.send_keepalive_ping()
        else:
            super().keepalive_timeout()

    async def ready(self) -> None:
        """Wait until the socket is writable. Raises WebSocketDisconnect where the connection has ended."""
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            raise WebSocketDisconnect(1006)

    def write(self, wire: bytes) -> None:
        """Write encoded WebSocket frames."""
        self.transport.write(wire)


class ViewerSocket:
    """The sending side of a viewer's WebSocket: direct writes where our protocol serves it, else ASGI."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._protocol: ViewerProtocol | None = socket.scope.get("extensions", {}).get(EXTENSION)

    async def ready(self, seconds: float) -> None:
        """Wait until the socket is writable. Raises WebSocketDisconnect, TimeoutError."""
        if self._protocol is None:
            return
        if self._protocol.writable.is_set():  # nearly always: avoids a timer for each delivery
            await self._protocol.ready()
            return
        async with asyncio.timeout(seconds):
            await self._protocol.ready()

    async def send(self, messages: list[str | Frame], seconds: float) -> None:
        """Send messages in order, within `seconds`. Raises WebSocketDisconnect, TimeoutError."""
        if self._protocol is not None:
            self._protocol.write(b"".join(map(_written, messages)))
            return
        async with asyncio.timeout(seconds):
            for message in messages:
                if isinstance(message, Frame):
                    await self._socket.send_bytes(message.data)
                else:
                    await self._socket.send_text(message)


def _written(message: str | Frame) -> bytes:
    if isinstance(message, Frame):
        return message.wire
    return _text_wire(message)


@lru_cache(maxsize=16)
def _text_wire(message: str) -> bytes:
    """A text message as a WebSocket frame; cached, because broadcasts are sent to hundreds of viewers."""
    return WebSocketFrame(Opcode.TEXT, message.encode()).serialize(mask=False)


class DeliveryPacer:
    """The wait between two deliveries to a viewer, chosen so that deliveries leave the event loop time.

    With few viewers there is no wait. With hundreds, everything that has arrived meanwhile is sent in one
    write: the newest of each picture, and all rows. So a large audience costs pictures, and commands are
    still answered at once.
    """

    #: The share of the event loop's time that deliveries may take.
    SHARE = 0.4
    #: The most seconds between two deliveries to one viewer.
    LONGEST = 0.15
    #: The weight of the newest delivery in the running mean of their durations.
    WEIGHT = 0.02

    def __init__(self) -> None:
        self.viewers = 0
        self._cost = 0.0

    def delivered(self, seconds: float) -> None:
        """Record the duration of a delivery."""
        self._cost += self.WEIGHT * (seconds - self._cost)

    @property
    def period(self) -> float:
        """Seconds between two deliveries to one viewer."""
        return min(self.LONGEST, self.viewers * self._cost / self.SHARE)

    def wait(self) -> float:
        """Seconds from this delivery to the next to the same viewer: the period ± a quarter.

        A frame wakes every viewer that waits. Without the variation all would be served in one go each time,
        and a command that arrives meanwhile would wait for the last of them.
        """
        return self.period * random.uniform(0.75, 1.25)
