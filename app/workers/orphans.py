"""The registry of running workers, by which the next server finds the orphans of one that was killed.

A worker ends by itself when its link closes. One that cannot (stopped, or stuck in a system call) is killed
by the next server: its process id is in the data directory, with its start time, so that another process
that has reused the id is left alone.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from glassnet.engine.files.storage import storage_error

log = logging.getLogger(__name__)

#: Seconds in which workers of a server that has just died may end by themselves.
GRACE = 3.0


class WorkerRegistry:
    """A folder with one file for each running worker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, pid: int) -> None:
        """Record a started worker; on a full disk it is only logged."""
        started = _start_time(pid)
        if started is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                (self._folder / str(pid)).write_text(started)
            except OSError as error:
                log.warning("worker %d is not noted: %s", pid, storage_error(None, error))

    def remove(self, pid: int) -> None:
        """Remove a worker that has ended."""
        with suppress(OSError):  # harmless if it remains: a reused id has another start time
            (self._folder / str(pid)).unlink(missing_ok=True)

    def kill_orphans(self) -> list[int]:
        """Kill the workers that an earlier server left, after a grace period; returns their ids."""
        entries = {int(entry.name): entry.read_text() for entry in self._folder.glob("[0-9]*")}
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and any(
            _start_time(pid) == started for pid, started in entries.items()
        ):
            time.sleep(0.05)
        ended = []
        for pid, started in entries.items():
            if _start_time(pid) == started:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    ended.append(pid)
            self.remove(pid)
        return ended


def _start_time(pid: int) -> str | None:
    """The start time of a process from /proc; None where it is not running, or there is no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]
