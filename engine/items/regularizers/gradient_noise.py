"""Noise on gradients."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.regularizers import Regularizer


class GradientNoise(Regularizer):
    """Gradient noise: a normal number is added to every gradient, smaller from step to step.

    g ← g + N(0, η / (1 + t)^γ), with t steps taken. It leads out of narrow minima and plateaus, and lets deep
    networks recover from a poor start. It is added after any clipping. Neelakantan et al. 2015, equation 1.
    """

    kind: Literal["gradient_noise"] = "gradient_noise"
    draws: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=("Leads out of narrow minima, plateaus and poor starts; it fades by itself.",),
        cons=("More noise in the loss, and two numbers to choose.",),
        use="For very deep networks with a poor start.",
        example=Example(
            "The loss jitters at the start and becomes calm as the noise fades.",
            preset="few-points",
        ),
        tex=(r"g \leftarrow g + \mathcal{N}\left(0, \frac{\eta}{(1 + t)^\gamma}\right)",),
    )
    variance: float = option(
        0.01,
        "η, the variance of the first step; the paper has .01, .3 and 1.",
        gt=0,
        le=100,
        log=True,
        live=True,
    )
    decay: float = option(0.55, "γ, how quickly the noise fades.", ge=0, le=10, live=True)

    def at_update(self) -> Call | None:
        return Call(add_noise, Name("gradients"), Name("steps"), Name("generator"), self.variance, self.decay)


def add_noise(
    gradients: list[torch.Tensor],
    steps: torch.Tensor,
    generator: torch.Generator,
    variance: float,
    decay: float,
) -> None:
    """g ← g + N(0, η / (1 + t)^γ), in place."""
    std = torch.sqrt(variance / (1 + steps) ** decay)
    for gradient in gradients:
        noise = torch.empty_like(gradient).normal_(generator=generator)
        gradient.add_(noise * std.to(gradient.dtype))
