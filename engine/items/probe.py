"""Probe: the base class of all probes, with their rate and their key.

The experiment knows probes by this class alone; what each of them computes is in `engine/probes/`.
"""

from __future__ import annotations

from abc import ABC
from typing import Any, ClassVar

from glassnet.engine.catalog import Item, Panel, option

MAX_HZ = 30.0

#: The most replicas of a training.
MOST_REPLICAS = 1024


def frame_rate(default: float) -> Any:
    """The option `hz` of a probe that sends `default` frames a second where nothing else is asked for."""
    return option(default, "How many frames a second to send at most.", unit="1/s", gt=0, le=MAX_HZ)


class Probe(Item, ABC):
    """A view of a running network, with options; `hz` is its rate, which is not part of its identity."""

    #: Where the page shows it, if it has a panel in `static/panels/KIND.js`.
    panel: ClassVar[Panel | None] = None
    #: Whether it covers many steps, so that a run can collect it from its first step on.
    collects: ClassVar[bool] = False
    #: Whether it reads what the last update changed, which a trainer records where it is told to.
    follows_updates: ClassVar[bool] = False
    homes: ClassVar[tuple[str, ...]] = ("glassnet.engine.probes",)

    hz: float = frame_rate(10.0)

    @property
    def key(self) -> str:
        """The probe's identity: equal for all viewers of the same frames, at whatever rate."""
        return self.digest("hz")
