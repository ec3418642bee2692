"""A viewer's mailbox: what waits to be sent to one connection, and what comes first.

Words and scalar rows keep their order, every one of them. Of pictures only the newest of each key
waits, until the rate that this viewer asked for lets it through; the same goes for the sights of studies,
but the last sight of each comes for sure, and before the word that the study has ended. Whoever puts
something in never waits: a viewer that does not read costs itself pictures, then rows (a `gap` says
which), then its connection.
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

#: Bytes of rows that may wait; beyond, the viewer gets a gap and fetches them.
MOST_SCALARS = 1 << 20

#: Words that may wait; a viewer with more sends commands and reads no answers.
MOST_WORDS = 500

#: Bytes of last sights that may wait, unless it is one alone.
MOST_LAST = 64 << 20

#: Bytes that one delivery hands over, unless its first message alone is longer.
MOST_AT_ONCE = 256 << 10

#: A frame may go this share of a period early, or frames at just the asked rate would slip one by one.
EARLY = 0.2


class Dismissed(Exception):
    """This viewer has to go: a WebSocket close code, and why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass
class _Key:
    """One picture in this viewer's demand, or a study, whose sights are sent as they come."""

    period: float
    study: bool = False
    due: float = 0.0
    newest: Frame | None = None


@dataclass
class Traffic:
    """What became of frames, for the metrics."""

    dropped: int = 0
    gaps: int = 0


@dataclass
class Mailbox:
    """What waits to be sent to one viewer."""

    clock: Callable[[], float] = monotonic
    traffic: Traffic = field(default_factory=Traffic)
    _words: deque[str | Frame] = field(default_factory=deque)
    #: How far each study has come; an older word that still waits is out of date.
    _progress: dict[str, str] = field(default_factory=dict)
    _status: str | None = None
    _gaps: deque[dict[str, Any]] = field(default_factory=deque)
    _scalars: deque[Frame] = field(default_factory=deque)
    _scalar_bytes: int = 0
    _pictures: dict[str, _Key] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _spoken: asyncio.Event = field(default_factory=asyncio.Event)
    _dismissed: Dismissed | None = None

    # Putting in --------------------------------------------------------------------------------------

    def say(self, message: str) -> None:
        """An answer or an event; a viewer that never reads them has to go."""
        if len(self._words) >= MOST_WORDS:
            self.dismiss(1008, f"{MOST_WORDS} messages wait to be read")
        self._words.append(message)
        self._changed.set()
        self._spoken.set()

    def dismiss(self, code: int, reason: str) -> None:
        """Let the viewer go; `take` raises Dismissed from now on."""
        self._dismissed = Dismissed(code, reason)
        self._changed.set()
        self._spoken.set()

    def status(self, message: str) -> None:
        """How the run stands; an older status that still waits is out of date."""
        self._status = message
        self._changed.set()

    def demand(self, rates: dict[str, float]) -> None:
        """The pictures this viewer wants from now on, by key, and how many of each a second."""
        studies = {key: entry for key, entry in self._pictures.items() if entry.study}
        self._pictures = {key: self._asked(key, 1 / hz) for key, hz in rates.items()} | studies
        self._changed.set()

    def _asked(self, key: str, period: float) -> _Key:
        old = self._pictures.get(key)
        return _Key(period) if old is None else _Key(period, due=old.due, newest=old.newest)

    def sight(self, frame: Frame) -> None:
        """A frame of a study; everybody who watches the run wants those."""
        self._pictures.setdefault(frame.key, _Key(0.0, study=True))
        self.picture(frame)

    def progress(self, key: str, message: str, *, ended: bool) -> None:
        """How far a study has come; its end comes behind its last sight."""
        self._progress.pop(key, None)
        if not ended:
            self._progress[key] = message
            self._changed.set()
            return
        entry = self._pictures.pop(key, None)
        if entry is not None and entry.newest is not None:
            self._words.append(entry.newest)
            waiting = [len(word.data) for word in self._words if isinstance(word, Frame)]
            if len(waiting) > 1 and sum(waiting) > MOST_LAST:
                self.dismiss(1008, f"{sum(waiting):,} bytes of studies wait to be read")
        self.say(message)

    def picture(self, frame: Frame) -> None:
        """A frame of a picture, if this viewer wants it."""
        entry = self._pictures.get(frame.key)
        if entry is not None:
            self.traffic.dropped += entry.newest is not None
            entry.newest = frame
            self._changed.set()

    def scalars(self, frame: Frame) -> None:
        """Rows; where too many wait, all that do become a gap."""
        self._scalars.append(frame)
        self._scalar_bytes += len(frame.data)
        if self._scalar_bytes > MOST_SCALARS:
            for waiting in sorted(self._scalars, key=lambda frame: frame.key):
                self.gap(waiting.key, waiting.probe, waiting.first, waiting.next)
            self._scalars.clear()
            self._scalar_bytes = 0
        self._changed.set()

    def gap(self, key: str, probe: str, start: int, end: int) -> None:
        """Rows that this viewer will not be sent; it fetches them."""
        last = self._gaps[-1] if self._gaps else None
        if last is not None and last["key"] == key and last["to"] == start:
            last["to"] = end
        else:
            self.traffic.gaps += 1
            self._gaps.append({"type": "gap", "probe": probe, "key": key, "from": start, "to": end})
        self._changed.set()

    # Taking out --------------------------------------------------------------------------------------

    async def take(self, not_before: float = 0.0) -> list[str | Frame]:
        """What is to be sent next, as soon as there is something: all that may go now. Raises Dismissed.

        Until the clock says `not_before`, only words (answers, edits) go: in a crowd the rest waits.
        """
        while True:
            if self._dismissed is not None:
                raise self._dismissed
            rest = not_before - self.clock()
            if rest > 0:
                if self._words:
                    return self._delivery(words=True)
                await _wait_for(self._spoken, rest)
                continue
            wait = self._wait()
            if wait == 0:
                return self._delivery()
            await _wait_for(self._changed, wait)

    def _delivery(self, *, words: bool = False) -> list[str | Frame]:
        """The next messages, as many as go at once; or words alone."""
        found: list[str | Frame] = []
        size = 0
        while size < MOST_AT_ONCE and (self._words if words else self._wait() == 0):
            found.append(self._next())
            size += _size(found[-1])
        return found

    def _wait(self) -> float | None:
        """Seconds until something may be sent; None while there is nothing."""
        if self._words or self._status or self._gaps or self._scalars or self._progress:
            return 0
        now = self.clock()
        waits = [self._ready(entry) - now for entry in self._pictures.values() if entry.newest is not None]
        return max(0.0, min(waits)) if waits else None

    def _next(self) -> str | Frame:
        if self._words:
            return self._words.popleft()
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
        """The one that has waited longest; its key's next is due a period later, on average exactly."""
        entry = min((e for e in self._pictures.values() if e.newest is not None), key=self._ready)
        frame, entry.newest = entry.newest, None
        entry.due = max(entry.due + entry.period, self.clock())
        assert frame is not None
        return frame

    def _ready(self, entry: _Key) -> float:
        return entry.due - EARLY * entry.period


async def _wait_for(event: asyncio.Event, seconds: float | None) -> None:
    """Wait until an event happens from now on, but not longer than that."""
    event.clear()
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _size(message: str | Frame) -> int:
    return len(message.data if isinstance(message, Frame) else message)
