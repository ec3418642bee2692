"""Permissions of the data directory, which is private to its owner."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: The umask of this process and its workers: no access for others.
UMASK = 0o077

#: The entries of a data directory that are the service's; others are left alone.
OURS = ("blobs", "datasets", "runs", "trash", "uploads", "workers")

#: The deepest level of directories that is changed, because anything may be in a run's directory.
DEPTH = 5


def close(folder: Path) -> None:
    """Remove the permissions of others in a data directory, as an earlier server may have left them."""
    _close(folder)
    for path in folder.iterdir():
        if path.name in OURS or path.is_file():
            for each in _below(path):
                _close(each)


def _below(path: Path, depth: int = DEPTH) -> Iterator[str | os.PathLike[str]]:
    """A path and the entries below it, no deeper than a run's files, without following links."""
    yield path
    with suppress(OSError), os.scandir(path) as entries:  # no directory, or gone by now
        for entry in entries:
            if depth and entry.is_dir(follow_symlinks=False):
                yield from _below(Path(entry), depth - 1)
            else:
                yield entry


def _close(path: str | os.PathLike[str]) -> None:
    """Remove others' permissions, except of foreign files and of sticky directories such as /tmp."""
    with suppress(OSError):
        found = os.lstat(path)
        shared = stat.S_ISLNK(found.st_mode) or found.st_mode & stat.S_ISVTX
        if found.st_uid == os.geteuid() and found.st_mode & UMASK and not shared:
            Path(path).chmod(stat.S_IMODE(found.st_mode) & ~UMASK)
