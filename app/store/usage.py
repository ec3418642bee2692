"""The disk usage of folders, without following links."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Every regular file below a folder; unreadable entries are left out."""
    left = [os.fspath(folder)]
    while left:
        with suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    left.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    yield entry


def size_of(folder: Path) -> int:
    """The bytes of all files below a folder."""
    total = 0
    for entry in files(folder):
        with suppress(OSError):  # removed meanwhile
            total += entry.stat(follow_symlinks=False).st_size
    return total
