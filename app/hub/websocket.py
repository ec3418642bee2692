"""uvicorn's WebSocket protocol, for many viewers of the same frames.

A frame goes to hundreds of viewers: what the network is given is made once for all of them (server frames
are not masked, RFC 6455 section 5.1, and deflate is off). And a client that sends pings but reads nothing
costs no memory: of its pongs only the newest waits (section 5.5.3).
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

#: Where the protocol's own way to write is found in a connection's ASGI scope.
EXTENSION = "glassnet.wire"


#: Seconds that a timer may be late; beyond, it was not the client that slept but this machine.
LATE = 5.0


class ViewerProtocol(WebSocketsSansIOProtocol):
    """The server's end of one WebSocket."""

    _pong = b""
    _pong_due = 0.0

    def handle_connect(self, event: Request) -> None:
        """Offer the application the extension; its task has not begun yet."""
        super().handle_connect(event)
        scope: dict[str, Any] | None = getattr(self, "scope", None)
        if scope is not None:  # otherwise the handshake was refused
            scope["extensions"][EXTENSION] = self

    def handle_ping(self) -> None:
        """Answer pings, or, where the client reads nothing, the newest of them later."""
        pongs = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(pongs)
        else:
            self._pong = pongs or self._pong

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        pong, self._pong = self._pong, b""
        if pong and not self.transport.is_closing():
            self.transport.write(pong)

    def send_keepalive_ping(self) -> None:
        """Ask the client for a sign of life."""
        super().send_keepalive_ping()
        self._pong_due = self.loop.time() + (self.ping_timeout or 0.0)

    def keepalive_timeout(self) -> None:
        """Let the client go; ask it again where its time passed while this machine was suspended."""
        if self.loop.time() - self._pong_due > LATE:
            self.pong_timer = None
            self.send_keepalive_ping()
        else:
            super().keepalive_timeout()

    async def ready(self) -> None:
        """Wait until the network takes more. Raises WebSocketDisconnect where the connection has ended."""
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            raise WebSocketDisconnect(1006)

    def write(self, wire: bytes) -> None:
        """Hand over whole WebSocket frames."""
        self.transport.write(wire)


class Wire:
    """How messages go out to one viewer: at once where our protocol serves it, else as ASGI has it."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._protocol: ViewerProtocol | None = socket.scope.get("extensions", {}).get(EXTENSION)

    async def ready(self, seconds: float) -> None:
        """Wait until the network takes more. Raises WebSocketDisconnect, TimeoutError."""
        if self._protocol is None:
            return
        if self._protocol.writable.is_set():  # as nearly always: no timer for each delivery to each viewer
            await self._protocol.ready()
            return
        async with asyncio.timeout(seconds):
            await self._protocol.ready()

    async def send(self, messages: list[str | Frame], seconds: float) -> None:
        """Hand over messages, in order, in so much time. Raises WebSocketDisconnect, TimeoutError."""
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
    """A text in WebSocket form; what all viewers are told comes here hundreds of times in a row."""
    return WebSocketFrame(Opcode.TEXT, message.encode()).serialize(mask=False)


class Beat:
    """How long a viewer waits between two deliveries, so that all of them leave the event loop time.

    With few viewers there is no wait. With hundreds, what comes up meanwhile goes out together: of pictures
    the newest, rows all, in one write. So a crowd costs pictures, and commands are still answered at once.
    """

    #: The share of the event loop's time that deliveries may take.
    SHARE = 0.4
    #: Seconds between two deliveries to one viewer at most.
    LONGEST = 0.15
    #: Weight of the newest delivery in the running mean of what one costs.
    WEIGHT = 0.02

    def __init__(self) -> None:
        self.viewers = 0
        self._cost = 0.0

    def delivered(self, seconds: float) -> None:
        """Note what one delivery took."""
        self._cost += self.WEIGHT * (seconds - self._cost)

    @property
    def period(self) -> float:
        """Seconds between two deliveries to one viewer."""
        return min(self.LONGEST, self.viewers * self._cost / self.SHARE)

    def wait(self) -> float:
        """Seconds from this delivery to the next one to the same viewer: the period, give or take a quarter.

        A picture wakes everybody who waits. Were all to wait alike, all would be served in one go each time,
        and a command that comes meanwhile would wait for the last of them.
        """
        return self.period * random.uniform(0.75, 1.25)
