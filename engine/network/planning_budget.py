"""The budget of planning a network: nodes, and seconds of processor time."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from glassnet.engine.errors import InvalidExperiment

#: The most nodes after all blocks are expanded.
MAX_PLANNED_NODES = 5_000


@dataclass(frozen=True)
class PlanningBudget:
    """The limits of planning. Seconds are this thread's processor time, so a busy machine refuses no plan."""

    nodes: int = MAX_PLANNED_NODES
    seconds: float = math.inf
    begun: float = field(default_factory=time.thread_time)

    def check(self, nodes: int, pointer: str) -> None:
        """Raise InvalidExperiment where `nodes` or the time exceed the budget."""
        if nodes >= self.nodes:
            raise InvalidExperiment.at(pointer, f"more than {self.nodes:,} nodes; expected fewer")
        if time.thread_time() - self.begun > self.seconds:
            raise InvalidExperiment.at(
                pointer,
                f"after {self.seconds:g} seconds and {nodes:,} nodes the network was not planned; "
                "expected a simpler one",
            )


_current: ContextVar[PlanningBudget | None] = ContextVar("allowance", default=None)


def current_budget() -> PlanningBudget:
    """The budget in force in this context."""
    return _current.get() or PlanningBudget()


@contextmanager
def limit_planning(nodes: int = MAX_PLANNED_NODES, seconds: float = math.inf) -> Iterator[None]:
    """A context that sets the common budget of everything planned inside."""
    token = _current.set(PlanningBudget(min(nodes, MAX_PLANNED_NODES), seconds))
    try:
        yield
    finally:
        _current.reset(token)
