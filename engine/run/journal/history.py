"""Closed events: edits, changes of state, sessions; all of the newest, every second, fourth, … of older."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from glassnet.engine.errors import InvalidCommand
from glassnet.engine.experiment.edits import patched
from glassnet.engine.experiment.stored import stored
from glassnet.engine.run.journal.bounds import Bounds
from glassnet.engine.run.journal.segments import DamagedSegment, Segment, Segments
from glassnet.engine.run.journal.state import DOCUMENT, HEAD, Totals, parsed

#: The tier of thinned events.
THINNED = 1


class History:
    """The events before the newest part.

    A segment begins as the newest part does: a line of totals, and the experiment's document if it had been
    edited. When there are too many bytes, the older half becomes one segment with every second event; edits
    whose revision a checkpoint refers to are dropped last.
    """

    def __init__(self, folder: Path, bounds: Bounds, pinned: Callable[[], set[int]]) -> None:
        self.segments = Segments(folder, ".jsonl")
        self._bounds, self._pinned = bounds, pinned

    @property
    def next(self) -> int:
        """The number after the last closed event."""
        listed = self.segments.listed()
        return listed[-1].last + 1 if listed else 0

    def totals(self) -> Totals:
        """The totals after the last closed event, as far as they can be read."""
        for segment in reversed(self.segments.listed()):
            head = self._ending(segment, *self._read(segment))
            if head is not None:
                return head
        return Totals()

    def read(self) -> Iterator[dict[str, Any]]:
        """All events as they were written, and the documents at the starts of segments."""
        for segment in self.segments.listed():
            yield from self._read(segment)[1]

    def last(self, types: tuple[str, ...]) -> dict[str, Any] | None:
        """The newest event of one of some types."""
        for segment in reversed(self.segments.listed()):
            found = [event for event in self._read(segment)[1] if event["type"] in types]
            if found:
                return found[-1]
        return None

    def document_at(self, revision: int, original: dict[str, Any]) -> dict[str, Any] | None:
        """The document of a revision, or of the last known one before; None where none is."""
        for segment in reversed(self.segments.listed()):
            head, events = self._read(segment)
            if head is None or (segment.tier != THINNED and head.revision > revision):
                continue
            started = original if head.revision == 0 else None
            if (found := document_at(events, revision, started)) is not None:
                return found
        return None

    def _read(self, segment: Segment) -> tuple[Totals | None, list[dict[str, Any]]]:
        try:
            lines = self.segments.read(segment).splitlines()
        except DamagedSegment:
            return None, []  # `segments.damaged` has the reason
        events = [event for line in lines if (event := parsed(line)) is not None]
        head = Totals.of(events[0]) if events else None
        return head, [event for event in events if event["type"] != HEAD]

    def add(self, totals: Totals, document: dict[str, Any] | None, lines: list[bytes]) -> None:
        """Close the events that follow the last ones; `totals` and `document` are those before them."""
        if not lines:
            return
        first, before = totals.events, [one for one in self.segments.listed() if one.tier == 0][-1:]
        last, count, data = first + len(lines) - 1, len(lines), None
        if before and before[0].size < self._bounds.segment and before[0].last + 1 == first:
            try:
                data = self.segments.read(before[0])
            except DamagedSegment:
                before = []
            else:
                first, count = before[0].first, before[0].count + count
        else:
            before = []
        start = data if data is not None else beginning(totals, document)
        self.segments.write(start + b"".join(lines), first, last, count, 0)
        self.segments.remove(before)
        self._settle()

    def _settle(self) -> None:
        """Thin the older half where the bound of bytes is exceeded."""
        listed = self.segments.listed()
        while sum(one.size for one in listed) > self._bounds.events:
            self._thin(listed[: max(1, len(listed) // 2)])
            listed = self.segments.listed()

    def _thin(self, group: list[Segment]) -> None:
        """Replace several segments by one of half their size, or none."""
        events: list[dict[str, Any]] = []
        end = None
        for segment in group:
            head, some = self._read(segment)
            events += with_documents(some, None)
            end = self._ending(segment, head, some) or end
        kept = _fewer(events, sum(one.size for one in group) // 2, self._pinned())
        if kept and end is not None:
            data = b"".join([end.line().encode(), *map(as_line, kept)])
            self.segments.write(data, group[0].first, group[-1].last, len(kept), THINNED)
        self.segments.remove(group)

    @staticmethod
    def _ending(segment: Segment, head: Totals | None, events: list[dict[str, Any]]) -> Totals | None:
        """The totals after a segment, which are the first line of a thinned one."""
        if head is not None and segment.tier != THINNED:
            for event in events:
                if event["type"] != DOCUMENT:
                    head.note(event)
        return head


def beginning(totals: Totals, document: dict[str, Any] | None) -> bytes:
    """The first lines of a file: the totals, and the document if it was edited."""
    start = totals.line().encode()
    if document is not None and totals.revision:
        start += as_line({"type": DOCUMENT, "revision": totals.revision, "experiment": document})
    return start


def as_line(event: dict[str, Any]) -> bytes:
    """An event as a line."""
    return (json.dumps(event, separators=(",", ":")) + "\n").encode()


def with_documents(
    events: Iterator[dict[str, Any]] | list[dict[str, Any]], document: dict[str, Any] | None
) -> Iterator[dict[str, Any]]:
    """The events, each edit with its resulting experiment, where known; documents in between are left out.

    `document` is the experiment before them.
    """
    for event in events:
        if event["type"] == DOCUMENT:
            document = _whole(event)
            continue
        if event["type"] == "edit":
            document = _whole(event) or _edited(document, event.get("patch"))
            if document is not None:
                event = {**event, "experiment": document}
        yield event


def document_at(
    events: list[dict[str, Any]], revision: int, document: dict[str, Any] | None
) -> dict[str, Any] | None:
    """The document of a revision among events, or of the last known one before."""
    before = [one for one in events if one["type"] in ("edit", DOCUMENT) and _revision(one) <= revision]
    whole = [place for place, event in enumerate(before) if _whole(event) is not None]
    found = document
    for event in before[whole[-1] if whole else 0 :]:
        found, last = _whole(event) or _edited(found, event.get("patch")), found
        if found is None:
            return last
    return found


def _revision(event: dict[str, Any]) -> float:
    revision = event.get("revision")
    return revision if type(revision) is int else float("inf")


def _whole(event: dict[str, Any]) -> dict[str, Any] | None:
    found = event.get("experiment")
    return stored(found) if isinstance(found, dict) else None


def _edited(document: dict[str, Any] | None, patch: Any) -> dict[str, Any] | None:
    """A document after a patch; None where either is missing, or the patch does not apply."""
    if document is None or not isinstance(patch, list):
        return None
    try:
        after = patched(json.loads(json.dumps(document)), patch)
    except (InvalidCommand, RecursionError):
        return None
    return stored(after) if isinstance(after, dict) else None


def _fewer(events: list[dict[str, Any]], size: int, pinned: set[int]) -> list[dict[str, Any]]:
    """The events reduced by dropping every second one until they fit in `size` bytes, pinned edits last."""

    def stays(event: dict[str, Any]) -> bool:
        return event["type"] == "edit" and event.get("revision") in pinned

    while events and sum(len(as_line(event)) for event in events) > size:
        others = [place for place, event in enumerate(events) if not stays(event)]
        going = set(others[::2]) if others else set(range((len(events) + 1) // 2))
        events = [event for place, event in enumerate(events) if place not in going]
    return events
