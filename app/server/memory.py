"""Configuration of the C library's allocator, to return free memory to the system."""

from __future__ import annotations

import ctypes
import logging
import sys

log = logging.getLogger(__name__)

#: mallopt's parameters, of glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8

#: Blocks at least this large are mapped separately and returned as soon as they are free. By default the
#: threshold grows with the largest freed block, and one large response makes the process keep many.
APART = 256 << 10

#: The number of arenas shared by all threads, rather than eight for each core, each with its fragmentation.
ARENAS = 2


def give_back() -> None:
    """Make glibc keep little free memory; other C libraries are left alone."""
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        log.debug("no mallopt: this is not glibc")
        return
    for name, value in ((M_MMAP_THRESHOLD, APART), (M_TRIM_THRESHOLD, APART), (M_ARENA_MAX, ARENAS)):
        mallopt(ctypes.c_int(name), ctypes.c_int(value))
