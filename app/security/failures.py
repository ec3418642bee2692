"""Wrong tokens, counted by where they come from: a few are mistakes, many are guesses.

A right token is never counted and never waits, whoever else guesses behind the same address.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable

from starlette.types import Scope

log = logging.getLogger(__name__)

#: Wrong tokens that an address may present at once, and how many more a second.
BURST, RATE = 20, 1.0

#: The longest that an address is told to wait, in seconds.
LONGEST = 60.0

#: Addresses that are remembered; beyond, the one that was quiet longest is forgotten.
MOST_ADDRESSES = 10_000


class Failures:
    """A token bucket for each address (the generic cell rate algorithm, ITU-T I.371, appendix A)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        #: When each address has its whole burst again.
        self._whole: dict[str, float] = {}

    def note(self, address: str) -> float:
        """Count a wrong token; seconds that the address has to wait, 0 where it had some left."""
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
    """Where a request comes from; of IPv6 the network, as one machine has all addresses in it."""
    host = str((scope.get("client") or ("unknown", 0))[0])
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))
