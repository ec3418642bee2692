"""A viewer's mailbox: the messages and frames waiting to be sent to one connection, by priority.

Messages and scalar rows are all sent, in order. Of pictures only the newest of each key waits, until the
rate that this viewer requested allows it. The same holds for frames of studies, but the last frame of each
study is always sent, before the message that the study has ended. Putting something in never waits: a viewer
that does not read loses pictures, then rows (reported by a `gap`), then its connection.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from glassnet.app.workers import Frame

#: The most bytes of waiting rows; beyond, they become a gap, and the viewer fetches them.
MOST_SCALARS = 1 << 20

#: The most waiting messages; a viewer with more sends commands without reading answers.
MOST_MESSAGES = 500

#: The most bytes of waiting last frames of studies, unless there is only one.
MOST_STUDY_BYTES = 64 << 20

#: The most bytes of one delivery, unless its first message alone is longer.
MOST_AT_ONCE = 256 << 10

#: The share of its period that a frame may be early, or frames at the requested rate would be delayed.
EARLY = 0.2


class Disconnected(Exception):
    """The connection of this viewer must be closed: a WebSocket close code and the reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass
class _Key:
    """A picture in this viewer's demand, or a study, whose frames are sent as they arrive."""

    period: float
    study: bool = False
    due: float = 0.0
    newest: Frame | None = None


@dataclass
class FrameCounts:
    """Counts of dropped frames and of gaps, for the metrics."""

    dropped: int = 0
    gaps: int = 0


@dataclass
class Mailbox:
    """The messages and frames waiting to be sent to one viewer."""

    clock: Callable[[], float] = monotonic
    traffic: FrameCounts = field(default_factory=FrameCounts)
    _messages: deque[str | Frame] = field(default_factory=deque)
    #: The progress of each study by key; a newer message replaces an older one.
    _progress: dict[str, str] = field(default_factory=dict)
    _status: str | None = None
    _gaps: deque[dict[str, Any]] = field(default_factory=deque)
    _scalars: deque[Frame] = field(default_factory=deque)
    _scalar_bytes: int = 0
    _pictures: dict[str, _Key] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _message_event: asyncio.Event = field(default_factory=asyncio.Event)
    _disconnected: Disconnected | None = None

    # Putting in --------------------------------------------------------------------------------------

    def put_message(self, message: str) -> None:
        """Queue a response or an event; a viewer that never reads them is disconnected."""
        if len(self._messages) >= MOST_MESSAGES:
            self.disconnect(1008, f"{MOST_MESSAGES} messages wait to be read")
        self._messages.append(message)
        self._changed.set()
        self._message_event.set()

    def disconnect(self, code: int, reason: str) -> None:
        """Close the connection: `take` raises Disconnected from now on."""
        self._disconnected = Disconnected(code, reason)
        self._changed.set()
        self._message_event.set()

    def status(self, message: str) -> None:
        """Queue the run's status, in place of an older one."""
        self._status = message
        self._changed.set()

    def set_rates(self, rates: dict[str, float]) -> None:
        """Set the pictures that the viewer is sent, by key, with their rates in frames a second."""
        studies = {key: entry for key, entry in self._pictures.items() if entry.study}
        self._pictures = {key: self._asked(key, 1 / hz) for key, hz in rates.items()} | studies
        self._changed.set()

    def _asked(self, key: str, period: float) -> _Key:
        old = self._pictures.get(key)
        return _Key(period) if old is None else _Key(period, due=old.due, newest=old.newest)

    def study_frame(self, frame: Frame) -> None:
        """Queue a frame of a study; every viewer of the run is sent those."""
        self._pictures.setdefault(frame.key, _Key(0.0, study=True))
        self.picture(frame)

    def progress(self, key: str, message: str, *, ended: bool) -> None:
        """Queue the progress of a study; its end is sent after its last frame."""
        self._progress.pop(key, None)
        if not ended:
            self._progress[key] = message
            self._changed.set()
            return
        entry = self._pictures.pop(key, None)
        if entry is not None and entry.newest is not None:
            self._messages.append(entry.newest)
            waiting = [len(word.data) for word in self._messages if isinstance(word, Frame)]
            if len(waiting) > 1 and sum(waiting) > MOST_STUDY_BYTES:
                self.disconnect(1008, f"{sum(waiting):,} bytes of studies wait to be read")
        self.put_message(message)

    def picture(self, frame: Frame) -> None:
        """Queue a frame of a picture, if this viewer watches it."""
        entry = self._pictures.get(frame.key)
        if entry is not None:
            self.traffic.dropped += entry.newest is not None
            entry.newest = frame
            self._changed.set()

    def scalars(self, frame: Frame) -> None:
        """Queue rows; where too many wait, all of them become a gap."""
        self._scalars.append(frame)
        self._scalar_bytes += len(frame.data)
        if self._scalar_bytes > MOST_SCALARS:
            for waiting in sorted(self._scalars, key=lambda frame: frame.key):
                self.gap(waiting.key, waiting.probe, waiting.first, waiting.next)
            self._scalars.clear()
            self._scalar_bytes = 0
        self._changed.set()

    def gap(self, key: str, probe: str, start: int, end: int) -> None:
        """Queue a gap: rows that the viewer is not sent, and can fetch."""
        last = self._gaps[-1] if self._gaps else None
        if last is not None and last["key"] == key and last["to"] == start:
            last["to"] = end
        else:
            self.traffic.gaps += 1
            self._gaps.append({"type": "gap", "probe": probe, "key": key, "from": start, "to": end})
        self._changed.set()

    # Taking out --------------------------------------------------------------------------------------

    async def take(self, not_before: float = 0.0) -> list[str | Frame]:
        """The next delivery, as soon as there is something to send. Raises Disconnected.

        Before the time `not_before`, only messages (responses, edits) are delivered: with many viewers the
        rest waits.
        """
        while True:
            if self._disconnected is not None:
                raise self._disconnected
            rest = not_before - self.clock()
            if rest > 0:
                if self._messages:
                    return self._delivery(messages_only=True)
                await _wait_for(self._message_event, rest)
                continue
            wait = self._wait()
            if wait == 0:
                return self._delivery()
            await _wait_for(self._changed, wait)

    def _delivery(self, *, messages_only: bool = False) -> list[str | Frame]:
        """The next messages and frames of one delivery; or messages alone."""
        found: list[str | Frame] = []
        size = 0
        while size < MOST_AT_ONCE and (self._messages if messages_only else self._wait() == 0):
            found.append(self._next())
            size += _size(found[-1])
        return found

    def _wait(self) -> float | None:
        """Seconds until something may be sent; None while there is nothing."""
        if self._messages or self._status or self._gaps or self._scalars or self._progress:
            return 0
        now = self.clock()
        waits = [self._ready(entry) - now for entry in self._pictures.values() if entry.newest is not None]
        return max(0.0, min(waits)) if waits else None

    def _next(self) -> str | Frame:
        if self._messages:
            return self._messages.popleft()
        if self._status is not None:
            message, self._status = self._status, None
            return message
        if self._gaps:
            return json.dumps(self._gaps.popleft())
        if self._scalars:
            frame = self._scalars.popleft()
            self._scalar_bytes -= len(frame.data)
            return frame
        if self._progress:
            return self._progress.pop(next(iter(self._progress)))
        return self._picture()

    def _picture(self) -> Frame:
        """The frame that has waited longest; the next of its key is due one period later, on average."""
        entry = min((e for e in self._pictures.values() if e.newest is not None), key=self._ready)
        frame, entry.newest = entry.newest, None
        entry.due = max(entry.due + entry.period, self.clock())
        assert frame is not None
        return frame

    def _ready(self, entry: _Key) -> float:
        return entry.due - EARLY * entry.period


async def _wait_for(event: asyncio.Event, seconds: float | None) -> None:
    """Clear an event and wait until it is set, at most `seconds`."""
    event.clear()
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _size(message: str | Frame) -> int:
    return len(message.data if isinstance(message, Frame) else message)
