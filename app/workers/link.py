"""The protocol between the web process and a worker, on a socket pair.

Each message is a length (u32, little-endian, of the body), a type (u8) and a body: JSON, or for a frame the
length of a JSON header (u16), the header and the frame's bytes. The header has the facts that the hub needs,
so that it never parses a frame.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections import deque
from typing import Any

from glassnet.app.workers import Frame, Incoming, Text

PREFIX = struct.Struct("<IB")
HEADER = struct.Struct("<H")

TEXT, PICTURE, SCALARS = range(3)

#: The most waiting scalar frames in a worker; beyond, rows are in the journal, and viewers receive a gap.
MOST_SCALARS = 8 << 20


def pack_text(message: dict[str, Any]) -> bytes:
    """The bytes of a JSON message."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return PREFIX.pack(len(body), TEXT) + body


def pack_frame(key: str, data: bytes, scalar: bool) -> bytes:
    """The bytes of a frame message, whose header is read from the frame's stamp."""
    size = int.from_bytes(data[:8], "little")
    described = json.loads(data[8 : 8 + size])
    stamp = described["__metadata__"]
    count = described["step"]["shape"][0] if scalar else 1
    header = {
        "key": key,
        "probe": stamp["probe"],
        "first": int(stamp["seq"]),
        "count": count,
        "made": time.monotonic(),
    }
    head = json.dumps(header, separators=(",", ":")).encode()
    kind = SCALARS if scalar else PICTURE
    length = HEADER.size + len(head) + len(data)
    return b"".join((PREFIX.pack(length, kind), HEADER.pack(len(head)), head, data))


def unpack(kind: int, body: bytes) -> Incoming:
    """The message of a body of this type."""
    if kind == TEXT:
        return Text(json.loads(body))
    (size,) = HEADER.unpack_from(body)
    start = HEADER.size + size
    return Frame(**json.loads(body[HEADER.size : start]), data=body[start:], scalar=kind == SCALARS)


async def receive(reader: asyncio.StreamReader) -> Incoming | None:
    """The next message; None where the link has closed, even in the middle of a message."""
    try:
        length, kind = PREFIX.unpack(await reader.readexactly(PREFIX.size))
        return unpack(kind, await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


class Inbox:
    """The worker's receiving side: commands, read in pieces from a non-blocking socket."""

    def __init__(self, link: socket.socket) -> None:
        self._link, self._buffer, self.closed = link, bytearray(), False

    def receive(self) -> list[dict[str, Any]]:
        """The complete messages that have arrived. Sets `closed` at the end of the link."""
        try:
            while chunk := self._link.recv(1 << 16):
                self._buffer += chunk
            self.closed = True
        except BlockingIOError:
            pass
        except ConnectionError:
            self.closed = True
        messages = []
        while len(self._buffer) >= PREFIX.size:
            length, kind = PREFIX.unpack_from(self._buffer)
            end = PREFIX.size + length
            if len(self._buffer) < end:
                break
            message = unpack(kind, bytes(self._buffer[PREFIX.size : end]))
            del self._buffer[:end]
            if isinstance(message, Text):
                messages.append(message.message)
        return messages


class Outbox:
    """The worker's sending side: a queue that never blocks.

    Texts and scalars keep their order. Of pictures only the newest of each key waits: a full link costs
    pictures, never time. It is the Outlet of a session.
    """

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._begun = memoryview(b"")
        self._ordered: deque[tuple[bool, bytes]] = deque()
        self._scalar_bytes = 0
        self._pictures: dict[str, bytes] = {}

    def text(self, message: dict[str, Any]) -> None:
        """Queue a message."""
        self._ordered.append((False, pack_text(message)))

    def frame(self, key: str, data: bytes, scalar: bool) -> None:
        """Queue a frame."""
        if not scalar:
            self._pictures[key] = pack_frame(key, data, scalar)
            return
        packed = pack_frame(key, data, scalar)
        self._ordered.append((True, packed))
        self._scalar_bytes += len(packed)
        if self._scalar_bytes > MOST_SCALARS:
            self._ordered = deque(entry for entry in self._ordered if not entry[0])
            self._scalar_bytes = 0

    def settle(self, key: str) -> None:
        """Send the waiting picture of this key, if any, before everything queued from now on."""
        packed = self._pictures.pop(key, None)
        if packed is not None:
            self._ordered.append((False, packed))

    @property
    def pending(self) -> bool:
        """Whether anything waits to be written."""
        return bool(self._begun or self._ordered or self._pictures)

    def flush(self) -> None:
        """Write as much as the link accepts now. Raises ConnectionError where the reader is gone."""
        while self.pending:
            if not self._begun:
                self._begun = memoryview(self._next())
            try:
                self._begun = self._begun[self._link.send(self._begun) :]
            except BlockingIOError:
                return

    def drain(self, seconds: float) -> None:
        """Write all texts and scalars, waiting for the reader at most `seconds`."""
        self._pictures.clear()
        self._link.settimeout(seconds)
        self.flush()

    def _next(self) -> bytes:
        if self._ordered:
            scalar, packed = self._ordered.popleft()
            self._scalar_bytes -= len(packed) if scalar else 0
            return packed
        return self._pictures.pop(next(iter(self._pictures)))
