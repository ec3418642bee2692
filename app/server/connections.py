"""Connections: limits of their number, time and memory, and the order in which they are closed.

uvicorn has one limit (`limit_concurrency`: requests) and one timeout (between two requests), so 20,000
half-sent requests make the server unavailable. See docs/architecture.md for what other servers have.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv6Address, ip_address
from typing import Protocol

from glassnet.app.core.settings import Settings

log = logging.getLogger(__name__)

#: The least rate in bytes a second of receiving a body, and of reading a response, after the first seconds.
LEAST_RATE = 500

#: Seconds that a response may wait to be read; the kernel gives up at about the same time.
UNREAD_SECONDS = 20.0

#: The most connections beyond the limit that receive a refusal, rather than being closed.
MOST_TOLD = 64

#: Connections closed at a time where the process has no file left, and the least limit it falls back to.
SHED, FEWEST = 32, 16

#: Seconds between two lines in the log.
REPORT_EVERY = 60.0

#: The longest time step of one check, so that a suspended machine does not time clients out.
LONGEST_STEP = 2.0


class Phase(Enum):
    """The phase of a connection."""

    #: It has sent a part of a request, or nothing; closed first to make room.
    HALF_OPEN = "half-open"
    #: It is between two requests; closed second.
    IDLE = "idle"
    #: A body is being received.
    BODY = "body"
    #: A response is being made and sent, or it is a WebSocket.
    BUSY = "busy"


class Member(Protocol):
    """A connection in the registry."""

    phase: Phase

    @property
    def address(self) -> str:
        """The client's address."""

    @property
    def unread(self) -> int:
        """Bytes in memory that the client has not read."""

    def overdue(self, seconds: float) -> str | None:
        """The reason to close the connection after `seconds` more; None where there is none."""

    def end(self) -> None:
        """Close the connection at once."""


class Expendable:
    """The connections that can be closed to make room: half-open before idle ones, the longest first."""

    def __init__(self) -> None:
        self._waiting: dict[Phase, dict[Member, None]] = {Phase.HALF_OPEN: {}, Phase.IDLE: {}}

    def remove(self, member: Member) -> None:
        """Remove a connection, if it is included."""
        for waiting in self._waiting.values():
            waiting.pop(member, None)

    def put(self, member: Member) -> None:
        """Add a connection after those of its phase, if that is one of these."""
        self.remove(member)
        if member.phase in self._waiting:
            self._waiting[member.phase][member] = None

    def first(self) -> Member | None:
        """The connection to close first."""
        return next((member for waiting in self._waiting.values() for member in waiting), None)


@dataclass
class Client:
    """The connections of one address."""

    open: int = 0
    expendable: Expendable = field(default_factory=Expendable)


class Connections:
    """All connections of this server.

    Where there are too many, one that only waits is closed to make room; where none waits, the new one is
    refused. `files` is the number of files that the process may have open.
    """

    def __init__(self, settings: Settings, files: int | None = None) -> None:
        self.settings = settings
        self._all: set[Member] = set()
        self._expendable = Expendable()
        self._clients: dict[str, Client] = {}
        self._told: dict[Member, None] = {}
        self._allowed = settings.max_sockets
        if files is not None:  # the rest is for workers, run directories and blobs
            self._allowed = max(FEWEST, min(self._allowed, files - max(64, min(files // 4, 512))))
        self.most = self._allowed
        self._unread = 0
        self._ended: Counter[str] = Counter()
        self._last_look = self._last_report = float("-inf")
        self._short = False

    def __len__(self) -> int:
        return len(self._all)

    @property
    def most_of_one(self) -> int:
        """The most connections of one address: never all of them."""
        return min(self.settings.max_client_sockets, max(1, self.most * 3 // 4))

    # Coming and going --------------------------------------------------------------------------------

    def join(self, member: Member) -> bool:
        """Add a connection; returns False where there are too many, and it must be refused."""
        client = self._clients.setdefault(client_of(member.address), Client())
        for count, most, expendable in (
            (client.open, self.most_of_one, client.expendable),
            (len(self._all), self.most, self._expendable),
        ):
            if count >= most and not self._make_room(expendable):
                self._forget_empty(member)
                self._tell(member)
                return False
        self._add(member)
        return True

    def succeed(self, member: Member, heir: Member) -> None:
        """Replace a connection by the WebSocket that it becomes."""
        self.leave(member)
        self._add(heir)

    def leave(self, member: Member) -> None:
        """Remove a connection that has ended; may be called repeatedly."""
        self._told.pop(member, None)
        if member in self._all:
            client = self._clients[client_of(member.address)]
            self._all.remove(member)
            self._expendable.remove(member)
            client.expendable.remove(member)
            client.open -= 1
            self._forget_empty(member)

    def moved(self, member: Member) -> None:
        """Update a connection that has changed its phase."""
        if member in self._all:
            self._expendable.put(member)
            self._clients[client_of(member.address)].expendable.put(member)

    def _add(self, member: Member) -> None:
        client = self._clients.setdefault(client_of(member.address), Client())
        self._all.add(member)
        client.open += 1
        self.moved(member)

    def _forget_empty(self, member: Member) -> None:
        address = client_of(member.address)
        if not self._clients[address].open:
            del self._clients[address]

    def _make_room(self, expendable: Expendable) -> bool:
        member = expendable.first()
        if member is None:
            return False
        self._end(member, f"{member.phase.value}, for others")
        return True

    def _tell(self, member: Member) -> None:
        """Keep a connection while it is refused; beyond the limit, the oldest is closed unanswered."""
        self.count("too many")
        self._told[member] = None
        if len(self._told) > MOST_TOLD:
            oldest = next(iter(self._told))
            self._told.pop(oldest)
            oldest.end()

    def _end(self, member: Member, cause: str) -> None:
        self.count(cause)
        self.leave(member)
        member.end()

    # Time and memory ---------------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """Close the connections that have timed out. Called every second with a monotonic clock."""
        seconds = min(now - self._last_look, LONGEST_STEP)
        self._last_look = now
        for member in [*self._all, *self._told]:
            cause = member.overdue(seconds)
            if cause is not None:
                self._end(member, cause)
        self.most, self._short = min(self._allowed, self.most + 1), False
        self._bound_unread()
        self._report(now)

    def unread_grew(self, size: int) -> None:
        """Record a connection that has started to wait for its client to read `size` bytes."""
        self._unread += size
        if self._unread > self.settings.max_unread:
            self._bound_unread()

    def _bound_unread(self) -> None:
        """Close the connections with the most unread bytes, where all together have too many."""
        sizes = [(member.unread, member) for member in self._all]
        self._unread = sum(size for size, _ in sizes)
        for size, member in _largest(sizes):
            if self._unread <= self.settings.max_unread:
                return
            self._unread -= size
            self._end(member, "unread, for memory")

    def out_of_files(self) -> None:
        """Make room after a failed accept, and lower the limit, which then rises by one each second."""
        self.count("waiting for a free file")
        if not self._short:
            self._short = True
            self.most = max(FEWEST, min(self.most, len(self._all) - SHED))
            while len(self._all) > self.most and self._make_room(self._expendable):
                pass

    # The log -----------------------------------------------------------------------------------------

    def count(self, cause: str) -> None:
        """Count a closed connection."""
        self._ended[cause] += 1

    def _report(self, now: float) -> None:
        """Log one line for all connections closed since the last."""
        if self._ended and now - self._last_report >= REPORT_EVERY:
            causes = ", ".join(f"{count:,} {cause}" for cause, count in self._ended.most_common())
            log.warning("connections ended: %s; %d are open of at most %d", causes, len(self), self.most)
            self._ended.clear()
            self._last_report = now


def _largest(sizes: list[tuple[int, Member]]) -> Iterator[tuple[int, Member]]:
    yield from sorted(sizes, key=lambda pair: pair[0], reverse=True)


def client_of(address: str) -> str:
    """The client of an address: of IPv6 the /64, the smallest network that a household is assigned."""
    with suppress(ValueError):
        found = ip_address(address.partition("%")[0])
        if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
            return str(IPv6Address(int(found) >> 64 << 64))
    return address
