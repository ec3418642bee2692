"""Time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.stops import Check, Metrics, Stop


class Time(Stop):
    """Time: ends the training after so many seconds.

    The clock runs while the run trains, and stands while it is paused or waits for a worker. The same
    experiment may end at another step on another machine.
    """

    kind: Literal["time"] = "time"
    guide: ClassVar[Guide | None] = Guide(
        pros=("What a training may take is known before.",),
        cons=("Where it ends depends on the machine, and on what else runs there.",),
        use="For demonstrations, and where many trainings share one machine.",
        example=Example(
            "The run ends after five seconds, wherever it is.",
            preset="spiral",
            changes={"/training/stops": [{"kind": "time", "seconds": 5}], "/training/epochs": 100_000},
        ),
    )
    seconds: float = option(60.0, "How long it trains, pauses apart.", unit="s", gt=0, le=1e9)
    check: Check = option("step", "When it is read: after each step, or at rows of the evaluation.")

    def call(self, metrics: Metrics) -> Call:
        return Call(Elapsed, self.seconds)

    def told(self, state: Mapping[str, float], metrics: Metrics, readings: str) -> str:
        return f"{self.seconds:,g} {'second' if self.seconds == 1 else 'seconds'} of training were over"


class Elapsed:
    """Whether so many seconds of training are over."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.state: dict[str, float] = {}

    def __call__(self, step: int, seconds: float, row: dict[str, float]) -> bool:
        return seconds >= self.limit
