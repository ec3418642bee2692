"""The totals of a run's events: the numbers of edits, sessions and lives."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

#: The greatest count in a journal: JavaScript represents all of them exactly.
GREATEST = 2**53

#: The events with which another life begins.
LIVES = ("reset", "rewind")

#: The lines of totals at the start of a file, which are not events.
HEAD, DOCUMENT = "head", "document"


def is_count(value: Any) -> bool:
    """Whether a value is a valid count."""
    return type(value) is int and 0 <= value < GREATEST


@dataclass
class Totals:
    """The totals of a run at a position of its journal."""

    #: Events so far, revisions, resets and rewinds, sessions.
    events: int = 0
    revision: int = 0
    life: int = 0
    sessions: int = 0
    #: The number of times that the newest part was closed.
    rotation: int = 0
    #: Rows so far, by probe.
    rows: dict[str, int] = field(default_factory=dict)

    def note(self, event: dict[str, Any]) -> None:
        """Count an event. Its own numbers are used where they are ahead."""
        self.events += 1
        if event["type"] == "edit":
            self.revision = _forward(self.revision, event.get("revision"))
        elif event["type"] in LIVES:
            self.life = _forward(self.life, event.get("life"))
        elif event["type"] == "session":
            self.sessions += 1

    def copy(self) -> Totals:
        """A copy."""
        return replace(self, rows=dict(self.rows))

    def line(self) -> str:
        """The totals as a file's first line."""
        return json.dumps({"type": HEAD, **asdict(self)}, separators=(",", ":")) + "\n"

    @classmethod
    def of(cls, event: dict[str, Any] | None) -> Totals | None:
        """The totals of a first line; None where they are invalid."""
        if event is None or event["type"] != HEAD:
            return None
        counts = {name: event.get(name) for name in ("events", "revision", "life", "sessions", "rotation")}
        rows = event.get("rows")
        if not isinstance(rows, dict) or not all(map(is_count, [*counts.values(), *rows.values()])):
            return None
        return cls(**counts, rows=rows)  # type: ignore[arg-type]


def _forward(now: int, said: Any) -> int:
    """The next number: one more, or that of the event where lines before it are missing."""
    return said if is_count(said) and now < said <= now + 1_000_000 else now + 1


def parsed(line: bytes) -> dict[str, Any] | None:
    """The event of a line; None where it is not one."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("type"), str) else None
