"""Sharpness: the largest eigenvalue of the loss's Hessian during training."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.landscape.objective import Objective
from glassnet.engine.landscape.sharpness import Hessian, edge_of_stability, largest_eigenvalue
from glassnet.engine.probes import Arrays, Collector, Picture
from glassnet.engine.probes.history import History
from glassnet.engine.random_streams import stream

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

#: The most steps of a frame; beyond, they are thinned evenly.
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
        self._history = History(MOST_MOMENTS - 1)  # and the newest

    def switch_trainer(self, trainer: Observed) -> bool:
        before = self._vector
        self._trainer, self._objective = trainer, Objective(trainer, "train", self._probe.samples)
        return sum(parameter.numel() for parameter in self._objective.network.parameters()) == len(before)

    def __call__(self) -> Arrays:
        self._objective.follow(self._trainer)
        hessian = Hessian.of(self._objective)
        value, self._vector, _ = largest_eigenvalue(hessian, self._vector, self._probe.products)
        group = self._trainer.groups[0]
        rate = float(group.rate)
        row = {
            "eigenvalue": value,
            "limit": 2 / rate if rate else torch.inf,
            "edge": edge_of_stability(group.optimizer, rate),
        }
        self._history.add(self._trainer.steps_taken, {name: torch.tensor(row[name]) for name in row})
        return self._history.arrays()
