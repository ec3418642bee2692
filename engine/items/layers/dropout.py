"""Dropout."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.layers import Layer
from glassnet.engine.items.node import Context, Role


class Dropout(Layer):
    """Dropout: silences units at random while training, so that none relies on another.

    Each number is set to zero with probability p and the rest divided by 1 − p, so that nothing needs
    scaling in evaluation (inverted dropout). Srivastava et al. 2014, whose p is the share kept; here,
    as in torch and Keras, it is the share dropped.
    """

    any_layout: ClassVar[bool] = True
    draws: ClassVar[bool] = True
    kind: Literal["dropout"] = "dropout"
    role: ClassVar[Role | None] = "training_only"
    keeps_units: ClassVar[bool] = True
    usual: ClassVar[int | None] = 5
    folds: ClassVar[bool] = True
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "No unit can rely on another: it trains an ensemble of thinned networks.",
            "One number to choose.",
        ),
        cons=(
            "Training is noisier and takes more epochs.",
            "With batch norm the two disturb each other.",
        ),
        use="On any layer but the output, where training and test part.",
        example=Example(
            "Training and test loss stay together; without it they part.",
            preset="diabetes-dropout",
            claim={"metric": "test_loss", "op": "<", "than": {"metric": "train_loss", "times": 2}},
        ),
        mistakes=(
            Mistake(
                "p is the share that is kept.",
                "In the paper; in torch, in Keras and here it is the share dropped.",
            ),
            Mistake(
                "It makes epochs faster.",
                "Not normally: all units are computed, and more epochs are needed.",
            ),
        ),
        tex=(r"y = \frac{m \odot x}{1 - p}, \quad m \sim \text{Bernoulli}(1 - p)",),
    )
    p: float = option(0.5, "Share of the numbers that are dropped.", ge=0, lt=1, live=True)

    def call(self, context: Context) -> Call:
        return Call(SeededDropout, self.p, Name("dropout"))


class SeededDropout(torch.nn.Module):
    """Dropout with a generator of its own, so that no other draw changes its numbers."""

    def __init__(self, p: float, generator: torch.Generator) -> None:
        super().__init__()
        self.p, self.generator = p, generator

    def forward(self, x: torch.Tensor, draw: torch.Tensor | None = None) -> torch.Tensor:
        if not self.training:
            return x
        if draw is None:
            draw = torch.rand(x.shape, generator=self.generator, device=x.device, dtype=x.dtype)
        return x * (draw >= self.p).to(x.dtype) / (1 - self.p)
