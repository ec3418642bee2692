"""Segments: closed parts of the journal. A segment's name describes its content and has its checksum.

    FIRST-LAST-COUNT-tTIER-CRC.SUFFIX    numbers of its first and last record, how many it has (fewer
                                         than its range where it was thinned), its tier, the CRC-32 of
                                         the whole file

A segment never changes. One that replaces others is written completely before they are removed: a listing
shows complete segments at any time, and of two that overlap the wider one is used.
"""

from __future__ import annotations

import os
import re
import stat
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from glassnet.engine.errors import DamagedFile
from glassnet.engine.files.storage import replacing, writing
from glassnet.engine.files.untrusted import read_regular

#: The most bytes of a segment; a larger file is invalid.
MOST_BYTES = 32 << 20

_NAME = re.compile(r"(\d{16})-(\d{16})-(\d{1,9})-t(\d)-([0-9a-f]{8})")


class DamagedSegment(Exception):
    """A file whose content does not match its name; the message is one line."""


@dataclass(frozen=True)
class Segment:
    """A closed part, as described by its name."""

    first: int
    last: int
    count: int
    tier: int
    checksum: int
    size: int

    @property
    def stem(self) -> str:
        """The name without the suffix."""
        return f"{self.first:016d}-{self.last:016d}-{self.count}-t{self.tier}-{self.checksum:08x}"


class Segments:
    """The segments of one folder."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self.folder, self.suffix = folder, suffix
        #: The damaged segments found, with the reason, by name; they are left out from then on.
        self.damaged: dict[str, str] = {}

    def path(self, segment: Segment) -> Path:
        """The path of a segment."""
        return self.folder / f"{segment.stem}{self.suffix}"

    def listed(self) -> list[Segment]:
        """The valid segments, the oldest first, without overlaps."""
        found = sorted(self._all(), key=lambda one: (one.first, -one.last, one.count))
        kept: list[Segment] = []
        for segment in found:
            if not kept or segment.first > kept[-1].last:
                kept.append(segment)
            elif segment.last > kept[-1].last:
                self.damaged[self.path(segment).name] = "overlaps another segment"
        return kept

    def superseded(self) -> list[Segment]:
        """The segments that a wider one has replaced, left by a crash."""
        counting = set(self.listed())
        return [segment for segment in self._all() if segment not in counting]

    def _all(self) -> Iterable[Segment]:
        try:
            entries = list(os.scandir(self.folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in entries:
            stem = entry.name.removesuffix(self.suffix)
            match = _NAME.fullmatch(stem)
            if match is None or entry.name != stem + self.suffix or entry.name in self.damaged:
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            first, last, count, tier = map(int, match.groups()[:4])
            if stat.S_ISREG(status.st_mode) and 0 < count <= last - first + 1:
                yield Segment(first, last, count, tier, int(match[5], 16), status.st_size)
            else:
                self.damaged[entry.name] = "is no segment, though it is named like one"

    def read(self, segment: Segment) -> bytes:
        """A segment's bytes. Raises DamagedSegment, and FileNotFoundError where it was merged."""
        try:
            data = read_regular(self.path(segment), MOST_BYTES)
        except FileNotFoundError:
            raise
        except (DamagedFile, OSError) as error:
            raise self.refused(segment, f"cannot be read: {error}") from None
        if zlib.crc32(data) != segment.checksum:
            raise self.refused(segment, "has other bytes than were written")
        return data

    def refused(self, segment: Segment, words: str) -> DamagedSegment:
        """The exception for a damaged segment, which is left out from now on."""
        name = self.path(segment).name
        self.damaged[name] = words
        return DamagedSegment(f"{name} {words}")

    def write(self, data: bytes, first: int, last: int, count: int, tier: int) -> Segment:
        """Write a new segment to disk. Raises StorageError."""
        segment = Segment(first, last, count, tier, zlib.crc32(data), len(data))
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.path(segment), data)
        return segment

    def remove(self, segments: Iterable[Segment]) -> None:
        """Remove segments whose records are in others."""
        for segment in segments:
            self.path(segment).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove the remains of a crash: incomplete files, and replaced segments."""
        for part in self.folder.glob("*.part"):
            part.unlink(missing_ok=True)
        self.remove(self.superseded())

    def discard(self) -> None:
        """Remove damaged segments, which cannot be read."""
        for name in self.damaged:
            (self.folder / name).unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file to disk atomically. Raises StorageError, and then leaves the existing file."""
    with replacing(path) as part, part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    with writing(path):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
