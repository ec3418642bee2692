"""A grid of learning rates and momenta, each pair a run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import model_validator
from pydantic_core import PydanticCustomError
from torch import Tensor

from glassnet.engine.catalog import Choice, Example, Guide, catalog, option
from glassnet.engine.descent.descent import PointOptimizer, Start, checked_start, distances, gradients
from glassnet.engine.items.optimizers import Optimizer
from glassnet.engine.items.optimizers.sgd import SGD
from glassnet.engine.items.surfaces import CostSurface
from glassnet.engine.items.surfaces.bowls import Beale
from glassnet.engine.probes import Arrays
from glassnet.engine.studies import FreeStudy, StudyFrame

#: The values in place of a number of steps.
NOT_YET, DIVERGED = -1, -2

#: Seconds between two frames.
WAIT = 0.15


class OptimizerPad(FreeStudy):
    """Optimizer pad: the steps that each pair of rate and momentum needs to reach the minimum, if it does.

    After Goh 2017, Why Momentum Really Works. Momentum is the optimizer's μ, β or β₁.

    Arrays: `steps` int32 (resolution, resolution), one row for each momentum, the greatest first, one
    column for each rate: steps to the tolerance (see optimizer_race), −1 where they were not enough, −2
    where the run diverged, that is, ended higher than it began, or had a cost that is not finite; `losses`
    float32 of the same shape, the last ones; `rates` and `momenta` float32 (resolution,).
    """

    kind: Literal["optimizer_pad"] = "optimizer_pad"
    guide: ClassVar[Guide | None] = Guide(
        pros=("Every pair of rate and momentum at once.",),
        cons=("On one surface.",),
        use="To see that rate and momentum must suit each other.",
        example=Example(
            "More momentum allows larger rates, up to a limit.",
            lab="descent",
        ),
        shows=(
            "steps",
            "losses",
        ),
    )
    surface: Annotated[CostSurface, Choice(CostSurface)] = option(Beale(), "The cost surface.")
    start: Start | None = option(None, "The start; empty: the surface's default.")
    optimizer: Annotated[Optimizer, Choice(Optimizer)] = option(
        SGD(momentum=0.9), "The optimizer whose rate and momentum are varied; its other options are fixed."
    )
    rate_low: float = option(1e-4, "The least rate.", gt=0, le=100, log=True)
    rate_high: float = option(1.0, "The greatest rate.", gt=0, le=100, log=True)
    spacing: Literal["log", "linear"] = option("log", "The spacing of the rates.")
    momentum_low: float = option(0.0, "The least momentum.", ge=0, lt=1)
    momentum_high: float = option(0.99, "The greatest momentum.", ge=0, lt=1)
    resolution: int = option(40, "Runs on either side.", ge=2, le=100)
    steps: int = option(500, "Updates of each run.", unit="steps", ge=1, le=5000)
    tolerance: float = option(0.01, "The distance that counts as reached.", gt=0, le=1e6, log=True)
    seed: int = option(0, "The seed of the noise.", ge=0, le=2**53 - 1)

    @model_validator(mode="after")
    def _fits(self) -> OptimizerPad:
        if self.optimizer.inertia is None:
            kinds = [kind for kind, item in catalog(Optimizer).items() if item.inertia is not None]
            raise PydanticCustomError(
                "no_momentum",
                "'{kind}' has no momentum; expected one of {kinds}",
                {"kind": self.optimizer.kind, "kinds": ", ".join(kinds), "pointer": "/optimizer/kind"},
            )
        for name, low, high in (
            ("rate", self.rate_low, self.rate_high),
            ("momentum", self.momentum_low, self.momentum_high),
        ):
            if not high > low:
                raise PydanticCustomError(
                    "empty_range",
                    "{name}_high {high} is not above {name}_low {low}; expected a greater number",
                    {"name": name, "low": low, "high": high, "pointer": f"/{name}_high"},
                )
        checked_start(self.surface, self.start)
        return self

    @torch.no_grad()
    def compute(self) -> Iterator[StudyFrame]:
        """Run them all at once."""
        pad = Pad(self)
        looked = time.monotonic()
        for step in range(1, self.steps):
            pad.step()
            if time.monotonic() - looked > WAIT:
                yield StudyFrame(step / self.steps, pad.arrays())
                looked = time.monotonic()
        pad.step()
        yield StudyFrame(1.0, pad.arrays())

    def axes(self) -> tuple[Tensor, Tensor]:
        """Rates, rising, and momenta, falling: float64 (resolution,) each."""
        low, high = (torch.tensor(each, dtype=torch.float64) for each in (self.rate_low, self.rate_high))
        share = torch.linspace(0, 1, self.resolution, dtype=torch.float64)
        linear = self.spacing == "linear"
        rates = low + (high - low) * share if linear else low * (high / low) ** share
        momenta = torch.linspace(self.momentum_high, self.momentum_low, self.resolution, dtype=torch.float64)
        return rates, momenta


class Pad:
    """resolution² runs, as rows of the same tensors."""

    def __init__(self, study: OptimizerPad) -> None:
        self.study, self.surface = study, study.surface
        self.rates, self.momenta = study.axes()
        count = study.resolution**2
        self._rate = self.rates.repeat(study.resolution)[:, None]
        momentum = self.momenta.repeat_interleave(study.resolution)[:, None]
        assert study.optimizer.inertia is not None
        # The options are tensors here: an update accepts numbers and tensors.
        optimizer = study.optimizer.model_copy(update={study.optimizer.inertia: momentum})
        start = torch.tensor(checked_start(study.surface, study.start), dtype=torch.float64)
        self._places = start.repeat(count, 1)
        self._points = PointOptimizer(optimizer, self._places)
        self._gradients = gradients(study.surface, self._places, study.seed)
        self.done = 0
        self._before = study.surface.value(start)
        self._reached = torch.full((count,), NOT_YET, dtype=torch.int32)
        self._lost = torch.zeros(count, dtype=torch.bool)
        self._look()

    def step(self) -> None:
        """One update of each run."""
        self._points.step(next(self._gradients), self._rate)
        self.done += 1
        self._look()

    def _look(self) -> None:
        near = distances(self.surface, self._points.position, self.surface.slope) < self.study.tolerance
        self._reached.masked_fill_(near & (self._reached == NOT_YET), self.done)
        if self.surface.partial:
            self._lost |= ~self.surface.value(self._points.position).isfinite()

    def arrays(self) -> Arrays:
        """The arrays so far (see OptimizerPad)."""
        losses = self.surface.value(self._points.position)
        higher = ~(losses <= self._before)  # NaN, too
        steps = torch.where(higher | self._lost, DIVERGED, self._reached)
        shape = (self.study.resolution, self.study.resolution)
        return {
            "steps": steps.int().view(shape),
            "losses": losses.float().view(shape),
            "rates": self.rates.float(),
            "momenta": self.momenta.float(),
        }
