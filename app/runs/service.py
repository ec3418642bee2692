"""What every run needs from around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.bench import Benches
from app.builder import Builder
from app.measures import Measures
from app.runs.slots import Slots
from app.settings import Settings
from app.store.blobs import Blobs
from app.store.quota import Quota
from app.tasks import Tasks
from app.websocket import Beat
from app.workers import Workers

if TYPE_CHECKING:
    from app.lab import Lab


@dataclass(frozen=True)
class Service:
    """The parts that runs share."""

    settings: Settings
    builder: Builder
    workers: Workers
    slots: Slots
    benches: Benches
    tasks: Tasks
    measures: Measures
    quota: Quota
    blobs: Blobs
    #: Seconds, never going back.
    clock: Callable[[], float]
    #: How often viewers are sent what waits for them.
    beat: Beat = field(default_factory=Beat)
    #: The labs that are open.
    labs: set[Lab] = field(default_factory=set)
