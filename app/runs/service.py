"""What every run needs from around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from glassnet.app.core.background import Tasks
from glassnet.app.core.metrics import Measures
from glassnet.app.core.settings import Settings
from glassnet.app.hub.websocket import DeliveryPacer
from glassnet.app.runs.builder import Builder
from glassnet.app.runs.slots import Slots
from glassnet.app.store.blobs import Blobs
from glassnet.app.store.quota import Quota
from glassnet.app.studies.slots import StudySlots
from glassnet.app.workers import Workers


@dataclass(frozen=True)
class Service:
    """The parts that runs share."""

    settings: Settings
    builder: Builder
    workers: Workers
    slots: Slots
    study_slots: StudySlots
    tasks: Tasks
    measures: Measures
    quota: Quota
    blobs: Blobs
    #: Seconds, never going back.
    clock: Callable[[], float]
    #: How often viewers are sent what waits for them.
    pacer: DeliveryPacer = field(default_factory=DeliveryPacer)
    #: The labs that are open.
    labs: set[object] = field(default_factory=set)
