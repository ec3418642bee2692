"""The optimizer pad: 40×40 runs of 500 steps, all at once; and a race, all its steps and sights."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from glassnet.engine.catalog import catalog
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.optimizers.adam import Adam
from glassnet.engine.items.optimizers.sgd import SGD
from glassnet.engine.items.surfaces import CostSurface
from glassnet.engine.studies import FreeStudy
from glassnet.engine.studies.optimizer_pad import OptimizerPad
from glassnet.engine.studies.optimizer_race import OptimizerRace

ROUNDS = 5

#: Seconds that a pad may take.
WANTED = 1.0


def main() -> Iterator[str]:
    """A line for each surface: seconds for a whole pad, with SGD and with Adam."""
    optimizers: list[Optimizer] = [SGD(momentum=0.9), Adam()]
    for kind, surface in catalog(CostSurface).items():
        found = [_seconds(OptimizerPad(surface=surface(), optimizer=item)) for item in optimizers]
        said = ", ".join(
            f"{item.kind} {seconds:.2f} s" for item, seconds in zip(optimizers, found, strict=True)
        )
        yield f"pad 40×40×500   {kind:<14} {said} (under {WANTED:.0f} s)"
    race = OptimizerRace()
    yield f"race {len(race.entries)}×{race.steps}     {race.surface.kind:<14} {_seconds(race):.2f} s"


def _seconds(study: FreeStudy) -> float:
    """The median over rounds, from asking to the last sight."""
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _sight in study.compute():
            pass
        found.append(time.perf_counter() - start)
    return statistics.median(found)
