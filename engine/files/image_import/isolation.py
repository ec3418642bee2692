"""Isolation of a process that reads untrusted files: resource limits, and no network."""

from __future__ import annotations

import ctypes
import os
import resource

#: Flags of unshare(2): a network namespace without any interface, which needs a user namespace.
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def isolate(memory: int | None, seconds: int | None) -> None:
    """Limit this process's memory (bytes) and CPU time, lower its priority, and cut it off from the network.

    Where the system does not allow the latter (a container without user namespaces), the process goes on:
    nothing here opens a connection.
    """
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None:
        unshare(_NEW_USER | _NEW_NETWORK)
