"""The newest part of a journal: one file with a line for each row and event, read while it is written.

A row is `{"row":"PROBE","seq":NUMBER,"step":…,"epoch":…,SERIES…}`, every other line an event with a
`type`. A file that follows a closed one begins with a line of the totals at its start.
"""

from __future__ import annotations

import io
import json
import math
import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from glassnet.engine.errors import DamagedFile, RunDirectoryError
from glassnet.engine.files.untrusted import open_regular
from glassnet.engine.run.journal.rows import MOST_SERIES, PLACE, Rows, numbered
from glassnet.engine.run.journal.state import DOCUMENT, GREATEST, HEAD, Totals, parsed

#: Rows between two offsets of the index.
INDEX_EVERY = 500

#: The most bytes of a line; longer ones were not written by a session.
MOST_LINE = 8 << 20

#: The most probes with rows, and the most damaged lines whose offsets are recorded.
MOST_PROBES, MOST_DAMAGED = 16, 10_000

_ROW = re.compile(rb'\{"row":"([a-z][a-z_]{0,39})","seq":(\d{1,16})[,}]')


@dataclass
class _Index:
    """The index of one probe's rows in this file."""

    #: The number after the last row.
    next: int
    #: The number and offset of every INDEX_EVERY-th row, ascending, and of the last.
    marks: list[tuple[int, int]] = field(default_factory=list)
    last: int | None = None
    count: int = 0
    #: A row whose number is not the next: it is accepted when another follows it.
    odd: tuple[int, int] | None = None

    def add(self, number: int, place: int) -> None:
        if self.count % INDEX_EVERY == 0:
            self.marks.append((number, place))
        self.count += 1
        self.next, self.last, self.odd = number + 1, place, None


class Active:
    """The newest file, indexed as far as it has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._forget(Totals())

    def _forget(self, base: Totals) -> None:
        self.base, self.totals = base, base.copy()
        self._indexes = {name: _Index(count) for name, count in base.rows.items()}
        #: The offset to continue reading at, and that of the first line after the head.
        self.place = self.origin = 0
        #: The offset of the newest line with the whole experiment.
        self.document: int | None = None
        self.damaged: set[int] = set()

    @contextmanager
    def reading(self, base: Callable[[Totals | None], Totals]) -> Iterator[BinaryIO]:
        """The file, indexed up to its current end.

        `base` returns the totals at its start, given those of its first line; any other valid first line is
        that of an old journal, which had only one part.
        """
        with self._opened() as file:
            first = file.readline(MOST_LINE)
            head = _totals(first)
            known = self.place > 0 and _size(file) >= self.place
            if not known or (head or Totals()).rotation != self.base.rotation:
                self._forget(base(head))
            self._catch_up(file)
            yield file

    def _opened(self) -> BinaryIO:
        try:
            return open_regular(self.path)
        except FileNotFoundError:
            return io.BytesIO()
        except DamagedFile as error:
            raise RunDirectoryError(str(error)) from None
        except OSError as error:
            raise RunDirectoryError(f"{self.path}: {error.strerror}") from None

    def _catch_up(self, file: BinaryIO) -> None:
        for place, line in lines(file, self.place):
            row = _ROW.match(line)
            if row is not None:
                self._note_row(row[1].decode(), int(row[2]), place)
            else:
                self._note_event(parsed(line), place, len(line))
            self.place = place + len(line)

    def _note_row(self, probe: str, number: int, place: int) -> None:
        index = self._indexes.get(probe)
        if index is None:
            if len(self._indexes) >= MOST_PROBES or number >= GREATEST:
                return self._damage(place)
            index = self._indexes[probe] = _Index(0)
        if number == index.next:
            if index.odd is not None:
                self._damage(index.odd[1])
            index.add(number, place)
        elif number < index.next or number >= GREATEST:
            if number >= self.base.rows.get(probe, 0):
                self._damage(place)
        elif index.odd is not None and number == index.odd[0] + 1:
            index.add(*index.odd)
            index.add(number, place)
        else:
            if index.odd is not None:
                self._damage(index.odd[1])
            index.odd = number, place
        return None

    def _note_event(self, event: dict[str, Any] | None, place: int, length: int) -> None:
        if event is None:
            self._damage(place)
        elif event["type"] == HEAD and place == 0:
            self.origin = length
        elif event["type"] == DOCUMENT and self.document is None:
            self.origin, self.document = place + length, place
        elif event["type"] in (HEAD, DOCUMENT):
            self._damage(place)
        else:
            self.totals.note(event)
            if event["type"] == "edit" and isinstance(event.get("experiment"), dict):
                self.document = place

    def _damage(self, place: int) -> None:
        if len(self.damaged) < MOST_DAMAGED:
            self.damaged.add(place)

    # Reading the indexed part ------------------------------------------------------------------------

    def next(self, probe: str) -> int:
        """The number after the last row."""
        index = self._indexes.get(probe)
        return index.next if index else 0

    def probes(self) -> list[str]:
        """The probes with rows in this part or before."""
        return list(self._indexes)

    def last_row(self, file: BinaryIO, probe: str) -> Rows | None:
        """The last row in this file; None where there is none."""
        index = self._indexes.get(probe)
        if index is None or index.last is None:
            return None
        found = self.rows(file, probe, index.next - 1, 1)
        return found if found.count else None

    def rows(self, file: BinaryIO, probe: str, start: int, limit: int) -> Rows:
        """Rows from a number on; damaged lines are left out."""
        index = self._indexes.get(probe)
        found: list[dict[str, float]] = []
        if index is not None and index.marks and index.next > start and limit > 0:
            mark = max(0, bisect_right(index.marks, start, key=lambda mark: mark[0]) - 1)
            for row in self.each_row(lines(file, index.marks[mark][1], self.place), probe):
                if row["seq"] >= start:
                    found.append(row)
                    if len(found) == limit:
                        break
        rows = numbered(found)
        return Rows(rows.columns, rows.numbers, start)

    def each_row(self, stretch: Iterable[tuple[int, bytes]], probe: str) -> Iterator[dict[str, float]]:
        """The rows of a probe among lines, except those that are also in older parts."""
        first, end = self.base.rows.get(probe, 0), self.next(probe)
        reader = RowReader(probe)
        for place, line in stretch:
            row = None if place in self.damaged else reader.row(line)
            if row is not None and first <= row["seq"] < end:
                yield row

    def events(self, file: BinaryIO, start: int = 0) -> Iterator[dict[str, Any]]:
        """The events from an offset on, and the line with the document at the file's start."""
        for _, line in lines(file, start, self.place):
            if not line.startswith(b'{"row":'):
                event = parsed(line)
                if event is not None and event["type"] != HEAD:
                    yield event


def _totals(first: bytes) -> Totals | None:
    """The totals of a first line; None where it is damaged."""
    if _ROW.match(first):
        return Totals()
    event = parsed(first)
    if event is None or event["type"] == DOCUMENT:
        return None
    return Totals.of(event) if event["type"] == HEAD else Totals()


class RowReader:
    """A parser of one probe's rows, which refuses lines that no session writes."""

    def __init__(self, probe: str) -> None:
        self._prefix = f'{{"row":"{probe}",'.encode()
        self._series: set[str] = set()
        self._last = -1

    def row(self, line: bytes) -> dict[str, float] | None:
        """A row with its number as `seq`; None where the line is not a row of this probe."""
        if not line.startswith(self._prefix):
            return None
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return None
        del row["row"]
        if not (_is_row(row) and self._last < row["seq"] < GREATEST and self._knows(row)):
            return None
        self._last = row["seq"]
        return row  # type: ignore[no-any-return]

    def _knows(self, row: dict[str, float]) -> bool:
        if not row.keys() <= self._series:
            both = self._series | row.keys()
            if len(both) > MOST_SERIES:
                return False
            self._series = both
        return True


def _is_row(row: dict[str, Any]) -> bool:
    return (
        type(row.get("seq")) is int
        and all(
            type(value) is float or (type(value) is int and abs(value) < GREATEST) for value in row.values()
        )
        and all(name in row and math.isfinite(row[name]) for name in PLACE)
    )


def lines(file: BinaryIO, start: int, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Complete lines with their offsets, from an offset on; of too long a line, its last piece."""
    file.seek(start)
    place = start
    while end is None or place < end:
        line = file.readline(MOST_LINE)
        while line and not line.endswith(b"\n"):
            if len(line) < MOST_LINE:
                return  # the last line is not complete yet
            place += len(line)
            line = file.readline(MOST_LINE)
        if not line:
            return
        yield place, line
        place += len(line)


def _size(file: BinaryIO) -> int:
    """The current size of a file in bytes."""
    return file.seek(0, os.SEEK_END)
