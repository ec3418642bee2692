"""Stochastic gradient descent, with and without momentum."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from glassnet.engine.catalog import option
from glassnet.engine.catalog.call import Call, Name
from glassnet.engine.items.optimizers import Optimizer, is_on
from glassnet.engine.items.optimizers.exported import ByParameter


class SGD(Optimizer):
    """SGD: straight down the gradient, with momentum if wanted.

    Momentum is torch's form, v ← μv + g, without a factor (1 − μ): the step grows up to 1 / (1 − μ)
    times the learning rate. Nesterov looks ahead by using g + μv. Sutskever et al. 2013.

    A common mistake: to take over a rate from a text that writes v ← βv + (1 − β)g. With β = 0.9 the
    same path needs ten times the rate there.
    """

    kind: Literal["sgd"] = "sgd"
    slots: ClassVar[tuple[str, ...]] = ("velocity",)
    inertia: ClassVar[str | None] = "momentum"
    formula: ClassVar[str] = "v ← μ v + g;  θ ← θ − η v   (Nesterov: θ ← θ − η (g + μ v))"
    momentum: float = option(
        0.0, "μ, the share of the last step's velocity that is kept.", ge=0, lt=1, live=True
    )
    nesterov: bool = option(False, "Whether the gradient is corrected by looking ahead.", live=True)

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        if is_on(self.momentum):
            velocity = state["velocity"].mul_(self.momentum).add_(gradient)
            gradient = gradient.add_(velocity * self.momentum) if self.nesterov else velocity
        parameter.sub_(gradient * rate)

    def stability_edge(self, rate: float) -> float:
        """2/η, (2 + 2μ)/η with momentum, (2 + 2μ)/((1 + 2μ)η) with Nesterov's.

        Cohen et al. 2021, appendix B.
        """
        if rate == 0:
            return math.nan
        ahead = 1 + 2 * self.momentum if self.nesterov else 1
        return (2 + 2 * self.momentum) / (ahead * rate)

    def call(self) -> Call:
        return Call(
            "torch.optim.SGD",
            Name("parameters"),
            lr=self.learning_rate,
            momentum=self.momentum,
            nesterov=self.nesterov and self.momentum > 0,
        )


class Momentum(Optimizer):
    """Momentum: a running mean of the gradients in place of the gradient.

    The form with a factor (1 − β), in which the step's length depends on the rate alone, whatever β is.
    torch.optim.SGD leaves the factor out, and starts with v = g: that form is the item SGD.
    Polyak 1964 (heavy ball), as an exponential mean.
    """

    kind: Literal["momentum"] = "momentum"
    slots: ClassVar[tuple[str, ...]] = ("velocity",)
    inertia: ClassVar[str | None] = "beta"
    formula: ClassVar[str] = "v ← β v + (1 − β) g;  θ ← θ − η v"
    beta: float = option(0.9, "β, the share of the mean gradient that is kept.", ge=0, lt=1, live=True)

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        velocity = state["velocity"].lerp_(gradient, 1 - self.beta)
        parameter.sub_(velocity * rate)

    def call(self) -> Call:
        return Call(MeanMomentum, Name("parameters"), lr=self.learning_rate, beta=self.beta)


class MeanMomentum(ByParameter):
    """v ← β v + (1 − β) g;  θ ← θ − η v."""

    def move(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], options: dict[str, Any]
    ) -> None:
        velocity = state.setdefault("velocity", torch.zeros_like(parameter))
        velocity.lerp_(gradient, 1 - options["beta"])
        parameter.sub_(velocity * options["lr"])


class NAG(Optimizer):
    """NAG: Nesterov's accelerated gradient as published, with the gradient taken at a point ahead.

    The gradient is taken at θ − βV. Here the network's weights are at that place; θ itself is βV
    back from it. torch's form (SGD with Nesterov) keeps gradients in v rather than steps: the two are
    the same as long as the rate stays the same. Nesterov 1983; Bengio et al. 2013, section 3.5.
    """

    kind: Literal["nag"] = "nag"
    slots: ClassVar[tuple[str, ...]] = ("velocity",)
    inertia: ClassVar[str | None] = "beta"
    formula: ClassVar[str] = "V ← β V + η ∇J(θ − β V);  θ ← θ − V"
    beta: float = option(0.9, "β, the share of the last step that is kept.", ge=0, lt=1, live=True)

    def update(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], rate: Tensor, count: Tensor
    ) -> None:
        step = gradient * rate
        velocity = state["velocity"].mul_(self.beta).add_(step)
        parameter.sub_(step.add_(velocity * self.beta))

    def position(self, parameter: Tensor, state: dict[str, Tensor]) -> Tensor:
        return parameter + state["velocity"] * self.beta

    def call(self) -> Call:
        return Call(NesterovAhead, Name("parameters"), lr=self.learning_rate, beta=self.beta)


class NesterovAhead(ByParameter):
    """V ← β V + η ∇J(θ − β V);  θ ← θ − V, with parameters that hold θ − β V."""

    def move(
        self, parameter: Tensor, gradient: Tensor, state: dict[str, Tensor], options: dict[str, Any]
    ) -> None:
        velocity = state.setdefault("velocity", torch.zeros_like(parameter))
        step = gradient * options["lr"]
        velocity.mul_(options["beta"]).add_(step)
        parameter.sub_(step + velocity * options["beta"])
