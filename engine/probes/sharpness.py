"""Sharpness: the largest eigenvalue of the loss's Hessian during training."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.landscape.objective import Objective
from glassnet.engine.landscape.sharpness import Hessian, edge_of_stability, largest_eigenvalue
from glassnet.engine.probes import Arrays, Collector, Picture
from glassnet.engine.random_streams import stream

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

#: The most steps that are kept; beyond, every second is dropped.
MOST_MOMENTS = 1000


class Sharpness(Picture):
    """Sharpness: the largest eigenvalue of the loss's Hessian, compared with the stability limit 2/η.

    By Lanczos on Hessian-vector products, starting from the previous eigenvector; in evaluation mode, without
    penalties. Arrays, a number for each step since the probe is watched: `steps` int32, `eigenvalue`, `limit`
    (2/η), `edge` (with momentum; NaN for optimizers that rescale gradients), all float32 (moments,). Cohen et
    al. 2021, "Gradient descent on neural networks typically occurs at the edge of stability".
    """

    kind: Literal["sharpness"] = "sharpness"
    collects: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Says whether the rate is at the edge of what is stable.",),
        cons=("A Hessian's eigenvalue at every step is dear.",),
        use="To understand why the loss jitters.",
        example=Example(
            "The sharpness rises to 2/η and stays there.",
            preset="circle",
        ),
        shows=(
            "eigenvalue@steps",
            "limit@steps",
        ),
    )
    samples: int = option(256, "Training samples that the loss is taken over.", ge=1, le=10_000)
    products: int = option(6, "The most products with the Hessian per frame.", ge=1, le=100)

    def prepare(self, trainer: Observed) -> _Watcher:
        return _Watcher(self, trainer)


class _Watcher(Collector):
    def __init__(self, probe: Sharpness, trainer: Observed) -> None:
        self._probe, self._trainer = probe, trainer
        self._objective = Objective(trainer, "train", probe.samples)
        size = sum(parameter.numel() for parameter in self._objective.network.parameters())
        generator = stream(trainer.experiment.seed, "sharpness")
        self._vector = torch.randn(size, generator=generator, dtype=trainer.dtype).to(trainer.device)
        self._moments: list[tuple[int, float, float, float]] = []
        self._stride, self._looked = 1, 0

    def switch_trainer(self, trainer: Observed) -> bool:
        before = self._vector
        self._trainer, self._objective = trainer, Objective(trainer, "train", self._probe.samples)
        return sum(parameter.numel() for parameter in self._objective.network.parameters()) == len(before)

    def __call__(self) -> Arrays:
        step = self._trainer.steps_taken
        if self._moments and step < self._moments[-1][0]:
            self._moments.clear()  # the run was reset or rewound
        self._objective.follow(self._trainer)
        hessian = Hessian.of(self._objective)
        value, self._vector, _ = largest_eigenvalue(hessian, self._vector, self._probe.products)
        group = self._trainer.groups[0]
        rate = float(group.rate)
        limit, edge = (2 / rate if rate else torch.inf), edge_of_stability(group.optimizer, rate)
        self._remember((step, value, limit, edge))
        steps, values, limits, edges = zip(*self._moments, strict=True)
        return {"steps": torch.tensor(steps, dtype=torch.int32)} | {
            name: torch.tensor(column, dtype=torch.float32)
            for name, column in (("eigenvalue", values), ("limit", limits), ("edge", edges))
        }

    def _remember(self, moment: tuple[int, float, float, float]) -> None:
        """Add the newest step, and thin the earlier ones evenly."""
        self._looked += 1
        if self._moments and (self._looked - 1) % self._stride:
            self._moments[-1] = moment
            return
        self._moments.append(moment)
        if len(self._moments) > MOST_MOMENTS:
            self._moments = self._moments[::2]
            self._stride *= 2
