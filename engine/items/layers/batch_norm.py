"""Batch normalisation."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch

from glassnet.engine.catalog import Example, Guide, Mistake, option
from glassnet.engine.catalog.call import Call
from glassnet.engine.items.layers import Layer, shape_text
from glassnet.engine.items.node import Context, Role


class BatchNorm(Layer):
    """Batch norm: each channel is centred and scaled by the batch, then by a learned γ and β.

    While training, mean and variance are the batch's; in evaluation they are running averages. Frozen, they
    are the running averages always, and these, γ and β stay what they are: there is nothing to learn.
    Shapes: (features,) or (channels, …) of one to three axes, unchanged. Parameters: two per channel;
    frozen, none.
    Ioffe & Szegedy 2015; that it works by reducing covariate shift is disputed (Santurkar et al. 2018).
    """

    any_layout: ClassVar[bool] = True
    kind: Literal["batch_norm"] = "batch_norm"
    role: ClassVar[Role | None] = "batch_normalization"
    keeps_units: ClassVar[bool] = True
    usual: ClassVar[int | None] = 4
    folds: ClassVar[bool] = True
    least_values: ClassVar[int] = 2
    guide: ClassVar[Guide | None] = Guide(
        pros=(
            "Larger rates and deeper networks train.",
            "A little noise from the batch regularizes.",
        ),
        cons=(
            "Training and evaluation differ: small batches give poor running averages.",
            "Samples of a batch depend on each other; a batch of one cannot be normalized.",
        ),
        use="After convolutions, before the activation, with batches of sixteen or more.",
        example=Example(
            "Six sigmoid layers learn with it; without it they do not.",
            preset="deep-batch-norm",
            claim={"metric": "test_accuracy", "op": ">", "value": 0.95},
        ),
        mistakes=(
            Mistake(
                "It works by reducing internal covariate shift.",
                "Disputed: Santurkar et al. 2018 find a smoother cost instead.",
            ),
            Mistake(
                "A detector trains its batch norms as a classifier does.",
                "With two large pictures a batch their averages are noise: the published weights are frozen.",
            ),
        ),
        tex=(r"y = \gamma \frac{x - \mu_B}{\sqrt{\sigma_B^2 + \varepsilon}} + \beta",),
    )
    momentum: float = option(0.1, "Weight of a new batch in the running averages.", gt=0, le=1)
    epsilon: float = option(1e-5, "Added to the variance.", gt=0, le=1, log=True)
    frozen: bool = option(
        False,
        "Whether averages, γ and β stay as they are, as detectors have it that begin with trained weights; "
        "of a network that begins with none it does nothing.",
    )

    def call(self, context: Context) -> Call:
        if not 1 <= len(context.shape) <= 4:
            raise ValueError(
                f"{shape_text(context.shape)} arrives; expected a vector, or channels × one to three sizes"
            )
        if self.frozen:
            return Call(FrozenBatchNorm, context.shape[0], eps=self.epsilon)
        axes = max(1, len(context.shape) - 1)
        return Call(f"torch.nn.BatchNorm{axes}d", context.shape[0], eps=self.epsilon, momentum=self.momentum)


class FrozenBatchNorm(torch.nn.Module):
    """Batch norm whose averages, γ and β are buffers: one scale and one shift a channel."""

    weight: torch.Tensor
    bias: torch.Tensor
    running_mean: torch.Tensor
    running_var: torch.Tensor

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        for name, value in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)):
            self.register_buffer(name, torch.full((channels,), value))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scale = self.weight * (self.running_var + self.eps).rsqrt()
        shift = self.bias - self.running_mean * scale
        sizes = (1, -1) + (1,) * (x.ndim - 2)
        return x * scale.view(sizes) + shift.view(sizes)
