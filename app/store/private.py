"""The data directory is its owner's alone: runs hold what people work on."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: What no file of this process and its workers lets others do.
UMASK = 0o077

#: What of a data directory is the service's; whatever else lies there is left alone.
OURS = ("blobs", "datasets", "runs", "trash", "uploads", "workers")

#: Directories within directories that are looked at: of a run, as of the service, anything may be below.
DEPTH = 5


def close(folder: Path) -> None:
    """Take from others what they may do in a data directory, as an earlier server may have left it."""
    _close(folder)
    for path in folder.iterdir():
        if path.name in OURS or path.is_file():
            for each in _below(path):
                _close(each)


def _below(path: Path, depth: int = DEPTH) -> Iterator[str | os.PathLike[str]]:
    """A path and all in it that is no deeper than a run's files are, without following links."""
    yield path
    with suppress(OSError), os.scandir(path) as entries:  # no directory, or gone by now
        for entry in entries:
            if depth and entry.is_dir(follow_symlinks=False):
                yield from _below(Path(entry), depth - 1)
            else:
                yield entry


def _close(path: str | os.PathLike[str]) -> None:
    """A file that is not ours stays as it is, and so does a directory that is meant for all, such as /tmp."""
    with suppress(OSError):
        found = os.lstat(path)
        shared = stat.S_ISLNK(found.st_mode) or found.st_mode & stat.S_ISVTX
        if found.st_uid == os.geteuid() and found.st_mode & UMASK and not shared:
            Path(path).chmod(stat.S_IMODE(found.st_mode) & ~UMASK)
