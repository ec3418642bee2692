"""Gradient-based attribution maps of a score.

`score` is a function of inputs (batch, …) → (batch,), such as a class's logit. All maps have the shape of the
input unless stated otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from glassnet.engine.attribution.rules import Rule, backproject

Score = Callable[[Tensor], Tensor]

#: The initial and the greatest number of steps of integrated gradients.
STEPS, MOST_STEPS = 50, 1000

#: The tolerated error of the completeness of integrated gradients: as a share of the score's difference, and
#: in roundings of the scores.
TOLERANCE, ROUNDINGS = 0.01, 16


def signal(score: Score, x: Tensor, rule: Rule = "gradient", *, mask_empty: bool = False) -> Tensor:
    """The score backpropagated to the input by a rule, signed: gradient, deconvnet or guided backprop."""
    with torch.enable_grad():
        source = x.detach().requires_grad_()
        scores = score(source)
        return backproject(scores, torch.ones_like(scores), source, rule, mask_empty=mask_empty)


def saliency(score: Score, x: Tensor) -> Tensor:
    """The largest |gradient| of each place's channels: (batch, …). Simonyan et al. 2014, section 3.1."""
    return signal(score, x).abs().amax(dim=1)


class IntegratedGradients(NamedTuple):
    """Integrated gradients and their completeness: they should add up to the score's difference."""

    #: The map, shaped like x.
    map: Tensor
    steps: int
    #: The sum of the map, and the score at x minus the score at the baseline.
    total: float
    gained: float
    #: The difference of the two that rounding alone may cause.
    rounding: float

    @property
    def error(self) -> float:
        """The error of the sum as a share of the score's difference; infinite where that is 0."""
        apart = abs(self.total - self.gained)
        if apart == 0:
            return 0.0
        return apart / abs(self.gained) if self.gained else math.inf

    @property
    def holds(self) -> bool:
        """Whether they are complete, to the share TOLERANCE or to the rounding of this precision."""
        return abs(self.total - self.gained) <= TOLERANCE * abs(self.gained) + self.rounding


def complete_gradients(
    score: Score, x: Tensor, baseline: Tensor, *, steps: int = STEPS, most: int = MOST_STEPS
) -> IntegratedGradients:
    """Integrated gradients with `steps` steps, doubled until they are complete, up to `most`.

    `holds` of the result tells whether they are.
    """
    with torch.no_grad():
        here, there = float(score(x)), float(score(baseline))
    rounding = ROUNDINGS * torch.finfo(x.dtype).eps * (abs(here) + abs(there))
    while True:
        found = integrated_gradients(score, x, baseline, steps=steps)
        made = IntegratedGradients(
            found, steps, float(found.sum(dtype=torch.float64)), here - there, rounding
        )
        if made.holds or steps >= most or not math.isfinite(made.total):
            return made
        steps = min(2 * steps, most)


def integrated_gradients(
    score: Score, x: Tensor, baseline: Tensor, *, steps: int = STEPS, at_once: int = 64
) -> Tensor:
    """(x − x′) times the mean gradient on the straight line from a baseline x′ to x.

    The sum over all inputs is the score's difference (completeness), as far as the steps resolve the path;
    the mean is a Gauss–Legendre sum. Sundararajan et al. 2017, equation 1. x (1, …).
    """
    points, weights = _gauss_legendre(steps)
    shares = torch.as_tensor((points + 1) / 2, dtype=x.dtype, device=x.device)
    parts = torch.as_tensor(weights / 2, dtype=x.dtype, device=x.device)
    total = torch.zeros_like(x)
    ahead = (-1,) + (1,) * (x.ndim - 1)
    for share, part in zip(torch.split(shares, at_once), torch.split(parts, at_once), strict=True):
        way = baseline + share.view(ahead) * (x - baseline)
        total += (part.view(ahead) * signal(score, way)).sum(dim=0, keepdim=True)
    return (x - baseline) * total


@lru_cache(maxsize=16)
def _gauss_legendre(steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The points and weights on [−1, 1], cached because hundreds of them take time to compute."""
    return np.polynomial.legendre.leggauss(steps)


def smooth_grad(
    score: Score,
    x: Tensor,
    *,
    noise: float = 0.15,
    samples: int = 32,
    generator: torch.Generator | None = None,
    at_once: int = 64,
) -> Tensor:
    """The mean gradient over copies with Gaussian noise, whose standard deviation is a share of x's range.

    Smilkov et al. 2017, section 3. x (1, …).
    """
    spread = noise * float(x.max() - x.min())
    total = torch.zeros_like(x)
    for start in range(0, samples, at_once):
        count = min(at_once, samples - start)
        drawn = torch.randn(count, *x.shape[1:], generator=generator, dtype=x.dtype, device=x.device)
        total += signal(score, x + spread * drawn).sum(dim=0, keepdim=True)
    return total / samples


def grad_cam(both: Callable[[Tensor], tuple[Tensor, Tensor]], x: Tensor) -> Tensor:
    """Feature maps, weighted by the mean gradient of the score: (batch, …), signed.

    `both` returns (maps (batch, channels, …), scores (batch,)), the maps along any number of axes. Positive
    values are evidence for the class (equation 2's ReLU), negative ones against it. Selvaraju et al. 2017,
    equations 1 and 2.
    """
    with torch.enable_grad():
        maps, scores = both(x.detach().requires_grad_())
        (gradient,) = torch.autograd.grad(scores.sum(), maps)
    weights = gradient.mean(dim=tuple(range(2, gradient.ndim)), keepdim=True)
    return (weights * maps.detach()).sum(dim=1)
