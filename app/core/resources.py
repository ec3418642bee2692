"""How much memory this machine has, or the container that we are in; and who may have how much of it."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: Assumed where no system call tells.
UNKNOWN = 8 << 30

#: The part that is the server's own, with what reads uploaded pictures; and of the rest, the runs' part.
#: A run keeps gradients and what an optimizer needs; a study mostly looks.
SERVERS, RUNS = 1 / 8, 3 / 4

#: A worker with less could not even import torch and train the smallest network.
LEAST = 512 << 20


def share(memory: int, runs: int, studies: int) -> tuple[int, int]:
    """Bytes for each of so many workers of runs, and for each worker of studies.

    Together they have no more than there is, unless there are more workers than `fitting` says.
    """
    left = memory * (1 - SERVERS)
    study = max(LEAST, int(left * (1 - RUNS) / studies))
    return max(LEAST, int((left - study * studies) / runs)), study


def fitting(memory: int) -> tuple[int, int]:
    """How many workers of runs, and of studies, there is memory for: at least one of each."""
    left = memory * (1 - SERVERS)
    return max(1, int(left * RUNS / LEAST)), max(1, int(left * (1 - RUNS) / LEAST))


def machine_memory() -> int:
    """Bytes of memory: the machine's, or the least that a control group around us allows."""
    return min([_physical(), *_group_limits(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))])


def _physical() -> int:
    if sys.platform == "win32":
        return _windows()
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return UNKNOWN


def _windows() -> int:
    """GlobalMemoryStatusEx: dwLength and dwMemoryLoad, then ullTotalPhys and six more."""
    fields = (ctypes.c_uint64 * 8)(ctypes.sizeof(ctypes.c_uint64) * 8)
    windll = getattr(ctypes, "windll", None)
    known = windll is not None and windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(fields))
    return int(fields[1]) if known else UNKNOWN


def _group_limits(membership: Path, root: Path) -> Iterator[int]:
    """The limits of our control groups and all above them, of version 2 and of version 1."""
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return  # no Linux
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            yield from _limits_above(root, path, "memory.max")
            yield from _limits_above(root / "unified", path, "memory.max")
        elif "memory" in controllers.split(","):
            yield from _limits_above(root / "memory", path, "memory.limit_in_bytes")


def _limits_above(root: Path, path: str, name: str) -> Iterator[int]:
    """A group's own limit and those of the groups around it; a container may see its own as the root."""
    group = root / path.strip("/")
    while True:
        with suppress(OSError, ValueError):  # no such file, or "max"
            yield int((group / name).read_text())
        if group == root:
            return
        group = group.parent
