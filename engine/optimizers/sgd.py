"""Stochastic gradient descent."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import Tensor

from engine.call import Call, Name
from engine.catalog import option
from engine.optimizers import Optimizer


class SGD(Optimizer):
    """SGD: straight down the gradient, with momentum if wanted.

    Momentum is torch's form, v ← μv + g, without a factor (1 − μ): the step grows up to 1 / (1 − μ)
    times the learning rate. Nesterov looks ahead by using g + μv. Sutskever et al. 2013.
    """

    kind: Literal["sgd"] = "sgd"
    slots: ClassVar[tuple[str, ...]] = ("velocity",)
    formula: ClassVar[str] = "v ← μ v + g;  θ ← θ − η v   (Nesterov: θ ← θ − η (g + μ v))"
    momentum: float = option(
        0.0, "μ, the share of the last step's velocity that is kept.", ge=0, lt=1, live=True
    )
    nesterov: bool = option(False, "Whether the gradient is corrected by looking ahead.", live=True)

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        if self.momentum:
            velocity = state["velocity"].mul_(self.momentum).add_(gradient)
            gradient = gradient.add_(velocity, alpha=self.momentum) if self.nesterov else velocity
        parameter.sub_(gradient * rate)

    def call(self) -> Call:
        return Call(
            "torch.optim.SGD",
            Name("parameters"),
            lr=self.learning_rate,
            momentum=self.momentum,
            nesterov=self.nesterov and self.momentum > 0,
        )
