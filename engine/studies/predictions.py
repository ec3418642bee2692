"""Predictions of one network or several, for the test samples and over the plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from glassnet.engine.frame import quantize
from glassnet.engine.items.targets import WORDS
from glassnet.engine.network.module import Network, Substitute
from glassnet.engine.probes import Arrays
from glassnet.engine.probes.surface import grid

if TYPE_CHECKING:
    from glassnet.engine.training.observed import Observed

#: The test samples that predictions are compared on.
SAMPLES = 2048


class Predictions:
    """What networks of one experiment predict for its first test samples, and over its plane if any."""

    def __init__(self, trainer: Observed, resolution: int) -> None:
        data = trainer.data
        self._task, self._node, self._side = trainer.experiment.task, trainer.plan.loss_nodes[0], resolution
        #: The samples as the network reads them: (samples, …).
        self.inputs = data.test.inputs[: min(SAMPLES, trainer.evaluation_batch)]
        #: Their targets as predictions are: float64 (samples, k), of classes 0 and 1.
        self.targets = self.numbers(trainer, data.test.targets)
        self._plane: Tensor | None = None
        if data.dataset.plane is not None and self._task.width(self._task.losses[0], data.dataset) <= 2:
            points = grid(data.dataset.plane, resolution)
            self._plane = data.transform(points).to(trainer.device, trainer.dtype)

    def numbers(self, trainer: Observed, targets: Tensor) -> Tensor:
        """Targets of these samples as predictions are: float64 (samples, k)."""
        family = trainer.data.dataset.family
        if family not in ("class", "values"):
            raise ValueError(f"predictions of {WORDS[family]}; expected data with classes or values")
        classes, some = len(trainer.data.dataset.classes or ()), targets[: len(self.inputs)].cpu()
        return torch.nn.functional.one_hot(some, classes).double() if classes else some.double()

    @torch.no_grad()
    def of(
        self, network: Network, inputs: Tensor, substitutes: Mapping[str, Substitute] | None = None
    ) -> Tensor:
        """Values, or probabilities of the classes, for inputs: float64 (samples, k)."""
        values = network(inputs, substitutes=substitutes)[self._node]
        return self._task.probabilities(self._task.losses[0], values).double().cpu()

    @torch.no_grad()
    def over_the_plane(
        self, network: Network, substitutes: Mapping[str, Substitute] | None = None
    ) -> Tensor | None:
        """The surface, float32 (side, side), row 0 at the top; None without a plane, or for more classes."""
        if self._plane is None:
            return None
        values = network(self._plane, substitutes=substitutes)[self._node]
        return self._task.shown(self._task.losses[0], values).float().cpu().view(self._side, self._side)


def mean_square(values: Tensor) -> Tensor:
    """The squared length of each sample's vector, its mean over the samples: (…, samples, k) → (…)."""
    return values.square().sum(-1).mean(-1)


def pictures(surfaces: list[Tensor]) -> Arrays:
    """`surface` of each network, with their `mean` and their standard deviation, `spread`, quantized."""
    if not surfaces:
        return {}
    each = torch.stack(surfaces)
    levels, ranges = quantize(each)
    return {
        "surface": levels,
        "surface.range": ranges,
        **picture("mean", each.mean(0)),
        **picture("spread", each.std(0, correction=0)),
    }


def picture(name: str, values: Tensor) -> Arrays:
    """A picture (side, side), quantized, with its range."""
    levels, ranges = quantize(values[None])
    return {name: levels[0], f"{name}.range": ranges[0]}
