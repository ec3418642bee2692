"""Journal: rows of scalars, edits and events of a run, each written to disk before it is announced.

    journal.jsonl            the newest part, a line for each row and event
    rows/PROBE/              older rows, in segments, thinned into tiers as they age
    events/                  older events, in segments

One process writes. When the newest part is long enough it is closed: its rows and events become segments,
then a new part replaces it, whose first line has the totals. A crash in between leaves records in both; by
their numbers, those of the segments are used. Others may read at any time: they open the newest part first
and list segments then, so that nothing is missed, and start again where a segment was merged meanwhile.
Opening a journal reads its newest part only, however long the run is.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from glassnet.engine.errors import RunDirectoryError, StorageError
from glassnet.engine.files.storage import storage_error
from glassnet.engine.run.journal.active import MOST_PROBES, Active, lines
from glassnet.engine.run.journal.bounds import BOUNDS, Bounds
from glassnet.engine.run.journal.history import History, beginning, document_at, with_documents
from glassnet.engine.run.journal.rows import Rows, joined, numbered, overview
from glassnet.engine.run.journal.segments import write_whole
from glassnet.engine.run.journal.state import DOCUMENT, Totals, parsed
from glassnet.engine.run.journal.tiers import Tiers

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Every WHOLE_EVERY-th edit contains the whole experiment; the others are reconstructed from patches.
WHOLE_EVERY = 32

#: The bytes of lines that are closed at a time, and the attempts of a reader.
CHUNK, TRIES = 4 << 20, 100

_PROBE = re.compile(r"[a-z][a-z_]{0,39}")


class Journal:
    """A run's journal, for writing or reading."""

    def __init__(
        self,
        folder: Path,
        original: Callable[[], dict[str, Any]],
        pinned: Callable[[], set[int]] = set,
        bounds: Bounds = BOUNDS,
    ) -> None:
        """Open the journal of a run directory; `original` returns the document the run was started with.

        `pinned` returns the revisions to keep as long as possible.
        """
        self.folder, self._original, self._bounds = folder, original, bounds
        self._path = folder / "journal.jsonl"
        self._active = Active(self._path)
        self._history = History(folder / "events", bounds, pinned)
        self._tiers: dict[str, Tiers] = {}
        self._file: int | None = None
        #: The document after the last edit written here, and the number of edits since a whole one.
        self._document: dict[str, Any] | None = None
        self._patches = 0
        self._close_at = 0

    # Writing -----------------------------------------------------------------------------------------

    def append_rows(self, probe: str, rows: list[dict[str, float]]) -> int:
        """Write rows of a scalar probe to disk; returns the number of the first."""
        first = self.row_count(probe)
        numbered = ({"row": probe, "seq": first + number, **row} for number, row in enumerate(rows))
        self._write("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in numbered))
        return first

    def append_event(self, event: dict[str, Any]) -> None:
        """Write an edit, a change of state or another event, which has a `type`."""
        document = event.get("experiment") if event["type"] == "edit" else None
        if document is not None and self._follows(event, document):
            event = {name: value for name, value in event.items() if name != "experiment"}
        self._write(json.dumps({**event, "time": time.time()}, separators=(",", ":")) + "\n")
        if document is not None:
            self._document = document
            self._patches = 0 if "experiment" in event else self._patches + 1

    def _follows(self, event: dict[str, Any], document: dict[str, Any]) -> bool:
        """Whether an edit's patch yields its document from the previous one."""
        if self._document is None or self._patches + 1 >= WHOLE_EVERY or "patch" not in event:
            return False
        before = {"type": DOCUMENT, "revision": 0, "experiment": self._document}
        return document_at([before, {**event, "revision": 1, "experiment": None}], 1, None) == document

    def _write(self, text: str) -> None:
        """Append lines: all of them, or, where the disk is full, none."""
        try:
            if self._file is None:
                self._file = self._opened()
            size = _add(self._file, text.encode())
        except OSError as error:
            raise storage_error(self._path, error) from None
        if size >= self._close_at:
            self._close_active(size)

    def _opened(self) -> int:
        """The newest part, opened for appending; an incomplete line after a crash is removed."""
        file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            with self._reading():
                if os.fstat(file).st_size != self._active.place:
                    os.ftruncate(file, self._active.place)
                if not self._active.place:
                    totals = self._active.totals
                    _add(file, beginning(totals, self._history.document_at(totals.revision, {})))
                self._close_at = self._active.origin + self._bounds.active
        except BaseException:
            os.close(file)
            raise
        return file

    def _close_active(self, size: int) -> None:
        """Turn the newest part into segments; where that fails, go on and try later."""
        try:
            self._rotate()
        except (OSError, StorageError) as error:
            log.warning("%s cannot be closed yet: %s", self._path, error)
            self._close_at = size + self._bounds.active

    def _rotate(self) -> None:
        with self._reading() as file:
            base, end = self._active.base, self._active.totals
            document = self._original() if base.revision == 0 else None
            totals = base.copy()
            for chunk in self._chunks(file):
                self._keep_rows(chunk)
                document = self._keep_events(chunk, totals, document)
            rows = {name: self._active.next(name) for name in self._active.probes()}
        fresh = replace(end, rows=rows, rotation=base.rotation + 1)
        write_whole(self._path, beginning(fresh, document))
        self.close()

    def _chunks(self, file: BinaryIO) -> Iterator[list[tuple[int, bytes]]]:
        chunk, size = [], 0
        for place, line in lines(file, 0, self._active.place):
            chunk.append((place, line))
            size += len(line)
            if size >= CHUNK:
                yield chunk
                chunk, size = [], 0
        yield chunk

    def _keep_rows(self, chunk: list[tuple[int, bytes]]) -> None:
        for probe in self._active.probes():
            self._of(probe).segments.tidy()
            self._of(probe).add(
                numbered(list(self._active.each_row(chunk, probe))).since(self._of(probe).next)
            )

    def _keep_events(
        self, chunk: list[tuple[int, bytes]], totals: Totals, document: dict[str, Any] | None
    ) -> dict[str, Any] | None:
        """Close the events of a chunk; `totals` and the returned document are those at its end."""
        self._history.segments.tidy()
        closed, start = self._history.next, (totals.copy(), document)
        kept: list[bytes] = []
        for _, line in chunk:
            event = None if line.startswith(b'{"row":') else parsed(line)
            if event is None or event["type"] == "head":
                continue
            if not kept:
                start = totals.copy(), document
            if event["type"] in ("edit", DOCUMENT):
                document = document_at([{**event, "revision": 0}], 0, document)
            if event["type"] != DOCUMENT:
                totals.note(event)
                if totals.events > closed:
                    kept.append(line)
        self._history.add(*start, kept)
        return document

    # Reading -----------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[BinaryIO]:
        with self._active.reading(self._base) as file:
            yield file

    def _base(self, head: Totals | None) -> Totals:
        """The totals at the start of the newest part: its own, or else those of the segments."""
        base = head or self._history.totals()
        for probe in self._closed_probes():
            base.rows[probe] = max(base.rows.get(probe, 0), self._of(probe).next)
        return base

    def _closed_probes(self) -> list[str]:
        try:
            names = [
                entry.name
                for entry in os.scandir(self.folder / "rows")
                if entry.is_dir(follow_symlinks=False)
            ]
        except OSError:
            return []
        return sorted(name for name in names if _PROBE.fullmatch(name))[:MOST_PROBES]

    def _of(self, probe: str) -> Tiers:
        if probe not in self._tiers:
            self._tiers[probe] = Tiers(self.folder / "rows" / probe, self._bounds)
        return self._tiers[probe]

    def _read(self, reading: Callable[[BinaryIO], T]) -> T:
        """The result of `reading`, retried where a segment was merged meanwhile."""
        for _ in range(TRIES):
            try:
                with self._reading() as file:
                    return reading(file)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise RunDirectoryError(f"{error.filename or self._path}: {error.strerror}") from None
        raise RunDirectoryError(f"{self.folder}: segments vanish as fast as they are listed")

    def row_count(self, probe: str) -> int:
        """The number of the next row."""
        return self._read(lambda file: self._active.next(probe))

    def rows(self, probe: str, start: int = 0, limit: int = 10_000) -> Rows:
        """Rows from a number on, at most `limit`."""
        return self._read(lambda file: joined(self._parts(file, probe, start, limit), start))

    def last_row(self, probe: str) -> Rows:
        """The last row; empty where there is none."""

        def last(file: BinaryIO) -> Rows:
            found = self._active.last_row(file, probe)
            for segment in reversed([] if found else self._of(probe).segments.listed()):
                for rows in self._of(probe).read(segment.last):
                    return rows.part(slice(-1, None))
            return found or Rows({}, joined([]).numbers)

        return self._read(last)

    def overview(self, probe: str, points: int, start: int = 0) -> Rows:
        """All rows from a number on, reduced to about `points`, the extremes of stretches."""

        def seen(file: BinaryIO) -> Rows:
            return overview(joined(self._parts(file, probe, start, 10**9), start), points)

        return self._read(seen)

    def _parts(self, file: BinaryIO, probe: str, start: int, limit: int) -> list[Rows]:
        parts, left, following = [], limit, start
        for rows in self._of(probe).read(start):
            parts.append(rows.part(slice(left)))
            left -= parts[-1].count
            following = rows.next
            if left <= 0:
                return parts
        return [*parts, self._active.rows(file, probe, following, left)]

    def events(self) -> Iterator[dict[str, Any]]:
        """The events in order; edits with their resulting experiment."""
        return with_documents(self._read(self._all_events), self._original())

    def _all_events(self, file: BinaryIO) -> Iterator[dict[str, Any]]:
        closed, found = list(self._history.read()), list(self._active.events(file))
        twice = max(0, self._history.next - self._active.base.events)  # in both parts after a crash
        if twice:
            found = [one for one in found if one["type"] != DOCUMENT][twice:]
        return iter([*closed, *found])

    def last_event(self, types: tuple[str, ...]) -> dict[str, Any] | None:
        """The newest event of one of these types, as it was written; None where there is none."""

        def last(file: BinaryIO) -> dict[str, Any] | None:
            found = None
            for event in self._active.events(file):
                if event["type"] in types:
                    found = event
            return found or self._history.last(types)

        return self._read(last)

    @property
    def totals(self) -> Totals:
        """The totals of all events."""
        return self._read(lambda file: self._active.totals.copy())

    def document(self, revision: int | None = None) -> dict[str, Any] | None:
        """The experiment's document at a revision, by default the current one; else the last known before."""
        return self._read(lambda file: self._document_at(file, revision))

    def _document_at(self, file: BinaryIO, revision: int | None) -> dict[str, Any] | None:
        active, original = self._active, self._original()
        wanted = active.totals.revision if revision is None else revision
        if wanted >= active.base.revision:
            start = (active.document or 0) if revision is None else 0
            started = original if active.base.revision == 0 else None
            found = document_at(list(active.events(file, start)), wanted, started)
            if found is not None:
                return found
        return self._history.document_at(wanted, original) or (original if wanted == 0 else None)

    # Maintenance -------------------------------------------------------------------------------------

    def problems(self, *, thorough: bool = False) -> list[str]:
        """The damage, one line each, as far as it has been read; thorough: after reading everything."""
        if thorough:
            self._read(self._read_all)
        damaged = self._read(lambda file: len(self._active.damaged))
        found = [f"{self._path.name} has {damaged} damaged line(s)"] if damaged else []
        if not self._path.exists():
            found.append(f"{self._path.name} is missing")
        for segments in (self._history.segments, *(tiers.segments for tiers in self._tiers.values())):
            folder = segments.folder.relative_to(self.folder)
            found += [f"{folder}/{name} {words}" for name, words in sorted(segments.damaged.items())]
        return found

    def damaged(self) -> tuple[set[int], list[Path]]:
        """The offsets of damaged lines in the newest part, and the damaged segments; reads everything."""
        self._read(self._read_all)
        every = (self._history.segments, *(tiers.segments for tiers in self._tiers.values()))
        files = [segments.folder / name for segments in every for name in segments.damaged]
        return self._read(lambda file: set(self._active.damaged)), files

    def _read_all(self, file: BinaryIO) -> None:
        for probe in {*self._closed_probes(), *self._active.probes()}:
            for _ in self._of(probe).read(0):
                pass
            self._active.rows(file, probe, 0, 10**9)
        for _ in self._history.read():
            pass

    def close(self) -> None:
        """Close the file; reading and writing open it again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _add(file: int, data: bytes) -> int:
    """Append to a file: everything, or, raising OSError, nothing; returns its length."""
    size = os.fstat(file).st_size
    left = data
    try:
        while left:
            written = os.write(file, left)
            if not written:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            left = left[written:]
    except OSError:
        os.ftruncate(file, size)
        raise
    return size + len(data)
