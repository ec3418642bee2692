"""What every run needs from around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.builder import Builder
from app.measures import Measures
from app.runs.slots import Slots
from app.settings import Settings
from app.tasks import Tasks
from app.workers import Workers


@dataclass(frozen=True)
class Service:
    """The parts that runs share."""

    settings: Settings
    builder: Builder
    workers: Workers
    slots: Slots
    tasks: Tasks
    measures: Measures
    #: Seconds, never going back.
    clock: Callable[[], float]
