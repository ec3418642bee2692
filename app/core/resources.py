"""The memory of this machine or container, and its distribution among workers."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: The memory assumed where no system call reports it.
UNKNOWN = 8 << 30

#: The share of the server and its import processes; and of the rest, the share of runs.
#: Runs need more: they keep gradients and optimizer state, while studies mostly evaluate.
SERVERS, RUNS = 1 / 8, 3 / 4

#: The least memory of a worker, to import torch and train the smallest network.
LEAST = 512 << 20


def share(memory: int, runs: int, studies: int) -> tuple[int, int]:
    """Bytes for each worker of runs, and for each worker of studies.

    Their sum does not exceed the memory, unless there are more workers than `fitting` returns.
    """
    left = memory * (1 - SERVERS)
    study = max(LEAST, int(left * (1 - RUNS) / studies))
    return max(LEAST, int((left - study * studies) / runs)), study


def fitting(memory: int) -> tuple[int, int]:
    """The numbers of workers of runs, and of studies, that memory suffices for: at least one of each."""
    left = memory * (1 - SERVERS)
    return max(1, int(left * RUNS / LEAST)), max(1, int(left * (1 - RUNS) / LEAST))


def machine_memory() -> int:
    """The bytes of memory of the machine, or of the smallest limit of this process's control groups."""
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
    """The memory limits of this process's control groups and their parents, of versions 2 and 1."""
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
    """The limits of a group and its parents; in a container, its own group may be the root."""
    group = root / path.strip("/")
    while True:
        with suppress(OSError, ValueError):  # no such file, or "max"
            yield int((group / name).read_text())
        if group == root:
            return
        group = group.parent
