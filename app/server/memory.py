"""How the server's own process gives memory back to the system."""

from __future__ import annotations

import ctypes
import logging
import sys

log = logging.getLogger(__name__)

#: mallopt's names, of glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8

#: Pieces at least this large lie apart from the others and go back as soon as they are free. Left alone, the
#: bound grows with the largest piece that was ever freed, and one large answer makes the process keep many.
APART = 256 << 10

#: Threads take turns in so many arenas rather than in eight for each core, each with holes of its own.
ARENAS = 2


def give_back() -> None:
    """Have the C library keep little of what is free. Other libraries than glibc do as they do."""
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        log.debug("no mallopt: this is not glibc")
        return
    for name, value in ((M_MMAP_THRESHOLD, APART), (M_TRIM_THRESHOLD, APART), (M_ARENA_MAX, ARENAS)):
        mallopt(ctypes.c_int(name), ctypes.c_int(value))
