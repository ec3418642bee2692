"""The roll of living workers, so that a server that was killed leaves none behind for ever.

A worker ends by itself when its link closes. One that cannot (stopped, or stuck in a system call) is
found by the next server: its number stands in the data directory, with the moment it started, so that
another process that has the number by now is left alone.
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

#: Seconds for workers whose server has just died to end by themselves.
GRACE = 3.0


class Roll:
    """One file for each living worker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def enter(self, pid: int) -> None:
        """Note a worker that has started; on a full disk it must do without."""
        born = _born(pid)
        if born is not None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                (self._folder / str(pid)).write_text(born)
            except OSError as error:
                log.warning("worker %d is not noted: %s", pid, storage_error(None, error))

    def strike(self, pid: int) -> None:
        """Note that it has ended."""
        with suppress(OSError):  # a number that another process has by now is told by its start
            (self._folder / str(pid)).unlink(missing_ok=True)

    def sweep(self) -> list[int]:
        """End whatever an earlier server left; their numbers. First they may write their snapshots."""
        entries = {int(entry.name): entry.read_text() for entry in self._folder.glob("[0-9]*")}
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and any(_born(pid) == born for pid, born in entries.items()):
            time.sleep(0.05)
        ended = []
        for pid, born in entries.items():
            if _born(pid) == born:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    ended.append(pid)
            self.strike(pid)
        return ended


def _born(pid: int) -> str | None:
    """When a process started, as /proc tells it; None where it does not live, or nobody tells."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]
