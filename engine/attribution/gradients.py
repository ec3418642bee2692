"""Maps of a score in the input, by gradients.

`score` is what is asked about: inputs (batch, …) → (batch,), one number for each, such as a class's
logit. All maps have the shape of the input unless they say otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from engine.attribution.rules import Rule, pull_down

Score = Callable[[Tensor], Tensor]


def signal(score: Score, x: Tensor, rule: Rule = "gradient", *, mask_empty: bool = False) -> Tensor:
    """The score sent down by a rule, with its plain sign: gradient, deconvnet or guided backprop."""
    with torch.enable_grad():
        source = x.detach().requires_grad_()
        scores = score(source)
        return pull_down(scores, torch.ones_like(scores), source, rule, mask_empty=mask_empty)


def saliency(score: Score, x: Tensor) -> Tensor:
    """The largest |gradient| of each pixel's channels: (batch, h, w). Simonyan et al. 2014, section 3.1."""
    return signal(score, x).abs().amax(dim=1)


def integrated_gradients(
    score: Score, x: Tensor, baseline: Tensor, *, steps: int = 50, at_once: int = 64
) -> Tensor:
    """(x − x′) times the mean gradient on the straight way from a baseline x′ to x.

    The sum over all inputs is the score's difference (completeness), as far as the steps resolve the
    way: the mean is a Gauss–Legendre sum. Sundararajan et al. 2017, equation 1. x (1, …).
    """
    points, weights = np.polynomial.legendre.leggauss(steps)
    shares = torch.as_tensor((points + 1) / 2, dtype=x.dtype, device=x.device)
    parts = torch.as_tensor(weights / 2, dtype=x.dtype, device=x.device)
    total = torch.zeros_like(x)
    ahead = (-1,) + (1,) * (x.ndim - 1)
    for share, part in zip(torch.split(shares, at_once), torch.split(parts, at_once), strict=True):
        way = baseline + share.view(ahead) * (x - baseline)
        total += (part.view(ahead) * signal(score, way)).sum(dim=0, keepdim=True)
    return (x - baseline) * total


def smooth_grad(
    score: Score,
    x: Tensor,
    *,
    noise: float = 0.15,
    samples: int = 32,
    generator: torch.Generator | None = None,
    at_once: int = 64,
) -> Tensor:
    """The mean gradient over copies with Gaussian noise, whose deviation is a share of x's range.

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
    """Feature maps, weighted by the mean gradient of the score: (batch, h′, w′), signed.

    `both` gives (maps (batch, channels, h′, w′), scores (batch,)). What is shown is what is positive
    (equation 2's ReLU); what is negative speaks against the class. Selvaraju et al. 2017, equations 1 and 2.
    """
    with torch.enable_grad():
        maps, scores = both(x.detach().requires_grad_())
        (gradient,) = torch.autograd.grad(scores.sum(), maps)
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    return (weights * maps.detach()).sum(dim=1)
