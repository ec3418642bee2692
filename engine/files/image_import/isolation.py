"""What a process that reads strangers' files does to itself first: limits, and no network."""

from __future__ import annotations

import ctypes
import os
import resource

#: Flags of unshare(2): a network of its own without a single interface, which takes a user namespace.
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def isolate(memory: int | None, seconds: int | None) -> None:
    """Bound memory (bytes) and time on one core, step aside for others, and leave the network.

    Where the system does not let it leave (a container without user namespaces), it goes on: nothing here
    opens a connection.
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
