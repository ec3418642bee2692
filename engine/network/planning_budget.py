"""What planning a network may cost: nodes, and seconds of the processor."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from glassnet.engine.errors import InvalidExperiment

#: Nodes after all blocks are unfolded, whoever asks.
MAX_PLACED = 5_000


@dataclass(frozen=True)
class Allowance:
    """How much may be planned. Seconds are those of this thread: a busy machine refuses nobody."""

    nodes: int = MAX_PLACED
    seconds: float = math.inf
    begun: float = field(default_factory=time.thread_time)

    def check(self, nodes: int, pointer: str) -> None:
        """Raises InvalidExperiment where another node is one too many, or time is up."""
        if nodes >= self.nodes:
            raise InvalidExperiment.at(pointer, f"more than {self.nodes:,} nodes; expected fewer")
        if time.thread_time() - self.begun > self.seconds:
            raise InvalidExperiment.at(
                pointer,
                f"after {self.seconds:g} seconds and {nodes:,} nodes the network was not planned; "
                "expected a simpler one",
            )


_current: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


def allowance() -> Allowance:
    """What may be planned here."""
    return _current.get() or Allowance()


@contextmanager
def allowing(nodes: int = MAX_PLACED, seconds: float = math.inf) -> Iterator[None]:
    """Bound all that is planned inside, together."""
    token = _current.set(Allowance(min(nodes, MAX_PLACED), seconds))
    try:
        yield
    finally:
        _current.reset(token)
