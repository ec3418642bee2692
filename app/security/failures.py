"""Rate limiting of wrong tokens by client address: a few are mistakes, many are guesses.

A valid token is never counted and never delayed, whatever other clients behind the same address do.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable

from starlette.types import Scope

log = logging.getLogger(__name__)

#: The burst of wrong tokens of an address, and the rate a second at which it is restored.
BURST, RATE = 20, 1.0

#: The longest wait of an address in seconds.
LONGEST = 60.0

#: The most addresses that are remembered; beyond, the least recent is forgotten.
MOST_ADDRESSES = 10_000


class Failures:
    """A token bucket for each address (the generic cell rate algorithm, ITU-T I.371, appendix A)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        #: The time at which each address has its full burst again.
        self._whole: dict[str, float] = {}

    def note(self, address: str) -> float:
        """Count a wrong token; returns the seconds that the address must wait, 0 within its burst."""
        now = self._clock()
        whole = max(self._whole.pop(address, now), now) + 1 / RATE
        wait = whole - now - BURST / RATE
        self._whole[address] = min(whole, now + BURST / RATE + LONGEST)
        if len(self._whole) > MOST_ADDRESSES:
            del self._whole[next(iter(self._whole))]
        if 0 < wait <= 1 / RATE:
            log.warning("many wrong tokens from %s", address)
        return min(max(0.0, wait), LONGEST)


def origin(scope: Scope) -> str:
    """The client address of a request; of IPv6 the network, as one machine has all addresses in it."""
    host = str((scope.get("client") or ("unknown", 0))[0])
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))
