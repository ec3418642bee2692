"""What the events of a run add up to: how often it was edited, opened, begun anew."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

#: The greatest number of anything that a journal counts: JavaScript has them all exactly.
GREATEST = 2**53

#: Events with which another life begins.
LIVES = ("reset", "rewind")

#: Lines that say how things stood where a file begins; they are no events.
HEAD, DOCUMENT = "head", "document"


def is_count(value: Any) -> bool:
    """Whether a value is a number that something can be counted by."""
    return type(value) is int and 0 <= value < GREATEST


@dataclass
class Totals:
    """How a run stands at a place of its journal."""

    #: Events so far, revisions, resets and rewinds, sessions.
    events: int = 0
    revision: int = 0
    life: int = 0
    sessions: int = 0
    #: How often the newest part was closed before.
    rotation: int = 0
    #: Rows so far, by probe.
    rows: dict[str, int] = field(default_factory=dict)

    def note(self, event: dict[str, Any]) -> None:
        """Count an event. What it says itself is trusted where it goes forward."""
        self.events += 1
        if event["type"] == "edit":
            self.revision = _forward(self.revision, event.get("revision"))
        elif event["type"] in LIVES:
            self.life = _forward(self.life, event.get("life"))
        elif event["type"] == "session":
            self.sessions += 1

    def copy(self) -> Totals:
        """The same, to go on from."""
        return replace(self, rows=dict(self.rows))

    def line(self) -> str:
        """This as a file's first line."""
        return json.dumps({"type": HEAD, **asdict(self)}, separators=(",", ":")) + "\n"

    @classmethod
    def of(cls, event: dict[str, Any] | None) -> Totals | None:
        """What a first line says; None where it says nothing that can be used."""
        if event is None or event["type"] != HEAD:
            return None
        counts = {name: event.get(name) for name in ("events", "revision", "life", "sessions", "rotation")}
        rows = event.get("rows")
        if not isinstance(rows, dict) or not all(map(is_count, [*counts.values(), *rows.values()])):
            return None
        return cls(**counts, rows=rows)  # type: ignore[arg-type]


def _forward(now: int, said: Any) -> int:
    """The next number: one more, or what the event says where lines before it are missing."""
    return said if is_count(said) and now < said <= now + 1_000_000 else now + 1


def parsed(line: bytes) -> dict[str, Any] | None:
    """An event; None where the line is none."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("type"), str) else None
