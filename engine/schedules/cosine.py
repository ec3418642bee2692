"""Half a cosine."""

from __future__ import annotations

import math
from typing import Literal

from engine.call import Call, Name
from engine.catalog import option
from engine.schedules import Schedule


class Cosine(Schedule):
    """Cosine: half a cosine from the full rate to a last one over the whole training.

    η = η₀ (e + ½ (1 − e)(1 + cos(π t / T))), with e the share left at the end. Loshchilov & Hutter
    2017, equation 5, without restarts.
    """

    kind: Literal["cosine"] = "cosine"
    end: float = option(0.0, "e, the share of the rate that is left at the end.", ge=0, le=1, live=True)

    def factor(self, step: int, steps_per_epoch: int, steps: int) -> float:
        progress = min(step / steps, 1.0)
        return self.end + 0.5 * (1 - self.end) * (1 + math.cos(math.pi * progress))

    def call(self, steps_per_epoch: int, steps: int) -> Call | None:
        return Call(
            "torch.optim.lr_scheduler.LambdaLR",
            Name("optimizer"),
            Call(CosineFactor, steps, self.end),
        )


class CosineFactor:
    """e + ½ (1 − e)(1 + cos(π t / T)), level after T (torch's CosineAnnealingLR would rise again)."""

    def __init__(self, steps: int, end: float) -> None:
        self.steps, self.end = steps, end

    def __call__(self, step: int) -> float:
        return self.end + 0.5 * (1 - self.end) * (1 + math.cos(math.pi * min(step / self.steps, 1.0)))
