"""Adam."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import Tensor

from engine.call import Call, Name
from engine.catalog import option
from engine.optimizers import Optimizer


class Adam(Optimizer):
    """Adam: momentum and RMSprop together, both corrected for starting at zero.

    Kingma & Ba 2015, algorithm 1; m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ). ε is 10⁻⁸.
    """

    kind: Literal["adam"] = "adam"
    slots: ClassVar[tuple[str, ...]] = ("mean", "square")
    formula: ClassVar[str] = "m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  θ ← θ − η m̂ / (√v̂ + ε)"
    beta1: float = option(0.9, "β₁, the share of the mean gradient that is kept.", ge=0, lt=1, live=True)
    beta2: float = option(0.999, "β₂, the share of the mean square that is kept.", ge=0, lt=1, live=True)
    epsilon: float = option(1e-8, "ε, added to the root.", gt=0, le=1, log=True, live=True)

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        mean = state["mean"].lerp_(gradient, 1 - self.beta1)
        square = state["square"].mul_(self.beta2).addcmul_(gradient, gradient, value=1 - self.beta2)
        mean_correction = 1 - self.beta1**count
        square_correction = 1 - self.beta2**count
        root = square.sqrt().div_(square_correction.sqrt()).add_(self.epsilon)
        parameter.sub_((mean * (rate / mean_correction)).div_(root))

    def call(self) -> Call:
        return Call(
            "torch.optim.Adam",
            Name("parameters"),
            lr=self.learning_rate,
            betas=(self.beta1, self.beta2),
            eps=self.epsilon,
        )
