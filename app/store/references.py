"""References of runs to blobs, found in the bytes of their files, so that damaged runs count, too."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from glassnet.app.store.usage import files

_REFERENCE = re.compile(rb"sha256:([0-9a-f]{64})")

#: The bytes of a reference, and the bytes read at a time.
_LENGTH, _PIECE = 71, 1 << 20

#: The files that contain experiments: the record, the original, and the journal with all its edits.
_SUFFIXES = (".json", ".jsonl")

#: The state of a file when it was read: device, inode, size, time of its last change.
_Stamp = tuple[int, int, int, int]


def in_document(document: Any) -> set[str]:
    """The hashes of the blobs that a JSON value refers to."""
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
        """The names of the runs that refer to each blob, by its hash."""
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
        """The references of a file; if it cannot be read, those known before, or None."""
        known = self._read.get(path)
        try:
            # If the file is replaced by a link or a pipe meanwhile, it is neither followed nor waited for.
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
    """The references in a file from an offset, piece by piece, those across two pieces included."""
    rest = b""
    while piece := os.pread(handle, _PIECE, start):
        start += len(piece)
        yield in_bytes(rest + piece)
        rest = (rest + piece)[-_LENGTH:]
