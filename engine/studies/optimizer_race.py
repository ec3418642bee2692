"""A race of optimizers on a cost surface."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import model_validator
from torch import Tensor

from glassnet.engine.catalog import Choice, Document, Example, Guide, option
from glassnet.engine.descent.descent import (
    PointOptimizer,
    Start,
    checked_start,
    distances,
    gradients,
    surface_arrays,
)
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.optimizers.adagrad import Adagrad
from glassnet.engine.items.optimizers.adam import Adam
from glassnet.engine.items.optimizers.rmsprop import RMSprop
from glassnet.engine.items.optimizers.sgd import SGD
from glassnet.engine.items.schedules import Schedule
from glassnet.engine.items.schedules.constant import Constant
from glassnet.engine.items.surfaces import CostSurface
from glassnet.engine.items.surfaces.bowls import Beale
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import FreeStudy, StudyFrame

#: Seconds until the first frame; each further wait is twice as long, up to the last.
FIRST_LOOK, LAST_WAIT = 0.04, 0.5


class Entry(Document):
    """One optimizer of the race."""

    label: str | None = option(
        None, "A name for the legend; empty: what the optimizer is called.", max_length=60
    )
    optimizer: Annotated[Optimizer, Choice(Optimizer)] = option(SGD(), "The optimizer.")
    schedule: Annotated[Schedule, Choice(Schedule)] = option(
        Constant(), "The schedule of the rate; an epoch is one step here."
    )


ENTRIES = [
    Entry.model_construct(optimizer=SGD(learning_rate=0.01)),
    Entry.model_construct(label="SGD, momentum 0.9", optimizer=SGD(learning_rate=0.001, momentum=0.9)),
    Entry.model_construct(
        label="SGD, Nesterov", optimizer=SGD(learning_rate=0.001, momentum=0.9, nesterov=True)
    ),
    Entry.model_construct(optimizer=Adagrad(learning_rate=0.5)),
    Entry.model_construct(optimizer=RMSprop(learning_rate=0.01)),
    Entry.model_construct(optimizer=Adam(learning_rate=0.05)),
]


class OptimizerRace(FreeStudy):
    """Optimizer race: several optimizers go down the same surface from the same start.

    An epoch of a schedule is one step, and the metric that it follows is the surface's height. `tolerance`
    is compared with the distance to the nearest known minimum; where none is known, with the length of the
    gradient.

    Arrays, with n steps done: `heights` float32 (resolution, resolution), the top row first, `domain`
    float32 (2, 2), `minima` float32 (minima, 2), `least` float32 (1,); `paths` float32
    (entries, n + 1, 2), `losses` float32 (entries, n + 1), `rates` float32 (entries, n);
    `state/INDEX/SLOT` float32 (n + 1, 2), the optimizer's state; `reached`, `left` and `diverged` int32
    (entries,): the first step within the tolerance, the step after which the path is no longer in the
    domain, the first step whose place (or cost, for an own formula) is not finite, each −1 where there is
    none. After divergence, paths and losses are NaN.
    """

    kind: Literal["optimizer_race"] = "optimizer_race"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Same start, same surface, same noise.",),
        cons=("Two numbers are not a network.",),
        use="To compare optimizers.",
        example=Example(
            "See which crosses the flat part first.",
            lab="descent",
        ),
        shows=(
            "heights",
            "losses",
        ),
    )
    surface: Annotated[CostSurface, Choice(CostSurface)] = option(Beale(), "The cost surface.")
    start: Start | None = option(None, "The start; empty: the surface's default.")
    entries: list[Entry] = option(ENTRIES, "The optimizers.", min_length=1, max_length=24)
    steps: int = option(1500, "Updates of each optimizer.", unit="steps", ge=1, le=10_000)
    tolerance: float = option(0.01, "The distance that counts as reached.", gt=0, le=1e6, log=True)
    resolution: int = option(121, "Points of the contour grid on either side.", ge=2, le=401)
    seed: int = option(0, "The seed of the noise.", ge=0, le=2**53 - 1)

    @model_validator(mode="after")
    def _can_start(self) -> OptimizerRace:
        checked_start(self.surface, self.start)
        return self

    @torch.no_grad()
    def compute(self) -> Iterator[StudyFrame]:
        """Race."""
        scene = surface_arrays(self.surface, self.resolution)
        race = Race(self)
        yield StudyFrame(0.0, scene | race.arrays())
        wait, looked = FIRST_LOOK, time.monotonic()
        for step in range(1, self.steps):
            race.step()
            if time.monotonic() - looked > wait:
                yield StudyFrame(step / self.steps, scene | race.arrays())
                wait, looked = min(2 * wait, LAST_WAIT), time.monotonic()
        race.step()
        yield StudyFrame(1.0, scene | race.arrays())


class Race:
    """The optimizers and their paths: float64 (n + 1, entries, 2)."""

    def __init__(self, study: OptimizerRace) -> None:
        self.study, self.surface = study, study.surface
        start = torch.tensor(checked_start(study.surface, study.start), dtype=torch.float64)
        count = len(study.entries)
        places = start.repeat(count, 1)
        self.movers = [
            PointOptimizer(entry.optimizer, places[row : row + 1]) for row, entry in enumerate(study.entries)
        ]
        self._gradients = gradients(study.surface, places, study.seed)
        self._followed = [
            None if (rule := entry.schedule.plateau(1)) is None else rule.start() for entry in study.entries
        ]
        self.done = 0
        self._way = torch.full((study.steps + 1, count, 2), torch.nan, dtype=torch.float64)
        self._way[0] = start
        self._rates = torch.zeros(study.steps, count, dtype=torch.float64)
        self._kept = [
            {name: torch.zeros(study.steps + 1, 2, dtype=torch.float64) for name in mover.slots}
            for mover in self.movers
        ]

    @property
    def way(self) -> Tensor:
        """The paths so far."""
        return self._way[: self.done + 1]

    def step(self) -> None:
        """Make one update of each optimizer."""
        step, steps = self.done, self.study.steps
        slope = next(self._gradients)
        self.done += 1
        for row, (entry, mover) in enumerate(zip(self.study.entries, self.movers, strict=True)):
            rate = entry.schedule.rate(entry.optimizer.learning_rate, step, 1, steps)
            self._rates[step, row] = self._reduced(row, rate)
            mover.step(slope[row : row + 1], self._rates[step, row])
            self._way[self.done, row] = mover.position[0]
            for name, slot in mover.slots.items():
                self._kept[row][name][self.done] = slot[0]

    def _reduced(self, row: int, rate: float) -> float:
        """The rate of an entry whose schedule may follow the height of where it is."""
        schedule, numbers = self.study.entries[row].schedule, self._followed[row]
        rule, following = schedule.plateau(1), schedule.follows(1)
        if rule is None or following is None or numbers is None:
            return rate
        if self.done - 1 > following.delay:
            height = float(self.surface.value(self.movers[row].position[0]))
            numbers = self._followed[row] = rule.after(numbers, height)
        return rule.rate(rate, numbers)

    def arrays(self) -> Arrays:
        """The arrays so far (see OptimizerRace)."""
        n, losses = self.done, self.surface.value(self.way)
        lost = ~self.way.isfinite().all(-1)
        # For own formulas the costs as sent: float32 overflows long before the float64 path does.
        diverged = first(lost | ~losses.float().isfinite() if self.surface.partial else lost)
        # Where a cost is not finite its gradient is meaningless, and so are the later steps.
        after = (diverged >= 0) & (torch.arange(n + 1)[:, None] > diverged)  # (n + 1, entries)
        way = self.way.masked_fill(after[..., None], torch.nan)
        near = distances(self.surface, way, self.surface.slope) < self.study.tolerance
        (left, right), (bottom, top) = self.surface.domain
        x, y = way.unbind(-1)
        inside = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
        return {
            "paths": way.transpose(0, 1).float(),
            "losses": losses.masked_fill(after, torch.nan).T.float(),
            "rates": self._rates[:n].T.float(),
            "reached": first(near),
            "diverged": diverged,
            "left": outside_since(inside),
        } | {
            f"state/{row}/{name}": kept[: n + 1].float()
            for row, slots in enumerate(self._kept)
            for name, kept in slots.items()
        }


def first(happened: Tensor) -> Tensor:
    """The first true row of each column, int32 (columns,); −1 where there is none."""
    return torch.where(happened.any(0), happened.int().argmax(0), -1).int()


def outside_since(inside: Tensor) -> Tensor:
    """The row after which a column is never inside again, int32 (columns,); −1 where it ends inside."""
    rows = len(inside)
    since = torch.where(inside.any(0), rows - inside.flip(0).int().argmax(0), 0)
    return torch.where(since == rows, -1, since).int()
