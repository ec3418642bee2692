"""Which runs refer to which blobs, read from their files as bytes: no run need be whole, or readable."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from glassnet.app.store.usage import files

_REFERENCE = re.compile(rb"sha256:([0-9a-f]{64})")

#: Bytes that a reference has, and bytes that are read at a time.
_LENGTH, _PIECE = 71, 1 << 20

#: Files that experiments stand in: the record, what was started, and the journal with all its edits.
_SUFFIXES = (".json", ".jsonl")

#: Where a file stood when it was read: device, inode, size, time of its last change.
_Stamp = tuple[int, int, int, int]


def in_document(document: Any) -> set[str]:
    """The hashes of the blobs that a JSON document refers to."""
    return in_bytes(json.dumps(document).encode())


def in_bytes(data: bytes) -> set[str]:
    """The hashes of the blobs that bytes refer to."""
    return {found.decode() for found in _REFERENCE.findall(data)}


class References:
    """The references of all runs. A file is read again where it has changed, from where it has grown."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[_Stamp, set[str]]] = {}

    def by_blob(self) -> dict[str, set[str]]:
        """The names of the runs that refer to a blob, by its hash."""
        found: dict[str, set[str]] = {}
        seen: dict[str, tuple[_Stamp, set[str]]] = {}
        for run in self._runs():
            for path in _documents(run):
                entry = self._looked_up(path)
                if entry is not None:
                    seen[path] = entry
                    for blob in entry[1]:
                        found.setdefault(blob, set()).add(run.name)
        self._read = seen
        return found

    def _runs(self) -> list[Path]:
        try:
            return [Path(entry) for entry in os.scandir(self._folder)]
        except FileNotFoundError:
            return []

    def _looked_up(self, path: str) -> tuple[_Stamp, set[str]] | None:
        """What a file refers to; what was known of one that cannot be read, None where nothing was."""
        known = self._read.get(path)
        try:
            # What takes a regular file's place meanwhile is neither followed nor waited for.
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return known
        try:
            there = os.fstat(handle)
            stamp = (there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns)
            if known is not None and known[0] == stamp:
                return known
            grown = known is not None and known[0][:2] == stamp[:2] and known[0][2] <= stamp[2]
            start = max(0, known[0][2] - _LENGTH) if known is not None and grown else 0
            before = known[1] if known is not None and grown else set()
            return stamp, before.union(*_pieces(handle, start))
        except OSError:
            return known
        finally:
            os.close(handle)


def _documents(run: Path) -> Iterator[str]:
    return (entry.path for entry in files(run) if entry.name.endswith(_SUFFIXES))


def _pieces(handle: int, start: int) -> Iterable[set[str]]:
    """What is referred to from a place on, piece by piece; a reference may lie across two."""
    rest = b""
    while piece := os.pread(handle, _PIECE, start):
        start += len(piece)
        yield in_bytes(rest + piece)
        rest = (rest + piece)[-_LENGTH:]
