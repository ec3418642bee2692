"""The lock of a data directory, because two servers would both control the same runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Occupied(Exception):
    """Another server uses the directory."""


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """A context that holds the lock of a directory. The system releases it when the process ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode(errors="replace").strip()
            raise Occupied(
                f"another Glassnet (process {holder}) uses {directory}; expected --data-dir with another"
            ) from None
        with suppress(OSError):  # on a full disk the lock is held anyway, and runs can be deleted
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)
